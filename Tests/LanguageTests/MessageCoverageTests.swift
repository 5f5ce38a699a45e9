// SPDX-License-Identifier: GPL-2.0-or-later
import Foundation
import Testing

/// Every message in the compiler's sources is marked, with its place, by some test.
@Suite struct MessageCoverageTests {
  /// A text of the compiler's sources that becomes part of a message.
  struct Template: Sendable, CustomTestStringConvertible {
    let file: String
    let line: Int
    /// The fixed parts between the interpolations.
    let parts: [String]

    var testDescription: String { "\(file):\(line): \(parts.joined(separator: "…"))" }

    /// Whether a message holds the parts in their order.
    func occurs(in message: String) -> Bool {
      var rest = message[...]
      for part in parts {
        guard let found = rest.range(of: part) else { return false }
        rest = rest[found.upperBound...]
      }
      return true
    }
  }

  private static let templates: [Template] = {
    let root = testFolder.deletingLastPathComponent().deletingLastPathComponent()
      .appendingPathComponent("Sources/Language")
    let paths =
      FileManager.default.enumerator(atPath: root.path)?.compactMap { $0 as? String } ?? []
    let all = paths.filter { $0.hasSuffix(".swift") }.sorted().flatMap { path in
      let text = try? String(contentsOf: root.appendingPathComponent(path), encoding: .utf8)
      return MessageScanner(file: path, text: text ?? "").templates()
    }
    // A note stands in its own call and in that of its message.
    var seen: Set<[String]> = []
    return all.filter { seen.insert([$0.file] + $0.parts).inserted }
  }()

  /// The messages that tests mark: behind carets, in scripts or in strings of the tests.
  private static let marked: [String] = {
    let paths = FileManager.default.enumerator(atPath: testFolder.path)?.compactMap {
      $0 as? String
    }
    return (paths ?? []).filter { $0.hasSuffix(".kp") || $0.hasSuffix(".swift") }.flatMap {
      path -> [String] in
      let text = try? String(
        contentsOf: testFolder.appendingPathComponent(path), encoding: .utf8)
      return (text ?? "").split(separator: "\n").compactMap { line in
        line.range(of: "^ ").map { String(line[$0.upperBound...]) }
      }
    }
  }()

  @Test func templatesAreFound() { #expect(Self.templates.count > 150) }

  @Test(arguments: templates) func isMarkedBySomeTest(_ template: Template) {
    #expect(Self.marked.contains { template.occurs(in: $0) }, "\(template.testDescription)")
  }
}

/// Finds the string literals in calls that report something.
private struct MessageScanner {
  let file: String
  let text: [Character]
  private var at = 0

  init(file: String, text: String) {
    self.file = file
    self.text = Array(text)
  }

  private static let reporters = [
    "error", "warning", "fail", "unexpected", "unsupported", "unknown", "Note",
  ]

  func templates() -> [MessageCoverageTests.Template] {
    var found: [MessageCoverageTests.Template] = []
    for reporter in Self.reporters {
      let call = Array(reporter + "(")
      for start in text.indices where starts(with: call, at: start) {
        let before = start > 0 ? text[start - 1] : " "
        if before.isLetter || before == "_" || isDeclaration(start) { continue }
        found += literals(from: start + call.count).map { parts in
          let line = text[..<start].count { $0 == "\n" } + 1
          return MessageCoverageTests.Template(file: file, line: line, parts: parts)
        }
      }
    }
    return found
  }

  private func starts(with other: [Character], at start: Int) -> Bool {
    start + other.count <= text.count && text[start..<(start + other.count)].elementsEqual(other)
  }

  private func isDeclaration(_ start: Int) -> Bool {
    String(text[..<start].suffix(5)) == "func "
  }

  /// The literals between a call's parentheses, those joined by `+` as one; what is too short to say
  /// anything is left out.
  private func literals(from start: Int) -> [[String]] {
    var found: [[String]] = []
    var depth = 1
    var at = start
    var isJoined = false
    var label = ""
    while at < text.count && depth > 0 {
      let next = text[at]
      switch next {
      case "(", "[", "{": depth += 1
      case ")", "]", "}": depth -= 1
      case "\"":
        let (parts, end) = literal(from: at)
        let isMessage = label != "with:" && label != "fixIt:"
        if isJoined, let last = found.popLast() {
          found.append(last + parts)
        } else if isMessage {
          found.append(parts)
        }
        at = end
        isJoined = false
        continue
      case "+": isJoined = !found.isEmpty
      case " ", "\n": break
      case ",": label = ""
      case ":": label = word(before: at) + ":"
      default: isJoined = false
      }
      at += 1
    }
    return found.map { $0.filter { $0.count > 1 } }
      .filter { $0.joined().filter(\.isLetter).count >= 4 }
  }

  private func word(before end: Int) -> String {
    String(text[..<end].reversed().prefix { $0.isLetter }.reversed())
  }

  /// The fixed parts of the literal at `start`, and where it ends.
  private func literal(from start: Int) -> (parts: [String], end: Int) {
    var parts = [""]
    var at = start + 1
    while at < text.count && text[at] != "\"" {
      if text[at] == "\\" && text[at + 1] == "(" {
        var depth = 1
        at += 2
        while depth > 0 {
          if text[at] == "\"" {
            at = literal(from: at).end
            continue
          }
          if text[at] == "(" { depth += 1 }
          if text[at] == ")" { depth -= 1 }
          at += 1
        }
        parts.append("")
      } else if text[at] == "\\" {
        parts[parts.count - 1].append(text[at + 1])
        at += 2
      } else {
        parts[parts.count - 1].append(text[at])
        at += 1
      }
    }
    return (parts, at + 1)
  }
}
