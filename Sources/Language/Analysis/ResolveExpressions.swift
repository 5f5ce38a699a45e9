// SPDX-License-Identifier: GPL-2.0-or-later
import Bytecode
import CKtap

extension Resolver {
  func resolve(_ expression: Expression) -> Expr {
    let range = expression.range
    func node(_ op: Expr.Op) -> Expr { Expr(op, range) }
    switch expression.kind {
    case .nil: return node(.null)
    case .boolean(let value): return node(.boolean(value))
    case .integer(let value): return node(.integer(value))
    case .string(let bytes): return node(.string(Text(bytes: bytes)))
    case .varargs: return node(.varargs(unit.extras))
    case .name(let name): return resolveName(name, range)
    case .index(let base, let keys): return resolveIndex(base, keys, range)
    case .field(let base, let name): return resolveField(base, name, range)
    case .call(let callee, let arguments):
      let call = resolveCall(callee, arguments, range)
      if isWithoutResult(call) {
        diagnostics.error("'\(source.text(callee.range))' gives no value", at: range)
      }
      return call
    case .unary(let op, let operand): return unary(op, resolve(operand), range)
    case .binary(let op, let left, let right):
      return binary(op, resolve(left), resolve(right), range)
    case .conditional(let condition, let then, let otherwise):
      return node(.conditional(resolve(condition), resolve(then), resolve(otherwise)))
    case .table(let entries): return resolveTable(entries, range)
    case .function(let function): return node(.function(resolveAnonymous(function)))
    case .parenthesized(let inner): return resolve(inner)
    case .invalid: return node(.invalid)
    }
  }

  private func isWithoutResult(_ expression: Expr) -> Bool {
    switch expression.op {
    case .print, .printf, .histogram, .clear, .count: true
    case .library(let function, _): function.result.isEmpty
    case .call(let function, _): function.changesKernel
    default: false
    }
  }

  func resolveCallStatement(_ expression: Expression) -> Expr {
    guard case .call(let callee, let arguments) = expression.kind else {
      return resolve(expression)
    }
    return shown(resolveCall(callee, arguments, expression.range))
  }

  // MARK: - Names

  private func resolveName(_ name: String, _ range: SourceRange) -> Expr {
    switch lookUp(name) {
    case .variable(let variable):
      if variable.isEvent, variable.owner !== unit {
        reportCapturedEvent(variable, range)
        return Expr(.invalid, range)
      }
      // Also a global that exists already may turn out to be never assigned.
      if variable.owner == nil, variable.firstRead == nil {
        variable.firstRead = (range, localNames())
      }
      if variable.aggregateUse != nil { return scalarAggregate(variable, range) }
      return Expr(.variable(variable), range)
    case .function(let function): return Expr(.function(function), range)
    case .unknown: break
    }
    if let builtin = resolveBuiltin(name, range) { return builtin }
    if Builtins.isFunction(name) {
      diagnostics.error("'\(name)' is a function: call it as \(name)(…)", at: range)
      return Expr(.invalid, range)
    }
    let variable = global(name, range)
    if variable.firstRead == nil { variable.firstRead = (range, localNames()) }
    if variable.aggregateUse != nil { return scalarAggregate(variable, range) }
    return Expr(.variable(variable), range)
  }

  /// A built-in variable, which may also be written as a call without arguments.
  func resolveBuiltin(_ name: String, _ range: SourceRange) -> Expr? {
    if let function = Builtins.variables[name] { return Expr(.library(function, []), range) }
    if let unit = Builtins.clocks[name] {
      let now = Expr(.library(LibraryFunction(KTAP_LIB_GETTIMEOFDAY_NS), []), range)
      return Expr(.arithmetic(.divide, now, Expr(.integer(unit), range)), range)
    }
    if name == "curr_taskinfo" {
      refuseTaskInfo(range)
      return Expr(.invalid, range)
    }
    if name == "arg" {
      diagnostics.error("write arg[N] for the script's argument N, from 0", at: range)
      return Expr(.invalid, range)
    }
    guard Builtins.eventVariables.contains(name) else { return nil }
    if name == "args" {
      diagnostics.error("write args.FIELD for a field of the event", at: range)
      return Expr(.invalid, range)
    }
    guard let event = implicitEvent(for: name, range) else { return Expr(.invalid, range) }
    if name == "argstr" { return printed(event) }
    if name == "probename" {
      return Expr(.library(LibraryFunction(KTAP_LIB_PROBENAME), [event]), range)
    }
    if name.hasPrefix("arg"), let number = Int(name.dropFirst(3)) {
      return Expr(.field(event, "#\(number)"), range)
    }
    return eventMember(event, name, range)
  }

  /// The fetch arguments of the event's probe.
  private func fetched(_ event: Expr) -> FetchedValues? {
    guard case .variable(let variable) = event.op, variable.isEvent else { return nil }
    return variable.owner?.fetched
  }

  /// The event as a value to be printed: with fetch arguments it is a text of these.
  func printed(_ value: Expr) -> Expr {
    fetched(value).map { $0.text(value, value.range) } ?? value
  }

  /// A field of an event by name, with the names that stand for something else.
  func eventMember(_ event: Expr, _ name: String, _ range: SourceRange) -> Expr {
    if let value = fetched(event)?[name] { return value.expression(event, range) }
    let field = Expr(.field(event, name), range)
    guard Builtins.isFlag(name) else { return field }
    field.demand = .integer
    return Expr(.compare(.notEqual, field, Expr(.integer(0), range)), range)
  }

  // MARK: - Tables and events

  private func isArgumentList(_ base: Expression) -> Bool {
    guard case .name("arg") = base.kind, case .unknown = lookUp("arg") else { return false }
    return true
  }

