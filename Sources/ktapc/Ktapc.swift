// SPDX-License-Identifier: GPL-2.0-or-later
import ArgumentParser
import Foundation

/// The workstation's program. Every subcommand has a file of its own.
@main struct Ktapc: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "ktapc",
    abstract: "Compile, check, sign and run ktap scripts.",
    discussion: """
      `ktapc script.kp` and `ktapc -e 'CODE'` run a script.

      Exit codes: 0 success, 1 the script stopped with a run-time error, 2 wrong usage, \
      3 the script does not compile, 4 verification or signature refused, 5 the board or its \
      kernel cannot do it, 128+N ended by signal N; exit(n) in a script gives n.
      """,
    version: "ktapc \(toolVersion)",
    subcommands: [
      Run.self, Check.self, Build.self, Sign.self, Attach.self, Verify.self, Inspect.self,
      KeyGen.self, TargetCommand.self, EventsCommand.self, Fmt.self, CheckTrace.self,
    ],
    defaultSubcommand: Run.self)

  static func main() {
    ChildProcess.unblockSignals()
    do {
      var command = try parseAsRoot(try words())
      try command.run()
      try Files.flushOutput()
    } catch let failure as Failure {
      finish(failure)
    } catch {
      finish(parserError: error)
    }
  }

  /// The command line as the parser is to see it.
  private static func words() throws -> [String] {
    let words = Array(CommandLine.arguments.dropFirst())
    let commands = configuration.subcommands.map { $0._commandName }
    let first = words.first ?? ""
    if first == "help" {
      // The parser would show what there is, as if that had been asked.
      if words.count > 1, !words[1].hasPrefix("-"), !commands.contains(words[1]) {
        throw Failure(.usage, "there is no command '\(words[1])'; 'ktapc help' lists them")
      }
      return words
    }
    return first == "run" || !commands.contains(first) ? NegativeNumbers.mark(words) : words
  }

  private static func finish(_ failure: Failure) -> Never {
    if !failure.message.isEmpty { Terminal.error(failure.message) }
    Foundation.exit(failure.status.rawValue)
  }

  /// Help and version go to stdout; wrong usage ends with 2, not with the parser's own code.
  private static func finish(parserError error: any Error) -> Never {
    let text = fullMessage(for: error)
    guard exitCode(for: error) != .success else {
      if !text.isEmpty { print(text) }
      do {
        try Files.flushOutput()
      } catch {
        finish(error)
      }
      Foundation.exit(0)
    }
    if let code = error as? ExitCode { Foundation.exit(code.rawValue) }
    Terminal.write(text + "\n")
    Foundation.exit(ExitStatus.usage.rawValue)
  }
}
