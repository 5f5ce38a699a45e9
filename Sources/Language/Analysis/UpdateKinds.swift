// SPDX-License-Identifier: GPL-2.0-or-later
import Bytecode

/// What a compound assignment takes and makes. One that can only fail makes nothing, so that its result
/// is no reason to believe that its target may be what it takes.
extension Update {
  var result: KindMask {
    switch self {
    case .arithmetic: .integer
    case .concatenate: .string
    }
  }

  /// What it can change where it stands.
  var takes: KindMask {
    switch self {
    case .concatenate: [.integer, .string]
    case .arithmetic(let op): op.countsNil ? [.integer, .nil] : .integer
    }
  }
}

extension Arithmetic {
  /// `+=` and `-=` begin at 0 where there is nil.
  var countsNil: Bool { self == .add || self == .subtract }
}
