// SPDX-License-Identifier: GPL-2.0-or-later
import ArgumentParser
import Signing

extension KeyAlgorithm: ExpressibleByArgument {}

struct KeyGen: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "keygen",
    abstract: "Make a signing key and its certificate.",
    discussion: """
      Writes NAME.key, readable by its owner alone, and the self-signed code-signing \
      certificate NAME.crt, both PEM. The certificate goes into the kernel module's keyring; \
      the key stays on the workstation. Existing files are not overwritten.
      """)

  @Argument(help: "Path of the files, without suffix.")
  var name: String

  @Option(help: "rsa3072, or p256 for kernels with ECDSA (6.12 of Debian has it, 6.1 has not).")
  var algorithm = KeyAlgorithm.rsa3072

  func run() throws {
    do {
      let files = try KeyFiles.generate(name: name, algorithm: algorithm)
      print("private key  \(files.key)")
      print("certificate  \(files.certificate)")
    } catch {
      throw Failure(.usage, error.description)
    }
  }
}
