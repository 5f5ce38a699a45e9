// SPDX-License-Identifier: GPL-2.0-or-later
import Bytecode
import CKtap

extension FunctionGenerator {
  /// Compares an integer or a string with a value that may be one: first the kind is tested, then
  /// the two are compared as what they are. Returns whether this is such a comparison.
  func branchEqual(
    _ left: Register, _ right: Register, _ wanted: Comparison, to target: Label
  ) -> Bool {
    guard wanted == .equal || wanted == .notEqual else { return false }
    let isLeftKnown = isComparable(code.mask(left))
    let known = isLeftKnown ? left : right
    let other = isLeftKnown ? right : left
    let kind = code.mask(known)
    guard isComparable(kind), code.mask(other) != kind, code.mask(other).isSuperset(of: kind) else {
      return false
    }
    let end = code.label()
    let others = code.mask(other).subtracting(kind)
    code.jump(
      KTAP_OP_JKIND, a: other, wide: wide(others), to: wanted == .equal ? end : target)
    let value = narrow(other, to: kind, error: KTAP_ERROR_KIND)
    let isInteger = kind == .integer
    let op =
      wanted == .equal
      ? (isInteger ? KTAP_OP_JEQ : KTAP_OP_JEQS) : (isInteger ? KTAP_OP_JNE : KTAP_OP_JNES)
    code.jump(op, a: value, b: known, to: target)
    code.place(end)
    return true
  }

  private func isComparable(_ kind: KindMask) -> Bool { kind == .integer || kind == .string }
}
