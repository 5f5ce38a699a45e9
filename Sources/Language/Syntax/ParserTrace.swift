// SPDX-License-Identifier: GPL-2.0-or-later

extension Parser {
  /// Parses `trace EVENTS [/filter/] handler`; the events stand in string literals or bare.
  mutating func parseTrace() throws -> Statement.Kind {
    record(.token(token.kind), token.range)
    var specifications: [ProbeSpecification] = []
    var filter: Filter?
    var end = token.range.end  // of what has been read, without white space
    repeat {
      lexer.skipTrivia()
      let before = specifications.count
      let start = lexer.position
      if let literal = takeLiteral() {
        var scanner = EventScanner(literal, lexer)
        specifications += scanner.parseSpecifications()
        if scanner.at("/") { filter = scanner.parseFilter() }
        if scanner.errors.isEmpty { scanner.finish() }
        report(scanner.errors)
        end = lexer.position
        record(.token(.string(literal)), SourceRange(start, end))
      } else {
        var scanner = EventScanner(lexer)
        let found = scanner.parseSpecifications()
        specifications += found
        resume(behind: scanner)
        end = scanner.wordEnd
        for event in found {
          record(.event, event.range)
          for argument in event.fetchArguments { record(.fetchArgument, argument.range) }
        }
      }
      if specifications.count == before {
        skipTo(lexer.position, from: end)
        throw SyntaxError()
      }
      lexer.skipTrivia()
    } while filter == nil && acceptRawComma()
    if lexer.byte() == UInt8(ascii: "/") {
      let start = lexer.position
      var scanner = EventScanner(lexer)
      let second = scanner.parseFilter()
      resume(behind: scanner)
      record(.filter, SourceRange(start, lexer.position))
      if filter != nil { error("there can be one filter only", at: second.range) }
      filter = filter ?? second
      end = lexer.position
    }
    skipTo(lexer.position, from: end)
    if filter != nil && at(.comma) {
      throw error("the filter stands behind the last event and is for all of them", at: token.range)
    }
    guard let first = specifications.first, let last = specifications.last else {
      throw SyntaxError()  // which has been reported
    }
    if let timer = specifications.first(where: { isTimer($0.text) }) {
      return try parseTimer(timer, isAlone: specifications.count == 1 && filter == nil)
    }
    let handler = try parseHandler(of: first.text)
    return .trace(
      TraceDeclaration(
        specifications: specifications, filter: filter, handler: handler,
        specificationRange: first.range.union(last.fetchArguments.last?.range ?? last.range)))
  }

  /// Parses what an event runs.
  mutating func parseHandler(of event: String) throws -> Handler {
    let outer = context
    context = FunctionContext()
    defer { context = outer }
    if at(.leftBrace) { return .block(try parseBlock("the body of the handler")) }
    if at(.function) {
      let start = token.range.start
      advance()
      if token.kind == .identifier {
        throw error("a handler in place has no name", at: token.range)
      }
      return .function(try parseFunction(from: start).0)
    }
    guard token.kind == .identifier else {
      throw unexpected("a handler of '\(event)': '{', 'function' or the name of a function")
    }
    let name = takeName()
    switch token.kind {
    case .punctuator(.semicolon), .punctuator(.rightBrace): break
    case .punctuator where !token.startsLine, .identifier where !token.startsLine:
      throw error(
        "expected a handler of '\(event)': '{', 'function' or the name of a function",
        at: name.range)
    default: break
    }
    return .name(name)
  }

  // MARK: - Between tokens

  /// Takes the string literal that begins at the lexer's position.
  private mutating func takeLiteral() -> StringLiteral? {
    let isRaw = lexer.byte() == UInt8(ascii: "[") && lexer.byte(1) == UInt8(ascii: "[")
    guard isRaw || lexer.byte() == UInt8(ascii: "\"") || lexer.byte() == UInt8(ascii: "'"),
      case .string(let literal) = lexer.next().kind
    else { return nil }
    return literal
  }

  private mutating func acceptRawComma() -> Bool {
    guard lexer.byte() == UInt8(ascii: ",") else { return false }
    lexer.position += 1
    return true
  }

  /// Goes on where a scanner of the source has stopped.
  private mutating func resume(behind scanner: EventScanner) {
    lexer = scanner.lexer
    lexer.position = scanner.position
    report(scanner.errors)
  }

  private mutating func report(_ errors: [Diagnostic]) {
    for found in errors {
      error(found.message, at: found.range, notes: found.notes, fixIt: found.fixIt)
    }
  }

