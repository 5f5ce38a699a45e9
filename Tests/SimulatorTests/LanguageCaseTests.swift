// SPDX-License-Identifier: GPL-2.0-or-later
import Bytecode
import Cases
import Foundation
import Language
import Report
import Testing

/// Every script of `Tests/language` does in the simulator what it says.
@Suite struct LanguageCaseTests {
  @Test func thereAreCases() {
    #expect(CaseFiles.names.count >= 400)
  }

  @Test(arguments: CaseFiles.names) func script(_ name: String) throws {
    let one = try CaseFiles.read(name)
    try check(one)
  }

  private func check(_ one: LanguageCase) throws {
    try one.checkFindings()
    guard one.isRun else { return }
    for optimizes in [true, false] {
      var options = CompileOptions()
      options.optimizes = optimizes
      let result = try one.simulate(options: options)
      #expect(result == one.result, optimizes ? "optimised" : "not optimised")
    }
  }

  /// With --json each line is an object that any reader of JSON takes; the last one says how it ended.
  @Test(arguments: CaseFiles.names) func jsonOfEveryCase(_ name: String) throws {
    let one = try CaseFiles.read(name)
    guard one.isRun else { return }
    var report = ReportOptions()
    report.json = true
    let known = ["print", "printf", "hist", "table", "error", "end"]
    var types: [String] = []
    var last: [String: Any] = [:]
    for line in try one.simulate(report: report).output.split(separator: "\n") {
      last = try #require(
        try JSONSerialization.jsonObject(with: Data(line.utf8)) as? [String: Any], "\(line)")
      let type = try #require(last["type"] as? String, "\(line)")
      #expect(known.contains(type), "\(line)")
      #expect(type == "end" || (last["ts"] != nil && last["cpu"] is NSNumber), "\(line)")
      types.append(type)
    }
    #expect(types.firstIndex(of: "end") == types.count - 1)
    #expect(last["exit"] as? Int == Int(one.result.exitCode))
    #expect(last["errors"] as? Int == types.count { $0 == "error" })
  }

  /// Compiling is reproducible, and a program survives the file format.
  @Test(arguments: CaseFiles.names) func encodingKeepsTheProgram(_ name: String) throws {
    let source = SourceText(name: "case.kp", text: try CaseFiles.read(name).script)
    guard let program = compile(source).program else { return }
    #expect(compile(source).program == program)
    let signed = try program.encode(sha256: { _ in [UInt8](repeating: 7, count: 32) })
    #expect(try Bundle(Bundle.assemble(signedPart: signed)).program() == program)
  }
}
