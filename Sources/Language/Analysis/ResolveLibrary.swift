// SPDX-License-Identifier: GPL-2.0-or-later
import Bytecode
import CKtap

/// Library functions that are made of others, and those whose names have two parts.
extension Resolver {
  /// The frames that `stack()` and `ustack()` keep when not told otherwise.
  private static let usualDepth: Int64 = 32

  /// Functions made of others; nil when the name is none of them.
  func composed(_ name: String, _ arguments: [Expression], _ range: SourceRange) -> Expr? {
    let invalid = Expr(.invalid, range)
    switch name {
    case "stack":
      guard expect(name, 0...2, arguments, range) else { return invalid }
      return stack(LibraryFunction(KTAP_LIB_STACK), arguments, range)
    case "ustack":
      guard expect(name, 0...1, arguments, range) else { return invalid }
      return stack(LibraryFunction(KTAP_LIB_USTACK), arguments, range)
    case "print_backtrace":
      guard expect(name, 0...0, arguments, range) else { return invalid }
      return Expr(.print([stack(LibraryFunction(KTAP_LIB_STACK), [], range)]), range)
    case "print_trace_clock":
      guard expect(name, 0...0, arguments, range) else { return invalid }
      let clock = Expr(.library(LibraryFunction(KTAP_LIB_NSECS), []), range)
      return Expr(.print([clock]), range)
    case "curr_taskinfo":
      refuseTaskInfo(range)
      return invalid
    default: return nil
    }
  }

  /// The fields of the kernel's task lie elsewhere in every kernel: there is no such function.
  func refuseTaskInfo(_ range: SourceRange) {
    diagnostics.error(
      "'curr_taskinfo' reads at an offset that differs from kernel to kernel", at: range,
      notes: [
        Diagnostic.Note(
          "pid, tid, ppid, uid, gid, execname, prio and in_iowait tell about the task")
      ])
  }

  private func stack(_ function: LibraryFunction, _ arguments: [Expression], _ range: SourceRange)
    -> Expr
  {
    var values = arguments.map { resolve($0) }
    let bounds: [(what: String, allowed: ClosedRange<Int64>)] = [
      ("the depth of a stack", 1...Int64(KTAP_MAX_FRAMES)),
      ("the frames to leave out", 0...Int64(KTAP_MAX_FRAMES)),
    ]
    for (value, bound) in zip(values, bounds) {
      value.demand = .integer
      guard case .integer(let number) = value.op, !bound.allowed.contains(number) else { continue }
      diagnostics.error(
        "\(bound.what) must be from \(bound.allowed.lowerBound) to \(bound.allowed.upperBound)",
        at: value.range)
    }
    if values.isEmpty { values.append(Expr(.integer(Resolver.usualDepth), range)) }
    if values.count == 1 { values.append(Expr(.integer(0), range)) }
    return Expr(.library(function, values), range)
  }

  // MARK: - Names of two parts

  /// `ansi.set_color(31)`: a function of one of the library's groups; nil when `owner` is none.
  func grouped(
    _ owner: String, _ name: Name, _ arguments: [Expression], _ range: SourceRange
  ) -> Expr? {
    let invalid = Expr(.invalid, range)
    let full = "\(owner).\(name.text)"
    func unknown(among names: [String]) -> Expr {
      diagnostics.unknown("function", name.text, at: name.range, among: names)
      for argument in arguments { _ = resolve(argument) }
      return invalid
    }
    switch owner {
    case "table":
      guard name.text == "new" else { return unknown(among: ["new"]) }
      return resolveNewTable(arguments, range)
    case "ansi":
      guard let sequence = Resolver.sequences[name.text] else {
        return unknown(among: Array(Resolver.sequences.keys))
      }
      return escape(full, sequence, arguments, range)
    case "net":
      guard let function = Resolver.network[name.text] else {
        return unknown(among: Array(Resolver.network.keys))
      }
      return libraryCall(full, function, arguments, range)
    case "timer", "kdebug":
      diagnostics.error("'\(full)' is a statement of its own at the top level", at: range)
      return invalid
    case "sysctl":
      guard name.text == "set" else { return unknown(among: ["set"]) }
      return setSysctl(arguments, range)
    default: return nil
    }
  }

  static let groups: Set<String> = ["table", "ansi", "net", "timer", "kdebug", "sysctl"]

  private static let network: [String: LibraryFunction] = [
    "ip_sock_saddr": LibraryFunction(KTAP_LIB_IP_SOCK_SADDR),
    "ip_sock_daddr": LibraryFunction(KTAP_LIB_IP_SOCK_DADDR),
    "format_ip_addr": LibraryFunction(KTAP_LIB_IP4),
  ]

  /// What the terminal is sent, as a printf format.
  private static let sequences: [String: String] = [
    "clear_screen": "\u{1B}[2J\u{1B}[1;1H",
    "set_color": "\u{1B}[%dm",
    "set_color2": "\u{1B}[%d;%dm",
    "set_color3": "\u{1B}[%d;%d;%dm",
    "reset_color": "\u{1B}[0m",
    "new_line": "\n",
  ]

  private func escape(
    _ name: String, _ sequence: String, _ arguments: [Expression], _ range: SourceRange
  ) -> Expr {
    guard let format = try? PrintfFormat(Array(sequence.utf8)),
      expect(name, format.conversions.count...format.conversions.count, arguments, range)
    else { return Expr(.invalid, range) }
    var values = arguments.map { resolve($0) }
    values.forEach { $0.demand = .integer }
    // The attribute stands first: 0, none, would take the colours back.
    if values.count == 3 { values = [values[2], values[0], values[1]] }
    return Expr(.printf(format, values), range)
  }
}
