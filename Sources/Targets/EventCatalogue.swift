// SPDX-License-Identifier: GPL-2.0-or-later
import Foundation

/// The events of a board, as `ktap-run --list` prints them: one a line, its name and then, each behind
/// a tab, its fields as `NAME TYPE`. Lines that begin with `#` are comments.
public struct EventCatalogue: Sendable {
  /// One event.
  public struct Event: Sendable {
    /// `SYSTEM:EVENT`.
    public let name: String
    /// Name and type as the kernel says it.
    public let fields: [(name: String, type: String)]
  }

  /// In the order of the file.
  public let events: [Event]

  /// Why a text was refused: one sentence.
  public struct Problem: Error, CustomStringConvertible {
    public let description: String
  }

  /// Reads the text of a catalogue.
  public init(text: String) throws(Problem) {
    var events: [Event] = []
    for (index, line) in text.split(separator: "\n", omittingEmptySubsequences: false).enumerated()
    where !line.isEmpty && !line.hasPrefix("#") {
      guard let event = EventCatalogue.event(line) else {
        throw Problem(description: "line \(index + 1) is not an event with its fields")
      }
      events.append(event)
    }
    guard !events.isEmpty else { throw Problem(description: "there is no event in it") }
    self.events = events
  }

  private static func event(_ line: Substring) -> Event? {
    let parts = line.split(separator: "\t", omittingEmptySubsequences: false)
    let name = parts[0]
    let isName = name.utf8.allSatisfy { $0 > 0x20 && $0 < 0x7F }
    guard isName, name.split(separator: ":").count == 2 else { return nil }
    var fields: [(name: String, type: String)] = []
    for part in parts.dropFirst() {
      guard let blank = part.firstIndex(of: " "), blank != part.startIndex else { return nil }
      fields.append((String(part[..<blank]), String(part[part.index(after: blank)...])))
    }
    return Event(name: String(name), fields: fields)
  }

  /// The file of a board's catalogue.
  public static func file(ofBoard name: String, inProject root: URL) -> URL {
    root.appendingPathComponent("targets/\(name)/events.list")
  }
}
