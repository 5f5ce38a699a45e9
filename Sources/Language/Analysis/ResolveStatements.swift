// SPDX-License-Identifier: GPL-2.0-or-later
import Bytecode

extension Resolver {
  func resolve(_ block: Block) -> [Stmt] {
    withScope { entered(block.range) { block.statements.flatMap { resolve($0) } } }
  }

  func resolve(_ statement: Statement) -> [Stmt] {
    let range = statement.range
    func one(_ op: Stmt.Op) -> [Stmt] { [Stmt(op, range)] }
    switch statement.kind {
    case .local(let names, let values):
      return one(resolveLocal(names, values, range))
    case .assign(let targets, let values):
      return one(resolveAssignment(targets, values, range))
    case .update(let target, let op, let value):
      return one(resolveUpdate(target, op, value))
    case .aggregate(let target, let value):
      return resolveAggregate(target, value).map { one($0) } ?? []
    case .call(let expression):
      if resolveDeclaration(expression) { return [] }
      return one(.evaluate(resolveCallStatement(expression)))
    case .block(let block):
      return one(.block(resolve(block)))
    case .if(let clauses, let otherwise):
      let resolved = clauses.map { (condition: resolve($0.condition), body: resolve($0.body)) }
      return one(.branch(resolved, otherwise: otherwise.map { resolve($0) }))
    case .while(let condition, let body):
      return one(.loop(resolve(condition), withLoop { resolve(body) }))
    case .repeat(let body, let until):
      return withLoop {
        withScope {
          var end: Expr?
          let inner = entered(body.range) {
            let statements = body.statements.flatMap { resolve($0) }
            end = resolve(until)
            return statements
          }
          return one(.repeatUntil(inner, end ?? Expr(.invalid, range)))
        }
      }
    case .forRange(let name, let first, let last, let step, let body):
      let start = resolve(first)
      let end = resolve(last)
      let increment = step.map { resolve($0) }
      if let increment, case .integer(0) = increment.op {
        diagnostics.error("the step of a 'for' cannot be 0", at: increment.range)
      }
      return withLoop {
        withScope {
          let variable = declare(name)
          let inner = entered(range) { resolve(body) }
          return one(.forRange(variable, first: start, last: end, step: increment, inner))
        }
      }
    case .forClause(let initial, let condition, let step, let body):
      return withLoop {
        withScope {
          var first: Stmt?
          if let initial { first = resolveInitial(initial) }
          let test = condition.map { resolve($0) }
          let inner = resolve(body)
          let last = step.flatMap { resolve($0).first }
          return one(.forClause(first, test, last, inner, captures))
        }
      }
    case .forEach(let names, let iterator, let body):
      guard let table = resolveIterator(iterator) else { return [] }
      return withLoop {
        withScope {
          let variables = names.map { declare($0) }
          return one(.forEach(variables, table, entered(range) { resolve(body) }))
        }
      }
    case .break: return one(.leave)
    case .continue: return one(.next)
    case .return(let values):
      return one(.result(resolveReturn(values)))
    case .function(let name, let function, let isLocal):
      return resolveFunction(name, function, isLocal: isLocal, range)
    case .trace(let declaration):
      guard isTopLevel("trace", range) else { return [] }
      resolveTrace(declaration, range)
      return []
    case .traceEnd(let handler):
      guard isTopLevel("trace_end", range) else { return [] }
      resolvePlainHandler(handler, name: "trace_end", role: .end, kind: .end, range: range)
      return []
    case .timer(let timer):
      guard isTopLevel("tick-N", range) else { return [] }
      resolveTimer(timer)
      return []
    case .limit(let limit):
      if isTopLevel("limit", range) { resolveLimit(limit) }
      return []
    }
  }

  func isTopLevel(_ what: String, _ range: SourceRange) -> Bool {
    if unit === main && blockDepth == 0 { return true }
    let place = unit === main ? "inside a block" : "inside a function or handler"
    diagnostics.error("'\(what)' must stand at the top level, not \(place)", at: range)
    return false
  }

  // MARK: - Assignments

