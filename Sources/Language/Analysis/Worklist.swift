// SPDX-License-Identifier: GPL-2.0-or-later

/// Who has looked at something that inference may still change: numbers of work items, to be looked
/// after again when it does. Items that are woken look again, and so are noted again.
struct Watchers {
  fileprivate var items: [Int32] = []

  mutating func add(_ item: Int32) {
    if items.last != item { items.append(item) }
  }

  /// Takes over those who looked at something that is now the same.
  mutating func join(_ others: Watchers) { items += others.items }
}

/// The work items of inference that are yet to be done, first come first served, each once at a time.
final class Worklist {
  private var queue: [Int32] = []
  private var head = 0
  private var isQueued: [Bool] = []

  /// Asks for the items with the numbers from 0 on.
  func addAll(_ count: Int) {
    isQueued = [Bool](repeating: true, count: count)
    queue = (0..<count).map(Int32.init)
    head = 0
  }

  func wake(_ watchers: inout Watchers) {
    if watchers.items.isEmpty { return }
    for item in watchers.items where !isQueued[Int(item)] {
      isQueued[Int(item)] = true
      queue.append(item)
    }
    watchers.items.removeAll(keepingCapacity: true)
  }

  func next() -> Int32? {
    guard head < queue.count else {
      queue.removeAll()
      head = 0
      return nil
    }
    let item = queue[head]
    head += 1
    isQueued[Int(item)] = false
    return item
  }
}
