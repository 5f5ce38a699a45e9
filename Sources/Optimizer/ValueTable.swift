// SPDX-License-Identifier: GPL-2.0-or-later
import Bytecode
import CKtap

/// The number of a value: two registers with the same number hold the same value.
typealias Value = Int

enum Constant: Hashable {
  case null
  case boolean(Bool)
  case integer(Int64)
  /// By its index in the program's strings.
  case string(Int32)

  var kind: KindMask {
    switch self {
    case .null: .nil
    case .boolean: .boolean
    case .integer: .integer
    case .string: .string
    }
  }
}

/// What makes a value: an instruction and the values of its operands.
struct Expression: Hashable {
  var op: Opcode
  var imm: Int32
  var operands: [Value]
  /// Of the tables or the global that it reads; 0: it reads neither.
  var version = 0
}

/// All values of a function. What stands here holds wherever a value is held; where that is, only
/// the scope knows.
struct ValueTable {
  private(set) var kinds: [KindMask] = []
  private(set) var constants: [Constant?] = []
  private var known: [Constant: Value] = [:]
  private var expressions: [Expression: Value] = [:]

  /// A value that is unlike all others.
  mutating func fresh(_ mask: KindMask) -> Value {
    kinds.append(mask)
    constants.append(nil)
    return kinds.count - 1
  }

  mutating func constant(_ constant: Constant) -> Value {
    if let value = known[constant] { return value }
    let value = fresh(constant.kind)
    constants[value] = constant
    known[constant] = value
    return value
  }

  /// What an expression gave last.
  func value(of expression: Expression) -> Value? { expressions[expression] }

  /// Says what an expression gives.
  mutating func note(_ expression: Expression, is value: Value) { expressions[expression] = value }
}
