// SPDX-License-Identifier: GPL-2.0-or-later

/// The best of the names offered for a misspelt one, as the kernel module finds it.
struct Suggestion {
  private let wanted: [UInt8]
  private var distance = Int.max
  private var best: String?

  init(for wanted: String) {
    self.wanted = Array(wanted.utf8)
  }

  mutating func offer(_ name: String) {
    let found = Suggestion.edits(wanted, Array(name.utf8))
    // More than a third of the letters wrong is another word.
    guard found < distance, 3 * found <= wanted.count + 2 else { return }
    distance = found
    best = name
  }

  /// "; did you mean 'x'?", or nothing.
  var text: String { best.map { "; did you mean '\($0)'?" } ?? "" }

  /// Letters to insert, delete or replace.
  private static func edits(_ a: [UInt8], _ b: [UInt8]) -> Int {
    var row = Array(0...b.count)
    for (i, left) in a.enumerated() {
      var diagonal = row[0]
      row[0] = i + 1
      for (j, right) in b.enumerated() {
        let replace = diagonal + (left == right ? 0 : 1)
        diagonal = row[j + 1]
        row[j + 1] = min(replace, row[j] + 1, diagonal + 1)
      }
    }
    return row[b.count]
  }
}
