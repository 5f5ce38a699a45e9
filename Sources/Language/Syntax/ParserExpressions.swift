// SPDX-License-Identifier: GPL-2.0-or-later

extension Parser {
  /// Builds a node; refuses one that would make the tree too high to recurse over.
  mutating func make(
    _ kind: Expression.Kind, _ range: SourceRange, over children: [Expression] = [],
    height least: Int = 0
  ) throws -> Expression {
    let height = max(least, children.lazy.map(\.height).max() ?? 0) + 1
    guard height <= Self.maximumHeight else {
      throw error("this expression is too long; split it into several statements", at: range)
    }
    tallest = max(tallest, height)
    let id = expressionCount
    expressionCount += 1
    return Expression(id: id, range: range, kind: kind, height: height)
  }

  mutating func parseExpression() throws -> Expression {
    try enter()
    defer { leave() }
    let condition = try parseBinary(1)
    return try parseConditional(condition)
  }

  /// Parses `? then : else` behind a condition, if it is there.
  mutating func parseConditional(_ condition: Expression) throws -> Expression {
    guard accept(.question) else { return condition }
    let then = try parseExpression()
    try expect(.colon, "and the other value of '?:'")
    let otherwise = try parseExpression()
    return try make(
      .conditional(condition, then: then, otherwise: otherwise),
      condition.range.union(otherwise.range), over: [condition, then, otherwise])
  }

  mutating func parseBinary(_ least: Int) throws -> Expression {
    let left = try parseUnary()
    return try parseBinary(from: left, least)
  }

  /// Goes on behind the first operand with operators that bind at least as tight as `least`.
  mutating func parseBinary(from first: Expression, _ least: Int) throws -> Expression {
    var left = first
    while let op = binaryOperator, op.precedence >= least {
      advance()
      let right: Expression
      if op.isRightAssociative {
        try enter()
        defer { leave() }
        right = try parseBinary(op.precedence)
      } else {
        right = try parseBinary(op.precedence + 1)
      }
      left = try make(
        .binary(op, left, right), left.range.union(right.range), over: [left, right])
    }
    return left
  }

  /// The present token as a binary operator.
  private var binaryOperator: BinaryOperator? {
    switch token.kind {
    case .keyword(.and): .and
    case .keyword(.or): .or
    case .punctuator(let punctuator): BinaryOperator(rawValue: punctuator.rawValue)
    default: nil
    }
  }

  private var unaryOperator: UnaryOperator? {
    switch token.kind {
    case .keyword(.not): .not
    case .punctuator(let punctuator): UnaryOperator(rawValue: punctuator.rawValue)
    default: nil
    }
  }

  private mutating func parseUnary() throws -> Expression {
    guard let op = unaryOperator else { return try parsePostfix() }
    let start = token.range.start
    advance()
    if op == .negate, case .integer(let magnitude, isDecimal: true) = token.kind {
      advance()
      return try make(.integer(Int64(truncatingIfNeeded: 0 &- magnitude)), range(from: start))
    }
    try enter()
    defer { leave() }
    let operand = try parseUnary()
    return try make(.unary(op, operand), range(from: start), over: [operand])
  }

  /// Parses an operand with the calls, indices and fields behind it.
  mutating func parsePostfix() throws -> Expression {
    var base = try parsePrimary()
    guard canBeIndexed(base) else { return base }
    while case .punctuator(let punctuator) = token.kind {
      switch punctuator {
      case .dot:
        advance()
        let name: Name
        if case .keyword = token.kind { name = takeName() } else { name = try expectName("a name") }
        base = try make(.field(base, name), range(from: base.range.start), over: [base])
      case .leftBracket:
        let keys = try parseKeys()
        base = try make(
          .index(base, keys: keys), range(from: base.range.start), over: [base] + keys)
      case .leftParenthesis where !token.startsLine:
        let arguments = try parseArguments()
        base = try make(
          .call(base, arguments), range(from: base.range.start), over: [base] + arguments)
      default:
        return base
      }
    }
    return base
  }

  private func canBeIndexed(_ expression: Expression) -> Bool {
    switch expression.kind {
    case .name, .parenthesized: true
    default: false
    }
  }

  /// Parses `[key, …]`.
  private mutating func parseKeys() throws -> [Expression] {
    let opening = token.range
    advance()
    let keys = try parseExpressionList()
    try expectClosing(.rightBracket, opening)
    return keys
  }

  private mutating func parseArguments() throws -> [Expression] {
    let opening = token.range
    advance()
    if accept(.rightParenthesis) { return [] }
    let arguments = try parseExpressionList()
    try expectClosing(.rightParenthesis, opening)
    return arguments
  }

