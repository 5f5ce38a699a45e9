// SPDX-License-Identifier: GPL-2.0-or-later
import CKtap
import Testing
import TestSupport

@testable import Events

@Suite struct RecordingTests {
  @Test(arguments: [false, true])
  func bothByteOrdersSayTheSame(isBigEndian: Bool) throws {
    let recording = try RecordingReader.read(RecordingBuilder.sample(isBigEndian: isBigEndian))
    #expect(
      recording.board
        == RecordedBoard(
          architecture: isBigEndian ? "ppc" : "armv7l", release: "6.1.0-test", cpus: 2,
          wallClock: 1_700_000_000_000_000_000, start: 1_000_000_000))
    #expect(recording.specifications == ["syscalls:*", "sched:*", "raw_syscalls:*"])
    #expect(recording.types.count == 4)
    #expect(recording.types[0].fullName == "syscalls:sys_enter_openat")
    #expect(recording.types[0].fields.map(\.name) == ["dfd", "filename", "flags", "mode"])
    #expect(recording.types[2].fields[2].isText == false)
    #expect(recording.events.map(\.cpu) == [0, 1, 1, 0, 0, 1])
    #expect(recording.events.map(\.task.pid) == [100, 200, 200, 100, 100, 200])
    #expect(recording.end == 2_000_000_000)
    #expect(recording.lost == 1)
    #expect(recording.bytes[recording.events[1].execname] == Array("vi".utf8)[...])
  }

  @Test func coversWhatWasAskedFor() throws {
    let recording = try RecordingReader.read(RecordingBuilder.sample())
    #expect(recording.covers("sched:sched_wakeup"))
    #expect(recording.covers("syscalls:sys_enter_*"))
    #expect(!recording.covers("irq:irq_handler_entry"))
    #expect(!recording.covers("*:*"))
  }

  @Test func lateRecordsAreSortedByTime() throws {
    var file = RecordingBuilder(specifications: ["a:b"])
    file.type(1, KTAP_EVENT_TRACEPOINT, "a", "b", [])
    for (time, cpu) in [(5, 0), (3, 1), (5, 2), (4, 3)] {
      file.event(1, time: 1_000_000_000 + UInt64(time), cpu: UInt16(cpu)) { _ in }
    }
    file.end(time: 1_000_000_001)
    let recording = try RecordingReader.read(file.bytes)
    #expect(recording.events.map(\.cpu) == [1, 3, 0, 2])
    #expect(recording.end == 1_000_000_005)
  }

  @Test func whateverIsNotThereIsLost() throws {
    func lost(_ missed: UInt64, _ throttled: UInt64, _ lost: UInt64) throws -> UInt64 {
      var file = RecordingBuilder()
      file.end(time: 0, missed: missed, throttled: throttled, lost: lost)
      return try RecordingReader.read(file.bytes).lost
    }
    #expect(try lost(1, 20, 300) == 321)
    #expect(try lost(0, 0, 0) == 0)
    #expect(try lost(.max, 1, .max) == .max)
  }

  @Test(arguments: [
    ("sched_switch", "*", true), ("sched_switch", "sched_*", true), ("a", "?", true),
    ("", "*", true), ("", "?", false), ("abc", "a?c", true), ("abc", "a*d", false),
    ("sys_enter_open", "sys_*_open*", true), ("aab", "a*ab", true), ("x", "", false),
  ])
  func globs(_ name: String, _ pattern: String, _ matches: Bool) {
    #expect(Glob.matches(name, pattern: pattern) == matches)
  }
}
