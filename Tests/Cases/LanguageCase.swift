// SPDX-License-Identifier: GPL-2.0-or-later
import Foundation

/// One file of `Tests/language`: a script, and in comments what it must do.
///
///     #args: 12 word            arguments of the script
///     #> text                   a line of output; the lines stand in their order
///     #\ text\x1b[0m            the same with \xHH, \t and \\ for what an editor would not show
///     #error 7: text            it ends with a run-time error in line 7
///     #exit 3                   it ends with this exit code
///     #   ^ error: text         a diagnostic of the compiler; the caret stands below the place
///     #^^ error: text           the same for column 1
///
/// A case with errors of the compiler is not run. Warnings count only where some are marked.
public struct LanguageCase: Sendable {
  /// A diagnostic of the compiler, or a mark for one.
  public struct Finding: Hashable, Comparable, CustomStringConvertible, Sendable {
    public let line: Int
    public let column: Int
    /// `error: …` or `warning: …`.
    public let text: String

    public var description: String { "\(line):\(column): \(text)" }

    public static func < (left: Finding, right: Finding) -> Bool {
      (left.line, left.column, left.text) < (right.line, right.column, right.text)
    }
  }

  /// Folder and file without its extension: `operators/shift`.
  public let name: String
  public let script: String
  public private(set) var arguments: [String] = []
  public private(set) var result = CaseResult()
  public private(set) var findings: [Finding] = []

  /// How the compiler, and with it run-time errors, call the script.
  public var fileName: String { (name.split(separator: "/").last ?? "") + ".kp" }
  /// Whether the script compiles.
  public var isRun: Bool { !findings.contains { $0.text.hasPrefix("error") } }

  public init(name: String, script: String) {
    self.name = name
    self.script = script
    var codeLine = 0
    for (index, line) in script.split(separator: "\n", omittingEmptySubsequences: false)
      .enumerated()
    {
      if !mark(line, at: codeLine) { codeLine = index + 1 }
    }
  }

  /// Takes a line that is a mark; false for any other.
  private mutating func mark(_ line: Substring, at codeLine: Int) -> Bool {
    if let text = line.behind("#>") {
      result.output += (text.behind(" ") ?? text) + "\n"
    } else if let text = line.behind("#\\ ") {
      result.output += LanguageCase.unescaped(text) + "\n"
    } else if let text = line.behind("#args:") {
      arguments = text.split(separator: " ").map(String.init)
    } else if let text = line.behind("#error ") {
      let parts = text.split(separator: ":", maxSplits: 1)
      result.diagnostics =
        "\(fileName):\(parts[0]): run-time error:\(parts.count > 1 ? parts[1] : "")\n"
      result.exitCode = 1
    } else if let text = line.behind("#exit ") {
      result.exitCode = Int32(text) ?? -1
    } else if line.hasPrefix("#"), let caret = line.firstIndex(of: "^"),
      line[line.index(after: line.startIndex)..<caret].allSatisfy({ $0 == " " })
    {
      var column = line.distance(from: line.startIndex, to: caret) + 1
      if line.hasPrefix("#^^") { column = 1 }
      let text = line[caret...].drop { $0 == "^" }.drop { $0 == " " }
      findings.append(Finding(line: codeLine, column: column, text: String(text)))
      findings.sort()
    } else {
      return false
    }
    return true
  }

  private static func unescaped(_ text: Substring) -> String {
    var bytes: [UInt8] = []
    var rest = Array(text.utf8)[...]
    while let byte = rest.popFirst() {
      guard byte == UInt8(ascii: "\\"), let letter = rest.popFirst() else {
        bytes.append(byte)
        continue
      }
      switch letter {
      case UInt8(ascii: "x"):
        bytes.append(UInt8(String(decoding: rest.prefix(2), as: UTF8.self), radix: 16) ?? 0)
        rest = rest.dropFirst(2)
      case UInt8(ascii: "t"): bytes.append(9)
      default: bytes.append(letter)
      }
    }
    return String(decoding: bytes, as: UTF8.self)
  }
}

extension Substring {
  fileprivate func behind(_ prefix: String) -> Substring? {
    hasPrefix(prefix) ? dropFirst(prefix.count) : nil
  }
}
