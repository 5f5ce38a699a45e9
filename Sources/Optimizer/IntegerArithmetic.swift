// SPDX-License-Identifier: GPL-2.0-or-later
import Bytecode
import CKtap

/// The operations of two integers, as the virtual machine has them: the numbers are those of
/// `enum ktap_arithmetic`.
public enum IntegerArithmetic: Int32, CaseIterable, Sendable {
  case add, subtract, multiply, divide, modulo, and, or, xor, shiftLeft, shiftRight

  /// The instruction for two integer registers.
  public var opcode: ktap_opcode {
    switch self {
    case .add: KTAP_OP_ADD
    case .subtract: KTAP_OP_SUB
    case .multiply: KTAP_OP_MUL
    case .divide: KTAP_OP_DIV
    case .modulo: KTAP_OP_MOD
    case .and: KTAP_OP_AND
    case .or: KTAP_OP_OR
    case .xor: KTAP_OP_XOR
    case .shiftLeft: KTAP_OP_SHL
    case .shiftRight: KTAP_OP_SHR
    }
  }

  /// The instruction for a register and an immediate; subtraction is addition of the negative.
  var immediateOpcode: ktap_opcode? {
    switch self {
    case .add: KTAP_OP_ADDI
    case .subtract: nil
    case .multiply: KTAP_OP_MULI
    case .divide: KTAP_OP_DIVI
    case .modulo: KTAP_OP_MODI
    case .and: KTAP_OP_ANDI
    case .or: KTAP_OP_ORI
    case .xor: KTAP_OP_XORI
    case .shiftLeft: KTAP_OP_SHLI
    case .shiftRight: KTAP_OP_SHRI
    }
  }

  /// The instruction with `right` as its immediate, where there is one and it has room.
  public func immediateForm(_ right: Int64) -> (op: ktap_opcode, value: Int32)? {
    var kind = self
    var number = right
    switch self {
    case .subtract:
      guard right != .min else { return nil }
      kind = .add
      number = -right
    case .shiftLeft, .shiftRight: number = right & 63
    case .divide, .modulo: if right == 0 { return nil }
    default: break
    }
    guard let op = kind.immediateOpcode, let value = Int32(exactly: number) else { return nil }
    return (op, value)
  }

  /// Whether the operands may change places.
  public var isCommutative: Bool {
    switch self {
    case .add, .multiply, .and, .or, .xor: true
    default: false
    }
  }

  /// What the machine computes, or nil where it stops with an error.
  public func apply(_ left: Int64, _ right: Int64) -> Int64? {
    switch self {
    case .add: left &+ right
    case .subtract: left &- right
    case .multiply: left &* right
    case .divide: right == 0 ? nil : left.dividedReportingOverflow(by: right).partialValue
    case .modulo: right == 0 ? nil : right == -1 ? 0 : left % right
    case .and: left & right
    case .or: left | right
    case .xor: left ^ right
    case .shiftLeft: left << (right & 63)
    case .shiftRight: left >> (right & 63)
    }
  }

  /// Whether the right operand leaves the left one as it is.
  func isNeutral(_ right: Int64) -> Bool {
    switch self {
    case .add, .subtract, .or, .xor, .shiftLeft, .shiftRight: right == 0
    case .multiply, .divide: right == 1
    case .and: right == -1
    case .modulo: false
    }
  }
}
