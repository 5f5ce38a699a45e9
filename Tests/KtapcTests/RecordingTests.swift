// SPDX-License-Identifier: GPL-2.0-or-later
import Foundation
import TestSupport
import Testing

/// `ktapc run --events`, and the simulator's other options.
@Suite struct RecordingTests {
  private static let tests = URL(fileURLWithPath: #filePath).deletingLastPathComponent()
    .deletingLastPathComponent()

  private func path(_ file: String) -> String {
    RecordingTests.tests.appendingPathComponent(file).path
  }

  @Test func replaysARecording() throws {
    let tool = try Tool()
    try tool.write("sample.rec", RecordingBuilder.sample(isBigEndian: true))
    try tool.write(
      "s.kp", "trace syscalls:sys_exit_openat { n[retval] += 1 }\ntrace_end { print(n) }\n")
    let arguments = ["s.kp", "--events", "sample.rec"]
    let first = try tool.ktapc(arguments)
    #expect(first.text == "{\n  [-2] = 1\n  [3] = 1\n}\n" && first.status == 0, "\(first.errors)")
    #expect(
      first.errors
        == "ktapc: sample.rec: events missing in the recording (missed, throttled or lost): 1\n")
    #expect(try tool.ktapc(arguments + ["-q"]).errors == "")
    #expect(try tool.ktapc(arguments).text == first.text)
    #expect(try tool.ktapc(arguments + ["-p", "200"]).text == "{\n  [-2] = 1\n}\n")
    #expect(try tool.ktapc(arguments + ["-C", "0", "--on", "sim"]).text == "{\n  [3] = 1\n}\n")
    let standardInput = try tool.shell("$KTAPC s.kp --events - <sample.rec")
    #expect(standardInput.text == first.text)
    try tool.succeed("build", "s.kp")
    #expect(try tool.succeed("s.ktapb", "--events", "sample.rec") == first.text)
  }

