// SPDX-License-Identifier: GPL-2.0-or-later
import Bytecode
import Foundation
import Language

/// A folder in which cases are run by something else than the simulator. It holds `list`, a line `ID ARGUMENT…`
/// for each case, and `ID.ktapb`; whoever runs them adds `ID.status`, the exit code, and either `ID.out` and
/// `ID.err` or `ID.records`, the records as they stand in a ring.
public struct CaseFolder {
  public let folder: URL

  public init(_ path: String) {
    folder = URL(fileURLWithPath: path)
  }

  private func file(_ name: String, _ ending: String) -> URL {
    folder.appendingPathComponent(CaseFolder.id(name) + ending)
  }

  private static func id(_ name: String) -> String { name.replacingOccurrences(of: "/", with: ".") }

  /// Compiles the cases that are run. The number of them.
  public func fill(_ cases: [LanguageCase], options: CompileOptions = CompileOptions()) throws
    -> Int
  {
    try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
    var list = ""
    for one in cases where one.isRun {
      try Data(one.bundle(options: options)).write(to: file(one.name, ".ktapb"))
      list += ([CaseFolder.id(one.name)] + one.arguments).joined(separator: " ") + "\n"
    }
    try list.write(to: folder.appendingPathComponent("list"), atomically: false, encoding: .utf8)
    return list.utf8.count { $0 == 10 }
  }

  /// The cases that `fill` compiled.
  public func isFilled(with one: LanguageCase) -> Bool {
    FileManager.default.fileExists(atPath: file(one.name, ".ktapb").path)
  }

  /// What the run of a case left here.
  public func result(of one: LanguageCase) throws -> CaseResult {
    guard let status = try? String(contentsOf: file(one.name, ".status"), encoding: .utf8),
      let code = Int32(status.filter { !$0.isWhitespace })
    else { throw CaseFailure(description: "it did not run") }
    var result = CaseResult()
    if let records = try? Data(contentsOf: file(one.name, ".records")) {
      result = try formatted([UInt8](records), exitCode: code, of: one)
    } else {
      result.output = String(
        decoding: try Data(contentsOf: file(one.name, ".out")), as: UTF8.self)
      let diagnostics = String(
        decoding: try Data(contentsOf: file(one.name, ".err")), as: UTF8.self)
      result.diagnostics = CaseFolder.withoutCounts(diagnostics)
    }
    result.exitCode = code
    return result
  }

  /// The line that counts events, of which a timer's calls are some, depends on how fast the board is.
  static func withoutCounts(_ text: String) -> String {
    text.split(separator: "\n", omittingEmptySubsequences: false)
      .filter { $0.wholeMatch(of: /[0-9]+ events: .* records lost/) == nil }.joined(separator: "\n")
  }

  /// The text of records, made as the agent on a board makes it.
  private func formatted(_ records: [UInt8], exitCode: Int32, of one: LanguageCase) throws
    -> CaseResult
  {
    let bundle = try [UInt8](Data(contentsOf: file(one.name, ".ktapb")))
    return try CaseResult(records: records, exitCode: exitCode, bundle: bundle)
  }
}
