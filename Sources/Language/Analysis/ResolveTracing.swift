// SPDX-License-Identifier: GPL-2.0-or-later
import Bytecode
import CKtap

/// An event as the bundle has it.
struct TracedEvent {
  let text: String
  let range: SourceRange
  var fetched: FetchedValues?
}

extension Resolver {
  func resolveTrace(_ declaration: TraceDeclaration, _ range: SourceRange) {
    // Events that fetch the same share a handler.
    var groups: [(arguments: [String], events: [TracedEvent])] = []
    for specification in declaration.specifications {
      guard var event = checked(specification) else { continue }
      let arguments = specification.fetchArguments.map(\.text)
      if let index = groups.firstIndex(where: {
        $0.arguments == arguments && $0.events[0].fetched?.isReturn == event.fetched?.isReturn
      }) {
        event.fetched?.function = nil
        groups[index].events[0].fetched?.function = nil
        groups[index].events.append(event)
      } else {
        groups.append((arguments, [event]))
      }
    }
    if groups.isEmpty { groups = [([], [])] }
    for group in groups {
      if group.events.contains(where: { $0.text == FunctionTracing.event }) {
        resolveTracing(declaration, group.events)
      } else {
        resolveTrace(declaration, of: group.events)
      }
    }
  }

  /// Traces functions by the conditions on their names.
  private func resolveTracing(_ declaration: TraceDeclaration, _ events: [TracedEvent]) {
    guard events.count == 1 || declaration.filter == nil else {
      diagnostics.error(
        "ftrace:function with a filter stands alone: its filter says which functions are traced",
        at: declaration.specificationRange)
      return
    }
    do throws(FunctionTracing.Refusal) {
      let tracing = try FunctionTracing(declaration.filter)
      let rest = TraceDeclaration(
        specifications: declaration.specifications, filter: tracing.rest,
        handler: declaration.handler, specificationRange: declaration.specificationRange)
      let traced = events.map { event in
        event.text == FunctionTracing.event
          ? TracedEvent(text: tracing.text, range: event.range) : event
      }
      resolveTrace(rest, of: traced)
    } catch {
      diagnostics.error(error.message, at: error.range)
    }
  }

  /// Resolves the handler and the filter of events that have been checked.
  func resolveTrace(_ declaration: TraceDeclaration, of events: [TracedEvent]) {
    handled = events
    defer { handled = [] }
    let name = "trace " + (declaration.specifications.first?.text ?? "")
    let handler: FunctionUnit
    switch declaration.handler {
    case .function(let function):
      handler = FunctionUnit(name: name, range: declaration.specificationRange, role: .handler)
      handler.isEventHandler = true
      handler.fetched = events.first?.fetched
      units.append(handler)
      if function.parameters.count > 1 {
        diagnostics.error(
          "a handler has one parameter, the event", at: function.parameters[1].range)
      }
      resolveBody(of: handler, function)
    case .block(let block):
      handler = FunctionUnit(name: name, range: declaration.specificationRange, role: .handler)
      handler.isEventHandler = true
      handler.fetched = events.first?.fetched
      units.append(handler)
      within(handler) {
        handler.body = entered(block.range) { block.statements.flatMap { resolve($0) } }
      }
    case .name(let target):
      guard let function = handlerFunction(target) else { return }
      if events.first?.fetched != nil {
        diagnostics.error(
          "fetch arguments need the handler in place: write { … } or function (e) { … }",
          at: target.range)
      }
      if declaration.filter == nil {
        handler = function
      } else {
        handler = wrap(function, name: name, range: declaration.specificationRange)
      }
    }
    if let filter = declaration.filter {
      within(handler) {
        let event = Expr(.variable(eventParameter(of: handler)), filter.range)
        traced = events.map(\.text)
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

  /// The event as the bundle has it, if it names events that this version traces.
  private func checked(_ specification: ProbeSpecification) -> TracedEvent? {
    let text = specification.text
    if let counter = Counter.Spelling(text) { return resolve(counter, specification) }
    guard FunctionProbe.isMeant(text) else {
      return check(specification) ? TracedEvent(text: text, range: specification.range) : nil
    }
    let probe: FunctionProbe
    do {
      probe = try FunctionProbe(text)
    } catch {
      diagnostics.error(error.message, at: specification.range)
      return nil
    }
    var values: [FetchedValue] = []
    for (index, argument) in specification.fetchArguments.enumerated() {
      do throws(FetchedValue.Refusal) {
        values.append(try FetchedValue(argument.text, number: index + 1))
      } catch {
        diagnostics.error(error.message, at: argument.range)
        return nil
      }
    }
    var event = TracedEvent(text: probe.text, range: specification.range)
    if !values.isEmpty {
      event.fetched = FetchedValues(
        values: values, function: probe.isPattern ? nil : String(probe.name),
        isReturn: probe.isReturn)
    }
    return event
  }

  /// Whether it names tracepoints or system calls.
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
      "uprobe", "uretprobe", "sdt", "usdt",
    ]
    if others.contains(String(parts[0])) {
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
    case "comm" where traced.allSatisfy { $0.contains("syscalls:") }:
      return Expr(.library(LibraryFunction(KTAP_LIB_EXECNAME), []), name.range)
    default:
      // Of functions, arguments by their numbers: no field has such a name.
      if name.text.hasPrefix("arg"), let number = Int(name.text.dropFirst(3)),
        traced.allSatisfy({ $0.hasPrefix("probe:") })
      {
        return Expr(.field(event, "#\(number)"), name.range)
      }
      return eventMember(event, name.text, name.range)
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
