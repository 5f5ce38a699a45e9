// SPDX-License-Identifier: GPL-2.0-or-later
import Bytecode
import Signing
import Simulator
import Testing

/// A signed bundle file, with `verify`'s own checks: whatever bit is flipped, format, digest,
/// template, key or cryptography refuses it.
@Suite struct TamperingTests {
  private func accepts(_ file: [UInt8], _ trusted: [SignerCertificate]) -> Bool {
    guard (try? LoadedProgram(file: file)) != nil, let bundle = try? Bundle(file),
      let cms = bundle.cms, let signature = try? DetachedSignature(der: cms)
    else { return false }
    return (try? signature.verify(over: bundle.signedPart, trusted: trusted)) != nil
  }

  @Test(arguments: ["p256", "rsa3072"])
  func everyFlippedBitIsRefused(_ algorithm: String) throws {
    let tool = try Tool()
    try tool.write("s.kp", "n = 0\ntrace syscalls:sys_enter_openat { n += 1 }\n")
    try tool.succeed("keygen", "k", "--algorithm", algorithm)
    try tool.succeed("build", "s.kp", "--key", "k.key", "--cert", "k.crt", "--no-source")
    let good = try tool.read("s.ktapb")
    let trusted = try SignerCertificate.all(contents: try tool.read("k.crt"))
    #expect(accepts(good, trusted))
    var accepted: [Int] = []
    for bit in 0..<good.count * 8 {
      var bad = good
      bad[bit / 8] ^= 1 << UInt8(bit % 8)
      if accepts(bad, trusted) { accepted.append(bit) }
    }
    #expect(accepted.isEmpty)
    #expect(good.indices.allSatisfy { !accepts(Array(good[..<$0]), trusted) })
    for extra in [[0], [UInt8](repeating: 0, count: 16), good] {
      #expect(!accepts(good + extra, trusted))
    }
  }
}