  private func resolveIndex(_ base: Expression, _ keys: [Expression], _ range: SourceRange) -> Expr
  {
    if isArgumentList(base) {
      guard keys.count == 1 else {
        diagnostics.error("arg[N] takes one number", at: range)
        return Expr(.invalid, range)
      }
      return Expr(.library(LibraryFunction(KTAP_LIB_ARG), [resolve(keys[0])]), range)
    }
    return Expr(.index(resolve(base), keys.map { resolve($0) }), range)
  }

  private func resolveField(_ base: Expression, _ name: Name, _ range: SourceRange) -> Expr {
    if case .name(let owner) = base.kind, case .unknown = lookUp(owner) {
      if owner == "args" {
        guard let event = implicitEvent(for: "args", base.range) else {
          return Expr(.invalid, range)
        }
        return eventMember(event, name.text, range)
      }
      if Resolver.groups.contains(owner), globals[owner] == nil {
        diagnostics.error(
          "'\(owner).\(name.text)' is a function: call it as \(owner).\(name.text)(…)", at: range)
        return Expr(.invalid, range)
      }
    }
    let resolved = resolve(base)
    if case .variable(let variable) = resolved.op, variable.isEvent {
      return resolveEventField(resolved, name, range)
    }
    return Expr(.member(resolved, name), range)
  }

  private func resolveEventField(_ event: Expr, _ name: Name, _ range: SourceRange) -> Expr {
    switch name.text {
    case "name": return Expr(.library(LibraryFunction(KTAP_LIB_PROBENAME), [event]), range)
    case "regstr":
      let text = Expr(.field(event, "regstr"), range)
      text.demand = .string
      return text
    case "field", "tostring", "set_retval":
      diagnostics.error("'\(name.text)' is called: e.\(name.text)(…)", at: name.range)
      return Expr(.invalid, range)
    default: return eventMember(event, name.text, range)
    }
  }

  private func resolveTable(_ entries: [TableEntry], _ range: SourceRange) -> Expr {
    var next: Int64 = 1
    var resolved: [(keys: [Expr], value: Expr)] = []
    for (index, entry) in entries.enumerated() {
      switch entry {
      case .positional(let value):
        let values = index == entries.count - 1 ? resolveList([value]) : [resolve(value)]
        resolved.append(([Expr(.integer(next), value.range)], values[0]))
        next += 1
      case .named(let name, let value):
        resolved.append(([Expr(.string(Text(name.text)), name.range)], resolve(value)))
      case .keyed(let keys, let value):
        if keys.count > 4 {
          diagnostics.error("a table key can have at most 4 parts", at: keys[4].range)
        }
        resolved.append((keys.map { resolve($0) }, resolve(value)))
      }
    }
    let site = TableSiteNode(range: range)
    site.entries = UInt32(entries.count)
    return Expr(.table(resolved, site), range)
  }

  // MARK: - Operators

  private func unary(_ op: UnaryOperator, _ operand: Expr, _ range: SourceRange) -> Expr {
    switch (op, operand.op) {
    case (.negate, .integer(let value)): return Expr(.integer(0 &- value), range)
    case (.complement, .integer(let value)): return Expr(.integer(~value), range)
    case (.not, .boolean(let value)): return Expr(.boolean(!value), range)
    case (.not, .null): return Expr(.boolean(true), range)
    case (.not, _): return Expr(.not(operand), range)
    case (.negate, _):
      operand.demand = .integer
      return Expr(.negate(operand), range)
    case (.complement, _):
      operand.demand = .integer
      return Expr(.complement(operand), range)
    }
  }

  private func binary(
    _ op: BinaryOperator, _ left: Expr, _ right: Expr, _ range: SourceRange
  ) -> Expr {
    if let arithmetic = Arithmetic(op) {
      left.demand = .integer
      right.demand = .integer
      if case .integer(let a) = left.op, case .integer(let b) = right.op {
        if let value = arithmetic.apply(a, b) { return Expr(.integer(value), range) }
      }
      if arithmetic == .divide || arithmetic == .modulo, case .integer(0) = right.op {
        diagnostics.warning("division by zero", at: range)
      }
      return Expr(.arithmetic(arithmetic, left, right), range)
    }
    switch op {
    case .and: return Expr(.and(left, right), range)
    case .or: return Expr(.or(left, right), range)
    case .concatenate:
      if case .string(let a) = left.op, case .string(let b) = right.op {
        return Expr(.string(Text(bytes: a.bytes + b.bytes)), range)
      }
      return Expr(.concatenate(left, right), range)
    case .equal: return compare(.equal, left, right, range)
    case .notEqual: return compare(.notEqual, left, right, range)
    case .less: return compare(.less, left, right, range)
    case .lessOrEqual: return compare(.lessOrEqual, left, right, range)
    case .greater: return compare(.greater, left, right, range)
    default: return compare(.greaterOrEqual, left, right, range)
    }
  }

  private func compare(
    _ comparison: Comparison, _ left: Expr, _ right: Expr, _ range: SourceRange
  ) -> Expr {
    if case .integer(let a) = left.op, case .integer(let b) = right.op {
      return Expr(.boolean(comparison.holds(a, b)), range)
    }
    // A field beside a value of known kind is read as that kind, which attaching then checks.
    if left.isField, let kind = evidentKind(right) { left.demand = kind }
    if right.isField, let kind = evidentKind(left) { right.demand = kind }
    return Expr(.compare(comparison, left, right), range)
  }

  /// Integer or string when the form of the expression alone tells.
  private func evidentKind(_ expression: Expr) -> KindMask? {
    switch expression.op {
    case .integer, .arithmetic, .negate, .complement, .length: return .integer
    case .string, .concatenate: return .string
    case .library(let function, _):
      return function.result == .integer || function.result == .string ? function.result : nil
    default: return nil
    }
  }
}
