// SPDX-License-Identifier: GPL-2.0-or-later
@testable import Language

/// A script with marker lines, which say what is expected under the line before them:
///
///     pritnf("x")
///     ^^^^^^ error: unknown function 'pritnf', did you mean 'printf'?
///
/// The carets stand exactly under the range; a range without bytes has one caret. A line may
/// have several markers. Notes with a place are marked as `note: …`.
struct MarkedScript {
  let source: SourceText
  let expected: [String]

  init(_ text: String) {
    var lines: [Substring] = []
    var expected: [String] = []
    for line in text.split(separator: "\n", omittingEmptySubsequences: false) {
      let trimmed = line.drop { $0 == " " }
      guard trimmed.first == "^" else {
        lines.append(line)
        continue
      }
      let carets = trimmed.prefix { $0 == "^" }
      let message = trimmed.dropFirst(carets.count).drop { $0 == " " }
      let column = line.count - trimmed.count + 1
      expected.append("\(lines.count):\(column):\(carets.count): \(message)")
    }
    source = SourceText(name: "test.kp", text: lines.joined(separator: "\n"))
    self.expected = expected.sorted()
  }

  /// What was reported, in the form of `expected`.
  func describe(_ diagnostics: Diagnostics) -> [String] {
    diagnostics.all.flatMap { found in
      [describe(found.range, "\(found.severity.rawValue): \(found.message)")]
        + found.notes.compactMap { note in
          note.range.map { describe($0, "note: \(note.message)") }
        }
    }.sorted()
  }

  private func describe(_ range: SourceRange, _ message: String) -> String {
    let place = source.location(at: range.start)
    let end = min(range.end, source.rangeOfLine(place.line).end)
    let width = max(1, source.characters(SourceRange(range.start, end)).count)
    return "\(place.line):\(place.column):\(width): \(message)"
  }
}

/// What parsing a marked script reports, and what its markers say: to be compared.
func reports(_ text: String) -> (found: String, expected: String) {
  let marked = MarkedScript(text)
  let found = marked.describe(Parser.parse(marked.source).diagnostics)
  return (found.joined(separator: "\n"), marked.expected.joined(separator: "\n"))
}
