// SPDX-License-Identifier: GPL-2.0-or-later
import Bytecode
import CKtap

/// Where the flow of control has shown that a local has fewer kinds than its register can hold.
extension FunctionGenerator {
  /// A register with the local's value that has no kinds but those of the expression.
  func narrowed(_ local: Register, _ expression: Expr) -> Register {
    let kinds = expression.mask
    if kinds.isEmpty || kinds.isSuperset(of: code.mask(local)) { return local }
    let register = temporary(kinds)
    move(register, local)
    return register
  }

  /// A register that holds the value, for instructions that take any kind: a local's own even where
  /// fewer kinds are known.
  func operandOfAnyKind(_ expression: Expr) -> Register { local(expression) ?? operand(expression) }

  /// The kinds of a value in a run for an instruction that takes any: a local's all.
  func kindsInRun(_ expression: Expr) -> KindMask {
    guard expression.flowKinds != nil, let local = local(expression) else { return expression.mask }
    return code.mask(local)
  }
}
