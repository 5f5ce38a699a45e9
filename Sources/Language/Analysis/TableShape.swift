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
  /// The values under keys that are no names: keys of which only the kind is known.
  let others = Slot()
  /// The values under names, `t.name` or `t["name"]`: what is called so in several places is most
  /// often the same thing.
  private var fields: [Slot] = []
  private var fieldNumbers: [Text: Int] = [:]
  /// A key of which only the kind is known may be a name: `others` has all values.
  private(set) var isMixed = false
  /// Values under names have not all come to `others`.
  private var isToBeMixed = false
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

  /// The shape of the tables or aggregates among the values under keys that are no names.
  var element: TableShape? {
    get { others.shape }
    set { others.shape = newValue }
  }

  /// The values under a name.
  func field(_ name: Text) -> Slot {
    if let number = fieldNumbers[name] { return fields[number] }
    fieldNumbers[name] = fields.count
    fields.append(Slot())
    return fields[fields.count - 1]
  }

  /// Notes that a key may be any name. Returns the values that have to come to `others`.
  func mix() -> [Slot] {
    if isMixed && !isToBeMixed { return [] }
    isMixed = true
    isToBeMixed = false
    return fields
  }

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
    others.join(other.others, &meetings)
    for (name, number) in other.fieldNumbers.sorted(by: { $0.value < $1.value }) {
      field(name).join(other.fields[number], &meetings)
    }
    isMixed = isMixed || other.isMixed
    isToBeMixed = isMixed
  }
}
