// SPDX-License-Identifier: GPL-2.0-or-later

/// The number of single-character changes that turn `a` into `b`: insertions, deletions,
/// replacements and swaps of neighbours (the restricted Damerau-Levenshtein distance).
func editDistance(_ a: [UInt8], _ b: [UInt8]) -> Int {
  var beforeLast = [Int](repeating: 0, count: b.count + 1)
  var last = Array(0...b.count)
  for i in 0..<a.count {
    var row = [i + 1]
    row.reserveCapacity(b.count + 1)
    for j in 0..<b.count {
      var best = min(last[j + 1], row[j]) + 1
      best = min(best, last[j] + (a[i] == b[j] ? 0 : 1))
      if i > 0 && j > 0 && a[i] == b[j - 1] && a[i - 1] == b[j] {
        best = min(best, beforeLast[j - 1] + 1)
      }
      row.append(best)
    }
    beforeLast = last
    last = row
  }
  return last[b.count]
}

/// The candidate that `name` was most likely meant to be, or nil when none is near.
///
/// Near means a third of the longer name's length in changes at most; a difference of case
/// alone always counts as near. Of equally near candidates the first in order wins, whatever
/// the order of `candidates`, so that messages are reproducible.
public func suggestion(for name: String, among candidates: some Sequence<String>) -> String? {
  let longest = 64  // nobody mistypes more; keeps the cost bounded
  let wanted = Array(name.utf8)
  guard wanted.count <= longest else { return nil }
  let folded = wanted.map(lowercase)
  var best: (distance: Int, name: String)?
  for candidate in candidates where candidate != name {
    let bytes = Array(candidate.utf8)
    guard bytes.count <= longest, abs(bytes.count - wanted.count) <= longest / 3 else { continue }
    let foldedDistance = editDistance(folded, bytes.map(lowercase))
    let allowed = max(wanted.count, bytes.count) / 3
    guard foldedDistance == 0 || foldedDistance <= max(allowed, 1) else { continue }
    // One change in a name of one or two characters makes any other name.
    if foldedDistance > 0 && max(wanted.count, bytes.count) < 3 { continue }
    if let found = best, (found.distance, found.name) <= (foldedDistance, candidate) { continue }
    best = (foldedDistance, candidate)
  }
  return best?.name
}

private func lowercase(_ byte: UInt8) -> UInt8 {
  (UInt8(ascii: "A")...UInt8(ascii: "Z")).contains(byte) ? byte | 0x20 : byte
}
