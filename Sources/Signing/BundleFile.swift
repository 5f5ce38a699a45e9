// SPDX-License-Identifier: GPL-2.0-or-later
import CVM

/// A bundle file taken apart into its signed part and its signature. What is inside the
/// signed part is the loader's business.
public struct BundleFile: Sendable {
  /// Header, section table and sections: what is signed.
  public let signedPart: [UInt8]
  /// The CMS signature in DER, or nil for an unsigned bundle. Not yet checked.
  public let signature: [UInt8]?

  /// Reads a file; refuses what is not exactly a bundle.
  public init(contents: [UInt8]) throws(SigningError) {
    var envelope = ktap_envelope()
    var diagnostic = ktap_diagnostic()
    let result = contents.withUnsafeBytes { bytes in
      ktap_bundle_open(bytes.baseAddress, bytes.count, &envelope, &diagnostic)
    }
    guard result == 0 else {
      throw SigningError(
        withUnsafeBytes(of: diagnostic.text) {
          String(decoding: $0.prefix { $0 != 0 }, as: UTF8.self)
        })
    }
    signedPart = Array(contents[..<envelope.signed_length])
    let length = envelope.cms_length
    signature =
      length == 0 ? nil : Array(contents[envelope.signed_length..<envelope.signed_length + length])
  }

  /// A bundle of this signed part, with a signature or unsigned.
  public init(signedPart: [UInt8], signature: DetachedSignature?) {
    self.signedPart = signedPart
    self.signature = signature?.der
  }

  /// The file's bytes: signed part, signature, trailer.
  public var contents: [UInt8] {
    let cms = signature ?? []
    let length = UInt32(cms.count)
    let trailer =
      (0..<4).map { UInt8(truncatingIfNeeded: length >> ($0 * 8)) } + [0, 0, 0, 0]
      + Array(KTAP_TRAILER_MAGIC.utf8)
    return signedPart + cms + trailer
  }

  /// Checks the signature; returns the certificate of the signer.
  public func verify(trusted: [SignerCertificate]) throws(SigningError) -> SignerCertificate {
    guard let signature else {
      throw SigningError("the bundle is not signed")
    }
    return try DetachedSignature(der: signature).verify(over: signedPart, trusted: trusted)
  }
}
