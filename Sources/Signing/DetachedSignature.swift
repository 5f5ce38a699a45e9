// SPDX-License-Identifier: GPL-2.0-or-later
import CVM
import SwiftASN1

/// A detached CMS signature in its one accepted encoding; see kernel/vm/cms.c. `openssl cms
/// -sign -binary -nocerts -noattr -nosmimecap -md sha256 -outform DER` writes the same bytes.
public struct DetachedSignature: Sendable {
  /// The CMS SignedData in DER.
  public let der: [UInt8]
  public let algorithm: KeyAlgorithm
  /// The issuer's Name in DER.
  public let issuer: [UInt8]
  /// The serial number of the signer's certificate, as in ``SignerCertificate/serial``.
  public let serial: [UInt8]
  /// The signature value: PKCS #1 for RSA, a DER SEQUENCE of two INTEGERs for ECDSA.
  public let value: [UInt8]

  /// Reads a signature, refusing everything but the canonical encoding.
  public init(der: [UInt8]) throws(SigningError) {
    var found = ktap_cms()
    guard ktap_cms_parse(der, der.count, &found) == 0 else {
      throw SigningError(
        "the signature is not in canonical form: CMS with one signer, SHA-256, no certificates, "
          + "no attributes")
    }
    func part(_ offset: UInt32, _ length: UInt32) -> [UInt8] {
      Array(der[Int(offset)..<Int(offset + length)])
    }
    self.der = der
    algorithm = found.algorithm == KTAP_CMS_ECDSA.rawValue ? .p256 : .rsa3072
    issuer = part(found.issuer, found.issuer_length)
    serial = part(found.serial, found.serial_length)
    value = part(found.signature, found.signature_length)
  }

  /// Signs `bytes` with a key and names its certificate as the signer.
  public init(signing bytes: [UInt8], key: SigningKey, certificate: SignerCertificate)
    throws(SigningError)
  {
    guard certificate.isPublicPart(of: key) else {
      throw SigningError("the certificate does not belong to the private key")
    }
    let value = try key.sign(bytes)
    do {
      try self.init(der: Self.encode(value, key.algorithm, certificate))
    } catch let error as SigningError {
      throw SigningError("the certificate cannot name a signer: \(error)")
    } catch {
      throw SigningError("the signature cannot be encoded: \(error)")
    }
  }

  /// Finds the signer among `trusted` by issuer and serial number and checks the signature
  /// over `bytes`; returns the certificate whose key made it.
  public func verify(over bytes: [UInt8], trusted: [SignerCertificate]) throws(SigningError)
    -> SignerCertificate
  {
    let named = trusted.filter { $0.issuer == issuer && $0.serial == serial }
    guard !named.isEmpty else {
      throw SigningError(
        "the signer, certificate serial number \(hexadecimal(serial)), is not trusted")
    }
    for certificate in named
    where certificate.algorithm == algorithm && certificate.isValid(signature: value, over: bytes) {
      return certificate
    }
    throw SigningError("the signature does not match the bundle")
  }

  private static func encode(
    _ value: [UInt8], _ algorithm: KeyAlgorithm, _ certificate: SignerCertificate
  ) throws -> [UInt8] {
    let signedData: ASN1ObjectIdentifier = [1, 2, 840, 113549, 1, 7, 2]
    let data: ASN1ObjectIdentifier = [1, 2, 840, 113549, 1, 7, 1]
    let sha256: ASN1ObjectIdentifier = [2, 16, 840, 1, 101, 3, 4, 2, 1]
    let rsaEncryption: ASN1ObjectIdentifier = [1, 2, 840, 113549, 1, 1, 1]
    let ecdsaWithSHA256: ASN1ObjectIdentifier = [1, 2, 840, 10045, 4, 3, 2]
    let context0 = ASN1Identifier(tagWithNumber: 0, tagClass: .contextSpecific)

    var coder = DER.Serializer()
    func sequence(
      _ coder: inout DER.Serializer, _ body: (inout DER.Serializer) throws -> Void
    ) throws {
      try coder.appendConstructedNode(identifier: .sequence, body)
    }
    try sequence(&coder) { coder in
      try coder.serialize(signedData)
      try coder.appendConstructedNode(identifier: context0) { coder in
        try sequence(&coder) { coder in
          try coder.serialize(1)
          try coder.appendConstructedNode(identifier: .set) { coder in
            try sequence(&coder) { try $0.serialize(sha256) }
          }
          try sequence(&coder) { try $0.serialize(data) }
          try coder.appendConstructedNode(identifier: .set) { coder in
            try sequence(&coder) { coder in
              try coder.serialize(1)
              try sequence(&coder) { coder in
                coder.serializeRawBytes(certificate.issuer)
                coder.appendPrimitiveNode(identifier: .integer) { $0 += certificate.serial }
              }
              try sequence(&coder) { try $0.serialize(sha256) }
              try sequence(&coder) { coder in
                switch algorithm {
                case .rsa3072:
                  try coder.serialize(rsaEncryption)
                  try coder.serialize(ASN1Null())
                case .p256:
                  try coder.serialize(ecdsaWithSHA256)
                }
              }
              try coder.serialize(ASN1OctetString(contentBytes: value[...]))
            }
          }
        }
      }
    }
    return coder.serializedBytes
  }
}
