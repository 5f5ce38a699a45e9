// SPDX-License-Identifier: GPL-2.0-or-later
import Bytecode
import CKtap

/// What changes the kernel. Each call becomes a function of its own that loads the arguments and makes
/// the call, as the verifier demands: what the arguments may be is seen there at a glance.
extension Resolver {
  /// Functions that change the kernel, by the names of scripts; `e.set_retval` and `sysctl.set`
  /// come their own ways.
  static let changing: [String: LibraryFunction] = [
    "signal": LibraryFunction(KTAP_LIB_SIGNAL), "printk": LibraryFunction(KTAP_LIB_PRINTK),
    "tracing_on": LibraryFunction(KTAP_LIB_TRACING_ON),
    "tracing_off": LibraryFunction(KTAP_LIB_TRACING_OFF),
  ]

  /// The signals that mean the same number on all boards, by their names without "SIG".
  private static let signals: [String: Int64] = [
    "HUP": 1, "INT": 2, "QUIT": 3, "ILL": 4, "TRAP": 5, "ABRT": 6, "BUS": 7, "FPE": 8, "KILL": 9,
    "USR1": 10, "SEGV": 11, "USR2": 12, "PIPE": 13, "ALRM": 14, "TERM": 15, "CHLD": 17,
    "CONT": 18, "STOP": 19, "TSTP": 20, "TTIN": 21, "TTOU": 22,
  ]

  /// A call of one of `changing`.
  func change(
    _ name: String, _ function: LibraryFunction, _ arguments: [Expression], _ range: SourceRange
  ) -> Expr {
    let invalid = Expr(.invalid, range)
    let most = name == "printk" ? Int(KTAP_MAX_EMIT) : function.argumentCount.upperBound
    guard expect(name, function.argumentCount.lowerBound...most, arguments, range) else {
      return invalid
    }
    switch name {
    case "signal":
      let target = signalled(arguments[0])
      return changing(function, [target, signal(arguments[1])], range)
    case "printk":
      let pieces = joined(arguments.map { fixed($0, "'printk'", [.integer, .string]) })
      guard pieces.count <= function.argumentCount.upperBound else {
        diagnostics.error(
          "'printk' takes at most 3 values, where constants side by side count as one", at: range)
        return invalid
      }
      return changing(function, pieces, range)
    default: return changing(function, [], range)
    }
  }

  /// `sysctl.set(name, value)`.
  func setSysctl(_ arguments: [Expression], _ range: SourceRange) -> Expr {
    guard expect("sysctl.set", 2...2, arguments, range) else { return Expr(.invalid, range) }
    let name = fixed(arguments[0], "the name that 'sysctl.set' takes", .string)
    if case .string(let text) = name.op, !Resolver.isSysctl(text.bytes) {
      diagnostics.error(
        "a kernel parameter has a name such as \"kernel.panic\" or \"vm/swappiness\"",
        at: name.range)
    }
    let value = fixed(arguments[1], "the value that 'sysctl.set' takes", [.integer, .string])
    return changing(LibraryFunction(KTAP_LIB_SYSCTL_SET), [name, value], range)
  }

  /// `e.set_retval(n)`.
  func setReturnValue(_ event: Expr, _ arguments: [Expression], _ range: SourceRange) -> Expr {
    guard expect("set_retval", 1...1, arguments, range) else { return Expr(.invalid, range) }
    if !handled.isEmpty, !handled.contains(where: { Resolver.hasResult($0.text) }) {
      diagnostics.error(
        "none of the events of this handler has a result to set: system calls have one in "
          + "sys_exit_NAME, functions in %return", at: range)
      return Expr(.invalid, range)
    }
    let value = fixed(arguments[0], "the value that 'set_retval' takes", .integer)
    if case .integer(let number) = value.op, (-516 ... -512).contains(number) {
      diagnostics.error(
        "-512 to -516 make the kernel start the system call again: no program ever sees them",
        at: value.range)
    }
    return changing(LibraryFunction(KTAP_LIB_SET_RETVAL), [value], range, event: event)
  }

  /// Whether one of the events that a specification names may have a result.
  private static func hasResult(_ event: String) -> Bool {
    if event.hasSuffix("%return") { return true }
    let parts = event.split(separator: ":", maxSplits: 1)
    guard parts.count == 2 else { return true }
    if parts[0] == "kretprobe" || parts[0] == "uretprobe" { return true }
    let isGlob = parts[0].contains { "*?".contains($0) }
    return (isGlob || parts[0] == "syscalls" || parts[0] == "raw_syscalls")
      && !parts[1].hasPrefix("sys_enter")
  }

