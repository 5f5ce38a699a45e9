// SPDX-License-Identifier: GPL-2.0-or-later

/// Numbers from a seed, the same in every run (the SplitMix64 sequence).
public struct Seeded: RandomNumberGenerator {
  public var state: UInt64

  public init(state: UInt64) { self.state = state }

  public mutating func next() -> UInt64 {
    state &+= 0x9E37_79B9_7F4A_7C15
    var z = state
    z = (z ^ (z >> 30)) &* 0xBF58_476D_1CE4_E5B9
    z = (z ^ (z >> 27)) &* 0x94D0_49BB_1331_11EB
    return z ^ (z >> 31)
  }

  public mutating func below(_ bound: Int) -> Int { Int(next() % UInt64(bound)) }
  public mutating func pick<T>(_ items: [T]) -> T { items[below(items.count)] }
  /// True once in `count` times.
  public mutating func once(in count: Int) -> Bool { below(count) == 0 }
}