  private func resolveLocal(_ names: [Name], _ values: [Expression], _ range: SourceRange)
    -> Stmt.Op
  {
    if names.count == 1, values.count == 1, case .function(let function) = values[0].kind,
      ownNames.aggregateLocals[names[0].range] == nil
    {
      return resolveLocalFunction(names[0], function)
    }
    let resolved = resolveList(values, count: names.count)
    let variables = names.map { declare($0, isLocal: true) }
    if variables.contains(where: { $0.aggregateUse != nil }) {
      return declareAggregates(variables, resolved)
    }
    if variables.count == 1, resolved.count <= 1 {
      return .assign(.variable(variables[0]), resolved.first ?? Expr(.null, names[0].range))
    }
    return .assignMany(variables.map { .variable($0) }, resolved)
  }

  /// The first part of `for (i = 0; …)`: a name that means no local yet becomes one.
  private func resolveInitial(_ statement: Statement) -> Stmt? {
    if case .assign(let targets, let values) = statement.kind {
      let resolved = resolveList(values, count: targets.count)
      let places = targets.map { target in
        if case .name(let name) = target.kind, !isLocal(name) {
          return Target.variable(declare(Name(text: name, range: target.range)))
        }
        return resolveTarget(target)
      }
      if places.count == 1, resolved.count == 1 {
        return Stmt(.assign(places[0], resolved[0]), statement.range)
      }
      return Stmt(.assignMany(places, resolved), statement.range)
    }
    return resolve(statement).first
  }

  private func isLocal(_ name: String) -> Bool {
    scopes.contains { $0.locals[name] != nil && $0.locals[name]?.owner === unit }
  }

  private func resolveAssignment(
    _ targets: [Expression], _ values: [Expression], _ range: SourceRange
  ) -> Stmt.Op {
    if targets.count == 1, values.count == 1 {
      let value = resolve(values[0])
      let target = resolveTarget(targets[0])
      // `x = x + n` on a global is the atomic `x += n`.
      if case .variable(let variable) = target, let update = selfUpdate(variable, value) {
        variable.isAssigned = true
        return .update(target, .arithmetic(update.0), update.1)
      }
      return .assign(target, value)
    }
    let resolved = resolveList(values, count: targets.count)
    return .assignMany(targets.map { resolveTarget($0) }, resolved)
  }

  private func selfUpdate(_ variable: Variable, _ value: Expr) -> (Arithmetic, Expr)? {
    guard variable.isGlobal, case .arithmetic(let op, let left, let right) = value.op else {
      return nil
    }
    if op == .add || op == .subtract, case .variable(let same) = left.op, same === variable {
      return mentions(right, variable) ? nil : (op, right)
    }
    if op == .add, case .variable(let same) = right.op, same === variable {
      return mentions(left, variable) ? nil : (op, left)
    }
    return nil
  }

  private func mentions(_ expression: Expr, _ variable: Variable) -> Bool {
    if case .variable(let other) = expression.op, other === variable { return true }
    switch expression.op {
    case .call, .invoke, .method: return true
    default: break
    }
    return expression.children.contains { mentions($0, variable) }
  }

  func resolveTarget(_ target: Expression) -> Target {
    switch target.kind {
    case .name(let name): return resolveTarget(name, target.range)
    case .index(let base, let keys):
      return .entry(resolveStored(base), keys.map { resolve($0) })
    case .field(let base, let name):
      let key = Expr(.string(Text(name.text)), name.range)
      return .entry(resolveStored(base), [key])
    default: return .invalid
    }
  }

  func resolveTarget(_ name: String, _ range: SourceRange) -> Target {
    guard let variable = resolveAssignable(name, range) else { return .invalid }
    if variable.aggregateUse != nil {
      return .entry(Expr(.variable(variable), range), [aggregateKey(range)])
    }
    variable.isAssigned = true
    variable.isReassigned = true
    if variable.firstAssignment == nil { variable.firstAssignment = range }
    return .variable(variable)
  }

