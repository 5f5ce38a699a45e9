// SPDX-License-Identifier: GPL-2.0-or-later

/// What a look over the whole syntax tree tells before names are resolved: which names of the
/// library the script takes for globals of its own, and which variables are aggregates (`s <<< v`).
/// Both decide what a name means in places before the one that shows it.
struct OwnNames {
  /// Library functions that are assigned as globals, with the place, in order of appearance.
  private(set) var globals: [(name: String, range: SourceRange)] = []
  /// Globals that `<<<` adds to, with the place of the first.
  private(set) var aggregateGlobals: [String: SourceRange] = [:]
  /// Declarations of locals that `<<<` adds to, with the place of the first.
  private(set) var aggregateLocals: [SourceRange: SourceRange] = [:]

  /// The declarations in scope, innermost last.
  private var scopes: [[String: SourceRange]] = [[:]]
  private var found: Set<String> = []

  static func find(in script: Script) -> OwnNames {
    var names = OwnNames()
    for statement in script.statements {
      if case .function(let name, _, isLocal: false) = statement.kind {
        names.scopes[0][name.text] = name.range
      }
    }
    for statement in script.statements { names.walk(statement) }
    return names
  }

  // MARK: - Scopes

  private func declaration(of name: String) -> SourceRange? {
    for scope in scopes.reversed() {
      if let range = scope[name] { return range }
    }
    return nil
  }

  private mutating func declare(_ name: Name) { scopes[scopes.count - 1][name.text] = name.range }

  private mutating func within(_ names: [Name], _ body: (inout OwnNames) -> Void) {
    scopes.append([:])
    for name in names { declare(name) }
    body(&self)
    scopes.removeLast()
  }

  /// A name that is assigned or stored into.
  private mutating func note(_ target: Expression) {
    switch target.kind {
    case .name(let name): note(name, target.range)
    case .index(let base, _), .field(let base, _):
      if case .name = base.kind { note(base) }
    default: break
    }
  }

  private mutating func note(_ name: String, _ range: SourceRange) {
    guard declaration(of: name) == nil, Builtins.isFunction(name), !Builtins.isVariable(name),
      !Builtins.reserved.contains(name), found.insert(name).inserted
    else { return }
    globals.append((name, range))
  }

  // MARK: - Statements

  private mutating func walk(_ block: Block) {
    within([]) { names in for statement in block.statements { names.walk(statement) } }
  }

  private mutating func walk(_ statement: Statement) {
    switch statement.kind {
    case .local(let names, let values):
      values.forEach { walk($0) }
      names.forEach { declare($0) }
    case .assign(let targets, let values):
      (values + targets).forEach { walk($0) }
      targets.forEach { note($0) }
    case .update(let target, _, let value):
      walk(value)
      walk(target)
      note(target)
    case .aggregate(let target, let value):
      walk(value)
      walk(target)
      note(target)
      noteAggregate(target)
    case .call(let expression): walk(expression)
    case .block(let block): walk(block)
    case .if(let clauses, let otherwise):
      for clause in clauses {
        walk(clause.condition)
        walk(clause.body)
      }
      if let otherwise { walk(otherwise) }
    case .while(let condition, let body):
      walk(condition)
      walk(body)
    case .repeat(let body, let until):
      within([]) { names in
        body.statements.forEach { names.walk($0) }
        names.walk(until)
      }
    case .forRange(let name, let first, let last, let step, let body):
      ([first, last] + (step.map { [$0] } ?? [])).forEach { walk($0) }
      within([name]) { $0.walk(body) }
    case .forClause(let initial, let condition, let step, let body):
      within([]) { names in
        if let initial { names.walkInitial(initial) }
        if let condition { names.walk(condition) }
        names.walk(body)
        if let step { names.walk(step) }
      }
    case .forEach(let variables, let iterator, let body):
      walk(iterator)
      within(variables) { $0.walk(body) }
    case .return(let values): values.forEach { walk($0) }
    case .function(let name, let function, let isLocal):
      // Those of the top level are declared; in other places it is an assignment.
      if isLocal { declare(name) } else { note(name.text, name.range) }
      walk(function)
    case .trace(let declaration): walk(declaration.handler)
    case .traceEnd(let handler): walk(handler)
    case .timer(let timer): walk(timer.handler)
    case .break, .continue, .limit: break
    }
  }

  /// The first part of `for (i = 0; …)` declares what it assigns.
  private mutating func walkInitial(_ statement: Statement) {
    guard case .assign(let targets, let values) = statement.kind else {
      walk(statement)
      return
    }
    values.forEach { walk($0) }
    for target in targets {
      if case .name(let name) = target.kind, declaration(of: name) == nil {
        declare(Name(text: name, range: target.range))
      } else {
        note(target)
      }
    }
  }

  private mutating func noteAggregate(_ target: Expression) {
    guard case .name(let name) = target.kind else { return }
    if let declared = declaration(of: name) {
      if aggregateLocals[declared] == nil { aggregateLocals[declared] = target.range }
    } else if aggregateGlobals[name] == nil {
      aggregateGlobals[name] = target.range
    }
  }

  private mutating func walk(_ handler: Handler) {
    switch handler {
    case .function(let function): walk(function)
    case .block(let block): walk(block)
    case .name: break
    }
  }

  private mutating func walk(_ function: Function) {
    within(function.parameters) { names in
      function.body.statements.forEach { names.walk($0) }
    }
  }

  // MARK: - Expressions

  private mutating func walk(_ expression: Expression) {
    switch expression.kind {
    case .index(let base, let keys): ([base] + keys).forEach { walk($0) }
    case .field(let base, _): walk(base)
    case .call(let callee, let arguments):
      if case .name("table_count") = callee.kind, let table = arguments.first { note(table) }
      ([callee] + arguments).forEach { walk($0) }
    case .unary(_, let operand), .parenthesized(let operand): walk(operand)
    case .binary(_, let left, let right):
      walk(left)
      walk(right)
    case .conditional(let condition, let then, let otherwise):
      [condition, then, otherwise].forEach { walk($0) }
    case .table(let entries):
      for entry in entries {
        switch entry {
        case .positional(let value), .named(_, let value): walk(value)
        case .keyed(let keys, let value): (keys + [value]).forEach { walk($0) }
        }
      }
    case .function(let function): walk(function)
    case .nil, .boolean, .integer, .string, .varargs, .name, .invalid: break
    }
  }
}
