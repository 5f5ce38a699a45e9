// SPDX-License-Identifier: GPL-2.0-or-later
import Foundation
import Signing
import Testing

@Suite struct KeyTests {
  @Test(arguments: KeyAlgorithm.allCases)
  func keyFilesArePrivateAndNotOverwritten(_ algorithm: KeyAlgorithm) throws {
    let scratch = try Scratch()
    let files = try KeyFiles.generate(name: scratch.path("fleet"), algorithm: algorithm)
    #expect(files.key == scratch.path("fleet.key"))
    #expect(files.certificate == scratch.path("fleet.crt"))
    let mode = try FileManager.default.attributesOfItem(atPath: files.key)[.posixPermissions]
    #expect((mode as? NSNumber)?.intValue == 0o600)
    let key = try SigningKey(pem: try scratch.text("fleet.key"))
    let certificate = try SignerCertificate(contents: try scratch.read("fleet.crt"))
    #expect(key.algorithm == algorithm)
    #expect(certificate.subject == "CN=fleet")
    #expect(throws: SigningError("\(files.key) exists already")) {
      try KeyFiles.generate(name: scratch.path("fleet"), algorithm: algorithm)
    }
  }

  /// What the kernel's X.509 parser and openssl want to see in a signer's certificate.
  @Test(arguments: KeyAlgorithm.allCases)
  func certificateIsForCodeSigning(_ algorithm: KeyAlgorithm) throws {
    let scratch = try Scratch()
    try scratch.write("c.pem", try Signer.of(algorithm).certificate.pem)
    let text = try scratch.openssl("x509", "-in", "c.pem", "-noout", "-text")
    let expected = [
      "Version: 3 (0x2)", "CA:FALSE", "Digital Signature", "Code Signing",
      "X509v3 Subject Key Identifier", "Key Usage: critical", "Basic Constraints: critical",
      algorithm == .p256 ? "prime256v1" : "Public-Key: (3072 bit)",
      algorithm == .p256
        ? "Signature Algorithm: ecdsa-with-SHA256" : "Signature Algorithm: sha256WithRSAEncryption",
    ]
    for part in expected { #expect(text.contains(part), "\(part) in \(text)") }
    try scratch.openssl("verify", "-CAfile", "c.pem", "c.pem")
  }

  @Test func serialNumbersArePositiveAndDiffer() throws {
    let key = try Signer.p256.get().key
    let serials = try (0..<20).map { _ in
      try SignerCertificate.selfSigned(name: "x", key: key).serial
    }
    #expect(Set(serials).count == 20)
    #expect(serials.allSatisfy { $0.count == 16 && (0x40...0x7f).contains($0[0]) })
  }

  @Test(arguments: ["", String(repeating: "x", count: 65)])
  func refusesNamesThatCertificatesCannotHold(_ name: String) throws {
    let key = try Signer.p256.get().key
    #expect(throws: SigningError.self) { try SignerCertificate.selfSigned(name: name, key: key) }
  }

  @Test func readsTraditionalKeys() throws {
    let scratch = try Scratch()
    try scratch.openssl("ecparam", "-genkey", "-name", "prime256v1", "-out", "ec.pem")
    #expect(try SigningKey(pem: try scratch.text("ec.pem")).algorithm == .p256)
    try scratch.openssl("genrsa", "-traditional", "-out", "rsa.pem", "2048")
    #expect(try SigningKey(pem: try scratch.text("rsa.pem")).algorithm == .rsa3072)
  }

  @Test(arguments: [
    (["genrsa", "-out", "k.pem", "1024"], "2048 bits"),
    (["genpkey", "-algorithm", "ed25519", "-out", "k.pem"], "neither RSA nor ECDSA P-256"),
    (["ecparam", "-genkey", "-name", "secp384r1", "-out", "k.pem"], "neither RSA nor ECDSA P-256"),
    (["genrsa", "-aes128", "-passout", "pass:x", "-out", "k.pem", "2048"], "encrypted"),
  ])
  func refusesOtherKeys(_ arguments: [String], _ reason: String) throws {
    let scratch = try Scratch()
    try scratch.openssl(arguments)
    let pem = try scratch.text("k.pem")
    let error = #expect(throws: SigningError.self) { try SigningKey(pem: pem) }
    #expect(error?.description.contains(reason) == true, "\(String(describing: error))")
  }

  @Test(arguments: ["", "no key", "-----BEGIN PRIVATE KEY-----\nAAAA\n-----END PRIVATE KEY-----\n"])
  func refusesWhatIsNoKey(_ text: String) {
    #expect(throws: SigningError.self) { try SigningKey(pem: text) }
    #expect(throws: SigningError.self) { try SignerCertificate(contents: Array(text.utf8)) }
  }

  @Test func readsSeveralCertificates() throws {
    let rsa = try Signer.rsa.get().certificate
    let p256 = try Signer.p256.get().certificate
    let both = try SignerCertificate.all(contents: Array((rsa.pem + p256.pem).utf8))
    #expect(both.map(\.fingerprint) == [rsa.fingerprint, p256.fingerprint])
    #expect(try SignerCertificate(contents: rsa.der).fingerprint == rsa.fingerprint)
  }
}
