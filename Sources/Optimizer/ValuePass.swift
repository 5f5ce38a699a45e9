// SPDX-License-Identifier: GPL-2.0-or-later
import Bytecode
import CKtap

/// What passes need to know of the program around a function.
struct ProgramFacts {
  let globals: [KindMask]
  let fields: [KindMask]
  let results: [KindMask]
  /// Globals that are nil until they are written, and never again.
  let becomesSet: [Bool]
  let fixedGlobals: FixedGlobals
  /// The constants, to which folding adds.
  var integers: [Int64]
  private var indices: [Int64: Int32] = [:]

  init(_ program: Program) {
    globals = program.globals.map(\.mask)
    fields = program.fields.map(\.mask)
    results = program.functions.map(\.result)
    becomesSet = ProgramFacts.becomeSet(program)
    fixedGlobals = FixedGlobals(program)
    integers = program.integers
    for (index, value) in integers.enumerated() where indices[value] == nil {
      indices[value] = Int32(index)
    }
  }

  private static func becomeSet(_ program: Program) -> [Bool] {
    var becomesSet = program.globals.map { $0.mask.contains(.nil) }
    for function in program.functions {
      for instruction in function.code where instruction.is(KTAP_OP_SETG) {
        if function.registers[Int(instruction.a)].contains(.nil) {
          becomesSet[Int(instruction.imm)] = false
        }
      }
    }
    return becomesSet
  }

  /// The globals that do not change while a function runs: of top-level code, behind where it sets them.
  func fixed(isMain: Bool) -> Set<Int32> { isMain ? fixedGlobals.inMain : fixedGlobals.elsewhere }

  mutating func index(of value: Int64) -> Int32 {
    if let index = indices[value] { return index }
    integers.append(value)
    indices[value] = Int32(integers.count - 1)
    return Int32(integers.count - 1)
  }
}

/// Follows values from register to register: computes what is constant, reads a value where it was
/// first, computes nothing twice, decides branches, and turns generic instructions into typed ones
/// where the kinds are known. What it leaves unread, dead code removal takes away.
///
/// A block that is reached by one edge begins with what its predecessor knew, any other with what
/// the block knew that all ways lead through, as far as no instruction in between can have changed it. For a loop
/// that is known well: the instructions in between are those of the loop.
struct ValuePass {
  var facts: ProgramFacts
  var graph: FlowGraph
  var table = ValueTable()
  var scope: ValueScope
  /// Globals that hold a constant.
  let constants: [Int32: Constant]
  /// The block in hand as it becomes.
  var items: [FlowGraph.Item] = []
  var line: UInt32 = 0
  /// Registers of this pass for values that are found to be of one kind.
  private var scratch: [KindMask: (registers: [UInt8], next: Int)] = [:]

  /// How many registers of one kind the pass adds to a function.
  private static let scratchCount = 6

  /// - Parameter isMain: whether it is top-level code.
  static func run(_ graph: inout FlowGraph, _ facts: inout ProgramFacts, isMain: Bool = false) {
    var pass = ValuePass(
      facts: facts, graph: graph, scope: ValueScope(fixed: facts.fixed(isMain: isMain)),
      constants: isMain ? [:] : facts.fixedGlobals.constants)
    pass.walk()
    graph = pass.graph
    facts = pass.facts
  }

  private init(
    facts: ProgramFacts, graph: FlowGraph, scope: ValueScope, constants: [Int32: Constant]
  ) {
    self.facts = facts
    self.graph = graph
    self.scope = scope
    self.constants = constants
  }

  // MARK: - Blocks

  private enum Step {
    /// With what was known at the end of a block.
    case enter(Int, from: Int?)
    case rewind(Int)
  }

  private mutating func walk() {
    let edges = graph.edgeCounts()
    let loops = Loops(graph)
    let stable = ValuePass.stableRegisters(graph)
    var kept = [RegisterSet](repeating: stable, count: graph.blocks.count)
    for loop in loops.all where loop.entry != nil {
      var unchanged = RegisterSet(first: 0, count: graph.registers.count)
      unchanged.subtract(loop.writes)
      kept[loop.header].formUnion(unchanged)
    }
    setFirstValues()
    var pending = [Step.enter(0, from: nil)]
    while let step = pending.popLast() {
      switch step {
      case .rewind(let mark): scope.rewind(to: mark)
      case .enter(let block, let before):
        pending.append(.rewind(scope.mark))
        if let before {
          if edges[block] == 1 {
            learn(from: before, to: block)
          } else {
            scope.forget(allBut: kept[block])
          }
        }
        process(block)
        for next in loops.dominators.children[block] { pending.append(.enter(next, from: block)) }
      }
    }
  }

