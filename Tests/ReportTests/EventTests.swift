// SPDX-License-Identifier: GPL-2.0-or-later
import CKtap
import Testing

@testable import Report

@Suite struct EventTests {
  static let openat = description(
    KTAP_EVENT_SYSCALL_ENTER, "openat",
    [
      Field(name: "dfd", offset: 0, size: 8, flags: [KTAP_FIELD_SIGNED]),
      Field(name: "filename", offset: 8, size: 8, flags: [KTAP_FIELD_STRING]),
      Field(name: "flags", offset: 16, size: 8, flags: [KTAP_FIELD_HEX]),
    ])
  static let close = description(KTAP_EVENT_SYSCALL_EXIT, "close", [])
  static let sched = description(
    KTAP_EVENT_TRACEPOINT, "sched_switch",
    [
      Field(name: "comm", offset: 8, size: 8, element: 1, flags: [KTAP_FIELD_CHARS]),
      Field(name: "prio", offset: 16, size: 4, flags: [KTAP_FIELD_SIGNED]),
      Field(name: "state", offset: 20, size: 2),
      Field(name: "on", offset: 22, size: 1, flags: [KTAP_FIELD_BOOL]),
      Field(name: "slots", offset: 24, size: 4, element: 2, flags: [KTAP_FIELD_ARRAY]),
      Field(name: "odd", offset: 28, size: 3),
      Field(name: "gone", offset: 60, size: 4),
    ])

  static let arguments = bytes(
    of: (Int64(-100), Int64(0x7F00), Int64(0x8000), Int64(0), Int64(0), Int64(0)))
  static let entry: [UInt8] =
    bytes(of: Int64(0)) + Array("sh\0rest!".utf8) + bytes(of: Int32(-120)) + bytes(of: UInt16.max)
    + [1, 0] + bytes(of: UInt16(1)) + bytes(of: UInt16(2)) + [0xAB, 0xCD, 0xEF, 0]

  func render(_ capture: [UInt8], id: UInt32, json: Bool = false) -> String {
    var reporter = reporter(events: [1: Self.openat, 2: Self.close, 3: Self.sched]) {
      $0.json = json
    }
    reporter.feed([emit([.event(id: id, capture: capture)])])
    return reporter.output()
  }

  @Test func systemCallsShowArgumentsAndResult() {
    #expect(
      render(capture(raw: Self.arguments, strings: [(1, "/etc/\u{1b}[m\"p\"")]), id: 1)
        == "sys_openat(dfd: -100, filename: \"/etc/\\x1b[m\\\"p\\\"\", flags: 0x8000)\n")
    #expect(render(capture(raw: bytes(of: Int64(0))), id: 2) == "sys_close -> 0x0\n")
    #expect(
      render(capture(raw: bytes(of: Int64(-2))), id: 2) == "sys_close -> 0xfffffffffffffffe\n")
  }

  @Test func unreadableStringIsItsAddress() {
    let expected = "sys_openat(dfd: -100, filename: 0x7f00, flags: 0x8000)\n"
    #expect(render(capture(raw: Self.arguments, strings: [(1, nil)]), id: 1) == expected)
    #expect(render(capture(raw: Self.arguments), id: 1) == expected)
  }

  @Test func tracepointsShowFieldsByKindAndSize() {
    #expect(
      render(capture(raw: Self.entry), id: 3)
        == "sched_switch(comm: \"sh\", prio: -120, state: 65535, on: true, slots: [1, 2], odd: abcdef, gone: ?)\n"
    )
  }

  @Test func json() {
    #expect(
      render(capture(raw: Self.arguments, strings: [(1, "/a")]), id: 1, json: true)
        == "{\"type\":\"print\",\"ts\":1500000000,\"cpu\":0,\"values\":[{\"event\":\"sys_openat\",\"fields\":"
        + "{\"dfd\":-100,\"filename\":\"/a\",\"flags\":\"0x8000\"}}]}\n")
    #expect(
      render(capture(raw: bytes(of: Int64(-2))), id: 2, json: true)
        .hasSuffix("\"values\":[{\"event\":\"sys_close\",\"retval\":-2}]}\n"))
    #expect(
      render(capture(raw: Self.entry), id: 3, json: true).hasSuffix(
        "\"fields\":{\"comm\":\"sh\",\"prio\":-120,\"state\":65535,\"on\":true,\"slots\":[1,2],"
          + "\"odd\":\"abcdef\",\"gone\":null}}]}\n"))
  }

  /// What the kernel shows of a field: a name of its value, a list. Without it, the number.
  @Test func shownTextsStandForTheirFields() {
    let event = description(
      KTAP_EVENT_TRACEPOINT, "softirq_entry",
      [
        Field(name: "vec", offset: 8, size: 4, flags: [KTAP_FIELD_SHOWN]),
        Field(name: "list", offset: 12, size: 2, flags: [KTAP_FIELD_LENGTH, KTAP_FIELD_SHOWN]),
      ])
    let raw = bytes(of: Int64(0)) + bytes(of: UInt32(7)) + bytes(of: UInt16(8))
    func render(_ strings: [(UInt32, String?)], json: Bool) -> String {
      var reporter = reporter(events: [1: event]) { $0.json = json }
      reporter.feed([emit([.event(id: 1, capture: capture(raw: raw, strings: strings))])])
      return reporter.output()
    }
    #expect(
      render([(0, "SCHED"), (1, "[1, -2]")], json: false)
        == "softirq_entry(vec: SCHED, list: [1, -2])\n")
    #expect(render([], json: false) == "softirq_entry(vec: 7, list: 8)\n")
    #expect(
      render([(0, "A|B"), (1, "[1, -2]")], json: true).hasSuffix(
        "\"fields\":{\"vec\":\"A|B\",\"list\":[1, -2]}}]}\n"))
    #expect(
      render([(1, "[1, ...")], json: true).hasSuffix(
        "\"fields\":{\"vec\":7,\"list\":\"[1, ...\"}}]}\n"))
  }

  @Test func unknownEventsAndDamagedCapturesShowTheirId() {
    #expect(render(capture(raw: []), id: 9) == "event#9\n")
    #expect(render([1, 2, 3], id: 1) == "event#1\n")
    #expect(render(bytes(of: ktap_capture(raw_length: 99, string_count: 1)), id: 1) == "event#1\n")
    #expect(
      render(bytes(of: ktap_capture(raw_length: 0, string_count: 99)), id: 1)
        == "sys_openat(dfd: ?, filename: ?, flags: ?)\n")
  }

  /// Entry and exit of one system call come in turn.
  @Test func entryAndExitOfACallAreKeptBoth() {
    var reporter = reporter(events: [0x10006: Self.openat, 0x20006: Self.close])
    let enter = emit([.event(id: 0x10006, capture: capture(raw: Self.arguments))])
    let exit = emit([.event(id: 0x20006, capture: capture(raw: bytes(of: Int64(0))))])
    reporter.feed([enter, exit, enter, exit, enter, exit])
    #expect(reporter.host.questions == 2)
  }

  @Test func eachEventIsAskedForOnce() {
    var reporter = reporter(events: [2: Self.close, 66: Self.openat])
    let closed = emit([.event(id: 2, capture: capture(raw: bytes(of: Int64(0))))])
    reporter.feed([closed, closed, closed])
    #expect(reporter.host.questions == 1)
    // The same slot of the cache.
    reporter.feed([emit([.event(id: 66, capture: capture(raw: Self.arguments))]), closed])
    #expect(reporter.host.questions == 3)
    #expect(reporter.output().hasSuffix("flags: 0x8000)\nsys_close -> 0x0\n"))
  }
}
