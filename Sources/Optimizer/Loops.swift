// SPDX-License-Identifier: GPL-2.0-or-later
import Bytecode
import CKtap

/// A block that all ways into a circle of blocks lead through, and the circle.
struct Loop {
  let header: Int
  /// The blocks with a jump back to the header.
  var latches: [Int] = []
  /// In no order, the header too.
  var blocks: [Int] = []
  /// What is written somewhere in the loop.
  var writes = RegisterSet()
  /// The one block in front of it from which the header is reached; nil if there are several.
  var entry: Int?
}

/// The loops of a function.
struct Loops {
  /// The small ones first, so those inside of others come before these.
  private(set) var all: [Loop] = []
  let dominators: Dominators
  private var first: [Int]
  private var last: [Int]

  init(_ graph: FlowGraph) {
    dominators = Dominators(graph)
    first = [Int](repeating: 0, count: graph.blocks.count)
    last = first
    number()
    var loops: [Int: Loop] = [:]
    var predecessors = [[Int]](repeating: [], count: graph.blocks.count)
    for block in graph.blocks.indices {
      for next in graph.successors(block) {
        predecessors[next].append(block)
        if dominates(next, block) {
          loops[next, default: Loop(header: next)].latches.append(block)
        }
      }
    }
    // Numbered anew for each loop: a set that need not be emptied.
    var seen = [Int](repeating: -1, count: graph.blocks.count)
    for header in loops.keys.sorted() {
      guard var loop = loops[header] else { continue }
      seen[header] = header
      var pending = loop.latches
      loop.blocks = [header]
      while let block = pending.popLast() {
        if seen[block] == header { continue }
        seen[block] = header
        loop.blocks.append(block)
        pending += predecessors[block]
      }
      for block in loop.blocks {
        for item in graph.blocks[block].items { loop.writes.formUnion(item.instruction.writes) }
      }
      let outside = predecessors[header].filter { seen[$0] != header }
      if let one = outside.first, outside.allSatisfy({ $0 == one }) { loop.entry = one }
      all.append(loop)
    }
    all.sort { ($0.blocks.count, $0.header) < ($1.blocks.count, $1.header) }
  }

  /// Whether every way to `block` leads through `other`.
  func dominates(_ other: Int, _ block: Int) -> Bool {
    first[other] <= first[block] && last[block] <= last[other]
  }

  /// Numbers the blocks so that those that one dominates lie between its two numbers.
  private mutating func number() {
    var count = 0
    var pending = [(block: 0, next: 0)]
    count += 1
    first[0] = count
    while let (block, next) = pending.last {
      count += 1
      if next == dominators.children[block].count {
        last[block] = count
        pending.removeLast()
        continue
      }
      pending[pending.count - 1].next += 1
      let child = dominators.children[block][next]
      first[child] = count
      pending.append((child, 0))
    }
  }
}
