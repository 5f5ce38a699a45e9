// SPDX-License-Identifier: GPL-2.0-or-later

/// Turns diagnostics into text for people.
///
///     count.kp:3:5: error: unknown function 'pritnf', did you mean 'printf'?
///         pritnf("x")
///         ^~~~~~
///         printf
public struct DiagnosticRenderer: Sendable {
  public let source: SourceText
  /// Whether to use ANSI colours.
  public let color: Bool

  private static let tabWidth = 8
  /// The most columns of a source line that are shown; longer lines are cut round the place.
  private static let maximumWidth = 120

  public init(source: SourceText, color: Bool = false) {
    self.source = source
    self.color = color
  }

  /// One diagnostic with its source line and notes; ends with a line feed.
  public func render(_ diagnostic: Diagnostic) -> String {
    let severity = diagnostic.severity.rawValue
    var text = header(
      severity, diagnostic.message, at: diagnostic.range,
      code: diagnostic.severity == .error ? "31" : "35")
    text += snippet(diagnostic.range, fixIt: diagnostic.fixIt)
    for note in diagnostic.notes {
      text += header("note", note.message, at: note.range, code: "36")
      if let range = note.range { text += snippet(range, fixIt: nil) }
    }
    return text
  }

  /// All diagnostics in the order of their places.
  public func render(_ diagnostics: Diagnostics) -> String {
    diagnostics.sorted.map(render).joined()
  }

  private func header(
    _ label: String, _ message: String, at range: SourceRange?, code: String
  ) -> String {
    var place = source.name
    if let range {
      let location = source.location(at: range.start)
      place += ":\(location.line):\(location.column)"
    }
    return paint("\(place): ", "1") + paint("\(label): ", "1;\(code)") + paint(message, "1") + "\n"
  }

  private func paint(_ text: String, _ code: String) -> String {
    color ? "\u{1b}[\(code)m\(text)\u{1b}[0m" : text
  }

  /// The line of `range.start`, the underline, and what the fix-it would put there.
  private func snippet(_ range: SourceRange, fixIt: Diagnostic.FixIt?) -> String {
    let line = source.rangeOfLine(source.line(at: range.start))
    let start = min(max(range.start, line.start), line.end)
    let end = min(max(range.end, start), line.end)
    var columns: [Unicode.Scalar] = []
    append(SourceRange(line.start, start), to: &columns)
    let first = columns.count
    append(SourceRange(start, end), to: &columns)
    let width = max(columns.count - first, 1)
    append(SourceRange(end, line.end), to: &columns)

    // Show the part of an over-long line that holds the place.
    let from = first < Self.maximumWidth - 20 ? 0 : first - Self.maximumWidth / 2
    let to = min(columns.count, from + Self.maximumWidth)
    var text = from > 0 ? "..." : ""
    let indent = String(repeating: " ", count: first - from + text.unicodeScalars.count)
    text.unicodeScalars.append(contentsOf: columns[min(from, to)..<to])
    if to < columns.count { text += "..." }
    let shown = max(min(width, from + Self.maximumWidth - first), 1)
    let underline = "^" + String(repeating: "~", count: shown - 1)
    text += "\n" + indent + paint(underline, "1;32") + "\n"
    if let fixIt, let place = column(of: fixIt.range.start, in: line), place >= from, place <= to,
      !fixIt.replacement.contains("\n")
    {
      let indent = String(repeating: " ", count: place - from + (from > 0 ? 3 : 0))
      text += indent + paint(fixIt.replacement, "32") + "\n"
    }
    return text
  }

  /// How many columns of a line stand before the byte at `offset`; nil when it is in another line.
  private func column(of offset: Int, in line: SourceRange) -> Int? {
    guard offset >= line.start && offset <= line.end else { return nil }
    var columns: [Unicode.Scalar] = []
    append(SourceRange(line.start, offset), to: &columns)
    return columns.count
  }

  /// Appends what a terminal shows for `range`: tabs expanded, control characters made visible,
  /// so that a script cannot send escape sequences to the terminal.
  private func append(_ range: SourceRange, to columns: inout [Unicode.Scalar]) {
    for scalar in source.characters(range) {
      switch scalar.value {
      case 9:
        repeat { columns.append(" ") } while columns.count % Self.tabWidth != 0
      case 0..<0x20, 0x7f..<0xa0, 0x200e, 0x200f, 0x202a...0x202e, 0x2066...0x2069:
        columns.append("\u{fffd}")
      default:
        columns.append(scalar)
      }
    }
  }
}
