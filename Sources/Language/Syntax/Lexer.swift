// SPDX-License-Identifier: GPL-2.0-or-later

/// Splits a script into tokens, one at a time, so that the parser can take over where an event
/// or a filter follows, which have a syntax of their own. A copy of the lexer looks ahead.
struct Lexer: Sendable {
  /// The findings after which the rest is given up.
  static let maximumErrors = 100

  let source: SourceText
  /// Where the next token is looked for.
  var position = 0
  /// Whether integers may end in K, M or G, as they may in a `limit`.
  var allowsSizes = false
  var diagnostics = Diagnostics()

  var bytes: [UInt8] { source.bytes }

  init(source: SourceText) {
    self.source = source
    if bytes.starts(with: [0xef, 0xbb, 0xbf]) { position = 3 }  // a byte order mark
    if byte(0) == UInt8(ascii: "#") && byte(1) == UInt8(ascii: "!") { skipLine() }
  }

  /// The byte `distance` after the position, or nil behind the end.
  func byte(_ distance: Int = 0) -> UInt8? {
    let offset = position + distance
    return offset < bytes.count ? bytes[offset] : nil
  }

  /// Skips what cannot begin a token with an error, so that it never fails.
  mutating func next() -> Token {
    var startsLine = false
    while true {
      if skipTrivia() { startsLine = true }
      let start = position
      guard let first = byte() else {
        return Token(kind: .end, range: SourceRange(start, start), startsLine: startsLine)
      }
      if let kind = lex(first) {
        return Token(kind: kind, range: SourceRange(start, position), startsLine: startsLine)
      }
      if diagnostics.all.count >= Self.maximumErrors { position = bytes.count }
    }
  }

  private mutating func lex(_ first: UInt8) -> Token.Kind? {
    if isIdentifierStart(first) { return lexWord() }
    if isDigit(first) { return lexNumber() }
    if first == UInt8(ascii: "\"") || first == UInt8(ascii: "'") {
      return .string(lexQuotedString())
    }
    if first == UInt8(ascii: "[") && byte(1) == UInt8(ascii: "[") {
      return .string(lexRawString())
    }
    for (spelling, punctuator) in Punctuator.bySpelling
    where first == spelling[0] && bytes[position...].starts(with: spelling) {
      position += spelling.count
      if punctuator == .tilde && byte() == UInt8(ascii: "=") { return lexLuaNotEqual() }
      return .punctuator(punctuator)
    }
    reportUnexpectedCharacter()
    return nil
  }

  private mutating func lexWord() -> Token.Kind {
    let start = position
    while let next = byte(), isIdentifierPart(next) { position += 1 }
    let word = source.text(SourceRange(start, position))
    return Keyword(rawValue: word).map(Token.Kind.keyword) ?? .identifier
  }

  /// `~=` means "not equal" in Lua and nothing here.
  private mutating func lexLuaNotEqual() -> Token.Kind {
    position += 1
    let range = SourceRange(position - 2, position)
    diagnostics.error(
      "unknown operator '~=', did you mean '!='?", at: range,
      fixIt: Diagnostic.FixIt(replace: range, with: "!="))
    return .punctuator(.notEqual)
  }

  // MARK: - White space and comments

  /// Skips white space and comments; returns whether a line feed was among them.
  @discardableResult
  mutating func skipTrivia() -> Bool {
    var sawLineFeed = false
    while let next = byte() {
      switch next {
      case UInt8(ascii: "\n"):
        sawLineFeed = true
        position += 1
      case UInt8(ascii: " "), UInt8(ascii: "\t"), UInt8(ascii: "\r"), 0x0b, 0x0c:
        position += 1
      case UInt8(ascii: "#"):
        skipLine()
      case UInt8(ascii: "/") where byte(1) == UInt8(ascii: "/"):
        skipLine()
      case UInt8(ascii: "/") where byte(1) == UInt8(ascii: "*"):
        if skipBlockComment() { sawLineFeed = true }
      default:
        return sawLineFeed
      }
    }
    return sawLineFeed
  }

