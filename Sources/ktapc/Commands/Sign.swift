// SPDX-License-Identifier: GPL-2.0-or-later
import ArgumentParser

struct Sign: ParsableCommand {
  static let configuration = CommandConfiguration(
    abstract: "Sign a bundle, or sign it again.",
    discussion: """
      Another signer can do it, such as openssl with a key in hardware:

        ktapc sign --detach BUNDLE -o part.bin
        openssl cms -sign -binary -nocerts -noattr -nosmimecap -md sha256 -outform DER \\
          -signer signer.crt -inkey signer.key -in part.bin -out part.cms
        ktapc attach BUNDLE part.cms

      With --detach and a key the signature itself is written.
      """)

  @Argument(help: "The bundle.")
  var bundle: String

  @OptionGroup var signing: SigningOptions

  @Flag(help: "Write the bytes to be signed, or with a key the signature, and not a bundle.")
  var detach = false

  @Option(
    name: .shortAndLong,
    help: ArgumentHelp("Where to write (default: in place).", valueName: "file"))
  var output: String?

  func validate() throws {
    if detach && output == nil { throw ValidationError("--detach needs -o FILE.") }
    if !detach && signing.key == nil { throw ValidationError("--key and --cert are needed.") }
  }

  func run() throws {
    let opened = try OpenedBundle(path: bundle)
    let signature = try signing.sign(opened.bundle.signedPart)
    if detach {
      try Files.write(signature?.der ?? opened.bundle.signedPart, to: output ?? "-")
    } else {
      try Files.write(opened.contents(signature: signature), to: output ?? bundle)
    }
  }
}
