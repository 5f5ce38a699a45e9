// SPDX-License-Identifier: GPL-2.0-or-later

/// Turns the pieces of a script into a document. It walks the syntax tree, which says what each
/// piece is for, and takes the pieces in their order; every piece takes its comments along.
struct ScriptFormatter {
  /// What a block is indented by, and what the rest of a statement is that needs several lines.
  static let blockIndent = 2
  static let continuationIndent = 4

  let source: SourceText
  private let pieces: [Piece]
  private var index = 0
  /// The leading comments of the present piece have been taken.
  private var tookLeading = false
  /// An empty line stood before a semicolon that has been dropped.
  private var droppedBlank = false

  init(_ source: SourceText, _ pieces: [Piece]) {
    self.source = source
    self.pieces = pieces
  }

  /// The whole script.
  mutating func document(_ script: Script) -> Document {
    let body = statements(script.statements)
    let rest = danglingComments(after: body)
    return .sequence(body, rest)
  }

  // MARK: - Pieces

  /// The piece to be taken next.
  var next: Piece { pieces[index] }

  func at(_ punctuator: Punctuator) -> Bool { next.isToken(punctuator) }

  func at(_ keyword: Keyword) -> Bool { next.kind == .token(.keyword(keyword)) }

  func text(_ piece: Piece) -> ArraySlice<UInt8> {
    source.bytes[piece.range.start..<piece.range.end]
  }

  /// The next piece and its comments.
  mutating func take() -> Document { take(as: .text(text(next))) }

  /// Takes the next piece, of which `shown` is the text.
  mutating func take(as shown: Document) -> Document {
    let leading = takeLeading()
    let trailing = trailingComments()
    index += 1
    tookLeading = false
    return .sequence(leading, shown, trailing)
  }

  /// Takes the next piece without its text; its comments stay.
  mutating func drop() -> Document {
    if next.followsBlank { droppedBlank = true }
    return take(as: .empty)
  }

  /// Whether an empty line stands before the next piece and its comments.
  var isSetOff: Bool { next.isSetOff || droppedBlank }

  /// The comments in front of the next piece, which it is then without.
  mutating func takeLeading() -> Document {
    if tookLeading { return .empty }
    tookLeading = true
    droppedBlank = false
    var parts: [Document] = []
    var comments = next.leading[...]
    while let first = comments.popFirst() {
      // The comments of one line stay together.
      var last = first
      var words = text(first)
      while let more = comments.first, !more.startsLine {
        last = more
        words += [UInt8(ascii: " ")] + text(more)
        comments.removeFirst()
      }
      if first.followsBlank && !parts.isEmpty { parts.append(.blankLine) }
      let endsLine = comments.first?.startsLine ?? next.startsLine
      if last.isLine || endsLine || next.kind == .token(.end) {
        parts.append(.comment(words, .ownLine))
      } else if next.closes {
        parts += [.space, .comment(words, .inline)]
      } else {
        parts += [.comment(words, .inline), .space]
      }
    }
    if !parts.isEmpty && next.followsBlank && !next.closes && next.kind != .token(.end) {
      parts.append(.blankLine)
    }
    return .sequence(parts)
  }

  private func trailingComments() -> Document {
    let endsLine =
      index + 1 >= pieces.count || pieces[index + 1].beginsLine
      || pieces[index + 1].kind == .token(.end)
    var parts: [Document] = []
    for (number, comment) in next.trailing.enumerated() {
      let isLast = number + 1 == next.trailing.count
      if comment.isLine || (isLast && endsLine) {
        parts.append(.comment(text(comment), .lineEnd))
      } else {
        parts += [.space, .comment(text(comment), .inline)]
      }
    }
    return .sequence(parts)
  }

  /// A comment without white space at the ends of its lines.
  private func text(_ comment: Comment) -> [UInt8] {
    let bytes = source.bytes[comment.range.start..<comment.range.end]
    let lines = bytes.split(separator: UInt8(ascii: "\n"), omittingEmptySubsequences: false)
    return Array(
      lines.map { line in
        line[..<((line.lastIndex { !isSpace($0) } ?? line.startIndex - 1) + 1)]
      }.joined(separator: [UInt8(ascii: "\n")]))
  }

  /// The comments before the bracket that ends a list, on lines of their own.
  mutating func danglingComments(after content: Document) -> Document {
    if next.leading.isEmpty || tookLeading { return .empty }
    let isSetOff = isSetOff && !content.isEmpty
    let comments = takeLeading()
    if content.isEmpty { return comments }
    return .sequence(isSetOff ? .blankLine : .hardLine, comments)
  }
}

// MARK: - Formatting

/// What became of a script that was to be formatted.
public struct Formatting: Sendable {
  /// The canonical form; nil when the script has errors.
  public let bytes: [UInt8]?
  /// What the parser found.
  public let diagnostics: Diagnostics
}

/// Brings a script into canonical form: its tokens and comments stay what they are, but for
/// semicolons that are not needed and commas behind the last entry of a line; the white space
/// between them is made anew, and up to one empty line stays where there were some.
public func format(_ source: SourceText) -> Formatting {
  format(source, print: DocumentPrinter.print)
}

func format(_ source: SourceText, print: (Document) -> [UInt8]) -> Formatting {
  let parsed = Parser.parsePieces(source)
  if parsed.diagnostics.hasErrors { return Formatting(bytes: nil, diagnostics: parsed.diagnostics) }
  let pieces = GapScanner.complete(parsed.pieces, in: source)
  var formatter = ScriptFormatter(source, pieces)
  let bytes = print(formatter.document(parsed.script))
  var diagnostics = parsed.diagnostics
  let result = SourceText(name: source.name, bytes: bytes)
  guard ScriptComparison.areSame(source, result) else {
    // Nobody's script is to be damaged by a mistake of ours.
    diagnostics.error(
      "the formatter would change what this script does: please report this",
      at: SourceRange(0, 0))
    return Formatting(bytes: nil, diagnostics: diagnostics)
  }
  return Formatting(bytes: bytes, diagnostics: diagnostics)
}
