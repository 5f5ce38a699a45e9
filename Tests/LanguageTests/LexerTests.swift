// SPDX-License-Identifier: GPL-2.0-or-later
import Testing

@testable import Language

@Suite struct LexerTests {
  /// The tokens of `text` in short: names and punctuation as they are, literals as values.
  private func tokens(_ text: String) -> [String] {
    var lexer = Lexer(source: SourceText(name: "test", text: text))
    var list: [String] = []
    while true {
      let token = lexer.next()
      switch token.kind {
      case .end:
        return list + lexer.diagnostics.all.map { "\($0.severity): \($0.message)" }
      case .identifier: list.append(lexer.source.text(token.range))
      case .keyword(let keyword): list.append("K:\(keyword.rawValue)")
      case .punctuator(let punctuator): list.append(punctuator.rawValue)
      case .integer(let magnitude, _): list.append("\(magnitude)")
      case .string(let literal): list.append("S:\(literal.bytes)")
      }
    }
  }

  @Test func everyPunctuator() {
    for punctuator in Punctuator.allCases {
      #expect(tokens("a \(punctuator.rawValue) b") == ["a", punctuator.rawValue, "b"])
    }
  }

  @Test func everyKeyword() {
    for keyword in Keyword.allCases {
      #expect(tokens(keyword.rawValue) == ["K:\(keyword.rawValue)"])
      #expect(tokens(keyword.rawValue + "x") == [keyword.rawValue + "x"])
    }
  }

