// SPDX-License-Identifier: GPL-2.0-or-later

/// The reserved words. `tick-…` and `profile-…` are recognised by the parser, because `tick` and
/// `profile` alone are ordinary names; so is `limit`.
enum Keyword: String, CaseIterable, Sendable {
  case trace
  case traceEnd = "trace_end"
  case `if`
  case `else`
  case elseif
  case `while`
  case `repeat`
  case until
  case `for`
  case `in`
  case `break`
  case `continue`
  case `return`
  case function
  case local
  case `var`
  case `true`
  case `false`
  case `nil`
  case and
  case or
  case not
}

/// Operators and punctuation.
enum Punctuator: String, CaseIterable, Sendable {
  case leftParenthesis = "("
  case rightParenthesis = ")"
  case leftBrace = "{"
  case rightBrace = "}"
  case leftBracket = "["
  case rightBracket = "]"
  case comma = ","
  case semicolon = ";"
  case colon = ":"
  case question = "?"
  case dot = "."
  case concatenate = ".."
  case ellipsis = "..."
  case assign = "="
  case addAssign = "+="
  case subtractAssign = "-="
  case multiplyAssign = "*="
  case divideAssign = "/="
  case moduloAssign = "%="
  case bitAndAssign = "&="
  case bitOrAssign = "|="
  case bitXorAssign = "^="
  case shiftLeftAssign = "<<="
  case shiftRightAssign = ">>="
  case concatenateAssign = "..="
  case increment = "++"
  case decrement = "--"
  case plus = "+"
  case minus = "-"
  case star = "*"
  case slash = "/"
  case percent = "%"
  case shiftLeft = "<<"
  case shiftRight = ">>"
  case aggregate = "<<<"
  case bitAnd = "&"
  case bitXor = "^"
  case bitOr = "|"
  case tilde = "~"
  case not = "!"
  case and = "&&"
  case or = "||"
  case less = "<"
  case lessOrEqual = "<="
  case greater = ">"
  case greaterOrEqual = ">="
  case equal = "=="
  case notEqual = "!="

  /// The spellings by length, the longest first, for the lexer's longest match.
  static let bySpelling: [(bytes: [UInt8], punctuator: Punctuator)] =
    allCases.map { (Array($0.rawValue.utf8), $0) }.sorted { $0.bytes.count > $1.bytes.count }
}

/// The bytes of a string literal, and where in the source each comes from.
struct StringLiteral: Equatable, Sendable {
  /// The value, escapes resolved.
  var bytes: [UInt8] = []
  /// The source offset of each byte of the value, then the offset where the contents end.
  var offsets: [Int] = []
}

struct Token: Equatable, Sendable {
  enum Kind: Equatable, Sendable {
    case identifier
    case keyword(Keyword)
    case punctuator(Punctuator)
    /// `isDecimal` literals must fit a signed integer; the others may fill all 64 bits.
    case integer(magnitude: UInt64, isDecimal: Bool)
    case string(StringLiteral)
    case end
  }

  let kind: Kind
  let range: SourceRange
  /// Whether a line feed stands between the token before and this one.
  let startsLine: Bool
}
