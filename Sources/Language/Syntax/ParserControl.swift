// SPDX-License-Identifier: GPL-2.0-or-later

extension Parser {
  /// Parses `(condition)`. After an error within it goes on behind the parenthesis, so that the
  /// body is checked too.
  private mutating func parseCondition(after what: String) throws -> Expression {
    let opening = token.range
    guard accept(.leftParenthesis) else {
      error("expected '(' and a condition after '\(what)'", at: token.range)
      return try parseExpression()  // `if x > 0 {`: the condition itself is probably fine
    }
    do {
      let condition = try parseExpression()
      if at(.assign) {
        throw error(
          "'=' assigns and is no condition; is '==' meant?", at: token.range,
          fixIt: Diagnostic.FixIt(replace: token.range, with: "=="))
      }
      try expectClosing(.rightParenthesis, opening)
      return condition
    } catch {
      guard skipToClosingParenthesis() else { throw error }
      return try make(.invalid, range(from: opening.start))
    }
  }

  /// Skips behind the `)` that closes an open parenthesis, if that stands on this line and
  /// before any brace.
  private mutating func skipToClosingParenthesis() -> Bool {
    var open = 1
    while token.kind != .end && !token.startsLine && !at(.leftBrace) && !at(.rightBrace) {
      if at(.leftParenthesis) { open += 1 }
      if at(.rightParenthesis) { open -= 1 }
      advance()
      if open == 0 { return true }
    }
    return false
  }

  mutating func parseIf() throws -> Statement.Kind {
    var clauses: [ConditionalClause] = []
    repeat {
      let keyword = at(.elseif) ? "elseif" : "if"
      advance()
      let condition = try parseCondition(after: keyword)
      if token.kind == .identifier, text == "then" {
        error("there is no 'then'; the body stands in braces", at: token.range)
        advance()
      }
      let body = try parseBody("the body of '\(keyword)'")
      clauses.append(ConditionalClause(condition: condition, body: body))
      if at(.else), peek().kind == .keyword(.if) { advance() } else if !at(.elseif) { break }
    } while true
    let otherwise = accept(.else) ? try parseBody("the body of 'else'") : nil
    return .if(clauses, otherwise: otherwise)
  }

  mutating func parseWhile() throws -> Statement.Kind {
    advance()
    let condition = try parseCondition(after: "while")
    return .while(condition, try parseLoopBody("while"))
  }

  mutating func parseRepeat() throws -> Statement.Kind {
    advance()
    let body = try parseLoopBody("repeat")
    guard accept(.until) else { throw unexpected("'until' after the body of 'repeat'") }
    return .repeat(body, until: try parseCondition(after: "until"))
  }

  private mutating func parseLoopBody(_ keyword: String) throws -> Block {
    if token.kind == .identifier, text == "do" {
      error("there is no 'do'; the body stands in braces", at: token.range)
      advance()
    }
    context.loops += 1
    defer { context.loops -= 1 }
    return try parseBody("the body of '\(keyword)'")
  }

  mutating func parseFor() throws -> Statement.Kind {
    advance()
    let opening = token.range
    try expect(.leftParenthesis, "after 'for'")
    openHeaders += 1
    let start = token.range.start
    let isLocal = accept(.local) || accept(.var)
    let next = token.kind == .identifier ? peek().kind : .end
    switch next {
    case .punctuator(.comma), .keyword(.in): return try parseForEach(opening)
    case .punctuator(.assign):
      let name = takeName()
      advance()
      let first = try parseExpression()
      if at(.comma) { return try parseForRange(name, first, opening) }
      let kind: Statement.Kind
      if isLocal {
        kind = .local([name], values: [first])
      } else {
        let target = try make(.name(name.text), name.range)
        kind = .assign([target], values: [first])
      }
      return try parseForClause(Statement(range: range(from: start), kind: kind), opening)
    case .punctuator(.rightParenthesis) where !isLocal:
      advance()
      return try parseForClause(nil, opening)  // which says what is missing
    default: break
    }
    if isLocal { throw unexpected("'name = value'") }
    if at(.semicolon) { return try parseForClause(nil, opening) }
    let kind = try parseSimpleStatement()
    return try parseForClause(Statement(range: range(from: start), kind: kind), opening)
  }

  private mutating func closeHeader(_ opening: SourceRange) throws {
    try expectClosing(.rightParenthesis, opening)
    openHeaders -= 1
  }

  /// Parses `a, b in iterator) body`.
  private mutating func parseForEach(_ opening: SourceRange) throws -> Statement.Kind {
    var names = [try expectName("the name of the key")]
    while accept(.comma) { names.append(try expectName("the name of the value")) }
    if names.count > 5 {
      error(
        "a loop over a table has five names at most: four parts of the key and the value",
        at: names[5].range)
    }
    guard accept(.in) else { throw unexpected("'in' and the table, as in 'in pairs(t)'") }
    let iterator = try parseExpression()
    try closeHeader(opening)
    return .forEach(names, in: iterator, try parseLoopBody("for"))
  }

  /// Parses `, last[, step]) body`.
  private mutating func parseForRange(
    _ name: Name, _ first: Expression, _ opening: SourceRange
  ) throws -> Statement.Kind {
    advance()
    let last = try parseExpression()
    let step = accept(.comma) ? try parseExpression() : nil
    try closeHeader(opening)
    return .forRange(name, first: first, last: last, step: step, try parseLoopBody("for"))
  }

  /// Parses `; condition; step) body`.
  private mutating func parseForClause(
    _ initial: Statement?, _ opening: SourceRange
  ) throws -> Statement.Kind {
    guard accept(.semicolon) else {
      throw unexpected(
        "',' and the last value, or ';' and the condition of the loop",
        notes: [Diagnostic.Note("in the loop that begins here", at: opening)])
    }
    let condition = at(.semicolon) ? nil : try parseExpression()
    try expect(.semicolon, "after the condition of the loop")
    var step: Statement?
    if !at(.rightParenthesis) {
      let start = token.range.start
      let kind = try parseSimpleStatement()
      step = Statement(range: range(from: start), kind: kind)
    }
    try closeHeader(opening)
    let body = try parseLoopBody("for")
    return .forClause(initial: initial, condition: condition, step: step, body)
  }
}
