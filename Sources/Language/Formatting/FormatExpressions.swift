// SPDX-License-Identifier: GPL-2.0-or-later

extension ScriptFormatter {
  /// An expression; `indent` is what its further lines are indented by when it is a chain of
  /// operators.
  mutating func expression(
    _ expression: Expression, indent: Int = ScriptFormatter.continuationIndent
  ) -> Document {
    let comments = takeLeading()
    return .sequence(comments, form(expression, indent))
  }

  private mutating func form(_ expression: Expression, _ indent: Int) -> Document {
    switch expression.kind {
    case .nil, .boolean, .string, .varargs, .name, .invalid: return take()
    case .integer:
      if at(.minus) { return .sequence(take(), take()) }  // the sign is part of the number
      return take()
    case .parenthesized(let inner): return parenthesized(inner)
    case .index, .field, .call: return postfix(expression)
    case .unary(let op, let operand):
      let isWord = at(Keyword.not)
      let sign = take()
      // `--` would be an operator of its own.
      let gap = isWord || (op == .negate && at(.minus)) ? Document.space : .empty
      return .sequence(sign, gap, self.expression(operand, indent: indent))
    case .binary: return chain(expression, indent)
    case .conditional(let condition, let then, let otherwise):
      let test = self.expression(condition)
      let question = take()
      let first = self.expression(then)
      let colon = take()
      let second = self.expression(otherwise)
      return .group(
        .sequence(
          test,
          .indent(
            indent,
            .sequence(.line, question, .space, first, .line, colon, .space, second))))
    case .table(let entries): return table(entries)
    case .function(let function): return self.function(function)
    }
  }

  // MARK: - Brackets

  /// Brackets round what is indented when it needs lines of its own.
  func bracketed(_ opening: Document, _ inside: Document, _ closing: Document) -> Document {
    .group(
      .sequence(
        opening, .indent(Self.blockIndent, .sequence(.softLine, .group(inside))), .softLine,
        closing))
  }

  /// `(expression)`
  mutating func parenthesized(_ inner: Expression) -> Document {
    let opening = take()
    let inside = expression(inner, indent: 0)
    let comments = danglingComments(after: inside)
    return bracketed(opening, .sequence(inside, comments), take())
  }

  /// Expressions with commas between, which stand on one line or on one line each.
  mutating func arguments(_ values: [Expression]) -> Document {
    var parts: [Document] = []
    let indent = values.count == 1 ? 0 : Self.continuationIndent
    for (number, value) in values.enumerated() {
      let shown = expression(value, indent: indent)
      parts.append(number + 1 < values.count ? .sequence(shown, take()) : shown)
    }
    return .sequence(.join(parts, .line), danglingComments(after: .sequence(parts)))
  }

  // MARK: - Operands

  /// An operand with its indices, fields and calls, which may be many.
  private mutating func postfix(_ expression: Expression) -> Document {
    var links: [Expression] = []
    var base = expression
    while let inner = base.operandOfPostfix {
      links.append(base)
      base = inner
    }
    var parts = [self.expression(base)]
    for link in links.reversed() {
      switch link.kind {
      case .index(_, let keys): parts.append(self.keys(keys))
      case .call(_, let values): parts.append(call(values))
      default: parts += [take(), take()]  // a dot and a name
      }
    }
    return .sequence(parts)
  }

  /// `[key, …]`
  private mutating func keys(_ keys: [Expression]) -> Document {
    let opening = take()
    // `[[` would begin a string.
    let gap = text(next).first == UInt8(ascii: "[") ? Document.space : .empty
    let inside = arguments(keys)
    return bracketed(opening, .sequence(gap, inside), take())
  }

  /// `(value, …)`
  private mutating func call(_ values: [Expression]) -> Document {
    let opening = take()
    guard let last = values.last else {
      let comments = danglingComments(after: .empty)
      let closing = take()
      return comments.isEmpty && !opening.endsInComment
        ? .sequence(opening, closing) : bracketed(opening, comments, closing)
    }
    guard last.isLiteralBlock else {
      let inside = arguments(values)
      return bracketed(opening, inside, take())
    }
    // A function or table at the end need not be set off by lines of its own.
    let before = values.dropLast().map { Document.sequence(expression($0), take()) }
    let comments = takeLeading()
    let end = expression(last)
    let dangling = danglingComments(after: end)
    let closing = take()
    let parts = before + [.sequence(comments, end, dangling)]
    let broken = bracketed(opening, .join(parts, .line), closing)
    let isPlain =
      comments.isEmpty && dangling.isEmpty && !opening.endsInComment && !end.endsInComment
      && before.allSatisfy { !$0.breaks && !$0.endsInComment }
    if !isPlain { return broken }
    func hugging(_ end: Document) -> Document {
      .sequence(opening, .join(before + [end], .space), closing)
    }
    return .alternatives([hugging(end), hugging(end.withoutGroup), broken])
  }