  private mutating func skipLine() {
    while let next = byte(), next != UInt8(ascii: "\n") { position += 1 }
  }

  private mutating func skipBlockComment() -> Bool {
    let start = position
    var sawLineFeed = false
    position += 2
    while let next = byte() {
      if next == UInt8(ascii: "*") && byte(1) == UInt8(ascii: "/") {
        position += 2
        return sawLineFeed
      }
      if next == UInt8(ascii: "\n") { sawLineFeed = true }
      position += 1
    }
    diagnostics.error("this comment is never closed by '*/'", at: SourceRange(start, start + 2))
    return sawLineFeed
  }

  // MARK: - Characters that begin no token

  /// Reports a run of bytes that cannot begin a token as one error and skips it.
  private mutating func reportUnexpectedCharacter() {
    let start = position
    if let next = byte(), next >= 0x80 {
      while let next = byte(), next >= 0x80 { position += 1 }
    } else {
      position += 1
    }
    let range = SourceRange(start, position)
    guard let scalar = source.characters(range).first, scalar != "\u{fffd}" else {
      diagnostics.error("unexpected byte \(hex(bytes[start]))", at: range)
      return
    }
    switch scalar {
    case "\u{201c}", "\u{201d}", "\u{201e}", "\u{2018}", "\u{2019}":
      let quote = scalar.value >= 0x201c ? "\"" : "'"
      diagnostics.error(
        "unexpected character '\(scalar)', did you mean \(quote)?",
        at: SourceRange(start, start + 3),
        fixIt: Diagnostic.FixIt(replace: SourceRange(start, start + 3), with: quote))
    case _ where scalar.value < 0x20 || (0x7f..<0xa0).contains(scalar.value):
      diagnostics.error("unexpected byte \(hex(bytes[start]))", at: range)
    case "@", "$":
      diagnostics.error(
        "unexpected character '\(scalar)'", at: range,
        notes: [
          Diagnostic.Note(
            scalar == "@" || !(byte().map(isDigit) ?? false)
              ? "names are written without it" : "the script's arguments are arg[0], arg[1], …")
        ],
        fixIt: Diagnostic.FixIt(replace: range, with: ""))
    case "\u{a0}", "\u{2000}"..."\u{200f}", "\u{feff}":
      let code = String(scalar.value, radix: 16, uppercase: true)
      diagnostics.error("unexpected invisible character U+\(code)", at: range)
    default:
      diagnostics.error("unexpected character '\(scalar)'", at: range)
    }
  }
}

func isDigit(_ byte: UInt8) -> Bool {
  byte >= UInt8(ascii: "0") && byte <= UInt8(ascii: "9")
}

func isIdentifierStart(_ byte: UInt8) -> Bool {
  let lower = byte | 0x20
  return (lower >= UInt8(ascii: "a") && lower <= UInt8(ascii: "z")) || byte == UInt8(ascii: "_")
}

func isIdentifierPart(_ byte: UInt8) -> Bool {
  isIdentifierStart(byte) || isDigit(byte)
}

/// The value of a digit in bases up to 16, or nil.
func digitValue(_ byte: UInt8) -> UInt64? {
  switch byte {
  case UInt8(ascii: "0")...UInt8(ascii: "9"): UInt64(byte - UInt8(ascii: "0"))
  case UInt8(ascii: "a")...UInt8(ascii: "f"): UInt64(byte - UInt8(ascii: "a")) + 10
  case UInt8(ascii: "A")...UInt8(ascii: "F"): UInt64(byte - UInt8(ascii: "A")) + 10
  default: nil
  }
}

/// A byte as `0x` and two digits.
func hex(_ byte: UInt8) -> String {
  "0x" + (byte < 16 ? "0" : "") + String(byte, radix: 16)
}