  @Test(arguments: ["armhf", "x86_64"])
  func replaysATraceOfTraceCmd(_ board: String) throws {
    let result = try Tool().ktapc(
      "-e",
      """
      trace syscalls:sys_enter_openat /COMM == "known-calls" && flags == 0/ function (e) {
        print(e.name, e.dfd, e.filename == "", e.sc_arg1, execname)
      }
      trace syscalls:sys_exit_openat /retval < 0/ function (e) { print(e, e.dfd) }
      trace raw_syscalls:sys_exit { exits += 1 }
      trace sched:sched_process_exec function (e) { print(e) }
      trace *:* { if (pid == 0 && contains(execname, "swapper/")) idle = true }
      trace_end { print(exits > 50, idle, num_cpus) }
      """, "--events", path("EventsTests/traces/\(board).dat"))
    let lines = result.text.split(separator: "\n").map(String.init)
    #expect(result.status == 0, "\(result.errors)")
    #expect(
      lines.filter { $0.hasPrefix("sched_process_exec(filename: \"/bin/known-calls\", pid: ") }
        .count == 2)
    let openat = "syscalls:sys_enter_openat\t-100\ttrue\t4294967196\tknown-calls"
    #expect(lines.filter { $0 == openat }.count == 2)
    #expect(lines.contains("sys_openat -> 0xfffffffffffffffe\t-100"))
    #expect(lines.last == "true\ttrue\t2")
  }

  /// trace-cmd's library crashes on some damaged files; ktapc does not.
  @Test func damagedTracesEndWith0Or2() throws {
    let tool = try Tool()
    let good = [UInt8](
      try Data(contentsOf: URL(fileURLWithPath: path("EventsTests/traces/x86_64.dat"))))
    var random = SeededGenerator(seed: 3)
    var refused = 0
    for _ in 0..<40 {
      var bytes = good
      for _ in 0..<Int.random(in: 1...3, using: &random) {
        RecordingMutation.random(using: &random).apply(to: &bytes, using: &random)
      }
      try tool.write("trace.dat", Array(good.prefix(10)) + bytes.dropFirst(10))
      let result = try tool.ktapc("-e", "trace *:* { n += 1 }", "--events", "trace.dat")
      #expect(result.status == 0 || result.status == 2, "\(result.errors)")
      if result.status == 2 { refused += 1 }
    }
    #expect(refused > 5)
  }

  @Test func whatTheRecordingHasNotEndsWith5() throws {
    let tool = try Tool()
    try tool.write("sample.rec", RecordingBuilder.sample())
    try tool.write("s.kp", "print(1)\ntrace irq:* { print(2) }\n")
    let event = try tool.ktapc("s.kp", "--events", "sample.rec")
    #expect(event.status == 5 && event.text == "")
    #expect(event.errors.contains("s.kp:2: no event of the recording matches 'irq:*'"))
    let field = try tool.ktapc(
      "-e", "trace sched:sched_switch { print(args.prev_com) }", "--events", "sample.rec")
    #expect(field.status == 5)
    #expect(field.errors.contains("has no field 'prev_com'; did you mean 'prev_comm'?"))
  }

  @Test func damagedRecordingsEndWith2() throws {
    let tool = try Tool()
    let good = RecordingBuilder.sample()
    try tool.write("cut.rec", Array(good.dropLast(8)))
    let cut = try tool.ktapc("-e", "print(1)", "--events", "cut.rec")
    #expect(cut.status == 2 && cut.text == "")
    #expect(
      cut.errors.hasPrefix("ktapc: error: cut.rec: offset ")
        && cut.errors.hasSuffix("cut off in the middle of a record\n"), "\(cut.errors)")
    try tool.write("other", "text")
    #expect(
      try tool.ktapc("-e", "print(1)", "--events", "other").errors
        == "ktapc: error: other: offset 0: this is no recording of ktap-run\n")
    #expect(try tool.ktapc("-e", "print(1)", "--events", "missing").status == 2)
    try tool.write("trace.dat", [0x17, 0x08, 0x44] + Array("tracing6\0".utf8))
    let trace = try tool.ktapc("-e", "print(1)", "--events", "trace.dat")
    #expect(trace.status == 2 && trace.errors.contains("trace-cmd's library cannot read this file"))
  }

  @Test func optionsOfTheSimulatorAreForTheSimulator() throws {
    let tool = try Tool()
    for options in [["--events", "x"], ["--cpus", "2"], ["--realtime"]] {
      let result = try tool.ktapc(["-e", "print(1)", "--on", "local"] + options)
      #expect(result.status == 2, "\(options)")
      #expect(result.errors.contains("\(options[0]) is for the simulator, --on sim"))
    }
    #expect(try tool.ktapc("-e", "print(1)", "--on", "sim", "--cpus", "0").status == 2)
    try tool.write("sample.rec", RecordingBuilder.sample())
    let few = try tool.ktapc("-e", "print(num_cpus)", "--events", "sample.rec", "--cpus", "1")
    #expect(few.status == 2 && few.errors.contains("--cpus 1: the recording has events of CPU 1"))
    #expect(
      try tool.succeed("-e", "print(num_cpus)", "--events", "sample.rec", "--cpus", "4") == "4\n")
    #expect(try tool.succeed("-e", "print(num_cpus)", "--on", "sim", "--cpus", "3") == "3\n")
  }

  @Test func timeIsVirtualUnlessRealTimeIsAskedFor() throws {
    let script = "tick-1s { n += 1 print(n, elapsed / 1s) if (n == 10) exit() }"
    let tool = try Tool()
    var start = ContinuousClock.now
    #expect(try tool.succeed("-e", script, "--on", "sim").hasSuffix("10\t10\n"))
    #expect(ContinuousClock.now - start < .seconds(5))
    start = ContinuousClock.now
    let waited = try tool.succeed(
      "-e", "tick-100ms { n += 1 if (n == 5) exit() }\ntrace_end { print(n) }", "--on", "sim",
      "--realtime")
    #expect(waited == "5\n")
    #expect(ContinuousClock.now - start >= .milliseconds(490))
  }
}
