// SPDX-License-Identifier: GPL-2.0-or-later
import X509

/// A signature algorithm of bundles, always with SHA-256.
public enum KeyAlgorithm: String, CaseIterable, Sendable {
  /// RSASSA-PKCS1-v1_5; new keys have 3072 bits, others from 2048 to 8192 are accepted.
  case rsa3072
  /// ECDSA on NIST P-256. Kernels without CONFIG_CRYPTO_ECDSA, such as Debian's 6.1, refuse it.
  case p256

  var signatureAlgorithm: Certificate.SignatureAlgorithm {
    switch self {
    case .rsa3072: .sha256WithRSAEncryption
    case .p256: .ecdsaWithSHA256
    }
  }

  /// The algorithm of a public key; nil when bundles cannot be signed with it.
  init?(_ key: Certificate.PublicKey) {
    if RSAPublicKey(key) != nil {
      self = .rsa3072
    } else if P256PublicKey(key) != nil {
      self = .p256
    } else {
      return nil
    }
  }
}
