// SPDX-License-Identifier: GPL-2.0-or-later
import ArgumentParser
import Bytecode
import Foundation
import Signing
import Simulator

struct Inspect: ParsableCommand {
  static let configuration = CommandConfiguration(
    abstract: "Show what is in a bundle.",
    discussion: "Form and bytecode are verified; the signature is shown but not (see `verify`).")

  @Argument(help: "The bundle.")
  var bundle: String

  @Flag(help: "Show the instructions, with the script's lines where the bundle has them.")
  var disassemble = false

  @Flag(help: "Show the script that the bundle was made from, and nothing else.")
  var source = false

  @Flag(help: "Print a JSON object.")
  var json = false

  func validate() throws {
    if json && (source || disassemble) {
      throw ValidationError("--json goes without --source and --disassemble.")
    }
  }

  func run() throws {
    let opened = try OpenedBundle(path: bundle)
    if source {
      guard let script = try opened.source() else {
        throw Failure(.usage, "\(bundle): the script is not in the bundle")
      }
      try Files.write(script, to: "-")
      return
    }
    let description = BundleDescription(
      opened, try opened.program(), try opened.signature(path: bundle))
    if json {
      try printJSON(description)
      return
    }
    description.print()
    if disassemble {
      let script = try opened.source().map { Text(bytes: $0) }
      print("\n" + Disassembler(try opened.program(), source: script).listing(), terminator: "")
    }
  }
}
