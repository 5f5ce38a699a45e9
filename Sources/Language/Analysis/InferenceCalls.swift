// SPDX-License-Identifier: GPL-2.0-or-later
import Bytecode

/// How kinds pass through calls: arguments to parameters, results to those who get them.
extension Inference {
  /// The value of a position of a list comes to a place.
  func flow(_ list: ValueList, _ position: Int, into dest: some Kinded, at range: SourceRange) {
    watch(list)
    for part in list.parts(position) { flow(part, into: dest, at: range) }
    if list.mayLack(position) { flow(.nil, nil, into: dest, at: range) }
  }

  /// The values of a list, of which the last may stand for several.
  func absorb(_ values: [Expr], into list: ValueList, at range: SourceRange) {
    guard let last = values.last, last.expands, let source = last.list else {
      for (position, value) in values.enumerated() {
        flow(value, into: slot(position, of: list), at: value.range)
      }
      _ = change(list) { $0.note(fewest: values.count, most: values.count) }
      if values.isEmpty { watch(list) }
      if values.isEmpty, !list.slots.isEmpty {
        flow(.nil, nil, into: slot(0, of: list), at: range)
      }
      return
    }
    let fixed = values.count - 1
    for (position, value) in values.dropLast().enumerated() {
      flow(value, into: slot(position, of: list), at: value.range)
    }
    append(source, to: list, behind: fixed, at: last.range)
  }

  private func append(
    _ source: ValueList, to list: ValueList, behind fixed: Int, at range: SourceRange
  ) {
    watch(source)
    watch(list)
    for (position, value) in source.slots.enumerated() {
      flow(value, into: slot(fixed + position, of: list), at: range)
    }
    if source.restStart < Int.max {
      let start = fixed + source.restStart
      flow(source.rest, into: change(list) { $0.slots(from: start) }, at: range)
      // The first result is looked up alone, too.
      if fixed + source.restStart == 0, !list.slots.isEmpty {
        flow(source.rest, into: slot(0, of: list), at: range)
      }
    }
    guard let fewest = source.fewest else { return }
    let most = source.most.addingReportingOverflow(fixed)
    _ = change(list) {
      $0.note(fewest: fewest + fixed, most: most.overflow ? Int.max : most.partialValue)
    }
    if fewest + fixed == 0, !list.slots.isEmpty {
      flow(.nil, nil, into: slot(0, of: list), at: range)
    }
  }

  /// The arguments of a call come to the parameters of the function.
  func pass(_ arguments: [Expr], to function: FunctionUnit, at range: SourceRange) {
    let expanded = arguments.last.flatMap { $0.expands ? $0.list : nil }
    let fixed = expanded == nil ? arguments.count : arguments.count - 1
    for (index, parameter) in function.parameters.enumerated() {
      if index < fixed {
        flow(arguments[index], into: parameter, at: arguments[index].range)
      } else if let expanded {
        flow(expanded, index - fixed, into: parameter, at: range)
      } else {
        flow(.nil, nil, into: parameter, at: range)
      }
    }
    guard function.isVariadic else { return }
    for argument in arguments.prefix(fixed).dropFirst(function.parameters.count) {
      flow(argument, into: function.extras.rest, at: argument.range)
    }
    if let expanded { flow(expanded, into: function.extras.rest, at: range) }
  }

  /// Any value of a list comes to a place.
  private func flow(_ list: ValueList, into slot: Slot, at range: SourceRange) {
    watch(list)
    for part in list.slots { flow(part, into: slot, at: range) }
    flow(list.rest, into: slot, at: range)
  }

  /// A call of a value: what the functions that it may be are called with is noted in their shape.
  func invoke(_ callee: Expr, _ arguments: [Expr], _ expression: Expr) {
    guard followsValues, callee.mask.contains(.function), let shape = callee.shape?.root else {
      return
    }
    absorb(arguments, into: shape.arguments, at: expression.range)
    // The arguments may have made the callee's shape another.
    guard let results = callee.shape?.root.results else { return }
    flow(results, 0, into: expression, at: expression.range)
  }

  /// What a function has in common with those that its value meets.
  func connect(_ function: FunctionUnit) {
    guard followsValues else { return }
    let shape = function.shape.root
    let range = function.range
    watch(shape.arguments)
    if shape.arguments.fewest != nil {
      for (index, parameter) in function.parameters.enumerated() {
        flow(shape.arguments, index, into: parameter, at: range)
      }
      if function.isVariadic {
        for slot in shape.arguments.slots.dropFirst(function.parameters.count) {
          flow(slot, into: function.extras.rest, at: range)
        }
        flow(shape.arguments.rest, into: function.extras.rest, at: range)
      }
    }
    append(function.results, to: function.shape.root.results, behind: 0, at: range)
  }
}
