// SPDX-License-Identifier: GPL-2.0-or-later

/// Builds the syntax tree of a script by recursive descent.
///
/// After an error it goes on at the next statement, so that one run reports several. It takes any
/// bytes: it always ends, and nesting beyond `maximumDepth` is an error, not a stack overflow.
public struct Parser {
  /// The levels of brackets, blocks and prefix operators that may be open at once.
  static let maximumDepth = 200
  /// The greatest `Expression.height`, which long chains of operators reach without nesting.
  static let maximumHeight = 500

  /// Thrown when an error has been reported and the construct cannot go on.
  struct SyntaxError: Error {}

  /// What the statements of the function being parsed may be.
  struct FunctionContext {
    var loops = 0
    var isFunction = false
    var isVariadic = false
  }

  var lexer: Lexer
  /// The token to be looked at; the lexer stands right behind it.
  var token: Token
  /// Where the token before it ended.
  var previousEnd = 0
  var depth = 0
  var context = FunctionContext()
  /// The blocks that are open, functions' bodies included; 0 at the top level.
  var openBlocks = 0
  /// The parentheses of loops' headers that are open. After an error in one, semicolons within
  /// are no ends of statements.
  var openHeaders = 0
  /// The braces of tables that are open. After an error in one, its `}` closes no block.
  var openTables = 0
  var expressionCount = 0
  var functionCount = 0
  var statementCount = 0
  var unparsed: [SourceRange] = []
  /// The greatest height of an expression since the function being parsed began.
  var tallest = 0
  /// Where the last syntax error was reported: one place gets one.
  private var lastErrorStart = -1
  private var hasGivenUp = false
  /// What has been taken so far, for the formatter; nil when nobody wants it.
  var pieces: [Piece]?

  /// Parses `source`. The tree is worth analysing only when `diagnostics` holds no error.
  public static func parse(_ source: SourceText) -> (script: Script, diagnostics: Diagnostics) {
    var parser = Parser(source)
    let statements = parser.parseStatements(until: nil)
    let script = Script(
      statements: statements, expressionCount: parser.expressionCount,
      functionCount: parser.functionCount, unparsed: parser.unparsed)
    return (script, parser.lexer.diagnostics)
  }

  /// Parses `source` and keeps what it is made of.
  static func parsePieces(_ source: SourceText) -> ParsedPieces {
    var parser = Parser(source)
    parser.pieces = []
    let statements = parser.parseStatements(until: nil)
    parser.record(.token(.end), parser.token.range)
    let script = Script(
      statements: statements, expressionCount: parser.expressionCount,
      functionCount: parser.functionCount)
    return ParsedPieces(
      script: script, statementCount: parser.statementCount, pieces: parser.pieces ?? [],
      diagnostics: parser.lexer.diagnostics)
  }

  private init(_ source: SourceText) {
    lexer = Lexer(source: source)
    token = lexer.next()
  }

  // MARK: - Tokens

  mutating func record(_ kind: Piece.Kind, _ range: SourceRange) {
    pieces?.append(Piece(kind: kind, range: range))
  }

  mutating func advance() {
    record(.token(token.kind), token.range)
    step()
  }

  /// Goes on to the next token without recording the present one.
  mutating func step() {
    previousEnd = token.range.end
    token = lexer.next()
    if lexer.diagnostics.all.count >= Lexer.maximumErrors && !hasGivenUp {
      lexer.diagnostics.error("too many errors; the rest is not checked", at: token.range)
      giveUp()
    }
  }

  /// Looks at the token behind the present one.
  func peek() -> Token {
    var ahead = lexer
    return ahead.next()
  }

  func at(_ punctuator: Punctuator) -> Bool { token.kind == .punctuator(punctuator) }

  func at(_ keyword: Keyword) -> Bool { token.kind == .keyword(keyword) }

  /// The text of the present token.
  var text: String { lexer.source.text(token.range) }

  mutating func accept(_ punctuator: Punctuator) -> Bool {
    guard at(punctuator) else { return false }
    advance()
    return true
  }

  mutating func accept(_ keyword: Keyword) -> Bool {
    guard at(keyword) else { return false }
    advance()
    return true
  }

  /// Takes `punctuator`; `where` says what it would end or begin, as in "after 'if'".
  mutating func expect(_ punctuator: Punctuator, _ place: String) throws {
    if !accept(punctuator) { throw unexpected("'\(punctuator.rawValue)' \(place)") }
  }