  private func changing(
    _ function: LibraryFunction, _ arguments: [Expr], _ range: SourceRange, event: Expr? = nil
  ) -> Expr {
    let made = FunctionUnit(name: function.name, range: range, role: .function)
    made.changesKernel = true
    var all = arguments
    if event != nil {
      let parameter = Variable(name: "event", range: range, isGlobal: false, owner: made)
      parameter.isParameter = true
      made.parameters = [parameter]
      made.parameterCount = 1
      all.insert(Expr(.variable(parameter), range), at: 0)
    }
    made.body = [Stmt(.evaluate(Expr(.library(function, all), range)), range)]
    units.append(made)
    unit.calls.append((made, range))
    return Expr(.call(made, event.map { [$0] } ?? []), range)
  }

  // MARK: - Arguments

  /// A constant or an argument of the script, of one of `kinds`.
  private func fixed(_ expression: Expression, _ what: String, _ kinds: KindMask) -> Expr {
    let value = resolve(expression)
    switch value.op {
    case .invalid: return value
    case .integer where kinds.contains(.integer), .string where kinds.contains(.string):
      return value
    case .boolean(let truth) where kinds == [.integer, .string]:
      return Expr(.string(Text(truth ? "true" : "false")), value.range)
    case .library(LibraryFunction(KTAP_LIB_ARG), let index) where index.count == 1:
      if case .integer = index[0].op {
        value.demand = kinds
        return value
      }
    case .integer, .string, .boolean:
      diagnostics.error("\(what) must be \(kinds.words)", at: value.range)
      return Expr(.invalid, value.range)
    default: break
    }
    diagnostics.error(
      "what changes the kernel takes constants and arguments of the script, arg[N], so that the "
        + "bundle says what it may do", at: value.range,
      notes: [
        Diagnostic.Note("build it with the values allowed, such as --arg 0=int:1..60")
      ])
    return Expr(.invalid, value.range)
  }

  /// The process that `signal` is for: also the current one.
  private func signalled(_ expression: Expression) -> Expr {
    if case .name(let name) = expression.kind, name == "pid" || name == "tid",
      case .unknown = lookUp(name)
    {
      if unit.role != .handler, unit.role != .function {
        diagnostics.error(
          "'\(name)' is the thread of the program itself here, which cannot be signalled",
          at: expression.range)
      }
      return resolve(expression)
    }
    let value = fixed(expression, "the process that 'signal' takes", .integer)
    if case .integer(let number) = value.op, !(2...4_194_304).contains(number) {
      diagnostics.error(
        number == 1
          ? "process 1 is init, which cannot be signalled" : "there is no process \(number)",
        at: value.range)
    }
    return value
  }

  /// A signal's number, or its name as a constant: "KILL", "SIGKILL".
  private func signal(_ expression: Expression) -> Expr {
    let value = resolve(expression)
    if case .string(let text) = value.op {
      let name = text.string.hasPrefix("SIG") ? String(text.string.dropFirst(3)) : text.string
      if let number = Resolver.signals[name] { return Expr(.integer(number), value.range) }
      diagnostics.unknown(
        "signal", text.string, at: value.range, among: Array(Resolver.signals.keys))
      return Expr(.invalid, value.range)
    }
    let number = fixed(expression, "the signal", .integer)
    if case .integer(let number) = number.op, !(1...64).contains(number) {
      diagnostics.error("signals have the numbers 1 to 64", at: value.range)
    }
    return number
  }

  /// Constants side by side become one, as they are printed.
  private func joined(_ values: [Expr]) -> [Expr] {
    var result: [Expr] = []
    for value in values {
      var text: Text?
      switch value.op {
      case .integer(let number): text = Text("\(number)")
      case .string(let constant): text = constant
      default: break
      }
      if let text, let last = result.last, case .string(let before) = last.op {
        last.op = .string(Text(bytes: before.bytes + [0x09] + text.bytes))
      } else {
        result.append(text.map { Expr(.string($0), value.range) } ?? value)
      }
    }
    return result
  }

  /// Whether the bytes can be the name of a kernel parameter: parts of letters, digits, `_` and `-`.
  private static func isSysctl(_ bytes: [UInt8]) -> Bool {
    let parts = bytes.split(omittingEmptySubsequences: false) { $0 == 0x2E || $0 == 0x2F }
    return parts.count >= 2
      && parts.allSatisfy { part in
        !part.isEmpty
          && part.allSatisfy { byte in
            switch byte {
            case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
              UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "_"), UInt8(ascii: "-"):
              true
            default: false
            }
          }
      }
  }
}
