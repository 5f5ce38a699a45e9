// SPDX-License-Identifier: GPL-2.0-or-later

/// Reads what follows `trace`: events, their fetch arguments and the filter, which are no tokens
/// of the language. Works on the source itself, or on the value of a string literal, whose bytes
/// it can trace back to the source.
struct EventScanner {
  /// For comments and strings in the source, and for what they report. In a string literal's
  /// value there are no comments, and quotes have no escapes of their own.
  var lexer: Lexer
  let bytes: [UInt8]
  /// The source offset of each byte and of the end; nil when `bytes` are the source's.
  private let offsets: [Int]?
  var position: Int
  /// Where the last event or argument ended.
  private(set) var wordEnd: Int
  var errors: [Diagnostic] = []

  /// Whether this reads the value of a string literal.
  var isQuoted: Bool { offsets != nil }

  /// Reads the source from the lexer's position.
  init(_ lexer: Lexer) {
    self.lexer = lexer
    bytes = lexer.bytes
    offsets = nil
    position = lexer.position
    wordEnd = position
  }

  /// Reads the value of a literal that `lexer` has just passed.
  init(_ literal: StringLiteral, _ lexer: Lexer) {
    self.lexer = lexer
    bytes = literal.bytes
    offsets = literal.offsets
    position = 0
    wordEnd = 0
  }

  // MARK: - Bytes and places

  func byte(_ distance: Int = 0) -> UInt8? {
    let index = position + distance
    return index < bytes.count ? bytes[index] : nil
  }

  func at(_ character: Unicode.Scalar) -> Bool { byte() == UInt8(ascii: character) }

  mutating func accept(_ text: StaticString) -> Bool {
    let matches = text.withUTF8Buffer { bytes[min(position, bytes.count)...].starts(with: $0) }
    if matches { position += text.utf8CodeUnitCount }
    return matches
  }

  /// Where the bytes from index `start` to `end` stand in the source.
  func range(_ start: Int, _ end: Int) -> SourceRange {
    guard let offsets else { return SourceRange(start, end) }
    return SourceRange(offsets[start], offsets[end])
  }

  func text(_ start: Int, _ end: Int) -> String {
    String(decoding: bytes[start..<end], as: UTF8.self)
  }

  mutating func error(
    _ message: String, _ start: Int, _ end: Int, fixIt replacement: String? = nil,
    notes: [Diagnostic.Note] = []
  ) {
    let range = range(start, max(start, min(end, bytes.count)))
    let fixIt = replacement.map { Diagnostic.FixIt(replace: range, with: $0) }
    errors.append(Diagnostic(.error, message, at: range, notes: notes, fixIt: fixIt))
  }

  /// Whether a string literal of the source begins here.
  private var atString: Bool {
    at("\"") || at("'") || (at("[") && byte(1) == UInt8(ascii: "["))
  }

  /// Skips white space, and in the source comments.
  mutating func skipSpace() {
    if isQuoted {
      while let next = byte(), isSpace(next) { position += 1 }
    } else {
      lexer.position = position
      lexer.skipTrivia()
      position = lexer.position
    }
  }

  // MARK: - Events

  /// Reads `event [fetch arguments], …` up to a filter, a handler or the end.
  mutating func parseSpecifications() -> [ProbeSpecification] {
    var list: [ProbeSpecification] = []
    var comma = position
    while true {
      skipSpace()
      if !isQuoted && !list.isEmpty && atString {
        position = comma  // the caller takes the comma and the literal
        break
      }
      guard let specification = parseSpecification() else { break }
      list.append(specification)
      skipSpace()
      comma = position
      if !accept(",") { break }
    }
    return list
  }

  private mutating func parseSpecification() -> ProbeSpecification? {
    let start = position
    skipEvent()
    let end = position
    let word = text(start, end)
    if start == end || (!isQuoted && Keyword(rawValue: word) != nil) {
      position = start
      error("expected an event, such as 'sched:sched_switch'", start, max(end, start + 1))
      return nil
    }
    if !isTimer(word) && !isEvent(start, end) {
      error("'\(word)' is no event; events are written SYSTEM:EVENT", start, end)
    }
    wordEnd = end
    var arguments: [FetchArgument] = []
    while let argument = parseFetchArgument() { arguments.append(argument) }
    return ProbeSpecification(
      text: word, range: range(start, end), fetchArguments: arguments)
  }

  /// Skips an event. A slash begins the filter unless the event names a file.
  private mutating func skipEvent() {
    var isPath = false
    var sawColon = false
    while let next = byte(), !endsWord(next) {
      if next == UInt8(ascii: "/") && !isPath { return }
      position += 1
      if next == UInt8(ascii: ":") && !sawColon {
        sawColon = true
        isPath = at("/")
      }
    }
  }

  /// Whether the bytes have the form `x:y`.
  private func isEvent(_ start: Int, _ end: Int) -> Bool {
    guard let colon = bytes[start..<end].firstIndex(of: UInt8(ascii: ":")) else { return false }
    return colon > start && colon + 1 < end
  }

  private mutating func parseFetchArgument() -> FetchArgument? {
    skipSpace()
    let start = position
    guard let first = byte(), !endsWord(first), first != UInt8(ascii: "/") else { return nil }
    while let next = byte(), !endsWord(next) { position += 1 }
    let end = position
    if isFetchArgument(start, end) {
      wordEnd = end
      return FetchArgument(text: text(start, end), range: range(start, end))
    }
    position = start
    if isQuoted {
      position = bytes.count
      error(
        "expected a filter between slashes, or an argument to fetch such as 'x=$arg1'", start, end)
    }
    return nil  // in the source the word belongs to the handler
  }

  /// Whether the bytes have the form of an argument, with or without `name=`.
  private func isFetchArgument(_ start: Int, _ end: Int) -> Bool {
    var index = start
    if isIdentifierStart(bytes[start]) {
      while index < end && isIdentifierPart(bytes[index]) { index += 1 }
      return index + 1 < end && bytes[index] == UInt8(ascii: "=")
        && bytes[index + 1] != UInt8(ascii: "=")
    }
    return "%$@+-\\".utf8.contains(bytes[start]) && end > start + 1
  }

  private func endsWord(_ byte: UInt8) -> Bool {
    if isSpace(byte) || byte == UInt8(ascii: ",") { return true }
    return !isQuoted && "{};\"'".utf8.contains(byte)
  }

  /// Reports what is left of a string literal.
  mutating func finish() {
    skipSpace()
    if isQuoted && position < bytes.count {
      error("unexpected text behind the events to trace", position, bytes.count)
    }
  }
}

/// Whether an event has the form of a timer.
func isTimer(_ event: String) -> Bool {
  event.utf8.starts(with: "tick-".utf8) || event.utf8.starts(with: "profile-".utf8)
}

func isSpace(_ byte: UInt8) -> Bool {
  byte == UInt8(ascii: " ") || (9...13).contains(byte)
}
