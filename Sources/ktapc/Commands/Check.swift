// SPDX-License-Identifier: GPL-2.0-or-later
import ArgumentParser

struct Check: ParsableCommand {
  static let configuration = CommandConfiguration(
    abstract: "Compile and verify scripts, and write nothing.",
    discussion: "Reports every finding of all scripts; ends with 3 if one does not compile.")

  @Argument(help: ArgumentHelp("Scripts; - is standard input.", valueName: "file"))
  var files: [String] = []

  @Option(name: .short, parsing: .unconditional, help: ArgumentHelp("A script.", valueName: "code"))
  var expression: String?

  @Flag(help: "Print the findings on standard output, one JSON object a line.")
  var json = false

  @OptionGroup var options: BuildOptions

  func validate() throws {
    if files.isEmpty == (expression == nil) {
      throw ValidationError("Either FILE or -e CODE is needed.")
    }
  }

  func run() throws {
    let scripts = try expression.map { [Script(code: $0)] } ?? files.map { try Script(path: $0) }
    var worst: Failure?
    for script in scripts {
      do {
        _ = try script.build(options, reports: json ? .json : .text)
      } catch let failure as Failure {
        // The others are checked all the same.
        if !failure.message.isEmpty { Terminal.error(failure.message) }
        worst = worst ?? Failure(failure.status)
      }
    }
    if let worst { throw worst }
  }
}
