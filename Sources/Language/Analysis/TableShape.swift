// SPDX-License-Identifier: GPL-2.0-or-later
import Bytecode

/// The buckets of a linear histogram: `step` wide from `low` to below `high`.
struct LinearBuckets {
  let low: Int64
  let high: Int64
  let step: Int64
  /// The call of lhist.
  let range: SourceRange

  func isSame(as other: LinearBuckets) -> Bool {
    low == other.low && high == other.high && step == other.step
  }
}

/// What the tables and functions that may meet in one place have in common: the kinds of their keys
/// and values, of their arguments and results. A shape also stands for aggregates, of which it knows
/// what is asked of them. Shapes are joined by union-find when tables flow together; read everything
/// through `root`.
final class TableShape {
  private var parent: TableShape?
  /// The kinds of each key part; empty until the table is first indexed.
  var keys: [KindMask] = []
  /// The kinds of its values, never nil.
  var value: KindMask = []
  /// The shape of the tables or aggregates among its values.
  var element: TableShape?
  /// The functions.
  var functions: [FunctionUnit] = []
  /// What they are called with where only the value is known.
  private(set) var arguments = ValueList()
  /// What they return.
  private(set) var results = ValueList(count: 1)
  /// Where its number of key parts was first seen.
  var firstUse: SourceRange?
  /// The key of that use.
  var keyUse: SourceRange?
  /// Where `<<<` first adds to one of its entries.
  var added: SourceRange?

  // Of aggregates: what is asked of them.
  var parts: AggregateParts = []
  var buckets: LinearBuckets?

  var root: TableShape {
    var shape = self
    while let next = shape.parent { shape = next }
    if shape !== self { parent = shape }
    return shape
  }

  /// Makes the two shapes one, and those that thereby meet. Returns whether they were two. Shapes
  /// whose number of key parts differs are joined too; `conflict` is told.
  static func unify(
    _ left: TableShape, _ right: TableShape, conflict: (TableShape, TableShape) -> Void
  ) -> Bool {
    var pending = [(left, right)]
    var areNew = false
    while let (first, second) = pending.popLast() {
      let one = first.root
      let other = second.root
      if one === other { continue }
      areNew = true
      if !one.keys.isEmpty, !other.keys.isEmpty, one.keys.count != other.keys.count {
        conflict(one, other)
      }
      other.parent = one
      one.join(other, &pending)
    }
    return areNew
  }

  private func join(_ other: TableShape, _ meetings: inout [(TableShape, TableShape)]) {
    if keys.isEmpty {
      keys = other.keys
      firstUse = other.firstUse
      keyUse = other.keyUse
    } else {
      for (index, mask) in other.keys.enumerated() where index < keys.count {
        keys[index].formUnion(mask)
      }
    }
    value.formUnion(other.value)
    functions += other.functions
    arguments.join(other.arguments, &meetings)
    results.join(other.results, &meetings)
    parts.formUnion(other.parts)
    buckets = buckets ?? other.buckets
    added = added ?? other.added
    if let second = other.element {
      if let element { meetings.append((element, second)) } else { element = second }
    }
  }
}