  // MARK: - Operators

  /// Operators of one precedence, broken all or none.
  private mutating func chain(_ expression: Expression, _ indent: Int) -> Document {
    var operands: [Expression] = []
    if case .binary(let op, _, _) = expression.kind {
      collect(expression, op.precedence, &operands)
    }
    var parts: [Document] = []
    for (number, operand) in operands.enumerated() {
      let shown = self.expression(operand)
      if number + 1 == operands.count {
        parts.append(shown)
      } else {
        let comments = takeLeading()
        parts.append(.sequence(shown, .space, comments, take()))
      }
    }
    let rest = Document.sequence(parts.dropFirst().flatMap { [.line, $0] })
    return .group(.sequence(parts[0], .indent(indent, rest)))
  }

  /// The operands of a chain from left to right, without recursion along its length.
  private func collect(_ expression: Expression, _ precedence: Int, _ operands: inout [Expression])
  {
    var pending = [expression]
    while let part = pending.popLast() {
      if case .binary(let op, let left, let right) = part.kind, op.precedence == precedence {
        pending += [right, left]
      } else {
        operands.append(part)
      }
    }
  }

  // MARK: - Functions and tables

  /// `function (…) {…}`
  mutating func function(_ function: Function) -> Document {
    let keyword = take()
    return .sequence(keyword, .space, parametersAndBody(function))
  }

  mutating func parametersAndBody(_ function: Function) -> Document {
    let opening = take()
    var parts: [Document] = []
    while !at(.rightParenthesis) {
      let name = take()
      parts.append(at(.comma) ? .sequence(name, take()) : name)
    }
    let comments = danglingComments(after: .sequence(parts))
    let closing = take()
    let list = Document.sequence(.join(parts, .line), comments)
    let head =
      list.isEmpty ? Document.sequence(opening, closing) : bracketed(opening, list, closing)
    return .group(.sequence(head, .space, block(function.body)))
  }

  /// `{…}`: its entries stay on the lines where they are if the first one begins a line.
  private mutating func table(_ entries: [TableEntry]) -> Document {
    let opening = take()
    let isOpen = next.beginsLine && !entries.isEmpty
    let isList = entries.allSatisfy { if case .positional = $0 { true } else { false } }
    var parts: [Document] = []
    for (number, entry) in entries.enumerated() {
      var separator: Document?
      if number > 0 {
        let endsLine = isOpen ? next.beginsLine : !isList
        separator = isOpen && next.isSetOff ? .blankLine : isOpen && endsLine ? .hardLine : .line
        if !isOpen && endsLine { separator = .line }
      }
      let comments = takeLeading()
      var shown = Document.sequence(comments, self.entry(entry))
      if at(.comma) || at(.semicolon) {
        let isLast = number + 1 == entries.count
        shown = .sequence(shown, isLast && !isOpen ? drop() : take())
      }
      guard let separator else {
        parts.append(shown)
        continue
      }
      // Entries of a list fill their lines, others stand all or none on lines of their own.
      let fills = isOpen ? !separator.breaks : isList
      parts.append(fills ? .group(.sequence(separator, shown)) : .sequence(separator, shown))
    }
    let inside = Document.sequence(parts)
    let comments = danglingComments(after: inside)
    let content = Document.sequence(inside, comments)
    let closing = take()
    if content.isEmpty && !opening.endsInComment { return .sequence(opening, closing) }
    let line = isOpen ? Document.hardLine : .softLine
    return .group(
      .sequence(opening, .indent(Self.blockIndent, .sequence(line, content)), line, closing))
  }

  private mutating func entry(_ entry: TableEntry) -> Document {
    switch entry {
    case .positional(let value): return expression(value)
    case .named(_, let value):
      let name = take()
      let sign = take()
      return .sequence(name, .space, sign, .space, expression(value))
    case .keyed(let keys, let value):
      let place = self.keys(keys)
      let sign = take()
      return .sequence(place, .space, sign, .space, expression(value))
    }
  }
}

extension Expression {
  /// What is indexed or called.
  fileprivate var operandOfPostfix: Expression? {
    switch kind {
    case .index(let base, _), .field(let base, _), .call(let base, _): base
    default: nil
    }
  }

  /// Whether it is written in braces: a table or a function.
  fileprivate var isLiteralBlock: Bool {
    switch kind {
    case .table(let entries): !entries.isEmpty
    case .function: true
    default: false
    }
  }
}
