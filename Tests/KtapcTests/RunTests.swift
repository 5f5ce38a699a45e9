// SPDX-License-Identifier: GPL-2.0-or-later
import Testing

@Suite struct RunTests {
  @Test func runIsTheDefaultCommand() throws {
    let tool = try Tool()
    try tool.write("script.kp", "print(\"hello\", arg[0], arg[1])\n")
    for arguments in [
      ["script.kp", "--on", "sim", "1", "two"], ["--on", "sim", "script.kp", "1", "two"],
      ["run", "script.kp", "1", "--on", "sim", "two"],
      ["run", "--on=sim", "script.kp", "1", "two"],
      ["-e", "print(\"hello\", arg[0], arg[1])", "1", "--on", "sim", "two"],
      ["--on", "sim", "-e", "print(\"hello\", arg[0], arg[1])", "1", "two"],
    ] {
      let result = try tool.ktapc(arguments)
      #expect(result.text == "hello\t1\ttwo\n", "\(arguments)")
      #expect(result.errors == "" && result.status == 0, "\(arguments): \(result.errors)")
    }
  }

  @Test func negativeNumbersAreArguments() throws {
    let tool = try Tool()
    try tool.write("s.kp", "print(arg[0], arg[1], len(arg))\n")
    for arguments in [
      ["s.kp", "-5", "-0x10", "--on", "sim"], ["--on", "sim", "s.kp", "-5", "-q", "-v", "a"],
      ["run", "s.kp", "--on", "sim", "-5", "-16"],
    ] {
      let result = try tool.ktapc(arguments)
      let second = arguments.contains("a") ? "a" : "-16"
      #expect(result.text == "-5\t\(second)\t2\n", "\(arguments): \(result.errors)")
    }
    #expect(try tool.ktapc("s.kp", "--on", "sim", "-x").status == 2)
    #expect(try tool.ktapc("s.kp", "--on", "sim", "--duration", "-5").status == 2)
    #expect(try tool.ktapc("-5").errors.contains("-5: cannot be read"))
  }

  @Test func outputThatCannotBeWrittenIsSaid() throws {
    let tool = try Tool()
    for command in [
      "$KTAPC -e 'print(1)' --on sim >/dev/full", "$KTAPC -e 'print(1)' --on sim -o /dev/full",
      "$KTAPC -e 'tick-1ms { print(1) }' --on sim >/dev/full", "$KTAPC --help >/dev/full",
      "$KTAPC -e 'print(1)' --on sim >&-",
    ] {
      let result = try tool.shell(command)
      #expect(result.status == 2, "\(command)")
      #expect(result.errors.contains("cannot be written: "), "\(command): \(result.errors)")
    }
    // With nobody to tell, the exit code is left.
    #expect(try tool.shell("$KTAPC nothing 2>&-").status == 2)
  }

  @Test func readsAScriptFromStandardInput() throws {
    let result = try Tool().ktapc(["--on", "sim", "-"], input: "print(6 * 7)\n")
    #expect(result.text == "42\n")
  }

  @Test func firstLineOfAScriptMayNameTheInterpreter() throws {
    let tool = try Tool()
    try tool.write("s.kp", "#!/usr/bin/env ktapc\nprint(1)\n")
    #expect(try tool.ktapc("s.kp", "--on", "sim").text == "1\n")
  }

  @Test func runsABundle() throws {
    let tool = try Tool()
    try tool.write("s.kp", "print(\"from a bundle\")\n")
    try tool.succeed("build", "s.kp")
    #expect(try tool.succeed("s.ktapb", "--on", "sim") == "from a bundle\n")
    let limited = try tool.ktapc("s.ktapb", "--on", "sim", "--limit", "memory=2M")
    #expect(limited.status == 2)
  }

  @Test func exitCodesOfScripts() throws {
    let tool = try Tool()
    #expect(try tool.ktapc("-e", "exit(7)", "--on", "sim").status == 7)
    #expect(try tool.ktapc("-e", "exit(0)", "--on", "sim").status == 0)
    let result = try tool.ktapc("-e", "exit(-1)", "--on", "sim", "--json")
    #expect(result.status == 255 && result.text.contains("\"exit\":255,"))
  }

  @Test func aRunTimeErrorEndsWith1AndNamesTheLine() throws {
    let tool = try Tool()
    try tool.write("s.kp", "print(\"a\")\nlocal zero = 0\nprint(1 / zero)\n")
    let result = try tool.ktapc("s.kp", "--on", "sim")
    #expect(result.status == 1)
    #expect(result.text == "a\n")
    #expect(result.errors.contains("s.kp:3") && result.errors.contains("division by zero"))
    #expect(result.errors.split(separator: "\n").count == 1)
  }

