// SPDX-License-Identifier: GPL-2.0-or-later
import Bytecode

/// Finds out from the flow of control which kinds a local cannot have where it is read: behind
/// `if (x != nil)`, behind `if (!x) return`, behind an assignment of a number, behind an operation that
/// would have stopped the program. It looks at the form of the script alone and notes what it finds
/// in `Expr.flowKinds` and `Expr.targetKinds`, which inference intersects with the kinds of the variable.
///
/// Only locals in registers are followed: nothing changes them but the statements of their function.
struct Narrowing {
  typealias Fact = (variable: Variable, kinds: KindMask)

  /// The kinds that each local may have here; those that are not named may have any of theirs.
  private var known: [ObjectIdentifier: KindMask] = [:]
  /// What `known` was before each change, to go back.
  private var trail: [(variable: Variable, old: KindMask?)] = []
  /// What breaks of the loops around leave behind is not followed: whether control gets here.
  private var isReached = true

  static func run(_ unit: FunctionUnit) {
    var pass = Narrowing()
    if let filter = unit.filter { pass.assume(pass.condition(filter).yes) }
    pass.walk(unit.body)
  }

  // MARK: - Facts

  private func kinds(_ variable: Variable) -> KindMask {
    known[ObjectIdentifier(variable)] ?? .any
  }

  private mutating func set(_ variable: Variable, _ kinds: KindMask) {
    guard variable.isInRegister else { return }
    let id = ObjectIdentifier(variable)
    trail.append((variable, known[id]))
    known[id] = kinds == .any ? nil : kinds
  }

  mutating func restrict(_ variable: Variable, _ kinds: KindMask) {
    let both = self.kinds(variable).intersection(kinds)
    // Of what cannot be nothing is believed.
    if !both.isEmpty { set(variable, both) }
  }

  private mutating func assume(_ facts: [Fact]) {
    for fact in facts { restrict(fact.variable, fact.kinds) }
  }

  /// What changed since a mark, which is taken back.
  private mutating func rewind(to mark: Int) -> [ObjectIdentifier: (Variable, KindMask)] {
    var changes: [ObjectIdentifier: (Variable, KindMask)] = [:]
    while trail.count > mark, let last = trail.popLast() {
      let id = ObjectIdentifier(last.variable)
      if changes[id] == nil { changes[id] = (last.variable, known[id] ?? .any) }
      known[id] = last.old
    }
    return changes
  }

  /// Runs each of several ways that control may take, and joins what holds behind all of them.
  private mutating func branch(_ ways: [(inout Narrowing) -> Void]) {
    let wasReached = isReached
    var ends: [[ObjectIdentifier: (Variable, KindMask)]] = []
    for way in ways {
      let mark = trail.count
      isReached = wasReached
      way(&self)
      let changes = rewind(to: mark)
      if isReached { ends.append(changes) }
    }
    isReached = !ends.isEmpty
    var changed: [ObjectIdentifier: Variable] = [:]
    for end in ends { for (id, change) in end { changed[id] = change.0 } }
    for (id, variable) in changed {
      let before = kinds(variable)
      set(variable, ends.reduce(KindMask.none) { $0.union($1[id]?.1 ?? before) })
    }
  }

  // MARK: - Statements

  private mutating func walk(_ statements: [Stmt]) {
    for statement in statements { walk(statement) }
  }

  private mutating func walk(_ statement: Stmt) {
    switch statement.op {
    case .assign(let target, let value):
      visit(target)
      visit(value)
      assign(target, form(value))
    case .assignMany(let targets, let values):
      targets.forEach { visit($0) }
      values.forEach { visit($0) }
      let forms = values.map { form($0) }
      for (index, target) in targets.enumerated() {
        assign(target, index < forms.count ? forms[index] : .any)
      }
    case .update(let target, let update, let value):
      visit(target)
      visit(value)
      guard case .variable(let variable) = target else { break }
      value.targetKinds = kinds(variable)
      switch update {
      case .arithmetic: set(variable, .integer)
      case .concatenate: set(variable, .string)
      }
    case .branch(let clauses, let otherwise): branch(clauses[...], otherwise)
    case .loop(let test, let body): loop(test, body, step: nil)
    case .forClause(let initial, let test, let step, let body, _):
      if let initial { walk(initial) }
      loop(test, body, step: step)
    case .repeatUntil(let body, let until): repeatUntil(body, until)
    case .forRange(let variable, let first, let last, let step, let body):
      for bound in [first, last, step] { if let bound { visit(bound) } }
      forget(assignedIn: body)
      around {
        $0.set(variable, .integer)
        $0.walk(body)
      }
    case .forEach(let variables, let table, let body):
      visit(table)
      forget(assignedIn: body)
      around {
        for variable in variables { $0.set(variable, .any) }
        $0.walk(body)
      }
    case .block(let body): walk(body)
    case .result(let values):
      values.forEach { visit($0) }
      isReached = false
    case .leave, .next: isReached = false
    default: statement.expressions.forEach { visit($0) }
    }
  }

