// SPDX-License-Identifier: GPL-2.0-or-later

/// What the suffix of an integer multiplies it by.
enum IntegerSuffix {
  /// To nanoseconds.
  static let times: [(name: String, factor: UInt64)] = [
    ("ns", 1), ("us", 1_000), ("ms", 1_000_000), ("s", 1_000_000_000),
  ]
  /// To bytes, in a `limit`.
  static let sizes: [(name: String, factor: UInt64)] = [
    ("K", 1 << 10), ("M", 1 << 20), ("G", 1 << 30),
  ]
}

extension Lexer {
  /// Lexes an integer; the value is 0 after an error.
  mutating func lexNumber() -> Token.Kind {
    let start = position
    let radix = lexRadix()
    let digits = position
    var magnitude: UInt64 = 0
    var overflows = false
    var misplaced: Int?  // the offset of an underscore that is not between digits
    while let next = byte() {
      if next == UInt8(ascii: "_") {
        let after = byte(1).flatMap(digitValue) ?? 99
        if position == digits || after >= radix { misplaced = misplaced ?? position }
      } else if let digit = digitValue(next), digit < (radix == 2 ? 10 : radix) {
        if digit >= radix { return fail("a binary number has no digit \(digit)", from: position) }
        let (product, high) = magnitude.multipliedReportingOverflow(by: radix)
        let (sum, carry) = product.addingReportingOverflow(digit)
        overflows = overflows || high || carry
        magnitude = sum
      } else {
        break
      }
      position += 1
    }
    if position == digits {
      return fail(
        "expected a digit after '\(source.text(SourceRange(start, digits)))'", from: start)
    }
    if let misplaced {
      skipWord()
      diagnostics.error(
        "'_' may stand only between two digits of a number",
        at: SourceRange(misplaced, misplaced + 1))
      return .integer(magnitude: 0, isDecimal: true)
    }
    if byte() == UInt8(ascii: "."), let next = byte(1), isDigit(next) {
      position += 1
      return fail("there are no floating-point numbers", from: start)
    }
    let digitsEnd = position
    skipWord()
    let suffix = SourceRange(digitsEnd, position)
    guard let factor = self.factor(of: suffix) else {
      return .integer(magnitude: 0, isDecimal: true)
    }
    let (value, high) = magnitude.multipliedReportingOverflow(by: factor)
    let isDecimal = radix == 10 || suffix.start < suffix.end
    // The one decimal above Int64.max that may stand is that of the smallest integer's.
    let most: UInt64 = isDecimal ? 1 << 63 : .max
    if overflows || high || value > most {
      return fail("this number does not fit in 64 bits", from: start)
    }
    if radix == 10 && digitsEnd - start > 1 && bytes[start] == UInt8(ascii: "0") {
      diagnostics.warning(
        "a leading 0 does not make a number octal: this is \(magnitude)",
        at: SourceRange(start, digitsEnd))
    }
    return .integer(magnitude: value, isDecimal: isDecimal)
  }

  /// Skips a prefix `0x` or `0b` and returns the base.
  private mutating func lexRadix() -> UInt64 {
    guard byte() == UInt8(ascii: "0"), let letter = byte(1) else { return 10 }
    switch letter | 0x20 {
    case UInt8(ascii: "x"):
      position += 2
      return 16
    case UInt8(ascii: "b"):
      position += 2
      return 2
    default:
      return 10
    }
  }

  private mutating func skipWord() {
    while let next = byte(), isIdentifierPart(next) { position += 1 }
  }

  private mutating func fail(_ message: String, from start: Int) -> Token.Kind {
    skipWord()
    diagnostics.error(message, at: SourceRange(start, max(position, start + 1)))
    return .integer(magnitude: 0, isDecimal: true)
  }

  /// The factor of a number's suffix: 1 without one, nil (reported) for an unknown one.
  private mutating func factor(of range: SourceRange) -> UInt64? {
    if range.start == range.end { return 1 }
    let text = source.text(range)
    if let time = IntegerSuffix.times.first(where: { $0.name == text }) { return time.factor }
    if let size = IntegerSuffix.sizes.first(where: { $0.name == text.uppercased() }) {
      if allowsSizes { return size.factor }
      diagnostics.error("the suffix '\(text)' may stand only in a 'limit'", at: range)
      return nil
    }
    let known = (IntegerSuffix.times + (allowsSizes ? IntegerSuffix.sizes : [])).map(\.name)
    diagnostics.error(
      "unknown suffix '\(text)' of a number; there are \(known.joined(separator: ", "))",
      at: range)
    return nil
  }
}
