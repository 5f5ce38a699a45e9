// SPDX-License-Identifier: GPL-2.0-or-later
import Cases
import Glibc
import Language
import Testing

/// Ten times as many lines take some ten times as long, not a hundred. Only the processor's time of this thread counts, and
/// only the ratio of two measurements in the same run; the bound leaves room for logarithms and for a busy machine.
@Suite(.serialized) struct LinearityTests {
  private static func seconds(toCompile script: String) -> Double {
    let source = SourceText(name: "long.kp", text: script)
    let start = threadTime()
    _ = compile(source)
    return threadTime() - start
  }

  private static func threadTime() -> Double {
    var time = timespec()
    clock_gettime(CLOCK_THREAD_CPUTIME_ID, &time)
    return Double(time.tv_sec) + Double(time.tv_nsec) / 1e9
  }

  @Test(arguments: LongScript.repeated.indices) func repeatedLines(_ index: Int) {
    let (name, line) = LongScript.repeated[index]
    let short = LongScript.repeated(line, lines: 150)
    let long = LongScript.repeated(line, lines: 1500)
    // A moment in which the machine had other things to do must not count.
    let once = (0..<3).map { _ in Self.seconds(toCompile: short) }.min() ?? 0
    var ratio = Double.infinity
    for _ in 0..<3 where ratio > 20 {
      ratio = min(ratio, Self.seconds(toCompile: long) / once)
    }
    #expect(ratio <= 20, "\(name)")
  }

  @Test func compiles() {
    let source = SourceText(name: "long.kp", text: LongScript.mixed(lines: 5000))
    let compilation = compile(source)
    #expect(compilation.program != nil, "\(compilation.diagnostics.all.prefix(3))")
  }
}
