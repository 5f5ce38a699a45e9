// SPDX-License-Identifier: GPL-2.0-or-later
import Bytecode
import CKtap

// What an instruction does to registers and to the flow of control, read from the roles of its
// operands in the opcode list. Only ITER and NEXT, whose cursor and run the roles do not tell
// apart, are named.

/// How a register is read.
enum Reading {
  /// Its mask must be exactly this kind's, as it is now.
  case exactly
  /// Any mask will do that allows no more kinds.
  case atMost
}

extension Instruction {
  func `is`(_ op: ktap_opcode) -> Bool { self.op == Opcode(op) }

  /// The registers of the run that FIRST begins, empty without one.
  var run: (first: UInt8, count: Int) {
    guard let roles = op.roles else { return (0, 0) }
    if UInt32(roles.b) == KTAP_OPERAND_FIRST.rawValue { return (b, Int(c)) }
    if UInt32(roles.c) == KTAP_OPERAND_FIRST.rawValue { return (c, Int(imm)) }
    return (0, 0)
  }

  var runRegisters: [UInt8] {
    let run = run
    return (0..<run.count).map { run.first + UInt8($0) }
  }

  /// The registers that it reads, before it writes anything, in the order of its operands.
  var inputs: [UInt8] {
    guard let roles = op.roles else { return [] }
    if self.is(KTAP_OP_NEXT) { return [a, a + 1, a + 2] }
    var inputs: [UInt8] = []
    if Instruction.isRead(roles.a) { inputs.append(a) }
    if Instruction.isRead(roles.b) { inputs.append(b) }
    if Instruction.isRead(roles.c) { inputs.append(c) }
    let run = run
    for offset in 0..<run.count { inputs.append(run.first + UInt8(offset)) }
    return inputs
  }

  var reads: RegisterSet {
    var set = RegisterSet()
    for register in inputs { set.insert(register) }
    return set
  }

  /// What it writes, or may write (NEXT).
  var writes: RegisterSet {
    if self.is(KTAP_OP_ITER) { return RegisterSet(first: a, count: 3) }
    if self.is(KTAP_OP_NEXT) {
      var set = RegisterSet(first: a, count: 3)
      set.formUnion(RegisterSet(first: b, count: Int(c)))
      return set
    }
    return destination.map { RegisterSet($0) } ?? RegisterSet()
  }

  /// The one register that it always writes, if it writes just one.
  var destination: UInt8? {
    guard let roles = op.roles, Instruction.isWritten(roles.a), !isCallWithoutResult else {
      return nil
    }
    return a
  }

  /// LIB of a function that gives nothing: A is no register.
  private var isCallWithoutResult: Bool {
    guard self.is(KTAP_OP_LIB) else { return false }
    return library?.result.isEmpty ?? true
  }

  /// The library function that LIB calls.
  var library: LibraryFunction? {
    self.is(KTAP_OP_LIB) ? LibraryFunction(rawValue: UInt32(bitPattern: imm)) : nil
  }

  /// Whether its imm is a distance to jump.
  var jumps: Bool { UInt32(op.roles?.imm ?? 0) == KTAP_IMM_JUMP.rawValue }

  /// Whether control never goes on to the next instruction.
  var ends: Bool {
    switch ktap_opcode(rawValue: UInt32(op.rawValue)) {
    case KTAP_OP_JMP, KTAP_OP_RET, KTAP_OP_RETNIL, KTAP_OP_RETL, KTAP_OP_TCALL, KTAP_OP_TCALLV,
      KTAP_OP_LTCALL:
      true
    default: false
    }
  }

  /// Lets `replace` choose another register for each one that is read on its own; those of runs
  /// of several stay where they are.
  mutating func mapReads(_ replace: (UInt8, Reading) -> UInt8) {
    guard let roles = op.roles else { return }
    if let reading = Instruction.reading(roles.a) { a = replace(a, reading) }
    // The two registers of MOV have the same mask.
    let second = self.is(KTAP_OP_MOV) ? Reading.exactly : Instruction.reading(roles.b)
    if let second { b = replace(b, second) }
    if let reading = Instruction.reading(roles.c) { c = replace(c, reading) }
    if !self.is(KTAP_OP_NEXT), !takesFunctionInRun, run.count == 1 {
      if UInt32(roles.b) == KTAP_OPERAND_FIRST.rawValue {
        b = replace(b, .atMost)
      } else {
        c = replace(c, .atMost)
      }
    }
  }

  /// The first register of the run is the function to call, and must be exactly one.
  private var takesFunctionInRun: Bool {
    self.is(KTAP_OP_CALLV) || self.is(KTAP_OP_CALLVL) || self.is(KTAP_OP_TCALLV)
  }

  /// Gives every register that it names another number.
  mutating func renumber(_ number: (UInt8) -> UInt8) {
    guard let roles = op.roles else { return }
    if Instruction.isRegister(roles.a), !isCallWithoutResult { a = number(a) }
    if UInt32(roles.b) == KTAP_OPERAND_FIRST.rawValue {
      b = c == 0 ? 0 : number(b)
    } else if Instruction.isRegister(roles.b) {
      b = number(b)
    }
    if Instruction.isRegister(roles.c) || UInt32(roles.c) == KTAP_OPERAND_FIRST.rawValue {
      c = number(c)
    }
  }

  private static func isRead(_ role: UInt8) -> Bool { reading(role) != nil }

  private static func reading(_ role: UInt8) -> Reading? {
    switch ktap_operand(rawValue: UInt32(role)) {
    case KTAP_OPERAND_R_BOOL, KTAP_OPERAND_R_INT, KTAP_OPERAND_R_STR, KTAP_OPERAND_R_TABLE,
      KTAP_OPERAND_R_FUNCTION, KTAP_OPERAND_R_EVENT:
      .exactly
    case KTAP_OPERAND_R_ANY: .atMost
    default: nil
    }
  }

  private static func isWritten(_ role: UInt8) -> Bool {
    switch ktap_operand(rawValue: UInt32(role)) {
    case KTAP_OPERAND_W_BOOL, KTAP_OPERAND_W_INT, KTAP_OPERAND_W_STR, KTAP_OPERAND_W_TABLE,
      KTAP_OPERAND_W_FUNCTION, KTAP_OPERAND_W_ANY:
      true
    default: false
    }
  }

  private static func isRegister(_ role: UInt8) -> Bool {
    isRead(role) || isWritten(role) || UInt32(role) == KTAP_OPERAND_CURSOR.rawValue
  }
}
