// SPDX-License-Identifier: GPL-2.0-or-later
import Bytecode
import CKtap

extension KindCheck {
  func check(_ expression: Expr) {
    for child in expression.children { check(child) }
    switch expression.op {
    case .index(let table, let keys):
      if let element = expression.arrayElement {
        checkElement(element, keys[0])
      } else {
        checkEntry(table, keys)
      }
    case .member(let base, let name): checkMember(base, name)
    case .field(let event, let name):
      checkEvent(event)
      checkFieldName(name, expression.range)
    case .call(let function, let arguments): checkCall(function, arguments, expression)
    case .invoke(let callee, _): checkInvocation(callee, expression)
    case .method(let base, let asEvent, let invocation):
      if base.mask.contains(.event) {
        checkEvent(base)
        check(asEvent)
      } else {
        check(invocation)
      }
    case .library(let function, let arguments): checkLibrary(function, arguments, expression)
    case .print(let values):
      if values.count == 1, values[0].mask == .table, values[0].isSingle {
        needsProcess("print of a table", expression.range)
      }
    case .printf(let format, let values):
      for (value, conversion) in zip(values, format.conversions) { check(value, conversion) }
    case .histogram(let table, let rows):
      require(table, [.table, .aggregate], "'print_hist' takes")
      require(rows, .integer, "the number of rows must be")
      if !table.mask.contains(.aggregate) { needsProcess("print_hist", expression.range) }
    case .clear(let table): require(table, .table, "'delete' takes")
    case .count(let table, let keys, let by):
      checkEntry(table, keys)
      checkMixing(table, at: table.range)
      require(by, .integer, "'table_count' adds")
    case .length(let value): require(value, [.string, .table], "'len' takes")
    case .negate(let value): require(value, .integer, "'-' takes")
    case .complement(let value): require(value, .integer, "'~' takes")
    case .not(let value): checkCondition(value, isNegated: true)
    case .arithmetic(let op, let left, let right): checkArithmetic(op, left, right, expression)
    case .concatenate(let left, let right):
      for value in [left, right]
      where !value.mask.isEmpty && value.mask.isDisjoint(with: [.integer, .string]) {
        error(
          "cannot join \(value.mask.words): '..' takes strings and integers", at: value.range,
          notes: aggregateNotes(value))
      }
    case .compare(let comparison, let left, let right):
      checkComparison(comparison, left, right, expression)
    case .and(let left, _), .or(let left, _): checkCondition(left)
    case .conditional(let condition, _, _): checkCondition(condition)
    case .table(let entries, _):
      for entry in entries {
        checkEntry(expression, entry.keys)
        checkSnapshot(entry.value, keptIn: "a table")
        checkMixing(expression, at: entry.value.range)
        checkStored(entry.value)
      }
    case .null, .boolean, .integer, .string, .variable, .match, .invalid, .function, .varargs,
      .pick, .environment:
      break
    }
  }

  private func check(_ value: Expr, _ conversion: PrintfFormat.Conversion) {
    if value.mask.isEmpty || !value.mask.isDisjoint(with: conversion.accepts) { return }
    var fixIt: Diagnostic.FixIt?
    if let range = conversion.range, conversion.text.utf8.count == range.end - range.start {
      let better = conversion.text.dropLast().filter { !"lhzjt".contains($0) } + "s"
      fixIt = Diagnostic.FixIt(replace: range, with: better)
    }
    resolver.diagnostics.error(
      "'\(conversion.text)' prints \(conversion.accepts.words), not \(value.mask.words)",
      at: value.range,
      notes: conversion.range.map { [Diagnostic.Note("'%s' prints any value", at: $0)] } ?? [],
      fixIt: fixIt)
  }

  private func checkMember(_ base: Expr, _ name: Name) {
    if base.mask.contains(.event) {
      checkEvent(base)
      checkFieldName(name.text, name.range)
    } else if !base.mask.isEmpty, !base.mask.contains(.table) {
      error("only a table or event has '.\(name.text)', this is \(base.mask.words)", at: base.range)
    }
  }

