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

/// What the tables that may meet in one place have in common: the kinds of their keys and values.
/// A shape also stands for aggregates, of which it knows what is asked of them. Shapes are joined by union-find when tables flow together; read everything through `root`.
final class TableShape {
  private var parent: TableShape?
  /// The kinds of each key part; empty until the table is first indexed.
  var keys: [KindMask] = []
  /// The kinds of its values, never nil.
  var value: KindMask = []
  /// The shape of the tables or aggregates among its values.
  var element: TableShape?
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

  /// Makes the two shapes one. Returns whether they were two. Shapes whose number of key parts
  /// differs are joined too; `conflict` is told.
  static func unify(
    _ left: TableShape, _ right: TableShape, conflict: (TableShape, TableShape) -> Void
  ) -> Bool {
    let one = left.root
    let other = right.root
    if one === other { return false }
    if !one.keys.isEmpty, !other.keys.isEmpty, one.keys.count != other.keys.count {
      conflict(one, other)
    }
    other.parent = one
    if one.keys.isEmpty {
      one.keys = other.keys
      one.firstUse = other.firstUse
      one.keyUse = other.keyUse
    } else {
      for (index, mask) in other.keys.enumerated() where index < one.keys.count {
        one.keys[index].formUnion(mask)
      }
    }
    one.value.formUnion(other.value)
    one.parts.formUnion(other.parts)
    one.buckets = one.buckets ?? other.buckets
    one.added = one.added ?? other.added
    if let second = other.element {
      if let first = one.element {
        _ = unify(first, second, conflict: conflict)
      } else {
        one.element = second
      }
    }
    return true
  }
}
