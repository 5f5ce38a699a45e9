// SPDX-License-Identifier: GPL-2.0-or-later

/// Which block every way to a block leads through last: its immediate dominator (by the iterative
/// algorithm, which passes twice over code without odd loops).
struct Dominators {
  /// The immediate dominator of each block; nil of the first and of those that cannot run.
  private(set) var parents: [Int?]
  /// The blocks that each one dominates immediately, in the order of the code.
  private(set) var children: [[Int]]

  init(_ graph: FlowGraph) {
    let count = graph.blocks.count
    parents = [Int?](repeating: nil, count: count)
    children = [[Int]](repeating: [], count: count)
    let order = Dominators.order(graph)
    var rank = [Int](repeating: -1, count: count)
    for (position, block) in order.enumerated() { rank[block] = position }
    var predecessors = [[Int]](repeating: [], count: count)
    for block in order {
      for next in graph.successors(block) { predecessors[next].append(block) }
    }
    var changed = true
    while changed {
      changed = false
      for block in order.dropFirst() {
        var found: Int?
        for before in predecessors[block] where before == 0 || parents[before] != nil {
          found = found.map { common($0, before, rank) } ?? before
        }
        if let found, parents[block] != found {
          parents[block] = found
          changed = true
        }
      }
    }
    for block in 0..<count {
      if let parent = parents[block] { children[parent].append(block) }
    }
  }

  private func common(_ one: Int, _ other: Int, _ rank: [Int]) -> Int {
    var (left, right) = (one, other)
    while left != right {
      if rank[left] > rank[right] {
        left = parents[left] ?? 0
      } else {
        right = parents[right] ?? 0
      }
    }
    return left
  }

  /// The blocks that can run, each before those that only come behind it.
  private static func order(_ graph: FlowGraph) -> [Int] {
    var order: [Int] = []
    var isSeen = [Bool](repeating: false, count: graph.blocks.count)
    var pending = [(block: 0, next: 0)]
    isSeen[0] = true
    while let (block, next) = pending.last {
      let successors = graph.successors(block)
      if next == successors.count {
        order.append(block)
        pending.removeLast()
        continue
      }
      pending[pending.count - 1].next += 1
      let target = successors[next]
      if !isSeen[target] {
        isSeen[target] = true
        pending.append((target, 0))
      }
    }
    return order.reversed()
  }
}
