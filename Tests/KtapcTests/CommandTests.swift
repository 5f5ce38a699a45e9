// SPDX-License-Identifier: GPL-2.0-or-later
import Testing

@Suite struct CommandTests {
  @Test func helpAndVersionGoToStandardOutput() throws {
    let tool = try Tool()
    #expect(try tool.succeed("--version").hasPrefix("ktapc "))
    let help = try tool.succeed("--help")
    for name in [
      "run", "check", "build", "sign", "attach", "verify", "inspect", "keygen", "target", "events",
      "fmt",
    ] {
      #expect(help.contains(name))
      #expect(try tool.succeed(name, "--help").contains("USAGE: ktapc"))
    }
  }

  @Test func checkReportsEveryScript() throws {
    let tool = try Tool()
    try tool.write("good.kp", "print(1)\n")
    try tool.write("bad.kp", "print(1)\n  pritnf(2)\nlocal x = len(3)\n")
    try tool.succeed("check", "good.kp")
    try tool.succeed("check", "-e", "print(1)")
    let result = try tool.ktapc("check", "bad.kp", "good.kp")
    #expect(result.status == 3)
    #expect(result.errors.contains("bad.kp:2:3: error: "))
    #expect(result.errors.contains("bad.kp:3:"))
    #expect(!result.errors.contains("good.kp"))
    #expect(try tool.ktapc("check").status == 2)
    try tool.succeed("build", "good.kp")
    #expect(try tool.ktapc("check", "good.ktapb").status == 2)
    #expect(try tool.ktapc("check", "missing.kp").status == 2)
  }

  @Test func checkWritesNothing() throws {
    let tool = try Tool()
    try tool.write("s.kp", "print(1)\n")
    try tool.succeed("check", "s.kp")
    #expect(throws: (any Error).self) { try tool.read("s.ktapb") }
  }

  @Test func helpOfAnUnknownCommandEndsWith2() throws {
    let tool = try Tool()
    let result = try tool.ktapc("help", "nosuch")
    #expect(result.status == 2 && result.text == "")
    #expect(result.errors.contains("there is no command 'nosuch'"))
    #expect(try tool.succeed("help", "build").contains("USAGE: ktapc build"))
    #expect(try tool.succeed("help").contains("SUBCOMMANDS"))
  }

  @Test func filesThatCannotBeUsedAreNamed() throws {
    let tool = try Tool()
    try tool.write("s.kp", "print(1)\n")
    try tool.makeDirectory("folder")
    for (arguments, message) in [
      (["check", "folder"], "folder: cannot be read: is a directory"),
      (["inspect", "none"], "none: cannot be read: no such file or directory"),
      (["build", "s.kp", "-o", "folder"], "folder: cannot be written: is a directory"),
      (["build", "s.kp", "-o", "none/s"], "none/s: cannot be written: no such file or directory"),
    ] {
      let result = try tool.ktapc(arguments)
      #expect(result.status == 2)
      #expect(result.errors == "ktapc: error: \(message)\n")
    }
  }

  /// A pipe or device is written to and not replaced by a file; a link stays a link.
  @Test func specialFilesStayWhatTheyAre() throws {
    let tool = try Tool()
    try tool.write("s.kp", "print(1)\n")
    let result = try tool.shell(
      """
      mkfifo pipe; cat pipe >got & $KTAPC build s.kp -o pipe && wait && test -p pipe &&
      $KTAPC build s.kp -o real && ln -s real link && chmod 640 real &&
      $KTAPC build s.kp -o link && test -L link && stat -c %a real && cmp got real
      """)
    #expect(result.status == 0 && result.text == "640\n", "\(result.errors)")
  }

  @Test func unknownSubcommandsAreTakenForScripts() throws {
    let result = try Tool().ktapc("frobnicate")
    #expect(result.status == 2)
    #expect(
      result.errors == "ktapc: error: frobnicate: cannot be read: no such file or directory; "
        + "'ktapc help' lists the commands\n")
  }
}

@Suite struct TargetTests {
  /// A project with the board "toy".
  private func project(_ configuration: String) throws -> Tool {
    let tool = try Tool()
    try tool.makeExecutable("home/tools/board-run", "exit 0")
    try tool.makeDirectory("home/targets/toy")
    try tool.write("home/targets/toy/board.conf", configuration)
    return tool
  }

  @Test func listsAndShowsBoards() throws {
    let tool = try project(
      "# SPDX-License-Identifier: GPL-2.0-or-later\n# A toy.\nARCH=arm\nMACHINE=\"-m 512 -smp 2\"\n"
    )
    let home = ["KTAP_HOME": tool.path("home")]
    #expect(try tool.ktapc(["target", "list"], environment: home).text == "toy           A toy.\n")
    #expect(
      try tool.ktapc(["target", "show", "toy"], environment: home).text
        == "name=toy\nARCH=arm\nMACHINE=-m 512 -smp 2\n")
    let json = try tool.ktapc(["target", "show", "toy", "--json"], environment: home)
    #expect(json.text.contains("\"MACHINE\" : \"-m 512 -smp 2\""))
    #expect(try tool.ktapc(["target", "show", "none"], environment: home).status == 2)
  }

  @Test func importsAndListsEvents() throws {
    let tool = try project("ARCH=arm\n")
    let home = ["KTAP_HOME": tool.path("home")]
    let missing = try tool.ktapc(["events", "--target", "toy"], environment: home)
    #expect(missing.status == 2)
    #expect(missing.errors.contains("ktapc target import toy FILE"))
    let list = "b:two\tcomm char[16]\tpid pid_t\na:one\nb:three\tx const char *\n"
    #expect(
      try tool.ktapc(["target", "import", "toy", "-"], input: list, environment: home).text
        == "toy: 3 events\n")
    #expect(
      try tool.ktapc(["events", "b:t*", "--target", "toy"], environment: home).text
        == "b:three\n    x: const char *\nb:two\n    comm: char[16]\n    pid: pid_t\n")
    #expect(
      try tool.ktapc(["events", "-q", "--target", "toy"], environment: home).text
        == "a:one\nb:three\nb:two\n")
    #expect(try tool.ktapc(["events", "c:*", "--target", "toy"], environment: home).status == 5)
    #expect(try tool.ktapc(["events", "--target", "none"], environment: home).status == 2)
    for bad in ["", "no event\n", "a:b\tfield\n", "a:b:c\n"] {
      let result = try tool.ktapc(
        ["target", "import", "toy", "-"], input: bad, environment: home)
      #expect(result.status == 2, "\(bad)")
    }
    // What was refused has changed nothing.
    #expect(try tool.ktapc(["events", "a:*", "--target", "toy"], environment: home).status == 0)
  }

  /// The catalogues in `targets/` are what boards said.
  @Test(arguments: ["x86_64"]) func knowsTheEventsOfBoards(_ board: String) throws {
    let shown = try Tool().succeed("events", "sched:sched_switch", "--target", board)
    #expect(shown.contains("    prev_pid: pid_t\n"))
    let opens = try Tool().succeed("events", "syscalls:sys_*_openat", "--target", board)
    #expect(opens.contains("    filename: const char *\n"))
  }

  @Test(arguments: ["ARCH=$(uname -m)\n", "ARCH=`x`\n", "echo\n", "1A=b\n", "A=b c\n", "A=\"b\n"])
  func refusesMoreThanAssignments(_ configuration: String) throws {
    let tool = try project(configuration)
    let result = try tool.ktapc(
      ["target", "list"], environment: ["KTAP_HOME": tool.path("home")])
    #expect(result.status == 2)
    #expect(result.errors.contains("not an assignment"))
  }
}
