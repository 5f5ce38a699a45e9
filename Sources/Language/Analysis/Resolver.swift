// SPDX-License-Identifier: GPL-2.0-or-later
import Bytecode

/// Turns a syntax tree into the tree of Tree.swift: finds out what each name means, checks where
/// statements may stand, folds constants.
final class Resolver {
  struct Scope {
    var locals: [String: Variable] = [:]
    let captures: CaptureScope
  }

  var diagnostics: Diagnostics
  let source: SourceText

  let main: FunctionUnit
  /// All functions and handlers, top-level code first.
  var units: [FunctionUnit] = []
  var probes: [ProbeNode] = []
  var globals: [String: Variable] = [:]
  /// Globals in the order of their first appearance, promoted locals of top-level code among them.
  var globalOrder: [Variable] = []
  var limits: [String: (value: Int64, range: SourceRange)] = [:]

  /// The function being resolved.
  var unit: FunctionUnit
  /// Innermost last, those of the functions around included.
  var scopes: [Scope] = []
  var functionNames: [String: FunctionUnit] = [:]
  /// Names of functions that some `trace` statement gives as its handler.
  var handlerNames: Set<String> = []
  /// Handlers that call a named function behind a filter.
  var wrappers: [(handler: FunctionUnit, function: FunctionUnit, range: SourceRange)] = []
  var blockDepth = 0
  /// The loops of the function being resolved that are open.
  var loopDepth = 0
  /// What the whole script uses names of the library for.
  var ownNames = OwnNames()
  /// Locals with the name of a library function, and the calls of library functions, by name.
  var shadows: [(name: String, range: SourceRange)] = []
  var calledFunctions: [String: SourceRange] = [:]
  /// The events of the handler being resolved, where it is no named function.
  var handled: [TracedEvent] = []
  /// The events of the filter being resolved.
  var traced: [String] = []

  init(_ source: SourceText, diagnostics: Diagnostics) {
    self.source = source
    self.diagnostics = diagnostics
    main = FunctionUnit(name: "main", range: SourceRange(0, 0), role: .main)
    unit = main
    units = [main]
    let captures = CaptureScope(owner: main, parent: nil, range: SourceRange(0, 0))
    scopes = [Scope(captures: captures)]
  }

  func resolve(_ script: Script) {
    probes = [ProbeNode(kind: .main, unit: main, range: SourceRange(0, 0))]
    ownNames = OwnNames.find(in: script)
    for (name, range) in ownNames.globals { _ = global(name, range) }
    hoist(script.statements)
    for statement in script.statements { main.body += resolve(statement) }
    finishWrappers()
    reportUnassigned()
    reportShadows()
  }

  /// Finds the top-level functions, which may be called before the place where they stand.
  private func hoist(_ statements: [Statement]) {
    for statement in statements {
      switch statement.kind {
      case .function(let name, let function, isLocal: false):
        if let earlier = functionNames[name.text] {
          diagnostics.error(
            "function '\(name.text)' is defined twice", at: name.range,
            notes: [Diagnostic.Note("first defined here", at: earlier.range)])
          continue
        }
        if Builtins.reserved.contains(name.text) || Builtins.isVariable(name.text) {
          diagnostics.error(
            "'\(name.text)' is built in and cannot be defined again", at: name.range)
          continue
        }
        let made = FunctionUnit(name: name.text, range: name.range, role: .function)
        made.parameterCount = function.parameters.count
        made.isVariadic = function.isVariadic
        made.isNamed = true
        functionNames[name.text] = made
        units.append(made)
      case .trace(let declaration):
        if case .name(let name) = declaration.handler { handlerNames.insert(name.text) }
      case .call(let call):
        if let name = Resolver.namedHandler(call) { handlerNames.insert(name) }
      default: break
      }
    }
  }

  /// Only now it is known whether the named function takes the event.
  private func finishWrappers() {
    for (handler, function, range) in wrappers {
      let event = Expr(.variable(eventParameter(of: handler)), range)
      let call = Expr(.call(function, function.parameters.isEmpty ? [] : [event]), range)
      handler.body = [Stmt(.evaluate(call), range)]
    }
    for function in functionNames.values where function.isEventHandler {
      if function.parameters.count > 1 {
        diagnostics.error(
          "'\(function.name)' handles an event: it has one parameter, the event",
          at: function.parameters[1].range)
      }
    }
  }

