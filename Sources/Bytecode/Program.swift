// SPDX-License-Identifier: GPL-2.0-or-later
import CKtap

/// A compiled program: all that the signed part of a bundle says, with functions that own their
/// registers, code and lines. Indices (of strings, globals, functions, ...) are those of the bundle.
public struct Program: Equatable, Sendable {
  public var manifest: Manifest
  public var policy: Policy
  public var integers: [Int64]
  public var strings: [Text]
  public var globals: [Global]
  public var tables: [TableSite]
  public var functions: [Function]
  public var fields: [FieldReference]
  public var probes: [Probe]
  public var formats: [OutputFormat]
  /// The script, for `ktapc` alone; kernel and agent never read it.
  public var source: CompressedSource?

  public init(manifest: Manifest, policy: Policy = Policy()) {
    self.manifest = manifest
    self.policy = policy
    integers = []
    strings = []
    globals = []
    tables = []
    functions = []
    fields = []
    probes = []
    formats = []
    source = nil
  }
}

/// Who the program is. Times are Unix times in seconds, 0 meaning no bound.
public struct Manifest: Equatable, Sendable {
  /// 1 to 64 of `[A-Za-z0-9._-]`.
  public var name: Text
  /// At most 64 bytes.
  public var version: Text
  /// The script's file name for error messages, at most 255 bytes.
  public var sourceName: Text
  public var sequence: UInt64
  public var notBefore: Int64
  public var notAfter: Int64

  public init(
    name: Text, version: Text = "", sourceName: Text = "", sequence: UInt64 = 0,
    notBefore: Int64 = 0, notAfter: Int64 = 0
  ) {
    self.name = name
    self.version = version
    self.sourceName = sourceName
    self.sequence = sequence
    self.notBefore = notBefore
    self.notAfter = notAfter
  }
}

/// What a program may do: `enum ktap_capability`.
public struct Capabilities: OptionSet, Hashable, Sendable {
  public var rawValue: UInt32

  public init(rawValue: UInt32) { self.rawValue = rawValue }

  /// Events and their fields.
  public static var observe: Capabilities { Capabilities(rawValue: 1 << 0) }
  /// Kernel pointers leave as numbers.
  public static var addresses: Capabilities { Capabilities(rawValue: 1 << 1) }
  /// Strings from user memory.
  public static var userData: Capabilities { Capabilities(rawValue: 1 << 2) }
  /// Reads of kernel memory.
  public static var memory: Capabilities { Capabilities(rawValue: 1 << 3) }
  /// Return values, kernel parameters, signals.
  public static var modify: Capabilities { Capabilities(rawValue: 1 << 4) }
  public static var all: Capabilities { Capabilities(rawValue: KTAP_CAPABILITY_ALL.rawValue) }

  /// The names of the members, in the order of their bits, as the documents write them.
  public var names: [String] {
    var names: [String] = []
    if contains(.observe) { names.append("observe") }
    if contains(.addresses) { names.append("addresses") }
    if contains(.userData) { names.append("user-data") }
    if contains(.memory) { names.append("memory") }
    if contains(.modify) { names.append("modify") }
    return names
  }
}

/// What a program is permitted and what it may use up. The defaults are those of limits.h.
public struct Policy: Equatable, Sendable {
  public var capabilities: Capabilities = []
  /// Bytes of the pool of tables and their strings; 0: the program has none.
  public var memory: UInt32 = 0
  /// Instructions of one event.
  public var probeFuel: UInt32 = KTAP_DEFAULT_PROBE_FUEL
  /// Bytes of the longest string.
  public var stringLimit: UInt32 = KTAP_DEFAULT_STRING
  /// Bytes of the longest canonical table key.
  public var keyLimit: UInt32 = KTAP_DEFAULT_KEY
  /// Bytes of the ring of one CPU, a power of two.
  public var ring: UInt32 = KTAP_DEFAULT_RING
  /// Instructions of top-level code, of each timer call and of trace_end.
  public var mainFuel: UInt64 = KTAP_DEFAULT_MAIN_FUEL
  /// Records a second; 0: no bound.
  public var eventRate: UInt32 = 0
  public var arguments: [ArgumentDeclaration] = []

  public init() {}
}

/// A script argument that a signed program takes.
public struct ArgumentDeclaration: Equatable, Sendable {
  /// `.integer` or `.string`.
  public var kind: Kind
  /// The range of an integer, ends included.
  public var least: Int64
  public var most: Int64
  /// The allowed values: a run of `choiceCount` entries of the program's integers or strings
  /// from `firstChoice` on; with none any value is allowed, of integers any in the range.
  public var firstChoice: UInt32
  public var choiceCount: UInt32

  public init(
    kind: Kind, least: Int64 = .min, most: Int64 = .max, firstChoice: UInt32 = 0,
    choiceCount: UInt32 = 0
  ) {
    self.kind = kind
    self.least = least
    self.most = most
    self.firstChoice = firstChoice
    self.choiceCount = choiceCount
  }
}

/// A global variable. Without nil in its mask it starts as zero of its kind, else as nil.
public struct Global: Equatable, Sendable {
  public var name: Text
  public var mask: KindMask
  /// The script line of its first assignment.
  public var line: UInt32

  public init(name: Text, mask: KindMask, line: UInt32) {
    self.name = name
    self.mask = mask
    self.line = line
  }
}

