// SPDX-License-Identifier: GPL-2.0-or-later
import Bytecode
import CKtap

extension FunctionGenerator {
  func generic(
    _ op: Arithmetic, _ left: Register, _ right: Register, into dest: Register, _ range: SourceRange
  ) {
    at(range)
    typed(dest, .integer) {
      code.emit(KTAP_OP_ARITH, a: $0, b: left, c: right, imm: op.rawValue)
    }
  }

  func arithmetic(
    _ op: Arithmetic, _ left: Expr, _ right: Expr, into dest: Register, _ range: SourceRange
  ) {
    if left.mask == .integer, right.mask == .integer {
      if case .integer(let value) = right.op, let immediate = immediateForm(op, value) {
        let source = operand(left, scratch: dest)
        at(range)
        typed(dest, .integer) { code.emit(immediate.op, a: $0, b: source, imm: immediate.value) }
        return
      }
      if case .integer(let value) = left.op, op.isCommutative,
        let immediate = immediateForm(op, value)
      {
        let source = operand(right, scratch: dest)
        at(range)
        typed(dest, .integer) { code.emit(immediate.op, a: $0, b: source, imm: immediate.value) }
        return
      }
      let (first, second) = operands(left, right, scratch: dest)
      at(range)
      typed(dest, .integer) { code.emit(op.opcode, a: $0, b: first, c: second) }
      return
    }
    let (first, second) = operands(left, right, scratch: dest)
    generic(op, first, second, into: dest, range)
  }

  private func immediateForm(_ op: Arithmetic, _ value: Int64) -> (op: ktap_opcode, value: Int32)? {
    guard let small = Int32(exactly: value) else { return nil }
    switch op {
    case .add: return (KTAP_OP_ADDI, small)
    case .subtract: return Int32(exactly: -value).map { (KTAP_OP_ADDI, $0) }
    case .multiply: return (KTAP_OP_MULI, small)
    case .divide: return small == 0 ? nil : (KTAP_OP_DIVI, small)
    case .modulo: return small == 0 ? nil : (KTAP_OP_MODI, small)
    case .and: return (KTAP_OP_ANDI, small)
    case .or: return (KTAP_OP_ORI, small)
    case .xor: return (KTAP_OP_XORI, small)
    case .shiftLeft: return (KTAP_OP_SHLI, small & 63)
    case .shiftRight: return (KTAP_OP_SHRI, small & 63)
    }
  }
}

extension Arithmetic {
  var isCommutative: Bool {
    switch self {
    case .add, .multiply, .and, .or, .xor: true
    default: false
    }
  }

  /// The instruction for two integer registers.
  var opcode: ktap_opcode {
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
}
