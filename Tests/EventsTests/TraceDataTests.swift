// SPDX-License-Identifier: GPL-2.0-or-later
import CKtap
import Events
import Foundation
import Testing

@testable import TraceData

/// Files that Debian's trace-cmd recorded on boards, see `traces/make`.
@Suite struct TraceDataTests {
  private static let folder = URL(fileURLWithPath: #filePath).deletingLastPathComponent()
    .appendingPathComponent("traces")

  private func read(_ board: String) throws -> Recording {
    try TraceData.read(path: TraceDataTests.folder.appendingPathComponent("\(board).dat").path)
  }

  private func numbers(_ range: Range<Int>, _ recording: Recording) -> [Int64] {
    recording.bytes[range].withUnsafeBytes { bytes in
      stride(from: 0, to: bytes.count - 7, by: 8).map {
        bytes.loadUnaligned(fromByteOffset: $0, as: Int64.self)
      }
    }
  }

  @Test(arguments: ["armhf", "x86_64"])
  func eventsAreInOrderAndOfTwoProcessors(_ board: String) throws {
    let recording = try read(board)
    #expect(recording.board.cpus == 2)
    #expect(Set(recording.events.map(\.cpu)) == [0, 1])
    #expect(zip(recording.events, recording.events.dropFirst()).allSatisfy { $0.time <= $1.time })
    #expect(recording.board.start <= recording.events[0].time)
    #expect(recording.lost == 0)
    let covers = (recording.covers("irq:irq_handler_entry"), recording.covers("sched:sched_wakeup"))
    #expect(covers == (true, false), "what was switched on, whether it happened or not")
    let names = Set(recording.types.map(\.fullName))
    #expect(
      names.isSuperset(of: [
        "syscalls:sys_enter_openat", "syscalls:sys_exit_openat", "syscalls:sys_enter_getppid",
        "raw_syscalls:sys_exit", "sched:sched_switch", "sched:sched_process_exec", "kmem:kmalloc",
      ]))
  }

