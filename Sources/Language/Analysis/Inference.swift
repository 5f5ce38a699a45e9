// SPDX-License-Identifier: GPL-2.0-or-later
import Bytecode
import CKtap

/// Finds the kinds that every variable, result, table and expression may have: a fixpoint over
/// the whole program in which masks only grow. Control flow is not looked at.
final class Inference {
  private let units: [FunctionUnit]
  let followsValues: Bool
  private var changed = false
  /// The function being walked.
  private var unit: FunctionUnit
  private var conflicts: [(TableShape, TableShape)] = []

  /// Two tables that meet have keys of different numbers of parts, or one is used with both: where.
  var keyCountErrors: [(range: SourceRange, found: Int, first: SourceRange?, wanted: Int)] =
    []

  /// - Parameter followsValues: whether functions get what is passed where their value is called.
  init(units: [FunctionUnit], main: FunctionUnit, followsValues: Bool) {
    self.units = units
    self.followsValues = followsValues
    unit = main
    // Then nothing is known of what comes behind the parameters.
    if !followsValues { for unit in units { unit.extras.rest.mask = .storable } }
  }

  func run() {
    findFixpoint()
    // A function that never returns has to say something of its result where only its value is known.
    let taken = units.filter(\.isReachable).flatMap { $0.values.map(\.unit) }
    for next in taken where next.result.isEmpty {
      next.result = .nil
      changed = true
    }
    if changed { findFixpoint() }
    keyCountErrors = []
    for next in units where next.isReachable {
      unit = next
      for statement in next.body { infer(statement) }
    }
  }

  private func findFixpoint() {
    var order = units.filter(\.isReachable)
    var isForward = true
    repeat {
      changed = false
      for next in order {
        unit = next
        if let filter = next.filter { infer(filter) }
        for statement in isForward ? next.body : next.body.reversed() { infer(statement) }
        if next.body.completes { absorb([], into: next.results, at: next.range) }
        connect(next)
      }
      // Kinds pass along chains of calls and of assignments in both directions.
      order.reverse()
      isForward.toggle()
    } while changed
  }

  // MARK: - Growing

  func noteChange(_ isNew: Bool) {
    if isNew { changed = true }
  }

  func grow(_ mask: inout KindMask, _ more: KindMask) {
    if !mask.isSuperset(of: more) {
      mask.formUnion(more)
      changed = true
    }
  }

  func unify(_ left: TableShape, _ right: TableShape, at range: SourceRange) {
    var conflict: (TableShape, TableShape)?
    if TableShape.unify(left, right, conflict: { conflict = ($0, $1) }) { changed = true }
    if let (one, other) = conflict {
      persistentErrors.append((range, other.keys.count, one.firstUse, one.keys.count))
    }
  }

  /// Conflicts of shapes that were joined: seen once only, as joining is once only.
  private(set) var persistentErrors:
    [(range: SourceRange, found: Int, first: SourceRange?, wanted: Int)] = []

  /// What one place holds may come to another.
  func flow(_ source: some Kinded, into dest: some Kinded, at range: SourceRange) {
    flow(source.mask, source.shape, into: dest, at: range)
  }

  func flow(_ mask: KindMask, _ shape: TableShape?, into dest: some Kinded, at range: SourceRange) {
    if !dest.mask.isSuperset(of: mask) {
      dest.mask.formUnion(mask)
      changed = true
    }
    guard mask.isShaped, let shape else { return }
    if let own = dest.shape {
      unify(own, shape, at: range)
    } else {
      dest.shape = shape
      changed = true
    }
  }

  func absorb(_ value: Expr, into variable: Variable) {
    flow(value, into: variable, at: value.range)
  }

  func set(_ expression: Expr, _ mask: KindMask, _ shape: TableShape? = nil) {
    flow(mask, shape, into: expression, at: expression.range)
  }

  // MARK: - Statements

