// SPDX-License-Identifier: GPL-2.0-or-later
import CKtap
import Testing

@testable import Report

/// How aggregates and stacks look: beside other values, as histograms, in tables, as JSON.
@Suite struct AggregateTests {
  static let numbers = Aggregate(count: 12, sum: 61, least: 1, most: 9)
  static let powers = Aggregate(
    view: KTAP_VIEW_HIST, count: 20, sum: 90, least: -3, most: 12,
    buckets: [(-2, 2), (0, 1), (1, 5), (4, 12)])
  static let steps = Aggregate(
    view: KTAP_VIEW_LHIST, count: 8, sum: 90, least: -3, most: 70, low: 0, step: 10, steps: 5,
    buckets: [(-1, 1), (1, 4), (2, 1), (5, 2)])

  @Test func numbersAreOneField() {
    var reporter = reporter(formats: ["%s;"])
    reporter.feed([
      emit(site: 9, [.text("x"), .aggregate(Self.numbers), .int(3)]),
      emit(site: 9, [.aggregate(Aggregate())]), emit([.aggregate(Self.numbers)]),
    ])
    #expect(
      reporter.output()
        == "x\tcount 12, avg 5, min 1, max 9\t3\ncount 0\ncount 12, avg 5, min 1, max 9;")
  }

  @Test func averageTruncates() {
    var reporter = reporter()
    reporter.feed([emit(site: 9, [.aggregate(Aggregate(count: 2, sum: -5, least: -3, most: -2))])])
    #expect(reporter.output() == "count 2, avg -2, min -3, max -2\n")
  }

  @Test func powersOfTwo() {
    var reporter = reporter()
    reporter.feed([emit(site: 9, [.aggregate(Self.powers)]), emit(site: 9, [.int(1)])])
    #expect(
      reporter.output() == """
                   value ------------- Distribution ------------- count
               [-3, -1) |@@@@                                     2
                [-1, 0) |                                         0
                 [0, 1) |@@                                       1
                 [1, 2) |@@@@@@@@@@                               5
                 [2, 4) |                                         0
                 [4, 8) |                                         0
                [8, 16) |@@@@@@@@@@@@@@@@@@@@@@@@                 12
        1

        """)
  }

  @Test func equalSteps() {
    var reporter = reporter()
    reporter.feed([emit(site: 9, [.text("ms"), .aggregate(Self.steps), .text("end")])])
    #expect(
      reporter.output() == """
        ms
                   value ------------- Distribution ------------- count
               (..., 0) |@@@@@                                    1
                [0, 10) |                                         0
               [10, 20) |@@@@@@@@@@@@@@@@@@@@                     4
               [20, 30) |@@@@@                                    1
               [30, 40) |                                         0
               [40, 50) |                                         0
              [50, ...) |@@@@@@@@@@                               2
        end

        """)
  }

  @Test func bucketsAtTheEnds() {
    var reporter = reporter()
    let ends = Aggregate(
      view: KTAP_VIEW_HIST, count: 2, sum: -1, least: .min, most: .max,
      buckets: [(-64, 1), (63, 1)])
    let wide = Aggregate(
      view: KTAP_VIEW_LHIST, count: 1, sum: 1, least: 1, most: 1, low: .max - 10, step: 7, steps: 2,
      buckets: [(1, 1), (2, 1)])
    reporter.feed([emit(site: 9, [.aggregate(ends)]), emit(site: 9, [.aggregate(wide)])])
    let lines = reporter.output().split(separator: "\n").map { $0.split(separator: "|")[0] }
    #expect(lines.count == 1 + 128 + 1 + 2)
    #expect(lines[1].hasSuffix(" (..., -9223372036854775807) "))
    #expect(lines[2].hasPrefix("[-9223372036854775807, -4611686018427387903) "))
    #expect(lines[65].hasSuffix("  [0, 1) "))
    #expect(lines[128].hasSuffix(" [4611686018427387904, ...) "))
    #expect(lines[130].hasSuffix("[9223372036854775804, ...) "))
    #expect(lines[131].hasSuffix(" (..., ...) "))
  }

  @Test func inTables() {
    for mode in [KTAP_TABLE_PRINT, KTAP_TABLE_HISTOGRAM] {
      var reporter = reporter()
      reporter.feed(
        table(
          mode,
          [
            ([.text("read"), .int(3)], .aggregate(Self.numbers)),
            ([.int(1)], .aggregate(Aggregate(view: KTAP_VIEW_HIST, count: 2, buckets: [(3, 2)]))),
          ]))
      reporter.feed([emit(site: 9, [.int(1)])])
      #expect(
        reporter.output() == """
          {
            ["read", 3] = count 12, avg 5, min 1, max 9
            [1] =
                     value ------------- Distribution ------------- count
                   [4, 8) |@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@ 2
          }
          1

          """)
    }
  }

  @Test func json() {
    var reporter = reporter { $0.json = true }
    reporter.feed([
      emit(site: 9, [.aggregate(Self.numbers), .aggregate(Aggregate()), .aggregate(Self.steps)])
    ])
    reporter.feed(table(KTAP_TABLE_HISTOGRAM, [([.int(1)], .aggregate(Self.numbers))]))
    #expect(
      reporter.output()
        == #"{"type":"print","ts":1500000000,"cpu":0,"values":["#
        + #"{"count":12,"sum":61,"min":1,"max":9},{"count":0,"sum":0},"#
        + #"{"count":8,"sum":90,"min":-3,"max":70,"buckets":[{"from":null,"to":0,"count":1},"#
        + #"{"from":10,"to":20,"count":4},{"from":20,"to":30,"count":1},"#
        + #"{"from":50,"to":null,"count":2}]}]}"# + "\n"
        + #"{"type":"table","ts":1500000000,"cpu":0,"entries":[{"key":[1],"value":"#
        + #"{"count":12,"sum":61,"min":1,"max":9}}],"more":false}"# + "\n")
  }

  @Test func stacks() {
    var reporter = reporter(formats: ["open"])
    let stack = Value.stack([0xffff_8000_0000_1000, 7])
    reporter.feed([
      emit(site: 9, [stack]), emit(site: 9, [.text("in"), stack, .int(2)]),
      emit(site: 9, [.stack([])]), emit([]), emit(site: 9, [.stack([7, 4096], user: true)]),
    ])
    #expect(
      reporter.output() == """
                0xffff800000001000
                vfs_read+0x7
        in
                0xffff800000001000
                vfs_read+0x7
        2

        open
                0x7
                0x1000

        """)
  }

  @Test func foldedStacks() {
    let entries: [([Value], Value)] = [
      ([.text("cat"), .stack([7, 0x1000, 8])], .int(3)), ([.stack([4096, 7])], .int(1)),
      ([.text("sh x"), .stack([])], .int(2)), ([.stack([])], .int(4)),
      ([.stack([7, 4096], user: true), .int(5)], .aggregate(Self.numbers)),
    ]
    var text = reporter(formats: ["open"])
    text.feed([emit([])])
    text.feed(table(KTAP_TABLE_FOLDED, entries))
    text.feed(table(KTAP_TABLE_FOLDED, []))
    #expect(
      text.output() == """
        open
        cat;0x8;0x1000;vfs_read 3
        vfs_read;0x1000 1
        sh x 2
        - 4
        0x1000;0x7;5 61

        """)
    var json = reporter { $0.json = true }
    json.feed(table(KTAP_TABLE_FOLDED, [([.text("sh"), .stack([7])], .int(3))]))
    #expect(
      json.output()
        == #"{"type":"table","ts":1500000000,"cpu":0,"entries":[{"key":["sh",["vfs_read+0x7"]],"#
        + #""value":3}],"more":false}"# + "\n")
  }

  @Test func stacksAsKeys() {
    var reporter = reporter()
    let entries: [([Value], Value)] = [
      ([.text("cat"), .stack([7, 8])], .int(3)), ([.stack([7])], .int(1)),
    ]
    reporter.feed(table(KTAP_TABLE_PRINT, entries))
    reporter.feed(table(KTAP_TABLE_PRINT, [([.int(1)], .stack([7])), ([.int(2)], .int(3))]))
    reporter.feed(table(KTAP_TABLE_HISTOGRAM, entries))
    #expect(
      reporter.output() == """
        {
          ["cat",
                vfs_read+0x7
                0x8
          ] = 3
          [
                vfs_read+0x7
          ] = 1
        }
        {
          [1] =
                vfs_read+0x7
          [2] = 3
        }
                   value ------------- Distribution ------------- count
                 "cat",
           vfs_read+0x7
                    0x8 |@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@           3
           vfs_read+0x7 |@@@@@@@@@@                               1

        """)
    var json = asJSON()
    json.feed(table(KTAP_TABLE_HISTOGRAM, [([.stack([7, 8])], .int(3))]))
    #expect(json.output().contains(#"{"key":[["vfs_read+0x7","0x8"]],"count":3}"#))
  }

  private func asJSON() -> Reporter<CollectingHost> { reporter { $0.json = true } }
}
