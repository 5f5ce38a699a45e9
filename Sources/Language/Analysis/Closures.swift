// SPDX-License-Identifier: GPL-2.0-or-later

/// What only the whole script tells about functions: which calls go to a function that is known,
/// which functions can run, and which outer variables each of them needs.
struct Closures {
  private let resolver: Resolver
  /// Uses of variables that hold functions, outside of the function that declares them.
  private var functionUses: [ObjectIdentifier: [Variable]] = [:]
  /// Variables of known functions that each function uses as values.
  private var valueUses: [ObjectIdentifier: [Variable]] = [:]
  /// The outer scopes whose tables each function needs.
  private var needs: [ObjectIdentifier: [CaptureScope]] = [:]
  private var unit: FunctionUnit

  /// - Parameter all: whether to take all functions for reachable.
  static func analyze(_ resolver: Resolver, all: Bool = false) {
    var pass = Closures(resolver: resolver, unit: resolver.main)
    for unit in resolver.units { pass.walk(unit) }
    if all {
      for unit in resolver.units { unit.isReachable = true }
    } else {
      for probe in resolver.probes { pass.markReachable(probe.unit) }
    }
    pass.spreadValueCalls()
    pass.captureFunctionVariables()
    pass.findEnvironments()
  }

  private init(resolver: Resolver, unit: FunctionUnit) {
    self.resolver = resolver
    self.unit = unit
  }

  private func markReachable(_ unit: FunctionUnit) {
    var pending = [unit]
    while let next = pending.popLast() {
      if next.isReachable { continue }
      next.isReachable = true
      pending += next.calls.map(\.unit) + next.values.map(\.unit)
    }
  }

  /// Who calls a function that calls values calls values.
  private func spreadValueCalls() {
    var callers: [ObjectIdentifier: [FunctionUnit]] = [:]
    for unit in resolver.units {
      for call in unit.calls { callers[ObjectIdentifier(call.unit), default: []].append(unit) }
    }
    var pending = resolver.units.filter(\.mayCallValues)
    while let next = pending.popLast() {
      for caller in callers[ObjectIdentifier(next)] ?? [] where !caller.mayCallValues {
        caller.mayCallValues = true
        pending.append(caller)
      }
    }
  }

  // MARK: - Walking

  private mutating func walk(_ next: FunctionUnit) {
    unit = next
    if let filter = next.filter { walk(filter) }
    for statement in next.body { walk(statement) }
  }

  private mutating func walk(_ statement: Stmt) {
    switch statement.op {
    case .assign(.variable(let variable), let value):
      // The function that a variable is declared with is a value only where the variable is one.
      if let function = variable.constantFunction, case .function(let same) = value.op,
        same === function
      {
        return
      }
      use(variable)
    case .assignMany(let targets, _):
      for case .variable(let variable) in targets { use(variable) }
    case .update(.variable(let variable), _, _): use(variable)
    default: break
    }
    for expression in statement.expressions { walk(expression) }
    for inner in statement.inner { walk(inner) }
  }

  private mutating func walk(_ expression: Expr) {
    switch expression.op {
    case .invoke(let callee, let arguments):
      // A call of a value may have too many arguments.
      if case .variable(let variable) = callee.op, let function = variable.constantFunction,
        function.isNamed || function.isVariadic || arguments.count <= function.parameterCount
      {
        unit.calls.append((function, expression.range))
        expression.op = .call(function, arguments)
      }
    case .variable(let variable):
      if let function = variable.constantFunction {
        unit.values.append((function, expression.range))
        valueUses[ObjectIdentifier(unit), default: []].append(variable)
      }
      use(variable)
    case .function(let function): unit.values.append((function, expression.range))
    case .method(_, let asEvent, let invocation):
      walk(asEvent)
      walk(invocation)
      return
    default: break
    }
    if case .call(let function, let arguments) = expression.op, !function.isVariadic {
      expression.op = .call(
        function, resolver.adjusted(arguments, to: function.parameterCount))
    }
    if expression.callsValue { unit.mayCallValues = true }
    for child in expression.children { walk(child) }
  }

  private mutating func use(_ variable: Variable) {
    guard variable.function != nil, variable.owner !== unit else { return }
    functionUses[ObjectIdentifier(unit), default: []].append(variable)
  }

