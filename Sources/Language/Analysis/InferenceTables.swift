// SPDX-License-Identifier: GPL-2.0-or-later
import Bytecode
import CKtap

/// What comes into tables and out of them.
extension Inference {
  func key(_ table: Expr, _ keys: [Expr]) {
    guard let shape = table.shape?.root, !keys.isEmpty else { return }
    if shape.keys.isEmpty {
      shape.keys = [KindMask](repeating: [], count: keys.count)
      if shape.firstUse == nil { shape.firstUse = table.range }
      shape.keyUse = keys[0].range.union(keys[keys.count - 1].range)
      wake(shape)
    }
    guard shape.keys.count == keys.count else {
      keyCountErrors.append(
        (
          keys[0].range.union(keys[keys.count - 1].range), keys.count, shape.keyUse,
          shape.keys.count
        ))
      return
    }
    for (index, part) in keys.enumerated() {
      grow(key: index, of: shape, part.mask.intersection(.key))
    }
  }

  /// Makes all values values under keys that may be anything.
  func mix(_ shape: TableShape, at range: SourceRange) {
    if shape.isMixed { return }
    let fields = shape.mix()
    wake(shape)
    for field in fields { flow(field.mask, field.shape, into: shape.root.others, at: range) }
  }

  private func mix(_ shape: TableShape, for keys: [Expr], at range: SourceRange) {
    if keys.count == 1, keys[0].mask.contains(.string) { mix(shape, at: range) }
  }

  func store(
    _ mask: KindMask, _ inner: TableShape?, under keys: [Expr], of table: Expr,
    at range: SourceRange
  ) {
    guard let shape = table.shape?.root else { return }
    watch(shape)
    let kept = mask.subtracting([.nil, .aggregate])
    // Values other than aggregates in a table of aggregates are an error, reported later.
    if !shape.value.contains(.aggregate) { grow(valueOf: shape, kept) }
    if let name = TableShape.name(keys) {
      flow(kept, inner, into: shape.field(name), at: range)
      if shape.root.isMixed { flow(kept, inner, into: shape.root.others, at: range) }
    } else {
      mix(shape, for: keys, at: range)
      flow(kept, inner, into: shape.root.others, at: range)
    }
  }

  func read(_ table: Expr, _ keys: [Expr], into expression: Expr) {
    guard let shape = table.shape?.root else { return }
    key(table, keys)
    watch(shape)
    // Names that nothing is stored under are as good as others: such a read may be meant.
    set(expression, shape.value.union(.nil))
    if shape.value.contains(.aggregate) {
      watch(shape.others)
      set(expression, shape.value, shape.element)
    } else if let name = TableShape.name(keys) {
      flow(shape.field(name), into: expression, at: expression.range)
      if shape.root.isMixed { flow(shape.root.others, into: expression, at: expression.range) }
    } else {
      mix(shape, for: keys, at: expression.range)
      flow(shape.root.others, into: expression, at: expression.range)
    }
  }

  /// What an entry may hold before a compound assignment: it need not be there.
  func stored(under keys: [Expr], of table: Expr) -> KindMask {
    guard let shape = table.shape?.root else { return .any }
    watch(shape)
    for slot in shape.slots(under: keys) { watch(slot) }
    return shape.stored(under: keys)
  }

  /// The variables of `for (k, v in pairs(t))`.
  func iterate(_ variables: [Variable], _ table: Expr) {
    guard table.mask.contains(.table), let shape = table.shape?.root else { return }
    watch(shape)
    for (index, variable) in variables.enumerated() {
      if index < shape.keys.count {
        grow(variable, shape.keys[index])
      } else if index == shape.keys.count {
        if shape.value.contains(.aggregate) {
          watch(shape.others)
          flow(shape.value, shape.element, into: variable, at: variable.range)
        } else {
          mix(shape, at: table.range)
          flow(shape.root.others, into: variable, at: variable.range)
        }
      }
    }
  }

  // MARK: - Aggregates

  func add(to table: Expr) {
    guard let shape = table.shape?.root else { return }
    grow(valueOf: shape, .aggregate)
    if shape.added == nil { shape.added = table.range }
    if shape.element == nil {
      shape.element = TableShape()
      wake(shape.others)
    }
  }

  /// The aggregates that an expression may be keep these parts.
  private func need(_ parts: AggregateParts, _ shape: TableShape?) {
    guard let shape = shape?.root, !shape.parts.isSuperset(of: parts) else { return }
    shape.parts.formUnion(parts)
  }

  func library(_ function: LibraryFunction, _ arguments: [Expr], _ whole: Expr) {
    var shape: TableShape?
    if let part = Builtins.aggregateParts[function] {
      shape = arguments[0].shape
      need(part, shape)
      if let buckets = whole.buckets, let root = shape?.root, root.buckets == nil {
        root.buckets = buckets
      }
    } else if function == LibraryFunction(KTAP_LIB_SORT) {
      shape = arguments[0].shape
      if arguments.count > 1 { compare(arguments[0], with: arguments[1], whole.range) }
    }
    set(whole, function.result, shape)
  }

  /// A comparator is called with the parts of two keys, then with their values.
  private func compare(_ table: Expr, with comparator: Expr, _ range: SourceRange) {
    guard let shape = table.shape?.root, comparator.mask.contains(.function),
      let list = comparator.shape?.root.arguments
    else { return }
    let parts = shape.keys.count
    watch(shape)
    for (part, mask) in shape.keys.enumerated() {
      flow(mask, nil, into: slot(part, of: list), at: range)
      flow(mask, nil, into: slot(parts + part, of: list), at: range)
    }
    let isOfAggregates = shape.value.contains(.aggregate)
    if !isOfAggregates { mix(shape, at: range) }
    let value = shape.root.others
    watch(value)
    for place in [2 * parts, 2 * parts + 1] {
      flow(
        isOfAggregates ? shape.value : value.mask, value.shape, into: slot(place, of: list),
        at: range)
    }
    if parts > 0 { _ = change(list) { $0.note(fewest: 2 * parts + 2, most: 2 * parts + 2) } }
  }

  func showHistogram(of table: Expr) {
    if table.mask.contains(.aggregate) { need(.hist, table.shape) }
    if let shape = table.shape?.root, shape.value.contains(.aggregate) {
      need(.hist, shape.element)
    }
  }
}
