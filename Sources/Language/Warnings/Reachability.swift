// SPDX-License-Identifier: GPL-2.0-or-later

/// Warns of statements that control never reaches.
enum Reachability {
  static func report(_ script: Script, to diagnostics: inout Diagnostics) {
    check(script.statements, &diagnostics)
  }

  private static func check(_ statements: [Statement], _ diagnostics: inout Diagnostics) {
    if let last = statements.firstIndex(where: { !$0.completes }),
      let next = statements[(last + 1)...].first(where: \.isExecuted)
    {
      diagnostics.warning(
        "this is never reached", at: next.range,
        notes: [Diagnostic.Note("nothing goes on behind this", at: statements[last].range)])
    }
    for statement in statements {
      for block in statement.blocks { check(block.statements, &diagnostics) }
      for expression in statement.expressions { check(expression, &diagnostics) }
    }
  }

  private static func check(_ expression: Expression, _ diagnostics: inout Diagnostics) {
    if case .function(let function) = expression.kind {
      check(function.body.statements, &diagnostics)
    }
    for child in expression.children { check(child, &diagnostics) }
  }
}

extension Statement {
  /// Whether control can go on behind it.
  fileprivate var completes: Bool {
    switch kind {
    case .return, .break, .continue: return false
    case .call(let call):
      guard case .call(let callee, _) = call.kind, case .name("exit") = callee.kind else {
        return true
      }
      return false
    case .block(let block): return block.completes
    case .if(let clauses, let otherwise):
      guard let otherwise else { return true }
      return otherwise.completes || clauses.contains { $0.body.completes }
    case .while(let condition, let body):
      if case .boolean(true) = condition.kind { return body.leavesLoop }
      return true
    case .repeat(let body, _): return body.completes || body.leavesLoop || body.continuesLoop
    case .forClause(_, nil, _, let body): return body.leavesLoop
    default: return true
    }
  }

  /// Whether it holds a `break` of the loop round it.
  fileprivate var leavesLoop: Bool {
    switch kind {
    case .break: true
    case .block, .if: blocks.contains(where: \.leavesLoop)
    default: false
    }
  }

  /// Whether it holds a `continue` of the loop round it.
  fileprivate var continuesLoop: Bool {
    switch kind {
    case .continue: true
    case .block, .if: blocks.contains(where: \.continuesLoop)
    default: false
    }
  }
}

extension Block {
  fileprivate var completes: Bool { !statements.contains { !$0.completes } }
  fileprivate var leavesLoop: Bool { statements.contains(where: \.leavesLoop) }
  fileprivate var continuesLoop: Bool { statements.contains(where: \.continuesLoop) }
}
