// SPDX-License-Identifier: GPL-2.0-or-later
import CKtap

/// What the limits of a program may be.
enum Limits {
  /// The range of each limit, by the name that scripts and command lines use.
  static let ranges: [String: ClosedRange<Int64>] = [
    "memory": 4096...Int64(KTAP_MAX_MEMORY),
    "fuel": 1...Int64(KTAP_MAX_PROBE_FUEL),
    "string": 16...Int64(KTAP_MAX_STRING),
    "key": 16...Int64(KTAP_MAX_KEY),
    "rate": 0...Int64(UInt32.max),
    "ring": 4096...Int64(KTAP_MAX_RING),
  ]

  /// What is wrong with a value, or nil.
  static func problem(_ name: String, _ value: Int64, _ range: ClosedRange<Int64>) -> String? {
    if !range.contains(value) {
      return "limit \(name) must be from \(range.lowerBound) to \(range.upperBound)"
    }
    if name == "ring", value & (value - 1) != 0 { return "limit ring must be a power of two" }
    return nil
  }
}
