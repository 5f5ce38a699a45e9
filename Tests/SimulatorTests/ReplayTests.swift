// SPDX-License-Identifier: GPL-2.0-or-later
import Events
import Report
import Simulator
import TestSupport
import Testing

/// Scripts on the hand-made recording, which a board of either byte order might have made.
@Suite struct ReplayTests {
  /// What a script prints; the byte order of the board must not matter.
  private func output(_ script: String, options: ReportOptions = ReportOptions()) throws -> String {
    let little = try replay(script, RecordingBuilder.sample(), options: options)
    let big = try replay(script, RecordingBuilder.sample(isBigEndian: true), options: options)
    #expect(little.transcript == big.transcript)
    #expect(
      little.transcript
        == (try replay(script, RecordingBuilder.sample(), options: options)).transcript,
      "a second run")
    return little.transcript
  }

  private func replay(
    _ script: String, _ file: [UInt8], options: ReportOptions = ReportOptions()
  ) throws -> ScriptRun {
    try ScriptRun(script, options: options) { $0.recording = try RecordingReader.read(file) }
  }

  @Test func wholeEventsArePrintedAsOnTheBoard() throws {
    let text = try output("trace *:* { print(argstr) }\ntrace *:* function (e) { print(e) }\n")
    let lines = text.split(separator: "\n").map(String.init)
    #expect(
      lines.filter { !$0.isEmpty }
        == [
          "sys_openat(dfd: -100, filename: \"/etc/passwd\", flags: 524288, mode: 0)",
          "sys_openat(dfd: -100, filename: 0xbeef0000, flags: 524288, mode: 0)",
          "sys_openat -> 0xfffffffffffffffe", "sys_openat -> 0x3",
          "sched_switch(prev_comm: \"sh\", prev_pid: 101, prev_prio: -120, preempt: true, "
            + "rq: 0xc0123456, slots: [1, 2], class: \"cfs rq\")",
          "sys_enter(id: 39, args: [0x1, 0x2, 0x3, 0x4, 0x5, 0xffffffff])",
        ].flatMap { [$0, $0] })
  }
}
