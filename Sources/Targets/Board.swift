// SPDX-License-Identifier: GPL-2.0-or-later
import Foundation

/// A board of `targets/`: its `board.conf`, shell assignments without substitutions.
public struct Board: Sendable {
  /// The name of its folder.
  public let name: String
  /// The lines of comment at the top, without `#` and the license tag.
  public let summary: String
  /// The assignments in the order of the file.
  public let settings: [(name: String, value: String)]

  /// Why a `board.conf` was refused: one sentence.
  public struct Problem: Error, CustomStringConvertible {
    public let description: String
  }

  /// The value of a setting; nil when it is not there.
  public func setting(_ name: String) -> String? {
    settings.last { $0.name == name }?.value
  }

  /// Reads a board's folder.
  public init(folder: URL) throws {
    let file = folder.appendingPathComponent("board.conf")
    guard let text = try? String(contentsOf: file, encoding: .utf8) else {
      throw Problem(description: "\(file.path) cannot be read")
    }
    try self.init(name: folder.lastPathComponent, text: text)
  }

  /// Reads the text of a `board.conf`.
  public init(name: String, text: String) throws(Problem) {
    var comments: [Substring] = []
    var settings: [(name: String, value: String)] = []
    for line in text.split(separator: "\n", omittingEmptySubsequences: false) {
      if line.hasPrefix("#") {
        let comment = line.drop { $0 == "#" || $0 == " " }
        if settings.isEmpty && !comment.hasPrefix("SPDX-") { comments.append(comment) }
        continue
      }
      if line.allSatisfy(\.isWhitespace) { continue }
      guard let equals = line.firstIndex(of: "="), Board.isName(line[..<equals]),
        let value = Board.unquoted(line[line.index(after: equals)...])
      else { throw Problem(description: "targets/\(name)/board.conf: not an assignment: \(line)") }
      settings.append((String(line[..<equals]), value))
    }
    self.name = name
    self.settings = settings
    summary = comments.joined(separator: " ")
  }

  /// All boards of a project, by name.
  public static func all(inProject root: URL) throws -> [Board] {
    let targets = root.appendingPathComponent("targets")
    let files = FileManager.default
    let names = try files.contentsOfDirectory(atPath: targets.path).sorted()
    return try names.map { targets.appendingPathComponent($0) }
      .filter { files.fileExists(atPath: $0.appendingPathComponent("board.conf").path) }
      .map { try Board(folder: $0) }
  }

  private static func isName(_ text: Substring) -> Bool {
    guard let first = text.first, !first.isNumber else { return false }
    return text.allSatisfy { $0.isASCII && ($0.isLetter || $0.isNumber || $0 == "_") }
  }

  /// A shell word that nothing is substituted in; nil: it is something else.
  private static func unquoted(_ text: Substring) -> String? {
    let special: Set<Character> = ["$", "`", "\\", "\"", "'"]
    if let quote = text.first, quote == "\"" || quote == "'" {
      let inner = text.dropFirst().dropLast()
      guard text.count >= 2, text.last == quote, !inner.contains(where: special.contains) else {
        return nil
      }
      return String(inner)
    }
    return text.contains { special.contains($0) || $0.isWhitespace } ? nil : String(text)
  }
}
