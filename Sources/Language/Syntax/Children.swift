// SPDX-License-Identifier: GPL-2.0-or-later

// What directly belongs to a node, for passes that look at all of a script in the same way.

extension Expression {
  /// The direct subexpressions in the order of the source.
  var children: [Expression] {
    switch kind {
    case .nil, .boolean, .integer, .string, .varargs, .name, .function, .invalid: []
    case .index(let base, let keys): [base] + keys
    case .field(let base, _): [base]
    case .call(let callee, let arguments): [callee] + arguments
    case .unary(_, let operand), .parenthesized(let operand): [operand]
    case .binary(_, let left, let right): [left, right]
    case .conditional(let condition, let then, let otherwise): [condition, then, otherwise]
    case .table(let entries):
      entries.flatMap { entry in
        switch entry {
        case .positional(let value), .named(_, let value): [value]
        case .keyed(let keys, let value): keys + [value]
        }
      }
    }
  }
}

extension Statement {
  /// The expressions directly in the statement.
  var expressions: [Expression] {
    switch kind {
    case .local(_, let values), .return(let values): values
    case .assign(let targets, let values): targets + values
    case .update(let target, _, let value), .aggregate(let target, let value): [target, value]
    case .call(let call): [call]
    case .if(let clauses, _): clauses.map(\.condition)
    case .while(let condition, _), .repeat(_, let condition): [condition]
    case .forRange(_, let first, let last, let step, _): [first, last] + (step.map { [$0] } ?? [])
    case .forClause(_, let condition, _, _): condition.map { [$0] } ?? []
    case .forEach(_, let iterator, _): [iterator]
    case .block, .break, .continue, .function, .trace, .traceEnd, .timer, .limit: []
    }
  }

  /// The blocks directly in the statement, bodies of functions and handlers among them.
  var blocks: [Block] {
    switch kind {
    case .block(let block), .while(_, let block), .repeat(let block, _),
      .forRange(_, _, _, _, let block), .forClause(_, _, _, let block), .forEach(_, _, let block):
      [block]
    case .if(let clauses, let otherwise): clauses.map(\.body) + (otherwise.map { [$0] } ?? [])
    case .function(_, let function, _): [function.body]
    case .trace(let declaration): declaration.handler.body.map { [$0] } ?? []
    case .traceEnd(let handler): handler.body.map { [$0] } ?? []
    case .timer(let timer): timer.handler.body.map { [$0] } ?? []
    case .local, .assign, .update, .aggregate, .call, .break, .continue, .return, .limit: []
    }
  }

  /// Whether it is carried out where it stands, and not when the script is begun.
  var isExecuted: Bool {
    switch kind {
    case .function(_, _, let isLocal): isLocal
    case .trace, .traceEnd, .timer, .limit: false
    default: true
    }
  }
}

extension Handler {
  /// What it runs; nil for a name.
  var body: Block? {
    switch self {
    case .function(let function): function.body
    case .block(let block): block
    case .name: nil
    }
  }
}
