// SPDX-License-Identifier: GPL-2.0-or-later

extension Parser {
  /// Parses statements up to the `}` that closes `opening` (not taken), or to the script's end.
  mutating func parseStatements(until opening: SourceRange?) -> [Statement] {
    var statements: [Statement] = []
    while token.kind != .end {
      if at(.rightBrace) {
        if opening != nil { break }
        error("this '}' closes nothing", at: token.range)
        // Nobody knows where what follows belongs.
        unparsed.append(SourceRange(token.range.start, lexer.bytes.count))
        advance()
        continue
      }
      if accept(.semicolon) { continue }
      let start = token.range.start
      let (headers, tables) = (openHeaders, openTables)
      do {
        statements.append(try parseStatement())
      } catch {
        recover(from: start, headers: openHeaders - headers, tables: openTables - tables)
        (openHeaders, openTables) = (headers, tables)
        unparsed.append(SourceRange(start, token.range.start))
        // Whatever the error was, each round takes something.
        if token.range.start == start && token.kind != .end && !at(.rightBrace) { advance() }
      }
    }
    return statements
  }

  /// Parses `{…}`; `what` names it in messages.
  mutating func parseBlock(_ what: String) throws -> Block {
    guard at(.leftBrace) else { throw unexpected("'{' and \(what)") }
    try enter()
    openBlocks += 1
    defer {
      leave()
      openBlocks -= 1
    }
    let opening = token.range
    advance()
    let statements = parseStatements(until: opening)
    try expectClosing(.rightBrace, opening)
    return Block(statements: statements, range: range(from: opening.start))
  }

  /// Parses a block or the one statement that stands for it.
  mutating func parseBody(_ what: String) throws -> Block {
    if at(.leftBrace) { return try parseBlock(what) }
    if at(.semicolon) {
      let range = token.range
      record(.emptyBody, range)
      step()
      lexer.diagnostics.warning("this ';' is all of \(what)", at: range)
      return Block(statements: [], range: range)
    }
    if at(.rightBrace) || token.kind == .end { throw unexpected(what) }
    try enter()
    openBlocks += 1
    defer {
      leave()
      openBlocks -= 1
    }
    let statement = try parseStatement()
    return Block(statements: [statement], range: statement.range)
  }

  /// Parses a statement and a semicolon behind it.
  private mutating func parseStatement() throws -> Statement {
    let start = token.range.start
    let kind = try parseStatementKind()
    let range = range(from: start)
    _ = accept(.semicolon)
    statementCount += 1
    return Statement(range: range, kind: kind)
  }

  private mutating func parseStatementKind() throws -> Statement.Kind {
    switch token.kind {
    case .keyword(let keyword): return try parseKeywordStatement(keyword)
    case .identifier:
      if let timer = try parseTimer() { return timer }
      if let limit = try parseLimit() { return limit }
      try rejectForeignWord()
    case .punctuator(.leftBrace): return .block(try parseBlock("a block"))
    default: break
    }
    return try parseSimpleStatement()
  }

  private mutating func parseKeywordStatement(_ keyword: Keyword) throws -> Statement.Kind {
    let start = token.range
    switch keyword {
    case .if: return try parseIf()
    case .while: return try parseWhile()
    case .repeat: return try parseRepeat()
    case .for: return try parseFor()
    case .function: return try parseFunctionStatement(isLocal: false)
    case .local, .var: return try parseLocal()
    case .return: return try parseReturn()
    case .trace: return try parseTrace()
    case .traceEnd:
      advance()
      return .traceEnd(try parseHandler(of: "trace_end"))
    case .break, .continue:
      advance()
      if context.loops == 0 { error("'\(keyword.rawValue)' stands outside of a loop", at: start) }
      return keyword == .break ? .break : .continue
    case .else, .elseif:
      throw error("this '\(keyword.rawValue)' follows no 'if'", at: start)
    case .until:
      throw error("this 'until' follows no 'repeat'", at: start)
    case .in, .and, .or:
      throw error("a statement cannot begin with '\(keyword.rawValue)'", at: start)
    case .true, .false, .nil, .not:
      return try parseSimpleStatement()
    }
  }

  /// Explains words of other languages where a statement begins.
  private mutating func rejectForeignWord() throws {
    let better: String
    switch text {
    case "elif", "elsif": better = "elseif"
    case "foreach": better = "for"
    case "fn", "func", "def": better = "function"
    case "let", "const": better = "local"
    default: return
    }
    let next = peek()
    switch next.kind {
    case .identifier, .string, .integer: break
    case .punctuator(.leftParenthesis) where better == "elseif" || better == "for": break
    default: return
    }
    throw error(
      "unknown keyword '\(text)', did you mean '\(better)'?", at: token.range,
      fixIt: Diagnostic.FixIt(replace: token.range, with: better))
  }

  /// Parses an assignment, an update, an aggregation or a call.
  mutating func parseSimpleStatement() throws -> Statement.Kind {
    let first = try parseOperandOfStatement()
    if at(.comma) || at(.assign) { return try parseAssignment(first) }
    if case .punctuator(let punctuator) = token.kind {
      switch punctuator {
      case .increment, .decrement:
        let range = token.range
        advance()
        let one = try make(.integer(1), range)
        return .update(checkTarget(first), punctuator == .increment ? .add : .subtract, one)
      case .aggregate:
        advance()
        return .aggregate(checkTarget(first), try parseExpression())
      default:
        if let op = Self.updates[punctuator] {
          advance()
          return .update(checkTarget(first), op, try parseExpression())
        }
      }
    }
    return .call(try finishCall(first))
  }

