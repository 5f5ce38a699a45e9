// SPDX-License-Identifier: GPL-2.0-or-later

/// Reproducible random numbers.
public struct SeededGenerator: RandomNumberGenerator {
  private var state: UInt64

  public init(seed: UInt64) {
    state = seed
  }

  public mutating func next() -> UInt64 {
    // SplitMix64
    state &+= 0x9E37_79B9_7F4A_7C15
    var z = state
    z = (z ^ (z >> 30)) &* 0xBF58_476D_1CE4_E5B9
    z = (z ^ (z >> 27)) &* 0x94D0_49BB_1331_11EB
    return z ^ (z >> 31)
  }
}

/// One way to damage a file.
public enum RecordingMutation: CaseIterable {
  case bit, byte, word, remove, insert, truncate, copy

  public static func random(using random: inout SeededGenerator) -> RecordingMutation {
    allCases.randomElement(using: &random) ?? .bit
  }

  public func apply(to bytes: inout [UInt8], using random: inout SeededGenerator) {
    guard bytes.count > 16 else { return }
    let at = Int.random(in: 0..<bytes.count, using: &random)
    // What is read as a number lies at a multiple of 2.
    let even = at & ~1
    switch self {
    case .bit: bytes[at] ^= 1 << UInt8.random(in: 0..<8, using: &random)
    case .byte:
      bytes[at] =
        [0, 1, 0x7F, 0x80, 0xFF, .random(in: 0...255, using: &random)]
        .randomElement(using: &random) ?? 0
    case .word:
      let word: UInt32 =
        [0, 8, 0xFF, 0xFFFF, 0x7FFF_FFFF, 0xFFFF_FFFF, 0xFFFF_FFF8]
        .randomElement(using: &random) ?? 0
      for index in 0..<min(4, bytes.count - even) {
        bytes[even + index] = UInt8(truncatingIfNeeded: word >> (8 * UInt32(index)))
      }
    case .remove: bytes.removeSubrange(at..<min(bytes.count, at + 8))
    case .insert: bytes.insert(contentsOf: [UInt8](repeating: 0, count: 8), at: at & ~7)
    case .truncate: bytes.removeLast(Int.random(in: 1...min(64, bytes.count), using: &random))
    case .copy:
      let from = Int.random(in: 0..<bytes.count, using: &random)
      for index in 0..<min(16, bytes.count - max(at, from)) {
        bytes[at + index] = bytes[from + index]
      }
    }
  }
}
