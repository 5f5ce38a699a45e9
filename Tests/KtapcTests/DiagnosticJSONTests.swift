// SPDX-License-Identifier: GPL-2.0-or-later
import Foundation
import Testing

/// What editors read: one object a line on standard output.
@Suite struct DiagnosticJSONTests {
  private struct Position: Decodable, Equatable {
    let line: Int
    let column: Int
    let offset: Int
  }

  private struct Finding: Decodable {
    struct Note: Decodable {
      let message: String
      let line: Int?
      let column: Int?
      let offset: Int?
      let end: Position?
    }
    struct Fix: Decodable {
      let replacement: String
      let line: Int
      let column: Int
      let offset: Int
      let end: Position
    }
    let type: String
    let severity: String
    let message: String
    let file: String
    let line: Int?
    let column: Int?
    let offset: Int?
    let end: Position?
    let notes: [Note]
    let fix: Fix?
  }

  private func findings(_ result: Tool.Result) throws -> [Finding] {
    try result.text.split(separator: "\n").map {
      try JSONDecoder().decode(Finding.self, from: Data($0.utf8))
    }
  }

  private let script = "print(\"äö\" .. pritnf(1))\nlocal a = (1\n"

  @Test func placesFixesAndNotes() throws {
    let tool = try Tool()
    try tool.write("s.kp", script)
    let result = try tool.ktapc("check", "--json", "s.kp")
    #expect(result.status == 3 && result.errors == "")
    let found = try findings(result)
    try #require(found.count == 2)
    let first = found[0]
    #expect(first.type == "diagnostic" && first.severity == "error" && first.file == "s.kp")
    #expect(first.message == "unknown function 'pritnf', did you mean 'printf'?")
    // Columns count characters, offsets count bytes.
    #expect(first.line == 1 && first.column == 15 && first.offset == 16)
    #expect(first.end == Position(line: 1, column: 21, offset: 22))
    let fix = try #require(first.fix)
    #expect(fix.replacement == "printf" && fix.line == 1 && fix.column == 15 && fix.offset == 16)
    #expect(fix.end == Position(line: 1, column: 21, offset: 22))
    let second = found[1]
    #expect(second.message == "expected ')' before the end of the script" && second.fix == nil)
    #expect(second.notes.map(\.message) == ["to close this '('"])
    #expect(second.notes[0].line == 2 && second.notes[0].column == 11)
  }

  /// Applying the fix of a finding mends the script.
  @Test func fixesCanBeApplied() throws {
    let tool = try Tool()
    var bytes = Array("local n = 5\nif (n) pirnt(\"ä\", n)\n".utf8)
    for _ in 0..<2 {
      try tool.write("s.kp", String(decoding: bytes, as: UTF8.self))
      let fix = try #require(
        try findings(try tool.ktapc("check", "--json", "s.kp")).compactMap(\.fix).last)
      bytes.replaceSubrange(fix.offset..<fix.end.offset, with: fix.replacement.utf8)
    }
    #expect(String(decoding: bytes, as: UTF8.self) == "local n = 5\nif (n != 0) print(\"ä\", n)\n")
  }

  @Test func severalFilesAndWarnings() throws {
    let tool = try Tool()
    try tool.write("good.kp", "print(1)\n")
    try tool.write("warning.kp", "local n = 5\n")
    try tool.write("bad.kp", "print(nosuch)\n")
    #expect(try tool.succeed("check", "--json", "good.kp") == "")
    let warned = try tool.ktapc("check", "--json", "warning.kp")
    #expect(warned.status == 0)
    #expect(try findings(warned).map(\.severity) == ["warning"])
    let all = try tool.ktapc("check", "--json", "bad.kp", "warning.kp", "good.kp")
    #expect(all.status == 3)
    #expect(try findings(all).map(\.file) == ["bad.kp", "warning.kp"])
    let code = try tool.ktapc("check", "--json", "-e", "print(nosuch)")
    #expect(try findings(code).map(\.file) == ["<command line>"])
  }

  @Test func buildAndRunReportLikeCheck() throws {
    let tool = try Tool()
    try tool.write("bad.kp", "print(nosuch)\n")
    let expected = try tool.ktapc("check", "--json", "bad.kp")
    for arguments in [["build", "--json", "bad.kp"], ["run", "--json", "--on", "sim", "bad.kp"]] {
      let result = try tool.ktapc(arguments)
      #expect(result.status == 3 && result.output == expected.output && result.errors == "")
    }
    #expect(try tool.ktapc("build", "--json", "bad.kp", "-o", "-").status == 2)
    // Warnings come before the output.
    let run = try tool.ktapc("run", "--json", "--on", "sim", "-e", "local n = 5 print(1)")
    #expect(run.status == 0)
    let lines = run.text.split(separator: "\n")
    #expect(lines.first?.contains("\"type\":\"diagnostic\"") == true)
    #expect(lines.contains { $0.contains("\"print\"") })
  }

  /// What concerns the script as a whole has no place.
  @Test func aScriptThatFitsIntoNoBundle() throws {
    let tool = try Tool()
    let result = try tool.shell(
      """
      { echo 'print(1)'; head -c 5000000 /dev/urandom | base64 -w 200 | sed 's/^/# /'; } >s.kp
      exec $KTAPC check --json s.kp
      """)
    #expect(result.status == 3 && result.errors == "")
    let found = try findings(result)
    #expect(found.map(\.message) == ["too many or too large: bytes of the bundle"])
    #expect(found.first?.file == "s.kp" && found.first?.line == nil)
  }
}
