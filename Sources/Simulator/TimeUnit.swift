// SPDX-License-Identifier: GPL-2.0-or-later

/// Time spans as scripts and options write them.
public enum TimeUnit {
  private static let units: [(suffix: String, nanoseconds: UInt64)] = [
    ("ns", 1), ("us", 1000), ("ms", 1_000_000), ("s", 1_000_000_000), ("m", 60_000_000_000),
    ("h", 3_600_000_000_000),
  ]

  /// "10s", "1500ms", "2m" as nanoseconds; a bare number counts seconds. nil: no time span.
  public static func nanoseconds(_ text: String) -> UInt64? {
    let digits = text.prefix { $0.isASCII && $0.isNumber }
    guard let count = UInt64(digits) else { return nil }
    let suffix = String(text.dropFirst(digits.count))
    guard
      let unit = suffix.isEmpty
        ? 1_000_000_000 : units.first(where: { $0.suffix == suffix })?.nanoseconds
    else { return nil }
    let (value, overflow) = count.multipliedReportingOverflow(by: unit)
    return overflow ? nil : value
  }

  /// In the largest unit, up to seconds, that divides it.
  static func text(nanoseconds: UInt64) -> String {
    let unit = units.prefix(4).last { nanoseconds % $0.nanoseconds == 0 } ?? units[0]
    return "\(nanoseconds / unit.nanoseconds)\(unit.suffix)"
  }
}