  /// An element of a field that is an array.
  private func checkElement(_ element: Expr.ArrayElement, _ index: Expr) {
    checkEvent(element.event)
    guard (0...65535).contains(element.constant ?? 0) else {
      error("the elements of an event's array are numbered from 0 on", at: index.range)
      return
    }
    require(index, .integer, "the number of an element is")
    checkFieldName(element.name, index.range)
  }

  private func checkFieldName(_ name: String, _ range: SourceRange) {
    if name.utf8.count > 255 { error("the name of a field has 255 bytes at most", at: range) }
  }

  private func checkEvent(_ event: Expr) {
    if !event.mask.isEmpty, event.mask != .event {
      error("an event was expected, this may be \(event.mask.words)", at: event.range)
    }
  }

  private func checkLibrary(_ function: LibraryFunction, _ arguments: [Expr], _ whole: Expr) {
    if Builtins.aggregateParts[function] != nil {
      checkAggregate(function, arguments[0], whole)
      return
    }
    if function == LibraryFunction(KTAP_LIB_SYSCTL_SET) {
      needsProcess("sysctl.set", whole.range, "writes to a file and may sleep")
    }
    if function == LibraryFunction(KTAP_LIB_SORT) {
      needsProcess("sort_pairs", whole.range, "copies and sorts the table, which may take long")
      require(arguments[0], .table, "'sort_pairs' takes")
      if arguments.count > 1 {
        if arguments[1].mask.contains(.nil) { return }
        require(arguments[1], .function, "what 'sort_pairs' compares with must be")
      }
      return
    }
    if function == LibraryFunction(KTAP_LIB_PRINT_FOLDED) {
      needsProcess("print_folded", whole.range)
    }
    for (index, argument) in arguments.enumerated() {
      let wanted = function.argument(index)
      if function == LibraryFunction(KTAP_LIB_TOSTRING),
        let shown = [KindMask.event, .aggregate, .stack].first(where: {
          argument.mask.subtracting(.nil) == $0
        })
      {
        error("\(shown.words) becomes text only where it is printed", at: argument.range)
      } else if wanted == .event {
        checkEvent(argument)
      } else if !argument.mask.isEmpty, argument.mask.isDisjoint(with: wanted) {
        let which =
          function.argumentCount.upperBound == 1 ? "the argument of " : "argument \(index + 1) of "
        error(
          "\(which)'\(function.name)' must be \(wanted.words), not \(argument.mask.words)",
          at: argument.range)
      }
    }
  }

  private func checkArithmetic(_ op: Arithmetic, _ left: Expr, _ right: Expr, _ whole: Expr) {
    let hopeless = [left, right].first { !$0.mask.isEmpty && !$0.mask.contains(.integer) }
    guard let hopeless else { return }
    var notes: [Diagnostic.Note] = []
    notes += aggregateNotes(hopeless)
    if hopeless.mask == .string {
      if op == .add { notes.append(Diagnostic.Note("'..' joins strings")) }
      notes.append(Diagnostic.Note("tonumber(…) makes a string a number"))
    }
    let found =
      left.mask.isEmpty || right.mask.isEmpty
      ? "not \(hopeless.mask.words)"
      : "but this is \(left.mask.words) \(sign(op)) \(right.mask.words)"
    error("arithmetic takes integers, \(found)", at: whole.range, notes: notes)
  }

  private func sign(_ op: Arithmetic) -> String {
    ["+", "-", "*", "/", "%", "&", "|", "^", "<<", ">>"][Int(op.rawValue)]
  }

  private func checkComparison(
    _ comparison: Comparison, _ left: Expr, _ right: Expr, _ whole: Expr
  ) {
    guard !left.mask.isEmpty, !right.mask.isEmpty else { return }
    let common = left.mask.intersection(right.mask)
    if comparison == .equal || comparison == .notEqual {
      if common.isEmpty, isCertain {
        resolver.diagnostics.warning(
          "\(left.mask.words) never equals \(right.mask.words)", at: whole.range)
      }
    } else if common.isDisjoint(with: [.integer, .string]) {
      error(
        "\(left.mask.words) and \(right.mask.words) have no order", at: whole.range,
        notes: aggregateNotes(left.mask.contains(.aggregate) ? left : right))
    }
  }
}
