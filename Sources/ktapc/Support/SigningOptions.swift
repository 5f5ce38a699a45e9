// SPDX-License-Identifier: GPL-2.0-or-later
import ArgumentParser
import Signing

/// `--key` and `--cert`.
struct SigningOptions: ParsableArguments {
  @Option(help: ArgumentHelp("Private key to sign with, PEM.", valueName: "file"))
  var key: String?

  @Option(help: ArgumentHelp("Certificate of the key, PEM or DER.", valueName: "file"))
  var cert: String?

  func validate() throws {
    if (key == nil) != (cert == nil) {
      throw ValidationError("--key and --cert belong together.")
    }
  }

  /// The signature over `bytes`; nil when no key was given.
  func sign(_ bytes: [UInt8]) throws -> DetachedSignature? {
    guard let key, let cert else { return nil }
    let text = String(decoding: try Files.read(key), as: UTF8.self)
    let signingKey = try explain(key) { try SigningKey(pem: text) }
    let contents = try Files.read(cert)
    let certificate = try explain(cert) { try SignerCertificate(contents: contents) }
    return try explain(cert) {
      try DetachedSignature(signing: bytes, key: signingKey, certificate: certificate)
    }
  }

  private func explain<T>(_ path: String, _ body: () throws -> T) throws -> T {
    do {
      return try body()
    } catch let error as SigningError {
      throw Failure(.usage, "\(path): \(error)")
    }
  }
}

/// `--trust`.
struct TrustOptions: ParsableArguments {
  @Option(
    help: ArgumentHelp(
      "Certificates of trusted signers, PEM or DER; repeatable.", valueName: "file"))
  var trust: [String] = []

  func certificates() throws -> [SignerCertificate] {
    try trust.flatMap { path in
      let contents = try Files.read(path)
      do {
        return try SignerCertificate.all(contents: contents)
      } catch {
        throw Failure(.usage, "\(path): \(error)")
      }
    }
  }
}
