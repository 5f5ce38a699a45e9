// SPDX-License-Identifier: GPL-2.0-or-later
import ArgumentParser
import Language

/// `--limit NAME=VALUE`: overrides what the script states with `limit`.
struct Limit: ExpressibleByArgument {
  let name: String
  let value: Int64

  init?(argument: String) {
    let parts = argument.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false)
    guard parts.count == 2, let value = Limit.number(String(parts[1])) else {
      return nil
    }
    var limits = LimitOptions()
    name = String(parts[0])
    guard limits.set(name, to: value) else { return nil }
    self.value = value
  }

  static let help = ArgumentHelp(
    "Override a limit: memory, fuel, string, key, rate or ring, as in memory=4M; "
      + "repeatable.", valueName: "name=value")

  /// "4M", "64K", "50_000".
  private static func number(_ text: String) -> Int64? {
    let shifts: [Character: Int64] = ["K": 10, "M": 20, "G": 30]
    var digits = text.filter { $0 != "_" }
    var shift: Int64 = 0
    if let last = digits.last, let unit = shifts[last] {
      shift = unit
      digits.removeLast()
    }
    guard !digits.isEmpty, digits.allSatisfy({ $0.isASCII && $0.isNumber }),
      let number = Int64(digits), number <= Int64.max >> shift
    else { return nil }
    return number << shift
  }
}
