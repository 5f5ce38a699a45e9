// SPDX-License-Identifier: GPL-2.0-or-later

/// A stretch of the source that the parser took as a whole: a token, or a part of a `trace`
/// statement's head, which has a syntax of its own.
struct Piece: Sendable {
  enum Kind: Equatable, Sendable {
    case token(Token.Kind)
    /// An event without quotes, or a timer.
    case event
    case fetchArgument
    /// With its slashes.
    case filter
    /// The `;` that is a whole body.
    case emptyBody
  }

  let kind: Kind
  let range: SourceRange
  /// The comments that belong in front of it.
  var leading: [Comment] = []
  /// The comments that belong behind it, on its line.
  var trailing: [Comment] = []
  /// Whether a line end, and whether an empty line, stands between it and what is before it.
  var startsLine = false
  var followsBlank = false

  init(kind: Kind, range: SourceRange) {
    self.kind = kind
    self.range = range
  }

  func isToken(_ punctuator: Punctuator) -> Bool { kind == .token(.punctuator(punctuator)) }

  /// Whether an empty line stands before it and its comments.
  var isSetOff: Bool { leading.first?.followsBlank ?? followsBlank }

  /// Whether it is the first of its line; a comment on a line before it counts as a line.
  var beginsLine: Bool { startsLine || leading.contains(where: \.startsLine) }
}

/// A script in both forms.
struct ParsedPieces {
  let script: Script
  /// All statements, those in blocks too.
  let statementCount: Int
  let pieces: [Piece]
  let diagnostics: Diagnostics
}

/// A comment, or the `#!` line.
struct Comment: Sendable {
  let range: SourceRange
  /// Ends with its line.
  let isLine: Bool
  let startsLine: Bool
  let followsBlank: Bool
}

/// The white space, comments and commas between two pieces.
struct GapScanner {
  private let bytes: [UInt8]
  private var position: Int
  private var lineFeeds = 0

  init(_ bytes: [UInt8], from start: Int) {
    self.bytes = bytes
    position = start
  }

  /// Takes the pieces apart that `found` leaves between them: gives each its comments, and adds the
  /// commas of event lists, which the parser does not take one by one.
  static func complete(_ found: [Piece], in source: SourceText) -> [Piece] {
    var pieces: [Piece] = []
    var end = source.bytes.starts(with: [0xef, 0xbb, 0xbf]) ? 3 : 0
    for var piece in found {
      var scanner = GapScanner(source.bytes, from: end)
      var comments: [Comment] = []
      while scanner.position < piece.range.start {
        if let comment = scanner.comment() {
          comments.append(comment)
        } else if source.bytes[scanner.position] == UInt8(ascii: ",") {
          let range = SourceRange(scanner.position, scanner.position + 1)
          var comma = Piece(kind: .token(.punctuator(.comma)), range: range)
          scanner.position += 1
          scanner.give(&comma, comments, &pieces)
          comments = []
        } else {
          scanner.skip()
        }
      }
      scanner.give(&piece, comments, &pieces)
      end = piece.range.end
    }
    return pieces
  }

  private mutating func skip() {
    if bytes[position] == UInt8(ascii: "\n") { lineFeeds += 1 }
    position += 1
  }

  /// The comment that begins here, taken.
  private mutating func comment() -> Comment? {
    let start = position
    let next = start + 1 < bytes.count ? bytes[start + 1] : 0
    let isBlock = bytes[start] == UInt8(ascii: "/") && next == UInt8(ascii: "*")
    guard
      isBlock || bytes[start] == UInt8(ascii: "#")
        || (bytes[start] == UInt8(ascii: "/") && next == UInt8(ascii: "/"))
    else { return nil }
    if isBlock {
      position += 2
      while !(bytes[position] == UInt8(ascii: "*") && bytes[position + 1] == UInt8(ascii: "/")) {
        position += 1
      }
      position += 2
    } else {
      while position < bytes.count && bytes[position] != UInt8(ascii: "\n") { position += 1 }
    }
    defer { lineFeeds = 0 }
    return Comment(
      range: SourceRange(start, position), isLine: !isBlock, startsLine: lineFeeds > 0,
      followsBlank: lineFeeds > 1)
  }

  /// Appends a piece; the comments before it go to the piece that they explain: what stands on the
  /// line of the piece before, with nothing behind, belongs to that.
  private mutating func give(_ piece: inout Piece, _ comments: [Comment], _ pieces: inout [Piece]) {
    piece.startsLine = lineFeeds > 0
    piece.followsBlank = lineFeeds > 1
    lineFeeds = 0
    var rest = comments[...]
    if let last = pieces.indices.last {
      let own = rest.firstIndex(where: \.startsLine) ?? rest.endIndex
      let endsLine =
        own < rest.endIndex || piece.startsLine || piece.kind == .token(.end)
        || rest[..<own].last?.isLine == true
      if endsLine || piece.closes {
        pieces[last].trailing += rest[..<own]
        rest = rest[own...]
      }
    }
    piece.leading = Array(rest)
    pieces.append(piece)
  }
}

extension Piece {
  /// Whether it ends or separates what is before it.
  var closes: Bool {
    switch kind {
    case .token(.punctuator(let punctuator)):
      switch punctuator {
      case .comma, .semicolon, .rightParenthesis, .rightBracket, .rightBrace: true
      default: false
      }
    case .emptyBody: true
    default: false
    }
  }
}
