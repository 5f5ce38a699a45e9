// SPDX-License-Identifier: GPL-2.0-or-later
import Bytecode
import CKtap

/// Gives temporaries that follow each other in one register registers of their own, so that a value
/// is still there when it is wanted again. The allocation puts them together afterwards.
///
/// Only what is written and read for the last time in one block, and not in a run, is renamed.
struct Renaming {
  private var masks: [KindMask]
  private let parameterCount: Int
  /// The registers that this pass added, by mask.
  private var pools: [KindMask: Pool] = [:]

  private struct Pool {
    var registers: [UInt8] = []
    /// Up to where in the block in hand each is in use.
    var ends: [Int] = []
    var next = 0
  }

  /// How many registers of one mask the pass adds: enough for what a handler computes.
  private static let poolSize = 24

  static func run(_ graph: inout FlowGraph) {
    var pass = Renaming(masks: graph.registers, parameterCount: graph.parameterCount)
    let liveness = Liveness(graph)
    let isReused = pass.reused(graph)
    for block in graph.blocks.indices {
      pass.rename(&graph.blocks[block].items, liveness.out[block], isReused)
    }
    graph.registers = pass.masks
  }

  private init(masks: [KindMask], parameterCount: Int) {
    self.masks = masks
    self.parameterCount = parameterCount
  }

  /// The registers that are written more than once.
  private func reused(_ graph: FlowGraph) -> RegisterSet {
    var once = RegisterSet(first: 0, count: parameterCount)
    var twice = RegisterSet()
    for block in graph.blocks {
      for item in block.items {
        guard let dest = item.instruction.destination else { continue }
        if once.contains(dest) { twice.insert(dest) }
        once.insert(dest)
      }
    }
    return twice
  }

  // MARK: - Uses

  /// What becomes of a register behind a place.
  private struct Use {
    var last: Int?
    /// It is read in another block, or where the register cannot be another one.
    var isFixed = false
  }

  private mutating func rename(
    _ items: inout [FlowGraph.Item], _ liveOut: RegisterSet, _ isReused: RegisterSet
  ) {
    let ends = ends(items, liveOut)
    for (mask, pool) in pools {
      pools[mask]?.ends = [Int](repeating: -1, count: pool.registers.count)
    }
    var names: [UInt8: UInt8] = [:]
    for index in items.indices {
      items[index].instruction.mapReads { register, _ in names[register] ?? register }
      for register in items[index].instruction.writes.members { names[register] = nil }
      guard let dest = items[index].instruction.destination, isReused.contains(dest),
        let end = ends[index], let fresh = take(masks[Int(dest)], from: index, to: end)
      else { continue }
      names[dest] = fresh
      items[index].instruction.a = fresh
    }
  }

  /// For each instruction that writes a register, where that is read last; nil when it must stay.
  private func ends(_ items: [FlowGraph.Item], _ liveOut: RegisterSet) -> [Int?] {
    var ends = [Int?](repeating: nil, count: items.count)
    var uses: [UInt8: Use] = [:]
    for index in items.indices.reversed() {
      let instruction = items[index].instruction
      for register in instruction.writes.members {
        let use = uses[register] ?? Use(isFixed: liveOut.contains(register))
        if !use.isFixed { ends[index] = use.last ?? index }
        uses[register] = Use()
      }
      if instruction.destination == nil { ends[index] = nil }
      for register in instruction.inputs {
        var use = uses[register] ?? Use(isFixed: liveOut.contains(register))
        use.last = use.last ?? index
        use.isFixed = use.isFixed || isFixed(instruction, register)
        uses[register] = use
      }
    }
    return ends
  }

  private func isFixed(_ instruction: Instruction, _ register: UInt8) -> Bool {
    var renamed = instruction
    // Another number than any that it names, which 255 is: functions have fewer registers.
    renamed.mapReads { read, _ in read == register ? 255 : read }
    return renamed.reads.contains(register)
  }

  private mutating func take(_ mask: KindMask, from start: Int, to end: Int) -> UInt8? {
    var pool = pools[mask] ?? Pool()
    defer { pools[mask] = pool }
    if pool.registers.count < Renaming.poolSize, masks.count < Int(KTAP_MAX_REGISTERS) {
      masks.append(mask)
      pool.registers.append(UInt8(masks.count - 1))
      pool.ends.append(end)
      return pool.registers.last
    }
    // In turn, so that a value stays as long as can be.
    for _ in pool.registers {
      pool.next = (pool.next + 1) % pool.registers.count
      if pool.ends[pool.next] <= start {
        pool.ends[pool.next] = end
        return pool.registers[pool.next]
      }
    }
    return nil
  }
}
