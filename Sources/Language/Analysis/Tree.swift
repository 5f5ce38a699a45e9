// SPDX-License-Identifier: GPL-2.0-or-later
import Bytecode
import Optimizer

// The tree between syntax and code: names are resolved, sugar is gone, constants are folded. Kind
// inference writes its results into the nodes.

/// A local variable, a parameter or a global.
final class Variable {
  let name: String
  let range: SourceRange
  /// A global, or a local of top-level code that a handler or function uses too: such a local exists
  /// exactly once, so that it can live where the globals do.
  var isGlobal: Bool
  /// The function that declared it; nil for globals.
  weak var owner: FunctionUnit?
  var isParameter = false
  /// Assigned somewhere but in its declaration.
  var isReassigned = false
  /// The event of a handler: cannot be assigned.
  var isEvent = false
  /// `s <<< v` stands there: the variable holds a hidden table whose only entry, of the key `true`,
  /// is the aggregate.
  var aggregateUse: SourceRange?
  /// The function that its declaration gives it: while nothing else is assigned, calls go to it.
  var function: FunctionUnit?
  /// Something reads the variable itself, not only calls the function in it.
  var isUsedAsValue = false
  /// Its scope is entered once at most in a run: it may live where the globals do.
  var isOnce = false
  /// The scope that declares it; nil for globals.
  var scope: CaptureScope?
  /// The integer under which the table of its scope holds it, when functions within capture it.
  var captureKey: Int64?

  /// The kinds it may have at any time.
  var mask: KindMask = []
  /// What it holds when it holds a table or an aggregate.
  var shape: TableShape?
  var watchers = Watchers()

  // Globals only.
  var isAssigned = false
  /// Entries are stored into it as if it were a table.
  var isStoredInto = false
  /// No statement makes its table: top-level code begins by making one.
  var autoSite: TableSiteNode?
  /// Its first read, for the report when it is never assigned, and the names that were in sight.
  var firstRead: (range: SourceRange, candidates: [String])?
  /// The first read is a call.
  var isFirstCalled = false
  var firstAssignment: SourceRange?
  /// Index in the program's globals, given by code generation.
  var globalIndex: Int?

  init(
    name: String, range: SourceRange, isGlobal: Bool, owner: FunctionUnit?, mask: KindMask = []
  ) {
    self.mask = mask
    self.name = name
    self.range = range
    self.isGlobal = isGlobal
    self.owner = owner
  }

  /// A local in a register of its function.
  var isInRegister: Bool { !isGlobal && captureKey == nil }

  /// The function that it holds whenever it can be named.
  var constantFunction: FunctionUnit? { isReassigned ? nil : function }
}

/// A place that makes tables.
final class TableSiteNode {
  let shape = TableShape()
  let range: SourceRange
  var entries: UInt32 = 0
  /// Index in the program's table sites, given by code generation.
  var index: Int?

  init(range: SourceRange) {
    self.range = range
    shape.firstUse = range
  }
}

/// A probe of the program.
struct ProbeNode {
  var kind: ProbeKind
  var unit: FunctionUnit
  var event: String = ""
  var interval: UInt64 = 0
  var range: SourceRange
}

typealias Arithmetic = IntegerArithmetic
typealias Comparison = IntegerOrder

extension Arithmetic {
  var verb: String {
    switch self {
    case .add: "add"
    case .subtract: "subtract"
    case .multiply: "multiply"
    case .divide: "divide"
    case .modulo: "take the remainder of"
    case .and, .or, .xor: "combine the bits of"
    case .shiftLeft, .shiftRight: "shift"
    }
  }
}

