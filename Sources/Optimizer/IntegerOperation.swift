// SPDX-License-Identifier: GPL-2.0-or-later
import Bytecode

/// An instruction of two integers, or of an integer and its imm.
struct IntegerOperation {
  let kind: IntegerArithmetic
  let isImmediate: Bool

  init?(_ instruction: Instruction) {
    for kind in IntegerArithmetic.allCases {
      if instruction.is(kind.opcode) {
        (self.kind, isImmediate) = (kind, false)
        return
      }
      if let immediate = kind.immediateOpcode, instruction.is(immediate) {
        (self.kind, isImmediate) = (kind, true)
        return
      }
    }
    return nil
  }
}
