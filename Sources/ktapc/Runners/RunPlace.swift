// SPDX-License-Identifier: GPL-2.0-or-later
import ArgumentParser
import Foundation

/// `--on WHERE`.
enum RunPlace: ExpressibleByArgument, Equatable {
  /// This PC without its kernel.
  case simulator
  /// This PC's kernel.
  case local
  /// An emulated board of targets/.
  case qemu(String)
  case ssh(host: String, port: UInt16?)

  init?(argument: String) {
    let parts = argument.split(separator: ":", maxSplits: 1, omittingEmptySubsequences: false)
    let rest = parts.count == 2 ? String(parts[1]) : nil
    switch (parts[0], rest) {
    case ("sim", nil): self = .simulator
    case ("local", nil): self = .local
    case ("qemu", let name?) where RunPlace.isTargetName(name): self = .qemu(name)
    case ("ssh", let host?):
      guard let place = RunPlace.ssh(host) else { return nil }
      self = place
    default: return nil
    }
  }

  static let help = ArgumentHelp(
    "Where to run: sim (this machine, no kernel), local (this kernel), qemu:TARGET or "
      + "ssh:USER@HOST[:PORT] (default: local if /dev/ktap exists, otherwise sim).",
    valueName: "where")

  static var standard: RunPlace {
    FileManager.default.fileExists(atPath: "/dev/ktap") ? .local : .simulator
  }

  /// Such a name stays inside targets/.
  static func isTargetName(_ name: String) -> Bool {
    guard let first = name.first, first != ".", first != "-" else { return false }
    return name.allSatisfy { $0.isASCII && ($0.isLetter || $0.isNumber || "._-".contains($0)) }
  }

  /// HOST, USER@HOST, each with :PORT; an IPv6 address stands in brackets.
  private static func ssh(_ text: String) -> RunPlace? {
    var host = text[...]
    var port: UInt16?
    if let colon = text.lastIndex(of: ":"), text.last != "]" {
      guard let number = UInt16(text[text.index(after: colon)...]), number > 0 else { return nil }
      port = number
      host = text[..<colon]
    }
    host.removeAll { $0 == "[" || $0 == "]" }
    // ssh would take a leading dash as an option.
    guard !host.isEmpty, !host.hasPrefix("-"), !host.contains(" ") else { return nil }
    return .ssh(host: String(host), port: port)
  }
}