  private func reportUnassigned() {
    for variable in globalOrder where !variable.isAssigned && !variable.isStoredInto {
      guard let read = variable.firstRead else { continue }
      if variable.isFirstCalled {
        diagnostics.unknown(
          "function", variable.name, at: read.range,
          among: read.candidates + Array(functionNames.keys) + Builtins.functionNames)
        continue
      }
      let known = globalOrder.filter { $0.isAssigned || $0.isStoredInto }.map(\.name)
      let candidates = known + read.candidates + Array(functionNames.keys) + Builtins.names
      let foreign = ForeignNames.constants[variable.name]
      if let better = foreign ?? suggestion(for: variable.name, among: candidates) {
        diagnostics.error(
          "'\(variable.name)' is never assigned, did you mean '\(better)'?", at: read.range,
          fixIt: Diagnostic.FixIt(replace: read.range, with: better))
      } else {
        diagnostics.error("'\(variable.name)' is read but never assigned", at: read.range)
      }
    }
  }

  // MARK: - Scopes

  func withScope<T>(_ body: () -> T) -> T {
    openScope()
    blockDepth += 1
    defer {
      scopes.removeLast()
      blockDepth -= 1
    }
    return body()
  }

  private func openScope() {
    scopes.append(
      Scope(captures: CaptureScope(owner: unit, parent: captures, range: unit.range)))
  }

  /// The innermost scope.
  var captures: CaptureScope { scopes[scopes.count - 1].captures }

  /// What stands in a loop may run several times.
  func withLoop<T>(_ body: () -> T) -> T {
    loopDepth += 1
    defer { loopDepth -= 1 }
    return body()
  }

  /// Resolves inside another function, whose scopes lie within those that are open now.
  func within(_ inner: FunctionUnit, _ body: () -> Void) {
    let outer = (unit, blockDepth, loopDepth)
    inner.outer = unit
    unit = inner
    blockDepth = 0
    loopDepth = 0
    openScope()
    body()
    scopes.removeLast()
    (unit, blockDepth, loopDepth) = outer
  }

  func declare(_ name: Name, isParameter: Bool = false, isLocal: Bool = false) -> Variable {
    let variable = Variable(name: name.text, range: name.range, isGlobal: false, owner: unit)
    variable.isParameter = isParameter
    variable.isOnce = unit === main && loopDepth == 0
    variable.scope = captures
    scopes[scopes.count - 1].locals[name.text] = variable
    noteShadow(name)
    if let use = ownNames.aggregateLocals[name.range] { makeAggregate(variable, use, isLocal) }
    return variable
  }

  enum Meaning {
    case variable(Variable)
    case function(FunctionUnit)
    case unknown
  }

  /// What the script itself means by a name: a local, a function or a global that exists already.
  func lookUp(_ name: String) -> Meaning {
    for scope in scopes.reversed() {
      if let variable = scope.locals[name] {
        // Whether a function's variable is needed shows when all of the script is known.
        if variable.function == nil { capture(variable, in: unit) }
        return .variable(variable)
      }
    }
    if let function = functionNames[name] { return .function(function) }
    if let variable = globals[name] { return .variable(variable) }
    return .unknown
  }

  /// A local is used in a function within that of its scope. If it exists only once it lives where
  /// globals live from now on, else in the table of its scope.
  func capture(_ variable: Variable, in user: FunctionUnit) {
    if variable.owner === user || variable.isGlobal || variable.isEvent { return }
    if variable.isOnce {
      variable.isGlobal = true
      variable.isAssigned = true
      globalOrder.append(variable)
    } else {
      variable.scope?.capture(variable)
    }
  }

  func global(_ name: String, _ range: SourceRange) -> Variable {
    if let known = globals[name] { return known }
    let variable = Variable(name: name, range: range, isGlobal: true, owner: nil)
    globals[name] = variable
    globalOrder.append(variable)
    if let use = ownNames.aggregateGlobals[name] {
      variable.aggregateUse = use
      variable.isStoredInto = true
      variable.firstAssignment = use
    }
    return variable
  }

  func localNames() -> [String] { scopes.flatMap { $0.locals.keys } }

  /// The event of the handler being resolved, or nil after a report.
  func implicitEvent(for name: String, _ range: SourceRange) -> Expr? {
    guard unit.isEventHandler else {
      let place =
        switch unit.role {
        case .main: "top-level code has none"
        case .end: "trace_end has none"
        case .tick: "a timer has none"
        default: "pass it to the function as a parameter"
        }
      diagnostics.error("'\(name)' needs the event of a trace handler; \(place)", at: range)
      return nil
    }
    return Expr(.variable(eventParameter(of: unit)), range)
  }

  /// The parameter that holds the event, made when the handler has none.
  func eventParameter(of handler: FunctionUnit) -> Variable {
    if let first = handler.parameters.first { return first }
    let event = Variable(name: "event", range: handler.range, isGlobal: false, owner: handler)
    event.isParameter = true
    event.isEvent = true
    handler.parameters = [event]
    return event
  }
}
