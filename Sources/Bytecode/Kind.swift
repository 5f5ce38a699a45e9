// SPDX-License-Identifier: GPL-2.0-or-later
import CKtap

/// The kind of a value at run time; the numbers are those of `enum ktap_kind`.
public enum Kind: UInt8, Sendable, Equatable {
  case nilValue = 0
  case boolean = 1
  case integer = 2
  case string = 3
  case table = 4
  case function = 5
  case event = 6
  case aggregate = 7
  case stack = 8

  /// What diagnostics and run-time errors call the kind.
  public var name: String { String(cString: ktap_kind_name(UInt32(rawValue))) }
}

/// A set of kinds: bit `1 << kind`, as in `enum ktap_kind_mask`.
public struct KindMask: OptionSet, Hashable, Sendable {
  public var rawValue: UInt16

  public init(rawValue: UInt16) { self.rawValue = rawValue }
  public init(_ kind: Kind) { rawValue = 1 << UInt16(kind.rawValue) }

  public static var none: KindMask { KindMask(rawValue: 0) }
  public static var `nil`: KindMask { KindMask(.nilValue) }
  public static var boolean: KindMask { KindMask(.boolean) }
  public static var integer: KindMask { KindMask(.integer) }
  public static var string: KindMask { KindMask(.string) }
  public static var table: KindMask { KindMask(.table) }
  public static var function: KindMask { KindMask(.function) }
  public static var event: KindMask { KindMask(.event) }
  public static var aggregate: KindMask { KindMask(.aggregate) }
  public static var stack: KindMask { KindMask(.stack) }
  /// What a global, a table value or a tagged register may hold.
  public static var storable: KindMask { KindMask(rawValue: UInt16(KTAP_MASK_STORABLE.rawValue)) }
  /// What a part of a table key may be.
  public static var key: KindMask { KindMask(rawValue: UInt16(KTAP_MASK_KEY.rawValue)) }
  public static var any: KindMask { KindMask(rawValue: UInt16(KTAP_MASK_ANY.rawValue)) }

  /// True when a register of this mask needs no tag: exactly one kind, other than nil.
  public var isTyped: Bool { ktap_mask_is_typed(rawValue) }

  /// The kind when the mask has exactly one.
  public var single: Kind? {
    guard rawValue.nonzeroBitCount == 1 else { return nil }
    return Kind(rawValue: UInt8(rawValue.trailingZeroBitCount))
  }

  /// The kinds of the mask in ascending order, with `|` between, "integer|nil" written "nil|integer".
  public var description: String {
    var text = ""
    var bits = rawValue
    while bits != 0 {
      let kind = bits.trailingZeroBitCount
      bits &= bits - 1
      if !text.isEmpty { text += "|" }
      text += String(cString: ktap_kind_name(UInt32(kind)))
    }
    return text.isEmpty ? "none" : text
  }
}
