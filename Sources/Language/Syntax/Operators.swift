// SPDX-License-Identifier: GPL-2.0-or-later

/// The operators of two operands. The raw value is the canonical spelling.
public enum BinaryOperator: String, CaseIterable, Hashable, Sendable {
  case multiply = "*"
  case divide = "/"
  case modulo = "%"
  case add = "+"
  case subtract = "-"
  case shiftLeft = "<<"
  case shiftRight = ">>"
  case bitAnd = "&"
  case bitXor = "^"
  case bitOr = "|"
  case concatenate = ".."
  case less = "<"
  case lessOrEqual = "<="
  case greater = ">"
  case greaterOrEqual = ">="
  case equal = "=="
  case notEqual = "!="
  /// Evaluates its right operand only when the left one is true. Gives one of its operands.
  case and = "&&"
  /// Evaluates its right operand only when the left one is false. Gives one of its operands.
  case or = "||"

  /// The strength of binding: a greater number binds tighter.
  public var precedence: Int {
    switch self {
    case .multiply, .divide, .modulo: 11
    case .add, .subtract: 10
    case .shiftLeft, .shiftRight: 9
    case .bitAnd: 8
    case .bitXor: 7
    case .bitOr: 6
    case .concatenate: 5
    case .less, .lessOrEqual, .greater, .greaterOrEqual: 4
    case .equal, .notEqual: 3
    case .and: 2
    case .or: 1
    }
  }

  /// Whether `a op b op c` means `a op (b op c)`.
  public var isRightAssociative: Bool { self == .concatenate }
}

/// The operators of one operand; all bind tighter than every binary operator.
public enum UnaryOperator: String, CaseIterable, Hashable, Sendable {
  case negate = "-"
  case not = "!"
  case complement = "~"
}
