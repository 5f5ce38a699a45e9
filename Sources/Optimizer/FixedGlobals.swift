// SPDX-License-Identifier: GPL-2.0-or-later
import Bytecode
import CKtap

/// The globals that stay as top-level code has set them. That code is function 0, and has run to its end before an
/// event, a timer or the end of the trace calls another function.
struct FixedGlobals {
  /// Those that nothing but one SETG of top-level code writes: for any other function they do not change.
  private(set) var elsewhere: Set<Int32> = []
  /// Those of them that top-level code sets before its first jump.
  private(set) var inMain: Set<Int32> = []
  /// Those of them that were set to a constant before anything else could run. If the memory for the tables that top-level
  /// code makes in front of that is not there, the program never had any, and who looks is `trace_end` of a failed one.
  private(set) var constants: [Int32: Constant] = [:]

  init(_ program: Program) {
    var writes: [Int32: Int] = [:]
    for (index, function) in program.functions.enumerated() {
      for instruction in function.code {
        if instruction.is(KTAP_OP_ADDG) { writes[instruction.imm] = 2 }
        if instruction.is(KTAP_OP_SETG) {
          writes[instruction.imm, default: 0] += index == 0 ? 1 : 2
        }
      }
    }
    elsewhere = Set(writes.filter { $0.value == 1 }.keys)
    if let main = program.functions.first { walk(main, program.integers) }
  }

  /// Goes through the instructions of top-level code that run once and in order.
  private mutating func walk(_ main: Function, _ integers: [Int64]) {
    var held: [UInt8: Constant] = [:]
    for (register, mask) in main.registers.enumerated() where mask == .integer {
      held[UInt8(register)] = .integer(0)
    }
    var isFirst = true
    let end = main.firstJumpOrTarget
    for instruction in main.code[..<end] {
      if instruction.is(KTAP_OP_SETG), elsewhere.contains(instruction.imm) {
        inMain.insert(instruction.imm)
        if isFirst { constants[instruction.imm] = held[instruction.a] }
      }
      let cannotEnd = !instruction.effects.canFail || instruction.is(KTAP_OP_SETG)
      if !cannotEnd, !instruction.is(KTAP_OP_TNEW) { isFirst = false }
      for register in instruction.writes.members { held[register] = nil }
      switch ktap_opcode(rawValue: UInt32(instruction.op.rawValue)) {
      case KTAP_OP_LDI: held[instruction.a] = .integer(Int64(instruction.imm))
      case KTAP_OP_LDK: held[instruction.a] = .integer(integers[Int(instruction.imm)])
      case KTAP_OP_LDB: held[instruction.a] = .boolean(instruction.imm != 0)
      case KTAP_OP_LDS: held[instruction.a] = .string(instruction.imm)
      default: break
      }
    }
  }
}

extension Function {
  /// The index of the first instruction that jumps or ends the function, or that something jumps to.
  fileprivate var firstJumpOrTarget: Int {
    var first = code.firstIndex { $0.jumps || $0.ends } ?? code.count
    for (index, instruction) in code.enumerated() where instruction.jumps {
      first = min(first, index + 1 + Int(instruction.imm))
    }
    return max(first, 0)
  }
}
