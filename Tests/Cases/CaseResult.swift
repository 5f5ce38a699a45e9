// SPDX-License-Identifier: GPL-2.0-or-later

/// What a run prints and how it ends: the same wherever it runs.
public struct CaseResult: Equatable, Sendable, CustomStringConvertible {
  /// On standard output.
  public var output = ""
  /// On standard error.
  public var diagnostics = ""
  /// 0, 1 after a run-time error, or what exit() was given.
  public var exitCode: Int32 = 0

  public init() {}

  public var description: String { "\(output)--- \(exitCode)\n\(diagnostics)" }

  /// The first line where this differs from what is expected; nil when nothing does.
  public func difference(from expected: CaseResult) -> String? {
    if self == expected { return nil }
    let found = description.split(separator: "\n", omittingEmptySubsequences: false)
    let wanted = expected.description.split(separator: "\n", omittingEmptySubsequences: false)
    let line = zip(found, wanted).prefix { $0 == $1 }.count
    func text(_ lines: [Substring]) -> String {
      line < lines.count ? "'\(lines[line])'" : "nothing more"
    }
    return "line \(line + 1) is \(text(found)), not \(text(wanted))"
  }
}
