// SPDX-License-Identifier: GPL-2.0-or-later
import Bytecode
import CKtap

/// Computes in front of a loop what is the same in each of its rounds. The result goes into a register of its own, from
/// which the loop moves it; the passes behind this one read it there and leave the moves out.
///
/// What can fail goes only where it would have been the first thing to fail or to have an effect.
struct Hoisting {
  private var graph: FlowGraph
  private let fixed: Set<Int32>
  private let loops: Loops
  private let liveness: Liveness
  /// Registers that are written in one place only.
  private let stable: RegisterSet
  /// How many registers the pass may still add.
  private var room: Int

  /// A frame should not grow much: it is cleared each time it is entered.
  private static let most = 16

  /// - Parameter isMain: whether it is top-level code.
  static func run(_ graph: inout FlowGraph, _ facts: ProgramFacts, isMain: Bool = false) {
    let loops = Loops(graph)
    guard !loops.all.isEmpty else { return }
    insertEntries(&graph, loops)
    var pass = Hoisting(graph, fixed: facts.fixed(isMain: isMain))
    for loop in pass.loops.all { pass.visit(loop) }
    graph = pass.graph
  }

  private init(_ graph: FlowGraph, fixed: Set<Int32>) {
    self.graph = graph
    self.fixed = fixed
    loops = Loops(graph)
    liveness = Liveness(graph)
    stable = ValuePass.stableRegisters(graph)
    room = min(Hoisting.most, Int(KTAP_MAX_REGISTERS) - graph.registers.count)
  }

  /// Puts an empty block in front of each loop that is not entered from a block which leads nowhere else. A
  /// loop whose header is reached from the block above it, in the loop, must do without.
  private static func insertEntries(_ graph: inout FlowGraph, _ loops: Loops) {
    var wanted: [Int: Loop] = [:]
    for loop in loops.all {
      if let entry = loop.entry, graph.successors(entry).allSatisfy({ $0 == loop.header }) {
        continue
      }
      let above = loop.header - 1
      if loop.blocks.contains(above), graph.blocks[above].fallsThrough { continue }
      wanted[loop.header] = loop
    }
    guard !wanted.isEmpty else { return }
    var moved: [Int] = []
    var blocks: [FlowGraph.Block] = []
    for (index, block) in graph.blocks.enumerated() {
      if wanted[index] != nil { blocks.append(FlowGraph.Block()) }
      moved.append(blocks.count)
      blocks.append(block)
    }
    for (index, block) in graph.blocks.enumerated() {
      guard let target = block.target else { continue }
      let isEntered = wanted[target].map { !$0.latches.contains(index) } ?? false
      blocks[moved[index]].target = moved[target] - (isEntered ? 1 : 0)
    }
    graph.blocks = blocks
  }

  // MARK: - One loop

  private mutating func visit(_ loop: Loop) {
    guard let entry = loop.entry,
      graph.successors(entry).allSatisfy({ $0 == loop.header })
    else { return }
    var inRuns = RegisterSet()
    // What was taken out of the loops inside is written in this one.
    var written = RegisterSet()
    for block in loop.blocks {
      for item in graph.blocks[block].items {
        written.formUnion(item.instruction.writes)
        let run = item.instruction.run
        if run.count > 1 { inRuns.formUnion(RegisterSet(first: run.first, count: run.count)) }
      }
    }
    for block in loop.blocks.sorted()
    where loop.latches.allSatisfy({ loops.dominates(block, $0) }) {
      // Only the header runs for certain before anything else of the loop does.
      var mayFail = block == loop.header
      // Where the values are that this block moved into its registers.
      var early: [UInt8: UInt8] = [:]
      for index in graph.blocks[block].items.indices {
        var item = graph.blocks[block].items[index]
        let writes = item.instruction.writes
        item.instruction.mapReads { register, _ in early[register] ?? register }
        let effects = item.instruction.effects
        let isHarmless: Bool
        if case .nothing = effects.change { isHarmless = true } else { isHarmless = false }
        guard isHarmless, !effects.canFail || mayFail, room > 0,
          isInvariant(item.instruction, written), let dest = item.instruction.destination,
          pays(item.instruction, dest, block, inRuns)
        else {
          if effects.canFail || !isHarmless { mayFail = false }
          for register in writes.members { early[register] = nil }
          continue
        }
        early[dest] = hoist(item, at: index, of: block, to: entry, dest)
      }
    }
  }

  private func isInvariant(_ instruction: Instruction, _ written: RegisterSet) -> Bool {
    guard instruction.reads.isDisjoint(with: written) else { return false }
    switch instruction.effects.source {
    case .operands: return true
    case .global: return fixed.contains(instruction.imm)
    case .tables, .time: return false
    }
  }

  /// Moves gain nothing, and a value that the loop needs in a certain register is moved there after all.
  private func pays(
    _ instruction: Instruction, _ dest: UInt8, _ block: Int, _ inRuns: RegisterSet
  ) -> Bool {
    if instruction.is(KTAP_OP_MOV) || instruction.is(KTAP_OP_MOVV) { return false }
    if inRuns.contains(dest), !instruction.isLoad { return false }
    return stable.contains(dest) || !liveness.out[block].contains(dest)
  }

  private mutating func hoist(
    _ item: FlowGraph.Item, at index: Int, of block: Int, to entry: Int, _ dest: UInt8
  ) -> UInt8 {
    let mask = graph.registers[Int(dest)]
    let fresh = UInt8(graph.registers.count)
    graph.registers.append(mask)
    room -= 1
    var early = item
    early.instruction.a = fresh
    early.isCertain = false
    let ends = graph.blocks[entry].items.last?.instruction.jumps ?? false
    graph.blocks[entry].items.insert(early, at: graph.blocks[entry].items.count - (ends ? 1 : 0))
    // A constant is loaded again where a move would cost the same.
    if item.instruction.isLoad { return fresh }
    let move = Instruction(mask.isTyped ? KTAP_OP_MOV : KTAP_OP_MOVV, a: dest, b: fresh)
    graph.blocks[block].items[index].instruction = move
    graph.blocks[block].items[index].isCertain = false
    return fresh
  }
}

extension Instruction {
  /// Whether it loads a constant.
  fileprivate var isLoad: Bool {
    switch ktap_opcode(rawValue: UInt32(op.rawValue)) {
    case KTAP_OP_LDI, KTAP_OP_LDK, KTAP_OP_LDS, KTAP_OP_LDB, KTAP_OP_LDNIL: true
    default: false
    }
  }
}
