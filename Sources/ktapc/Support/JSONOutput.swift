// SPDX-License-Identifier: GPL-2.0-or-later
import Foundation

/// A whole number in JSON: a string where it does not fit the 53 bits that readers keep.
struct JSONInteger: Encodable {
  let value: Int64

  init(_ value: Int64) { self.value = value }
  init(_ value: Int) { self.value = Int64(value) }
  init(_ value: UInt32) { self.value = Int64(value) }
  /// Values above the signed range stand for "more than can be": they are cut to it.
  init(_ value: UInt64) { self.value = Int64(clamping: value) }

  func encode(to encoder: any Encoder) throws {
    var container = encoder.singleValueContainer()
    if value.magnitude < 1 << 53 {
      try container.encode(value)
    } else {
      try container.encode(String(value))
    }
  }
}

/// Prints a value as JSON with sorted keys on standard output.
func printJSON(_ value: some Encodable) throws {
  let encoder = JSONEncoder()
  encoder.outputFormatting = [.prettyPrinted, .sortedKeys, .withoutEscapingSlashes]
  print(String(decoding: try encoder.encode(value), as: UTF8.self))
}
