// SPDX-License-Identifier: GPL-2.0-or-later
import Bytecode
import CKtap

// What branches come to, and what is known behind them.

extension ValuePass {
  /// Makes a jump cheaper. Returns whether it is made, where that is known.
  mutating func simplify(_ jump: inout Instruction) -> Bool? {
    let op = ktap_opcode(rawValue: UInt32(jump.op.rawValue))
    switch op {
    case KTAP_OP_JT, KTAP_OP_JF:
      let value = value(jump.a)
      guard case .boolean(let truth) = table.constants[value] else { return nil }
      return truth == (op == KTAP_OP_JT)
    case KTAP_OP_JTV, KTAP_OP_JFV: return truthJump(&jump, op == KTAP_OP_JTV)
    case KTAP_OP_JKIND: return kindJump(jump)
    case KTAP_OP_JEQ, KTAP_OP_JNE, KTAP_OP_JLT, KTAP_OP_JLE: return integerJump(&jump)
    case KTAP_OP_JEQS, KTAP_OP_JNES:
      return stringsEqual(jump.a, jump.b).map { $0 == (op == KTAP_OP_JEQS) }
    default:
      guard let order = IntegerOrder(jump), let a = integer(jump.a) else { return nil }
      return order.holds(a, Int64(jump.wide))
    }
  }

  private mutating func truthJump(_ jump: inout Instruction, _ sense: Bool) -> Bool? {
    if let truth = truth(jump.a) { return truth == sense }
    let kinds = kinds(jump.a)
    if mask(jump.a) == .boolean {
      jump.op = Opcode(sense ? KTAP_OP_JT : KTAP_OP_JF)
    } else if !kinds.contains(.boolean) {
      // Only nil is false.
      jump.op = Opcode(KTAP_OP_JKIND)
      jump.wide = Int16(bitPattern: (sense ? kinds.subtracting(.nil) : .nil).rawValue)
    }
    return nil
  }

  private mutating func kindJump(_ jump: Instruction) -> Bool? {
    let wanted = KindMask(rawValue: UInt16(bitPattern: jump.wide))
    let kinds = kinds(jump.a)
    if kinds.isDisjoint(with: wanted) { return false }
    return kinds.isSubset(of: wanted) ? true : nil
  }

  private mutating func integerJump(_ jump: inout Instruction) -> Bool? {
    guard var order = IntegerOrder(jump) else { return nil }
    if value(jump.a) == value(jump.b) { return order.holds(0, 0) }
    if let a = integer(jump.a), let b = integer(jump.b) { return order.holds(a, b) }
    var register = jump.a
    var number = integer(jump.b)
    if number == nil {
      register = jump.b
      number = integer(jump.a)
      order = order.swapped
    }
    guard let number, let small = Int16(exactly: number) else { return nil }
    jump = Instruction(order.immediateJump, a: register)
    jump.wide = small
    return nil
  }

  // MARK: - What is known on an edge

  /// What the last instruction of `before` says on its edge to `block`.
  mutating func learn(from before: Int, to block: Int) {
    guard let jump = graph.blocks[before].items.last?.instruction, jump.jumps, !jump.ends else {
      return
    }
    let isTaken = graph.blocks[before].target == block
    switch ktap_opcode(rawValue: UInt32(jump.op.rawValue)) {
    case KTAP_OP_JT: equal(jump.a, .boolean(isTaken))
    case KTAP_OP_JF: equal(jump.a, .boolean(!isTaken))
    case KTAP_OP_JTV, KTAP_OP_JFV:
      let truth = isTaken == jump.is(KTAP_OP_JTV)
      narrow(jump.a) { truth ? $0.subtracting(.nil) : $0.intersection([.nil, .boolean]) }
    case KTAP_OP_JKIND:
      let wanted = KindMask(rawValue: UInt16(bitPattern: jump.wide))
      narrow(jump.a) { isTaken ? $0.intersection(wanted) : $0.subtracting(wanted) }
    case KTAP_OP_JEQI: if isTaken { equal(jump.a, .integer(Int64(jump.wide))) }
    case KTAP_OP_JNEI: if !isTaken { equal(jump.a, .integer(Int64(jump.wide))) }
    default: break
    }
  }

  private mutating func narrow(_ register: UInt8, _ change: (KindMask) -> KindMask) {
    let value = value(register)
    scope.narrow(value, to: change(scope.kinds(value, table)), table)
  }

  private mutating func equal(_ register: UInt8, _ constant: Constant) {
    let value = value(register)
    guard table.constants[value] == nil else { return }
    scope.replace(value, by: table.constant(constant))
  }
}