/// An expression. `mask` and `shape` are filled in by inference.
final class Expr {
  indirect enum Op {
    case null
    case boolean(Bool)
    case integer(Int64)
    case string(Text)
    case variable(Variable)
    case index(Expr, [Expr])
    /// `base.name`: an entry of a table or a field of an event, which its kind decides.
    case member(Expr, Name)
    /// A field of an event by its name in the field section.
    case field(Expr, String)
    case call(FunctionUnit, [Expr])
    /// A call of the function that a value is.
    case invoke(Expr, [Expr])
    /// `base.name(…)` where the base may be an event, whose function that is, or a table.
    case method(Expr, asEvent: Expr, invocation: Expr)
    /// A function as a value.
    case function(FunctionUnit)
    /// The arguments behind the parameters; alone the first of them.
    case varargs(ValueList)
    /// One of the values that an expanding expression gives. Those of one expression are evaluated
    /// one right behind the other, the first brings all of them.
    case pick(Expr, Int)
    /// The table of the captured variables of a scope.
    case environment(CaptureScope)
    case library(LibraryFunction, [Expr])
    case print([Expr])
    case printf(PrintfFormat, [Expr])
    case histogram(Expr, rows: Expr)
    case clear(Expr)
    case count(Expr, keys: [Expr], by: Expr)
    case length(Expr)
    case negate(Expr)
    case complement(Expr)
    case not(Expr)
    case arithmetic(Arithmetic, Expr, Expr)
    case concatenate(Expr, Expr)
    case compare(Comparison, Expr, Expr)
    /// The string matches the glob.
    case match(Expr, Text)
    case and(Expr, Expr)
    case or(Expr, Expr)
    case conditional(Expr, Expr, Expr)
    case table([(keys: [Expr], value: Expr)], TableSiteNode)
    /// Stands where an error was reported.
    case invalid
  }

  /// Changed where only the whole script tells what an expression is.
  var op: Op
  let range: SourceRange
  var mask: KindMask = []
  var shape: TableShape?
  /// Calls and `...` at the end of a list: stands for all its values.
  var expands = false
  /// Locals that are read: the kinds that the flow of control allows; nil: all.
  var flowKinds: KindMask?
  /// The value of a compound assignment to a local: the kinds that the local may have before.
  var targetKinds = KindMask.any
  /// What `print` shows: a field of an event that nothing else wants as a number is shown as the event's
  /// format has it.
  var isShown = false
  /// Event fields: the kinds that the surroundings can use.
  var demand: KindMask = [.integer, .string]
  /// Calls of lhist: the buckets.
  var buckets: LinearBuckets?

  init(_ op: Op, _ range: SourceRange) {
    self.op = op
    self.range = range
  }

  /// Whether the value is an event field whose kind only the board knows.
  var isField: Bool {
    switch op {
    case .member, .field: true
    default: false
    }
  }

  /// The direct subexpressions in order of evaluation.
  var children: [Expr] {
    switch op {
    case .null, .boolean, .integer, .string, .variable, .invalid, .function, .varargs,
      .environment:
      []
    case .pick(let source, let number): number == 0 ? [source] : []
    case .invoke(let callee, let arguments): [callee] + arguments
    case .method(let base, _, _): [base]
    case .index(let base, let keys): [base] + keys
    case .member(let base, _), .field(let base, _), .clear(let base), .length(let base),
      .negate(let base), .complement(let base), .not(let base), .match(let base, _):
      [base]
    case .call(_, let arguments), .library(_, let arguments), .print(let arguments),
      .printf(_, let arguments):
      arguments
    case .histogram(let table, let rows): [table, rows]
    case .count(let table, let keys, let by): [table] + keys + [by]
    case .arithmetic(_, let left, let right), .concatenate(let left, let right),
      .compare(_, let left, let right), .and(let left, let right), .or(let left, let right):
      [left, right]
    case .conditional(let condition, let then, let otherwise): [condition, then, otherwise]
    case .table(let entries, _): entries.flatMap { $0.keys + [$0.value] }
    }
  }
}

/// What an assignment writes to.
enum Target {
  case variable(Variable)
  case entry(Expr, [Expr])
  case invalid
}

/// How a compound assignment combines.
enum Update {
  case arithmetic(Arithmetic)
  case concatenate
}