  /// Makes the token that begins at or behind `offset` the present one. Between `end`, where what
  /// has been read ends, and `offset` is nothing but white space and comments.
  private mutating func skipTo(_ offset: Int, from end: Int) {
    lexer.position = offset
    step()
    previousEnd = end
    if lexer.bytes[min(end, offset)..<offset].contains(UInt8(ascii: "\n")) {
      token = Token(kind: token.kind, range: token.range, startsLine: true)
    }
  }

  // MARK: - Timers

  /// Parses `tick-1s handler` when the present token begins one.
  mutating func parseTimer() throws -> Statement.Kind? {
    guard text == "tick" || text == "profile", lexer.byte() == UInt8(ascii: "-"),
      let next = lexer.byte(1), isIdentifierPart(next)
    else { return nil }
    let start = token.range.start
    var end = lexer.position + 1
    while end < lexer.bytes.count && isIdentifierPart(lexer.bytes[end]) { end += 1 }
    let range = SourceRange(start, end)
    record(.event, range)
    skipTo(end, from: end)
    let specification = ProbeSpecification(
      text: lexer.source.text(range), range: range, fetchArguments: [])
    return try parseTimer(specification, isAlone: true)
  }

  private mutating func parseTimer(
    _ specification: ProbeSpecification, isAlone: Bool
  ) throws -> Statement.Kind {
    let range = specification.range
    if !isAlone || !specification.fetchArguments.isEmpty {
      error("a timer stands alone, without further events, arguments or a filter", at: range)
    }
    let isProfile = specification.text.utf8.first == UInt8(ascii: "p")
    let nanoseconds = period(of: specification) ?? 1
    return .timer(
      TimerDeclaration(
        isProfile: isProfile, nanoseconds: nanoseconds, range: range,
        handler: try parseHandler(of: specification.text)))
  }

  /// The nanoseconds between two runs of a timer such as `tick-10ms` or `profile-99hz`; nil when
  /// an error has been reported.
  private mutating func period(of specification: ProbeSpecification) -> Int64? {
    let range = specification.range
    let parts = specification.text.split(separator: "-", maxSplits: 1)
    let interval = parts.count > 1 ? parts[1] : ""
    let digits = interval.prefix { $0.isASCII && $0.isNumber }
    let unit = interval.dropFirst(digits.count)
    guard let count = Int64(digits) else {
      error(
        digits.isEmpty
          ? "a timer has a number and a unit, as in 'tick-1s' or 'profile-99hz'"
          : "this timer's number does not fit in 64 bits", at: range)
      return nil
    }
    let second: Int64 = 1_000_000_000
    let result: (partialValue: Int64, overflow: Bool)
    switch unit.lowercased() {
    case "hz": result = (count > 0 ? second / count : 0, false)
    case "s", "sec": result = count.multipliedReportingOverflow(by: second)
    case "ms", "msec": result = count.multipliedReportingOverflow(by: 1_000_000)
    case "us", "usec": result = count.multipliedReportingOverflow(by: 1_000)
    case "":
      error("a timer needs a unit: s, ms, us or hz", at: range)
      return nil
    default:
      error("unknown unit '\(unit)' of a timer; there are s, ms, us and hz", at: range)
      return nil
    }
    guard !result.overflow && result.partialValue > 0 else {
      error("this timer's period must lie between 1 ns and 292 years", at: range)
      return nil
    }
    return result.partialValue
  }

  // MARK: - Limits

  /// Parses `limit NAME VALUE` when the present token begins one; `limit` is a name otherwise.
  mutating func parseLimit() throws -> Statement.Kind? {
    let next = peek()
    guard text == "limit", next.kind == .identifier, !next.startsLine else { return nil }
    if openBlocks > 0 {
      error("a limit stands at the top of the script, outside of blocks", at: token.range)
    }
    advance()
    let name = Name(text: text, range: token.range)
    lexer.allowsSizes = true
    defer { lexer.allowsSizes = false }
    advance()
    let range = token.range
    guard case .integer(let value, _) = token.kind, !token.startsLine else {
      throw unexpected("the value of the limit '\(name.text)', such as 100 or 4M")
    }
    lexer.allowsSizes = false
    advance()
    guard let value = Int64(exactly: value) else {
      error("this number does not fit in 64 bits", at: range)
      return .limit(LimitDirective(name: name, value: 0, valueRange: range))
    }
    return .limit(LimitDirective(name: name, value: value, valueRange: range))
  }
}
