// SPDX-License-Identifier: GPL-2.0-or-later

/// A whole script as the parser understood it. It keeps the source's order and ranges; names are
/// not resolved and nothing is folded but the sign of a literal.
public struct Script: Sendable {
  public let statements: [Statement]
  /// One more than the greatest `Expression.id`; the length of a side array over expressions.
  public let expressionCount: Int
  /// One more than the greatest `Function.id`; the length of a side array over functions.
  public let functionCount: Int
  /// The parts with syntax errors, which the statements lack.
  var unparsed: [SourceRange] = []
}

/// An identifier and where it stands.
public struct Name: Hashable, Sendable {
  public let text: String
  public let range: SourceRange
}

/// Statements in braces, or the single statement that stands in their place.
public struct Block: Sendable {
  public let statements: [Statement]
  public let range: SourceRange
}

/// The parameters and body of a function, named or anonymous.
public struct Function: Sendable {
  /// Unique in the file, counted from 0 in the order in which functions begin.
  public let id: Int
  public let parameters: [Name]
  /// Where the `...` after the parameters stands, or nil without one.
  public let variadic: SourceRange?
  public let body: Block
  /// From `function` to the closing brace.
  public let range: SourceRange

  public var isVariadic: Bool { variadic != nil }
}

// MARK: - Expressions

public struct Expression: Sendable {
  public indirect enum Kind: Sendable {
    case `nil`
    case boolean(Bool)
    /// A literal with its suffix and sign applied.
    case integer(Int64)
    /// The bytes of a literal with its escapes resolved; any bytes, also 0.
    case string([UInt8])
    /// `...`: the further arguments of a variadic function.
    case varargs
    case name(String)
    /// `base[key]`, and `base[key, key]` with several keys; `keys` is never empty.
    case index(Expression, keys: [Expression])
    /// `base.name`
    case field(Expression, Name)
    case call(Expression, [Expression])
    case unary(UnaryOperator, Expression)
    case binary(BinaryOperator, Expression, Expression)
    /// `condition ? then : else`
    case conditional(Expression, then: Expression, otherwise: Expression)
    case table([TableEntry])
    case function(Function)
    /// `(expression)`: kept because it cuts several results down to the first.
    case parenthesized(Expression)
    /// Stands where the parser reported an error; later passes say nothing about it.
    case invalid
  }

  /// Unique in the file, from 0; children have smaller ids than their parents.
  public let id: Int
  public let range: SourceRange
  public let kind: Kind
  /// The levels of expressions below and including this one, through function bodies too. The
  /// parser bounds it, so that passes may recurse.
  public let height: Int
}

public enum TableEntry: Sendable {
  /// `value`: takes the next number from 1.
  case positional(Expression)
  /// `name = value`
  case named(Name, Expression)
  /// `[key] = value`, or with several keys; `keys` is never empty.
  case keyed(keys: [Expression], Expression)
}

// MARK: - Statements

public struct Statement: Sendable {
  public indirect enum Kind: Sendable {
    /// `local a, b = c, d` or `var …`; `values` may be empty, shorter or longer.
    case local([Name], values: [Expression])
    /// `a, t[k], u.f = x, y`: targets are `.name`, `.index`, `.field` or `.invalid`.
    case assign([Expression], values: [Expression])
    /// `target op= value`; `++` and `--` are `+= 1` and `-= 1`.
    case update(Expression, BinaryOperator, Expression)
    /// `target <<< value`
    case aggregate(Expression, Expression)
    /// An expression for its effect: a `.call`, or `.invalid`.
    case call(Expression)
    case block(Block)
    /// `if … else if … else`: at least one clause.
    case `if`([ConditionalClause], otherwise: Block?)
    case `while`(Expression, Block)
    /// `until` sees the locals of the body.
    case `repeat`(Block, until: Expression)
    /// `for (variable = first, last[, step])`, last included; the variable is local to the loop.
    case forRange(Name, first: Expression, last: Expression, step: Expression?, Block)
    /// `for (initial; condition; step)`. A plain name that `initial` assigns and that is no local
    /// in scope is local to the loop.
    case forClause(initial: Statement?, condition: Expression?, step: Statement?, Block)
    /// `for (k, v in iterator)`: names for the parts of the key, then one for the value; the value
    /// may be left out. `iterator` is a call of `pairs` or `sort_pairs` when correct.
    case forEach([Name], in: Expression, Block)
    case `break`
    case `continue`
    case `return`([Expression])
    /// `function name (…) {…}` or `local function name (…) {…}`
    case function(Name, Function, isLocal: Bool)
    case trace(TraceDeclaration)
    case traceEnd(Handler)
    case timer(TimerDeclaration)
    case limit(LimitDirective)
  }

