// SPDX-License-Identifier: GPL-2.0-or-later
import Bytecode
import CKtap

/// Shortens the ways of control: jumps to jumps, to returns, over jumps and to the next
/// instruction.
enum Jumps {
  static func run(_ graph: inout FlowGraph) {
    graph.removeUnreachable()
    let ends = destinations(graph)
    for block in graph.blocks.indices {
      if let target = graph.blocks[block].target { graph.blocks[block].target = ends[target] }
      returnAtOnce(&graph, block)
    }
    let edges = graph.edgeCounts()
    let exit = graph.blocks.indices.last { isExit(graph.blocks[$0]) }
    for block in graph.blocks.indices { jumpOver(&graph, block, edges, exit) }
    for block in graph.blocks.indices { removeIdle(&graph, block) }
    graph.removeUnreachable()
  }

  /// Where control gets to from the beginning of each block without executing anything but jumps.
  private static func destinations(_ graph: FlowGraph) -> [Int] {
    var ends = [Int?](repeating: nil, count: graph.blocks.count)
    for start in graph.blocks.indices {
      var way: [Int] = []
      var block = start
      // A circle of jumps ends where it is entered.
      var isOnWay: Set<Int> = []
      while ends[block] == nil, isOnWay.insert(block).inserted {
        way.append(block)
        guard let next = onward(graph, block) else { break }
        block = next
      }
      let end = ends[block] ?? block
      for passed in way { ends[passed] = end }
    }
    return ends.enumerated().map { $0.element ?? $0.offset }
  }

  /// The block behind one that does nothing.
  private static func onward(_ graph: FlowGraph, _ block: Int) -> Int? {
    let items = graph.blocks[block].items
    if items.isEmpty { return block + 1 < graph.blocks.count ? block + 1 : nil }
    guard items.count == 1, items[0].instruction.is(KTAP_OP_JMP) else { return nil }
    return graph.blocks[block].target
  }

  /// A jump to a return returns.
  private static func returnAtOnce(_ graph: inout FlowGraph, _ block: Int) {
    guard let target = graph.blocks[block].target, let last = graph.blocks[block].items.last,
      last.instruction.is(KTAP_OP_JMP), graph.blocks[target].items.count == 1
    else { return }
    let reached = graph.blocks[target].items[0]
    let op = reached.instruction
    guard op.is(KTAP_OP_RET) || op.is(KTAP_OP_RETNIL) || op.is(KTAP_OP_RETL) else { return }
    graph.blocks[block].items[graph.blocks[block].items.count - 1] = reached
    graph.blocks[block].target = nil
  }

  private static func isExit(_ block: FlowGraph.Block) -> Bool {
    block.items.count == 1 && block.items[0].instruction.is(KTAP_OP_RETNIL)
  }

  /// `if (c) goto A; goto B; A:` becomes `if (!c) goto B; A:`, and so does a return where the
  /// function has another one to jump to.
  private static func jumpOver(
    _ graph: inout FlowGraph, _ block: Int, _ edges: [Int], _ exit: Int?
  ) {
    let next = block + 1
    guard let target = graph.blocks[block].target, let last = graph.blocks[block].items.last,
      next < graph.blocks.count, edges[next] == 1, follows(graph, next, target)
    else { return }
    var other: Int?
    if isExit(graph.blocks[next]) {
      other = exit == next ? nil : exit
    } else if graph.blocks[next].items.count == 1,
      graph.blocks[next].items[0].instruction.is(KTAP_OP_JMP)
    {
      other = graph.blocks[next].target
    }
    guard let other, let opposite = last.instruction.opposite(graph.registers) else { return }
    graph.blocks[block].items[graph.blocks[block].items.count - 1].instruction = opposite
    graph.blocks[block].target = other
    graph.blocks[next] = FlowGraph.Block()
  }

  /// Whether `target` begins right behind `block`, empty blocks aside.
  private static func follows(_ graph: FlowGraph, _ block: Int, _ target: Int) -> Bool {
    guard target > block else { return false }
    return (block + 1..<target).allSatisfy { graph.blocks[$0].items.isEmpty }
  }

  /// A jump to the next instruction is none.
  private static func removeIdle(_ graph: inout FlowGraph, _ block: Int) {
    guard let target = graph.blocks[block].target, let last = graph.blocks[block].items.last,
      !last.instruction.is(KTAP_OP_NEXT), follows(graph, block, target)
    else { return }
    graph.blocks[block].items.removeLast()
    graph.blocks[block].target = nil
  }
}

extension Instruction {
  /// The jump that is made exactly when this one is not; nil when there is none.
  func opposite(_ masks: [KindMask]) -> Instruction? {
    var result = self
    switch ktap_opcode(rawValue: UInt32(op.rawValue)) {
    case KTAP_OP_JT: result.op = Opcode(KTAP_OP_JF)
    case KTAP_OP_JF: result.op = Opcode(KTAP_OP_JT)
    case KTAP_OP_JTV: result.op = Opcode(KTAP_OP_JFV)
    case KTAP_OP_JFV: result.op = Opcode(KTAP_OP_JTV)
    case KTAP_OP_JEQ: result.op = Opcode(KTAP_OP_JNE)
    case KTAP_OP_JNE: result.op = Opcode(KTAP_OP_JEQ)
    case KTAP_OP_JLT:
      result = Instruction(KTAP_OP_JLE, a: b, b: a)
    case KTAP_OP_JLE:
      result = Instruction(KTAP_OP_JLT, a: b, b: a)
    case KTAP_OP_JEQI: result.op = Opcode(KTAP_OP_JNEI)
    case KTAP_OP_JNEI: result.op = Opcode(KTAP_OP_JEQI)
    case KTAP_OP_JLTI: result.op = Opcode(KTAP_OP_JGEI)
    case KTAP_OP_JGEI: result.op = Opcode(KTAP_OP_JLTI)
    case KTAP_OP_JLEI: result.op = Opcode(KTAP_OP_JGTI)
    case KTAP_OP_JGTI: result.op = Opcode(KTAP_OP_JLEI)
    case KTAP_OP_JEQS: result.op = Opcode(KTAP_OP_JNES)
    case KTAP_OP_JNES: result.op = Opcode(KTAP_OP_JEQS)
    case KTAP_OP_JKIND:
      let kinds = KindMask(rawValue: UInt16(bitPattern: wide))
      result.wide = Int16(bitPattern: masks[Int(a)].subtracting(kinds).rawValue)
    default: return nil
    }
    return result
  }
}