  func resolveAssignable(_ name: String, _ range: SourceRange) -> Variable? {
    switch lookUp(name) {
    case .variable(let variable):
      if variable.isEvent {
        diagnostics.error("the event '\(name)' cannot be assigned", at: range)
        return nil
      }
      return variable
    case .function:
      diagnostics.error("'\(name)' is a function and cannot be assigned", at: range)
      return nil
    case .unknown:
      if Builtins.isVariable(name) || Builtins.reserved.contains(name) {
        diagnostics.error(
          "'\(name)' is built in and cannot be assigned", at: range,
          notes: [Diagnostic.Note("'local \(name) = …' declares a variable of your own")])
        return nil
      }
      return global(name, range)
    }
  }

  /// The table of `base[…] = v`: a plain global there need not be assigned before.
  func resolveStored(_ base: Expression) -> Expr {
    if case .name(let name) = base.kind, case .unknown = lookUp(name), !Builtins.isVariable(name) {
      _ = global(name, base.range)
    }
    if case .name(let name) = base.kind, case .variable(let variable) = lookUp(name),
      variable.owner == nil, variable.aggregateUse == nil
    {
      variable.isStoredInto = true
      if variable.firstAssignment == nil { variable.firstAssignment = base.range }
      return Expr(.variable(variable), base.range)
    }
    return resolve(base)
  }

  private func resolveUpdate(
    _ target: Expression, _ op: BinaryOperator, _ value: Expression
  ) -> Stmt.Op {
    let operand = resolve(value)
    let place = resolveTarget(target)
    if op == .concatenate { return .update(place, .concatenate, operand) }
    // The parser makes updates of no other operators.
    guard let arithmetic = Arithmetic(op) else { return .update(.invalid, .concatenate, operand) }
    operand.demand = .integer
    return .update(place, .arithmetic(arithmetic), operand)
  }

  // MARK: - Others

  private func resolveReturn(_ values: [Expression]) -> [Expr] {
    if let value = values.first, unit.role != .function {
      let what = unit.role == .main ? "top-level code" : "a handler"
      diagnostics.error("\(what) has no result to return", at: value.range)
    }
    let resolved = resolveList(values)
    checkLength(resolved, "'return' gives")
    return resolved
  }

  private func resolveIterator(_ iterator: Expression) -> Expr? {
    guard case .call(let callee, let arguments) = iterator.kind, case .name(let name) = callee.kind
    else {
      if case .invalid = iterator.kind { return nil }
      diagnostics.error(
        "expected pairs(TABLE) behind 'in'", at: iterator.range)
      return nil
    }
    if name == "sort_pairs" { return resolveSorted(arguments, iterator.range) }
    guard name == "pairs" else {
      diagnostics.unknown("iterator", name, at: callee.range, among: ["pairs", "sort_pairs"])
      return nil
    }
    guard arguments.count == 1 else {
      diagnostics.error(
        "'pairs' takes one table, not \(arguments.count) arguments", at: iterator.range)
      return nil
    }
    return resolve(arguments[0])
  }

  private func resolveLimit(_ limit: LimitDirective) {
    let name = limit.name.text
    guard let range = Limits.ranges[name] else {
      diagnostics.unknown("limit", name, at: limit.name.range, among: Limits.ranges.keys)
      return
    }
    if let earlier = limits[name] {
      diagnostics.error(
        "limit '\(name)' is set twice", at: limit.name.range,
        notes: [Diagnostic.Note("first set here", at: earlier.range)])
      return
    }
    limits[name] = (limit.value, limit.valueRange)
    if let problem = Limits.problem(name, limit.value, range) {
      diagnostics.error(problem, at: limit.valueRange)
    }
  }
}

extension Arithmetic {
  init?(_ op: BinaryOperator) {
    switch op {
    case .add: self = .add
    case .subtract: self = .subtract
    case .multiply: self = .multiply
    case .divide: self = .divide
    case .modulo: self = .modulo
    case .bitAnd: self = .and
    case .bitOr: self = .or
    case .bitXor: self = .xor
    case .shiftLeft: self = .shiftLeft
    case .shiftRight: self = .shiftRight
    default: return nil
    }
  }
}
