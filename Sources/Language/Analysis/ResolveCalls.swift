// SPDX-License-Identifier: GPL-2.0-or-later
import Bytecode
import CKtap

extension Resolver {
  func resolveCall(_ callee: Expression, _ arguments: [Expression], _ range: SourceRange) -> Expr {
    switch callee.kind {
    case .name(let name):
      switch lookUp(name) {
      case .function(let function): return call(function, arguments, range)
      case .variable: return call(resolve(callee), arguments, range)
      case .unknown: return callBuiltin(name, callee.range, arguments, range)
      }
    case .field(let base, let name): return callMethod(base, name, arguments, range)
    case .parenthesized(let inner): return resolveCall(inner, arguments, range)
    default: return call(resolve(callee), arguments, range)
    }
  }

  private func call(_ function: FunctionUnit, _ arguments: [Expression], _ range: SourceRange)
    -> Expr
  {
    let resolved = resolveList(arguments)
    checkLength(resolved, "a call takes")
    unit.calls.append((function, range))
    return Expr(.call(function, resolved), range)
  }

  /// Calls what a value is.
  private func call(_ callee: Expr, _ arguments: [Expression], _ range: SourceRange) -> Expr {
    if case .function(let function) = callee.op { return call(function, arguments, range) }
    let resolved = resolveList(arguments)
    checkLength(resolved, "a call takes")
    if case .invalid = callee.op { return callee }
    return Expr(.invoke(callee, resolved), range)
  }

  func expect(
    _ name: String, _ counts: ClosedRange<Int>, _ arguments: [Expression], _ range: SourceRange
  ) -> Bool {
    if counts.contains(arguments.count) { return true }
    var wanted = "\(counts.lowerBound)"
    if counts.upperBound > counts.lowerBound {
      wanted += counts.upperBound == counts.lowerBound + 1 ? " or " : " to "
      wanted += "\(counts.upperBound)"
    }
    let noun = counts.upperBound == 1 ? "argument" : "arguments"
    let takes = counts.upperBound == 0 ? "takes no arguments" : "takes \(wanted) \(noun)"
    diagnostics.error("'\(name)' \(takes), not \(arguments.count)", at: range)
    return false
  }

  private func callBuiltin(
    _ name: String, _ nameRange: SourceRange, _ arguments: [Expression], _ range: SourceRange
  ) -> Expr {
    let invalid = Expr(.invalid, range)
    if name != "arg", name != "args", Builtins.isVariable(name) {
      guard expect(name, 0...0, arguments, range) else { return invalid }
      return resolveBuiltin(name, range) ?? invalid
    }
    if calledFunctions[name] == nil { calledFunctions[name] = nameRange }
    if let made = composed(name, arguments, range) { return made }
    if let function = Resolver.changing[name] { return change(name, function, arguments, range) }
    if let function = Builtins.functions[name] {
      return libraryCall(name, function, arguments, range)
    }
    guard Builtins.special.contains(name) else {
      // A function that some statement assigns to a global, or an error.
      let variable = global(name, nameRange)
      if variable.firstRead == nil {
        variable.firstRead = (nameRange, localNames())
        variable.isFirstCalled = true
      }
      return call(Expr(.variable(variable), nameRange), arguments, range)
    }
    return callSpecial(name, arguments, range)
  }

  func libraryCall(
    _ name: String, _ function: LibraryFunction, _ arguments: [Expression], _ range: SourceRange
  ) -> Expr {
    let resolved = arguments.map { resolve($0) }
    guard expect(name, function.argumentCount, arguments, range) else {
      return Expr(.invalid, range)
    }
    for (index, argument) in resolved.enumerated() {
      let wanted = function.argument(index)
      if wanted == .integer || wanted == .string { argument.demand = wanted }
    }
    return Expr(.library(function, resolved), range)
  }

  private func callSpecial(_ name: String, _ arguments: [Expression], _ range: SourceRange) -> Expr
  {
    let invalid = Expr(.invalid, range)
    if name == "print" {
      let values = resolveList(arguments).map { printed($0) }
      checkLength(values, "'print' takes")
      for value in values { value.isShown = true }
      return Expr(.print(values), range)
    }
    if name == "printf" { return resolvePrintf(arguments, range) }
    if name == "lhist" { return resolveLinear(arguments, range) }
    if name == "len", arguments.count == 1, case .name("arg") = arguments[0].kind,
      case .unknown = lookUp("arg")
    {
      return Expr(.library(LibraryFunction(KTAP_LIB_ARG_COUNT), []), range)
    }
    let resolved = arguments.map { resolve($0) }
    switch name {
    case "print_hist", "histogram":
      guard expect(name, 1...2, arguments, range) else { return invalid }
      let rows = resolved.count > 1 ? resolved[1] : Expr(.integer(0), range)
      return Expr(.histogram(resolved[0], rows: rows), range)
    case "len":
      guard expect(name, 1...1, arguments, range) else { return invalid }
      return Expr(.length(resolved[0]), range)
    case "delete":
      guard expect(name, 1...1, arguments, range) else { return invalid }
      return Expr(.clear(cleared(resolved[0])), range)
    case "exit":
      guard expect(name, 0...1, arguments, range) else { return invalid }
      let code = resolved.first ?? Expr(.integer(0), range)
      code.demand = .integer
      return Expr(.library(LibraryFunction(KTAP_LIB_EXIT), [code]), range)
    case "table_count":
      guard expect(name, 2...3, arguments, range) else { return invalid }
      markStored(resolved[0])
      let by = resolved.count > 2 ? resolved[2] : Expr(.integer(1), range)
      by.demand = .integer
      return Expr(.count(resolved[0], keys: [resolved[1]], by: by), range)
    default:
      diagnostics.error(
        "'\(name)' stands behind 'in' only: for (k, v in \(name)(t)) {…}", at: range)
      return invalid
    }
  }

