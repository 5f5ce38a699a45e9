// SPDX-License-Identifier: GPL-2.0-or-later
import Bytecode
import Foundation
import Signing
import Testing

private let script = """
  n = {}
  trace syscalls:sys_enter_openat { n[execname] += 1 }
  trace_end { print_hist(n) }

  """

@Suite struct BundleTests {
  /// A signed bundle `s.ktapb` with its key `k.key` and certificate `k.crt`.
  private func signedBundle(_ algorithm: String = "p256") throws -> Tool {
    let tool = try Tool()
    try tool.write("s.kp", script)
    try tool.succeed("keygen", "k", "--algorithm", algorithm)
    try tool.succeed("build", "s.kp", "--key", "k.key", "--cert", "k.crt")
    return tool
  }

  @Test(arguments: ["rsa3072", "p256"])
  func signedBundleVerifies(_ algorithm: String) throws {
    let tool = try signedBundle(algorithm)
    let text = try tool.succeed("verify", "s.ktapb", "--trust", "k.crt")
    #expect(text.contains("good, by CN=k"))
    #expect(text.contains("instructions (longest path) an event"))
    let json = try tool.succeed("verify", "s.ktapb", "--trust", "k.crt", "--json")
    let object = try JSONSerialization.jsonObject(with: Data(json.utf8)) as? [String: Any]
    #expect((object?["signer"] as? [String: Any])?["subject"] as? String == "CN=k")
    #expect(((object?["worstCost"] as? [String: Any])?["instructions"] as? Int ?? 0) > 0)
  }

  @Test func buildIsReproducible() throws {
    let tool = try Tool()
    try tool.write("s.kp", script)
    for name in ["a", "b"] { try tool.succeed("build", "s.kp", "-o", name) }
    #expect(try tool.read("a") == tool.read("b"))
  }

