// SPDX-License-Identifier: GPL-2.0-or-later
import Bytecode
import CKtap

/// Finds the globals that top-level code certainly assigns before anything can read them: those
/// are never nil. It looks at statements that always run, in order, up to the first that may end
/// the program.
struct Initialization {
  private var certain: Set<ObjectIdentifier> = []
  private var read: Set<ObjectIdentifier> = []
  private var summaries: [ObjectIdentifier: Summary] = [:]

  /// What running a function may do.
  private struct Summary {
    var reads: Set<ObjectIdentifier> = []
    var exits = false
  }

  /// The certain ones among the variables that live as globals.
  static func certainGlobals(main: FunctionUnit) -> Set<ObjectIdentifier> {
    var pass = Initialization()
    _ = pass.walk(main.body)
    return pass.certain
  }

  /// Returns false when what follows may not run.
  private mutating func walk(_ statements: [Stmt]) -> Bool {
    for statement in statements {
      if case .block(let body) = statement.op {
        guard walk(body) else { return false }
        continue
      }
      var summary = Summary()
      collect(statement, &summary, isMain: true)
      read.formUnion(summary.reads)
      if summary.exits { return false }
      switch statement.op {
      case .assign(let target, _): note(target)
      case .assignMany(let targets, _): targets.forEach { note($0) }
      default: break
      }
    }
    return true
  }

  private mutating func note(_ target: Target) {
    guard case .variable(let variable) = target, variable.isGlobal else { return }
    let id = ObjectIdentifier(variable)
    if !read.contains(id) { certain.insert(id) }
  }

  private mutating func collect(_ statement: Stmt, _ summary: inout Summary, isMain: Bool) {
    for expression in statement.expressions { collect(expression, &summary) }
    if case .update(.variable(let variable), _, _) = statement.op {
      summary.reads.insert(ObjectIdentifier(variable))
    }
    if isMain, case .result = statement.op { summary.exits = true }
    for inner in statement.inner { collect(inner, &summary, isMain: isMain) }
  }

  private mutating func collect(_ expression: Expr, _ summary: inout Summary) {
    switch expression.op {
    case .variable(let variable): summary.reads.insert(ObjectIdentifier(variable))
    case .library(let function, _) where function == LibraryFunction(KTAP_LIB_EXIT):
      summary.exits = true
    case .call(let function, _):
      let called = summarize(function)
      summary.reads.formUnion(called.reads)
      if called.exits { summary.exits = true }
    default: break
    }
    for child in expression.children { collect(child, &summary) }
  }

  /// Everything that `function` and what it calls may do; calls may form cycles.
  private mutating func summarize(_ function: FunctionUnit) -> Summary {
    let id = ObjectIdentifier(function)
    if let known = summaries[id] { return known }
    var reached: [FunctionUnit] = [function]
    var seen: Set<ObjectIdentifier> = [id]
    var next = 0
    while next < reached.count {
      for call in reached[next].calls where seen.insert(ObjectIdentifier(call.unit)).inserted {
        reached.append(call.unit)
      }
      next += 1
    }
    // While this runs, calls inside find an empty summary: all reached bodies are walked here.
    for unit in reached where summaries[ObjectIdentifier(unit)] == nil {
      summaries[ObjectIdentifier(unit)] = Summary()
    }
    var summary = Summary()
    for unit in reached {
      for statement in unit.body { collect(statement, &summary, isMain: false) }
    }
    for unit in reached where unit !== function { summaries[ObjectIdentifier(unit)] = nil }
    summaries[id] = summary
    return summary
  }
}
