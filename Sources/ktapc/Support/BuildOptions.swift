// SPDX-License-Identifier: GPL-2.0-or-later
import ArgumentParser
import Bytecode
import Foundation
import Language

/// What shapes the bundle besides the script.
struct BuildOptions: ParsableArguments {
  @Option(help: Limit.help)
  var limit: [Limit] = []

  @Option(help: ArgumentRule.help)
  var arg: [ArgumentRule] = []

  @Option(
    help: ArgumentHelp(
      "Ask for a capability that the script does not need: addresses shows kernel pointers as "
        + "numbers; repeatable.", valueName: "capability"))
  var allow: [CapabilityName] = []

  @Flag(
    name: [.customLong("no-optimize"), .customLong("O0", withSingleDash: true)],
    help: "Leave the code as it is generated: longer, easier to follow, with the same effect.")
  var noOptimize = false

  func validate() throws {
    for limit in limit {
      if let problem = LimitOptions.problem(limit.name, limit.value) {
        throw ValidationError("--limit \(limit.name)=\(limit.value): \(problem)")
      }
    }
  }

  var isEmpty: Bool { limit.isEmpty && arg.isEmpty && allow.isEmpty && !noOptimize }

  func apply(to options: inout CompileOptions) throws {
    for limit in limit { _ = options.limits.set(limit.name, to: limit.value) }
    options.optimizes = !noOptimize
    options.arguments = try ArgumentRule.ordered(arg)
    for capability in allow { options.capabilities.formUnion(capability.capabilities) }
  }
}

/// A capability by its name in the documents.
enum CapabilityName: String, CaseIterable, ExpressibleByArgument {
  case observe, addresses, memory, modify
  case userData = "user-data"

  var capabilities: Capabilities {
    switch self {
    case .observe: .observe
    case .addresses: .addresses
    case .userData: .userData
    case .memory: .memory
    case .modify: .modify
    }
  }
}

/// Name, version and validity of a bundle.
struct ManifestOptions: ParsableArguments {
  @Option(help: "Name of the bundle (default: the file's name without suffix).")
  var name: String?

  @Option(
    help: ArgumentHelp("Version of the bundle, a text of at most 64 bytes.", valueName: "text"))
  var version: String?

  @Option(
    help: ArgumentHelp(
      "Sequence number, which orders the bundles of one signer and name.",
      valueName: "n"))
  var sequence: UInt64?

  @Option(
    help: ArgumentHelp(
      "Not valid before this time (2027-01-31 or 2027-01-31T12:00:00Z).", valueName: "time"))
  var notBefore: TimeOption?

  @Option(help: ArgumentHelp("Not valid after this time.", valueName: "time"))
  var notAfter: TimeOption?

  func validate() throws {
    if let name, !ManifestOptions.isName(name) {
      throw ValidationError("--name takes 1 to 64 of the characters A-Z a-z 0-9 . _ -")
    }
    if let version, version.utf8.count > 64 {
      throw ValidationError("--version takes at most 64 bytes")
    }
    if let notBefore, let notAfter, notBefore.seconds > notAfter.seconds {
      throw ValidationError("--not-before is later than --not-after")
    }
  }

  func apply(to options: inout CompileOptions) {
    options.name = name
    options.version = version ?? ""
    options.sequence = sequence ?? 0
    options.notBefore = notBefore?.seconds ?? 0
    options.notAfter = notAfter?.seconds ?? 0
  }

  private static func isName(_ text: String) -> Bool {
    (1...64).contains(text.count)
      && text.allSatisfy { $0.isASCII && ($0.isLetter || $0.isNumber || "._-".contains($0)) }
  }
}

/// A point in time: a date, a date and time in UTC, or Unix seconds.
struct TimeOption: ExpressibleByArgument {
  let seconds: Int64

  init?(argument: String) {
    if let seconds = Int64(argument) {
      self.seconds = seconds
      return
    }
    let text = argument.contains("T") ? argument : argument + "T00:00:00Z"
    guard let date = try? Date(text, strategy: .iso8601) else { return nil }
    seconds = Int64(date.timeIntervalSince1970)
  }

  static func text(_ seconds: Int64) -> String {
    Date(timeIntervalSince1970: TimeInterval(seconds)).formatted(.iso8601)
  }
}