  // MARK: - Captures

  /// Variables that something else is assigned to are variables like others.
  private func captureFunctionVariables() {
    for unit in resolver.units where unit.isReachable {
      for variable in valueUses[ObjectIdentifier(unit)] ?? [] { variable.isUsedAsValue = true }
      for variable in functionUses[ObjectIdentifier(unit)] ?? []
      where variable.constantFunction == nil {
        resolver.capture(variable, in: unit)
      }
    }
  }

  private mutating func findEnvironments() {
    let reachable = resolver.units.filter(\.isReachable)
    var uses = CapturedUses()
    for unit in reachable { needs[ObjectIdentifier(unit)] = uses.scopes(of: unit) }
    var changed: Bool
    repeat {
      changed = false
      for unit in reachable {
        for variable in functionUses[ObjectIdentifier(unit)] ?? [] {
          // A constant function that captures something is made once and kept in its variable.
          guard let function = variable.constantFunction, variable.isUsedAsValue,
            innermost(function) != nil
          else { continue }
          resolver.capture(variable, in: unit)
          if variable.captureKey != nil, let scope = variable.scope {
            changed = need(scope, in: unit) || changed
          }
        }
        for (function, _) in unit.calls + unit.values {
          if let scope = innermost(function) { changed = need(scope, in: unit) || changed }
        }
        if let outer = unit.outer, outer.isReachable {
          for scope in needs[ObjectIdentifier(unit)] ?? [] {
            changed = need(scope, in: outer) || changed
          }
        }
      }
    } while changed
    for unit in reachable { unit.environment = innermost(unit) }
    for unit in reachable {
      for scope in needs[ObjectIdentifier(unit)] ?? [] { link(unit, to: scope) }
    }
  }

  private func innermost(_ unit: FunctionUnit) -> CaptureScope? {
    needs[ObjectIdentifier(unit)]?.max { $0.depth < $1.depth }
  }

  /// Notes that the function needs the table of a scope unless the scope is its own.
  private mutating func need(_ scope: CaptureScope, in unit: FunctionUnit) -> Bool {
    if scope.owner === unit { return false }
    // A function outside of the scope cannot see it, only those within that it calls.
    guard isWithin(unit, scope) else { return false }
    let id = ObjectIdentifier(unit)
    if needs[id, default: []].contains(where: { $0 === scope }) { return false }
    needs[id, default: []].append(scope)
    return true
  }

  private func isWithin(_ unit: FunctionUnit, _ scope: CaptureScope) -> Bool {
    var next = unit.outer
    while let one = next {
      if one === scope.owner { return true }
      next = one.outer
    }
    return false
  }

  /// Marks the tables through which the function reaches that of a scope.
  private func link(_ unit: FunctionUnit, to scope: CaptureScope) {
    var next = unit.environment
    while let one = next, one !== scope {
      one.isLinked = true
      next = one.next
    }
  }
}

/// The scopes of the outer variables that functions use.
private struct CapturedUses {
  private var found: [CaptureScope] = []

  mutating func scopes(of unit: FunctionUnit) -> [CaptureScope] {
    found = []
    for statement in unit.body { collect(statement, unit) }
    return found
  }

  private mutating func note(_ variable: Variable, _ unit: FunctionUnit) {
    guard variable.captureKey != nil, variable.owner !== unit, let scope = variable.scope,
      variable.constantFunction == nil, !found.contains(where: { $0 === scope })
    else { return }
    found.append(scope)
  }

  private mutating func collect(_ statement: Stmt, _ unit: FunctionUnit) {
    switch statement.op {
    case .assign(.variable(let variable), _), .update(.variable(let variable), _, _):
      note(variable, unit)
    case .assignMany(let targets, _):
      for case .variable(let variable) in targets { note(variable, unit) }
    default: break
    }
    for expression in statement.expressions { collect(expression, unit) }
    for inner in statement.inner { collect(inner, unit) }
  }

  private mutating func collect(_ expression: Expr, _ unit: FunctionUnit) {
    switch expression.op {
    case .variable(let variable): note(variable, unit)
    case .method(_, let asEvent, let invocation):
      collect(asEvent, unit)
      collect(invocation, unit)
    default: break
    }
    for child in expression.children { collect(child, unit) }
  }
}
