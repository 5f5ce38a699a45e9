// SPDX-License-Identifier: GPL-2.0-or-later
import Foundation

/// The cases as they lie in `Tests/language`.
public enum CaseFiles {
  /// `Tests/language` of the tree this was compiled from.
  public static let folder = URL(fileURLWithPath: #filePath).deletingLastPathComponent()
    .deletingLastPathComponent().appendingPathComponent("language")

  /// The names of all cases, sorted.
  public static let names: [String] = {
    let files = FileManager.default.enumerator(atPath: folder.path)
    return (files?.compactMap { $0 as? String } ?? []).filter { $0.hasSuffix(".kp") }
      .map { String($0.dropLast(3)) }.sorted()
  }()

  public static func read(_ name: String) throws -> LanguageCase {
    let file = folder.appendingPathComponent(name + ".kp")
    return LanguageCase(name: name, script: try String(contentsOf: file, encoding: .utf8))
  }
}
