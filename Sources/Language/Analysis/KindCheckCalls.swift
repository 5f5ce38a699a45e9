// SPDX-License-Identifier: GPL-2.0-or-later
import Bytecode

/// Calls, and what event handlers reach through them.
extension KindCheck {
  func checkCall(_ function: FunctionUnit, _ arguments: [Expr], _ expression: Expr) {
    if expression.callsValue { unit.valueCalls.append(expression.range) }
    let count = function.parameters.count
    guard !function.isVariadic, arguments.count > count else { return }
    error(
      "'\(function.name)' has \(count) parameter\(count == 1 ? "" : "s"), "
        + "but is called with \(arguments.count)", at: arguments[count].range,
      notes: [Diagnostic.Note("defined here", at: function.range)])
  }

  func checkInvocation(_ callee: Expr, _ expression: Expr) {
    unit.valueCalls.append(expression.range)
    guard !callee.mask.isEmpty, !callee.mask.contains(.function) else { return }
    var notes: [Diagnostic.Note] = []
    if case .variable(let variable) = callee.op {
      notes.append(Diagnostic.Note("declared here", at: variable.range))
    }
    error(
      "'\(resolver.source.text(callee.range))' is \(callee.mask.words), not a function",
      at: callee.range, notes: notes)
  }

  /// Captured variables outlive the handler, which an event does not.
  func checkCaptures(_ scope: CaptureScope) {
    for variable in scope.variables where variable.mask.contains(.event) {
      report(
        "'\(variable.name)' may be an event, which ends with its handler: a function within this "
          + "one cannot use it", at: variable.range)
    }
    for variable in scope.variables where variable.mask.contains(.aggregate) {
      error(
        "'\(variable.name)' may be the copy of an aggregate, which a function within this one "
          + "cannot use", at: variable.range,
        notes: [Diagnostic.Note("keep a number of it, such as count(…) or avg(…)")])
    }
  }

  /// The values of a constructor's end.
  func checkStored(_ value: Expr) {
    var mask = value.mask
    if value.expands, let list = value.list {
      for slot in list.slots + [list.rest] { mask.formUnion(slot.mask) }
    }
    if mask.contains(.event) {
      report("an event cannot be kept in a table: it ends with its handler", at: value.range)
    }
  }

  // MARK: - Contexts

  /// Reports uses of what may wait in code that an event handler reaches.
  func checkContexts() {
    let taken = resolver.units.filter(\.isReachable).flatMap { $0.values.map(\.unit) }
    var reported: Set<SourceRange> = []
    for probe in resolver.probes where probe.kind == .event {
      var pending: [(unit: FunctionUnit, call: SourceRange?)] = [(probe.unit, nil)]
      var seen: Set<ObjectIdentifier> = []
      var callsValues = false
      while let (next, call) = pending.popLast() {
        guard seen.insert(ObjectIdentifier(next)).inserted else { continue }
        next.runsInEvent = true
        pending += next.calls.map { ($0.unit, call) }
        if let place = next.valueCalls.first, !callsValues {
          callsValues = true
          // Behind those that are called directly, of which the report is clearer.
          pending.insert(contentsOf: taken.map { ($0, place) }, at: 0)
        }
        for use in next.processUses where reported.insert(use.range).inserted {
          var notes: [Diagnostic.Note] = []
          if let call {
            notes.append(
              Diagnostic.Note(
                "it stands in a function that is used as a value; this call of a value, which the "
                  + "handler of '\(probe.event)' reaches, may be a call of every such function",
                at: call))
          } else if next !== probe.unit {
            notes.append(
              Diagnostic.Note("the handler of '\(probe.event)' calls it", at: probe.range))
          }
          report(
            "\(use.name) cannot be used in an event handler, as it \(use.reason); use it in "
              + "trace_end, tick-N or top-level code", at: use.range, notes: notes)
        }
      }
    }
  }
}
