// SPDX-License-Identifier: GPL-2.0-or-later
import Signing
import Testing

private let message = Array("trace { print(execname) }\n".utf8)

@Suite struct DetachedSignatureTests {
  @Test(arguments: KeyAlgorithm.allCases)
  func roundTrip(_ algorithm: KeyAlgorithm) throws {
    let signer = try Signer.of(algorithm)
    let made = try DetachedSignature(
      signing: message, key: signer.key, certificate: signer.certificate)
    let read = try DetachedSignature(der: made.der)
    #expect(read.algorithm == algorithm)
    #expect(read.issuer == signer.certificate.issuer)
    #expect(read.serial == signer.certificate.serial)
    let found = try read.verify(over: message, trusted: [signer.certificate])
    #expect(found.fingerprint == signer.certificate.fingerprint)
  }

  @Test(arguments: KeyAlgorithm.allCases)
  func refusesOtherBytesAndSigners(_ algorithm: KeyAlgorithm) throws {
    let signer = try Signer.of(algorithm)
    let signature = try DetachedSignature(
      signing: message, key: signer.key, certificate: signer.certificate)
    #expect(throws: SigningError("the signature does not match the bundle")) {
      try signature.verify(over: message + [0], trusted: [signer.certificate])
    }
    let stranger = try Signer(.p256, name: "Stranger")
    #expect(throws: SigningError.self) {
      try signature.verify(over: message, trusted: [stranger.certificate])
    }
    #expect(throws: SigningError.self) { try signature.verify(over: message, trusted: []) }
    #expect(throws: SigningError("the certificate does not belong to the private key")) {
      try DetachedSignature(signing: message, key: stranger.key, certificate: signer.certificate)
    }
  }

  @Test(arguments: KeyAlgorithm.allCases)
  func everyFlippedBitIsRefused(_ algorithm: KeyAlgorithm) throws {
    let signer = try Signer.of(algorithm)
    let good = try DetachedSignature(
      signing: message, key: signer.key, certificate: signer.certificate
    ).der
    var accepted: [Int] = []
    for bit in 0..<good.count * 8 {
      var bad = good
      bad[bit / 8] ^= 1 << UInt8(bit % 8)
      if (try? DetachedSignature(der: bad).verify(over: message, trusted: [signer.certificate]))
        != nil
      {
        accepted.append(bit)
      }
    }
    #expect(accepted.isEmpty)
  }

  @Test(arguments: KeyAlgorithm.allCases)
  func everyOtherLengthIsRefused(_ algorithm: KeyAlgorithm) throws {
    let signer = try Signer.of(algorithm)
    let good = try DetachedSignature(
      signing: message, key: signer.key, certificate: signer.certificate
    ).der
    for length in 0..<good.count {
      #expect(throws: SigningError.self) { try DetachedSignature(der: Array(good[..<length])) }
    }
    for extra: [UInt8] in [[0], [0, 0], good] {
      #expect(throws: SigningError.self) { try DetachedSignature(der: good + extra) }
    }
  }

  @Test func opensslMakesTheSameBytes() throws {
    let scratch = try Scratch()
    let signer = try Signer.rsa.get()
    try scratch.write("data", message)
    try scratch.write("k.pem", signer.key.pem)
    try scratch.write("c.pem", signer.certificate.pem)
    try scratch.signWithOpenSSL(data: "data", key: "k.pem", certificate: "c.pem", out: "s.der")
    let ours = try DetachedSignature(
      signing: message, key: signer.key, certificate: signer.certificate)
    #expect(try scratch.read("s.der") == ours.der)
  }

  @Test(arguments: KeyAlgorithm.allCases)
  func opensslVerifiesOurs(_ algorithm: KeyAlgorithm) throws {
    let scratch = try Scratch()
    let signer = try Signer.of(algorithm)
    let signature = try DetachedSignature(
      signing: message, key: signer.key, certificate: signer.certificate)
    try scratch.write("data", message)
    try scratch.write("s.der", signature.der)
    try scratch.write("c.pem", signer.certificate.pem)
    func verify() throws {
      try scratch.openssl(
        "cms", "-verify", "-binary", "-inform", "DER", "-in", "s.der", "-content", "data",
        "-certfile", "c.pem", "-CAfile", "c.pem", "-purpose", "any", "-out", "out")
    }
    try verify()
    try scratch.write("data", message + [0])
    #expect(throws: Scratch.Failure.self) { try verify() }
  }

  @Test(arguments: ["rsa:2048", "rsa:4096", "ec"])
  func oursVerifiesOpenssl(_ kind: String) throws {
    let scratch = try Scratch()
    let curve = kind == "ec" ? "ec_paramgen_curve:P-256" : "rsa_keygen_pubexp:65537"
    try scratch.openssl(
      "req", "-x509", "-newkey", kind, "-pkeyopt", curve, "-nodes", "-keyout", "k.pem", "-out",
      "c.pem", "-days", "30", "-subj", "/C=DE/O=Example & Sons/OU=Boards+CN=CI signer", "-sha256",
      "-multivalue-rdn")
    try scratch.write("data", message)
    try scratch.signWithOpenSSL(data: "data", key: "k.pem", certificate: "c.pem", out: "s.der")
    let certificate = try SignerCertificate(contents: try scratch.read("c.pem"))
    let signature = try DetachedSignature(der: try scratch.read("s.der"))
    #expect(
      try signature.verify(over: message, trusted: [certificate]).serial == certificate.serial)
    let key = try SigningKey(pem: try scratch.text("k.pem"))
    let again = try DetachedSignature(signing: message, key: key, certificate: certificate)
    #expect(try again.verify(over: message, trusted: [certificate]).serial == certificate.serial)
  }

  /// What openssl can also write, and general parsers accept, is not canonical.
  @Test(arguments: [
    ["-noattr", "-nosmimecap"],  // with the certificate inside
    ["-nocerts"],  // with signed attributes
    ["-nocerts", "-noattr", "-nosmimecap", "-keyid"],  // signer named by key identifier
    ["-nocerts", "-noattr", "-nosmimecap", "-nodetach"],  // with the content inside
    ["-nocerts", "-noattr", "-nosmimecap", "-stream", "-indef"],  // indefinite lengths
    ["-nocerts", "-noattr", "-nosmimecap", "-md", "sha512"],
    ["-nocerts", "-noattr", "-nosmimecap", "-keyopt", "rsa_padding_mode:pss"],
  ])
  func refusesOtherForms(_ options: [String]) throws {
    let scratch = try Scratch()
    let signer = try Signer.rsa.get()
    try scratch.write("data", message)
    try scratch.write("k.pem", signer.key.pem)
    try scratch.write("c.pem", signer.certificate.pem)
    let fixed = [
      "cms", "-sign", "-binary", "-outform", "DER", "-signer", "c.pem", "-inkey", "k.pem", "-in",
      "data", "-out", "s.der",
    ]
    let digest = options.contains("-md") ? [] : ["-md", "sha256"]
    try scratch.openssl(fixed + digest + options)
    let der = try scratch.read("s.der")
    #expect(throws: SigningError.self) { try DetachedSignature(der: der) }
  }
}
