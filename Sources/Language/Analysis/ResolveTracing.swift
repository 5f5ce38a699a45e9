// SPDX-License-Identifier: GPL-2.0-or-later
import Bytecode
import CKtap

extension Resolver {
  func resolveTrace(_ declaration: TraceDeclaration, _ range: SourceRange) {
    var events: [ProbeSpecification] = []
    for specification in declaration.specifications {
      if let counter = Counter.Spelling(specification.text) {
        if let event = resolve(counter, specification) { events.append(event) }
      } else if check(specification) {
        events.append(specification)
      }
    }
    resolveTrace(declaration, of: events)
  }

  /// Resolves the handler and the filter of events that have been checked.
  func resolveTrace(_ declaration: TraceDeclaration, of events: [ProbeSpecification]) {
    handled = events
    defer { handled = [] }
    let name = "trace " + (declaration.specifications.first?.text ?? "")
    let handler: FunctionUnit
    switch declaration.handler {
    case .function(let function):
      handler = FunctionUnit(name: name, range: declaration.specificationRange, role: .handler)
      handler.isEventHandler = true
      units.append(handler)
      if function.parameters.count > 1 {
        diagnostics.error(
          "a handler has one parameter, the event", at: function.parameters[1].range)
      }
      resolveBody(of: handler, function)
    case .block(let block):
      handler = FunctionUnit(name: name, range: declaration.specificationRange, role: .handler)
      handler.isEventHandler = true
      units.append(handler)
      within(handler) {
        handler.body = entered(block.range) { block.statements.flatMap { resolve($0) } }
      }
    case .name(let target):
      guard let function = handlerFunction(target) else { return }
      if declaration.filter == nil {
        handler = function
      } else {
        handler = wrap(function, name: name, range: declaration.specificationRange)
      }
    }
    if let filter = declaration.filter {
      within(handler) {
        let event = Expr(.variable(eventParameter(of: handler)), filter.range)
        traced = events
        handler.filter = resolve(filter, event)
      }
    }
    for event in events {
      probes.append(
        ProbeNode(kind: .event, unit: handler, event: event.text, range: event.range))
    }
  }

  /// A handler of its own that calls a named one: that one's filter may differ elsewhere.
  private func wrap(_ function: FunctionUnit, name: String, range: SourceRange) -> FunctionUnit {
    let handler = FunctionUnit(name: name, range: range, role: .handler)
    handler.isEventHandler = true
    units.append(handler)
    handler.calls.append((function, range))
    wrappers.append((handler, function, range))
    return handler
  }

  private func handlerFunction(_ name: Name) -> FunctionUnit? {
    switch lookUp(name.text) {
    case .function(let function):
      return function
    case .variable(let variable):
      if let function = variable.function { return function }
      diagnostics.error(
        "'\(name.text)' is a variable, not a function", at: name.range,
        notes: [Diagnostic.Note("declared here", at: variable.range)])
    case .unknown:
      diagnostics.unknown("function", name.text, at: name.range, among: Array(functionNames.keys))
    }
    return nil
  }

