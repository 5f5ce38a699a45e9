// SPDX-License-Identifier: GPL-2.0-or-later
import CKtap
import Testing

@testable import Report

@Suite struct ErrorTests {
  static func error(
    _ code: ktap_error_code, line: UInt32 = 3, _ first: Int64 = 0, _ second: Int64 = 0
  ) -> [UInt8] {
    record(
      KTAP_RECORD_ERROR,
      bytes(
        of: ktap_error(
          code: code.rawValue, function: 1, instruction: 2, line: line, detail: (first, second))))
  }

  @Test(arguments: [
    (error(KTAP_ERROR_DIVISION), "x.kp:3: run-time error: division by zero\n"),
    (error(KTAP_ERROR_DIVISION, line: 0), "x.kp: run-time error: division by zero\n"),
    (
      error(KTAP_ERROR_ARITHMETIC, 0, 3),
      "x.kp:3: run-time error: arithmetic on a non-integer (nil and string)\n"
    ),
    (
      error(KTAP_ERROR_KIND, 1, 12),
      "x.kp:3: run-time error: value of an unexpected kind (boolean where integer or string is expected)\n"
    ),
    (
      error(KTAP_ERROR_INDEX, 0),
      "x.kp:3: run-time error: indexing a value that is no table (nil)\n"
    ),
    (
      error(KTAP_ERROR_DEPTH, 32),
      "x.kp:3: run-time error: calls nested too deep (at most 32 calls)\n"
    ),
    (
      error(KTAP_ERROR_FUEL, 10000),
      "x.kp:3: run-time error: ran too long (limit fuel: 10000 instructions)\n"
    ),
    (
      error(KTAP_ERROR_MEMORY, 1 << 20),
      "x.kp:3: run-time error: table memory used up (limit memory: 1048576 bytes)\n"
    ),
    (
      error(KTAP_ERROR_STRING, 300, 255),
      "x.kp:3: run-time error: string too long (300 bytes) (limit string: 255 bytes)\n"
    ),
    (
      error(KTAP_ERROR_FIELD, 1), "x.kp:3: run-time error: the event has no such field (filename)\n"
    ),
    (error(KTAP_ERROR_FIELD, 9), "x.kp:3: run-time error: the event has no such field\n"),
    (
      error(KTAP_ERROR_ITEM, 6, 6),
      "x.kp:3: run-time error: the event's array has no such element (6 elements, from 0 on)\n"
    ),
    (
      error(KTAP_ERROR_REFUSED, 3, 22),
      "x.kp:3: run-time error: the kernel refuses this change (error 22)\n"
    ),
    (
      error(KTAP_ERROR_ARGUMENT, 2),
      "x.kp:3: run-time error: bad argument to a library function (argument 2)\n"
    ),
  ])
  func text(record: [UInt8], expected: String) {
    var reporter = reporter(fields: ["pid", "filename"])
    reporter.feed([record])
    #expect(reporter.diagnostics() == expected)
    #expect(reporter.errors == 1)
  }

  @Test func outputBeforeTheErrorIsWrittenFirstAndItsLineEnded() {
    var reporter = reporter(formats: ["half"])
    reporter.feed([emit([]), Self.error(KTAP_ERROR_DIVISION)])
    #expect(String(decoding: reporter.host.output, as: UTF8.self) == "half\n")
  }

  @Test func jsonReportEndsWithEnd() {
    var reporter = reporter { $0.json = true }
    reporter.feed([Self.error(KTAP_ERROR_ARITHMETIC, 0, 2)], cpu: 1)
    reporter.lost(4, cpu: 1, ns: 9)
    var summary = ReportSummary()
    summary.exitCode = 1
    summary.hits = 10
    summary.handled = 6
    summary.dropped = 4
    summary.lostRecords = 1 << 60
    reporter.end(summary, isVerbose: false)
    #expect(
      reporter.output() == """
        {"type":"error","ts":1500000000,"cpu":1,"file":"x.kp","line":3,\
        "message":"arithmetic on a non-integer (nil and integer)"}
        {"type":"lost","ts":9,"cpu":1,"records":4}
        {"type":"end","exit":1,"events":{"hits":10,"handled":6,"missed":0,"throttled":0,"dropped":4},\
        "errors":1,"lost":"1152921504606846976"}

        """)
    #expect(reporter.diagnostics() == "")
  }

  /// Not an event that was lost: said beside the counters, by itself where these are complete.
  @Test func stringsThatWereNotResidentAreCounted() {
    var summary = ReportSummary()
    summary.hits = 5
    summary.handled = 5
    summary.unreadStrings = 3
    var text = reporter()
    text.end(summary, isVerbose: false)
    #expect(text.host.diagnostics == Array("3 strings of user memory were not resident\n".utf8))
    var json = reporter { $0.json = true }
    json.end(summary, isVerbose: false)
    #expect(json.output().hasSuffix("\"errors\":0,\"lost\":0,\"unread\":3}\n"))
  }

  @Test func summaryIsSilentWhenNothingIsMissing() {
    var summary = ReportSummary()
    summary.hits = 5
    summary.handled = 5
    var silent = reporter()
    silent.end(summary, isVerbose: false)
    #expect(silent.diagnostics() == "")
    silent.end(summary, isVerbose: true)
    #expect(
      silent.diagnostics()
        == "5 events: 5 handled, 0 missed, 0 throttled, 0 dropped; 0 records lost\n")
    summary.lostRecords = 2
    var loud = reporter()
    loud.end(summary, isVerbose: false)
    #expect(loud.diagnostics().hasSuffix("; 2 records lost\n"))
    // The limit that lost them is named.
    summary.overRate = 1
    var named = reporter()
    named.end(summary, isVerbose: false)
    #expect(named.diagnostics().hasSuffix("; 2 records lost, 1 of them over limit rate\n"))
    var json = reporter { $0.json = true }
    json.end(summary, isVerbose: false)
    #expect(json.output().hasSuffix("\"errors\":0,\"lost\":2,\"over_rate\":1}\n"))
  }
}
