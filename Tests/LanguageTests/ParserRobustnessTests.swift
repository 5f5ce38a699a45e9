// SPDX-License-Identifier: GPL-2.0-or-later
import Testing

@testable import Language

/// A small generator of reproducible pseudo-random numbers (xorshift).
private struct Generator: RandomNumberGenerator {
  var state: UInt64

  mutating func next() -> UInt64 {
    state ^= state << 13
    state ^= state >> 7
    state ^= state << 17
    return state
  }
}

@Suite struct ParserRobustnessTests {
  private static let script = #"""
    #!/usr/bin/env ktapc
    limit memory 4M   # a comment
    local n, t = 0, {1, 2; k = "v\n\x41\065", [3 + 4] = {}, [a, b] = [[raw]]}
    function f(a, b, ...) { return a ? b : -a .. "x", ... }
    trace "syscalls:sys_enter_* /common_pid != 1 && (comm ~ \"a*\" || !(x & 0x10))/" function (e) {
      n += 1; t[execname, pid] <<< e.field(1)
      if (n > 10ms and not x) { exit(0) } elseif (n == 0b11) f() else { print(n) }
    }
    trace probe:/bin/sh:main%return, perf:cpu@1 a=%di b=+4($stack):u8 /x == 1/ { n[probename]++ }
    trace sdt:/a:b:c handler
    for (i = 1, 10, 2) { for (k, v in pairs(t)) { continue } }
    for (i = 0; i < n; i += 1) { while (true) { break } repeat { t[i].x.y = nil } until (1) }
    tick-1s { print(1 << 2 >> 3 & 4 ^ 5 | 6 < 7 == 8 || 9 * 10 % 11 / 12) } profile-99hz f
    trace_end { /* done */ print_hist(n) }
    """#

  /// Parses, and checks what must hold for whatever bytes.
  private func check(_ bytes: [UInt8]) -> Bool {
    let source = SourceText(name: "test", bytes: bytes)
    let (script, diagnostics) = Parser.parse(source)
    let renderer = DiagnosticRenderer(source: source)
    var isSound = diagnostics.all.count <= Lexer.maximumErrors + 2
    for found in diagnostics.all.prefix(3) {
      isSound = isSound && found.range.start >= 0 && found.range.end <= bytes.count
      isSound = isSound && !renderer.render(found).isEmpty
    }
    for statement in script.statements {
      isSound = isSound && statement.range.start >= 0 && statement.range.end <= bytes.count
    }
    return isSound && (!Dump.script(script).isEmpty || script.statements.isEmpty)
  }

  @Test func theScriptItselfHasNoErrors() {
    let source = SourceText(name: "test", text: Self.script)
    let (script, diagnostics) = Parser.parse(source)
    #expect(DiagnosticRenderer(source: source).render(diagnostics) == "")
    #expect(script.statements.count == 11)
  }

  @Test func mutatedScripts() {
    var random = Generator(state: 0x9e37_79b9_7f4a_7c15)
    let original = Array(Self.script.utf8)
    let pieces = [
      "{", "}", "(", ")", "[", "]", "[[", "\"", "'", "/", "/*", "trace ", "function ", "\n",
    ]
    .map { Array($0.utf8) }
    for _ in 0..<1000 {
      var bytes = original
      for _ in 0..<Int.random(in: 1...6, using: &random) {
        let place = Int.random(in: 0..<bytes.count, using: &random)
        let length = min(Int.random(in: 1...20, using: &random), bytes.count - place)
        switch Int.random(in: 0..<5, using: &random) {
        case 0: bytes[place] = UInt8.random(in: 0...255, using: &random)
        case 1: bytes.removeSubrange(place..<(place + length))
        case 2: bytes.insert(contentsOf: pieces.randomElement(using: &random) ?? [], at: place)
        case 3: bytes.insert(contentsOf: bytes[place..<(place + length)], at: place / 2)
        default: bytes.removeSubrange(place...)
        }
        if bytes.isEmpty { break }
      }
      let isSound = check(bytes)
      #expect(isSound, "failed for \(String(decoding: bytes, as: UTF8.self))")
    }
  }

  @Test func randomBytes() {
    var random = Generator(state: 42)
    for length in 0..<400 {
      let bytes = (0..<length).map { _ in UInt8.random(in: 0...255, using: &random) }
      let isSound = check(bytes)
      #expect(isSound, "failed for \(String(decoding: bytes, as: UTF8.self))")
    }
  }

  @Test func everyPrefix() {
    let bytes = Array(Self.script.utf8)
    for length in 0...bytes.count { #expect(check(Array(bytes[..<length]))) }
  }

  @Test(arguments: [
    "(", "[", "{", "x = {", "f(", "t[", "-", "!", "not ", "x = function () {", "x ? ", "1 ? 2 : ",
    "if (x) ", "if (x) {", "while (x) ", "repeat ", "for (;;) ", "else ", "a .. ", "x = a .. ",
    "trace a:b {", "trace a:b /(", "trace a:b /!", "function f() {", "x = {[", "x = y[", "x = (",
    "x = a || b && c == d < e .. f | g ^ h & i << j + k * -(", "return ", "trace \"", "tick-1s {",
    "x = f(", "local x = {", "trace ", "a, ", "trace a:b, ", "[[", "/*", "if (x) {} else ",
  ])
  func endlessRepetition(_ piece: String) {
    for count in [199, 250, 5_000] {
      #expect(check(Array(String(repeating: piece, count: count).utf8)))
      #expect(check(Array(("x = " + String(repeating: piece, count: count)).utf8)))
    }
  }

  @Test func deepNestingIsOneError() {
    for (open, close) in [
      ("(", ")"), ("{", "}"), ("f(", ")"), ("- ", ""), ("function () { x = ", "}"),
    ] {
      let depth = 100_000
      let text =
        "x = " + String(repeating: open, count: depth) + "1"
        + String(repeating: close, count: depth)
      let found = Parser.parse(SourceText(name: "test", text: text)).diagnostics.all
      #expect(found.map(\.message) == ["this is nested more than 200 levels deep"])
    }
  }

  @Test func nestingWithinTheBoundIsFine() {
    for (open, close) in [("(", ")"), ("{", "}"), ("f(", ")"), ("- ", "")] {
      let text =
        "x = " + String(repeating: open, count: 190) + "y" + String(repeating: close, count: 190)
      #expect(Parser.parse(SourceText(name: "test", text: text)).diagnostics.all.isEmpty)
    }
  }

  @Test func longChains() {
    func messages(_ text: String) -> [String] {
      Parser.parse(SourceText(name: "test", text: text)).diagnostics.all.map(\.message)
    }
    let tooLong = ["this expression is too long; split it into several statements"]
    for link in [" + y", ".y", "[1]", "()"] {
      #expect(messages("x = y" + String(repeating: link, count: 400)) == [])
      #expect(messages("x = y" + String(repeating: link, count: 600)) == tooLong)
    }
    // Height adds up through function bodies, which nest only a little.
    let sum = String(repeating: "y + ", count: 300)
    #expect(messages("x = " + sum + "(function () { x = " + sum + "y })") == [])
    let chain = String(repeating: " + y", count: 300)
    #expect(
      messages("x = (function () { x = y" + chain + " })" + chain) == tooLong)
    #expect(messages("x = {" + String(repeating: "1, ", count: 100_000) + "}") == [])
    #expect(messages(String(repeating: "if (x) {} else ", count: 50_000) + "{}") == [])
  }

  @Test func bigFilters() {
    let many = String(repeating: "x == 1 && ", count: 10_000)
    let found = Parser.parse(SourceText(name: "test", text: "trace a:b /\(many)x == 1/ {}"))
    #expect(found.diagnostics.all.map(\.message) == ["this filter has more than 200 comparisons"])
    let deep = String(repeating: "!", count: 10_000)
    let nested = Parser.parse(SourceText(name: "test", text: "trace a:b /\(deep)x == 1/ {}"))
    #expect(
      nested.diagnostics.all.map(\.message) == ["this filter is nested more than 100 levels deep"])
  }
}
