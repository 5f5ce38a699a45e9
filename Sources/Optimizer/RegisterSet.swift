// SPDX-License-Identifier: GPL-2.0-or-later

/// A set of the registers of one function.
struct RegisterSet: Equatable {
  private var words: (UInt64, UInt64, UInt64, UInt64) = (0, 0, 0, 0)

  init() {}

  init(_ register: UInt8) { insert(register) }

  /// `count` registers from `first` on; those beyond the last number are left out.
  init(first: UInt8, count: Int) {
    var number = Int(first)
    while number < min(Int(first) + count, 256) {
      insert(UInt8(number))
      number += 1
    }
  }

  var isEmpty: Bool { words.0 | words.1 | words.2 | words.3 == 0 }

  func contains(_ register: UInt8) -> Bool { word(register >> 6) >> UInt64(register & 63) & 1 != 0 }

  mutating func insert(_ register: UInt8) { form(register) { $0 | $1 } }

  mutating func remove(_ register: UInt8) { form(register) { $0 & ~$1 } }

  mutating func formUnion(_ other: RegisterSet) {
    words.0 |= other.words.0
    words.1 |= other.words.1
    words.2 |= other.words.2
    words.3 |= other.words.3
  }

  mutating func subtract(_ other: RegisterSet) {
    words.0 &= ~other.words.0
    words.1 &= ~other.words.1
    words.2 &= ~other.words.2
    words.3 &= ~other.words.3
  }

  func isDisjoint(with other: RegisterSet) -> Bool {
    (words.0 & other.words.0) | (words.1 & other.words.1) | (words.2 & other.words.2)
      | (words.3 & other.words.3) == 0
  }

  /// The members in ascending order.
  var members: [UInt8] {
    var members: [UInt8] = []
    for index in 0..<UInt8(4) {
      var bits = word(index)
      while bits != 0 {
        members.append(index << 6 | UInt8(bits.trailingZeroBitCount))
        bits &= bits - 1
      }
    }
    return members
  }

  static func == (left: RegisterSet, right: RegisterSet) -> Bool { left.words == right.words }

  private func word(_ index: UInt8) -> UInt64 {
    switch index {
    case 0: words.0
    case 1: words.1
    case 2: words.2
    default: words.3
    }
  }

  private mutating func form(_ register: UInt8, _ change: (UInt64, UInt64) -> UInt64) {
    let bit: UInt64 = 1 << UInt64(register & 63)
    switch register >> 6 {
    case 0: words.0 = change(words.0, bit)
    case 1: words.1 = change(words.1, bit)
    case 2: words.2 = change(words.2, bit)
    default: words.3 = change(words.3, bit)
    }
  }
}
