// SPDX-License-Identifier: GPL-2.0-or-later
import Bytecode
import CKtap

/// How two integers are compared.
public enum IntegerOrder: Sendable {
  case equal, notEqual, less, lessOrEqual, greater, greaterOrEqual

  /// Of a jump that compares integers, with a register or its wide operand on the right.
  init?(_ jump: Instruction) {
    switch ktap_opcode(rawValue: UInt32(jump.op.rawValue)) {
    case KTAP_OP_JEQ, KTAP_OP_JEQI: self = .equal
    case KTAP_OP_JNE, KTAP_OP_JNEI: self = .notEqual
    case KTAP_OP_JLT, KTAP_OP_JLTI: self = .less
    case KTAP_OP_JLE, KTAP_OP_JLEI: self = .lessOrEqual
    case KTAP_OP_JGTI: self = .greater
    case KTAP_OP_JGEI: self = .greaterOrEqual
    default: return nil
    }
  }

  /// Whether the two are in this order.
  public func holds(_ left: Int64, _ right: Int64) -> Bool {
    switch self {
    case .equal: left == right
    case .notEqual: left != right
    case .less: left < right
    case .lessOrEqual: left <= right
    case .greater: left > right
    case .greaterOrEqual: left >= right
    }
  }

  /// What holds where this does not.
  public var negated: IntegerOrder {
    switch self {
    case .equal: .notEqual
    case .notEqual: .equal
    case .less: .greaterOrEqual
    case .lessOrEqual: .greater
    case .greater: .lessOrEqual
    case .greaterOrEqual: .less
    }
  }

  /// The same with the operands in the other order.
  public var swapped: IntegerOrder {
    switch self {
    case .equal, .notEqual: self
    case .less: .greater
    case .lessOrEqual: .greaterOrEqual
    case .greater: .less
    case .greaterOrEqual: .lessOrEqual
    }
  }

  /// The jump that compares a register with a small constant.
  public var immediateJump: ktap_opcode {
    switch self {
    case .equal: KTAP_OP_JEQI
    case .notEqual: KTAP_OP_JNEI
    case .less: KTAP_OP_JLTI
    case .lessOrEqual: KTAP_OP_JLEI
    case .greater: KTAP_OP_JGTI
    case .greaterOrEqual: KTAP_OP_JGEI
    }
  }
}
