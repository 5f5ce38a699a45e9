// SPDX-License-Identifier: GPL-2.0-or-later
import ArgumentParser
import Language

struct Fmt: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "fmt",
    abstract: "Bring scripts into canonical form.",
    discussion: """
      Prints the formatted scripts, or changes the files with -i. Comments stay, and the program \
      is the same before and after. A script that does not parse is left as it is; the command \
      then ends with 3.
      """)

  @Argument(help: ArgumentHelp("Scripts; - is standard input.", valueName: "file"))
  var files: [String]

  @Flag(
    name: [.customShort("i"), .customLong("in-place")],
    help: "Change the files instead of printing their formatted text.")
  var inPlace = false

  @Flag(help: "Print the names of the files that are not in canonical form; end with 1 if any is.")
  var check = false

  func validate() throws {
    if inPlace && check { throw ValidationError("-i and --check exclude each other.") }
    if inPlace && files.contains("-") {
      throw ValidationError("Standard input cannot be changed in place.")
    }
  }

  func run() throws {
    var worst: Failure?
    for file in files {
      do {
        try format(try Script(path: file), path: file)
      } catch let failure as Failure {
        // The others are formatted all the same.
        if !failure.message.isEmpty { Terminal.error(failure.message) }
        if failure.status.rawValue > worst?.status.rawValue ?? 0 { worst = Failure(failure.status) }
      }
    }
    if let worst { throw worst }
  }

  private func format(_ script: Script, path: String) throws {
    let formatted = try script.formatted()
    if check {
      guard formatted == script.bytes else {
        print(script.name)
        throw Failure(.runTimeError)
      }
    } else if !inPlace {
      try Files.flushOutput()
      try Files.write(formatted, to: "-")
    } else if formatted != script.bytes {
      try Files.write(formatted, to: path)
    }
  }
}
