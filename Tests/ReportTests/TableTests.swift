// SPDX-License-Identifier: GPL-2.0-or-later
import CKtap
import Testing

@testable import Report

@Suite struct TableTests {
  @Test func wholeTable() {
    var reporter = reporter()
    reporter.feed(
      table(
        KTAP_TABLE_PRINT,
        [
          ([.text("l\"s")], .int(3)), ([.int(-7)], .text("x")),
          ([.text("a"), .int(1)], .bool(true)),
        ]))
    reporter.feed(table(KTAP_TABLE_PRINT, []))
    #expect(
      reporter.output() == """
        {
          ["l\\"s"] = 3
          [-7] = "x"
          ["a", 1] = true
        }
        {}

        """)
  }

  @Test func entriesStayTogetherAmongOtherRecords() {
    var reporter = reporter(formats: ["open"])
    let records = table(KTAP_TABLE_PRINT, [([.int(1)], .int(2))])
    reporter.feed([records[0], emit(site: 9, [.text("between")]), records[1], emit([]), records[2]])
    #expect(reporter.output() == "between\nopen\n{\n  [1] = 2\n}\n")
  }

  @Test func bigTablesAreWrittenInPieces() {
    let entries = (0..<5000).map { ([Value.int($0)], Value.int($0)) }
    var text = reporter()
    text.feed(table(KTAP_TABLE_PRINT, entries))
    let lines = text.output().split(separator: "\n")
    #expect(lines.count == 5002)
    #expect(lines.first == "{" && lines[1] == "  [0] = 0" && lines[5000] == "  [4999] = 4999")

    var json = reporter { $0.json = true }
    json.feed(table(KTAP_TABLE_PRINT, entries))
    let objects = json.output().split(separator: "\n")
    #expect(objects.count > 2)
    for (index, object) in objects.enumerated() {
      #expect(
        object.hasSuffix(index == objects.count - 1 ? "],\"more\":false}" : "],\"more\":true}"))
    }
  }

  @Test func jsonTable() {
    var reporter = reporter { $0.json = true }
    reporter.feed(
      table(KTAP_TABLE_PRINT, [([.text("ls")], .int(3)), ([.text("a"), .int(1)], .text("x"))]))
    #expect(
      reporter.output()
        == "{\"type\":\"table\",\"ts\":1500000000,\"cpu\":0,\"entries\":[{\"key\":[\"ls\"],\"value\":3},"
        + "{\"key\":[\"a\",1],\"value\":\"x\"}],\"more\":false}\n")
  }

  @Test func histogramIsSortedByCount() {
    var reporter = reporter()
    reporter.feed(
      table(
        KTAP_TABLE_HISTOGRAM,
        [
          ([.text("ls")], .int(10)), ([.text("cat")], .int(30)), ([.int(5)], .int(0)),
          ([.int(6)], .int(-4)),
        ]))
    #expect(
      reporter.output() == """
                   value ------------- Distribution ------------- count
                  "cat" |@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@           30
                   "ls" |@@@@@@@@@@                               10
                      5 |                                         0
                      6 |                                         -4

        """)
  }

  @Test func furtherRowsAreDots() {
    var reporter = reporter()
    reporter.feed(
      table(
        KTAP_TABLE_HISTOGRAM, rows: 2,
        [
          ([.text("a"), .int(1)], .int(1)), ([.text("b"), .int(2)], .int(2)),
          ([.text("c"), .int(3)], .int(1)),
        ]))
    #expect(
      reporter.output() == """
                   value ------------- Distribution ------------- count
                 "b", 2 |@@@@@@@@@@@@@@@@@@@@                     2
                 "a", 1 |@@@@@@@@@@                               1
                    ...

        """)
  }

  @Test func defaultIsTwentyRowsAndEqualCountsKeepTheirOrder() {
    var reporter = reporter()
    reporter.feed(table(KTAP_TABLE_HISTOGRAM, (0..<50).map { ([.int($0)], .int(1)) }))
    let lines = reporter.output().split(separator: "\n")
    #expect(lines.count == 22)
    let keys = lines[1...20].map { $0.split(separator: "|")[0].filter { $0 != " " } }
    #expect(keys == (0..<20).map { "\($0)" })
  }

  @Test func emptyHistogramIsItsHeader() {
    var reporter = reporter()
    reporter.feed(table(KTAP_TABLE_HISTOGRAM, []))
    #expect(
      reporter.output() == "           value ------------- Distribution ------------- count\n")
  }

  @Test func terminalWidthShortensBarThenKey() {
    let entries = [([Value.text(String(repeating: "0123456789", count: 6))], Value.int(5))]
    var narrow = reporter { $0.columns = 60 }
    narrow.feed(table(KTAP_TABLE_HISTOGRAM, entries))
    #expect(
      narrow.output() == """
                                        value - Distribution - count
        "012345678901234...4567890123456789" |@@@@@@@@@@@@@@@@ 5

        """)
    var wide = reporter()
    wide.feed(table(KTAP_TABLE_HISTOGRAM, entries))
    #expect(wide.output().contains("\"" + String(repeating: "0123456789", count: 6) + "\" |@@@@"))
  }

  @Test func aWideTerminalIsFilled() {
    var wide = reporter { $0.columns = 100 }
    wide.feed(table(KTAP_TABLE_HISTOGRAM, [([.int(1)], .int(123_456)), ([.int(2)], .int(0))]))
    let lines = wide.output().split(separator: "\n")
    #expect(lines.map(\.count) == [99, 100, 95])
    #expect(lines[1].filter { $0 == "@" }.count == 100 - 15 - 3 - 6)
  }

  @Test func hugeCounts() {
    var reporter = reporter()
    reporter.feed(
      table(
        KTAP_TABLE_HISTOGRAM,
        [([.int(1)], .int(.max)), ([.int(2)], .int(.max)), ([.int(3)], .int(.max))]))
    let lines = reporter.output().split(separator: "\n")
    // The total stops at 2^64 - 1: two of the three counts.
    #expect(lines.allSatisfy { $0.contains("count") || $0.filter { $0 == "@" }.count == 20 })
  }

  @Test func jsonHistogram() {
    var reporter = reporter { $0.json = true }
    reporter.feed(
      table(
        KTAP_TABLE_HISTOGRAM, rows: 1, [([.text("a")], .int(1)), ([.text("b"), .int(2)], .int(2))]))
    #expect(
      reporter.output()
        == "{\"type\":\"hist\",\"ts\":1500000000,\"cpu\":0,\"rows\":[{\"key\":[\"b\",2],\"count\":2}],"
        + "\"entries\":2,\"total\":3}\n")
  }
}