  @Test(arguments: ["armhf", "x86_64"])
  func systemCallsAreThoseOfABoard(_ board: String) throws {
    let recording = try read(board)
    func events(_ name: String) -> [RecordedEvent] {
      recording.events.filter { recording.types[$0.type].fullName == name }
    }
    let enter = try #require(events("syscalls:sys_enter_openat").first)
    #expect(numbers(enter.raw, recording)[0] == -100, "dfd is an int")
    let number: Int64 = board == "armhf" ? 322 : 257
    #expect(numbers(enter.call, recording).prefix(2) == [number, 0xFFFF_FF9C])
    let type = recording.types[enter.type]
    #expect(type.fields.map(\.name) == ["dfd", "filename", "flags", "mode"])
    #expect(type.fields[1].isText && !type.fields[0].isText)

    let exits = events("syscalls:sys_exit_openat")
    let mine = try #require(exits.first { $0.task.tid == enter.task.tid && $0.time > enter.time })
    #expect(numbers(mine.raw, recording) == [-2])
    #expect(numbers(mine.arguments, recording)[0] == -100)
    #expect(
      recording.types[mine.type].arguments.map(\.name) == ["dfd", "filename", "flags", "mode"])
    #expect(events("syscalls:sys_enter_getppid").count == 5, "four and the shell's one")
  }

  @Test(arguments: ["armhf", "x86_64"])
  func fieldsAreDescribedAsTheModuleDoes(_ board: String) throws {
    let recording = try read(board)
    func fields(_ name: String) throws -> [String: EventField] {
      let type = try #require(recording.types.first { $0.fullName == name })
      return Dictionary(uniqueKeysWithValues: type.fields.map { ($0.name, $0) })
    }
    let sched = try fields("sched:sched_switch")
    #expect(sched["prev_comm"]?.has(KTAP_FIELD_CHARS) == true)
    #expect(sched["prev_pid"]?.has(KTAP_FIELD_SIGNED) == true)
    let exec = try fields("sched:sched_process_exec")
    #expect(exec["filename"]?.has(KTAP_FIELD_STRING) == true)
    let kmalloc = try fields("kmem:kmalloc")
    #expect(kmalloc["call_site"]?.has(KTAP_FIELD_HEX) == true, "printed by %p")
    #expect(kmalloc["ptr"]?.has(KTAP_FIELD_HEX) == true)
    #expect(kmalloc["bytes_req"]?.has(KTAP_FIELD_HEX) == false)
    let raw = try fields("raw_syscalls:sys_exit")
    #expect(raw["id"]?.offset == 0 && raw["ret"]?.offset == 8)
  }

  @Test func argumentsHaveTheirTypes() {
    func value(_ type: String, _ register: Int64, longSize: Int = 8) -> Int64 {
      ArgumentType(type, longSize: longSize).value(of: register)
    }
    #expect(value("int", 0xFFFF_FF9C) == -100)
    #expect(value("unsigned int", -1) == 0xFFFF_FFFF)
    #expect(value("umode_t", 0x1_01B6) == 0o666)
    #expect(value("long", 0xFFFF_FFFF, longSize: 4) == -1)
    #expect(value("long", 0xFFFF_FFFF) == 0xFFFF_FFFF)
    #expect(value("size_t", -1) == -1)
    #expect(value("const char *", 0x1000) == 0x1000)
    #expect(ArgumentType("const char *", longSize: 8).flags & KTAP_FIELD_STRING.rawValue != 0)
    #expect(ArgumentType("char *", longSize: 8).flags == KTAP_FIELD_HEX.rawValue)
  }

  /// What the other byte order does to an entry.
  @Test func entriesAreBroughtIntoNativeOrder() {
    let bytes: [UInt8] = [
      0, 0, 0, 7, 0x61, 0x62, 0, 0, 0xFF, 0xFE, 0x12, 0x34, 0, 3, 0, 16, 0x68, 0x69, 0, 0,
    ]
    bytes.withUnsafeBytes { data in
      let entry = TraceEntry(data, isSwapped: true)
      #expect(entry.number(TracePlace(offset: 0, size: 4)) == 7)
      #expect(entry.number(TracePlace(offset: 8, size: 2, isSigned: true)) == -2)
      #expect(entry.number(TracePlace(offset: 18, size: 4)) == 0, "beyond the end")
      let text = TraceText(place: TracePlace(offset: 12, size: 4), isRelative: false)
      #expect(entry.text(text) == Array("hi".utf8))
      let relative = TraceText(place: TracePlace(offset: 12, size: 4), isRelative: true)
      #expect(entry.text(relative) == nil)
      let fields = [
        EventField(name: "n", offset: 0, size: 4, element: 4, flags: 0),
        EventField(name: "c", offset: 4, size: 4, element: 1, flags: KTAP_FIELD_CHARS.rawValue),
        EventField(name: "a", offset: 8, size: 4, element: 2, flags: KTAP_FIELD_ARRAY.rawValue),
      ]
      #expect(
        entry.native(fields, size: 12) == [7, 0, 0, 0, 0x61, 0x62, 0, 0, 0xFE, 0xFF, 0x34, 0x12])
    }
  }

  @Test func otherFilesAreRefused() throws {
    let file = FileManager.default.temporaryDirectory.appendingPathComponent(UUID().uuidString)
    defer { try? FileManager.default.removeItem(at: file) }
    for bytes: [UInt8] in [[], Array("text".utf8), [0x17, 0x08, 0x44] + Array("tracing6\0".utf8)] {
      try Data(bytes).write(to: file)
      #expect(throws: RecordingError.self) { try TraceData.read(path: file.path) }
    }
    #expect(throws: RecordingError.self) { try TraceData.read(path: "/nowhere") }
    #expect(!TraceData.isTraceData(Array("KTAPREC\n".utf8)))
  }
}