  /// `table_count(n, k)` makes an entry, as `n[k] += 1` does.
  private func markStored(_ table: Expr) {
    if case .variable(let variable) = table.op, variable.owner == nil {
      variable.isStoredInto = true
      if variable.firstAssignment == nil { variable.firstAssignment = table.range }
    }
  }

  /// `table.new(list, records)`: an empty table for about so many entries.
  func resolveNewTable(_ arguments: [Expression], _ range: SourceRange) -> Expr {
    guard expect("table.new", 0...2, arguments, range) else { return Expr(.invalid, range) }
    let site = TableSiteNode(range: range)
    for argument in arguments {
      guard case .integer(let count) = resolve(argument).op, (0...1_000_000).contains(count) else {
        diagnostics.error(
          "'table.new' takes constants from 0 to 1000000", at: argument.range)
        continue
      }
      site.entries += UInt32(count)
    }
    return Expr(.table([], site), range)
  }

  /// `t.f(…)`, and the functions that an event has: `e.field(N)`, `e.tostring()`.
  private func callMethod(
    _ base: Expression, _ name: Name, _ arguments: [Expression], _ range: SourceRange
  ) -> Expr {
    let invalid = Expr(.invalid, range)
    if case .name(let owner) = base.kind, case .unknown = lookUp(owner), owner != "args",
      !Builtins.isVariable(owner)
    {
      if let made = grouped(owner, name, arguments, range) { return made }
    }
    if case .name("args") = base.kind, case .unknown = lookUp("args") {
      guard let event = implicitEvent(for: "args", base.range) else { return invalid }
      return callEvent(event, name, arguments, range)
    }
    let resolved = resolve(base)
    if case .variable(let variable) = resolved.op, variable.isEvent {
      return callEvent(resolved, name, arguments, range)
    }
    let entry = Expr(.member(resolved, name), base.range.union(name.range))
    let invocation = call(entry, arguments, range)
    guard let asEvent = eventCall(resolved, name, arguments, range) else { return invocation }
    return Expr(.method(resolved, asEvent: asEvent, invocation: invocation), range)
  }

  /// What the call means if the base is an event, or nil when it can only be a table.
  private func eventCall(
    _ base: Expr, _ name: Name, _ arguments: [Expression], _ range: SourceRange
  ) -> Expr? {
    switch name.text {
    case "tostring" where arguments.isEmpty: return base
    case "name" where arguments.isEmpty:
      return Expr(.library(LibraryFunction(KTAP_LIB_PROBENAME), [base]), range)
    case "set_retval" where arguments.count == 1:
      return setReturnValue(base, arguments, range)
    case "field" where arguments.count == 1:
      guard case .integer(let number) = arguments[0].kind, (1...128).contains(number) else {
        return nil
      }
      return Expr(.field(base, "#\(number - 1)"), range)
    default: return nil
    }
  }

  private func callEvent(
    _ event: Expr, _ name: Name, _ arguments: [Expression], _ range: SourceRange
  ) -> Expr {
    let invalid = Expr(.invalid, range)
    let methods = ["field", "tostring", "name", "set_retval"]
    guard methods.contains(name.text) else {
      diagnostics.unknown("function", name.text, at: name.range, among: methods)
      return invalid
    }
    switch name.text {
    case "tostring":
      guard expect("tostring", 0...0, arguments, range) else { return invalid }
      return printed(event)
    case "name":
      guard expect("name", 0...0, arguments, range) else { return invalid }
      return Expr(.library(LibraryFunction(KTAP_LIB_PROBENAME), [event]), range)
    case "field":
      guard expect("field", 1...1, arguments, range) else { return invalid }
      guard case .integer(let number) = resolve(arguments[0]).op, number >= 1, number <= 128 else {
        diagnostics.error("the number of a field is a constant from 1 on", at: arguments[0].range)
        return invalid
      }
      return Expr(.field(event, "#\(number - 1)"), range)
    default: return setReturnValue(event, arguments, range)
    }
  }
}
