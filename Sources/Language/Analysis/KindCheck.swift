// SPDX-License-Identifier: GPL-2.0-or-later
import Bytecode
import CKtap

/// Reports what can only go wrong: operations none of whose possible kinds of operands fit, and
/// what an event handler may not do. An empty mask belongs to code that cannot run or has been
/// reported already.
final class KindCheck {
  let resolver: Resolver
  var unit: FunctionUnit
  /// The functions whose errors are certain; nil: all.
  var certain: Set<ObjectIdentifier>?

  init(resolver: Resolver) {
    self.resolver = resolver
    unit = resolver.main
  }

  /// Checks all code that can run, or only the units with these indices.
  func run(only indices: Set<Int>? = nil) {
    for (index, next) in resolver.units.enumerated() where next.isReachable {
      if let indices, !indices.contains(index) { continue }
      unit = next
      if let filter = next.filter { check(filter) }
      for statement in next.body { check(statement) }
      if next.isEventHandler, let event = next.parameters.first, event.mask != .event {
        report(
          "'\(next.name)' handles an event and is also called with "
            + event.mask.subtracting(.event).words, at: next.range)
      }
    }
    checkContexts()
  }

  func error(_ message: String, at range: SourceRange, notes: [Diagnostic.Note] = []) {
    if isCertain { report(message, at: range, notes: notes) }
  }

  var isCertain: Bool { certain?.contains(ObjectIdentifier(unit)) ?? true }

  /// An error wherever it is.
  func report(_ message: String, at range: SourceRange, notes: [Diagnostic.Note] = []) {
    resolver.diagnostics.error(message, at: range, notes: notes)
  }

  func reportKeyCounts(
    _ errors: [(range: SourceRange, found: Int, first: SourceRange?, wanted: Int)]
  ) {
    var seen: Set<SourceRange> = []
    for one in errors where seen.insert(one.range).inserted {
      report(
        "this table is used with keys of \(one.wanted) and of \(one.found) parts", at: one.range,
        notes: one.first.map { [Diagnostic.Note("first used here", at: $0)] } ?? [])
    }
  }

  // MARK: - Statements

  private func check(_ statement: Stmt) {
    for expression in statement.expressions { check(expression) }
    switch statement.op {
    case .assign(let target, let value): check(target, takes: value)
    case .assignMany(let targets, let values):
      for (target, value) in zip(targets, values) { check(target, takes: value) }
      for target in targets.dropFirst(values.count) {
        if case .entry(let table, let keys) = target { checkEntry(table, keys) }
      }
    case .update(let target, let update, let value):
      check(target, update, value, statement.range)
    case .aggregate(let table, let keys, let value):
      checkEntry(table, keys)
      if !value.mask.isEmpty, !value.mask.contains(.integer) {
        error("an aggregate takes integers, not \(value.mask.words)", at: value.range)
      }
    case .branch(let clauses, _): clauses.forEach { checkCondition($0.condition) }
    case .loop(let condition, _), .repeatUntil(_, let condition): checkCondition(condition)
    case .forClause(_, let condition, _, _, _): condition.map { checkCondition($0) }
    case .forRange(_, let first, let last, let step, _):
      for bound in [first, last] + (step.map { [$0] } ?? []) {
        require(bound, .integer, "a bound of 'for' must be")
      }
    case .forEach(let variables, let table, _):
      require(table, .table, "'pairs' takes")
      if let shape = table.shape?.root, !shape.keys.isEmpty, variables.count > 1,
        variables.count != shape.keys.count + 1
      {
        let parts = shape.keys.count
        error(
          parts == 1
            ? "'pairs' gives a key and a value, not \(variables.count) values"
            : "this table has keys of \(parts) parts: name them and the value, \(parts + 1) names",
          at: variables[0].range)
      }
    case .enter(let scope): checkCaptures(scope)
    default: break
    }
    for inner in statement.inner { check(inner) }
  }

