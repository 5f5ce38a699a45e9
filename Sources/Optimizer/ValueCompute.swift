// SPDX-License-Identifier: GPL-2.0-or-later
import Bytecode
import CKtap

extension ValuePass {
  /// What became of an instruction that writes a register.
  enum Outcome {
    /// Its result is a value that exists.
    case value(Value)
    /// It must be executed.
    case computed(Instruction)
  }

  /// An instruction that does not jump.
  mutating func compute(_ old: Instruction) {
    let instruction = substituted(old)
    guard let dest = instruction.destination else {
      emit(instruction)
      note(instruction)
      return
    }
    switch simplify(instruction) {
    case .value(let value): put(value, into: dest, instruction)
    case .computed(let better): execute(better, dest)
    }
  }

  /// Makes `dest` hold a value that exists: by nothing, a load or a move, where these cost less than
  /// the instruction that was there.
  private mutating func put(_ value: Value, into dest: UInt8, _ instruction: Instruction) {
    if scope.value(of: dest) == value { return }
    if let load = load(value, dest) {
      emit(load)
    } else if let move = move(value, dest, instruction) {
      emit(move)
    } else {
      // A CHECK that comes to nothing but its value is one that succeeds.
      emit(instruction, isCertain: instruction.is(KTAP_OP_CHECK))
    }
    scope.set(dest, to: value)
  }

  private mutating func load(_ value: Value, _ dest: UInt8) -> Instruction? {
    guard let constant = table.constants[value] else { return nil }
    if constant == .null { return Instruction(KTAP_OP_LDNIL, a: dest) }
    guard mask(dest) == constant.kind else { return nil }
    switch constant {
    case .null: return nil
    case .boolean(let truth): return Instruction(KTAP_OP_LDB, a: dest, imm: truth ? 1 : 0)
    case .string(let index): return Instruction(KTAP_OP_LDS, a: dest, imm: index)
    case .integer(let number):
      if let small = Int32(exactly: number) { return Instruction(KTAP_OP_LDI, a: dest, imm: small) }
      return Instruction(KTAP_OP_LDK, a: dest, imm: facts.index(of: number))
    }
  }

  private func move(_ value: Value, _ dest: UInt8, _ instruction: Instruction) -> Instruction? {
    let wanted = mask(dest)
    let homes = scope.registers(of: value)
    if let home = homes.first(where: { mask($0) == wanted }), wanted.isTyped {
      return Instruction(KTAP_OP_MOV, a: dest, b: home)
    }
    if let home = homes.first(where: { mask($0).isSubset(of: wanted) }) {
      return Instruction(KTAP_OP_MOVV, a: dest, b: home)
    }
    guard !instruction.is(KTAP_OP_CHECK),
      let home = homes.first(where: { !mask($0).isDisjoint(with: wanted) })
    else { return nil }
    return Instruction(KTAP_OP_CHECK, a: dest, b: home, imm: Int32(KTAP_ERROR_KIND.rawValue))
  }

  private mutating func execute(_ instruction: Instruction, _ dest: UInt8) {
    if instruction.is(KTAP_OP_CHECK) {
      let source = value(instruction.b)
      emit(instruction)
      scope.narrow(source, to: mask(dest), table)
      scope.set(dest, to: source)
      return
    }
    guard let expression = expression(instruction) else {
      emit(instruction)
      note(instruction)
      scope.set(dest, to: table.fresh(resultKinds(instruction, dest)))
      return
    }
    if let known = table.value(of: expression), isHeld(known, dest) {
      reuse(known, dest, instruction)
      return
    }
    emit(instruction)
    // A value of its own: what is read from memory again may be another one.
    let result = table.fresh(resultKinds(instruction, dest))
    table.note(expression, is: result)
    scope.set(dest, to: result)
    if instruction.is(KTAP_OP_ARITH) {
      // It has not failed.
      for operand in expression.operands { scope.narrow(operand, to: .integer, table) }
    }
  }

  private func isHeld(_ value: Value, _ dest: UInt8) -> Bool {
    scope.value(of: dest) == value || !scope.registers(of: value).isEmpty
  }

  /// The value is in a register: nothing need be computed, unless it is needed as another kind and
  /// computing costs no more than checking that.
  private mutating func reuse(_ value: Value, _ dest: UInt8, _ instruction: Instruction) {
    if scope.value(of: dest) == value { return }
    var replacement = move(value, dest, instruction)
    if let found = replacement, found.is(KTAP_OP_CHECK) {
      let isCostly =
        instruction.is(KTAP_OP_TGET) || instruction.is(KTAP_OP_EFIELD)
        || instruction.is(KTAP_OP_EITEM)
        || instruction.is(KTAP_OP_GETG) || instruction.is(KTAP_OP_LIB)
      if !isCostly { replacement = nil }
    }
    emit(replacement ?? instruction)
    if replacement?.is(KTAP_OP_CHECK) ?? instruction.is(KTAP_OP_TGET) {
      scope.narrow(value, to: mask(dest), table)
    }
    scope.set(dest, to: value)
  }

  /// What the instruction computes; nil when it may be another value each time.
  private mutating func expression(_ instruction: Instruction) -> Expression? {
    let effects = instruction.effects
    guard case .nothing = effects.change else { return nil }
    if case .time = effects.source { return nil }
    return Expression(
      op: instruction.op, imm: instruction.imm, operands: instruction.inputs.map { value($0) },
      version: scope.version(effects.source, instruction.imm))
  }

  /// The kinds that a result can have, which may be fewer than its register can hold.
  private func resultKinds(_ instruction: Instruction, _ dest: UInt8) -> KindMask {
    let index = Int(instruction.imm)
    switch ktap_opcode(rawValue: UInt32(instruction.op.rawValue)) {
    case KTAP_OP_GETG:
      let isSet = facts.becomesSet[index] && scope.setGlobals.contains(instruction.imm)
      return isSet ? facts.globals[index].subtracting(.nil) : facts.globals[index]
    case KTAP_OP_EFIELD: return facts.fields[index]
    case KTAP_OP_CALL: return facts.results[index]
    case KTAP_OP_LIB: return instruction.library?.result ?? mask(dest)
    default: return mask(dest)
    }
  }

  /// What others may have changed, and what is known after an instruction that changes memory.
  private mutating func note(_ instruction: Instruction) {
    switch instruction.effects.change {
    case .nothing: break
    case .tables: scope.forgetTables()
    case .global:
      scope.forgetGlobal(instruction.imm)
      scope.noteSet(instruction.imm)
    case .everything: scope.forgetMemory()
    }
    for register in instruction.writes.members { scope.forget(register) }
    if instruction.is(KTAP_OP_TSET) {
      // It is found there again. What others store at the same time they may as well have stored before.
      let load = Expression(
        op: Opcode(KTAP_OP_TGET), imm: instruction.imm,
        operands: ([instruction.a] + instruction.runRegisters).map { value($0) },
        version: scope.version(.tables, instruction.imm))
      table.note(load, is: value(instruction.b))
    }
    if instruction.is(KTAP_OP_SETG) {
      let load = Expression(
        op: Opcode(KTAP_OP_GETG), imm: instruction.imm, operands: [],
        version: scope.version(.global, instruction.imm))
      table.note(load, is: value(instruction.a))
    }
  }
}