  @Test func longestMatch() {
    #expect(
      tokens("a<<<b<<=c<<d<=e<f") == ["a", "<<<", "b", "<<=", "c", "<<", "d", "<=", "e", "<", "f"])
    #expect(tokens("...  ..= .. .") == ["...", "..=", "..", "."])
    #expect(tokens("a&&&b|||c") == ["a", "&&", "&", "b", "||", "|", "c"])
  }

  @Test func comments() {
    #expect(tokens("a # b\n// c\nd /* e\n * / */ f /**/ g") == ["a", "d", "f", "g"])
    #expect(tokens("#!/usr/bin/ktapc\nx # größer ✓") == ["x"])
    #expect(tokens("\u{feff}x") == ["x"])
  }

  @Test(arguments: [
    ("0", "0"), ("42", "42"), ("1_000_000", "1000000"), ("0x1F", "31"), ("0Xff", "255"),
    ("0b1011", "11"), ("0x_f", "error"), ("0xdead_beef", "3735928559"),
    ("9223372036854775807", "9223372036854775807"), ("0xffffffffffffffff", "18446744073709551615"),
    ("10ns", "10"), ("100us", "100000"), ("10ms", "10000000"), ("1s", "1000000000"),
    ("0x10ms", "16000000"), ("9223372036s", "9223372036000000000"),
  ])
  func integers(_ text: String, _ expected: String) {
    let found = tokens(text)
    if expected == "error" { #expect(found.count == 2) } else { #expect(found == [expected]) }
  }

  @Test(
    arguments: [
      ("''", []), (#""\a\b\f\n\r\t\v""#, [7, 8, 12, 10, 13, 9, 11]),
      (#""\\\"\'""#, [0x5c, 0x22, 0x27]), (#"'"\x00\xfF'"#, [0x22, 0, 255]),
      (#""\0\9\65\0651\255""#, [0, 9, 65, 65, 0x31, 255]),
      ("\"é\"", [0xc3, 0xa9]), (#"[[a\n"]]"#, [0x61, 0x5c, 0x6e, 0x22]), ("[[\n\nx]]", [10, 0x78]),
      ("[[]]", []), ("[[]x]]", [0x5d, 0x78]), ("'a\tb'", [0x61, 9, 0x62]),
    ] as [(String, [UInt8])])
  func strings(_ text: String, _ expected: [UInt8]) {
    #expect(tokens(text) == ["S:\(expected)"])
  }

  @Test func stringBytesKnowTheirPlace() {
    var lexer = Lexer(source: SourceText(name: "test", text: #"  "a\x41\n\65b""#))
    guard case .string(let literal) = lexer.next().kind else {
      Issue.record("no string")
      return
    }
    #expect(literal.bytes == Array("aA\nAb".utf8))
    #expect(literal.offsets == [3, 4, 8, 10, 13, 14])
  }

  @Test func arbitraryBytesInStringsAndComments() {
    let source = SourceText(name: "test", bytes: [0x23, 0xff, 0x0a, 0x22, 0x80, 0xff, 0x22])
    var lexer = Lexer(source: source)
    let token = lexer.next()
    #expect(token.kind == .string(StringLiteral(bytes: [0x80, 0xff], offsets: [4, 5, 6])))
    #expect(token.startsLine)
    #expect(lexer.diagnostics.all.isEmpty)
  }

  @Test(arguments: [
    """
    x = 12ab
          ^^ error: unknown suffix 'ab' of a number; there are ns, us, ms, s
    """,
    """
    x = 4M
         ^ error: the suffix 'M' may stand only in a 'limit'
    """,
    """
    limit memory 4T
                  ^ error: unknown suffix 'T' of a number; there are ns, us, ms, s, K, M, G
    """,
    """
    x = 1_ + 1__0 + 0x_1
         ^ error: '_' may stand only between two digits of a number
              ^ error: '_' may stand only between two digits of a number
                      ^ error: '_' may stand only between two digits of a number
    """,
    """
    x = 0x + 0b + 0b12 + 0xg
        ^^ error: expected a digit after '0x'
             ^^ error: expected a digit after '0b'
                     ^ error: a binary number has no digit 2
                         ^^^ error: expected a digit after '0x'
    """,
    """
    x = 1.5 + 2
        ^^^ error: there are no floating-point numbers
    """,
    """
    x = 9223372036854775808 - 1
        ^^^^^^^^^^^^^^^^^^^ error: this number does not fit in 64 bits
    """,
    """
    x = 0x10000000000000000
        ^^^^^^^^^^^^^^^^^^^ error: this number does not fit in 64 bits
    """,
    """
    x = 99999999999999999999999 y = -9223372036854775809 z = 10000000000s
        ^^^^^^^^^^^^^^^^^^^^^^^ error: this number does not fit in 64 bits
                                     ^^^^^^^^^^^^^^^^^^^ error: this number does not fit in 64 bits
                                                             ^^^^^^^^^^^^ error: this number does not fit in 64 bits
    """,
    """
    x = 0644
        ^^^^ warning: a leading 0 does not make a number octal: this is 644
    """,
    #"""
    x = "abc
        ^ error: this string is not closed on its line
    y = 'a\
        ^ error: this string is not closed on its line
    """#,
    #"""
    x = "a\qb\é" .. "\x4" .. "\xg" .. "\256"
          ^^ error: unknown escape '\q'; a backslash is written '\\'
             ^^ error: unknown escape '\é'; a backslash is written '\\'
                     ^^^ error: '\x' takes two hexadecimal digits
                              ^^ error: '\x' takes two hexadecimal digits
                                       ^^^^ error: '\256' is not a byte; it may be 255 at most
    """#,
    """
    x = [[abc
        ^^ error: this string is never closed by ']]'
    def
    """,
    """
    x = 1 /* y */ /* z
                  ^^ error: this comment is never closed by '*/'
    """,
    """
    x = $y + 1 @
        ^ error: unexpected character '$'
               ^ error: unexpected character '@'
    """,
    """
    x = é1
        ^ error: unexpected character 'é'
    """,
    """
    print(“a)
          ^ error: unexpected character '“', did you mean "?
    """,
    """
    print(‘1)
          ^ error: unexpected character '‘', did you mean '?
    """,
    """
    x =\u{a0}1
       ^ error: unexpected invisible character U+A0
    """,
    """
    if (x ~= 1) {}
          ^^ error: unknown operator '~=', did you mean '!='?
    """,
  ])
  func errors(_ text: String) {
    let (found, expected) = reports(text)
    #expect(found == expected)
  }

  @Test func bytesThatAreNoCharacters() {
    let source = SourceText(name: "test", bytes: Array("x = ".utf8) + [0x80, 0xff, 0x31, 0x00])
    let found = Parser.parse(source).diagnostics.all
    #expect(found.map(\.message) == ["unexpected byte 0x80", "unexpected byte 0x00"])
    #expect(found.map(\.range) == [SourceRange(4, 6), SourceRange(7, 8)])
  }
}