/// A place in the script that makes a table, and what its tables hold.
public struct TableSite: Equatable, Sendable {
  /// The kinds of each key part, 1 to 4.
  public var keys: [KindMask]
  public var value: KindMask
  /// Expected number of entries; 0: unknown.
  public var entries: UInt32
  public var line: UInt32
  /// What its aggregates keep; empty unless `value` is aggregate.
  public var aggregate: AggregateParts
  /// The linear histogram: buckets of `step` from `low` up to below `high`; 0 without one.
  public var low: Int64
  public var high: Int64
  public var step: Int64

  public init(
    keys: [KindMask], value: KindMask, entries: UInt32 = 0, line: UInt32,
    aggregate: AggregateParts = [], low: Int64 = 0, high: Int64 = 0, step: Int64 = 0
  ) {
    self.keys = keys
    self.value = value
    self.entries = entries
    self.line = line
    self.aggregate = aggregate
    self.low = low
    self.high = high
    self.step = step
  }
}

/// What aggregates keep beside count, sum, least and most: `enum ktap_aggregate_flags`.
public struct AggregateParts: OptionSet, Hashable, Sendable {
  public var rawValue: UInt8

  public init(rawValue: UInt8) { self.rawValue = rawValue }

  /// The sum of squares, for stddev.
  public static var squares: AggregateParts { AggregateParts(rawValue: 1 << 0) }
  /// Buckets by powers of two.
  public static var hist: AggregateParts { AggregateParts(rawValue: 1 << 1) }
  /// Buckets of one width.
  public static var lhist: AggregateParts { AggregateParts(rawValue: 1 << 2) }
}

/// `enum ktap_function_flags`.
public struct FunctionFlags: OptionSet, Hashable, Sendable {
  public var rawValue: UInt16

  public init(rawValue: UInt16) { self.rawValue = rawValue }

  /// It takes any number of arguments beyond its parameters.
  public static var variadic: FunctionFlags { FunctionFlags(rawValue: 1 << 0) }
  /// Parameter 0 is the table of the variables it closes over.
  public static var closure: FunctionFlags { FunctionFlags(rawValue: 1 << 1) }
}

/// A function: its first registers are its parameters.
public struct Function: Equatable, Sendable {
  public var name: Text
  public var registers: [KindMask]
  public var parameterCount: Int
  /// The kinds of its first result.
  public var result: KindMask
  public var flags: FunctionFlags
  public var line: UInt32
  public var code: [Instruction]
  /// The script line (from 1, 0: none) of each instruction.
  public var lines: [UInt32]

  public init(
    name: Text, registers: [KindMask], parameterCount: Int, result: KindMask,
    flags: FunctionFlags = [], line: UInt32, code: [Instruction], lines: [UInt32]
  ) {
    self.name = name
    self.registers = registers
    self.parameterCount = parameterCount
    self.result = result
    self.flags = flags
    self.line = line
    self.code = code
    self.lines = lines
  }
}

/// A field of an event by name; "#N" is the N-th own field, from 0.
public struct FieldReference: Hashable, Sendable {
  public var name: Text
  /// Integer, string or both.
  public var mask: KindMask
  /// It is only printed: what is not shown as a signed decimal number comes as text.
  public var isShown: Bool

  public init(name: Text, mask: KindMask, isShown: Bool = false) {
    self.name = name
    self.mask = mask
    self.isShown = isShown
  }
}

/// When a function runs: `enum ktap_probe_kind`.
public enum ProbeKind: UInt32, Sendable {
  /// Top-level code.
  case main = 1
  /// trace_end.
  case end = 2
  case event = 3
  /// A timer on one CPU.
  case tick = 4
}

public struct Probe: Equatable, Sendable {
  public var kind: ProbeKind
  /// Index of the function.
  public var function: UInt32
  /// "system:name" with globs; empty but for `.event`.
  public var event: Text
  /// Nanoseconds; 0 but for `.tick`.
  public var interval: UInt64
  public var line: UInt32

  public init(
    kind: ProbeKind, function: UInt32, event: Text = "", interval: UInt64 = 0, line: UInt32
  ) {
    self.kind = kind
    self.function = function
    self.event = event
    self.interval = interval
    self.line = line
  }
}

/// How the values of an output record are shown: `enum ktap_format_kind`.
public enum OutputFormatKind: UInt32, Sendable {
  /// Tabs between the values and a newline behind.
  case print = 1
  /// By a printf format.
  case printf = 2
  /// As `print`, of any number of values; the value count is 0.
  case printList = 3
}

public struct OutputFormat: Hashable, Sendable {
  public var kind: OutputFormatKind
  public var valueCount: UInt32
  /// The printf format; empty for `.print`.
  public var text: Text

  public init(kind: OutputFormatKind, valueCount: UInt32, text: Text = "") {
    self.kind = kind
    self.valueCount = valueCount
    self.text = text
  }
}

/// The script inside a bundle. Who makes and reads it compresses; this module only carries it.
public struct CompressedSource: Equatable, Sendable {
  /// Bytes of the script.
  public var length: UInt32
  /// A zlib stream (RFC 1950) of the script.
  public var zlib: [UInt8]

  public init(length: UInt32, zlib: [UInt8]) {
    self.length = length
    self.zlib = zlib
  }
}