struct Stmt {
  indirect enum Op {
    case evaluate(Expr)
    case assign(Target, Expr)
    case assignMany([Target], [Expr])
    case update(Target, Update, Expr)
    /// `table[keys] <<< value`
    case aggregate(Expr, [Expr], Expr)
    case block([Stmt])
    case branch([(condition: Expr, body: [Stmt])], otherwise: [Stmt]?)
    case loop(Expr, [Stmt])
    case repeatUntil([Stmt], Expr)
    case forRange(Variable, first: Expr, last: Expr, step: Expr?, [Stmt])
    /// The scope is that of the variables that the first part declares.
    case forClause(Stmt?, Expr?, Stmt?, [Stmt], CaptureScope?)
    case forEach([Variable], Expr, [Stmt])
    case leave
    case next
    case result([Expr])
    /// The scope begins: its table of captured variables is made if it needs one.
    case enter(CaptureScope)
  }

  let op: Op
  let range: SourceRange

  init(_ op: Op, _ range: SourceRange) {
    self.op = op
    self.range = range
  }

  /// The expressions directly in the statement, without those of inner statements.
  var expressions: [Expr] {
    func of(_ target: Target) -> [Expr] {
      if case .entry(let base, let keys) = target { [base] + keys } else { [] }
    }
    switch op {
    case .evaluate(let value): return [value]
    case .assign(let target, let value): return of(target) + [value]
    case .assignMany(let targets, let values): return targets.flatMap(of) + values
    case .update(let target, _, let value): return of(target) + [value]
    case .aggregate(let table, let keys, let value): return [table] + keys + [value]
    case .branch(let clauses, _): return clauses.map(\.condition)
    case .loop(let condition, _), .repeatUntil(_, let condition): return [condition]
    case .forRange(_, let first, let last, let step, _):
      return [first, last] + (step.map { [$0] } ?? [])
    case .forClause(_, let condition, _, _, _): return condition.map { [$0] } ?? []
    case .forEach(_, let table, _): return [table]
    case .result(let values): return values
    case .block, .leave, .next, .enter: return []
    }
  }

  /// The statements directly in this one.
  var inner: [Stmt] {
    switch op {
    case .block(let body), .loop(_, let body), .repeatUntil(let body, _),
      .forRange(_, _, _, _, let body), .forEach(_, _, let body):
      body
    case .branch(let clauses, let otherwise): clauses.flatMap(\.body) + (otherwise ?? [])
    case .forClause(let initial, _, let step, let body, _):
      (initial.map { [$0] } ?? []) + body + (step.map { [$0] } ?? [])
    default: []
    }
  }
}

extension [Stmt] {
  /// Whether control can reach the end of the statements.
  var completes: Bool { !contains { !$0.completes } }
}

extension Stmt {
  var completes: Bool {
    switch op {
    case .result, .leave, .next: return false
    case .block(let body): return body.completes
    case .branch(let clauses, let otherwise):
      guard let otherwise else { return true }
      return otherwise.completes || clauses.contains { $0.body.completes }
    case .loop(let condition, let body):
      if case .boolean(true) = condition.op { return body.contains(where: \.leavesLoop) }
      return true
    case .repeatUntil(let body, _):
      return body.completes || body.contains(where: \.leavesLoop)
        || body.contains(where: \.continuesLoop)
    case .forClause(_, let condition, _, let body, _):
      return condition != nil || body.contains(where: \.leavesLoop)
    default: return true
    }
  }

  /// Whether it holds a `break` of the loop around it.
  var leavesLoop: Bool {
    switch op {
    case .leave: true
    case .block, .branch: inner.contains(where: \.leavesLoop)
    default: false
    }
  }

  /// Whether it holds a `continue` of the loop around it.
  var continuesLoop: Bool {
    switch op {
    case .next: true
    case .block, .branch: inner.contains(where: \.continuesLoop)
    default: false
    }
  }
}
