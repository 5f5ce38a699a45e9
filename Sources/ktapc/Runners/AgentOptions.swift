// SPDX-License-Identifier: GPL-2.0-or-later
import ArgumentParser
import Simulator

/// The options that `run` passes on to the agent.
struct AgentOptions: ParsableArguments {
  @Option(
    name: .customShort("p", allowingJoined: true),
    help: ArgumentHelp("Trace this process only.", valueName: "pid")
  )
  var pid: Int32?

  @Option(
    name: .customShort("C", allowingJoined: true),
    help: ArgumentHelp("Trace this CPU only.", valueName: "cpu")
  )
  var cpu: Int32?

  @Flag(help: "With -p, trace the children of the process too.")
  var children = false

  @Option(
    help: ArgumentHelp(
      "Trace what runs in this cgroup of the board only, a folder.", valueName: "folder"))
  var cgroup: String?

  @Flag(
    name: [.customShort("T"), .customLong("timestamps")], help: "Begin each line with its time.")
  var timestamps = false

  @Flag(name: .shortAndLong, help: "Print the script's output and errors only.")
  var quiet = false

  @Flag(help: "Print one JSON object a line.")
  var json = false

  @Option(
    help: ArgumentHelp(
      "End after this time: 10s, 500ms, 2m; a bare number is seconds.", valueName: "time"))
  var duration: TimeSpan?

  @Flag(name: .shortAndLong, help: "Say what is done.")
  var verbose = false

  @Flag(help: "With a command, trace every process and not only the command and its children.")
  var all = false

  /// As the agent's command line has them; the output file stays with us.
  var agentArguments: [String] {
    var arguments: [String] = []
    if let pid { arguments += ["-p", "\(pid)"] }
    if let cpu { arguments += ["-C", "\(cpu)"] }
    if children { arguments.append("--children") }
    if let cgroup { arguments += ["--cgroup", cgroup] }
    if timestamps { arguments.append("-T") }
    if quiet { arguments.append("-q") }
    if json { arguments.append("--json") }
    if let duration { arguments += ["--duration", duration.text] }
    if verbose { arguments.append("-v") }
    if all { arguments.append("--all") }
    return arguments
  }
}

/// `--duration`.
struct TimeSpan: ExpressibleByArgument {
  let text: String
  let nanoseconds: UInt64

  init?(argument: String) {
    guard let nanoseconds = TimeUnit.nanoseconds(argument) else { return nil }
    text = argument
    self.nanoseconds = nanoseconds
  }
}
