// SPDX-License-Identifier: GPL-2.0-or-later
import Bytecode

/// Leaves out the registers that no instruction names: a frame's registers are cleared each time it
/// is entered. The others keep their order, so runs stay runs.
enum Compaction {
  static func run(_ graph: inout FlowGraph) {
    var used = RegisterSet(first: 0, count: graph.parameterCount)
    for block in graph.blocks {
      for item in block.items {
        used.formUnion(item.instruction.reads)
        used.formUnion(item.instruction.writes)
      }
    }
    let kept = used.members
    guard kept.count < graph.registers.count else { return }
    var numbers = [UInt8](repeating: 0, count: 256)
    for (number, register) in kept.enumerated() { numbers[Int(register)] = UInt8(number) }
    for block in graph.blocks.indices {
      for index in graph.blocks[block].items.indices {
        graph.blocks[block].items[index].instruction.renumber { numbers[Int($0)] }
      }
    }
    graph.registers = kept.map { graph.registers[Int($0)] }
  }
}
