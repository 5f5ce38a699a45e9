// SPDX-License-Identifier: GPL-2.0-or-later
import Bytecode
import CKtap

/// What the names mean that every script knows.
enum Builtins {
  /// Built-in variables that are library functions without parameters.
  static let variables: [String: LibraryFunction] = {
    var table: [String: LibraryFunction] = [:]
    for function in LibraryFunction.all
    where function.argumentCount == 0...0 && !function.result.isEmpty {
      table[function.name] = function
    }
    table["comm"] = LibraryFunction(KTAP_LIB_EXECNAME)
    table["arg_count"] = nil
    return table
  }()

  /// Variables that the wall clock gives, with their unit in nanoseconds.
  static let clocks: [String: Int64] = [
    "gettimeofday_us": 1_000, "gettimeofday_ms": 1_000_000, "gettimeofday_s": 1_000_000_000,
  ]

  /// Bare names that read the event of the handler they stand in.
  static let eventVariables: [String] =
    ["args", "probename", "argstr", "retval", "sc_nr", "sc_is_enter"]
    + (1...6).map { "sc_arg\($0)" } + (0...9).map { "arg\($0)" }

  /// Functions that take arguments. The library's own come from its list.
  static let functions: [String: LibraryFunction] = {
    var table: [String: LibraryFunction] = [:]
    for function in LibraryFunction.all where function.argumentCount != 0...0 {
      table[function.name] = function
    }
    // Written otherwise, or only reached through another name.
    for name in [
      "len", "probename", "arg", "exit", "print_hist", "print_table", "sort_pairs", "free",
      "lhist", "stack", "ustack", "ip_sock_saddr", "ip_sock_daddr",
      "set_retval", "sysctl.set", "signal", "printk",
    ] {
      table[name] = nil
    }
    return table
  }()

  /// Functions of aggregates, with what an aggregate must keep for them.
  static let aggregateParts: [LibraryFunction: AggregateParts] = [
    LibraryFunction(KTAP_LIB_AGGREGATE_COUNT): [], LibraryFunction(KTAP_LIB_AGGREGATE_SUM): [],
    LibraryFunction(KTAP_LIB_AGGREGATE_MIN): [], LibraryFunction(KTAP_LIB_AGGREGATE_MAX): [],
    LibraryFunction(KTAP_LIB_AGGREGATE_AVG): [],
    LibraryFunction(KTAP_LIB_AGGREGATE_STDDEV): .squares,
    LibraryFunction(KTAP_LIB_AGGREGATE_HIST): .hist,
    LibraryFunction(KTAP_LIB_AGGREGATE_LHIST): .lhist,
  ]

  /// Functions with a form of their own in the tree.
  static let special = [
    "print", "printf", "print_hist", "histogram", "len", "delete", "exit", "table_count", "pairs",
    "sort_pairs", "lhist", "stack", "ustack", "print_backtrace", "print_trace_clock",
    "signal", "printk", "tracing_on", "tracing_off",
  ]

  /// Functions that a script cannot replace by its own.
  static let reserved: Set<String> = ["print", "printf", "pairs", "sort_pairs"]

  static func isVariable(_ name: String) -> Bool {
    variables[name] != nil || clocks[name] != nil || eventVariables.contains(name) || name == "arg"
  }

  static func isFunction(_ name: String) -> Bool {
    functions[name] != nil || special.contains(name)
  }

  /// All names, for suggestions.
  static let names: [String] =
    Array(variables.keys) + Array(clocks.keys) + eventVariables + ["arg"]

  static let functionNames: [String] = Array(functions.keys) + special + names

  /// Fields of events that are true or false; the kernel has them as 1 or 0.
  static func isFlag(_ name: String) -> Bool { name == "sc_is_enter" || name == "user" }

  /// Fields that have one kind in every event.
  static func fieldKinds(_ name: String) -> KindMask? {
    if name.hasPrefix("common_") || name == "fieldnum" || name == "retval" || name == "sc_nr"
      || isFlag(name)
    {
      return .integer
    }
    if name.hasPrefix("sc_arg"), name.utf8.count == 7 { return .integer }
    if name == "regstr" { return .string }
    return nil
  }
}

extension KindMask {
  /// Whether a shape says more about the values: tables, functions and aggregates.
  var isShaped: Bool { !isDisjoint(with: [.table, .function, .aggregate]) }

  /// The kinds in words with articles: "an integer", "nil or a string".
  var words: String {
    let parts = kinds.map { kind in
      switch kind {
      case .nilValue: "nil"
      case .integer, .event, .aggregate: "an \(kind.name)"
      default: "a \(kind.name)"
      }
    }
    switch parts.count {
    case 0: return "nothing"
    case 1: return parts[0]
    default: return parts.dropLast().joined(separator: ", ") + " or " + parts[parts.count - 1]
    }
  }

  /// The kinds in ascending order.
  var kinds: [Kind] {
    (0..<9).compactMap { rawValue & (1 << $0) != 0 ? Kind(rawValue: UInt8($0)) : nil }
  }
}
