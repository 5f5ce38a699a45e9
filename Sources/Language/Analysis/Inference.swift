// SPDX-License-Identifier: GPL-2.0-or-later
import Bytecode
import CKtap

/// Finds the kinds that every variable, result, table and expression may have: a fixpoint over
/// the whole program in which masks only grow. Control flow is not looked at. Each statement is looked at
/// again when, and only when, something changes that it looked at: masks and shapes grow a few times each,
/// so that the work is in proportion to the length of the script.
final class Inference {
  private let units: [FunctionUnit]
  let followsValues: Bool
  /// The function of the item in hand.
  private var unit: FunctionUnit

  /// What is inferred in one go, and again when something changes that it looked at.
  private enum Item {
    /// Without the statements in it, which are items of their own.
    case statement(Stmt)
    case filter(Expr)
    /// The end of a body that control reaches.
    case end
    /// What the function has in common with those that its value meets.
    case value
  }

  private var items: [(item: Item, unit: FunctionUnit)] = []
  private let worklist = Worklist()
  /// The number of the item in hand.
  private var current: Int32 = 0

  /// Two tables that meet have keys of different numbers of parts, or one is used with both: where.
  var keyCountErrors: [(range: SourceRange, found: Int, first: SourceRange?, wanted: Int)] =
    []

  /// - Parameter followsValues: whether functions get what is passed where their value is called.
  init(units: [FunctionUnit], main: FunctionUnit, followsValues: Bool) {
    self.units = units.filter(\.isReachable)
    self.followsValues = followsValues
    unit = main
    // Then nothing is known of what comes behind the parameters.
    if !followsValues { for unit in units { unit.extras.rest.mask = .storable } }
    for unit in self.units {
      if let filter = unit.filter { items.append((.filter(filter), unit)) }
      add(unit.body, of: unit)
      if unit.body.completes { items.append((.end, unit)) }
      items.append((.value, unit))
    }
  }

  private func add(_ statements: [Stmt], of unit: FunctionUnit) {
    for statement in statements {
      items.append((.statement(statement), unit))
      add(statement.inner, of: unit)
    }
  }

  func run() {
    worklist.addAll(items.count)
    work()
    // A function that never returns has to say something of its result where only its value is known.
    for next in units.flatMap({ $0.values.map(\.unit) }) where next.result.isEmpty {
      grow(next.results.slots[0], .nil)
    }
    work()
    keyCountErrors = []
    for number in items.indices { infer(Int32(number)) }
  }

  private func work() {
    while let number = worklist.next() { infer(number) }
  }

  private func infer(_ number: Int32) {
    current = number
    let (item, unit) = items[Int(number)]
    self.unit = unit
    switch item {
    case .statement(let statement): infer(statement)
    case .filter(let filter): infer(filter)
    case .end: absorb([], into: unit.results, at: unit.range)
    case .value: connect(unit)
    }
  }

  // MARK: - Growing

  /// The item in hand looks at something: it is to be done again when that changes.
  func watch(_ place: some Kinded) { place.watchers.add(current) }
  func watch(_ shape: TableShape) { shape.root.watchers.add(current) }
  func watch(_ list: ValueList) { list.watchers.add(current) }

  func grow(_ place: some Kinded, _ more: KindMask) {
    if !place.mask.isSuperset(of: more) {
      place.mask.formUnion(more)
      worklist.wake(&place.watchers)
    }
  }

  /// The values of a table.
  func grow(valueOf shape: TableShape, _ more: KindMask) {
    if !shape.value.isSuperset(of: more) {
      shape.value.formUnion(more)
      worklist.wake(&shape.watchers)
    }
  }

  /// A part of the keys of a table.
  func grow(key index: Int, of shape: TableShape, _ more: KindMask) {
    if !shape.keys[index].isSuperset(of: more) {
      shape.keys[index].formUnion(more)
      worklist.wake(&shape.watchers)
    }
  }

  /// The numbers of parts of a table's keys or the like have changed.
  func wake(_ place: some Kinded) { worklist.wake(&place.watchers) }
  func wake(_ shape: TableShape) { worklist.wake(&shape.watchers) }

  /// A position of a list, which this may make longer.
  func slot(_ position: Int, of list: ValueList) -> Slot {
    change(list) { $0.slot(position) }
  }

  func change<Result>(_ list: ValueList, _ body: (ValueList) -> Result) -> Result {
    let before = list.form
    let result = body(list)
    if list.form != before { worklist.wake(&list.watchers) }
    return result
  }

  func unify(_ left: TableShape, _ right: TableShape, at range: SourceRange) {
    TableShape.unify(left, right, worklist) { one, other in
      persistentErrors.append((range, other.keys.count, one.firstUse, one.keys.count))
    }
  }

  /// Conflicts of shapes that were joined: seen once only, as joining is once only.
  private(set) var persistentErrors:
    [(range: SourceRange, found: Int, first: SourceRange?, wanted: Int)] = []

  /// What one place holds may come to another.
  func flow(_ source: some Kinded, into dest: some Kinded, at range: SourceRange) {
    watch(source)
    flow(source.mask, source.shape, into: dest, at: range)
  }

  func flow(_ mask: KindMask, _ shape: TableShape?, into dest: some Kinded, at range: SourceRange) {
    grow(dest, mask)
    guard mask.isShaped, let shape else { return }
    if let own = dest.shape {
      unify(own, shape, at: range)
    } else {
      dest.shape = shape
      worklist.wake(&dest.watchers)
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
      switch target {
      case .variable(let variable):
        watch(variable)
        if !variable.mask.intersection(value.targetKinds).isDisjoint(with: update.takes) {
          grow(variable, update.result)
        }
      case .entry(let table, let keys):
        key(table, keys)
        if !stored(under: keys, of: table).isDisjoint(with: update.takes) {
          store(update.result, nil, under: keys, of: table, at: statement.range)
        }
      case .invalid: break
      }
    case .aggregate(let table, let keys, _):
      key(table, keys)
      add(to: table)
    case .forRange(let variable, _, _, _, _): grow(variable, .integer)
    case .forEach(let variables, let table, _): iterate(variables, table)
    case .result(let values): absorb(values, into: unit.results, at: statement.range)
    default: break
    }
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
      watch(variable)
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
        watch(list)
        for slot in list.slots + [list.rest] {
          watch(slot)
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