  private mutating func assign(_ target: Target, _ kinds: KindMask) {
    if case .variable(let variable) = target { set(variable, kinds) }
  }

  private mutating func branch(
    _ clauses: ArraySlice<(condition: Expr, body: [Stmt])>, _ otherwise: [Stmt]?
  ) {
    guard let clause = clauses.first else {
      if let otherwise { walk(otherwise) }
      return
    }
    let facts = condition(clause.condition)
    branch([
      {
        $0.assume(facts.yes)
        $0.walk(clause.body)
      },
      {
        $0.assume(facts.no)
        $0.branch(clauses.dropFirst(), otherwise)
      },
    ])
  }

  // MARK: - Loops

  /// A body that may run any number of times: what it finds out stays in it.
  private mutating func around(_ body: (inout Narrowing) -> Void) {
    let mark = trail.count
    body(&self)
    _ = rewind(to: mark)
    isReached = true
  }

  private mutating func loop(_ test: Expr?, _ body: [Stmt], step: Stmt?) {
    forget(assignedIn: body + (step.map { [$0] } ?? []))
    var facts: (yes: [Fact], no: [Fact]) = ([], [])
    around {
      if let test { facts = $0.condition(test) }
      $0.assume(facts.yes)
      $0.walk(body, continuing: body.contains(where: \.continuesLoop))
      if let step { $0.walk(step) }
    }
    if !body.contains(where: \.leavesLoop) { assume(facts.no) }
  }

  private mutating func repeatUntil(_ body: [Stmt], _ until: Expr) {
    forget(assignedIn: body)
    around {
      $0.walk(body, continuing: body.contains(where: \.continuesLoop))
      _ = $0.condition(until)
    }
  }

  /// The body of a loop; behind it holds only what held in front when a `continue` may lead there.
  private mutating func walk(_ body: [Stmt], continuing: Bool) {
    let mark = trail.count
    walk(body)
    if continuing || !isReached { _ = rewind(to: mark) }
    isReached = true
  }

  /// Nothing is known of what a loop assigns: it may have run before.
  private mutating func forget(assignedIn body: [Stmt]) {
    for statement in body {
      switch statement.op {
      case .assign(.variable(let variable), _), .update(.variable(let variable), _, _):
        set(variable, .any)
      case .assignMany(let targets, _):
        for case .variable(let variable) in targets { set(variable, .any) }
      default: break
      }
      forget(assignedIn: statement.inner)
    }
  }
}

// MARK: - Expressions

extension Narrowing {
  private mutating func visit(_ target: Target) {
    if case .entry(let table, let keys) = target {
      visit(table)
      keys.forEach { visit($0) }
    }
  }

  private mutating func visit(_ expression: Expr) {
    switch expression.op {
    case .variable(let variable):
      guard variable.isInRegister else { break }
      expression.flowKinds = kinds(variable).union(expression.flowKinds ?? [])
    case .and, .or, .not, .compare: _ = condition(expression)
    case .conditional(let test, let then, let otherwise):
      let facts = condition(test)
      branch([
        {
          $0.assume(facts.yes)
          $0.visit(then)
        },
        {
          $0.assume(facts.no)
          $0.visit(otherwise)
        },
      ])
    case .method(let base, let asEvent, let invocation):
      visit(base)
      // One of the two is what the call means; both have the same arguments.
      branch([{ $0.visit(asEvent) }, { $0.visit(invocation) }])
    default:
      expression.children.forEach { visit($0) }
      learn(from: expression)
    }
  }

