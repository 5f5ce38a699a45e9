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
  /// The number of shapes that it is made of.
  private var size = 1
  /// The work of inference that depends on the kinds of its keys and values.
  var watchers = Watchers()
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

  /// The key when it is a name that is known.
  static func name(_ keys: [Expr]) -> Text? {
    guard keys.count == 1, case .string(let name) = keys[0].op else { return nil }
    return name
  }

  /// The places that hold what may be stored under a key.
  func slots(under keys: [Expr]) -> [Slot] {
    guard let name = TableShape.name(keys) else { return [others] }
    return isMixed ? [field(name), others] : [field(name)]
  }

  /// What may be under a key, or nothing.
  func stored(under keys: [Expr]) -> KindMask {
    slots(under: keys).reduce(.nil) { $0.union($1.mask) }
  }

  /// Notes that a key may be any name. Returns the values that have to come to `others`, which then
  /// has all that are stored later, too.
  func mix() -> [Slot] {
    if isMixed { return [] }
    isMixed = true
    return fields
  }

  var root: TableShape {
    var shape = self
    while let next = shape.parent { shape = next }
    if shape !== self { parent = shape }
    return shape
  }

  /// Makes the two shapes one, and those that thereby meet, and wakes whoever looked at something that this
  /// changes. Shapes whose number of key parts differs are joined too; `conflict` is told.
  static func unify(
    _ left: TableShape, _ right: TableShape, _ worklist: Worklist,
    conflict: (TableShape, TableShape) -> Void
  ) {
    var pending = [(left, right)]
    while let (first, second) = pending.popLast() {
      let one = first.root
      let other = second.root
      if one === other { continue }
      if !one.keys.isEmpty, !other.keys.isEmpty, one.keys.count != other.keys.count {
        conflict(one, other)
      }
      // What is moved is at most half of the result, so that nothing is moved often.
      if one.size >= other.size {
        one.join(other, isFirst: true, worklist, &pending)
      } else {
        other.join(one, isFirst: false, worklist, &pending)
      }
    }
  }

  /// - Parameter isFirst: whether this shape's places come first where only one can be named.
  private func join(
    _ other: TableShape, isFirst: Bool, _ worklist: Worklist,
    _ meetings: inout [(TableShape, TableShape)]
  ) {
    other.parent = self
    size += other.size
    let (first, second) = isFirst ? (self, other) : (other, self)
    let places = first.keys.isEmpty ? second : first
    firstUse = places.firstUse
    keyUse = places.keyUse
    buckets = first.buckets ?? second.buckets
    added = first.added ?? second.added
    functions += other.functions
    parts.formUnion(other.parts)
    let before = seen
    keys = first.keys.isEmpty ? second.keys : first.keys
    for (index, mask) in second.keys.enumerated() where index < keys.count {
      keys[index].formUnion(mask)
    }
    value.formUnion(other.value)
    // Values under names come to `others` once: all of this shape when it has become mixed, else the other's.
    var mixed: [Slot] = isMixed ? [] : fields
    isMixed = isMixed || other.isMixed
    if seen != before { worklist.wake(&watchers) }
    if seen != other.seen { worklist.wake(&other.watchers) }
    watchers.join(other.watchers)
    arguments.join(other.arguments, worklist, &meetings)
    results.join(other.results, worklist, &meetings)
    others.join(other.others, worklist, &meetings)
    for (name, number) in other.fieldNumbers.sorted(by: { $0.value < $1.value }) {
      let slot = field(name)
      slot.join(other.fields[number], worklist, &meetings)
      mixed.append(slot)
    }
    if isMixed { for slot in mixed { others.take(slot, worklist, &meetings) } }
  }

  /// What its watchers look at.
  private struct Seen: Equatable {
    let keys: [KindMask]
    let value: KindMask
    let isMixed: Bool
  }

  private var seen: Seen { Seen(keys: keys, value: value, isMixed: isMixed) }
}
