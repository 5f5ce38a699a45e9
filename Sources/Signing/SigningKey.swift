// SPDX-License-Identifier: GPL-2.0-or-later
import Crypto
import CryptoExtras
import Foundation
import SwiftASN1
import X509

typealias RSAPublicKey = _RSA.Signing.PublicKey
typealias P256PublicKey = P256.Signing.PublicKey

/// A private key that signs bundles.
public struct SigningKey: Sendable {
  public let algorithm: KeyAlgorithm
  let key: Certificate.PrivateKey
  /// The key as an unencrypted PKCS #8 PEM document.
  public let pem: String

  /// Makes a new key.
  public static func generate(_ algorithm: KeyAlgorithm) throws -> SigningKey {
    switch algorithm {
    case .rsa3072:
      let key = try _RSA.Signing.PrivateKey(keySize: .bits3072)
      return SigningKey(
        algorithm: algorithm, key: Certificate.PrivateKey(key), pem: key.pkcs8PEMRepresentation)
    case .p256:
      let key = P256.Signing.PrivateKey()
      return SigningKey(
        algorithm: algorithm, key: Certificate.PrivateKey(key), pem: key.pemRepresentation)
    }
  }

  private init(algorithm: KeyAlgorithm, key: Certificate.PrivateKey, pem: String) {
    self.algorithm = algorithm
    self.key = key
    self.pem = pem
  }

  /// Reads the first private key of a PEM file: PKCS #8, or the traditional RSA and EC forms.
  public init(pem: String) throws(SigningError) {
    guard let documents = try? PEMDocument.parseMultiple(pemString: pem), !documents.isEmpty else {
      throw SigningError("it contains no PEM private key")
    }
    guard let document = documents.first(where: { $0.discriminator.hasSuffix("PRIVATE KEY") })
    else {
      throw SigningError("it contains no private key, but \(documents[0].discriminator)")
    }
    if document.discriminator.hasPrefix("ENCRYPTED")
      || pem.contains("Proc-Type: 4,ENCRYPTED")
    {
      throw SigningError(
        "the private key is encrypted; decrypt it, or sign with openssl and attach")
    }
    let key: Certificate.PrivateKey
    do {
      key = try Certificate.PrivateKey(pemDocument: document)
    } catch {
      throw SigningError("the private key cannot be read: RSA of 2048 bits or more and P-256 can")
    }
    guard let algorithm = KeyAlgorithm(key.publicKey) else {
      throw SigningError("the private key is neither RSA nor ECDSA P-256")
    }
    self.init(algorithm: algorithm, key: key, pem: document.pemString)
  }

  /// The signature value over `bytes` as it stands in CMS.
  func sign(_ bytes: [UInt8]) throws(SigningError) -> [UInt8] {
    do {
      return try key.sign(bytes: bytes, signatureAlgorithm: algorithm.signatureAlgorithm)
        .rawRepresentation
    } catch {
      throw SigningError("signing failed: \(error)")
    }
  }
}
