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
      if case .integer(let value) = right.op, let immediate = op.immediateForm(value) {
        let source = operand(left, scratch: dest)
        at(range)
        typed(dest, .integer) { code.emit(immediate.op, a: $0, b: source, imm: immediate.value) }
        return
      }
      if case .integer(let value) = left.op, op.isCommutative,
        let immediate = op.immediateForm(value)
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
}
