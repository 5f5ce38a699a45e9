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
    return (0..<3).map { _ in
      let start = threadTime()
      _ = compile(source)
      return threadTime() - start
    }.min() ?? 0
  }

  private static func threadTime() -> Double {
    var time = timespec()
    clock_gettime(CLOCK_THREAD_CPUTIME_ID, &time)
    return Double(time.tv_sec) + Double(time.tv_nsec) / 1e9
  }

  @Test(arguments: LongScript.repeated.indices) func repeatedLines(_ index: Int) {
    let (name, line) = LongScript.repeated[index]
    let short = Self.seconds(toCompile: LongScript.repeated(line, lines: 150))
    let long = Self.seconds(toCompile: LongScript.repeated(line, lines: 1500))
    #expect(long <= short * 40, "\(name): \(short) s and \(long) s")
  }

  @Test func compiles() {
    let source = SourceText(name: "long.kp", text: LongScript.mixed(lines: 5000))
    let compilation = compile(source)
    #expect(compilation.program != nil, "\(compilation.diagnostics.all.prefix(3))")
  }
}
