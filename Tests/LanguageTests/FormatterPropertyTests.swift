// SPDX-License-Identifier: GPL-2.0-or-later
import Bytecode
import Foundation
import Testing

@testable import Language

/// What must hold for every script: formatting twice changes nothing more, the program stays, and
/// white space within lines does not matter.
@Suite struct FormatterPropertyTests {
  private struct Example: Sendable, CustomTestStringConvertible {
    let name: String
    let bytes: [UInt8]
    var testDescription: String { name }
    var source: SourceText { SourceText(name: name, bytes: bytes) }
  }

  private static let root =
    testFolder.deletingLastPathComponent().deletingLastPathComponent()

  /// The scripts of the repository and of its documents, those with syntax errors left out.
  private static let examples: [Example] = {
    var all = DocumentedScript.all.map {
      Example(name: "\($0.file):\($0.line)", bytes: Array($0.script.utf8))
    }
    for folder in ["samples", "Tests"] {
      let base = root.appendingPathComponent(folder)
      let paths = FileManager.default.enumerator(atPath: base.path)?.compactMap { $0 as? String }
      for path in (paths ?? []).sorted() where path.hasSuffix(".kp") {
        let data = try? Data(contentsOf: base.appendingPathComponent(path))
        all.append(Example(name: "\(folder)/\(path)", bytes: Array(data ?? Data())))
      }
    }
    return all.filter { !Parser.parse($0.source).diagnostics.hasErrors }
  }()

  private func formatted(_ bytes: [UInt8], _ name: String) throws -> [UInt8] {
    let source = SourceText(name: name, bytes: bytes)
    let result = format(source)
    return try #require(
      result.bytes, "\(name):\n\(DiagnosticRenderer(source: source).render(result.diagnostics))")
  }

  @Test func examplesAreFound() { #expect(Self.examples.count > 150) }

  @Test(arguments: examples) private func isIdempotent(_ example: Example) throws {
    let once = try formatted(example.bytes, example.name)
    let twice = try formatted(once, example.name)
    #expect(
      String(decoding: once, as: UTF8.self) == String(decoding: twice, as: UTF8.self))
  }

  @Test(arguments: examples) private func keepsTheProgram(_ example: Example) throws {
    guard let program = compile(example.source).program else { return }
    let bytes = try formatted(example.bytes, example.name)
    let after = compile(SourceText(name: example.name, bytes: bytes))
    #expect(withoutLines(program) == withoutLines(try #require(after.program)))
  }

  private func withoutLines(_ program: Program) -> Program {
    var program = program
    for index in program.globals.indices { program.globals[index].line = 0 }
    for index in program.tables.indices { program.tables[index].line = 0 }
    for index in program.functions.indices {
      program.functions[index].line = 0
      for place in program.functions[index].lines.indices {
        program.functions[index].lines[place] = 0
      }
    }
    for index in program.probes.indices { program.probes[index].line = 0 }
    return program
  }

  @Test(arguments: examples) private func spacesWithinLinesDoNotMatter(_ example: Example) throws {
    let expected = try formatted(example.bytes, example.name)
    var random = Seeded(state: UInt64(example.bytes.count))
    for _ in 0..<3 {
      let mangled = mangle(example, &random)
      let text = String(decoding: mangled, as: UTF8.self)
      #expect(try formatted(mangled, example.name) == expected, "\(text)")
    }
  }

  /// Other blanks where there are some, and more where a bracket or comma stands.
  private func mangle(_ example: Example, _ random: inout Seeded) -> [UInt8] {
    let pieces = Parser.parsePieces(example.source).pieces
    var out: [UInt8] = []
    var end = 0
    for piece in pieces {
      let gap = example.bytes[end..<piece.range.start]
      let isPlain = gap.allSatisfy { $0 == UInt8(ascii: " ") || $0 == UInt8(ascii: "\n") }
      if isPlain, end > 0 {
        for line in gap.split(separator: UInt8(ascii: "\n"), omittingEmptySubsequences: false)
          .enumerated()
        {
          if line.offset > 0 { out.append(UInt8(ascii: "\n")) }
          let least = line.element.isEmpty ? 0 : 1
          let isSeparable =
            least == 1 || isBracket(piece) || out.last.map { "(,[{\n".utf8.contains($0) } ?? false
          guard isSeparable else { continue }
          for _ in 0..<(least + random.below(3)) {
            out.append(random.pick([UInt8(ascii: " "), UInt8(ascii: "\t")]))
          }
        }
      } else {
        out += gap
      }
      out += example.bytes[piece.range.start..<piece.range.end]
      end = piece.range.end
    }
    return out + example.bytes[end...]
  }

  private func isBracket(_ piece: Piece) -> Bool {
    [.rightParenthesis, .rightBracket, .rightBrace, .comma].contains { piece.isToken($0) }
  }

  /// Line ends and comments in unexpected places: the result is the same program (which `format`
  /// makes sure of), and formatting it again changes nothing.
  @Test(arguments: examples) private func commentsAndLineEndsAnywhere(_ example: Example) throws {
    var random = Seeded(state: UInt64(example.bytes.count) &* 31)
    let pieces = Parser.parsePieces(example.source).pieces
    for _ in 0..<4 {
      var bytes = example.bytes
      for _ in 0..<(1 + random.below(4)) {
        let place = pieces[random.below(pieces.count)].range.start
        let insertion = random.pick([
          "\n", " # c\n", "\n# c\n", "/* c */", "/* c\n d */", "\n\n", " // c\n\n", "\n/* c */\n",
          ";",
          "/* c */ # d\n",
        ])
        bytes.insert(contentsOf: insertion.utf8, at: place)
      }
      let source = SourceText(name: example.name, bytes: bytes)
      if Parser.parse(source).diagnostics.hasErrors { continue }
      let once = try formatted(bytes, example.name)
      let twice = try formatted(once, example.name)
      let isStable = once == twice
      #expect(
        isStable,
        "\(String(decoding: bytes, as: UTF8.self))\n----\n\(String(decoding: once, as: UTF8.self))----\n\(String(decoding: twice, as: UTF8.self))"
      )
    }
  }

  @Test func nothingIsTooDeepOrLong() throws {
    for text in [
      "x = " + String(repeating: "(", count: 190) + "y" + String(repeating: ")", count: 190),
      "x = " + String(repeating: "{", count: 190) + "y" + String(repeating: "}", count: 190),
      "x = " + String(repeating: "f(", count: 190) + "y" + String(repeating: ")", count: 190),
      "x = " + String(repeating: "y + ", count: 400) + "y",
      "x = y" + String(repeating: ".y", count: 400), "x = y" + String(repeating: "[1]", count: 400),
      "x = " + String(repeating: "function () { x = ", count: 60) + "y"
        + String(repeating: "}", count: 60),
      "x = {" + String(repeating: "1, ", count: 20_000) + "}",
      String(repeating: "if (x) {} else ", count: 5_000) + "{}",
      String(repeating: "if (x) ", count: 190) + "f()",
      String(repeating: "x = 1\n", count: 20_000),
    ] {
      let once = try formatted(Array(text.utf8), "deep")
      let isStable = try formatted(once, "deep") == once
      #expect(isStable, "\(text.prefix(60))")
    }
  }
}