  @Test func aScriptThatDoesNotCompileEndsWith3() throws {
    let result = try Tool().ktapc("-e", "pritnf(1)", "--on", "sim")
    #expect(result.status == 3)
    #expect(result.text == "")
    #expect(result.errors.contains("did you mean 'printf'"))
    #expect(!result.errors.contains("\u{1b}"), "no colours when it is no terminal")
  }

  @Test func eventsOnTheSimulatorEndWith5() throws {
    let result = try Tool().ktapc(
      "-e", "trace \"syscalls:*\" function (e) { print(e) }", "--on", "sim")
    #expect(result.status == 5)
    #expect(
      result.errors.contains("<command line>: line 1 traces 'syscalls:*'")
        && result.errors.contains("--on qemu:"))
  }

  @Test func commandsAndFiltersNeedAKernel() throws {
    let tool = try Tool()
    #expect(try tool.ktapc("-e", "print(1)", "--on", "sim", "--", "ls", "/").status == 2)
    #expect(try tool.ktapc("-e", "print(1)", "--on", "sim", "-p", "1").status == 2)
    for option in ["-p1", "-C0"] {
      let result = try tool.ktapc("-e", "print(1)", "--on", "sim", option)
      #expect(result.status == 2 && result.errors.contains("-p and -C need a kernel"), "\(option)")
    }
  }

  @Test func outputGoesToAFile() throws {
    let tool = try Tool()
    let result = try tool.ktapc("-e", "print(1)", "--on", "sim", "-o", "out.txt")
    #expect(result.text == "" && result.status == 0)
    #expect(try tool.read("out.txt") == Array("1\n".utf8))
  }

  @Test func durationEndsTimers() throws {
    let result = try Tool().ktapc(
      "-e", "tick-1s { print(elapsed / 1s) }", "--on", "sim", "--duration", "3s")
    #expect(result.text == "1\n2\n3\n" && result.status == 0)
  }

  @Test func jsonIsOneObjectALine() throws {
    let result = try Tool().ktapc("-e", "print(\"x\")", "--on", "sim", "--json")
    let lines = result.text.split(separator: "\n")
    #expect(lines.count == 2)
    #expect(lines.allSatisfy { $0.hasPrefix("{\"type\":\"") && $0.hasSuffix("}") })
    #expect(lines.last?.hasPrefix("{\"type\":\"end\"") == true)
  }

  @Test func limitsOverrideTheScript() throws {
    let script = "limit memory 64K\nt = {}\nfor (i = 1, 10000) { t[i] = i }\nprint(len(t))"
    let tool = try Tool()
    #expect(try tool.ktapc("-e", script, "--on", "sim").status == 1)
    let result = try tool.ktapc("-e", script, "--on", "sim", "--limit", "memory=8M")
    #expect(result.text == "10000\n", "\(result.errors)")
    let refused = try tool.ktapc("-e", script, "--on", "sim", "--limit", "memory=8G")
    #expect(refused.status == 2)
    #expect(refused.errors.contains("limit memory must be from 4096 to 67108864"))
  }

  @Test(arguments: [
    ["--on", "nowhere", "-e", "print(1)"], ["--on", "qemu:../x", "-e", "print(1)"],
    ["--on", "ssh:", "-e", "print(1)"], ["--on", "ssh:-oProxyCommand=x", "-e", "print(1)"], [],
    ["--no-such-option", "-e", "print(1)"], ["-e"], ["-e", "print(1)", "--"],
    ["/nonexistent/script.kp"],
    ["-e", "print(1)", "--duration", "soon"], ["-e", "print(1)", "--limit", "memory"],
    ["-e", "print(1)", "--limit", "memory=4X"], ["-e", "print(1)", "--limit", "colour=1"],
    ["-e", "print(1)", "--arg", "0=float"], ["-e", "print(1)", "--arg", "1=int"],
    ["-e", "print(1)", "--key", "k.pem"], ["-e", "print(1)", "--allow", "everything"],
  ])
  func wrongUsageEndsWith2(_ arguments: [String]) throws {
    let result = try Tool().ktapc(arguments)
    #expect(result.status == 2, "\(result.errors)")
    #expect(!result.errors.isEmpty)
    #expect(result.text == "")
  }

  @Test func unknownBoardsAreNamed() throws {
    let tool = try Tool()
    let result = try tool.ktapc(
      ["--on", "qemu:toaster", "-e", "print(1)"], environment: ["KTAP_HOME": tool.path("none")])
    #expect(result.status == 2)
    #expect(result.errors.contains("KTAP_HOME"))
  }

  @Test func localWithoutAnAgentEndsWith5() throws {
    let result = try Tool().ktapc(
      ["--on", "local", "-e", "print(1)"], environment: ["PATH": "/nonexistent"])
    #expect(result.status == 5)
    #expect(result.errors.contains("ktap-run"))
  }
}
