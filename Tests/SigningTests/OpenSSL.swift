// SPDX-License-Identifier: GPL-2.0-or-later
import Foundation
import Signing
import TestSupport

/// A directory in which openssl runs.
final class Scratch: ScratchDirectory {
  struct Failure: Error, CustomStringConvertible {
    let description: String
  }

  /// Runs openssl in the directory and returns its standard output; throws when it fails.
  @discardableResult
  func openssl(_ arguments: String...) throws -> String { try openssl(arguments) }

  @discardableResult
  func openssl(_ arguments: [String]) throws -> String {
    let process = Process()
    process.executableURL = URL(fileURLWithPath: "/usr/bin/env")
    process.arguments = ["openssl"] + arguments
    process.currentDirectoryURL = directory
    let output = directory.appendingPathComponent("openssl.out")
    let errors = directory.appendingPathComponent("openssl.err")
    for file in [output, errors] { try Data().write(to: file) }
    process.standardOutput = try FileHandle(forWritingTo: output)
    process.standardError = try FileHandle(forWritingTo: errors)
    try process.run()
    process.waitUntilExit()
    guard process.terminationStatus == 0 else {
      throw Failure(description: "openssl \(arguments): \(try text("openssl.err"))")
    }
    return try text("openssl.out")
  }

  /// The command of the manual that makes a signature without ktapc.
  func signWithOpenSSL(data: String, key: String, certificate: String, out: String) throws {
    try openssl(
      "cms", "-sign", "-binary", "-nocerts", "-noattr", "-nosmimecap", "-md", "sha256",
      "-outform", "DER", "-signer", certificate, "-inkey", key, "-in", data, "-out", out)
  }
}

/// A key and its certificate, made once for all tests: RSA keys take a while.
struct Signer {
  let key: SigningKey
  let certificate: SignerCertificate

  init(_ algorithm: KeyAlgorithm, name: String) throws {
    key = try SigningKey.generate(algorithm)
    certificate = try SignerCertificate.selfSigned(name: name, key: key)
  }

  static let rsa = Result { try Signer(.rsa3072, name: "Test RSA") }
  static let p256 = Result { try Signer(.p256, name: "Test P-256") }

  static func of(_ algorithm: KeyAlgorithm) throws -> Signer {
    switch algorithm {
    case .rsa3072: try rsa.get()
    case .p256: try p256.get()
    }
  }
}
