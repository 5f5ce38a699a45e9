// SPDX-License-Identifier: GPL-2.0-or-later
import ArgumentParser
import Bytecode
import Foundation

struct Build: ParsableCommand {
  static let configuration = CommandConfiguration(
    abstract: "Compile, verify and package a script, and sign it if a key is given.",
    discussion: "The same script and options give the same signed part, byte for byte.")

  @Argument(help: "The script; - is standard input.")
  var file: String

  @Option(
    name: .shortAndLong,
    help: ArgumentHelp(
      "Where to write (default: the script's name with .ktapb).", valueName: "file"))
  var output: String?

  @OptionGroup var signing: SigningOptions
  @OptionGroup var manifest: ManifestOptions
  @OptionGroup var options: BuildOptions

  @Flag(help: "Leave the script out of the bundle.")
  var noSource = false

  @Flag(help: "Print what is wrong on standard output, one JSON object a line.")
  var json = false

  func validate() throws {
    if json && output == "-" { throw ValidationError("--json and -o - exclude each other.") }
    if file == "-" && output == nil { throw ValidationError("-o FILE is needed.") }
  }

  func run() throws {
    let script = try Script(path: file)
    let signedPart = try script.build(
      options, manifest: manifest, embedSource: !noSource, reports: json ? .json : .text)
    let signature = try signing.sign(signedPart)
    let path =
      output ?? URL(fileURLWithPath: file).deletingPathExtension().relativePath + ".ktapb"
    try Files.write(Bundle.assemble(signedPart: signedPart, cms: signature?.der ?? []), to: path)
  }
}
