// SPDX-License-Identifier: GPL-2.0-or-later
import Bytecode

/// The calls by which ktap 0.2 declared timers and traced events: `timer.s(1, f)`,
/// `kdebug.trace_by_name("sched:*", f)`, `kdebug.trace_end(f)`. They are declarations, written at
/// the top level only, and mean the same as the statements.
extension Resolver {
  /// Whether the statement is such a call; it has been dealt with then.
  func resolveDeclaration(_ expression: Expression) -> Bool {
    guard case .call(let callee, let arguments) = expression.kind,
      case .field(let base, let name) = callee.kind, case .name(let owner) = base.kind,
      owner == "timer" || owner == "kdebug", case .unknown = lookUp(owner)
    else { return false }
    let range = expression.range
    let full = "\(owner).\(name.text)"
    switch full {
    case "kdebug.trace_by_name":
      if isTopLevel(full, range), expect(full, 2...2, arguments, range) {
        traceByName(arguments[0], arguments[1], range)
      }
    case "kdebug.trace_end":
      if isTopLevel(full, range), expect(full, 1...1, arguments, range),
        let handler = handler(arguments[0], of: full)
      {
        resolvePlainHandler(handler, name: "trace_end", role: .end, kind: .end, range: range)
      }
    case "timer.profile":
      if isTopLevel(full, range), expect(full, 2...2, arguments, range),
        let interval = interval(arguments[0], 1), let handler = handler(arguments[1], of: full)
      {
        resolveProfile(
          profileEvent(nanoseconds: Int64(clamping: interval)), handler, callee.range)
      }
    default:
      guard owner == "timer", let unit = Resolver.timerUnits[name.text] else {
        let known =
          owner == "timer" ? Array(Resolver.timerUnits.keys) + ["profile"] : Resolver.kdebugNames
        diagnostics.unknown("function", name.text, at: name.range, among: known)
        return true
      }
      if isTopLevel(full, range), expect(full, 2...2, arguments, range),
        let interval = interval(arguments[0], unit), let handler = handler(arguments[1], of: full)
      {
        resolvePlainHandler(
          handler, name: full, role: .tick, kind: .tick, range: callee.range, interval: interval)
      }
    }
    return true
  }

  /// The function that a call of `kdebug.trace_by_name` names, before anything is resolved.
  static func namedHandler(_ expression: Expression) -> String? {
    guard case .call(let callee, let arguments) = expression.kind, arguments.count == 2,
      case .field(let base, let name) = callee.kind, case .name("kdebug") = base.kind,
      name.text == "trace_by_name", case .name(let handler) = arguments[1].kind
    else { return nil }
    return handler
  }

  private static let timerUnits: [String: Int64] = [
    "s": 1_000_000_000, "sec": 1_000_000_000, "ms": 1_000_000, "msec": 1_000_000, "us": 1_000,
    "usec": 1_000,
  ]
  private static let kdebugNames = ["trace_by_name", "trace_end"]

  private func handler(_ expression: Expression, of what: String) -> Handler? {
    switch expression.kind {
    case .function(let function): return .function(function)
    case .name(let name): return .name(Name(text: name, range: expression.range))
    case .invalid: return nil
    default:
      diagnostics.error(
        "'\(what)' takes a function in place or the name of one", at: expression.range)
      return nil
    }
  }

  private func interval(_ expression: Expression, _ unit: Int64) -> UInt64? {
    let value = resolve(expression)
    guard case .integer(let count) = value.op else {
      if case .invalid = value.op { return nil }
      diagnostics.error("the period of a timer must be a constant", at: expression.range)
      return nil
    }
    let period = count.multipliedReportingOverflow(by: unit)
    guard count > 0, !period.overflow else {
      diagnostics.error(
        "this timer's period must lie between 1 ns and 292 years", at: expression.range)
      return nil
    }
    return UInt64(period.partialValue)
  }

  private func traceByName(_ event: Expression, _ function: Expression, _ range: SourceRange) {
    var lexer = Lexer(source: source)
    lexer.position = event.range.start
    guard case .string = event.kind, case .string(let literal) = lexer.next().kind else {
      if case .invalid = event.kind { return }
      diagnostics.error("the event must be a string in quotes", at: event.range)
      return
    }
    var scanner = EventScanner(literal, lexer)
    let specifications = scanner.parseSpecifications()
    let filter = scanner.at("/") ? scanner.parseFilter() : nil
    if scanner.errors.isEmpty { scanner.finish() }
    for error in scanner.errors { diagnostics.append(error) }
    guard scanner.errors.isEmpty, let first = specifications.first,
      let last = specifications.last, let handler = handler(function, of: "kdebug.trace_by_name")
    else { return }
    resolveTrace(
      TraceDeclaration(
        specifications: specifications, filter: filter, handler: handler,
        specificationRange: first.range.union(last.range)), range)
  }
}
