// SPDX-License-Identifier: GPL-2.0-or-later

/// One finding of the compiler about a script.
public struct Diagnostic: Hashable, Sendable {
  public enum Severity: String, Hashable, Sendable {
    /// The script is not compiled.
    case error
    /// The script is compiled, but probably does not do what its author meant.
    case warning
  }

  /// A further place that explains a finding.
  public struct Note: Hashable, Sendable {
    public let message: String
    /// The place meant, or nil when the note is about no place in particular.
    public let range: SourceRange?

    public init(_ message: String, at range: SourceRange? = nil) {
      self.message = message
      self.range = range
    }
  }

  /// A change of the source that would probably mend it.
  public struct FixIt: Hashable, Sendable {
    /// The bytes to replace; empty for an insertion.
    public let range: SourceRange
    public let replacement: String

    public init(replace range: SourceRange, with replacement: String) {
      self.range = range
      self.replacement = replacement
    }
  }

  public let severity: Severity
  /// What is wrong: lower case, no full stop.
  public let message: String
  /// The token or construct that is wrong.
  public let range: SourceRange
  public let notes: [Note]
  public let fixIt: FixIt?

  public init(
    _ severity: Severity, _ message: String, at range: SourceRange, notes: [Note] = [],
    fixIt: FixIt? = nil
  ) {
    self.severity = severity
    self.message = message
    self.range = range
    self.notes = notes
    self.fixIt = fixIt
  }
}

/// The findings of all passes over one script, in the order in which they were made.
public struct Diagnostics: Sendable {
  public private(set) var all: [Diagnostic] = []
  public private(set) var hasErrors = false

  public init() {}

  public mutating func append(_ diagnostic: Diagnostic) {
    all.append(diagnostic)
    if diagnostic.severity == .error { hasErrors = true }
  }

  public mutating func error(
    _ message: String, at range: SourceRange, notes: [Diagnostic.Note] = [],
    fixIt: Diagnostic.FixIt? = nil
  ) {
    append(Diagnostic(.error, message, at: range, notes: notes, fixIt: fixIt))
  }

  public mutating func warning(
    _ message: String, at range: SourceRange, notes: [Diagnostic.Note] = [],
    fixIt: Diagnostic.FixIt? = nil
  ) {
    append(Diagnostic(.warning, message, at: range, notes: notes, fixIt: fixIt))
  }

  /// Reports that `name` (standing at `range`) is not known. `what` says what kind of thing it
  /// is, as in "unknown WHAT 'pritnf', did you mean 'printf'?".
  public mutating func unknown(
    _ what: String, _ name: String, at range: SourceRange, among candidates: some Sequence<String>
  ) {
    let foreign = ForeignNames.functions[name].flatMap { candidates.contains($0) ? $0 : nil }
    guard let better = foreign ?? suggestion(for: name, among: candidates) else {
      error("unknown \(what) '\(name)'", at: range)
      return
    }
    error(
      "unknown \(what) '\(name)', did you mean '\(better)'?", at: range,
      fixIt: Diagnostic.FixIt(replace: range, with: better))
  }

  /// The findings ordered by their place, for output.
  public var sorted: [Diagnostic] {
    all.enumerated().sorted {
      ($0.element.range.start, $0.offset) < ($1.element.range.start, $1.offset)
    }.map(\.element)
  }
}
