// SPDX-License-Identifier: GPL-2.0-or-later
@testable import Language

/// Prints syntax trees as S-expressions, so that a test can say in one line what it expects.
enum Dump {
  static func script(_ script: Script) -> String {
    script.statements.map(statement).joined(separator: "\n")
  }

  static func statement(_ statement: Statement) -> String {
    switch statement.kind {
    case .local(let names, let values): list("local", names.map(\.text), values.map(expression))
    case .assign(let targets, let values):
      list("=", targets.map(expression), values.map(expression))
    case .update(let target, let op, let value):
      list("\(op.rawValue)=", [expression(target), expression(value)])
    case .aggregate(let target, let value): list("<<<", [expression(target), expression(value)])
    case .call(let call): expression(call)
    case .block(let body): list("block", [block(body)])
    case .if(let clauses, let otherwise):
      list(
        "if", clauses.flatMap { [expression($0.condition), block($0.body)] },
        otherwise.map { ["else", block($0)] } ?? [])
    case .while(let condition, let body): list("while", [expression(condition), block(body)])
    case .repeat(let body, let until): list("repeat", [block(body), expression(until)])
    case .forRange(let name, let first, let last, let step, let body):
      list(
        "for", [name.text, expression(first), expression(last)],
        (step.map { [expression($0)] } ?? []) + [block(body)])
    case .forClause(let initial, let condition, let step, let body):
      list(
        "for",
        [
          initial.map { self.statement($0) } ?? "-", condition.map(expression) ?? "-",
          step.map { self.statement($0) } ?? "-", block(body),
        ])
    case .forEach(let names, let iterator, let body):
      list("for", names.map(\.text) + ["in", expression(iterator), block(body)])
    case .break: "break"
    case .continue: "continue"
    case .return(let values): list("return", values.map(expression))
    case .function(let name, let function, let isLocal):
      list(isLocal ? "local-function" : "function", [name.text] + parts(function))
    case .trace(let declaration):
      list(
        "trace", declaration.specifications.map(specification),
        declaration.filter.map { ["/" + filter($0) + "/"] } ?? [], [handler(declaration.handler)])
    case .traceEnd(let body): list("trace_end", [handler(body)])
    case .timer(let timer):
      list(
        timer.isProfile ? "profile" : "tick", ["\(timer.nanoseconds)", handler(timer.handler)])
    case .limit(let limit): list("limit", [limit.name.text, "\(limit.value)"])
    }
  }

  static func expression(_ expression: Expression) -> String {
    switch expression.kind {
    case .nil: "nil"
    case .boolean(let value): "\(value)"
    case .integer(let value): "\(value)"
    case .string(let bytes): quote(bytes)
    case .varargs: "..."
    case .name(let name): name
    case .index(let base, let keys):
      list("index", [self.expression(base)], keys.map(self.expression))
    case .field(let base, let name): list(".", [self.expression(base), name.text])
    case .call(let callee, let arguments):
      list("call", [self.expression(callee)], arguments.map(self.expression))
    case .unary(let op, let operand): list(op.rawValue, [self.expression(operand)])
    case .binary(let op, let left, let right):
      list(op.rawValue, [self.expression(left), self.expression(right)])
    case .conditional(let condition, let then, let otherwise):
      list("?", [condition, then, otherwise].map(self.expression))
    case .table(let entries): list("table", entries.map(entry))
    case .function(let function): list("lambda", parts(function))
    case .parenthesized(let inner): list("paren", [self.expression(inner)])
    case .invalid: "INVALID"
    }
  }

  static func filter(_ filter: Filter) -> String {
    switch filter.kind {
    case .comparison(let field, let op, let value):
      list(op.rawValue, [field.text, self.value(value)])
    case .and(let left, let right): list("&&", [self.filter(left), self.filter(right)])
    case .or(let left, let right): list("||", [self.filter(left), self.filter(right)])
    case .not(let operand): list("!", [self.filter(operand)])
    case .invalid: "INVALID"
    }
  }

  private static func value(_ value: FilterValue) -> String {
    switch value.kind {
    case .integer(let number): "\(number)"
    case .string(let bytes, isQuoted: true): quote(bytes)
    case .string(let bytes, isQuoted: false): String(decoding: bytes, as: UTF8.self)
    }
  }

  private static func entry(_ entry: TableEntry) -> String {
    switch entry {
    case .positional(let value): expression(value)
    case .named(let name, let value): list("=", [name.text, expression(value)])
    case .keyed(let keys, let value):
      list("=", ["[" + keys.map(expression).joined(separator: " ") + "]", expression(value)])
    }
  }

  private static func specification(_ specification: ProbeSpecification) -> String {
    let arguments = specification.fetchArguments.map(\.text)
    return arguments.isEmpty ? specification.text : list(specification.text, arguments)
  }

  private static func handler(_ handler: Handler) -> String {
    switch handler {
    case .function(let function): list("lambda", parts(function))
    case .name(let name): name.text
    case .block(let body): block(body)
    }
  }

  private static func parts(_ function: Function) -> [String] {
    let parameters = function.parameters.map(\.text) + (function.isVariadic ? ["..."] : [])
    return ["(" + parameters.joined(separator: " ") + ")", block(function.body)]
  }

  private static func block(_ block: Block) -> String {
    "{" + block.statements.map(statement).joined(separator: " ") + "}"
  }

  private static func list(_ head: String, _ parts: [String]...) -> String {
    "(" + ([head] + parts.flatMap { $0 }).joined(separator: " ") + ")"
  }

  private static func quote(_ bytes: [UInt8]) -> String {
    var text = "\""
    for byte in bytes {
      if byte >= 0x20 && byte < 0x7f {
        text.unicodeScalars.append(Unicode.Scalar(byte))
      } else {
        text += "<\(byte)>"
      }
    }
    return text + "\""
  }
}
