// SPDX-License-Identifier: GPL-2.0-or-later
import Testing

@testable import Language

@Suite struct DiagnosticTests {
  private func render(
    _ text: String, _ range: SourceRange, notes: [Diagnostic.Note] = [],
    fix: String? = nil, color: Bool = false
  ) -> String {
    let fixIt = fix.map { Diagnostic.FixIt(replace: range, with: $0) }
    let diagnostic = Diagnostic(.error, "wrong", at: range, notes: notes, fixIt: fixIt)
    let source = SourceText(name: "a.kp", text: text)
    return DiagnosticRenderer(source: source, color: color).render(diagnostic)
  }

  @Test func placeLineAndUnderline() {
    #expect(
      render("x = 1\n  pritnf(1)\n", SourceRange(8, 14), fix: "printf") == """
        a.kp:2:3: error: wrong
          pritnf(1)
          ^~~~~~
          printf

        """)
  }

  @Test func tabsAreExpanded() {
    #expect(
      render("\tx\ty = 1", SourceRange(3, 4)) == """
        a.kp:1:4: error: wrong
                x       y = 1
                        ^

        """)
    #expect(render("a\tb", SourceRange(1, 2)).hasSuffix("a       b\n ^~~~~~~\n"))
  }

  @Test func columnsCountCharacters() {
    #expect(
      render("'äöü' x", SourceRange(9, 10)) == """
        a.kp:1:7: error: wrong
        'äöü' x
              ^

        """)
  }

  @Test func rangeOverLinesEndsWithItsFirst() {
    #expect(render("f(\n1)", SourceRange(0, 5)).hasSuffix("f(\n^~\n"))
  }

  @Test func endOfText() {
    #expect(render("f(", SourceRange(2, 2)).hasSuffix("1:3: error: wrong\nf(\n  ^\n"))
    #expect(render("", SourceRange(0, 0)) == "a.kp:1:1: error: wrong\n\n^\n")
    #expect(render("f\r\ng", SourceRange(3, 99)).hasSuffix("2:1: error: wrong\ng\n^\n"))
  }

  @Test func notes() {
    #expect(
      render(
        "f(\ng", SourceRange(3, 4),
        notes: [Diagnostic.Note("here", at: SourceRange(1, 2)), Diagnostic.Note("somewhere")])
          == """
          a.kp:2:1: error: wrong
          g
          ^
          a.kp:1:2: note: here
          f(
           ^
          a.kp: note: somewhere

          """)
  }

  @Test func controlCharactersDoNotReachTheTerminal() {
    let text = render("\u{1b}[31m\u{202e}x", SourceRange(8, 9))
    #expect(!text.unicodeScalars.contains("\u{1b}"))
    #expect(!text.unicodeScalars.contains("\u{202e}"))
  }

  @Test func longLinesAreCut() {
    let line = String(repeating: "x", count: 1000)
    for place in [0, 500, 999] {
      let lines = render(line, SourceRange(place, place + 1)).split(separator: "\n")
      #expect(lines[1].count < 130)
      let column = lines[2].count - 1
      #expect(lines[1].dropFirst(column).first == "x")
    }
    let whole = render(line, SourceRange(0, 1000)).split(separator: "\n")
    #expect(whole[2].count <= 120)
  }

  @Test func color() {
    let text = render("x", SourceRange(0, 1), color: true)
    #expect(text.contains("\u{1b}[1;31merror: \u{1b}[0m"))
    #expect(text.contains("\u{1b}[1;32m^\u{1b}[0m"))
  }

  @Test func orderOfPlaces() {
    var diagnostics = Diagnostics()
    diagnostics.warning("second", at: SourceRange(2, 3))
    #expect(!diagnostics.hasErrors)
    diagnostics.error("first", at: SourceRange(0, 1))
    #expect(diagnostics.hasErrors)
    #expect(diagnostics.sorted.map(\.message) == ["first", "second"])
    let text = DiagnosticRenderer(source: SourceText(name: "a", text: "xyz")).render(diagnostics)
    #expect(text == "a:1:1: error: first\nxyz\n^\na:1:3: warning: second\nxyz\n  ^\n")
  }

  @Test func unknownNames() {
    var diagnostics = Diagnostics()
    diagnostics.unknown(
      "function", "pritnf", at: SourceRange(0, 6), among: ["print", "printf", "len"])
    diagnostics.unknown("function", "quux", at: SourceRange(0, 4), among: ["print", "printf"])
    #expect(
      diagnostics.all.map(\.message) == [
        "unknown function 'pritnf', did you mean 'printf'?", "unknown function 'quux'",
      ])
    #expect(diagnostics.all[0].fixIt?.replacement == "printf")
  }

  @Test(
    arguments: [
      ("pirnt", "print"), ("Printf", "printf"), ("exename", "execname"),
      ("prnt_hist", "print_hist"),
      ("PID", "pid"), ("tdi", "tid"), ("x", nil), ("ab", nil), ("completely", nil),
      ("print", "printf"),
    ] as [(String, String?)])
  func suggestions(_ name: String, _ expected: String?) {
    let known = ["pid", "tid", "cpu", "print", "printf", "print_hist", "execname", "n"]
    #expect(suggestion(for: name, among: known) == expected)
    #expect(suggestion(for: name, among: known.reversed()) == expected)
  }

  @Test func distances() {
    for (a, b, distance) in [
      ("", "", 0), ("", "abc", 3), ("abc", "abc", 0), ("abc", "acb", 1), ("abc", "abd", 1),
      ("kitten", "sitting", 3), ("ca", "abc", 3),
    ] {
      #expect(editDistance(Array(a.utf8), Array(b.utf8)) == distance)
      #expect(editDistance(Array(b.utf8), Array(a.utf8)) == distance)
    }
  }

  @Test func linesAndOffsets() {
    let source = SourceText(name: "a", text: "ab\n\ncd\r\n")
    let places = (0...8).map { source.location(at: $0) }
    #expect(places.map(\.line) == [1, 1, 1, 2, 3, 3, 3, 3, 4])
    #expect(places.map(\.column) == [1, 2, 3, 1, 1, 2, 3, 4, 1])
    #expect(source.rangeOfLine(3) == SourceRange(4, 6))
    #expect(source.rangeOfLine(4) == SourceRange(8, 8))
    #expect(source.location(at: 100) == SourceLocation(line: 4, column: 1))
    #expect(source.location(at: -1) == SourceLocation(line: 1, column: 1))
  }
}