  private func check(_ target: Target, takes value: Expr) {
    switch target {
    case .variable(let variable):
      if variable.isGlobal, value.mask.contains(.event) {
        report(
          "an event cannot be kept in '\(variable.name)': it ends with its handler",
          at: value.range)
      }
      if variable.isGlobal { checkSnapshot(value, keptIn: "'\(variable.name)'") }
    case .entry(let table, let keys):
      checkEntry(table, keys)
      checkSnapshot(value, keptIn: "a table")
      if !value.mask.isSubset(of: [.nil, .aggregate]) { checkMixing(table, at: value.range) }
      if value.mask.contains(.event) {
        report("an event cannot be kept in a table: it ends with its handler", at: value.range)
      }
    case .invalid: break
    }
  }

  private func check(
    _ target: Target, _ update: Update, _ value: Expr, _ range: SourceRange
  ) {
    var left: KindMask = []
    switch target {
    case .variable(let variable): left = variable.mask.intersection(value.targetKinds)
    case .entry(let table, let keys):
      checkEntry(table, keys)
      checkMixing(table, at: table.range)
      if let shape = table.shape?.root, !shape.value.contains(.aggregate) {
        left = shape.stored(under: keys)
      }
    case .invalid: return
    }
    let isHopeless = !left.isEmpty && left.isDisjoint(with: update.takes)
    switch update {
    case .arithmetic(let op):
      if !value.mask.isEmpty, !value.mask.contains(.integer) {
        error(
          "cannot \(op.verb) \(value.mask.words): arithmetic takes integers", at: value.range,
          notes: aggregateNotes(value))
      } else if isHopeless {
        var notes: [Diagnostic.Note] = []
        if left == .string {
          if op == .add { notes.append(Diagnostic.Note("'..=' joins strings")) }
          notes.append(Diagnostic.Note("tonumber(…) makes a string a number"))
        }
        error(
          "arithmetic takes integers, but what is assigned to is \(left.words)", at: range,
          notes: notes)
      }
    case .concatenate:
      if !value.mask.isEmpty, value.mask.isDisjoint(with: [.integer, .string]) {
        error("cannot join \(value.mask.words): '..' takes strings and integers", at: value.range)
      } else if isHopeless {
        error(
          "cannot join \(left.words): '..=' takes strings and integers", at: range,
          notes: left == .nil
            ? [Diagnostic.Note("assign a string, such as \"\", before")] : [])
      }
    }
  }

  func checkEntry(_ table: Expr, _ keys: [Expr]) {
    if !table.mask.isEmpty, !table.mask.contains(.table) {
      if table.mask.contains(.event) {
        error("an event cannot be changed or indexed; e.FIELD reads a field", at: table.range)
      } else {
        error("only a table can be indexed, this is \(table.mask.words)", at: table.range)
      }
    }
    if keys.count > 4 { error("a table key can have at most 4 parts", at: keys[4].range) }
    for part in keys where !part.mask.isEmpty && part.mask.isDisjoint(with: .key) {
      error("\(part.mask.words) cannot be a table key", at: part.range)
    }
  }

  func require(_ value: Expr, _ wanted: KindMask, _ what: String) {
    if !value.mask.isEmpty, value.mask.isDisjoint(with: wanted) {
      error("\(what) \(wanted.words), not \(value.mask.words)", at: value.range)
    }
  }

  /// - Parameter isNegated: behind a `!`, which binds tighter than what the fix would add.
  func checkCondition(_ condition: Expr, isNegated: Bool = false) {
    switch condition.op {
    // Their operands are looked at where they stand.
    case .and(_, let right): checkCondition(right)
    case .or(_, let right): checkCondition(right)
    case _ where condition.mask == .integer && isCertain:
      let end = SourceRange(condition.range.end, condition.range.end)
      var isSimple = !isNegated
      if case .conditional = condition.op { isSimple = false }
      resolver.diagnostics.warning(
        "an integer is always true, also 0", at: condition.range,
        notes: [Diagnostic.Note("compare it: … != 0")],
        fixIt: isSimple ? Diagnostic.FixIt(replace: end, with: " != 0") : nil)
    default: break
    }
  }
}
