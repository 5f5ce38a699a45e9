// SPDX-License-Identifier: GPL-2.0-or-later
import ArgumentParser
import Signing

struct Attach: ParsableCommand {
  static let configuration = CommandConfiguration(
    abstract: "Put a signature that another signer made into a bundle.",
    discussion: """
      The signature is a detached CMS over what `ktapc sign --detach` writes, in DER, with one \
      signer, SHA-256, no certificates and no attributes; nothing else is accepted. See \
      `ktapc sign --help` for the openssl command.
      """)

  @Argument(help: "The bundle.")
  var bundle: String

  @Argument(help: "The signature, DER.")
  var signature: String

  @OptionGroup var trust: TrustOptions

  @Option(
    name: .shortAndLong,
    help: ArgumentHelp("Where to write (default: in place).", valueName: "file"))
  var output: String?

  func run() throws {
    let opened = try OpenedBundle(path: bundle)
    let trusted = try trust.certificates()
    let der = try Files.read(signature)
    do {
      let made = try DetachedSignature(der: der)
      if !trusted.isEmpty {
        _ = try made.verify(over: opened.bundle.signedPart, trusted: trusted)
      }
      try Files.write(opened.contents(signature: made), to: output ?? bundle)
    } catch let error as SigningError {
      throw Failure(.refused, "\(signature): \(error)")
    }
  }
}
