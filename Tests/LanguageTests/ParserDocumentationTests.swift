// SPDX-License-Identifier: GPL-2.0-or-later
import Foundation
import Language
import Testing

/// A script in the documentation: what stands in a ```ktap fence, and in the ```output fence right
/// behind it. A fence of ```ktap board holds a script that needs a board at its top level.
struct DocumentedScript: Sendable, CustomTestStringConvertible {
  let file: String
  /// The line of the script's first line.
  let line: Int
  let script: String
  let output: String?
  var needsBoard = false

  var testDescription: String { "\(file):\(line)" }

  /// The scripts of `README.md` and of all pages in `docs`.
  static let all: [DocumentedScript] = {
    let root = testFolder.deletingLastPathComponent().deletingLastPathComponent()
    let docs = root.appendingPathComponent("docs")
    let pages = (try? FileManager.default.contentsOfDirectory(atPath: docs.path)) ?? []
    let files =
      [root.appendingPathComponent("README.md")]
      + pages.sorted()
      .filter { $0.hasSuffix(".md") }.map { docs.appendingPathComponent($0) }
    return files.flatMap { file in
      scripts(of: (try? String(contentsOf: file, encoding: .utf8)) ?? "", file.lastPathComponent)
    }
  }()

  private static func scripts(of page: String, _ file: String) -> [DocumentedScript] {
    var found: [DocumentedScript] = []
    var fence: (language: String, line: Int, text: String)?
    var lastEnd = -1
    for (index, line) in page.components(separatedBy: "\n").enumerated() {
      if var open = fence {
        guard line == "```" else {
          open.text += line + "\n"
          fence = open
          continue
        }
        if open.language == "ktap" || open.language == "ktap board" {
          found.append(
            DocumentedScript(
              file: file, line: open.line, script: open.text, output: nil,
              needsBoard: open.language != "ktap"))
          lastEnd = index
        } else if open.language == "output", open.line == lastEnd + 3, let last = found.popLast() {
          found.append(
            DocumentedScript(
              file: file, line: last.line, script: last.script, output: open.text))
        }
        fence = nil
      } else if line.hasPrefix("```") {
        fence = (String(line.dropFirst(3)), index + 2, "")
      }
    }
    return found
  }
}

@Suite struct ParserDocumentationTests {
  @Test func scriptsAreFound() {
    let reference = DocumentedScript.all.filter { $0.file == "language.md" }
    #expect(reference.count >= 25)
    #expect(reference.filter { $0.output != nil }.count >= 12)
    let library = DocumentedScript.all.filter { $0.file == "library.md" }
    #expect(library.count >= 45)
    #expect(library.filter { $0.output != nil }.count >= 30)
    #expect(library.filter(\.needsBoard).count >= 8)
  }

  /// Every documented script compiles without error or warning, and prints what the page says.
  @Test(arguments: DocumentedScript.all) func scriptDoesWhatItSays(_ documented: DocumentedScript)
    throws
  {
    let name = "\(documented.file):\(documented.line)"
    let source = SourceText(name: name, text: documented.script)
    let compilation = compile(source)
    #expect(DiagnosticRenderer(source: source).render(compilation.diagnostics) == "")
    let program = try #require(compilation.program)
    if documented.needsBoard {
      // Handlers do nothing without their events.
      if program.probes.contains(where: { $0.kind == .event }) { return }
      let runner = try ScriptRunner(program)
      runner.run([])
      let end = runner.output.split(separator: "\n").last ?? ""
      #expect(end.hasPrefix("error ") && end.hasSuffix(": not available here"))
      return
    }
    guard let output = documented.output else { return }
    let runner = try ScriptRunner(program)
    runner.run([])
    // The code that exit() gives is not printed.
    #expect(runner.output == output || runner.output == output + "exit 0\n")
  }
}