  /// What an operation that has not stopped the program says of its operands.
  private mutating func learn(from expression: Expr) {
    switch expression.op {
    case .arithmetic(_, let left, let right):
      restrict(left, .integer)
      restrict(right, .integer)
    case .negate(let value), .complement(let value): restrict(value, .integer)
    case .concatenate(let left, let right):
      restrict(left, [.integer, .string])
      restrict(right, [.integer, .string])
    case .index(let table, _): restrict(table, .table)
    default: break
    }
  }

  private mutating func restrict(_ expression: Expr, _ kinds: KindMask) {
    if case .variable(let variable) = expression.op, variable.isInRegister {
      restrict(variable, kinds)
    }
  }

  /// Visits a condition. What is known when it is true, and when it is false.
  private mutating func condition(_ expression: Expr) -> (yes: [Fact], no: [Fact]) {
    switch expression.op {
    case .variable(let variable):
      visit(expression)
      let truthy = KindMask.any.subtracting(.nil)
      guard variable.isInRegister else { return ([], []) }
      return ([(variable, truthy)], [(variable, [.nil, .boolean])])
    case .not(let value):
      let facts = condition(value)
      return (facts.no, facts.yes)
    case .and(let left, let right): return both(left, right, isAnd: true)
    case .or(let left, let right): return both(left, right, isAnd: false)
    case .compare(let comparison, let left, let right):
      visit(left)
      visit(right)
      return compared(comparison, left, right)
    default:
      visit(expression)
      return ([], [])
    }
  }

  private mutating func both(
    _ left: Expr, _ right: Expr, isAnd: Bool
  ) -> (yes: [Fact], no: [Fact]) {
    let first = condition(left)
    var second: (yes: [Fact], no: [Fact]) = ([], [])
    branch([
      {
        $0.assume(isAnd ? first.yes : first.no)
        second = $0.condition(right)
      },
      { $0.assume(isAnd ? first.no : first.yes) },
    ])
    return isAnd ? (first.yes + second.yes, []) : ([], first.no + second.no)
  }

  private mutating func compared(
    _ comparison: Comparison, _ left: Expr, _ right: Expr
  ) -> (yes: [Fact], no: [Fact]) {
    let facts = equality(left, form(right)) + equality(right, form(left))
    switch comparison {
    case .equal: return (facts.yes, facts.no)
    case .notEqual: return (facts.no, facts.yes)
    default:
      // Only integers and strings have an order: it has not stopped the program.
      for operand in [left, right] { restrict(operand, [.integer, .string]) }
      return ([], [])
    }
  }

  /// What is known of a local that equals a value of these kinds, and of one that does not.
  private func equality(_ expression: Expr, _ other: KindMask) -> (yes: [Fact], no: [Fact]) {
    guard case .variable(let variable) = expression.op, variable.isInRegister else {
      return ([], [])
    }
    return (
      [(variable, other)], other == .nil ? [(variable, KindMask.any.subtracting(.nil))] : []
    )
  }

  /// The kinds that the form of an expression alone allows.
  private func form(_ expression: Expr) -> KindMask {
    switch expression.op {
    case .null: .nil
    case .boolean, .not, .compare, .match: .boolean
    case .integer, .arithmetic, .negate, .complement, .length: .integer
    case .string, .concatenate: .string
    case .table: .table
    case .variable(let variable): kinds(variable)
    case .library(let function, _): function.result.isEmpty ? .any : function.result
    case .or(let left, let right): form(left).subtracting(.nil).union(form(right))
    case .and(let left, let right): form(left).intersection([.nil, .boolean]).union(form(right))
    case .conditional(_, let then, let otherwise): form(then).union(form(otherwise))
    default: .any
    }
  }
}

private func + (
  left: (yes: [Narrowing.Fact], no: [Narrowing.Fact]),
  right: (yes: [Narrowing.Fact], no: [Narrowing.Fact])
) -> (yes: [Narrowing.Fact], no: [Narrowing.Fact]) {
  (left.yes + right.yes, left.no + right.no)
}
