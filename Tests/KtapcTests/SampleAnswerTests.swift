// SPDX-License-Identifier: GPL-2.0-or-later
import CKtap
import Foundation
import TestSupport
import Testing

/// Samples on events that were made up, so that each number of their results is known.
@Suite struct SampleAnswerTests {
  private typealias Field = RecordingBuilder.Field

  /// What a sample of `samples/` prints on a recording.
  private func output(_ sample: String, _ recording: RecordingBuilder) throws -> String {
    let root = URL(fileURLWithPath: #filePath).deletingLastPathComponent()
      .deletingLastPathComponent().deletingLastPathComponent()
    let tool = try Tool()
    try Data(recording.bytes).write(to: tool.directory.appendingPathComponent("made.rec"))
    let script = root.appendingPathComponent("samples/\(sample).kp").path
    return try tool.succeed("run", script, "--on", "sim", "--events", "made.rec")
  }

  /// Requests to two devices, one of which is never completed.
  private var requests: RecordingBuilder {
    var file = RecordingBuilder(specifications: ["block:*"])
    let place = [Field("dev", offset: 8, size: 4), Field("sector", offset: 16, size: 8)]
    let kind = Field("rwbs", offset: 28, size: 8, element: 1, [KTAP_FIELD_CHARS])
    let bytes = Field("bytes", offset: 24, size: 4)
    let who = Field("comm", offset: 36, size: 16, element: 1, [KTAP_FIELD_CHARS])
    file.type(
      0x50000, KTAP_EVENT_TRACEPOINT, "block", "block_rq_issue", place + [bytes, kind, who])
    file.type(0x50001, KTAP_EVENT_TRACEPOINT, "block", "block_rq_complete", place + [kind])
    func put(
      _ id: UInt32, _ ms: UInt64, _ device: UInt32, _ sector: UInt64, _ size: UInt32, _ kind: String
    ) {
      file.event(id, time: 1_000_000_000 + ms * 1_000_000) {
        $0.put(UInt64(0))
        $0.put(device)
        $0.put(UInt32(0))
        $0.put(sector)
        $0.put(size)
        $0.put(kind, 8)
        $0.put(size > 4096 ? "dd" : "sh", 16)
      }
    }
    put(0x50000, 1, 1, 100, 4096, "R")
    put(0x50000, 2, 2, 100, 65536, "WS")
    put(0x50001, 3, 1, 100, 0, "R")
    put(0x50000, 4, 1, 108, 4096, "R")
    put(0x50001, 6, 2, 100, 0, "WS")
    put(0x50001, 7, 1, 108, 0, "R")
    put(0x50000, 8, 1, 116, 0, "FF")
    file.end(time: 2_000_000_000)
    return file
  }

  @Test func biolatency() throws {
    let text = try output("block/biolatency", requests)
    #expect(text.contains("read\tcount 2, avg 2500, min 2000, max 3000\n"))
    #expect(text.contains("write\tcount 1, avg 4000, min 4000, max 4000\n"))
  }

  @Test func bitesize() throws {
    let text = try output("block/bitesize", requests)
    #expect(text.contains("sh\tcount 2, avg 4096, min 4096, max 4096\n"))
    #expect(text.contains("dd\tcount 1, avg 65536, min 65536, max 65536\n"))
  }

  /// A task waits 2 ms for its first turn, and 5 ms after it was preempted; one that slept does not count.
  @Test func runqlat() throws {
    var file = RecordingBuilder(specifications: ["sched:*"])
    let wakeup = [Field("pid", offset: 8, size: 4, [KTAP_FIELD_SIGNED])]
    file.type(0x50000, KTAP_EVENT_TRACEPOINT, "sched", "sched_wakeup", wakeup)
    file.type(0x50001, KTAP_EVENT_TRACEPOINT, "sched", "sched_wakeup_new", wakeup)
    file.type(
      0x50002, KTAP_EVENT_TRACEPOINT, "sched", "sched_switch",
      [
        Field("prev_pid", offset: 8, size: 4, [KTAP_FIELD_SIGNED]),
        Field("next_pid", offset: 12, size: 4, [KTAP_FIELD_SIGNED]),
        Field("prev_state", offset: 16, size: 8, [KTAP_FIELD_SIGNED]),
      ])
    func put(_ id: UInt32, _ ms: UInt64, _ pid: Int32, _ next: Int32 = 0, _ state: Int64 = 0) {
      file.event(id, time: 1_000_000_000 + ms * 1_000_000) {
        $0.put(UInt64(0))
        $0.put(pid)
        $0.put(next)
        $0.put(state)
      }
    }
    put(0x50000, 1, 7)
    put(0x50002, 3, 0, 7)
    put(0x50002, 4, 7, 8)
    put(0x50002, 9, 8, 7, 1)
    put(0x50002, 10, 7, 8, 1)
    put(0x50002, 11, 8, 0, 1)
    file.end(time: 2_000_000_000)
    let text = try output("sched/runqlat", file)
    #expect(text.hasPrefix("count 2, avg 3500000, min 2000000, max 5000000\n"))
  }

  @Test func hardirqs() throws {
    var file = RecordingBuilder(specifications: ["irq:*"])
    let number = Field("irq", offset: 8, size: 4, [KTAP_FIELD_SIGNED])
    file.type(
      0x50000, KTAP_EVENT_TRACEPOINT, "irq", "irq_handler_entry",
      [number, Field("name", offset: 12, size: 4, [KTAP_FIELD_STRING])])
    file.type(0x50001, KTAP_EVENT_TRACEPOINT, "irq", "irq_handler_exit", [number])
    func put(_ id: UInt32, _ us: UInt64, _ cpu: UInt16, _ irq: Int32, _ name: String = "") {
      file.event(
        id, time: 1_000_000_000 + us * 1000, cpu: cpu, texts: name.isEmpty ? [] : [(1, name)]
      ) {
        $0.put(UInt64(0))
        $0.put(irq)
        $0.put(UInt32(0))
      }
    }
    // The same interrupt on two CPUs at once.
    put(0x50000, 10, 0, 5, "eth0")
    put(0x50000, 11, 1, 5, "eth0")
    put(0x50001, 14, 0, 5)
    put(0x50001, 19, 1, 5)
    put(0x50000, 30, 0, 6, "timer")
    put(0x50001, 31, 0, 6)
    file.end(time: 2_000_000_000)
    let lines = try output("irq/hardirqs", file).split(separator: "\n").dropFirst().map {
      $0.split(separator: " ").joined(separator: " ")
    }
    #expect(lines == ["eth0 2 12 6 8", "timer 1 1 1 1"])
  }

  @Test func softirqs() throws {
    var file = RecordingBuilder(specifications: ["irq:*"])
    let vector = [Field("vec", offset: 8, size: 4)]
    file.type(0x50000, KTAP_EVENT_TRACEPOINT, "irq", "softirq_entry", vector)
    file.type(0x50001, KTAP_EVENT_TRACEPOINT, "irq", "softirq_exit", vector)
    for (index, (vector, us)) in [(1, 3), (3, 10), (1, 5), (0, 2)].enumerated()
      as EnumeratedSequence<[(UInt32, UInt64)]>
    {
      let start = 1_000_000_000 + UInt64(index) * 1_000_000
      for (id, time) in [(0x50000, start), (0x50001, start + us * 1000)] as [(UInt32, UInt64)] {
        file.event(id, time: time) {
          $0.put(UInt64(0))
          $0.put(vector)
          $0.put(UInt32(0))
        }
      }
    }
    file.end(time: 2_000_000_000)
    let lines = try output("irq/softirqs", file).split(separator: "\n").dropFirst().map {
      $0.split(separator: " ").joined(separator: " ")
    }
    #expect(lines == ["hi 1 2 2 2", "timer 2 8 4 5", "net_rx 1 10 10 10"])
  }
}
