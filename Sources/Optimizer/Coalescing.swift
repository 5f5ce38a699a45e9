// SPDX-License-Identifier: GPL-2.0-or-later
import Bytecode
import CKtap

/// Makes an instruction write where its result is moved to: `ADD r5, …; …; MOV r3, r5` becomes
/// `ADD r3, …` when r5 is not read again.
enum Coalescing {
  static func run(_ graph: inout FlowGraph) {
    let liveness = Liveness(graph)
    for block in graph.blocks.indices {
      var pass = Pass(
        items: graph.blocks[block].items, masks: graph.registers, liveOut: liveness.out[block])
      guard pass.run() else { continue }
      graph.blocks[block].items = pass.items
    }
  }

  private struct Pass {
    var items: [FlowGraph.Item]
    let masks: [KindMask]
    let liveOut: RegisterSet

    /// How far back the instruction is looked for that made what is moved: bounds the work.
    private static let reach = 64

    init(items: [FlowGraph.Item], masks: [KindMask], liveOut: RegisterSet) {
      self.items = items
      self.masks = masks
      self.liveOut = liveOut
    }

    /// Whether something changed.
    mutating func run() -> Bool {
      guard items.contains(where: { Pass.isMove($0.instruction) }) else { return false }
      var removed = Set<Int>()
      // Backwards, so that what is live behind a move is known; a move that goes shifts nothing.
      var live = liveOut
      for index in items.indices.reversed() {
        let move = items[index].instruction
        if Pass.isMove(move), move.a != move.b, !live.contains(move.b),
          let maker = maker(of: move.b, before: index, removed, unless: move.a),
          fits(items[maker].instruction, move)
        {
          rename(move.b, to: move.a, from: maker, through: index, removed)
          removed.insert(index)
          continue
        }
        Liveness.step(&live, over: move)
      }
      guard !removed.isEmpty else { return false }
      items = items.indices.filter { !removed.contains($0) }.map { items[$0] }
      return true
    }

    private static func isMove(_ instruction: Instruction) -> Bool {
      instruction.is(KTAP_OP_MOV) || instruction.is(KTAP_OP_MOVV)
    }

    /// The instruction that wrote `register` last, when nothing in between touches `dest` and all
    /// that reads `register` can read another one instead.
    private func maker(
      of register: UInt8, before index: Int, _ removed: Set<Int>, unless dest: UInt8
    ) -> Int? {
      var at = index - 1
      while at >= 0, index - at <= Pass.reach {
        defer { at -= 1 }
        if removed.contains(at) { continue }
        let instruction = items[at].instruction
        let writes = instruction.writes
        if writes.contains(register) { return instruction.destination == register ? at : nil }
        let reads = instruction.reads
        if writes.contains(dest) || reads.contains(dest) { return nil }
        if reads.contains(register), !canRename(instruction, register, dest) { return nil }
      }
      return nil
    }

    private func canRename(_ instruction: Instruction, _ register: UInt8, _ dest: UInt8) -> Bool {
      guard masks[Int(register)] == masks[Int(dest)] else { return false }
      var renamed = instruction
      renamed.mapReads { read, _ in read == register ? dest : read }
      return !renamed.reads.contains(register)
    }

    private mutating func rename(
      _ register: UInt8, to dest: UInt8, from maker: Int, through index: Int, _ removed: Set<Int>
    ) {
      items[maker].instruction.a = dest
      for at in maker + 1..<index where !removed.contains(at) {
        items[at].instruction.mapReads { read, _ in read == register ? dest : read }
      }
    }

    /// Whether the instruction may write the destination of the move.
    private func fits(_ maker: Instruction, _ move: Instruction) -> Bool {
      let from = masks[Int(move.b)]
      let to = masks[Int(move.a)]
      if from == to { return true }
      switch ktap_opcode(rawValue: UInt32(maker.op.rawValue)) {
      // Their results fit into any register of a larger mask; others check by the mask, or want
      // exactly one kind.
      case KTAP_OP_GETG, KTAP_OP_EFIELD, KTAP_OP_LIB, KTAP_OP_CALL, KTAP_OP_LDNIL, KTAP_OP_MOVV:
        return to.isSuperset(of: from)
      default: return false
      }
    }
  }
}
