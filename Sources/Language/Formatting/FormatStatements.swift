// SPDX-License-Identifier: GPL-2.0-or-later

extension ScriptFormatter {
  /// Statements, one a line.
  mutating func statements(_ list: [Statement]) -> Document {
    var parts = [dropSemicolons()]
    var isFirst = parts[0].isEmpty
    for statement in list {
      if !isFirst { parts.append(isSetOff ? .blankLine : .hardLine) }
      isFirst = false
      parts.append(self.statement(statement))
    }
    return .sequence(parts)
  }

  private mutating func statement(_ statement: Statement) -> Document {
    let comments = takeLeading()
    let whole = form(statement.kind)
    return .sequence(comments, whole, dropSemicolons())
  }

  private mutating func dropSemicolons() -> Document {
    var comments: [Document] = []
    while at(.semicolon) { comments.append(drop()) }
    return .sequence(comments)
  }

  private mutating func form(_ kind: Statement.Kind) -> Document {
    switch kind {
    case .local(let names, let values):
      let keyword = take()
      return .sequence(keyword, .space, assignment(names.map { _ in nil }, values))
    case .assign(let targets, let values): return assignment(targets, values)
    case .update(let target, _, let value):
      let left = expression(target)
      if at(.increment) || at(.decrement) { return .sequence(left, take()) }
      let op = take()
      return .sequence(left, .space, op, .space, expression(value))
    case .aggregate(let target, let value):
      let left = expression(target)
      let op = take()
      return .sequence(left, .space, op, .space, expression(value))
    case .call(let call): return expression(call)
    case .block(let block): return .group(self.block(block))
    case .if(let clauses, let otherwise): return conditional(clauses, otherwise)
    case .while(let condition, let body):
      let head = take()
      return .group(.sequence(head, .space, parenthesized(condition), self.body(body)))
    case .repeat(let body, let until): return repetition(body, until)
    case .forRange, .forClause, .forEach: return loop(kind)
    case .break, .continue: return take()
    case .return(let values):
      let keyword = take()
      if values.isEmpty { return keyword }
      return .sequence(keyword, .space, list(values))
    case .function(_, let function, let isLocal):
      let local = isLocal ? Document.sequence(take(), .space) : .empty
      let keyword = take()
      let name = take()
      return .sequence(local, keyword, .space, name, parametersAndBody(function))
    case .trace(let declaration): return trace(declaration)
    case .traceEnd(let handler):
      let keyword = take()
      return .sequence(keyword, .space, self.handler(handler))
    case .timer(let timer): return self.timer(timer)
    case .limit:
      let keyword = take()
      let name = take()
      return .sequence(keyword, .space, name, .space, take())
    }
  }

  /// `targets = values`; a target that is nil is a plain name.
  private mutating func assignment(_ targets: [Expression?], _ values: [Expression]) -> Document {
    var left: [Document] = []
    for (number, target) in targets.enumerated() {
      let place = target.map { expression($0) } ?? take()
      left.append(number + 1 < targets.count ? .sequence(place, take()) : place)
    }
    let places = Document.indent(Self.continuationIndent, .group(.join(left, .line)))
    guard at(.assign) else { return places }
    let sign = take()
    return .sequence(places, .space, sign, .space, list(values))
  }

  /// Expressions with commas between, without brackets round them.
  private mutating func list(_ values: [Expression]) -> Document {
    var parts: [Document] = []
    for (number, value) in values.enumerated() {
      let shown = expression(value)
      parts.append(number + 1 < values.count ? .sequence(shown, take()) : shown)
    }
    if parts.count == 1 { return parts[0] }
    return .indent(Self.continuationIndent, .group(.join(parts, .line)))
  }

  // MARK: - Blocks

