// SPDX-License-Identifier: GPL-2.0-or-later
import Bytecode
import Cases
import Language
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

  /// Compiling is reproducible, and a program survives the file format.
  @Test(arguments: CaseFiles.names) func encodingKeepsTheProgram(_ name: String) throws {
    let source = SourceText(name: "case.kp", text: try CaseFiles.read(name).script)
    guard let program = compile(source).program else { return }
    #expect(compile(source).program == program)
    let signed = try program.encode(sha256: { _ in [UInt8](repeating: 7, count: 32) })
    #expect(try Bundle(Bundle.assemble(signedPart: signed)).program() == program)
  }
}
