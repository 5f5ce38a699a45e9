// SPDX-License-Identifier: GPL-2.0-or-later

/// Tells whether two scripts differ in white space only, and in what formatting leaves out.
struct ScriptComparison {
  /// Whether both parse, with the same tokens, comments and structure.
  static func areSame(_ left: SourceText, _ right: SourceText) -> Bool {
    let one = Parser.parsePieces(left)
    let other = Parser.parsePieces(right)
    return !one.diagnostics.hasErrors && !other.diagnostics.hasErrors
      && one.statementCount == other.statementCount
      && one.script.expressionCount == other.script.expressionCount
      && one.script.functionCount == other.script.functionCount
      && words(one, left) == words(other, right) && comments(one, left) == comments(other, right)
  }

  private static func words(_ parsed: ParsedPieces, _ source: SourceText) -> [[UInt8]] {
    var words: [[UInt8]] = []
    for piece in parsed.pieces where !piece.isToken(.semicolon) {
      // A comma behind the last entry of a table means nothing.
      if piece.isToken(.rightBrace), words.last == [UInt8(ascii: ",")] { words.removeLast() }
      let text = source.bytes[piece.range.start..<piece.range.end]
      words.append(piece.kind == .filter ? text.filter { !isSpace($0) } : Array(text))
    }
    return words
  }

  private static func comments(_ parsed: ParsedPieces, _ source: SourceText) -> [[UInt8]] {
    GapScanner.complete(parsed.pieces, in: source).flatMap { $0.leading + $0.trailing }
      .sorted { $0.range.start < $1.range.start }
      .map { comment in
        source.bytes[comment.range.start..<comment.range.end].filter { !isSpace($0) }
      }
  }
}
