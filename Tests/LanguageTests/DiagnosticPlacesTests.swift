// SPDX-License-Identifier: GPL-2.0-or-later
import Testing

@testable import Language

/// A marker of the scripts in `diagnostics/`, or what the compiler said in the same form.
///
/// Below a line, a comment `#  ^^^ error: text` has its carets under the place; a single caret
/// stands under its beginning. At column 1 the `#` stands for the first caret of several: `#^^ error:
/// text` leaves open how wide the place is, `#^^^ error: text` has four characters.
/// Besides `error` and `warning` there are `note` and `fix`, the text that a suggestion would put
/// in the place.
struct PlacedMessage: Hashable, Comparable, CustomStringConvertible {
  let line: Int
  let column: Int
  /// Characters of the place in its first line; nil: any number.
  var width: Int?
  let text: String

  var description: String { "\(line):\(column)+\(width ?? 0): \(text)" }

  var isFinding: Bool { text.hasPrefix("error: ") || text.hasPrefix("warning: ") }

  static func < (left: PlacedMessage, right: PlacedMessage) -> Bool {
    (left.line, left.column, left.text) < (right.line, right.column, right.text)
  }

  /// The markers of a script.
  static func markers(_ script: String) -> [PlacedMessage] {
    var markers: [PlacedMessage] = []
    var codeLine = 0
    for (index, line) in script.split(separator: "\n", omittingEmptySubsequences: false)
      .enumerated()
    {
      guard line.hasPrefix("#"), let caret = line.firstIndex(of: "^"),
        line[line.index(after: line.startIndex)..<caret].allSatisfy({ $0 == " " })
      else {
        codeLine = index + 1
        continue
      }
      let carets = line[caret...].prefix { $0 == "^" }
      let isFirst = line.hasPrefix("#^^")
      let count = carets.count + (isFirst ? 1 : 0)
      let least = isFirst ? 4 : 2
      markers.append(
        PlacedMessage(
          line: codeLine,
          column: isFirst ? 1 : line.distance(from: line.startIndex, to: caret) + 1,
          width: count < least ? nil : count,
          text: String(line[carets.endIndex...].drop { $0 == " " })))
    }
    return markers.sorted()
  }

  /// What the compiler says about a script.
  static func reported(
    _ source: SourceText, _ options: CompileOptions = CompileOptions()
  ) -> [PlacedMessage] {
    func at(_ range: SourceRange, _ text: String) -> PlacedMessage {
      let place = source.location(at: range.start)
      let end = min(range.end, source.rangeOfLine(place.line).end)
      let width = max(1, source.characters(SourceRange(range.start, end)).count)
      return PlacedMessage(line: place.line, column: place.column, width: width, text: text)
    }
    return compile(source, options: options).diagnostics.all.flatMap { found in
      [at(found.range, "\(found.severity.rawValue): \(found.message)")]
        + found.notes.map { at($0.range ?? found.range, "note: \($0.message)") }
        + (found.fixIt.map { fix in
          [at(fix.range, "fix: \(fix.replacement.isEmpty ? "(nothing)" : fix.replacement)")]
        } ?? [])
    }
  }
}

/// The scripts of `diagnostics/` hold what the compiler must say about them. Of errors and warnings
/// nothing else may be said; notes and fixes may go unmarked.
@Suite struct DiagnosticPlacesTests {
  @Test func scriptsAreFound() { #expect(scripts(in: "diagnostics").count >= 10) }

  @Test(arguments: scripts(in: "diagnostics")) func saysExactlyWhatIsMarked(_ name: String) throws {
    let text = try read("diagnostics", "\(name).kp")
    let expected = PlacedMessage.markers(text)
    #expect(!expected.isEmpty)
    let found = PlacedMessage.reported(SourceText(name: "\(name).kp", text: text))
    // One at a time: the same may be said twice.
    var rest = found
    for marker in expected {
      let match = rest.firstIndex { found in
        found.line == marker.line && found.column == marker.column && found.text == marker.text
          && (marker.width == nil || marker.width == found.width)
      }
      #expect(match != nil, "not said: \(marker)")
      if let match { rest.remove(at: match) }
    }
    for unexpected in rest where unexpected.isFinding {
      Issue.record("not marked: \(unexpected)")
    }
  }
}
