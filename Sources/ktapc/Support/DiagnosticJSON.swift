// SPDX-License-Identifier: GPL-2.0-or-later
import Foundation
import Language

/// How findings about a script are reported.
enum DiagnosticForm {
  /// For people, on standard error.
  case text
  /// One JSON object a line on standard output, for editors; docs/ktapc.md lists the keys.
  case json
}

/// A finding as JSON. Keys stay; new ones may be added.
struct DiagnosticJSON: Encodable {
  /// `line` and `column` from 1, the column in Unicode scalars; `offset` in bytes from 0.
  struct Position: Encodable {
    let line: Int
    let column: Int
    let offset: Int

    init(_ offset: Int, in source: SourceText) {
      let location = source.location(at: offset)
      line = location.line
      column = location.column
      self.offset = offset
    }
  }

  /// From `line`, `column` and `offset` to `end`, which is behind the last character.
  struct Place {
    let start: Position
    let end: Position

    init(_ range: SourceRange, in source: SourceText) {
      start = Position(range.start, in: source)
      end = Position(range.end, in: source)
    }
  }

  struct Note: Encodable {
    let message: String
    let place: Place?

    func encode(to encoder: any Encoder) throws {
      var container = encoder.container(keyedBy: Key.self)
      try container.encode(message, forKey: .message)
      try container.encode(place)
    }
  }

  struct Fix: Encodable {
    let place: Place
    let replacement: String

    func encode(to encoder: any Encoder) throws {
      var container = encoder.container(keyedBy: Key.self)
      try container.encode(replacement, forKey: .replacement)
      try container.encode(place)
    }
  }

  enum Key: CodingKey {
    case type, severity, message, file, line, column, offset, end, notes, fix, replacement
  }

  private let severity: Diagnostic.Severity
  private let message: String
  private let file: String
  private var place: Place?
  private var notes: [Note] = []
  private var fix: Fix?

  init(_ diagnostic: Diagnostic, in source: SourceText) {
    severity = diagnostic.severity
    message = diagnostic.message
    file = source.name
    place = Place(diagnostic.range, in: source)
    notes = diagnostic.notes.map { note in
      Note(message: note.message, place: note.range.map { Place($0, in: source) })
    }
    fix = diagnostic.fixIt.map {
      Fix(place: Place($0.range, in: source), replacement: $0.replacement)
    }
  }

  /// An error about a file as a whole.
  init(error message: String, file: String) {
    severity = .error
    self.message = message
    self.file = file
  }

  func encode(to encoder: any Encoder) throws {
    var container = encoder.container(keyedBy: Key.self)
    try container.encode("diagnostic", forKey: .type)
    try container.encode(severity.rawValue, forKey: .severity)
    try container.encode(message, forKey: .message)
    try container.encode(file, forKey: .file)
    try container.encode(place)
    try container.encode(notes, forKey: .notes)
    try container.encodeIfPresent(fix, forKey: .fix)
  }

  /// Writes objects, one a line.
  static func write(_ findings: [DiagnosticJSON]) throws {
    let encoder = JSONEncoder()
    encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
    var lines: [UInt8] = []
    for finding in findings { lines += try encoder.encode(finding) + [UInt8(ascii: "\n")] }
    // Not through print(): another program may take this one's place before its buffer is written.
    try Files.flushOutput()
    try Files.write(lines, to: "-")
  }
}

extension KeyedEncodingContainer<DiagnosticJSON.Key> {
  fileprivate mutating func encode(_ place: DiagnosticJSON.Place?) throws {
    guard let place else { return }
    try encode(place.start.line, forKey: .line)
    try encode(place.start.column, forKey: .column)
    try encode(place.start.offset, forKey: .offset)
    try encode(place.end, forKey: .end)
  }
}
