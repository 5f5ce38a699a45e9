// SPDX-License-Identifier: GPL-2.0-or-later
import CKtap

/// A library function of the list in kernel/include/ktap/library.h.
public struct LibraryFunction: Hashable, Sendable {
  public var rawValue: UInt32

  public init(_ function: ktap_library) { rawValue = UInt32(function.rawValue) }
  public init?(rawValue: UInt32) {
    guard rawValue < UInt32(KTAP_LIB_COUNT.rawValue) else { return nil }
    self.rawValue = rawValue
  }

  private var info: ktap_library_info? { ktap_library_info(rawValue)?.pointee }

  /// How scripts write it.
  public var name: String { info.map { String(cString: $0.name) } ?? "?" }
  /// The kinds of its result; empty: it has none.
  public var result: KindMask { KindMask(rawValue: info?.result ?? 0) }
  public var argumentCount: ClosedRange<Int> {
    let least = Int(info?.least ?? 0)
    return least...max(least, Int(info?.most ?? 0))
  }
  /// The kinds that argument `index`, from 0, may have.
  public func argument(_ index: Int) -> KindMask {
    guard let info else { return .none }
    switch index {
    case 0: return KindMask(rawValue: info.args.0)
    case 1: return KindMask(rawValue: info.args.1)
    case 2: return KindMask(rawValue: info.args.2)
    default: return .none
    }
  }
  /// True when it may be called in top-level code, timers and trace_end only.
  public var needsProcess: Bool {
    UInt32(info?.flags ?? 0) & KTAP_LIBRARY_PROCESS.rawValue != 0
  }
  public var capability: Capabilities { Capabilities(rawValue: UInt32(info?.capability ?? 0)) }

  /// All functions, in the order of their numbers.
  public static var all: [LibraryFunction] {
    var all: [LibraryFunction] = []
    for number in 0..<UInt32(KTAP_LIB_COUNT.rawValue) {
      if let function = LibraryFunction(rawValue: number) { all.append(function) }
    }
    return all
  }
}
