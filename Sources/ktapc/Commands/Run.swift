// SPDX-License-Identifier: GPL-2.0-or-later
import ArgumentParser
import Bytecode
import Foundation

struct Run: ParsableCommand {
  static let configuration = CommandConfiguration(
    abstract: "Build a script and run it, or run a bundle (the default command).",
    usage: """
      ktapc [run] [<options>] <file> [<argument> ...] [-- <command> ...]
      ktapc [run] [<options>] -e <code> [<argument> ...] [-- <command> ...]
      """,
    discussion: """
      Words behind the script are its arguments, negative numbers too; other words that begin \
      with a dash are options wherever they stand. With a command after --, that command runs under the trace, which ends with it.

      The simulator has no events of its own: a script that traces some ends with 5 there unless \
      --events replays a recording. Time is virtual: whatever is due comes at once.
      """)

  @Option(
    name: .short, parsing: .unconditional, help: ArgumentHelp("Run this script.", valueName: "code")
  )
  var expression: String?

  @Option(help: RunPlace.help)
  var on: RunPlace?

  @Option(
    name: .shortAndLong, help: ArgumentHelp("Write the output to this file.", valueName: "file"))
  var output: String?

  @OptionGroup var agent: AgentOptions
  @OptionGroup var simulator: SimulatorOptions
  @OptionGroup var options: BuildOptions
  @OptionGroup var signing: SigningOptions

  @Argument(
    help: ArgumentHelp(
      "The script or bundle (- is standard input), then its arguments; after -- a command to run "
        + "and trace.", valueName: "file"))
  var words: [String] = []

  /// The parser puts the words behind `--` into the same list as those in front of it.
  private var commandLength: Int {
    let all = CommandLine.arguments
    return all.firstIndex(of: "--").map { all.count - $0 - 1 } ?? 0
  }

  private var inputs: ArraySlice<String> {
    words.dropLast(commandLength).map(NegativeNumbers.unmark)[...]
  }

  func validate() throws {
    if CommandLine.arguments.last == "--" && commandLength == 0 {
      throw ValidationError("A command is needed behind --.")
    }
    if expression == nil && inputs.isEmpty {
      throw ValidationError("A script is needed: FILE or -e CODE.")
    }
  }

  func run() throws {
    let contents = try bundle()
    let job = RunJob(
      bundle: contents, arguments: Array(expression == nil ? inputs.dropFirst() : inputs),
      command: words.suffix(commandLength), output: output, agent: agent)
    let place = on ?? (simulator.events == nil ? .standard : .simulator)
    if let option = simulator.used, place != .simulator {
      throw Failure(.usage, "\(option) is for the simulator, --on sim")
    }
    switch place {
    case .simulator: try SimulatorRunner(job: job, simulator: simulator).run()
    case .local: try LocalRunner(job: job).run()
    case .qemu(let name): try BoardRunner(job: job, board: name).run()
    case .ssh(let host, let port): try SSHRunner(job: job, host: host, port: port).run()
    }
  }

  private func read(_ path: String) throws -> [UInt8] {
    do {
      return try Files.read(path)
    } catch let failure as Failure {
      // A plain word may have been meant as a command.
      let isWord = !path.isEmpty && path.allSatisfy(\.isLetter)
      throw isWord
        ? Failure(failure.status, failure.message + "; 'ktapc help' lists the commands") : failure
    }
  }

  /// The bundle to run: the given one as it is, or one made from the script.
  private func bundle() throws -> [UInt8] {
    let script: Script
    if let expression {
      script = Script(code: expression)
    } else {
      let path = inputs.first ?? "-"
      let contents = try read(path)
      if OpenedBundle.isBundle(contents) {
        if !options.isEmpty || signing.key != nil {
          throw Failure(
            .usage,
            "\(path): --limit, --arg, --allow, -O0 and --key are for scripts, this is a bundle")
        }
        _ = try OpenedBundle(contents: contents, path: path)
        return contents
      }
      script = Script(path: path, contents: contents)
    }
    let signedPart = try script.build(options, reports: agent.json ? .json : .text)
    return Bundle.assemble(signedPart: signedPart, cms: try signing.sign(signedPart)?.der ?? [])
  }
}

/// What is to be run, wherever that is.
struct RunJob {
  /// A whole bundle file.
  let bundle: [UInt8]
  let arguments: [String]
  let command: [String]
  /// Where the output goes; nil: standard output.
  let output: String?
  let agent: AgentOptions

  /// The agent's arguments when it reads the bundle from `path`.
  func agentArguments(bundle path: String) -> [String] {
    agent.agentArguments + [path] + words
  }

  /// What stands behind the bundle: the script's arguments and the command.
  var words: [String] { arguments + (command.isEmpty ? [] : ["--"] + command) }

  /// Opens the output file on descriptor 1, for this program or the one that replaces it.
  func redirectOutput() throws {
    guard let output, output != "-" else { return }
    let descriptor = open(output, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0o666)
    guard descriptor >= 0, dup2(descriptor, STDOUT_FILENO) >= 0 else {
      throw Failure(.usage, "\(output): cannot be written: \(String(cString: strerror(errno)))")
    }
    close(descriptor)
  }
}