  public let range: SourceRange
  public let kind: Kind
}

/// One `if (condition) body`.
public struct ConditionalClause: Sendable {
  public let condition: Expression
  public let body: Block
}

// MARK: - Tracing

/// What runs when an event occurs.
public enum Handler: Sendable {
  /// `function (e) {…}` in place.
  case function(Function)
  /// The name of a function.
  case name(Name)
  /// `{…}`, in which the event has no name.
  case block(Block)
}

/// `trace SPECIFICATION, … [/filter/] handler`, quoted or not.
public struct TraceDeclaration: Sendable {
  /// At least one when the script has no errors.
  public let specifications: [ProbeSpecification]
  public let filter: Filter?
  public let handler: Handler
  /// From the first specification to the end of the last, inside the quotes of a string.
  public let specificationRange: SourceRange
}

/// One event to trace, such as `syscalls:sys_enter_*` or `probe:vfs_read%return`.
public struct ProbeSpecification: Sendable {
  /// The event as written: no white space, escapes resolved.
  public let text: String
  public let range: SourceRange
  /// `name=%di` and the like behind the event, each left as written.
  public let fetchArguments: [FetchArgument]
}

/// An argument for a probe to fetch, in the kernel's kprobe_events syntax, not yet understood.
public struct FetchArgument: Sendable {
  public let text: String
  public let range: SourceRange
}

/// `tick-N UNIT` (on one CPU) or `profile-N UNIT` (on every CPU) with what it runs.
public struct TimerDeclaration: Sendable {
  public let isProfile: Bool
  /// The time between two runs, at least 1.
  public let nanoseconds: Int64
  /// The timer's own text, such as `tick-1s`.
  public let range: SourceRange
  public let handler: Handler
}

/// `limit NAME VALUE`. The parser checks the form, not the names.
public struct LimitDirective: Sendable {
  public let name: Name
  /// With K, M and G (powers of 1024) and time suffixes applied.
  public let value: Int64
  public let valueRange: SourceRange
}

/// The condition between slashes: a tree of the kernel's filter syntax.
public struct Filter: Sendable {
  public indirect enum Kind: Sendable {
    case comparison(field: Name, FilterOperator, FilterValue)
    case and(Filter, Filter)
    case or(Filter, Filter)
    case not(Filter)
    /// Stands where the parser reported an error.
    case invalid
  }

  public let kind: Kind
  public let range: SourceRange
}

/// The operators of a filter's comparison. The raw value is the spelling.
public enum FilterOperator: String, CaseIterable, Hashable, Sendable {
  case equal = "=="
  case notEqual = "!="
  case less = "<"
  case lessOrEqual = "<="
  case greater = ">"
  case greaterOrEqual = ">="
  /// True when the field and the value have a bit in common.
  case bitAnd = "&"
  /// Matches a glob with `*`, `?` and `[…]`.
  case glob = "~"
}

/// What a filter compares a field with.
public struct FilterValue: Sendable {
  public enum Kind: Sendable {
    /// Decimal, hexadecimal (`0x`) or octal (leading 0), as the kernel reads it.
    case integer(Int64)
    /// The bytes of a string in quotes, or of a bare word, which may be a glob.
    case string([UInt8], isQuoted: Bool)
  }

  public let kind: Kind
  public let range: SourceRange
}
