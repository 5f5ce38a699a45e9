// SPDX-License-Identifier: GPL-2.0-or-later
import Cases
import Foundation
import TestSupport
import Testing

/// `ktapc check` of 5,000 lines: its time grows as the script does, its memory stays small.
@Suite(.serialized) struct LongScriptTests {
  private struct Cost {
    var seconds: Double
    var kilobytes: Int
  }

  /// What the kernel counted of a process: the processor's time and the most memory. The latter by
  /// time(1): of what is spawned here the kernel counts the memory of the tests, whose it was before.
  private func cost(of program: String, _ arguments: [String]) throws -> Cost {
    var words = ([program] + arguments).map { strdup($0) } + [nil]
    defer { words.forEach { free($0) } }
    var pid: pid_t = 0
    guard posix_spawn(&pid, program, nil, nil, &words, environ) == 0 else {
      throw POSIXError(.ENOENT)
    }
    var usage = rusage()
    var status: Int32 = 0
    #expect(wait4(pid, &status, 0, &usage) == pid)
    #expect(status == 0, "ktapc \(arguments) ended with \(status)")
    func seconds(_ time: timeval) -> Double { Double(time.tv_sec) + Double(time.tv_usec) / 1e6 }
    return Cost(seconds: seconds(usage.ru_utime) + seconds(usage.ru_stime), kilobytes: 0)
  }

  private func kilobytes(of tool: Tool, checking file: String) throws -> Int {
    let report = tool.path("memory")
    _ = try cost(
      of: "/usr/bin/time", ["-f", "%M", "-o", report, tool.program.path, "check", file])
    let text = try String(contentsOfFile: report, encoding: .utf8)
    return try #require(Int(text.trimmingCharacters(in: .whitespacesAndNewlines)))
  }

  @Test func checkIsLinear() throws {
    let tool = try Tool()
    func costs(lines: Int) throws -> Cost {
      let file = tool.path("\(lines).kp")
      try LongScript.mixed(lines: lines).write(toFile: file, atomically: false, encoding: .utf8)
      let all = try (0..<3).map { _ in try cost(of: tool.program.path, ["check", file]) }
      return Cost(
        seconds: all.map(\.seconds).min() ?? 0,
        kilobytes: try kilobytes(of: tool, checking: file))
    }
    let short = try costs(lines: 500)
    let long = try costs(lines: 5000)
    #expect(long.seconds <= short.seconds * 12, "\(short.seconds) s and \(long.seconds) s")
    #expect(long.kilobytes < 200 << 10, "\(long.kilobytes) KiB")
    print(
      "ktapc check: 500 lines \(short.seconds) s, 5000 lines \(long.seconds) s, "
        + "\(long.kilobytes) KiB")
  }
}
