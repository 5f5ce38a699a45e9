// SPDX-License-Identifier: GPL-2.0-or-later
import Bytecode
import CKtap

/// Which registers hold a value that is still read, at the ends of blocks.
struct Liveness {
  /// Read behind the block, before it is written.
  private(set) var out: [RegisterSet]
  /// Read before they are written, where the function begins.
  private(set) var atEntry = RegisterSet()

  init(_ graph: FlowGraph) {
    let count = graph.blocks.count
    var used = [RegisterSet](repeating: RegisterSet(), count: count)
    var written = used
    var entry = used
    out = used
    var predecessors = [[Int]](repeating: [], count: count)
    for (index, block) in graph.blocks.enumerated() {
      for item in block.items.reversed() {
        let kills = Liveness.certainWrites(item.instruction)
        written[index].formUnion(kills)
        used[index].subtract(kills)
        used[index].formUnion(item.instruction.reads)
      }
      entry[index] = used[index]
      for next in graph.successors(index) { predecessors[next].append(index) }
    }
    var pending = Array(0..<count)
    var isPending = [Bool](repeating: true, count: count)
    while let index = pending.popLast() {
      isPending[index] = false
      var live = out[index]
      live.subtract(written[index])
      live.formUnion(used[index])
      entry[index] = live
      for before in predecessors[index] {
        let old = out[before]
        out[before].formUnion(live)
        if out[before] != old, !isPending[before] {
          isPending[before] = true
          pending.append(before)
        }
      }
    }
    atEntry = entry[0]
  }

  /// What an instruction writes whatever happens.
  private static func certainWrites(_ instruction: Instruction) -> RegisterSet {
    instruction.is(KTAP_OP_NEXT) ? RegisterSet() : instruction.writes
  }

  /// Steps from behind an instruction to in front of it.
  static func step(_ live: inout RegisterSet, over instruction: Instruction) {
    live.subtract(certainWrites(instruction))
    live.formUnion(instruction.reads)
  }
}

/// Removes what only writes registers that nobody reads.
enum DeadCode {
  static func run(_ graph: inout FlowGraph) {
    let liveness = Liveness(graph)
    for block in graph.blocks.indices {
      var live = liveness.out[block]
      var kept: [FlowGraph.Item] = []
      for item in graph.blocks[block].items.reversed() {
        let instruction = item.instruction
        if item.isCertain || instruction.effects.isRemovable, let written = instruction.destination,
          !live.contains(written)
        {
          continue
        }
        if isIdle(instruction) { continue }
        Liveness.step(&live, over: instruction)
        kept.append(item)
      }
      if kept.count != graph.blocks[block].items.count {
        graph.blocks[block].items = kept.reversed()
      }
    }
  }

  private static func isIdle(_ instruction: Instruction) -> Bool {
    (instruction.is(KTAP_OP_MOV) || instruction.is(KTAP_OP_MOVV)) && instruction.a == instruction.b
  }
}
