// SPDX-License-Identifier: GPL-2.0-or-later
import Bytecode
import CKtap
import Testing

@testable import Report

@Suite struct PrintTests {
  @Test func valuesHaveTabsBetweenAndANewlineBehind() {
    var reporter = reporter()
    reporter.feed([
      emit([.text("ls"), .int(-1), .int(.min), .bool(true), .bool(false), .null, .table]),
      emit([]),
      emit([.string([0x61, 0x0A, 0x00, 0xFF])]),
    ])
    reporter.flush()
    #expect(
      reporter.host.output
        == Array("ls\t-1\t-9223372036854775808\ttrue\tfalse\tnil\ttable\n\na\n\0".utf8) + [
          0xFF, 0x0A,
        ]
    )
  }

  @Test(
    arguments: [
      ("plain", [], "plain"),
      ("%d|%i", [.int(-5), .int(7)], "-5|7"),
      (
        "%5d|%-5d|%05d|%+d|% d", [.int(42), .int(42), .int(-42), .int(42), .int(42)],
        "   42|42   |-0042|+42| 42"
      ),
      (
        "%.3d|%6.3d|%-6.3d|%06.3d|%.0d|", [.int(7), .int(7), .int(-7), .int(7), .int(0)],
        "007|   007|-007  |   007||"
      ),
      ("%u", [.int(-1)], "18446744073709551615"),
      (
        "%x %X %#x %#X %#x", [.int(255), .int(255), .int(255), .int(255), .int(0)],
        "ff FF 0xff 0XFF 0"
      ),
      ("%x", [.int(-1)], "ffffffffffffffff"),
      (
        "%08x|%#010x|%-8x|", [.int(0xBEEF), .int(0xBEEF), .int(0xBEEF)],
        "0000beef|0x0000beef|beef    |"
      ),
      ("%o %#o %#o", [.int(8), .int(8), .int(0)], "10 010 0"),
      ("%#.3o", [.int(8)], "010"),
      ("%c%c|%3c|%-3c|", [.int(65), .text("Bcd"), .int(67), .int(68)], "AB|  C|D  |"),
      (
        "%s|%5s|%-5s|%.2s|%5.1s|",
        [.text("abc"), .text("abc"), .text("abc"), .text("abc"), .text("abc")],
        "abc|  abc|abc  |ab|    a|"
      ),
      ("%p|%10p", [.int(0xC0DE), .int(0)], "0xc0de|       0x0"),
      ("%d%%", [.int(50)], "50%"),
      ("%s %s %s", [.int(-3), .null, .bool(true)], "-3 nil true"),
      ("%d|%6x|%u", [.text("a"), .null, .bool(false)], "a|   nil|false"),
      ("%ld %lld %hhx %zu %jd", [.int(1), .int(2), .int(3), .int(4), .int(5)], "1 2 3 4 5"),
      ("%d %d.", [.int(1)], "1 ."),
      ("%d", [.int(1), .int(2)], "1"),
      ("50%", [], "50%"),
      ("%k %", [.int(1)], "%k %"),
      ("%d", [.int(.min)], "-9223372036854775808"),
      ("%+05d|%+-6d|", [.int(9), .int(9)], "+0009|+9    |"),
    ] as [(String, [Value], String)])
  func printf(format: String, values: [Value], expected: String) {
    var reporter = reporter(formats: [format])
    reporter.feed([emit(values)])
    #expect(reporter.output() == expected)
  }

  @Test func hugeWidthIsBounded() {
    var reporter = reporter(formats: ["%999999999d"])
    reporter.feed([emit([.int(1)])])
    #expect(reporter.output().count == 4096)
  }

  @Test func timestampsStandAtTheBeginningOfLinesOnly() {
    var reporter = reporter(formats: ["a", "b\n"]) { $0.timestamps = true }
    reporter.feed([
      emit(site: 0, ns: 1_000_002_000, []), emit(site: 1, ns: 2_000_000_000, []),
      emit(site: 9, ns: 123_456_789_012_345, [.int(1)]),
    ])
    #expect(reporter.output() == "[    1.000002] ab\n[123456.789012] 1\n")
  }

  @Test func damagedRecordsAreHarmless() {
    var reporter = reporter(formats: ["%d\n"])
    let whole = emit([.int(5), .text("abc")])
    for length in 0..<whole.count { reporter.feed([Array(whole[0..<length])]) }
    var tooLong = emit(site: 9, [.text("abc")])
    tooLong[18] = 200
    reporter.feed([tooLong, record(KTAP_RECORD_TABLE_ENTRY, []), record(KTAP_RECORD_TABLE_END, [])])
    #expect(reporter.output().hasSuffix("5\n\n"))
  }

  /// The kernel is trusted, but a record that is wrong must cost no more than its own text.
  @Test func mutatedRecordsAreHarmless() {
    let arguments = EventTests.arguments
    var records = [
      emit([.int(1), .text("text"), .bool(true)]),
      emit([.event(id: 1, capture: capture(raw: arguments, strings: [(1, "/a"), (7, nil)]))]),
      emit([.event(id: 3, capture: capture(raw: EventTests.entry))]),
      ErrorTests.error(KTAP_ERROR_KIND, 1, 12), ErrorTests.error(KTAP_ERROR_FIELD, 1),
      emit([.int(1), .aggregate(AggregateTests.powers), .aggregate(AggregateTests.steps)]),
      emit([.stack([1, 7, 8]), .aggregate(AggregateTests.numbers)]),
    ]
    records += table(
      KTAP_TABLE_HISTOGRAM, rows: 2, [([.int(1)], .int(2)), ([.text("a")], .int(3))])
    records += table(KTAP_TABLE_PRINT, [([.int(1), .text("b")], .int(2))])
    var random = SeededGenerator(seed: 1)
    for json in [false, true] {
      var reporter = reporter(
        formats: ["%d %s\n"], fields: ["pid"],
        events: [1: EventTests.openat, 2: EventTests.close, 3: EventTests.sched]
      ) { $0.json = json }
      for _ in 0..<5000 {
        for record in records {
          var mutated = record
          for _ in 0..<Int.random(in: 0...3, using: &random) {
            let index = Int.random(in: 4..<mutated.count, using: &random)
            mutated[index] =
              [0, 1, 7, 0x7F, 0x80, 0xFF, .random(in: 0...255, using: &random)]
              .randomElement(using: &random) ?? 0
          }
          reporter.feed([mutated])
        }
        reporter.host.output = []
        reporter.host.diagnostics = []
      }
      reporter.feed([emit(site: 9, [.text("alive")])])
      #expect(reporter.output().hasSuffix(json ? "[\"alive\"]}\n" : "alive\n"))
    }
  }

  @Test func jsonLines() {
    var reporter = reporter(formats: ["%d\t%s\n"]) { $0.json = true }
    reporter.feed(
      [
        emit(site: 0, [.int(5), .text("a\"b")]),
        emit(
          site: 1,
          [
            .text("é\u{1}\\"), .string([0xFF, 0x61]), .int(1 << 53), .int((1 << 53) + 1),
            .int(.min),
            .bool(true), .null, .table,
          ]),
      ], cpu: 3)
    #expect(
      reporter.output() == """
        {"type":"printf","ts":1500000000,"cpu":3,"text":"5\\ta\\"b\\n"}
        {"type":"print","ts":1500000000,"cpu":3,"values":["é\\u0001\\\\","\\ufffda",9007199254740992,\
        "9007199254740993","-9223372036854775808",true,null,"table"]}

        """)
  }
}