  mutating func parseExpressionList() throws -> [Expression] {
    var list = [try parseExpression()]
    while accept(.comma) { list.append(try parseExpression()) }
    return list
  }

  private mutating func parsePrimary() throws -> Expression {
    let range = token.range
    switch token.kind {
    case .identifier:
      let name = takeName()
      return try make(.name(name.text), range)
    case .string(let literal):
      advance()
      return try make(.string(literal.bytes), range)
    case .integer(let magnitude, let isDecimal):
      advance()
      if isDecimal && magnitude > UInt64(Int64.max) {
        error("this number does not fit in 64 bits", at: range)
      }
      return try make(.integer(Int64(truncatingIfNeeded: magnitude)), range)
    case .keyword(.nil):
      advance()
      return try make(.nil, range)
    case .keyword(.true), .keyword(.false):
      let value = at(.true)
      advance()
      return try make(.boolean(value), range)
    case .keyword(.function):
      advance()
      if token.kind == .identifier {
        throw error("a function within an expression has no name", at: token.range)
      }
      let (function, height) = try parseFunction(from: range.start)
      return try make(.function(function), function.range, height: height)
    case .punctuator(.ellipsis):
      advance()
      if !context.isVariadic {
        let advice =
          context.isFunction
          ? "declare it behind the parameters: function (…, ...)"
          : "the arguments of the script are arg[0], arg[1], …"
        error(
          "'...' stands outside of a function that takes further arguments", at: range,
          notes: [Diagnostic.Note(advice)])
      }
      return try make(.varargs, range)
    case .punctuator(.leftParenthesis):
      advance()
      let inner = try parseExpression()
      try expectClosing(.rightParenthesis, range)
      return try make(.parenthesized(inner), self.range(from: range.start), over: [inner])
    case .punctuator(.leftBrace):
      return try parseTable()
    case .punctuator(.assign):
      throw error(
        "expected an expression, found '='; is '==' meant?", at: range)
    default:
      throw unexpected("an expression")
    }
  }

  /// Parses `{…}`: entries separated by commas or semicolons.
  private mutating func parseTable() throws -> Expression {
    let opening = token.range
    advance()
    openTables += 1
    var entries: [TableEntry] = []
    var children: [Expression] = []
    while !at(.rightBrace) && token.kind != .end {
      let entry = try parseTableEntry()
      entries.append(entry)
      switch entry {
      case .positional(let value), .named(_, let value): children.append(value)
      case .keyed(let keys, let value): children += keys + [value]
      }
      if !accept(.comma) && !accept(.semicolon) { break }
    }
    try expectClosing(.rightBrace, opening)
    openTables -= 1
    return try make(.table(entries), range(from: opening.start), over: children)
  }

  private mutating func parseTableEntry() throws -> TableEntry {
    if at(.leftBracket) {
      let keys = try parseKeys()
      try expect(.assign, "after the key")
      return .keyed(keys: keys, try parseExpression())
    }
    switch token.kind {
    case .identifier, .keyword:
      guard peek().kind == .punctuator(.assign) else { break }
      let name = takeName()
      advance()
      return .named(name, try parseExpression())
    default: break
    }
    return .positional(try parseExpression())
  }

  /// Parses parameters and body; the keyword and a name are taken already. Also returns the
  /// greatest height of the expressions within.
  mutating func parseFunction(from start: Int) throws -> (Function, height: Int) {
    let id = functionCount
    functionCount += 1
    let opening = token.range
    try expect(.leftParenthesis, "and the parameters of the function")
    var parameters: [Name] = []
    var variadic: SourceRange?
    while !at(.rightParenthesis) {
      if at(.ellipsis) {
        variadic = token.range
        advance()
        break
      }
      let name = try expectName("a parameter")
      if let earlier = parameters.first(where: { $0.text == name.text }) {
        error(
          "there are two parameters '\(name.text)'", at: name.range,
          notes: [Diagnostic.Note("the first is here", at: earlier.range)])
      }
      parameters.append(name)
      if !accept(.comma) { break }
    }
    try expectClosing(.rightParenthesis, opening)
    let outer = (context, tallest)
    context = FunctionContext(isFunction: true, isVariadic: variadic != nil)
    tallest = 0
    defer {
      tallest = max(tallest, outer.1)
      context = outer.0
    }
    let body = try parseBlock("the body of the function")
    let function = Function(
      id: id, parameters: parameters, variadic: variadic, body: body, range: range(from: start))
    return (function, tallest)
  }
}
