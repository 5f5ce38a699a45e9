// SPDX-License-Identifier: GPL-2.0-or-later

/// Text with the places where its lines may be broken. `DocumentPrinter` decides which are.
struct Document: Sendable {
  indirect enum Node: Sendable {
    case empty
    case text([UInt8])
    /// A space, or nothing, where the group around it stands on one line; else a line end.
    case line(isSpace: Bool)
    case hardLine
    /// A line end and an empty line.
    case blankLine
    case comment([UInt8], CommentPlace)
    case sequence([Document])
    case indent(Int, Document)
    /// Stands on one line if that is long enough.
    case group(Document)
    /// The first that fits: as a whole, or else up to its first line end. The last one always does.
    case alternatives([Document])
  }

  enum CommentPlace: Sendable {
    /// On lines of its own.
    case ownLine
    /// At the end of a line.
    case lineEnd
    /// Between other things of a line.
    case inline
  }

  let node: Node
  /// Whether it holds a line end in any case, so that groups round it are broken.
  let breaks: Bool
  /// Whether what stands behind it must begin a new line.
  let endsInComment: Bool

  private init(_ node: Node, breaks: Bool = false, endsInComment: Bool = false) {
    self.node = node
    self.breaks = breaks
    self.endsInComment = endsInComment
  }

  var isEmpty: Bool {
    if case .empty = node { true } else { false }
  }

  /// What a group holds, which is then broken.
  var withoutGroup: Document {
    if case .group(let inner) = node { inner } else { self }
  }

  static let empty = Document(.empty)
  static let space = text(" ")
  /// A space or a line end.
  static let line = Document(.line(isSpace: true))
  /// Nothing or a line end.
  static let softLine = Document(.line(isSpace: false))
  static let hardLine = Document(.hardLine, breaks: true)
  static let blankLine = Document(.blankLine, breaks: true)

  static func text(_ bytes: some Sequence<UInt8>) -> Document { Document(.text(Array(bytes))) }

  static func text(_ string: String) -> Document { text(string.utf8) }

  static func comment(_ bytes: [UInt8], _ place: CommentPlace) -> Document {
    Document(
      .comment(bytes, place), breaks: place == .ownLine, endsInComment: place != .inline)
  }

  static func sequence(_ parts: [Document]) -> Document {
    let parts = parts.filter { !$0.isEmpty }
    guard let last = parts.last else { return .empty }
    if parts.count == 1 { return last }
    return Document(
      .sequence(parts),
      breaks: parts.contains(where: \.breaks) || parts.dropLast().contains(where: \.endsInComment),
      endsInComment: last.endsInComment)
  }

  static func sequence(_ parts: Document...) -> Document { sequence(parts) }

  static func indent(_ columns: Int, _ document: Document) -> Document {
    if columns == 0 || document.isEmpty { return document }
    return Document(
      .indent(columns, document), breaks: document.breaks, endsInComment: document.endsInComment)
  }

  static func group(_ document: Document) -> Document {
    Document(
      .group(document), breaks: document.breaks, endsInComment: document.endsInComment)
  }

  static func alternatives(_ documents: [Document]) -> Document {
    Document(
      .alternatives(documents), breaks: documents[0].breaks,
      endsInComment: documents[0].endsInComment)
  }

  static func join(_ parts: [Document], _ separator: Document) -> Document {
    var all: [Document] = []
    for part in parts {
      if !all.isEmpty { all.append(separator) }
      all.append(part)
    }
    return sequence(all)
  }
}
