// SPDX-License-Identifier: GPL-2.0-or-later
import Testing

@testable import Language

/// Messages about scripts that are too long or deep to be kept in files. The markers are those of
/// `PlacedMessage`.
@Suite struct LongScriptPlacesTests {
  private func check(
    _ script: String, _ options: CompileOptions = CompileOptions(),
    sourceLocation: Testing.SourceLocation = #_sourceLocation
  ) {
    let source = SourceText(name: "long.kp", text: script)
    let found = PlacedMessage.reported(source, options).filter(\.isFinding).sorted()
    let expected = PlacedMessage.markers(script)
    let isSame =
      found.count == expected.count
      && zip(found, expected).allSatisfy { found, marker in
        found.line == marker.line && found.column == marker.column && found.text == marker.text
          && (marker.width == nil || found.width == marker.width)
      }
    #expect(
      isSame, "found \(found.prefix(5))\nexpected \(expected)", sourceLocation: sourceLocation)
  }

  private func times(_ count: Int, _ text: String) -> String {
    String(repeating: text, count: count)
  }

  /// A marker line whose carets begin below `column`, from 1.
  private func marker(_ column: Int, _ text: String) -> String {
    "#" + times(column - 2, " ") + text
  }

  @Test func depth() {
    check(
      """
      x = \(times(250, "("))1\(times(250, ")"))
      \(marker(205, "^ error: this is nested more than 200 levels deep"))
      """)
    check(
      """
      trace a:b /\(times(101, "!"))x == 1/ {}
      \(marker(113, "^ error: this filter is nested more than 100 levels deep"))
      trace a:b /\(times(200, "x==1&&"))x==1/ {}
      \(marker(1212, "^ error: this filter has more than 200 comparisons"))
      """)
  }

  @Test func expressions() {
    check(
      """
      print(pid\(times(500, ".y")))
      \(marker(7, "^ error: this expression is too long; split it into several statements"))
      """)
    check(
      """
      print(\(times(33, "1, "))2)
      \(marker(103, "^ error: 'print' takes 32 values at most"))
      printf("\(times(33, "%d"))", 1\(times(32, ", 1")))
      \(marker(174, "^ error: 'printf' takes 32 values at most"))
      function f(...) { return ... }
      f(\(times(32, "1, "))2)
      \(marker(99, "^ error: a call takes 32 values at most"))
      """)
  }

  @Test func manyErrors() {
    let text = times(120, "x = =\n")
    let found = PlacedMessage.reported(SourceText(name: "long.kp", text: text)).filter(\.isFinding)
    #expect(found.count == 101)
    check(
      times(99, "x = =\n#   ^ error: expected an expression, found '='; is '==' meant?\n")
        + "x = =\n#   ^ error: expected an expression, found '='; is '==' meant?\n"
        + "  y = =\n# ^ error: too many errors; the rest is not checked\n")
  }

  @Test func names() {
    let field = times(256, "a")
    check(
      """
      trace sched:sched_switch { print(args.\(field)) }
      \(marker(34, "^ error: the name of a field has 255 bytes at most"))
      """)
    var options = CompileOptions()
    options.name = "a b"
    check(
      "print(1)\n#^^ error: a bundle's name has 1 to 64 letters, digits, '.', '_', '-'", options)
  }

  @Test func registers() {
    let locals = (0..<250).map { "local v\($0) = pid\n" }.joined()
    let uses = (0..<250).map { "v\($0)" }
    let sum = uses.joined(separator: " + ")
    check(
      """
      local v0 = pid
      #^^ error: top-level code has too many locals (at most 240 registers): make some global, or move parts into functions
      \(locals.dropFirst("local v0 = pid\n".count))print(\(sum))
      """)
    check(
      """
      function many() {
      \(marker(10, "^^^^ error: 'many' needs more than 240 registers: split it"))
      \(locals)return \(sum)
      }
      print(many())
      """)
  }

  @Test func parameters() {
    let names = (0..<17).map { "p\($0)" }
    check(
      """
      function f(\(names.joined(separator: ", "))) { return p0 }
      \(marker(82, "^^^ error: a function can have 16 parameters"))
      f()
      """)
    check(
      """
      function g() {
        local outer = 1
        local function inner(\(names.dropLast().joined(separator: ", "))) {
      \(marker(18, "^^^^^ error: a function that uses outer locals can have 15 parameters"))
          outer += 1
          return outer
        }
        return inner
      }
      g()
      """)
  }

  @Test func counts() {
    let functions = (0..<1024).map { "function f\($0)() { }\n" }.joined()
    check(
      functions.replacing(
        "function f1023() { }\n",
        with: "function f1023() { }\n"
          + "\(marker(10, "^^^^^ error: the script has 1025 functions and handlers, but a program can have 1024"))\n"
      )
        + (0..<1024).map { "f\($0)()\n" }.joined())
    let globals = (0..<1025).map { "g\($0) = \($0)\n" }.joined()
    check(
      globals + "#^^ error: the script has 1025 globals, but a program can have 1024\nprint(g0)")
    let probes = times(255, "trace a:b { print(1) }\n")
    check(
      probes + "trace a:b { print(2) }\n"
        + "\(marker(7, "^^^ error: the script has 257 probes, but a program can have 256"))")
  }

  @Test func strings() {
    check(
      """
      local short = "x"
      if (short == "\(times(300, "a"))") print(short)
      \(marker(14, "^ error: a string constant has 300 bytes, but the limit is 255: set 'limit string'"))
      """)
  }

  @Test func strangeBytes() {
    let script = "x = \u{1}1\n#   ^ error: unexpected byte 0x01\n"
    check(script)
    var bytes = Array("x = 1 ?\n#     ^ error: unexpected byte 0xff\n".utf8)
    bytes[6] = 0xff
    let source = SourceText(name: "long.kp", bytes: bytes)
    let found = PlacedMessage.reported(source).first
    #expect(found?.text == "error: unexpected byte 0xff" && found?.column == 7)
  }
}
