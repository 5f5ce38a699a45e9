// SPDX-License-Identifier: GPL-2.0-or-later

/// Patterns of event names: `*` is any run of characters, `?` is one.
public enum Glob {
  /// True when the whole name matches the pattern.
  public static func matches(_ name: some StringProtocol, pattern: some StringProtocol) -> Bool {
    let name = Array(name.utf8)
    let pattern = Array(pattern.utf8)
    var n = 0
    var p = 0
    /// Behind the last star, and where in the name it is tried next.
    var retry: (pattern: Int, name: Int)?
    while n < name.count || p < pattern.count {
      if p < pattern.count, pattern[p] == UInt8(ascii: "*") {
        p += 1
        retry = (p, n)
      } else if p < pattern.count, n < name.count,
        pattern[p] == UInt8(ascii: "?") || pattern[p] == name[n]
      {
        p += 1
        n += 1
      } else if let last = retry, last.name < name.count {
        retry = (last.pattern, last.name + 1)
        p = last.pattern
        n = last.name + 1
      } else {
        return false
      }
    }
    return true
  }

  public static func isPattern(_ text: String) -> Bool {
    text.contains("*") || text.contains("?")
  }
}
