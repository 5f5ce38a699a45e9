// SPDX-License-Identifier: GPL-2.0-or-later

extension Lexer {
  /// Lexes a string in single or double quotes; reports bad escapes and goes on behind them.
  mutating func lexQuotedString() -> StringLiteral {
    let start = position
    let quote = bytes[start]
    var literal = StringLiteral()
    position += 1
    while let next = byte(), next != UInt8(ascii: "\n") {
      if next == quote {
        literal.offsets.append(position)
        position += 1
        return literal
      }
      let offset = position
      position += 1
      var value: UInt8? = next
      if next == UInt8(ascii: "\\") { value = lexEscape(from: offset) }
      if let value {
        literal.bytes.append(value)
        literal.offsets.append(offset)
      }
    }
    literal.offsets.append(position)
    diagnostics.error(
      "this string is not closed on its line", at: SourceRange(start, start + 1))
    return literal
  }

  /// Resolves what follows a backslash at `start`; nil when it was reported.
  private mutating func lexEscape(from start: Int) -> UInt8? {
    guard let letter = byte(), letter != UInt8(ascii: "\n") else { return nil }
    switch letter {
    case UInt8(ascii: "x"): return lexHexEscape(from: start)
    case UInt8(ascii: "0")...UInt8(ascii: "9"): return lexDecimalEscape(from: start)
    default: break
    }
    position += 1
    switch letter {
    case UInt8(ascii: "a"): return 7
    case UInt8(ascii: "b"): return 8
    case UInt8(ascii: "f"): return 12
    case UInt8(ascii: "n"): return 10
    case UInt8(ascii: "r"): return 13
    case UInt8(ascii: "t"): return 9
    case UInt8(ascii: "v"): return 11
    case UInt8(ascii: "\\"), UInt8(ascii: "\""), UInt8(ascii: "'"): return letter
    default: break
    }
    while let next = byte(), next & 0xc0 == 0x80 { position += 1 }
    let range = SourceRange(start, position)
    diagnostics.error(
      "unknown escape '\(source.text(range))'; a backslash is written '\\\\'", at: range,
      fixIt: Diagnostic.FixIt(replace: range, with: "\\" + source.text(range)))
    return nil
  }

  private mutating func lexHexEscape(from start: Int) -> UInt8? {
    position += 1
    var value: UInt64 = 0
    for _ in 0..<2 {
      guard let digit = byte().flatMap(digitValue) else {
        diagnostics.error(
          "'\\x' takes two hexadecimal digits", at: SourceRange(start, position))
        return nil
      }
      value = value * 16 + digit
      position += 1
    }
    return UInt8(value)
  }

  private mutating func lexDecimalEscape(from start: Int) -> UInt8? {
    var value = 0
    var count = 0
    while count < 3, let next = byte(), isDigit(next) {
      value = value * 10 + Int(next - UInt8(ascii: "0"))
      position += 1
      count += 1
    }
    guard value <= 255 else {
      diagnostics.error(
        "'\\\(value)' is not a byte; it may be 255 at most", at: SourceRange(start, position))
      return nil
    }
    return UInt8(value)
  }

  /// Lexes `[[…]]`: no escapes, may span lines; a line feed right behind `[[` is left out.
  mutating func lexRawString() -> StringLiteral {
    let start = position
    var literal = StringLiteral()
    position += 2
    if byte() == UInt8(ascii: "\r") && byte(1) == UInt8(ascii: "\n") { position += 1 }
    if byte() == UInt8(ascii: "\n") { position += 1 }
    while let next = byte() {
      if next == UInt8(ascii: "]") && byte(1) == UInt8(ascii: "]") {
        literal.offsets.append(position)
        position += 2
        return literal
      }
      literal.bytes.append(next)
      literal.offsets.append(position)
      position += 1
    }
    literal.offsets.append(position)
    diagnostics.error(
      "this string is never closed by ']]'", at: SourceRange(start, start + 2))
    return literal
  }
}
