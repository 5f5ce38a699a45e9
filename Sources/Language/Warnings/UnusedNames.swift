// SPDX-License-Identifier: GPL-2.0-or-later

/// Warns of locals and functions that nothing uses, and of locals that are declared twice in one
/// block. Names that begin with `_` are meant to be unused; parameters and the variables of loops
/// may be.
struct UnusedNames {
  private struct Declaration {
    let name: Name
    var isFunction = false
    /// Parameters and variables of loops are not reported.
    var mayBeUnused = false
    var isRead = false
    var isAssigned = false
    /// What the name meant before.
    var hides: SourceRange?
  }

  /// The names of a block; the first holds the functions of the top level.
  private var scopes: [[String: Declaration]] = [[:]]
  /// The functions whose bodies are open: calling itself does not make a function used.
  private var open: [String] = []
  private var diagnostics = Diagnostics()

  static func report(_ script: Script, to diagnostics: inout Diagnostics) {
    var names = UnusedNames()
    for statement in script.statements {
      if case .function(let name, _, isLocal: false) = statement.kind,
        names.scopes[0][name.text] == nil
      {
        names.scopes[0][name.text] = Declaration(name: name, isFunction: true)
      }
    }
    names.within { names in
      for statement in script.statements { names.walk(statement) }
    }
    names.close(names.scopes[0])
    for found in names.diagnostics.all { diagnostics.append(found) }
  }

  // MARK: - Scopes

  private mutating func within(_ body: (inout UnusedNames) -> Void) {
    scopes.append([:])
    body(&self)
    close(scopes.removeLast())
  }

  private mutating func close(_ scope: [String: Declaration]) {
    let unused = scope.values.filter { !$0.isRead && !$0.mayBeUnused }
    for declared in unused.sorted(by: { $0.name.range.start < $1.name.range.start }) {
      let name = declared.name.text
      if name.hasPrefix("_") { continue }
      let message =
        declared.isFunction
        ? "function '\(name)' is never called"
        : declared.isAssigned ? "'\(name)' is assigned but never read" : "'\(name)' is never used"
      let notes = declared.hides.map {
        [Diagnostic.Note("it hides the '\(name)' that is declared here", at: $0)]
      }
      diagnostics.warning(message, at: declared.name.range, notes: notes ?? [])
    }
  }

  private mutating func declare(_ declared: Declaration) {
    var declared = declared
    let name = declared.name.text
    if let earlier = scopes[scopes.count - 1][name] {
      diagnostics.warning(
        "'\(name)' is declared twice in this block", at: declared.name.range,
        notes: [Diagnostic.Note("first declared here", at: earlier.name.range)])
      close([name: earlier])
    } else {
      declared.hides = scopes.reversed().lazy.compactMap { $0[name] }.first?.name.range
    }
    scopes[scopes.count - 1][name] = declared
  }

  private mutating func change(_ name: String, _ body: (inout Declaration) -> Void) {
    for index in scopes.indices.reversed() {
      guard var declared = scopes[index][name] else { continue }
      body(&declared)
      scopes[index][name] = declared
      return
    }
  }

  private mutating func read(_ name: String) {
    if open.contains(name) { return }
    change(name) { $0.isRead = true }
  }

  // MARK: - Statements

  private mutating func walk(_ block: Block) {
    within { names in
      for statement in block.statements { names.walk(statement) }
    }
  }

  private mutating func walk(_ statement: Statement) {
    switch statement.kind {
    case .local(let names, let values):
      values.forEach { walk($0) }
      for name in names { declare(Declaration(name: name)) }
    case .assign(let targets, let values):
      values.forEach { walk($0) }
      targets.forEach { walk(target: $0) }
    case .update(let target, _, let value), .aggregate(let target, let value):
      walk(value)
      walk(target: target)
    case .repeat(let body, let until):
      within { names in
        for statement in body.statements { names.walk(statement) }
        names.walk(until)
      }
    case .forRange(let name, let first, let last, let step, let body):
      ([first, last] + (step.map { [$0] } ?? [])).forEach { walk($0) }
      loop([name]) { $0.walk(body) }
    case .forEach(let names, let iterator, let body):
      walk(iterator)
      loop(names) { $0.walk(body) }
    case .forClause(let initial, let condition, let step, let body):
      let isAssignment = if case .assign = initial?.kind { true } else { false }
      loop([]) { names in
        if let initial, isAssignment { names.walk(initialAssignment: initial) }
        if let initial, !isAssignment { names.walk(initial) }
        if let condition { names.walk(condition) }
        names.walk(body)
        if let step { names.walk(step) }
      }
    case .function(let name, let function, let isLocal):
      if isLocal { declare(Declaration(name: name, isFunction: true)) }
      open.append(name.text)
      walk(function)
      open.removeLast()
    case .trace(let declaration): walk(declaration.handler)
    case .traceEnd(let handler): walk(handler)
    case .timer(let timer): walk(timer.handler)
    default:
      statement.expressions.forEach { walk($0) }
      statement.blocks.forEach { walk($0) }
    }
  }

  /// A scope with names that need not be used.
  private mutating func loop(_ names: [Name], _ body: (inout UnusedNames) -> Void) {
    within { all in
      for name in names { all.declare(Declaration(name: name, mayBeUnused: true)) }
      body(&all)
    }
  }

  /// `for (i = 0; …)` declares `i` unless that is a local already.
  private mutating func walk(initialAssignment statement: Statement) {
    guard case .assign(let targets, let values) = statement.kind else { return }
    values.forEach { walk($0) }
    for target in targets {
      if case .name(let name) = target.kind,
        !scopes.dropFirst().contains(where: { $0[name] != nil })
      {
        declare(Declaration(name: Name(text: name, range: target.range), mayBeUnused: true))
      } else {
        walk(target: target)
      }
    }
  }

  private mutating func walk(target: Expression) {
    if case .name(let name) = target.kind {
      change(name) { $0.isAssigned = true }
    } else {
      walk(target)
    }
  }

  private mutating func walk(_ handler: Handler) {
    switch handler {
    case .function(let function): walk(function)
    case .block(let block): walk(block)
    case .name(let name): read(name.text)
    }
  }

  private mutating func walk(_ function: Function) {
    loop(function.parameters) { names in
      for statement in function.body.statements { names.walk(statement) }
    }
  }

  private mutating func walk(_ expression: Expression) {
    switch expression.kind {
    case .name(let name): read(name)
    case .function(let function): walk(function)
    default: expression.children.forEach { walk($0) }
    }
  }
}
