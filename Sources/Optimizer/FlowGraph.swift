// SPDX-License-Identifier: GPL-2.0-or-later
import Bytecode
import CKtap

/// The code of one function cut into basic blocks, which is what all passes work on. Only the last
/// instruction of a block may jump or end the function.
struct FlowGraph {
  struct Item {
    var instruction: Instruction
    /// The line of the script.
    var line: UInt32
    /// A CHECK that is known to succeed: it only gives a register of fewer kinds its value.
    var isCertain = false
  }

  struct Block {
    var items: [Item] = []
    /// The block that the last instruction jumps to.
    var target: Int?

    /// Whether control may go on to the next block.
    var fallsThrough: Bool { !(items.last?.instruction.ends ?? false) }
  }

  /// In the order of the code. The first is where the function begins, and nothing jumps to it.
  var blocks: [Block]
  /// The kinds of each register.
  var registers: [KindMask]
  let parameterCount: Int

  init(_ function: Function) {
    registers = function.registers
    parameterCount = function.parameterCount
    let code = function.code
    var isLeader = [Bool](repeating: false, count: code.count + 1)
    for (index, instruction) in code.enumerated() where instruction.jumps || instruction.ends {
      isLeader[index + 1] = true
      if instruction.jumps { isLeader[FlowGraph.target(instruction, at: index)] = true }
    }
    var blockAt = [Int](repeating: 0, count: code.count + 1)
    blocks = [Block()]
    for (index, instruction) in code.enumerated() {
      if index == 0 || isLeader[index] { blocks.append(Block()) }
      blockAt[index] = blocks.count - 1
      blocks[blocks.count - 1].items.append(
        Item(instruction: instruction, line: function.lines[index]))
    }
    // Jumps that are never made may go behind the last instruction.
    blocks.append(Block())
    blockAt[code.count] = blocks.count - 1
    var index = 0
    for number in blocks.indices {
      index += blocks[number].items.count
      if let last = blocks[number].items.last?.instruction, last.jumps {
        blocks[number].target = blockAt[FlowGraph.target(last, at: index - 1)]
      }
    }
  }

  private static func target(_ instruction: Instruction, at index: Int) -> Int {
    index + 1 + Int(instruction.imm)
  }

  /// The function with the code of the blocks.
  func function(_ old: Function) -> Function {
    var starts: [Int] = []
    var count = 0
    for block in blocks {
      starts.append(count)
      count += block.items.count
    }
    var function = old
    function.registers = registers
    function.code = []
    function.lines = []
    function.code.reserveCapacity(count)
    function.lines.reserveCapacity(count)
    for block in blocks {
      for item in block.items {
        function.code.append(item.instruction)
        function.lines.append(item.line)
      }
      if let target = block.target {
        let last = function.code.count - 1
        function.code[last].imm = Int32(starts[target] - last - 1)
      }
    }
    return function
  }

  // MARK: - Edges

  /// The blocks that may run after a block: the next one first.
  func successors(_ block: Int) -> [Int] {
    var successors: [Int] = []
    if blocks[block].fallsThrough, block + 1 < blocks.count { successors.append(block + 1) }
    if let target = blocks[block].target { successors.append(target) }
    return successors
  }

  /// How many edges lead into each block.
  func edgeCounts() -> [Int] {
    var counts = [Int](repeating: 0, count: blocks.count)
    for block in blocks.indices {
      for next in successors(block) { counts[next] += 1 }
    }
    return counts
  }

  /// Which blocks can run.
  func reachable() -> [Bool] {
    var reachable = [Bool](repeating: false, count: blocks.count)
    var pending = [0]
    while let block = pending.popLast() {
      if reachable[block] { continue }
      reachable[block] = true
      pending += successors(block)
    }
    return reachable
  }

  /// Leaves out the blocks that cannot run, and joins those that always follow each other.
  mutating func removeUnreachable() {
    let reachable = reachable()
    let edges = edgeCounts()
    var moved = [Int](repeating: 0, count: blocks.count)
    var kept: [Block] = []
    for (index, block) in blocks.enumerated() where reachable[index] {
      // The first block stays alone: jumps may lead to the code behind it.
      if kept.count > 1, edges[index] == 1, let last = kept.last, last.target == nil,
        last.fallsThrough
      {
        kept[kept.count - 1].items += block.items
        kept[kept.count - 1].target = block.target
      } else {
        kept.append(block)
      }
      moved[index] = kept.count - 1
    }
    for index in kept.indices {
      if let target = kept[index].target { kept[index].target = moved[target] }
    }
    blocks = kept
  }
}
