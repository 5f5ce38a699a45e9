// SPDX-License-Identifier: GPL-2.0-or-later
import Foundation

/// A whole number in JSON: a string where it does not fit the 53 bits that readers keep.
struct JSONInteger: Encodable {
  let value: Int128

  init(_ value: some BinaryInteger) { self.value = Int128(value) }

  func encode(to encoder: any Encoder) throws {
    var container = encoder.singleValueContainer()
    if value.magnitude < 1 << 53 {
      try container.encode(Int64(value))
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