  private func infer(_ statement: Stmt) {
    for expression in statement.expressions { infer(expression) }
    switch statement.op {
    case .assign(let target, let value): assign(value, to: target)
    case .assignMany(let targets, let values):
      for (index, target) in targets.enumerated() {
        if index < values.count {
          assign(values[index], to: target)
        } else {
          let missing = Expr(.null, statement.range)
          missing.mask = .nil
          assign(missing, to: target)
        }
      }
    case .update(let target, let update, let value):
      let result: KindMask
      switch update {
      case .arithmetic: result = .integer
      case .concatenate: result = .string
      }
      switch target {
      case .variable(let variable):
        grow(&variable.mask, result)
      case .entry(let table, let keys):
        key(table, keys)
        store(result, nil, under: keys, of: table, at: statement.range)
      case .invalid: break
      }
      _ = value
    case .aggregate(let table, let keys, _):
      key(table, keys)
      add(to: table)
    case .forRange(let variable, _, _, _, _): grow(&variable.mask, .integer)
    case .forEach(let variables, let table, _): iterate(variables, table)
    case .result(let values): absorb(values, into: unit.results, at: statement.range)
    default: break
    }
    for inner in statement.inner { infer(inner) }
  }

  private func assign(_ value: Expr, to target: Target) {
    switch target {
    case .variable(let variable): absorb(value, into: variable)
    case .entry(let table, let keys):
      key(table, keys)
      store(value.mask, value.shape, under: keys, of: table, at: value.range)
    case .invalid: break
    }
  }

  // MARK: - Expressions

  func infer(_ expression: Expr) {
    for child in expression.children { infer(child) }
    switch expression.op {
    case .null: set(expression, .nil)
    case .boolean, .not, .compare, .match: set(expression, .boolean)
    case .integer, .length, .negate, .complement, .arithmetic: set(expression, .integer)
    case .string, .concatenate: set(expression, .string)
    case .variable(let variable):
      set(expression, variable.mask.intersection(expression.flowKinds ?? .any), variable.shape)
    case .index where expression.arrayElement != nil: set(expression, .integer)
    case .index(let table, let keys):
      if table.mask.contains(.table) { read(table, keys, into: expression) }
    case .member(let base, let name):
      if base.mask.contains(.event) {
        let isFlag = Builtins.isFlag(name.text)
        set(expression, isFlag ? .boolean : fieldMask(name.text, expression.demand))
      } else if base.mask.contains(.table) {
        let part = Expr(.string(Text(name.text)), name.range)
        part.mask = .string
        read(base, [part], into: expression)
      }
    case .field(_, let name): set(expression, fieldMask(name, expression.demand))
    case .call(let function, let arguments):
      pass(arguments, to: function, at: expression.range)
      flow(function.results, 0, into: expression, at: expression.range)
    case .invoke(let callee, let arguments): invoke(callee, arguments, expression)
    case .method(let base, let asEvent, let invocation):
      let meaning = base.mask.contains(.event) ? asEvent : invocation
      if base.mask.isDisjoint(with: [.event, .table]) { break }
      infer(meaning)
      set(expression, meaning.mask, meaning.shape)
    case .function(let function): set(expression, .function, function.shape)
    case .varargs(let extras): flow(extras, 0, into: expression, at: expression.range)
    case .pick(let source, let position):
      if let list = source.list {
        flow(list, position, into: expression, at: expression.range)
      } else {
        set(expression, position == 0 ? source.mask : .nil, source.shape)
      }
    case .environment: set(expression, .table)
    case .library(let function, let arguments): library(function, arguments, expression)
    case .count(let table, let keys, _):
      key(table, keys)
      store(.integer, nil, under: keys, of: table, at: expression.range)
    case .and(let left, let right):
      let kept = left.mask.intersection([.nil, .boolean])
      set(expression, kept.union(right.mask), right.shape)
    case .or(let left, let right):
      set(expression, left.mask.subtracting(.nil), left.shape)
      set(expression, right.mask, right.shape)
    case .conditional(_, let then, let otherwise):
      set(expression, then.mask, then.shape)
      set(expression, otherwise.mask, otherwise.shape)
    case .table(let entries, let site):
      set(expression, .table, site.shape)
      for entry in entries {
        key(expression, entry.keys)
        store(
          entry.value.mask, entry.value.shape, under: entry.keys, of: expression,
          at: entry.value.range)
      }
      if let last = entries.last, last.value.expands, let list = last.value.list {
        for slot in list.slots + [list.rest] {
          store(slot.mask, slot.shape, under: last.keys, of: expression, at: last.value.range)
        }
      }
    case .histogram(let table, _): showHistogram(of: table)
    case .print, .printf, .clear, .invalid: break
    }
  }

  private func fieldMask(_ name: String, _ demand: KindMask) -> KindMask {
    name == "name" ? .string : Builtins.fieldKinds(name) ?? demand
  }
}
