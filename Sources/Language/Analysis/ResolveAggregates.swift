// SPDX-License-Identifier: GPL-2.0-or-later
import Bytecode
import CKtap

/// Aggregates: `s[k] <<< v`, `s <<< v`, and the histograms that are shown where they stand alone.
extension Resolver {
  func resolveAggregate(_ target: Expression, _ value: Expression) -> Stmt.Op? {
    let amount = resolve(value)
    amount.demand = .integer
    switch target.kind {
    case .name(let name):
      guard let variable = resolveAssignable(name, target.range), variable.aggregateUse != nil
      else { return nil }
      return .aggregate(
        Expr(.variable(variable), target.range), [aggregateKey(target.range)], amount)
    case .index(let base, let keys):
      return .aggregate(resolveStored(base), keys.map { resolve($0) }, amount)
    case .field(let base, let name):
      let key = Expr(.string(Text(name.text)), name.range)
      return .aggregate(resolveStored(base), [key], amount)
    default: return nil
    }
  }

  /// The key of the only entry in the hidden table of an aggregate that is a variable.
  func aggregateKey(_ range: SourceRange) -> Expr { Expr(.boolean(true), range) }

  /// The aggregate that a variable is, as a value.
  func scalarAggregate(_ variable: Variable, _ range: SourceRange) -> Expr {
    Expr(.index(Expr(.variable(variable), range), [aggregateKey(range)]), range)
  }

  /// What `delete(x)` empties: of a variable that is an aggregate its hidden table.
  func cleared(_ value: Expr) -> Expr {
    if case .index(let table, _) = value.op, case .variable(let variable) = table.op,
      variable.aggregateUse != nil, table.range == value.range
    {
      return table
    }
    return value
  }

  /// A variable that `<<<` adds to has been declared.
  func makeAggregate(_ variable: Variable, _ use: SourceRange, _ isLocal: Bool) {
    if isLocal {
      variable.aggregateUse = use
      return
    }
    let what = variable.isParameter ? "a parameter" : "the variable of a loop"
    diagnostics.error(
      "'<<<' adds to a variable of its own or to the entry of a table, and '\(variable.name)' is "
        + what, at: use, notes: [Diagnostic.Note("declared here", at: variable.range)])
  }

  /// `local s` of aggregates makes their tables.
  func declareAggregates(_ variables: [Variable], _ values: [Expr]) -> Stmt.Op {
    var made = values
    for (index, variable) in variables.enumerated() {
      guard let use = variable.aggregateUse else {
        if index >= made.count { made.append(Expr(.null, variable.range)) }
        continue
      }
      let table = Expr(.table([], TableSiteNode(range: variable.range)), variable.range)
      guard index < made.count else {
        made.append(table)
        continue
      }
      if case .null = made[index].op {
      } else {
        diagnostics.error(
          "'\(variable.name)' is an aggregate, which begins empty", at: made[index].range,
          notes: [Diagnostic.Note("values are added to it here", at: use)])
      }
      made[index] = table
    }
    if variables.count == 1, made.count == 1 { return .assign(.variable(variables[0]), made[0]) }
    return .assignMany(variables.map { .variable($0) }, made)
  }

  /// A histogram that stands alone as a statement is printed.
  func shown(_ call: Expr) -> Expr {
    guard case .library(let function, _) = call.op,
      function == LibraryFunction(KTAP_LIB_AGGREGATE_HIST)
        || function == LibraryFunction(KTAP_LIB_AGGREGATE_LHIST)
    else { return call }
    return Expr(.print([call]), call.range)
  }

  /// `lhist(s, low, high, step)`
  func resolveLinear(_ arguments: [Expression], _ range: SourceRange) -> Expr {
    guard expect("lhist", 4...4, arguments, range) else { return Expr(.invalid, range) }
    let aggregate = resolve(arguments[0])
    var numbers: [Int64] = []
    for argument in arguments.dropFirst() {
      let value = resolve(argument)
      switch value.op {
      case .integer(let number): numbers.append(number)
      case .invalid: return value
      default:
        diagnostics.error(
          "the bounds and the step of 'lhist' must be constants", at: argument.range)
      }
    }
    guard numbers.count == 3 else { return Expr(.invalid, range) }
    let (low, high, step) = (numbers[0], numbers[1], numbers[2])
    let width = high.subtractingReportingOverflow(low)
    if low >= high {
      diagnostics.error("'lhist' needs a low bound below the high one", at: arguments[1].range)
    } else if step <= 0 {
      diagnostics.error("the step of 'lhist' must be positive", at: arguments[3].range)
    } else if width.overflow || (width.partialValue - 1) / step >= Int64(KTAP_MAX_BUCKETS) {
      diagnostics.error("'lhist' can have \(KTAP_MAX_BUCKETS) buckets", at: arguments[3].range)
    } else {
      let call = Expr(.library(LibraryFunction(KTAP_LIB_AGGREGATE_LHIST), [aggregate]), range)
      call.buckets = LinearBuckets(low: low, high: high, step: step, range: range)
      return call
    }
    return Expr(.invalid, range)
  }

  // MARK: - Sorting

  /// `sort_pairs(t[, comparator])` behind `in`.
  func resolveSorted(_ arguments: [Expression], _ range: SourceRange) -> Expr? {
    guard expect("sort_pairs", 1...2, arguments, range) else { return nil }
    let table = resolve(arguments[0])
    let comparator = arguments.dropFirst().map { resolve($0) }
    return Expr(.library(LibraryFunction(KTAP_LIB_SORT), [table] + comparator), range)
  }
}
