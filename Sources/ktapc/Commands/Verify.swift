// SPDX-License-Identifier: GPL-2.0-or-later
import ArgumentParser
import Foundation
import Signing
import Simulator

struct Verify: ParsableCommand {
  static let configuration = CommandConfiguration(
    abstract: "Check a bundle's signature, form and bytecode, and say what it costs at worst.",
    discussion: """
      Ends with 0 only if everything holds, otherwise with 4. The checks are those of the \
      kernel module, made by the same code.
      """)

  @Argument(help: "The bundle.")
  var bundle: String

  @OptionGroup var trust: TrustOptions

  @Flag(help: "Do not ask for a signature; one that is there must still be trusted.")
  var allowUnsigned = false

  @Flag(help: "Print a JSON object.")
  var json = false

  func run() throws {
    let trusted = try trust.certificates()
    let opened = try OpenedBundle(path: bundle)
    let signer = try verifySignature(opened, trusted)
    try checkValidity(opened)
    try report(opened, signer)
  }

  private func verifySignature(_ opened: OpenedBundle, _ trusted: [SignerCertificate]) throws
    -> SignerCertificate?
  {
    guard let signature = try opened.signature(path: bundle) else {
      if allowUnsigned { return nil }
      throw Failure(.refused, "\(bundle): the bundle is not signed")
    }
    if trusted.isEmpty {
      throw Failure(.refused, "\(bundle): no certificate is trusted; name one with --trust")
    }
    do {
      return try signature.verify(over: opened.bundle.signedPart, trusted: trusted)
    } catch {
      throw Failure(.refused, "\(bundle): \(error)")
    }
  }

  private func checkValidity(_ opened: OpenedBundle) throws {
    let manifest = try opened.program().manifest
    let now = Int64(Date().timeIntervalSince1970)
    if manifest.notBefore != 0 && now < manifest.notBefore {
      throw Failure(
        .refused, "\(bundle): the bundle is not valid before \(TimeOption.text(manifest.notBefore))"
      )
    }
    if manifest.notAfter != 0 && now > manifest.notAfter {
      throw Failure(
        .refused, "\(bundle): the bundle is not valid after \(TimeOption.text(manifest.notAfter))")
    }
  }

  private func report(_ opened: OpenedBundle, _ signer: SignerCertificate?) throws {
    let summary = opened.summary
    let manifest = try opened.program().manifest
    if json {
      try printJSON(
        Report(
          bundle: summary.name, version: manifest.version.string,
          sequence: JSONInteger(manifest.sequence), sha256: hexadecimal(opened.bundle.digest),
          signer: signer.map(SignerReport.init), capabilities: summary.capabilities.names,
          worstCost: CostReport(summary.worstEvent), memory: JSONInteger(summary.memory)))
      return
    }
    let version = manifest.version.isEmpty ? "" : " \(manifest.version.string)"
    print("bundle        \(summary.name)\(version), sequence \(manifest.sequence)")
    print("sha256        \(hexadecimal(opened.bundle.digest))")
    if let signer {
      print("signature     good, by \(signer.subject), serial number \(signer.serialText)")
    } else {
      print("signature     none")
    }
    print("bytecode      good, \(summary.instructionCount) instructions")
    print("capabilities  \(summary.capabilityText)")
    for probe in summary.probes {
      print("cost          \(probe.name): at most \(probe.cost)")
    }
    print("worst case    \(summary.worstCaseText)")
    print("memory        \(summary.memory) bytes without rings")
  }

  private struct Report: Encodable {
    let bundle, version: String
    let sequence: JSONInteger
    let sha256: String
    let signer: SignerReport?
    let capabilities: [String]
    let worstCost: CostReport
    let memory: JSONInteger
  }
}

struct SignerReport: Encodable {
  let subject, serial, fingerprint: String

  init(_ certificate: SignerCertificate) {
    subject = certificate.subject
    serial = certificate.serialText
    fingerprint = certificate.fingerprint
  }
}

struct CostReport: Encodable {
  let instructions: JSONInteger
  let isFuelLimit: Bool

  init(_ cost: ProgramSummary.Cost) {
    instructions = JSONInteger(cost.instructions)
    isFuelLimit = cost.isFuelLimit
  }
}

extension ProgramSummary {
  var capabilityText: String {
    capabilities.isEmpty ? "none" : capabilities.names.joined(separator: " ")
  }

  var worstCaseText: String {
    probes.contains { $0.kind == .event } ? "\(worstEvent) an event" : "no event probes"
  }
}