  @Test func manifestOptionsAreKept() throws {
    let tool = try Tool()
    try tool.write("my script.kp", "t = {}\nt[1] = arg[0]\nprint(arg[0])\n")
    try tool.succeed(
      "build", "my script.kp", "-o", "b", "--version", "1.2", "--sequence", "7", "--not-before",
      "2020-01-01", "--not-after", "2100-01-01T00:00:00Z", "--limit", "memory=2M", "--limit",
      "fuel=500", "--arg", "0=int:1..60", "--arg", "1=str:eth0,eth1", "--allow", "addresses")
    let program = try Bundle(tool.read("b")).program()
    #expect(program.manifest.name == "my_script")
    #expect(program.manifest.sourceName == "my script.kp")
    #expect(program.manifest.version == "1.2")
    #expect(program.manifest.sequence == 7)
    #expect(program.manifest.notBefore == 1_577_836_800)
    #expect(program.manifest.notAfter == 4_102_444_800)
    #expect(program.policy.memory == 2 << 20)
    #expect(program.policy.probeFuel == 500)
    #expect(program.policy.capabilities.contains(.addresses))
    #expect(program.policy.arguments.map(\.kind) == [.integer, .string])
    #expect(program.policy.arguments.first?.most == 60)
    let text = try tool.succeed("inspect", "b")
    for part in [
      "my_script", "1.2", "2100-01-01T00:00:00Z", "integer from 1 to 60", "string: eth0, eth1",
      "addresses",
    ] {
      #expect(text.contains(part), "\(part) in \(text)")
    }
    for (words, status) in [
      (["30", "eth1"], 0), (["61", "eth1"], 2), (["30", "eth2"], 2), (["x", "eth1"], 2),
    ] as [([String], Int32)] {
      #expect(try tool.ktapc(["b", "--on", "sim"] + words).status == status, "\(words)")
    }
    // Counted as the script counts them.
    #expect(
      try tool.ktapc("b", "--on", "sim", "-5", "eth1").errors
        == "ktapc: error: arg[0] is -5, not within 1 .. 60\n")
  }

  @Test func sequenceNumbersHave64Bits() throws {
    let tool = try Tool()
    try tool.write("s.kp", script)
    try tool.succeed("build", "s.kp", "--sequence", "18446744073709551615")
    #expect(try tool.succeed("inspect", "s.ktapb").contains("18446744073709551615"))
    let json = try tool.succeed("inspect", "s.ktapb", "--json")
    #expect(json.contains("\"sequence\" : \"18446744073709551615\""))
  }

  @Test func inspectShowsCodeAndSource() throws {
    let tool = try signedBundle()
    #expect(try tool.succeed("inspect", "s.ktapb", "--source") == script)
    let listing = try tool.succeed("inspect", "s.ktapb", "--disassemble")
    #expect(listing.contains("TADD") && listing.contains("; 2: trace syscalls:sys_enter_openat"))
    let json = try tool.succeed("inspect", "s.ktapb", "--json")
    let object = try JSONSerialization.jsonObject(with: Data(json.utf8)) as? [String: Any]
    #expect(object?["name"] as? String == "s")
    #expect(object?["capabilities"] as? [String] == ["observe"])
    #expect((object?["probes"] as? [Any])?.count == 3)
    try tool.succeed("build", "s.kp", "--no-source", "-o", "bare")
    #expect(try tool.ktapc("inspect", "bare", "--source").status == 2)
  }

  @Test func opensslCanSign() throws {
    let tool = try signedBundle("rsa3072")
    try tool.succeed("build", "s.kp", "-o", "u")
    try tool.succeed("sign", "--detach", "u", "-o", "part.bin")
    try tool.openssl(
      "cms", "-sign", "-binary", "-nocerts", "-noattr", "-nosmimecap", "-md", "sha256", "-outform",
      "DER", "-signer", tool.path("k.crt"), "-inkey", tool.path("k.key"), "-in",
      tool.path("part.bin"), "-out", tool.path("part.cms"))
    try tool.succeed("attach", "u", "part.cms", "--trust", "k.crt", "-o", "by-openssl")
    try tool.succeed("verify", "by-openssl", "--trust", "k.crt")
    // RSA signatures are deterministic: both signers make the same file.
    #expect(try tool.read("by-openssl") == tool.read("s.ktapb"))
  }

  @Test func opensslCanVerify() throws {
    let tool = try signedBundle("rsa3072")
    try tool.succeed("sign", "--detach", "s.ktapb", "-o", "part.bin")
    try tool.succeed(
      "sign", "--detach", "s.ktapb", "--key", "k.key", "--cert", "k.crt", "-o", "part.cms")
    #expect(try Bundle(tool.read("s.ktapb")).cms == tool.read("part.cms"))
    try tool.openssl(
      "cms", "-verify", "-binary", "-inform", "DER", "-in", tool.path("part.cms"), "-content",
      tool.path("part.bin"), "-certfile", tool.path("k.crt"), "-CAfile", tool.path("k.crt"),
      "-purpose", "any", "-out", "/dev/null")
  }

  @Test func signReplacesASignature() throws {
    let tool = try signedBundle()
    try tool.succeed("keygen", "other", "--algorithm", "p256")
    try tool.succeed("sign", "s.ktapb", "--key", "other.key", "--cert", "other.crt")
    try tool.succeed("verify", "s.ktapb", "--trust", "other.crt")
    #expect(try tool.ktapc("verify", "s.ktapb", "--trust", "k.crt").status == 4)
    try tool.succeed("verify", "s.ktapb", "--trust", "k.crt", "--trust", "other.crt")
    let mixed = try tool.ktapc("sign", "s.ktapb", "--key", "k.key", "--cert", "other.crt")
    #expect(mixed.status == 2)
    #expect(mixed.errors.contains("does not belong to the private key"))
  }

  @Test func verifyRefusesWithOneSentence() throws {
    let tool = try signedBundle()
    try tool.succeed("keygen", "other", "--algorithm", "p256")
    try tool.succeed("build", "s.kp", "-o", "unsigned")
    let refused: [([String], String)] = [
      (["s.ktapb"], "--trust"),
      (["s.ktapb", "--trust", "other.crt"], "not trusted"),
      (["s.ktapb", "--allow-unsigned", "--trust", "other.crt"], "not trusted"),
      (["unsigned", "--trust", "k.crt"], "not signed"),
      (["s.kp", "--trust", "k.crt"], "bundle"),
    ]
    for (arguments, reason) in refused {
      let result = try tool.ktapc(["verify"] + arguments)
      #expect(result.status == 4, "\(arguments)")
      #expect(result.errors.contains(reason), "\(arguments): \(result.errors)")
      #expect(result.errors.split(separator: "\n").count == 1)
      #expect(result.text == "")
    }
    try tool.succeed("verify", "--allow-unsigned", "unsigned")
  }

  @Test func verifyKeepsToTheValidity() throws {
    let tool = try signedBundle()
    func check(_ option: String, _ time: String, _ status: Int32) throws {
      try tool.succeed(
        "build", "s.kp", "-o", "b", option, time, "--key", "k.key", "--cert", "k.crt")
      #expect(try tool.ktapc("verify", "b", "--trust", "k.crt").status == status)
    }
    try check("--not-after", "2001-01-01", 4)
    try check("--not-before", "2400-01-01", 4)
    try check("--not-before", "2001-01-01", 0)
    try check("--not-after", "2400-01-01", 0)
  }

  /// The library-level tests flip every bit; here the program itself sees a handful.
  @Test func changedFilesEndWith4() throws {
    let tool = try signedBundle()
    let good = try tool.read("s.ktapb")
    var bad: [[UInt8]] = [
      Array(good.dropLast()), good + [0], Array(good[..<100]), [], Array(good.dropFirst()),
    ]
    for index in stride(from: 0, to: good.count, by: good.count / 20) {
      bad.append(good)
      bad[bad.count - 1][index] ^= 1
    }
    for file in bad {
      try tool.write("bad", file)
      let result = try tool.ktapc("verify", "bad", "--trust", "k.crt")
      #expect(result.status == 4)
      #expect(result.errors.split(separator: "\n").count == 1, "\(result.errors)")
    }
  }

  @Test func signaturesInOtherFormsAreNotAttached() throws {
    let tool = try signedBundle("rsa3072")
    try tool.succeed("sign", "--detach", "s.ktapb", "-o", "part.bin")
    try tool.openssl(
      "cms", "-sign", "-binary", "-md", "sha256", "-outform", "DER", "-signer",
      tool.path("k.crt"), "-inkey", tool.path("k.key"), "-in", tool.path("part.bin"), "-out",
      tool.path("attributes.cms"))
    let result = try tool.ktapc("attach", "s.ktapb", "attributes.cms")
    #expect(result.status == 4)
    #expect(result.errors.contains("canonical"))
  }

  @Test func keygenKeepsExistingFiles() throws {
    let tool = try signedBundle()
    let result = try tool.ktapc("keygen", "k")
    #expect(result.status == 2)
    #expect(result.errors.contains("exists already"))
    let mode = try FileManager.default.attributesOfItem(atPath: tool.path("k.key"))[
      .posixPermissions]
    #expect((mode as? NSNumber)?.intValue == 0o600)
  }
}
