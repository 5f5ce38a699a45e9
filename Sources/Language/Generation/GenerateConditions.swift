// SPDX-License-Identifier: GPL-2.0-or-later
import Bytecode
import CKtap

extension FunctionGenerator {
  /// Jumps to `target` when the truth of the expression is `sense`, else goes on.
  func branch(_ expression: Expr, to target: Label, when sense: Bool) {
    let mark = mark()
    defer { release(to: mark) }
    switch expression.op {
    case .null: jump(to: target, if: !sense)
    case .boolean(let value): jump(to: target, if: value == sense)
    case .integer, .string: jump(to: target, if: sense)
    case .not(let value): branch(value, to: target, when: !sense)
    case .and(let left, let right): both(left, right, to: target, when: sense)
    case .or(let left, let right): both(left, right, to: target, when: sense, or: true)
    case .compare(let comparison, let left, let right):
      compare(comparison, left, right, to: target, when: sense, expression.range)
    default:
      let value = operand(expression)
      at(expression.range)
      branch(register: value, to: target, when: sense)
    }
  }

  private func jump(to target: Label, if condition: Bool) {
    if condition { code.jump(KTAP_OP_JMP, to: target) }
  }

  /// `left && right`; with `or`, `left || right`, which is the same with all senses turned round.
  private func both(
    _ left: Expr, _ right: Expr, to target: Label, when sense: Bool, or: Bool = false
  ) {
    if sense == or {
      branch(left, to: target, when: or)
      branch(right, to: target, when: or)
    } else {
      let skip = code.label()
      branch(left, to: skip, when: or)
      branch(right, to: target, when: sense)
      code.place(skip)
    }
  }

  /// Jumps by the truth of a register's value.
  func branch(register: Register, to target: Label, when sense: Bool) {
    let mask = code.mask(register)
    if mask == .boolean {
      code.jump(sense ? KTAP_OP_JT : KTAP_OP_JF, a: register, to: target)
    } else if mask.isDisjoint(with: [.nil, .boolean]) {
      jump(to: target, if: sense)
    } else {
      code.jump(sense ? KTAP_OP_JTV : KTAP_OP_JFV, a: register, to: target)
    }
  }

  // MARK: - Comparisons

  private func compare(
    _ comparison: Comparison, _ left: Expr, _ right: Expr, to target: Label, when sense: Bool,
    _ range: SourceRange
  ) {
    let wanted = sense ? comparison : comparison.negated
    if let tested = nullTest(left, right), comparison == .equal || comparison == .notEqual {
      let value = operand(tested)
      at(range)
      branchNull(value, to: target, when: wanted == .equal)
      return
    }
    if left.mask == .integer, right.mask == .integer {
      compareIntegers(wanted, left, right, to: target, range)
      return
    }
    let first = operand(left)
    let second = operand(right)
    at(range)
    if left.mask == .string, right.mask == .string, comparison == .equal || comparison == .notEqual
    {
      code.jump(wanted == .equal ? KTAP_OP_JEQS : KTAP_OP_JNES, a: first, b: second, to: target)
      return
    }
    if branchEqual(first, second, wanted, to: target) { return }
    let flag = temporary(.boolean)
    genericCompare(comparison, first, second, into: flag)
    code.jump(sense ? KTAP_OP_JT : KTAP_OP_JF, a: flag, to: target)
  }

  private func branchNull(_ value: Register, to target: Label, when isNull: Bool) {
    let mask = code.mask(value)
    guard mask.contains(.nil) else {
      jump(to: target, if: !isNull)
      return
    }
    let rest = mask.subtracting(.nil)
    if rest.isEmpty {
      jump(to: target, if: isNull)
    } else {
      code.jump(KTAP_OP_JKIND, a: value, wide: wide(isNull ? .nil : rest), to: target)
    }
  }

  private func compareIntegers(
    _ comparison: Comparison, _ left: Expr, _ right: Expr, to target: Label, _ range: SourceRange
  ) {
    if case .integer(let value) = right.op, let small = Int16(exactly: value) {
      let register = operand(left)
      at(range)
      code.jump(comparison.immediateJump, a: register, wide: small, to: target)
      return
    }
    if case .integer(let value) = left.op, let small = Int16(exactly: value) {
      let register = operand(right)
      at(range)
      code.jump(comparison.swapped.immediateJump, a: register, wide: small, to: target)
      return
    }
    let first = operand(left)
    let second = operand(right)
    at(range)
    switch comparison {
    case .equal: code.jump(KTAP_OP_JEQ, a: first, b: second, to: target)
    case .notEqual: code.jump(KTAP_OP_JNE, a: first, b: second, to: target)
    case .less: code.jump(KTAP_OP_JLT, a: first, b: second, to: target)
    case .lessOrEqual: code.jump(KTAP_OP_JLE, a: first, b: second, to: target)
    case .greater: code.jump(KTAP_OP_JLT, a: second, b: first, to: target)
    case .greaterOrEqual: code.jump(KTAP_OP_JLE, a: second, b: first, to: target)
    }
  }
}
