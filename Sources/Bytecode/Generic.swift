// SPDX-License-Identifier: GPL-2.0-or-later
import CKtap

extension Instruction {
  /// Whether it finds out while it runs what kinds it works on, where the compiler did not know
  /// them: ARITH and CHECK always; COMPARE, CONCAT, TRUTH, JTV and JFV when a register that they
  /// read may hold several kinds. JKIND is no such instruction: it is how a script's own test for
  /// nil is made; nor is MOVV, which only copies.
  public func isGeneric(registers: [KindMask]) -> Bool {
    switch ktap_opcode(rawValue: UInt32(op.rawValue)) {
    case KTAP_OP_ARITH, KTAP_OP_CHECK: true
    case KTAP_OP_COMPARE, KTAP_OP_CONCAT:
      !(Instruction.isTyped(b, registers) && Instruction.isTyped(c, registers))
    case KTAP_OP_TRUTH: !Instruction.isTyped(b, registers)
    case KTAP_OP_JTV, KTAP_OP_JFV: !Instruction.isTyped(a, registers)
    default: false
    }
  }

  private static func isTyped(_ register: UInt8, _ registers: [KindMask]) -> Bool {
    Int(register) < registers.count && registers[Int(register)].isTyped
  }
}

extension Function {
  /// The indices of the generic instructions.
  public var genericInstructions: [Int] {
    code.indices.filter { code[$0].isGeneric(registers: registers) }
  }
}
