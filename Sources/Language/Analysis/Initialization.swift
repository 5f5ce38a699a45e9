// SPDX-License-Identifier: GPL-2.0-or-later
import Bytecode
import CKtap

/// Finds the globals that top-level code certainly assigns before anything can read them: those
/// are never nil. It looks at statements that always run, in order, up to the first that may end
/// the program.
struct Initialization {
  private var certain: Set<ObjectIdentifier> = []
  /// What the statements so far, and all that they call, may have read.
  private var read: Set<ObjectIdentifier> = []
  /// Functions whose reads are in `read` already.
  private var visited: Set<ObjectIdentifier> = []
  /// Functions whose value was taken: a call of a value may be a call of each of them.
  private var taken: [FunctionUnit] = []
  private var callsValues = false
  private var mayHaveEnded = false

  /// The certain ones among the variables that live as globals.
  static func certainGlobals(main: FunctionUnit) -> Set<ObjectIdentifier> {
    var pass = Initialization()
    pass.walk(main.body)
    return pass.certain
  }

  private mutating func walk(_ statements: [Stmt]) {
    for statement in statements {
      if case .block(let body) = statement.op {
        walk(body)
      } else {
        collect(statement, isMain: true)
        while callsValues, let function = taken.popLast() { collect(function) }
        callsValues = false
      }
      if mayHaveEnded { return }
      switch statement.op {
      case .assign(let target, _): note(target)
      case .assignMany(let targets, _): for target in targets { note(target) }
      default: break
      }
    }
  }

  private mutating func note(_ target: Target) {
    guard case .variable(let variable) = target, variable.isGlobal else { return }
    let id = ObjectIdentifier(variable)
    if !read.contains(id) { certain.insert(id) }
  }

  private mutating func collect(_ statement: Stmt, isMain: Bool) {
    for expression in statement.expressions { collect(expression) }
    if case .update(.variable(let variable), _, _) = statement.op {
      read.insert(ObjectIdentifier(variable))
    }
    if isMain, case .result = statement.op { mayHaveEnded = true }
    for inner in statement.inner { collect(inner, isMain: isMain) }
  }

  private mutating func collect(_ expression: Expr) {
    switch expression.op {
    case .variable(let variable): read.insert(ObjectIdentifier(variable))
    case .library(let function, _) where function == LibraryFunction(KTAP_LIB_EXIT):
      mayHaveEnded = true
    case .call(let function, _):
      collect(function)
      if function.mayCallValues { callsValues = true }
    case .function(let function): taken.append(function)
    case .method(_, let asEvent, let invocation):
      collect(asEvent)
      collect(invocation)
    default: break
    }
    if expression.callsValue { callsValues = true }
    if case .variable(let variable) = expression.op, let function = variable.constantFunction {
      taken.append(function)
    }
    for child in expression.children { collect(child) }
  }

  /// The bodies of a function and of all that it calls directly, without recursion along the calls.
  private mutating func collect(_ function: FunctionUnit) {
    guard visited.insert(ObjectIdentifier(function)).inserted else { return }
    var pending = [function]
    while let next = pending.popLast() {
      for call in next.calls where visited.insert(ObjectIdentifier(call.unit)).inserted {
        pending.append(call.unit)
      }
      for statement in next.body { collect(statement, isMain: false) }
    }
  }
}
