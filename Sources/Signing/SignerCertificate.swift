// SPDX-License-Identifier: GPL-2.0-or-later
import Crypto
import Foundation
import SwiftASN1
import X509

/// An end-entity certificate of a signer of bundles. It is trusted for its key and found by
/// its issuer and serial number, as the kernel's keyring does; no chain is followed.
public struct SignerCertificate: Sendable {
  let certificate: Certificate
  /// The issuer's Name in DER, exactly as the certificate has it.
  public let issuer: [UInt8]
  /// The serial number: big-endian, two's complement, minimal.
  public let serial: [UInt8]
  /// The whole certificate in DER.
  public let der: [UInt8]
  public let algorithm: KeyAlgorithm

  /// Reads the first certificate of a PEM file, or a DER file.
  public init(contents: [UInt8]) throws(SigningError) {
    guard let first = try Self.all(contents: contents).first else {
      throw SigningError("it contains no certificate")
    }
    self = first
  }

  /// Reads every certificate of a PEM file, or the one of a DER file.
  public static func all(contents: [UInt8]) throws(SigningError) -> [SignerCertificate] {
    if contents.first == 0x30 {
      return [try SignerCertificate(der: contents)]
    }
    guard
      let documents = try? PEMDocument.parseMultiple(
        pemString: String(decoding: contents, as: UTF8.self))
    else {
      throw SigningError("it contains no PEM certificate")
    }
    var found: [SignerCertificate] = []
    for document in documents where document.discriminator.hasSuffix("CERTIFICATE") {
      found.append(try SignerCertificate(der: document.derBytes))
    }
    if found.isEmpty {
      throw SigningError("it contains no certificate")
    }
    return found
  }

  /// Reads a DER certificate.
  public init(der: [UInt8]) throws(SigningError) {
    do {
      certificate = try Certificate(derEncoded: der)
      (serial, issuer) = try Self.identity(certificate.tbsCertificateBytes)
    } catch {
      throw SigningError("the certificate cannot be read: \(error)")
    }
    guard let algorithm = KeyAlgorithm(certificate.publicKey) else {
      throw SigningError(
        "the certificate's key is neither RSA of 2048 bits or more nor ECDSA P-256")
    }
    self.algorithm = algorithm
    self.der = der
  }

  /// Serial number and issuer as they stand in a TBSCertificate: the names are compared
  /// byte by byte, so they must not go through a decoder and an encoder.
  private static func identity(_ tbs: ArraySlice<UInt8>) throws -> ([UInt8], [UInt8]) {
    try DER.sequence(try DER.parse(tbs), identifier: .sequence) { nodes in
      var node = nodes.next()
      if node?.identifier.tagClass == .contextSpecific {
        node = nodes.next()  // the version
      }
      _ = nodes.next()  // the signature algorithm
      guard let serial = node, case .primitive(let value) = serial.content,
        serial.identifier == .integer, let issuer = nodes.next()
      else {
        throw SigningError("it has no serial number and issuer")
      }
      while nodes.next() != nil {}
      return (Array(value), Array(issuer.encodedBytes))
    }
  }

  /// Makes a self-signed code-signing certificate for `key`, valid for twenty years.
  ///
  /// - Parameter name: the common name, at most 64 characters (RFC 5280, ub-common-name).
  public static func selfSigned(name: String, key: SigningKey, now: Date = Date())
    throws(SigningError) -> SignerCertificate
  {
    guard (1...64).contains(name.unicodeScalars.count) else {
      throw SigningError("a certificate's name has from 1 to 64 characters")
    }
    let day = 86_400.0
    // The start of the day: machines whose clocks differ a little accept it as well.
    let begin = Date(timeIntervalSince1970: (now.timeIntervalSince1970 / day).rounded(.down) * day)
    do {
      let subject = try DistinguishedName { CommonName(name) }
      let certificate = try Certificate(
        version: .v3,
        serialNumber: Certificate.SerialNumber(bytes: randomSerial()),
        publicKey: key.key.publicKey,
        notValidBefore: begin,
        notValidAfter: begin.addingTimeInterval(20 * 365.25 * day),
        issuer: subject,
        subject: subject,
        signatureAlgorithm: key.algorithm.signatureAlgorithm,
        extensions: Certificate.Extensions {
          Critical(BasicConstraints.notCertificateAuthority)
          Critical(KeyUsage(digitalSignature: true))
          try ExtendedKeyUsage([.codeSigning])
          SubjectKeyIdentifier(hash: key.key.publicKey)
        },
        issuerPrivateKey: key.key)
      var serializer = DER.Serializer()
      try serializer.serialize(certificate)
      return try SignerCertificate(der: serializer.serializedBytes)
    } catch {
      throw SigningError("the certificate cannot be made: \(error)")
    }
  }

  /// 16 random bytes whose two's complement is positive and minimal.
  private static func randomSerial() -> [UInt8] {
    var generator = SystemRandomNumberGenerator()
    var bytes = (0..<16).map { _ in UInt8.random(in: 0...255, using: &generator) }
    bytes[0] = bytes[0] & 0x7f | 0x40
    return bytes
  }

  /// The certificate as a PEM document.
  public var pem: String {
    PEMDocument(type: "CERTIFICATE", derBytes: der).pemString + "\n"
  }

  /// The subject's name as text.
  public var subject: String { String(describing: certificate.subject) }

  /// The serial number in hexadecimal, as openssl shows it.
  public var serialText: String { hexadecimal(serial) }

  /// SHA-256 of the certificate in hexadecimal.
  public var fingerprint: String { hexadecimal(Array(SHA256.hash(data: der))) }

  func isPublicPart(of key: SigningKey) -> Bool {
    certificate.publicKey == key.key.publicKey
  }

  func isValid(signature: [UInt8], over bytes: [UInt8]) -> Bool {
    certificate.publicKey.isValidSignature(
      signature, for: bytes, signatureAlgorithm: algorithm.signatureAlgorithm)
  }
}

func hexadecimal(_ bytes: [UInt8]) -> String {
  bytes.map { byte in
    let text = String(byte, radix: 16)
    return text.count == 1 ? "0" + text : text
  }.joined()
}
