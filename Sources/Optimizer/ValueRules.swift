// SPDX-License-Identifier: GPL-2.0-or-later
import Bytecode
import CKtap

// What an instruction comes to when the values or kinds of its operands are known.

extension ValuePass {
  /// - Parameter instruction: one that writes one register.
  mutating func simplify(_ instruction: Instruction) -> Outcome {
    switch ktap_opcode(rawValue: UInt32(instruction.op.rawValue)) {
    case KTAP_OP_LDI: return constant(.integer(Int64(instruction.imm)))
    case KTAP_OP_LDK: return constant(.integer(facts.integers[Int(instruction.imm)]))
    case KTAP_OP_LDS: return constant(.string(instruction.imm))
    case KTAP_OP_LDB: return constant(.boolean(instruction.imm != 0))
    case KTAP_OP_LDNIL: return constant(.null)
    case KTAP_OP_GETG:
      if let known = constants[instruction.imm] { return constant(known) }
    case KTAP_OP_MOV, KTAP_OP_MOVV: return .value(value(instruction.b))
    case KTAP_OP_CHECK:
      return kinds(instruction.b).isSubset(of: mask(instruction.a))
        ? .value(value(instruction.b)) : .computed(instruction)
    case KTAP_OP_ARITH: return arithmetic(instruction)
    case KTAP_OP_COMPARE: return comparison(instruction)
    case KTAP_OP_NOT:
      let value = value(instruction.b)
      guard case .boolean(let truth) = table.constants[value] else { break }
      return constant(.boolean(!truth))
    case KTAP_OP_TRUTH:
      if let truth = truth(instruction.b) { return constant(.boolean(truth)) }
      if mask(instruction.b) == .boolean { return .value(value(instruction.b)) }
    case KTAP_OP_NEG: if let b = integer(instruction.b) { return constant(.integer(0 &- b)) }
    case KTAP_OP_INV: if let b = integer(instruction.b) { return constant(.integer(~b)) }
    case KTAP_OP_EQ, KTAP_OP_NE, KTAP_OP_LT, KTAP_OP_LE: return integerComparison(instruction)
    case KTAP_OP_EQS:
      if let equal = stringsEqual(instruction.b, instruction.c) {
        return constant(.boolean(equal))
      }
    default: return integerOperation(instruction)
    }
    return .computed(instruction)
  }

  private mutating func constant(_ constant: Constant) -> Outcome {
    .value(table.constant(constant))
  }

  // MARK: - Arithmetic

  private mutating func integerOperation(_ instruction: Instruction) -> Outcome {
    guard let operation = IntegerOperation(instruction) else { return .computed(instruction) }
    var (left, right) = (instruction.b, instruction.c)
    if operation.isImmediate {
      return immediate(instruction, operation.kind, left, Int64(instruction.imm))
    }
    if let a = integer(left), let b = integer(right) {
      return operation.kind.apply(a, b).map { constant(.integer($0)) } ?? .computed(instruction)
    }
    if operation.kind == .subtract, integer(left) == 0 {
      return .computed(Instruction(KTAP_OP_NEG, a: instruction.a, b: right))
    }
    if operation.kind.isCommutative, integer(left) != nil { swap(&left, &right) }
    if let number = integer(right),
      let form = operation.kind.immediateForm(number)
    {
      let better = Instruction(form.op, a: instruction.a, b: left, imm: form.value)
      return immediate(
        better, operation.kind == .subtract ? .add : operation.kind, left,
        Int64(better.imm))
    }
    return .computed(instruction)
  }

  /// `left op number`, for which `instruction` stands.
  private mutating func immediate(
    _ instruction: Instruction, _ kind: IntegerArithmetic, _ left: UInt8, _ number: Int64
  ) -> Outcome {
    if let a = integer(left), let result = kind.apply(a, number) {
      return constant(.integer(result))
    }
    if kind.isNeutral(number) { return .value(value(left)) }
    if number == 0, kind == .multiply || kind == .and { return constant(.integer(0)) }
    return .computed(instruction)
  }

