// SPDX-License-Identifier: GPL-2.0-or-later
import Bytecode
import CKtap

/// What is special about aggregates: where they live, and what may be asked of them.
extension KindCheck {
  /// A call that works in process context only.
  func needsProcess(
    _ name: String, _ range: SourceRange, _ reason: String = "may have to wait for the reader"
  ) {
    unit.processUses.append((name, reason, range))
  }

  /// A value that is stored in a table of aggregates.
  func checkMixing(_ table: Expr, at range: SourceRange) {
    guard let shape = table.shape?.root, shape.value.contains(.aggregate), let added = shape.added
    else { return }
    error(
      "an aggregate takes values by '<<<' only, and a table holds either aggregates or other values",
      at: range, notes: [Diagnostic.Note("values are added by '<<<' here", at: added)])
  }

  func checkSnapshot(_ value: Expr, keptIn place: String) {
    guard value.mask.contains(.aggregate) else { return }
    error(
      "an aggregate cannot be kept in \(place): what it would hold is a copy of one moment",
      at: value.range,
      notes: [Diagnostic.Note("keep a number of it, such as count(…) or avg(…), or use a local")])
  }

  /// A call of count, sum, hist, …
  func checkAggregate(_ function: LibraryFunction, _ argument: Expr, _ whole: Expr) {
    let mask = argument.mask
    if mask.contains(.table), let shape = argument.shape?.root, shape.value.contains(.aggregate) {
      error(
        "'\(function.name)' takes one aggregate, this is a table of them", at: argument.range,
        notes: [Diagnostic.Note("write the key: \(function.name)(t[k])")])
    } else if !mask.isEmpty, mask.isDisjoint(with: [.nil, .aggregate]) {
      error(
        "'\(function.name)' takes an aggregate, not \(mask.words)", at: argument.range,
        notes: [Diagnostic.Note("'t[k] <<< value' or 'x <<< value' makes one")])
    }
    if let buckets = whole.buckets, let first = argument.shape?.root.buckets,
      !first.isSame(as: buckets)
    {
      error(
        "an aggregate has one linear histogram, and this one has other buckets than the first",
        at: whole.range, notes: [Diagnostic.Note("the first is here", at: first.range)])
    }
  }

  /// Help where an aggregate is used as if it were a number.
  func aggregateNotes(_ value: Expr) -> [Diagnostic.Note] {
    guard value.mask.contains(.aggregate) else { return [] }
    return [Diagnostic.Note("count, sum, min, max, avg and stddev of it are integers")]
  }
}