  /// Whether it names events that this version traces.
  private func check(_ specification: ProbeSpecification) -> Bool {
    let text = specification.text
    let traced = Diagnostic.Note(
      "this version traces tracepoints and system calls (SYSTEM:EVENT, such as sched:sched_switch, "
        + "syscalls:sys_enter_openat, syscalls:*) and counters (perf:page-faults@1), and has tick-N, "
        + "profile-N and trace_end")
    if let fetched = specification.fetchArguments.first {
      diagnostics.error("tracepoints take no fetch arguments", at: fetched.range, notes: [traced])
      return false
    }
    let parts = text.split(separator: ":", omittingEmptySubsequences: false)
    guard parts.count >= 2 else {
      diagnostics.error(
        "'\(text)' is no event: a SYSTEM:EVENT was expected", at: specification.range,
        notes: [traced])
      return false
    }
    let others = [
      "probe", "kprobe", "kretprobe", "uprobe", "uretprobe", "sdt", "usdt",
    ]
    if others.contains(String(parts[0])) || text == "ftrace:function" {
      diagnostics.error("'\(text)' cannot be traced", at: specification.range, notes: [traced])
      return false
    }
    let allowed = text.utf8.allSatisfy { byte in
      switch byte {
      case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
        UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "_"), UInt8(ascii: "*"),
        UInt8(ascii: "?"), UInt8(ascii: ":"), UInt8(ascii: "-"), UInt8(ascii: "."):
        true
      default: false
      }
    }
    guard parts.count == 2, !parts[0].isEmpty, !parts[1].isEmpty, allowed, text.utf8.count <= 255
    else {
      diagnostics.error(
        "'\(text)' is no event: a SYSTEM:EVENT was expected", at: specification.range,
        notes: [traced])
      return false
    }
    return true
  }

  // MARK: - Filters

  private func resolve(_ filter: Filter, _ event: Expr) -> Expr {
    switch filter.kind {
    case .and(let left, let right):
      return Expr(.and(resolve(left, event), resolve(right, event)), filter.range)
    case .or(let left, let right):
      return Expr(.or(resolve(left, event), resolve(right, event)), filter.range)
    case .not(let inner): return Expr(.not(resolve(inner, event)), filter.range)
    case .invalid: return Expr(.invalid, filter.range)
    case .comparison(let field, let op, let value):
      return resolveComparison(field, op, value, event, filter.range)
    }
  }

  private func resolveComparison(
    _ name: Name, _ op: FilterOperator, _ value: FilterValue, _ event: Expr, _ range: SourceRange
  ) -> Expr {
    let field = filterField(name, event)
    switch value.kind {
    case .integer(let number):
      field.demand = .integer
      let constant = Expr(.integer(number), value.range)
      switch op {
      case .equal: return Expr(.compare(.equal, field, constant), range)
      case .notEqual: return Expr(.compare(.notEqual, field, constant), range)
      case .less: return Expr(.compare(.less, field, constant), range)
      case .lessOrEqual: return Expr(.compare(.lessOrEqual, field, constant), range)
      case .greater: return Expr(.compare(.greater, field, constant), range)
      case .greaterOrEqual: return Expr(.compare(.greaterOrEqual, field, constant), range)
      case .bitAnd:
        let common = Expr(.arithmetic(.and, field, constant), range)
        return Expr(.compare(.notEqual, common, Expr(.integer(0), range)), range)
      case .glob: return Expr(.invalid, range)  // the parser reads a string there
      }
    case .string(let bytes, let isQuoted):
      field.demand = .string
      let text = Text(bytes: bytes)
      let isPattern = bytes.contains(UInt8(ascii: "*")) || bytes.contains(UInt8(ascii: "?"))
      switch op {
      case .glob:
        return match(field, text, value.range, range)
      case .equal where !isQuoted && isPattern:
        return match(field, text, value.range, range)
      case .notEqual where !isQuoted && isPattern:
        return Expr(.not(match(field, text, value.range, range)), range)
      case .equal:
        return Expr(.compare(.equal, field, Expr(.string(text), value.range)), range)
      case .notEqual:
        return Expr(.compare(.notEqual, field, Expr(.string(text), value.range)), range)
      default:
        diagnostics.error("'\(op.rawValue)' compares with a number", at: value.range)
        return Expr(.invalid, range)
      }
    }
  }

  private func match(
    _ field: Expr, _ glob: Text, _ valueRange: SourceRange, _ range: SourceRange
  ) -> Expr {
    if glob.bytes.contains(UInt8(ascii: "[")) {
      diagnostics.error("a glob has '*' and '?', no '[…]'", at: valueRange)
    }
    return Expr(.match(field, glob), range)
  }

  /// A field of the event; COMM and CPU are the kernel's names for the task and the processor.
  private func filterField(_ name: Name, _ event: Expr) -> Expr {
    switch name.text {
    case "COMM": return Expr(.library(LibraryFunction(KTAP_LIB_EXECNAME), []), name.range)
    case "CPU": return Expr(.library(LibraryFunction(KTAP_LIB_CPU), []), name.range)
    // Events may have a field of that name; system calls have none.
    case "comm" where traced.allSatisfy { $0.text.contains("syscalls:") }:
      return Expr(.library(LibraryFunction(KTAP_LIB_EXECNAME), []), name.range)
    default: return Expr(.field(event, name.text), name.range)
    }
  }

  // MARK: - Timers and the end

  func resolveTimer(_ timer: TimerDeclaration) {
    if timer.isProfile {
      resolveProfile(profileEvent(nanoseconds: timer.nanoseconds), timer.handler, timer.range)
      return
    }
    resolvePlainHandler(
      timer.handler, name: source.text(timer.range), role: .tick, kind: .tick, range: timer.range,
      interval: UInt64(max(timer.nanoseconds, 1)))
  }

  /// A handler without an event.
  func resolvePlainHandler(
    _ handler: Handler, name: String, role: FunctionUnit.Role, kind: ProbeKind,
    range: SourceRange, interval: UInt64 = 0
  ) {
    let made: FunctionUnit
    switch handler {
    case .function(let function):
      made = FunctionUnit(name: name, range: range, role: role)
      units.append(made)
      if let first = function.parameters.first {
        diagnostics.error("'\(name)' has no event: its handler takes no parameter", at: first.range)
      }
      resolveBody(of: made, function)
    case .block(let block):
      made = FunctionUnit(name: name, range: range, role: role)
      units.append(made)
      within(made) {
        made.body = entered(block.range) { block.statements.flatMap { resolve($0) } }
      }
    case .name(let target):
      guard let function = handlerFunction(target) else { return }
      made = FunctionUnit(name: name, range: range, role: role)
      units.append(made)
      made.calls.append((function, target.range))
      made.body = [Stmt(.evaluate(Expr(.call(function, []), target.range)), target.range)]
    }
    probes.append(ProbeNode(kind: kind, unit: made, interval: interval, range: range))
  }
}