  private static let updates: [Punctuator: BinaryOperator] = [
    .addAssign: .add, .subtractAssign: .subtract, .multiplyAssign: .multiply,
    .divideAssign: .divide, .moduloAssign: .modulo, .bitAndAssign: .bitAnd,
    .bitOrAssign: .bitOr, .bitXorAssign: .bitXor, .shiftLeftAssign: .shiftLeft,
    .shiftRightAssign: .shiftRight, .concatenateAssign: .concatenate,
  ]

  private mutating func parseOperandOfStatement() throws -> Expression {
    switch token.kind {
    case .identifier, .punctuator(.leftParenthesis): return try parsePostfix()
    case .punctuator(.increment), .punctuator(.decrement):
      let range = token.range
      throw error("'\(text)' stands behind what it changes, as in 'n\(text)'", at: range)
    case .string, .integer, .punctuator(.minus), .punctuator(.not), .punctuator(.tilde),
      .keyword(.true), .keyword(.false), .keyword(.nil), .keyword(.not):
      let expression = try parseExpression()
      throw error("this value is not used", at: expression.range)
    default: throw error("a statement cannot begin with '\(text)'", at: token.range)
    }
  }

  /// Makes sure that a statement that is an expression is a call.
  private mutating func finishCall(_ first: Expression) throws -> Expression {
    try rejectMistypedKeyword(first)
    if case .call = first.kind, token.startsLine || !continuesExpression { return first }
    if case .string = token.kind, !token.startsLine, case .name(let name) = first.kind {
      throw error("a call needs parentheses: \(name)(…)", at: token.range)
    }
    let tokenRange = token.range
    let isComparison = at(.equal)
    let whole = try parseConditional(try parseBinary(from: first, 1))
    if isComparison {
      throw error(
        "'==' compares and the result is not used; is '=' meant?", at: tokenRange,
        fixIt: Diagnostic.FixIt(replace: tokenRange, with: "="))
    }
    throw error("this value is not used", at: whole.range)
  }

  /// Reports a name that is probably a keyword mistyped: one that stands alone before another
  /// operand, or that is called with a block behind.
  private mutating func rejectMistypedKeyword(_ first: Expression) throws {
    if token.startsLine { return }
    let word: Expression
    switch (first.kind, token.kind) {
    case (.name, .identifier), (.name, .string), (.name, .integer), (.name, .keyword):
      word = first
    case (.name, .punctuator(.leftBrace)): word = first
    case (.call(let callee, _), .punctuator(.leftBrace)): word = callee
    default: return
    }
    guard case .name(let name) = word.kind else { return }
    let keywords = Keyword.allCases.map(\.rawValue) + ["limit"]
    guard let better = suggestion(for: name, among: keywords) else { return }
    throw error(
      "unknown keyword '\(name)', did you mean '\(better)'?", at: word.range,
      fixIt: Diagnostic.FixIt(replace: word.range, with: better))
  }

  /// Whether the present token makes an operand of what stands before it.
  private var continuesExpression: Bool {
    switch token.kind {
    case .punctuator(.question), .keyword(.and), .keyword(.or): true
    case .punctuator(let punctuator): BinaryOperator(rawValue: punctuator.rawValue) != nil
    default: false
    }
  }

  private mutating func parseAssignment(_ first: Expression) throws -> Statement.Kind {
    var targets = [checkTarget(first)]
    while accept(.comma) { targets.append(checkTarget(try parsePostfix())) }
    try expect(.assign, "after what is assigned to")
    return .assign(targets, values: try parseExpressionList())
  }

  /// Reports a target that is neither a name nor part of a table.
  private mutating func checkTarget(_ target: Expression) -> Expression {
    switch target.kind {
    case .name, .index, .field, .invalid: return target
    case .call: error("the result of a call cannot be assigned to", at: target.range)
    default: error("this cannot be assigned to", at: target.range)
    }
    return Expression(id: target.id, range: target.range, kind: .invalid, height: 1)
  }

  private mutating func parseLocal() throws -> Statement.Kind {
    let keyword = text
    advance()
    if at(.function) { return try parseFunctionStatement(isLocal: true) }
    var names = [try expectName("a name after '\(keyword)'")]
    while accept(.comma) { names.append(try expectName("a name")) }
    guard accept(.assign) else { return .local(names, values: []) }
    return .local(names, values: try parseExpressionList())
  }

  private mutating func parseFunctionStatement(isLocal: Bool) throws -> Statement.Kind {
    let start = token.range
    advance()
    if at(.leftParenthesis) {
      throw error("a function that is a statement needs a name", at: start)
    }
    let name = try expectName("the name of the function")
    if at(.dot) || at(.leftBracket) {
      throw error(
        "a function in a table is written '\(name.text).… = function (…) {…}'", at: token.range)
    }
    let (function, _) = try parseFunction(from: start.start)
    return .function(name, function, isLocal: isLocal)
  }

  /// Parses `return` with the values that begin on its line.
  private mutating func parseReturn() throws -> Statement.Kind {
    advance()
    switch token.kind {
    case .end, .punctuator(.rightBrace), .punctuator(.semicolon), .keyword(.else),
      .keyword(.elseif), .keyword(.until):
      return .return([])
    default:
      return token.startsLine ? .return([]) : .return(try parseExpressionList())
    }
  }
}