  /// `{…}`: on one line if it was begun so, holds one statement at most, and the group round it is
  /// not broken.
  mutating func block(_ block: Block) -> Document {
    let opening = take()
    let isOpen = next.beginsLine || block.statements.count > 1
    let inner = statements(block.statements)
    let comments = danglingComments(after: inner)
    let content = Document.sequence(inner, comments)
    let closing = take()
    if content.isEmpty && !opening.endsInComment { return .sequence(opening, closing) }
    let line = isOpen || opening.endsInComment ? Document.hardLine : .line
    return .sequence(
      opening, .indent(Self.blockIndent, .sequence(line, content)), line, closing)
  }

  /// The body of a statement with what separates it from the head: a block, or the one statement
  /// that stands for it.
  mutating func body(_ body: Block) -> Document {
    if at(.leftBrace) { return .sequence(.space, block(body)) }
    guard let only = body.statements.first else { return take() }  // the `;`
    let inner = statement(only)
    return .group(.indent(Self.blockIndent, .sequence(.line, inner)))
  }

  private mutating func conditional(
    _ clauses: [ConditionalClause], _ otherwise: Block?
  ) -> Document {
    var parts: [Document] = []
    var isApart = false
    for (number, clause) in clauses.enumerated() {
      parts += [take(), .space]  // `if`, `elseif` or `else`
      if number > 0 && at(.if) { parts += [take(), .space] }
      parts.append(parenthesized(clause.condition))
      let isBlock = at(.leftBrace)
      let body = body(clause.body)
      let isLast = number + 1 == clauses.count && otherwise == nil
      parts.append(isLast ? isApart ? .group(body) : body : separated(body, isBlock, &isApart))
    }
    if let otherwise {
      let keyword = take()
      let body = body(otherwise)
      parts += [keyword, isApart ? .group(body) : body]
    }
    return .group(.sequence(parts))
  }

  /// A body and what stands between it and the `else` or `until` behind it. `isApart` becomes true
  /// when that begins a line behind a block of one line.
  private mutating func separated(
    _ body: Document, _ isBlock: Bool, _ isApart: inout Bool
  ) -> Document {
    guard isBlock else { return .sequence(body, next.beginsLine ? .hardLine : .line) }
    if body.breaks || !next.beginsLine { return .sequence(body, .space) }
    isApart = true
    let apart = Document.sequence(.group(body), .hardLine)
    return .alternatives([apart, apart, .sequence(.group(body), .space)])
  }

  private mutating func repetition(_ body: Block, _ until: Expression) -> Document {
    let head = take()
    let isBlock = at(.leftBrace)
    let inner = self.body(body)
    var isApart = false
    let separated = separated(inner, isBlock, &isApart)
    let keyword = take()
    return .group(.sequence(head, separated, keyword, .space, parenthesized(until)))
  }

  // MARK: - Loops

  private mutating func loop(_ kind: Statement.Kind) -> Document {
    let head = take()
    let opening = take()
    let header: Document
    let body: Block
    switch kind {
    case .forRange(_, let first, let last, let step, let inner):
      body = inner
      let local = localKeyword()
      let name = take()
      let sign = take()
      let values = arguments([first, last] + (step.map { [$0] } ?? []))
      header = .sequence(local, name, .space, sign, .space, values)
    case .forEach(let names, let iterator, let inner):
      body = inner
      let local = localKeyword()
      let variables = names.indices.map {
        $0 + 1 < names.count ? Document.sequence(take(), take()) : take()
      }
      let keyword = take()
      header = .sequence(
        local, .join(variables, .line), .line, keyword, .space, expression(iterator))
    case .forClause(let initial, let condition, let step, let inner):
      body = inner
      var parts = [initial.map { form($0.kind) } ?? .empty, take()]
      if let condition { parts += [.line, expression(condition)] }
      parts.append(take())
      if let step { parts += [.line, form(step.kind)] }
      header = .sequence(parts)
    default: return .empty
    }
    let closing = take()
    return .group(
      .sequence(head, .space, bracketed(opening, header, closing), self.body(body)))
  }

  private mutating func localKeyword() -> Document {
    at(.local) || at(.var) ? .sequence(take(), .space) : .empty
  }
}
