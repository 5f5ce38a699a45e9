// SPDX-License-Identifier: GPL-2.0-or-later
import Bytecode
import CKtap

/// Puts values that are never needed at the same time into one register: a frame's registers are
/// cleared each time it is entered. Registers that must follow each other stay together.
struct Allocation {
  private let graph: FlowGraph
  /// What each register holds values beside.
  private var conflicts: [RegisterSet]
  /// Registers from which or to which each is moved.
  private var partners: [UInt8: [UInt8]] = [:]
  private var used: RegisterSet
  /// Whether a register must stay in front of the next one.
  private var isJoined: [Bool]

  // What has been placed.
  private var masks: [KindMask] = []
  private var occupants: [RegisterSet] = []
  private var places: [UInt8?]

  static func run(_ graph: inout FlowGraph) {
    var pass = Allocation(graph)
    pass.findConflicts()
    pass.place()
    pass.apply(&graph)
  }

  private init(_ graph: FlowGraph) {
    self.graph = graph
    let count = graph.registers.count
    conflicts = [RegisterSet](repeating: RegisterSet(), count: count)
    isJoined = [Bool](repeating: false, count: count)
    places = [UInt8?](repeating: nil, count: count)
    used = RegisterSet(first: 0, count: graph.parameterCount)
    for index in 0..<max(graph.parameterCount - 1, 0) { isJoined[index] = true }
  }

  // MARK: - Conflicts

  private mutating func findConflicts() {
    let liveness = Liveness(graph)
    for (index, block) in graph.blocks.enumerated() {
      var live = liveness.out[index]
      for item in block.items.reversed() {
        visit(item.instruction, live)
        Liveness.step(&live, over: item.instruction)
      }
      guard index == 0 else { continue }
      // All that a frame begins with exists at the same time, parameters that nobody reads too.
      live.formUnion(RegisterSet(first: 0, count: graph.parameterCount))
      for register in live.members { conflict(register, live) }
    }
  }

  private mutating func visit(_ instruction: Instruction, _ live: RegisterSet) {
    let writes = instruction.writes
    used.formUnion(writes)
    used.formUnion(instruction.reads)
    let run = instruction.run
    join(run.first, run.count)
    if instruction.is(KTAP_OP_ITER) || instruction.is(KTAP_OP_NEXT) {
      join(instruction.a, 3)
      var all = writes
      all.formUnion(instruction.reads)
      for register in all.members { conflict(register, all) }
    }
    for register in writes.members {
      var others = live
      if instruction.is(KTAP_OP_MOV) || instruction.is(KTAP_OP_MOVV) {
        // Both hold the same value: they may be one.
        others.remove(instruction.b)
        partners[register, default: []].append(instruction.b)
        partners[instruction.b, default: []].append(register)
      }
      conflict(register, others)
    }
  }

  private mutating func join(_ first: UInt8, _ count: Int) {
    guard count > 1 else { return }
    for index in Int(first)..<Int(first) + count - 1 { isJoined[index] = true }
  }

  private mutating func conflict(_ register: UInt8, _ others: RegisterSet) {
    conflicts[Int(register)].formUnion(others)
    for other in others.members { conflicts[Int(other)].insert(register) }
    conflicts[Int(register)].remove(register)
  }

  // MARK: - Places

  /// Parameters first, where they are, then the runs; a register alone can go where it is moved to.
  private mutating func place() {
    var groups: [ClosedRange<Int>] = []
    var first = 0
    while first < graph.registers.count {
      var last = first
      while isJoined[last] { last += 1 }
      let group = first...last
      if group.contains(where: { used.contains(UInt8($0)) }) { groups.append(group) }
      first = last + 1
    }
    if graph.parameterCount > 0, let parameters = groups.first {
      place(parameters)
      groups.removeFirst()
    }
    for group in groups where group.count > 1 { place(group) }
    for group in groups where group.count == 1 { place(group) }
  }

  private mutating func place(_ group: ClosedRange<Int>) {
    for wish in wishes(group) where fits(group, at: wish) {
      put(group, at: wish)
      return
    }
    let start = masks.indices.first { fits(group, at: $0) } ?? masks.count
    put(group, at: start)
  }

  /// Where a register alone would make a move unnecessary.
  private func wishes(_ group: ClosedRange<Int>) -> [Int] {
    guard group.count == 1 else { return [] }
    return (partners[UInt8(group.lowerBound)] ?? []).compactMap { places[Int($0)].map(Int.init) }
  }

  private func fits(_ group: ClosedRange<Int>, at start: Int) -> Bool {
    for register in group {
      let place = start + register - group.lowerBound
      if place >= masks.count { return true }
      if masks[place] != graph.registers[register]
        || !conflicts[register].isDisjoint(with: occupants[place])
      {
        return false
      }
    }
    return true
  }

  private mutating func put(_ group: ClosedRange<Int>, at start: Int) {
    for register in group {
      let place = start + register - group.lowerBound
      if place == masks.count {
        masks.append(graph.registers[register])
        occupants.append(RegisterSet())
      }
      occupants[place].insert(UInt8(register))
      places[register] = UInt8(place)
    }
  }

  private func apply(_ graph: inout FlowGraph) {
    for block in graph.blocks.indices {
      for index in graph.blocks[block].items.indices {
        graph.blocks[block].items[index].instruction.renumber { places[Int($0)] ?? $0 }
      }
    }
    graph.registers = masks
  }
}
