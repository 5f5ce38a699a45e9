// SPDX-License-Identifier: GPL-2.0-or-later
import Testing

@Suite struct FormatTests {
  private let messy = "#!/usr/bin/env ktapc\nif(x){f( 1,2 )}   # why\n"
  private let clean = "#!/usr/bin/env ktapc\nif (x) { f(1, 2) }  # why\n"

  @Test func printsTheFormattedScripts() throws {
    let tool = try Tool()
    try tool.write("messy.kp", messy)
    #expect(try tool.succeed("fmt", "messy.kp", "messy.kp") == clean + clean)
    #expect(try tool.ktapc(["fmt", "-"], input: messy).text == clean)
    #expect(try tool.read("messy.kp") == Array(messy.utf8))
  }

  @Test func changesFilesInPlace() throws {
    let tool = try Tool()
    try tool.write("messy.kp", messy)
    try tool.write("clean.kp", clean)
    let result = try tool.shell(
      """
      chmod 750 messy.kp; chmod 444 clean.kp; touch -d '2001-02-03' clean.kp; ln -s messy.kp link.kp
      $KTAPC fmt -i link.kp clean.kp && stat -c '%a' messy.kp && stat -c '%a %y' clean.kp &&
      test -L link.kp && ls *.kp*
      """)
    #expect(result.status == 0, "\(result.errors)")
    #expect(
      result.text.contains("750\n444 2001-02-03 00:00:00.000000000")
        && result.text.hasSuffix("clean.kp\nlink.kp\nmessy.kp\n"), "\(result.text)")
    #expect(try tool.read("messy.kp") == Array(clean.utf8))
  }

  @Test func checkNamesWhatIsNotCanonical() throws {
    let tool = try Tool()
    try tool.write("messy.kp", messy)
    try tool.write("clean.kp", clean)
    let result = try tool.ktapc("fmt", "--check", "clean.kp", "messy.kp")
    #expect(result.status == 1 && result.text == "messy.kp\n" && result.errors == "")
    #expect(try tool.read("messy.kp") == Array(messy.utf8))
    #expect(try tool.succeed("fmt", "--check", "clean.kp") == "")
  }

  @Test func aScriptWithErrorsIsLeftAlone() throws {
    let tool = try Tool()
    try tool.write("bad.kp", "x  = = 1\n")
    try tool.write("messy.kp", messy)
    let result = try tool.ktapc("fmt", "-i", "bad.kp", "messy.kp")
    #expect(result.status == 3 && result.text == "")
    #expect(result.errors.hasPrefix("bad.kp:1:6: error: "))
    #expect(try tool.read("bad.kp") == Array("x  = = 1\n".utf8))
    #expect(try tool.read("messy.kp") == Array(clean.utf8))
    #expect(try tool.ktapc("fmt", "--check", "messy.kp", "bad.kp").status == 3)
  }

  /// What only analysis finds is none of its business.
  @Test func unknownNamesAreFormatted() throws {
    #expect(try Tool().ktapc(["fmt", "-"], input: "nosuch( )").text == "nosuch()\n")
  }

  @Test func wrongUsage() throws {
    let tool = try Tool()
    try tool.write("messy.kp", messy)
    #expect(try tool.ktapc("fmt").status == 2)
    #expect(try tool.ktapc("fmt", "-i", "-").status == 2)
    #expect(try tool.ktapc("fmt", "-i", "--check", "messy.kp").status == 2)
    let result = try tool.ktapc("fmt", "none.kp", "messy.kp")
    #expect(result.status == 2 && result.text == clean)
    #expect(result.errors.contains("none.kp: cannot be read"))
  }
}
