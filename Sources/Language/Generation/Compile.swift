// SPDX-License-Identifier: GPL-2.0-or-later
import Bytecode

/// What the caller decides about a program beside its script.
public struct CompileOptions: Sendable {
  /// The bundle's name, 1 to 64 of `[A-Za-z0-9._-]`; nil: the file's name without its extension.
  public var name: String?
  public var version = ""
  public var sequence: UInt64 = 0
  /// Unix times in seconds; 0: no bound.
  public var notBefore: Int64 = 0
  public var notAfter: Int64 = 0
  /// Limits that override the script's own.
  public var limits = LimitOptions()
  /// The arguments that the program takes, in order.
  public var arguments: [ArgumentOption] = []
  /// Capabilities to declare beyond those that the script needs.
  public var capabilities: Capabilities = []
  /// Whether the code is made shorter and faster. Either way it does the same.
  public var optimizes = true

  public init() {}
}

/// The limits of a program, nil where the script or the default decides. Names and units are those
/// of the `limit` statement.
public struct LimitOptions: Sendable {
  /// Bytes for tables and their strings.
  public var memory: Int64?
  /// Instructions of one event.
  public var fuel: Int64?
  /// Bytes of the longest string.
  public var string: Int64?
  /// Bytes of the longest table key.
  public var key: Int64?
  /// Records a second.
  public var rate: Int64?
  /// Bytes of the ring of one CPU.
  public var ring: Int64?

  public init() {}

  /// Sets a limit by its name; false when there is none of that name.
  public mutating func set(_ name: String, to value: Int64) -> Bool {
    switch name {
    case "memory": memory = value
    case "fuel": fuel = value
    case "string": string = value
    case "key": key = value
    case "rate": rate = value
    case "ring": ring = value
    default: return false
    }
    return true
  }

  /// What is wrong with a value for the limit of that name, or nil.
  public static func problem(_ name: String, _ value: Int64) -> String? {
    Limits.ranges[name].flatMap { Limits.problem(name, value, $0) }
  }
}

/// What one script argument may be.
public enum ArgumentOption: Sendable {
  case integer(ClosedRange<Int64>)
  case integerChoice([Int64])
  case string
  case stringChoice([Text])
}

/// What became of a script.
public struct Compilation: Sendable {
  /// Nil when there were errors.
  public let program: Program?
  public let diagnostics: Diagnostics
}

/// Compiles a script. Reads nothing but its arguments; the same ones give the same program.
public func compile(_ source: SourceText, options: CompileOptions = CompileOptions()) -> Compilation
{
  var (script, diagnostics) = Parser.parse(source)
  if diagnostics.hasErrors {
    PartialAnalysis.report(script, source, to: &diagnostics)
    return Compilation(program: nil, diagnostics: diagnostics)
  }
  let analyzed = AnalyzedScript.analyze(script, source: source, diagnostics: &diagnostics)
  Warnings.report(script, to: &diagnostics)
  if diagnostics.hasErrors { return Compilation(program: nil, diagnostics: diagnostics) }
  let generator = ProgramGenerator(
    analyzed, source: source, options: options, diagnostics: diagnostics)
  let program = generator.generate()
  return Compilation(
    program: generator.diagnostics.hasErrors ? nil : program, diagnostics: generator.diagnostics)
}
