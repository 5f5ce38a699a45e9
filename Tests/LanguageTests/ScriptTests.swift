// SPDX-License-Identifier: GPL-2.0-or-later
import Bytecode
import Foundation
import Language
import Testing

/// The folder of this file.
let testFolder = URL(fileURLWithPath: #filePath).deletingLastPathComponent()

/// Scripts of a folder of tests by name, sorted.
func scripts(in folder: String) -> [String] {
  let all = try? FileManager.default.contentsOfDirectory(
    atPath: testFolder.appendingPathComponent(folder).path)
  return (all ?? []).filter { $0.hasSuffix(".kp") }.map { String($0.dropLast(3)) }.sorted()
}

func read(_ folder: String, _ file: String) throws -> String {
  String(
    decoding: try Data(contentsOf: testFolder.appendingPathComponent("\(folder)/\(file)")),
    as: UTF8.self)
}

/// Every `cases/NAME.kp` is compiled, verified and run by the virtual machine; its output is
/// `NAME.expect`. Events come from `NAME.events`, arguments of the script from its `#args:` line.
@Suite struct ScriptTests {
  @Test func casesAreFound() { #expect(scripts(in: "cases").count >= 12) }

  @Test(arguments: scripts(in: "cases"), [true, false])
  func scriptPrintsWhatIsExpected(_ name: String, optimizes: Bool) throws {
    let text = try read("cases", "\(name).kp")
    let source = SourceText(name: "\(name).kp", text: text)
    var options = CompileOptions()
    options.optimizes = optimizes
    let compilation = compile(source, options: options)
    let report = DiagnosticRenderer(source: source).render(compilation.diagnostics)
    let program = try #require(compilation.program, "\(report)")

    var arguments: [String] = []
    if let line = text.split(separator: "\n").first(where: { $0.hasPrefix("#args:") }) {
      arguments = line.dropFirst(6).split(separator: " ").map(String.init)
    }
    let events = (try? read("cases", "\(name).events")) ?? ""
    let listing = Disassembler(program, source: Text(text)).listing()
    let runner: ScriptRunner
    do {
      runner = try ScriptRunner(program, arguments: arguments)
    } catch {
      Issue.record("refused: \(error)\n\(listing)")
      return
    }
    runner.run(try events.split(separator: "\n").map { try #require(TestEvent(line: $0)) })
    let expected = try read("cases", "\(name).expect")
    #expect(runner.output == expected, "\(listing)")
  }

  /// A program survives the file format, and compiling is reproducible.
  @Test(arguments: scripts(in: "cases")) func encodingKeepsTheProgram(_ name: String) throws {
    let source = SourceText(name: name, text: try read("cases", "\(name).kp"))
    let program = try #require(compile(source).program)
    let again = try #require(compile(source).program)
    #expect(program == again)
    let signed = try program.encode(sha256: { _ in [UInt8](repeating: 7, count: 32) })
    #expect(try Bundle(Bundle.assemble(signedPart: signed)).program() == program)
  }
}
