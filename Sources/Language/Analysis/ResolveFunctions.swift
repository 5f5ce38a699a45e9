// SPDX-License-Identifier: GPL-2.0-or-later
import CKtap

/// Functions: where they are defined, and lists of values, which calls at their end make longer.
extension Resolver {
  // MARK: - Definitions

  func resolveFunction(_ name: Name, _ function: Function, isLocal: Bool, _ range: SourceRange)
    -> [Stmt]
  {
    if isLocal {
      // Its body can call it by its name.
      let variable = declare(name)
      let made = define(name.text, name.range, as: variable, function)
      resolveBody(of: made, function)
      return [Stmt(.assign(.variable(variable), Expr(.function(made), function.range)), range)]
    }
    if unit === main, blockDepth == 0 {
      // Two of the same name have been reported.
      guard let made = functionNames[name.text], made.range == name.range else { return [] }
      if handlerNames.contains(name.text) { made.isEventHandler = true }
      resolveBody(of: made, function)
      return []
    }
    // Elsewhere it is an assignment.
    let target = resolveTarget(name.text, name.range)
    let made = anonymous(name.text, name.range)
    resolveBody(of: made, function)
    return [Stmt(.assign(target, Expr(.function(made), function.range)), range)]
  }

  /// `local f = function (…) {…}`: calls of `f` go to the function unless `f` is assigned again.
  func resolveLocalFunction(_ name: Name, _ function: Function) -> Stmt.Op {
    let made = anonymous(name.text, name.range)
    if handlerNames.contains(name.text) { made.isEventHandler = true }
    resolveBody(of: made, function)
    let variable = declare(name)
    note(made, in: variable)
    return .assign(.variable(variable), Expr(.function(made), function.range))
  }

  func resolveAnonymous(_ function: Function) -> FunctionUnit {
    let made = anonymous("function", function.range)
    resolveBody(of: made, function)
    return made
  }

  private func anonymous(_ name: String, _ range: SourceRange) -> FunctionUnit {
    let made = FunctionUnit(name: name, range: range, role: .function)
    units.append(made)
    return made
  }

  private func define(
    _ name: String, _ range: SourceRange, as variable: Variable, _ function: Function
  ) -> FunctionUnit {
    let made = anonymous(name, range)
    made.isNamed = true
    if handlerNames.contains(name) { made.isEventHandler = true }
    note(made, in: variable)
    return made
  }

  private func note(_ function: FunctionUnit, in variable: Variable) {
    variable.function = function
    if !variable.isOnce { variable.scope?.isMarked = true }
  }

  /// The parameters and body of a function or handler.
  func resolveBody(of made: FunctionUnit, _ function: Function) {
    let most = Int(KTAP_MAX_PARAMETERS)
    if function.parameters.count > most {
      diagnostics.error(
        "a function can have \(most) parameters", at: function.parameters[most].range)
    }
    made.parameterCount = function.parameters.count
    made.isVariadic = function.isVariadic
    if made.role != .function || made.isEventHandler, let variadic = function.variadic {
      diagnostics.error("a handler takes no further arguments", at: variadic)
    }
    within(made) {
      made.parameters = function.parameters.map { declare($0, isParameter: true) }
      if made.isEventHandler { made.parameters.first?.isEvent = true }
      made.body = entered(function.range) { function.body.statements.flatMap { resolve($0) } }
    }
  }

  /// The statements of the innermost scope, with its beginning marked when it may need a table.
  func entered(_ range: SourceRange, _ body: () -> [Stmt]) -> [Stmt] {
    let scope = captures
    let statements = body()
    return scope.isMarked ? [Stmt(.enter(scope), range)] + statements : statements
  }

  func reportCapturedEvent(_ variable: Variable, _ range: SourceRange) {
    diagnostics.error(
      "a function within the handler cannot use its event '\(variable.name)', which ends with the "
        + "handler", at: range,
      notes: [
        Diagnostic.Note("pass it as an argument, or keep the field that is needed in a local")
      ])
  }

  // MARK: - Lists

  /// The values of a list, of which the last stands for all that it gives.
  func resolveList(_ values: [Expression]) -> [Expr] {
    let resolved = values.map { resolve($0) }
    guard let last = values.last, let expanding = resolved.last else { return resolved }
    switch last.kind {
    case .call, .varargs: expanding.expands = expanding.canExpand
    default: break
    }
    return resolved
  }

  /// The values of a list for so many places.
  func resolveList(_ values: [Expression], count: Int) -> [Expr] {
    adjusted(resolveList(values), to: count)
  }

  /// Makes the last value, when it stands for several, as many as are missing.
  func adjusted(_ values: [Expr], to count: Int) -> [Expr] {
    guard let last = values.last, last.expands else { return values }
    last.expands = false
    let missing = count - (values.count - 1)
    guard missing > 1 else { return values }
    return values.dropLast() + (0..<missing).map { Expr(.pick(last, $0), last.range) }
  }

  /// Reports a list that is longer than the virtual machine can carry.
  func checkLength(_ values: [Expr], _ what: String) {
    let most = Int(KTAP_MAX_LIST)
    if values.count > most {
      diagnostics.error("\(what) \(most) values at most", at: values[most].range)
    }
  }
}

extension Expr {
  /// Whether it may give another number of values than one.
  var canExpand: Bool {
    switch op {
    case .call, .invoke, .method, .varargs: true
    default: false
    }
  }
}