  /// Registers that are written in one place only, so that they still hold what was written there
  /// in all the code that this place dominates.
  static func stableRegisters(_ graph: FlowGraph) -> RegisterSet {
    var written = RegisterSet(first: 0, count: graph.parameterCount)
    written.formUnion(Liveness(graph).atEntry)
    var again = RegisterSet()
    for block in graph.blocks {
      for item in block.items {
        for register in item.instruction.writes.members {
          if written.contains(register) { again.insert(register) }
          written.insert(register)
        }
      }
    }
    written.subtract(again)
    return written
  }

  /// A frame begins with its registers nil or zero.
  private mutating func setFirstValues() {
    for (index, mask) in graph.registers.enumerated().dropFirst(graph.parameterCount) {
      let constant: Constant
      if mask.contains(.nil) {
        constant = .null
      } else if mask.contains(.boolean) {
        constant = .boolean(false)
      } else if mask.contains(.integer) {
        constant = .integer(0)
      } else {
        continue
      }
      scope.set(UInt8(index), to: table.constant(constant), isHome: false)
    }
  }

  private mutating func process(_ block: Int) {
    items = []
    let old = graph.blocks[block].items
    var target = graph.blocks[block].target
    for item in old {
      line = item.line
      if item.instruction.jumps {
        jump(item.instruction, &target)
      } else {
        compute(item.instruction)
      }
    }
    graph.blocks[block].items = items
    graph.blocks[block].target = target
  }

  private mutating func jump(_ instruction: Instruction, _ target: inout Int?) {
    var jump = substituted(instruction)
    switch simplify(&jump) {
    case .some(true): emit(Instruction(KTAP_OP_JMP))
    case .some(false): target = nil
    case .none:
      emit(jump)
      for register in jump.writes.members { scope.forget(register) }
    }
  }

  // MARK: - Registers

  func mask(_ register: UInt8) -> KindMask { graph.registers[Int(register)] }

  mutating func value(_ register: UInt8) -> Value {
    if let value = scope.value(of: register) { return value }
    let value = table.fresh(mask(register))
    scope.set(register, to: value)
    return value
  }

  /// The kinds that a register's value can have here.
  mutating func kinds(_ register: UInt8) -> KindMask {
    // Before the scope is read: what changes it while it is read copies all of it.
    let value = value(register)
    return scope.kinds(value, table).intersection(mask(register))
  }

  mutating func integer(_ register: UInt8) -> Int64? {
    let value = value(register)
    guard case .integer(let number) = table.constants[value] else { return nil }
    return number
  }

  /// The instruction with each operand read where its value was first.
  mutating func substituted(_ instruction: Instruction) -> Instruction {
    var result = instruction
    let isCheck = instruction.is(KTAP_OP_CHECK)
    let dest = instruction.a
    result.mapReads { register, reading in
      let wanted = mask(register)
      let value = value(register)
      for home in scope.registers(of: value) {
        if home == register { return register }
        let found = mask(home)
        if isCheck, found.isDisjoint(with: mask(dest)) { continue }
        if found == wanted || (reading == .atMost && found.isSubset(of: wanted)) { return home }
      }
      return register
    }
    return result
  }

  /// A register of exactly this kind with the value of another, which is known to be of that kind.
  mutating func typed(_ register: UInt8, _ kind: KindMask) -> UInt8? {
    if mask(register) == kind { return register }
    let value = value(register)
    for home in scope.registers(of: value) where mask(home) == kind { return home }
    guard let fresh = scratchRegister(kind) else { return nil }
    emit(
      Instruction(KTAP_OP_CHECK, a: fresh, b: register, imm: Int32(KTAP_ERROR_KIND.rawValue)),
      isCertain: true)
    scope.set(fresh, to: value)
    return fresh
  }

  private mutating func scratchRegister(_ kind: KindMask) -> UInt8? {
    var pool = scratch[kind] ?? ([], 0)
    defer { scratch[kind] = pool }
    if pool.registers.count < ValuePass.scratchCount,
      graph.registers.count < Int(KTAP_MAX_REGISTERS)
    {
      graph.registers.append(kind)
      pool.registers.append(UInt8(graph.registers.count - 1))
      return pool.registers.last
    }
    // Two operands of one instruction must not share one.
    guard pool.registers.count >= 2 else { return nil }
    pool.next = (pool.next + 1) % pool.registers.count
    return pool.registers[pool.next]
  }

  mutating func emit(_ instruction: Instruction, isCertain: Bool = false) {
    items.append(FlowGraph.Item(instruction: instruction, line: line, isCertain: isCertain))
  }
}
