// SPDX-License-Identifier: GPL-2.0-or-later
import Bytecode

/// What inference finds out about the values of one place.
protocol Kinded: AnyObject {
  var mask: KindMask { get set }
  var shape: TableShape? { get set }
  /// The work of inference that depends on it.
  var watchers: Watchers { get set }
}

extension Variable: Kinded {}

extension Expr: Kinded {
  /// Only the statement that it stands in looks at it.
  var watchers: Watchers {
    get { Watchers() }
    set {}
  }
}

/// The values in one position of a list.
final class Slot: Kinded {
  var mask: KindMask = []
  var shape: TableShape?
  var watchers = Watchers()

  /// Takes over what another place holds, when two shapes become one; tells which shapes meet.
  func join(
    _ other: Slot, _ worklist: Worklist, _ meetings: inout [(TableShape, TableShape)]
  ) {
    let both = mask.union(other.mask)
    let (isNew, isOtherNew) = (shape == nil, other.shape == nil)
    if let second = other.shape {
      if let shape { meetings.append((shape, second)) } else { shape = second }
    }
    let hasShape = shape != nil
    if mask != both || (isNew && hasShape) { worklist.wake(&watchers) }
    if other.mask != both || (isOtherNew && hasShape) { worklist.wake(&other.watchers) }
    mask = both
    watchers.join(other.watchers)
  }
}

extension Slot {
  /// What another place holds may be here as well; tells which shapes meet.
  func take(
    _ other: Slot, _ worklist: Worklist, _ meetings: inout [(TableShape, TableShape)]
  ) {
    var isNew = !mask.isSuperset(of: other.mask)
    mask.formUnion(other.mask)
    if let second = other.shape {
      if let shape {
        meetings.append((shape, second))
      } else {
        shape = second
        isNew = true
      }
    }
    if isNew { worklist.wake(&watchers) }
  }
}

/// Several values: the arguments that functions are called with, the results that they return.
final class ValueList {
  /// Positions that are told apart; those behind are one.
  static let positions = 8

  /// The values of the first positions.
  private(set) var slots: [Slot] = []
  /// The values of all positions from `restStart` on.
  let rest = Slot()
  private(set) var restStart = Int.max
  /// The least number of values; nil when none is known yet.
  private(set) var fewest: Int?
  /// The greatest number of values, `Int.max` without a bound.
  private(set) var most = 0
  /// The work of inference that depends on the numbers of values and on which positions there are.
  var watchers = Watchers()

  init(count: Int = 0) {
    for _ in 0..<count { slots.append(Slot()) }
  }

  /// The number of values when it is always the same.
  var count: Int? { fewest == most ? most : nil }

  /// What there may be in a position.
  func parts(_ position: Int) -> [Slot] {
    (position < slots.count ? [slots[position]] : []) + (position >= restStart ? [rest] : [])
  }

  /// Whether the list may end before this position.
  func mayLack(_ position: Int) -> Bool { fewest.map { position >= $0 } ?? false }

  /// The place for values of this position.
  func slot(_ position: Int) -> Slot {
    guard position < ValueList.positions else {
      restStart = min(restStart, ValueList.positions)
      return rest
    }
    while slots.count <= position { slots.append(Slot()) }
    return slots[position]
  }

  /// The place for values of this position and all behind.
  func slots(from position: Int) -> Slot {
    restStart = min(restStart, position)
    return rest
  }

  /// Notes lists of `fewest` to `most` values. Returns whether that is new.
  func note(fewest less: Int, most values: Int) -> Bool {
    // A function that adds to its own results has no bound.
    let more = values > ValueList.positions ? Int.max : values
    if let fewest, fewest <= less, most >= more { return false }
    fewest = min(fewest ?? less, less)
    most = max(most, more)
    return true
  }

  /// What the watchers of the list itself look at.
  struct Form: Equatable {
    let slots: Int
    let restStart: Int
    let fewest: Int?
    let most: Int
  }

  var form: Form {
    Form(slots: slots.count, restStart: restStart, fewest: fewest, most: most)
  }

  /// Takes over what another list may hold, when two shapes become one; tells which shapes meet.
  func join(
    _ other: ValueList, _ worklist: Worklist, _ meetings: inout [(TableShape, TableShape)]
  ) {
    let before = form
    for (position, source) in other.slots.enumerated() {
      slot(position).join(source, worklist, &meetings)
    }
    if other.restStart < Int.max {
      slots(from: other.restStart).join(other.rest, worklist, &meetings)
    }
    if let less = other.fewest { _ = note(fewest: less, most: other.most) }
    if form != before { worklist.wake(&watchers) }
    if form != other.form { worklist.wake(&other.watchers) }
    watchers.join(other.watchers)
  }
}