  /// Takes the bracket that closes `opening`.
  mutating func expectClosing(_ punctuator: Punctuator, _ opening: SourceRange) throws {
    if accept(punctuator) { return }
    let open = lexer.source.text(opening)
    throw unexpected(
      "'\(punctuator.rawValue)'",
      notes: [Diagnostic.Note("to close this '\(open)'", at: opening)])
  }

  /// The present token as a name, taken. Keywords are names behind a dot and in table entries.
  mutating func takeName() -> Name {
    let name = Name(text: text, range: token.range)
    advance()
    return name
  }

  mutating func expectName(_ what: String) throws -> Name {
    if token.kind == .identifier { return takeName() }
    if case .keyword = token.kind {
      throw error("'\(text)' is a keyword and cannot be \(what)", at: token.range)
    }
    throw unexpected(what)
  }

  /// From `start` to the end of the last token taken.
  func range(from start: Int) -> SourceRange { SourceRange(start, previousEnd) }

  // MARK: - Errors

  /// Reports that something else than the present token was expected.
  mutating func unexpected(_ expected: String, notes: [Diagnostic.Note] = []) -> SyntaxError {
    if token.kind == .end {
      let range = SourceRange(previousEnd, previousEnd)
      return error("expected \(expected) before the end of the script", at: range, notes: notes)
    }
    // What is missing at a line's end is shown there, not at the next line's beginning.
    if token.startsLine && previousEnd > 0 {
      let range = SourceRange(previousEnd, previousEnd)
      return error("expected \(expected) here", at: range, notes: notes)
    }
    let found = describe(token)
    return error("expected \(expected), found \(found)", at: token.range, notes: notes)
  }

  /// Reports an error; throw the result to abandon the construct.
  @discardableResult
  mutating func error(
    _ message: String, at range: SourceRange, notes: [Diagnostic.Note] = [],
    fixIt: Diagnostic.FixIt? = nil
  ) -> SyntaxError {
    if !hasGivenUp && range.start != lastErrorStart {
      lastErrorStart = range.start
      lexer.diagnostics.error(message, at: range, notes: notes, fixIt: fixIt)
    }
    return SyntaxError()
  }

  private func describe(_ token: Token) -> String {
    switch token.kind {
    case .identifier, .integer, .punctuator: "'\(lexer.source.text(token.range))'"
    case .keyword: "the keyword '\(lexer.source.text(token.range))'"
    case .string: "a string"
    case .end: "the end of the script"
    }
  }

  /// Skips to the end of the script and reports nothing more.
  private mutating func giveUp() {
    hasGivenUp = true
    lexer.position = lexer.bytes.count
    token = lexer.next()
  }

  /// Enters a level of nesting; `leave` it, also after an error.
  mutating func enter() throws {
    depth += 1
    if depth > Self.maximumDepth {
      error("this is nested more than \(Self.maximumDepth) levels deep", at: token.range)
      giveUp()
      depth -= 1
      throw SyntaxError()
    }
  }

  mutating func leave() { depth -= 1 }

  /// Skips the rest of a statement that has an error: to a `;`, behind a block in braces, or to
  /// the next line that begins outside of brackets with what can begin a statement.
  /// The brackets of loops' headers and tables that it has left open are skipped too.
  mutating func recover(from start: Int, headers: Int, tables: Int) {
    var brackets = headers
    var tables = tables
    while token.kind != .end {
      // A statement keyword begins a new statement even when brackets were left open.
      if token.startsLine && token.range.start > start && beginsStatement(brackets + tables) {
        return
      }
      switch token.kind {
      case .punctuator(.leftParenthesis), .punctuator(.leftBracket):
        brackets += 1
      case .punctuator(.rightParenthesis), .punctuator(.rightBracket):
        brackets = max(0, brackets - 1)
      case .punctuator(.leftBrace):
        skipBraces()
        if brackets + tables == 0 { return }
        continue
      case .punctuator(.rightBrace):
        if tables == 0 { return }
        tables -= 1
      case .punctuator(.semicolon) where brackets + tables == 0:
        advance()
        return
      default:
        break
      }
      advance()
    }
  }

  private func beginsStatement(_ brackets: Int) -> Bool {
    switch token.kind {
    case .identifier: brackets == 0
    case .keyword(let keyword):
      switch keyword {
      case .trace, .traceEnd, .if, .while, .repeat, .for, .break, .continue, .return, .local, .var:
        true
      case .function: brackets == 0
      default: false
      }
    default: false
    }
  }

  /// Skips from `{` to behind the matching `}`.
  private mutating func skipBraces() {
    var braces = 0
    repeat {
      if at(.leftBrace) { braces += 1 }
      if at(.rightBrace) { braces -= 1 }
      advance()
    } while braces > 0 && token.kind != .end
  }
}
