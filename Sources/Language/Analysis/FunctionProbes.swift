// SPDX-License-Identifier: GPL-2.0-or-later

/// A probe of a kernel function as the script writes it: `probe:SYM`, `kprobe:SYM+8`, `kretprobe:GLOB`,
/// `probe:SYM%return`.
struct FunctionProbe {
  /// The function's name or a pattern.
  let name: Substring
  let offset: UInt64
  let isReturn: Bool

  /// What is wrong with the text.
  struct Refusal: Error {
    let message: String
    init(_ message: String) { self.message = message }
  }

  private static let kinds = ["probe", "kprobe", "kretprobe"]

  /// Whether the event is a kernel function by its prefix, or means to be.
  static func isMeant(_ event: String) -> Bool {
    kinds.contains { event.hasPrefix($0 + ":") }
  }

  var isPattern: Bool { name.contains("*") || name.contains("?") }

  /// The one form that the bundle has: `probe:SYM+0x8`, `probe:SYM%return`.
  var text: String {
    "probe:" + name + (offset == 0 ? "" : "+0x" + String(offset, radix: 16))
      + (isReturn ? "%return" : "")
  }

  init(_ event: String) throws(Refusal) {
    let parts = event.split(separator: ":", omittingEmptySubsequences: false)
    guard parts.count == 2, !parts[1].isEmpty else {
      throw Refusal("'\(event)' names no function of the kernel: write probe:NAME")
    }
    if parts[1].hasPrefix("/") {
      throw Refusal("'\(event)' cannot be traced: this version probes functions of the kernel only")
    }
    var rest = parts[1]
    var isReturn = parts[0] == "kretprobe"
    if let percent = rest.firstIndex(of: "%") {
      guard rest[percent...] == "%return" else {
        throw Refusal("'\(rest[percent...])' means nothing here: a return is probe:NAME%return")
      }
      isReturn = true
      rest = rest[..<percent]
    }
    var offset: UInt64 = 0
    if let plus = rest.firstIndex(of: "+") {
      guard let number = FunctionProbe.number(rest[rest.index(after: plus)...]),
        number <= 0xffff_ffff
      else { throw Refusal("'\(rest[plus...])' is no offset in a function") }
      offset = number
      rest = rest[..<plus]
    }
    name = rest
    self.offset = offset
    self.isReturn = isReturn
    let allowed = rest.utf8.allSatisfy {
      isIdentifierPart($0) || ".*?".utf8.contains($0)
    }
    guard !rest.isEmpty, allowed, rest.utf8.count <= 200 else {
      throw Refusal("'\(rest)' is no name of a function")
    }
    if offset != 0, isReturn {
      throw Refusal("a return has no offset: write probe:\(rest)%return")
    }
    if offset != 0, isPattern {
      throw Refusal("an offset needs the name of one function, no pattern")
    }
  }

  private static func number(_ text: Substring) -> UInt64? {
    text.hasPrefix("0x") ? UInt64(text.dropFirst(2), radix: 16) : UInt64(text)
  }
}
