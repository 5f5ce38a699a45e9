// SPDX-License-Identifier: GPL-2.0-or-later
import Bytecode

/// What the tables that may meet in one place have in common: the kinds of their keys and values.
/// Shapes are joined by union-find when tables flow together; read everything through `root`.
final class TableShape {
  private var parent: TableShape?
  /// The kinds of each key part; empty until the table is first indexed.
  var keys: [KindMask] = []
  /// The kinds of its values, never nil.
  var value: KindMask = []
  /// The shape of the tables among its values.
  var element: TableShape?
  /// Where its number of key parts was first seen.
  var firstUse: SourceRange?
  /// The key of that use.
  var keyUse: SourceRange?

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
