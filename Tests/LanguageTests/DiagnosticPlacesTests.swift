// SPDX-License-Identifier: GPL-2.0-or-later
import Language
import Testing

/// The scripts of `diagnostics/` hold what the compiler must say about them: below a line, a comment
/// `#  ^ error: text` whose caret stands under the place (column 1: `#^`). Nothing else may be said.
@Suite struct DiagnosticPlacesTests {
  private struct Finding: Hashable, Comparable, CustomStringConvertible {
    let line: Int
    let column: Int
    let text: String
    var description: String { "\(line):\(column): \(text)" }
    static func < (left: Finding, right: Finding) -> Bool {
      (left.line, left.column, left.text) < (right.line, right.column, right.text)
    }
  }

  private func marked(_ text: String) -> [Finding] {
    var findings: [Finding] = []
    var codeLine = 0
    for (index, line) in text.split(separator: "\n", omittingEmptySubsequences: false).enumerated()
    {
      guard line.hasPrefix("#"), let caret = line.firstIndex(of: "^"),
        line[line.index(after: line.startIndex)..<caret].allSatisfy({ $0 == " " })
      else {
        codeLine = index + 1
        continue
      }
      var column = line.distance(from: line.startIndex, to: caret) + 1
      if line.hasPrefix("#^^") { column = 1 }
      let rest = line[caret...].drop { $0 == "^" }.drop { $0 == " " }
      findings.append(Finding(line: codeLine, column: column, text: String(rest)))
    }
    return findings.sorted()
  }

  @Test func scriptsAreFound() { #expect(scripts(in: "diagnostics").count >= 10) }

  @Test(arguments: scripts(in: "diagnostics")) func saysExactlyWhatIsMarked(_ name: String) throws {
    let text = try read("diagnostics", "\(name).kp")
    let source = SourceText(name: "\(name).kp", text: text)
    let found = compile(source).diagnostics.all.map { diagnostic in
      let place = source.location(at: diagnostic.range.start)
      return Finding(
        line: place.line, column: place.column,
        text: "\(diagnostic.severity.rawValue): \(diagnostic.message)")
    }
    let expected = marked(text)
    #expect(!expected.isEmpty)
    #expect(found.sorted() == expected)
  }
}