  /// ARITH of integers becomes the typed instruction.
  private mutating func arithmetic(_ instruction: Instruction) -> Outcome {
    guard kinds(instruction.b) == .integer, kinds(instruction.c) == .integer,
      let kind = IntegerArithmetic(rawValue: instruction.imm),
      let left = typed(instruction.b, .integer), let right = typed(instruction.c, .integer)
    else { return .computed(instruction) }
    return integerOperation(Instruction(kind.opcode, a: instruction.a, b: left, c: right))
  }

  // MARK: - Comparisons

  private mutating func integerComparison(_ instruction: Instruction) -> Outcome {
    let (left, right) = (instruction.b, instruction.c)
    let isSame = value(left) == value(right)
    let both = integer(left).flatMap { a in integer(right).map { b in (a, b) } }
    guard let (a, b) = both ?? (isSame ? (0, 0) : nil) else { return .computed(instruction) }
    let truth: Bool
    switch ktap_opcode(rawValue: UInt32(instruction.op.rawValue)) {
    case KTAP_OP_EQ: truth = a == b
    case KTAP_OP_NE: truth = a != b
    case KTAP_OP_LT: truth = a < b
    default: truth = a <= b
    }
    return constant(.boolean(truth))
  }

  /// Whether two strings are equal, where that is known.
  func stringsEqual(_ left: Value, _ right: Value) -> Bool? {
    if left == right { return true }
    guard case .string = table.constants[left], case .string = table.constants[right] else {
      return nil
    }
    // Equal constants have the same index.
    return false
  }

  mutating func stringsEqual(_ left: UInt8, _ right: UInt8) -> Bool? {
    stringsEqual(value(left), value(right))
  }

  /// COMPARE of what is known to be of one kind becomes the typed instruction.
  private mutating func comparison(_ instruction: Instruction) -> Outcome {
    let order = ktap_comparison(rawValue: UInt32(bitPattern: instruction.imm))
    let left = kinds(instruction.b)
    let right = kinds(instruction.c)
    if order == KTAP_COMPARISON_EQ || order == KTAP_COMPARISON_NE {
      if left.isDisjoint(with: right) {
        return constant(.boolean(order == KTAP_COMPARISON_NE))
      }
      if value(instruction.b) == value(instruction.c) {
        return constant(.boolean(order == KTAP_COMPARISON_EQ))
      }
    }
    if left == .integer, right == .integer, order != KTAP_COMPARISON_MATCH,
      let b = typed(instruction.b, .integer), let c = typed(instruction.c, .integer)
    {
      let op: ktap_opcode
      switch order {
      case KTAP_COMPARISON_EQ: op = KTAP_OP_EQ
      case KTAP_COMPARISON_NE: op = KTAP_OP_NE
      case KTAP_COMPARISON_LT: op = KTAP_OP_LT
      default: op = KTAP_OP_LE
      }
      return integerComparison(Instruction(op, a: instruction.a, b: b, c: c))
    }
    if left == .string, right == .string, order != KTAP_COMPARISON_MATCH,
      let b = typed(instruction.b, .string), let c = typed(instruction.c, .string)
    {
      var better = instruction
      (better.b, better.c) = (b, c)
      if order == KTAP_COMPARISON_EQ {
        better.op = Opcode(KTAP_OP_EQS)
        better.imm = 0
        if let equal = stringsEqual(b, c) { return constant(.boolean(equal)) }
      }
      return .computed(better)
    }
    return .computed(instruction)
  }

  /// The truth of a register's value, where it is known.
  mutating func truth(_ register: UInt8) -> Bool? {
    let value = value(register)
    if case .boolean(let truth) = table.constants[value] { return truth }
    let kinds = kinds(register)
    if kinds == .nil { return false }
    return kinds.isDisjoint(with: [.nil, .boolean]) ? true : nil
  }
}
