// SPDX-License-Identifier: GPL-2.0-or-later
import Bytecode
import Foundation
import Testing

/// `--on local`, `ssh:` and `qemu:` start other programs; here scripts stand for those and
/// write down what they were given.
@Suite struct RemoteTests {
  private func search(_ tool: Tool) -> [String: String] {
    ["PATH": tool.path("bin") + ":/usr/bin:/bin"]
  }

  @Test func localHandsTheBundleToTheAgent() throws {
    let tool = try Tool()
    try tool.makeExecutable(
      "bin/ktap-run",
      "printf '%s|' \"$@\" >args; for a; do case $a in /proc/*) cat \"$a\" >got ;; esac; done; exit 9"
    )
    let result = try tool.ktapc(
      [
        "-e", "print(1)", "--on", "local", "-p", "12", "-C", "1", "-T", "-q", "--json",
        "--duration", "2s", "-v", "7", "--", "ls", "-l", "a b",
      ], environment: search(tool))
    #expect(result.status == 9)
    let arguments = String(decoding: try tool.read("args"), as: UTF8.self)
    #expect(arguments.hasPrefix("-p|12|-C|1|-T|-q|--json|--duration|2s|-v|/proc/self/fd/"))
    #expect(arguments.hasSuffix("|7|--|ls|-l|a b|"))
    #expect(try Bundle(tool.read("got")).manifest().name == "script")
  }

  /// As sshd does, gives the words to a shell as one text.
  private let ssh = "printf '%s|' \"$@\" >ssh-args; for last; do :; done; exec sh -c \"$last\""

  @Test func sshQuotesAndSendsTheBundle() throws {
    let tool = try Tool()
    try tool.makeExecutable("bin/ssh", ssh)
    try tool.makeExecutable(
      "bin/ktap-run", "cat \"$2\" >got; shift 2; printf '%s|' \"$@\"; exit 3")
    let result = try tool.ktapc(
      [
        "-e", "print(1)", "--on", "ssh:root@board:2222", "-q", "it's", "$HOME", "--", "echo",
        "a  b",
      ], environment: search(tool))
    #expect(result.status == 3, "\(result.errors)")
    #expect(
      String(decoding: try tool.read("ssh-args"), as: UTF8.self)
        .hasPrefix("-p|2222|-T|root@board|"))
    #expect(result.text == "it's|$HOME|--|echo|a  b|")
    #expect(try Bundle(tool.read("got")).manifest().name == "script")
  }

  @Test func interruptingEndsTheAgentOnTheBoard() throws {
    let tool = try Tool()
    try tool.makeExecutable("bin/ssh", ssh)
    try tool.makeExecutable(
      "bin/ktap-run",
      "trap 'echo gathered; exit 0' TERM; echo $PPID >started; while :; do sleep 0.05; done")
    let process = Process()
    process.executableURL = tool.program
    process.arguments = ["-e", "print(1)", "--on", "ssh:board", "-o", "out"]
    process.currentDirectoryURL = tool.directory
    process.environment = ProcessInfo.processInfo.environment.merging(search(tool)) { $1 }
    try process.run()
    let deadline = Date(timeIntervalSinceNow: 60)
    while (try? tool.read("started").isEmpty) ?? true, Date() < deadline { usleep(20_000) }
    process.interrupt()
    let end = Date(timeIntervalSinceNow: 60)
    while process.isRunning, Date() < end { usleep(20_000) }
    if process.isRunning { kill(process.processIdentifier, SIGKILL) }
    process.waitUntilExit()
    #expect(process.terminationStatus == 0)
    #expect(try tool.read("out") == Array("gathered\n".utf8))
  }

  @Test(arguments: [(255, "cannot be reached"), (127, "no ktap-run")])
  func sshFailuresEndWith5(_ status: Int, _ reason: String) throws {
    let tool = try Tool()
    try tool.makeExecutable(
      "bin/ssh", "exit \(status)")
    let result = try tool.ktapc(
      ["-e", "print(1)", "--on", "ssh:board"], environment: search(tool))
    #expect(result.status == 5)
    #expect(result.errors.contains(reason))
  }

  @Test func qemuRunsTheBoardTool() throws {
    let tool = try Tool()
    try tool.makeExecutable(
      "home/tools/board-run",
      "printf '%s|' \"$@\" >args; for a; do if [ -f \"$a/tmp/script.ktapb\" ]; then cat \"$a/tmp/script.ktapb\" >got; fi; done; echo from the board; exit 6"
    )
    try tool.makeDirectory("home/targets/armhf")
    try tool.write("home/targets/armhf/board.conf", "")
    let result = try tool.ktapc(
      [
        "-e", "trace \"syscalls:*\" function (e) { print(e) }", "--on", "qemu:armhf", "-o",
        "out", "--", "ls", "/",
      ], environment: ["KTAP_HOME": tool.path("home")])
    #expect(result.status == 6, "\(result.errors)")
    #expect(result.text == "")
    #expect(try tool.read("out") == Array("from the board\n".utf8))
    let arguments = String(decoding: try tool.read("args"), as: UTF8.self)
    #expect(arguments.contains("--files|"))
    #expect(arguments.hasSuffix("|armhf|--|ktap-run|/tmp/script.ktapb|--|ls|/|"))
    #expect(try Bundle(tool.read("got")).probes().contains { $0.event == "syscalls:*" })
  }

  @Test func unknownBoardsEndWith2() throws {
    let tool = try Tool()
    try tool.makeExecutable(
      "home/tools/board-run", "exit 0")
    try tool.makeDirectory("home/targets")
    let result = try tool.ktapc(
      ["-e", "print(1)", "--on", "qemu:toaster"], environment: ["KTAP_HOME": tool.path("home")])
    #expect(result.status == 2)
    #expect(result.errors.contains("'toaster'"))
  }
}
