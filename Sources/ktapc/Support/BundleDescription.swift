// SPDX-License-Identifier: GPL-2.0-or-later
import Bytecode
import Signing
import Simulator

/// What `inspect` shows of a bundle, as text or as JSON.
struct BundleDescription: Encodable {
  struct Limits: Encodable {
    let memory, probeFuel, mainFuel, string, key, ring, eventRate: JSONInteger
  }

  struct Argument: Encodable {
    let kind: String
    let least, most: JSONInteger?
    let choices: [String]?
  }

  struct Probe: Encodable {
    let name: String
    let line: JSONInteger
    let cost: CostReport
  }

  /// How much of a function's code is typed, and what is not.
  struct Function: Encodable {
    struct Generic: Encodable {
      let index, line: JSONInteger
      let instruction: String
    }

    let name: String
    let line, instructions, typed: JSONInteger
    let generic: [Generic]
  }

  struct Signature: Encodable {
    let algorithm, serial: String
  }

  let name, version, script, sha256: String
  let sequence: JSONInteger
  let notBefore, notAfter: String?
  let signature: Signature?
  let capabilities: [String]
  let limits: Limits
  let arguments: [Argument]
  let probes: [Probe]
  let functions: [Function]
  let worstCost: CostReport
  let instructions, memory: JSONInteger
  let hasSource: Bool
  private let worstCase: String
  private let costs: [String]

  private enum CodingKeys: String, CodingKey {
    case name, version, script, sha256, sequence, notBefore, notAfter, signature, capabilities
    case limits, arguments, probes, functions, worstCost, instructions, memory, hasSource
  }

  init(_ opened: OpenedBundle, _ program: Program, _ signature: DetachedSignature?) {
    let manifest = program.manifest
    let policy = program.policy
    let summary = opened.summary
    name = manifest.name.string
    version = manifest.version.string
    script = manifest.sourceName.string
    sha256 = hexadecimal(opened.bundle.digest)
    sequence = JSONInteger(manifest.sequence)
    notBefore = manifest.notBefore == 0 ? nil : TimeOption.text(manifest.notBefore)
    notAfter = manifest.notAfter == 0 ? nil : TimeOption.text(manifest.notAfter)
    self.signature = signature.map {
      Signature(
        algorithm: $0.algorithm == .p256 ? "ECDSA P-256" : "RSA", serial: hexadecimal($0.serial))
    }
    capabilities = summary.capabilities.names
    limits = Limits(
      memory: JSONInteger(policy.memory), probeFuel: JSONInteger(policy.probeFuel),
      mainFuel: JSONInteger(policy.mainFuel), string: JSONInteger(policy.stringLimit),
      key: JSONInteger(policy.keyLimit), ring: JSONInteger(policy.ring),
      eventRate: JSONInteger(policy.eventRate))
    arguments = policy.arguments.map { Self.describe($0, program) }
    probes = summary.probes.map {
      Probe(name: $0.name, line: JSONInteger($0.line), cost: CostReport($0.cost))
    }
    functions = Self.functions(program)
    costs = summary.probes.map { "line \($0.line): \($0.name), at most \($0.cost)" }
    worstCost = CostReport(summary.worstEvent)
    worstCase = summary.worstCaseText
    instructions = JSONInteger(summary.instructionCount)
    memory = JSONInteger(summary.memory)
    hasSource = program.source != nil
  }

  private static func functions(_ program: Program) -> [Function] {
    let disassembler = Disassembler(program)
    return program.functions.map { function in
      let generic = function.genericInstructions
      return Function(
        name: function.name.string, line: JSONInteger(function.line),
        instructions: JSONInteger(function.code.count),
        typed: JSONInteger(function.code.count - generic.count),
        generic: generic.map {
          Function.Generic(
            index: JSONInteger($0), line: JSONInteger(function.lines[$0]),
            instruction: disassembler.instruction(function.code[$0], at: $0).split(separator: " ")
              .joined(separator: " "))
        })
    }
  }

  private static func describe(_ argument: ArgumentDeclaration, _ program: Program) -> Argument {
    let choices = Int(argument.firstChoice)..<Int(argument.firstChoice + argument.choiceCount)
    let isInteger = argument.kind == .integer
    var names: [String]?
    if !choices.isEmpty {
      names = choices.map { isInteger ? "\(program.integers[$0])" : program.strings[$0].string }
    }
    let hasRange = isInteger && names == nil
    return Argument(
      kind: argument.kind.name, least: hasRange ? JSONInteger(argument.least) : nil,
      most: hasRange ? JSONInteger(argument.most) : nil, choices: names)
  }

  /// Prints a line a fact.
  func print() {
    func line(_ label: String, _ text: String) {
      Swift.print(label + String(repeating: " ", count: max(1, 14 - label.count)) + text)
    }
    line("name", name)
    if !version.isEmpty { line("version", version) }
    line("sequence", "\(sequence.value)")
    if let notBefore { line("not before", notBefore) }
    if let notAfter { line("not after", notAfter) }
    line("script", script + (hasSource ? " (inside)" : ""))
    line("sha256", sha256)
    if let signature {
      line("signature", "\(signature.algorithm), certificate serial number \(signature.serial)")
    } else {
      line("signature", "none")
    }
    line("capabilities", capabilities.isEmpty ? "none" : capabilities.joined(separator: " "))
    line(
      "limits",
      "memory \(limits.memory.value) bytes, string \(limits.string.value), key \(limits.key.value)")
    line("", "fuel \(limits.probeFuel.value) an event, \(limits.mainFuel.value) in process context")
    let rate = limits.eventRate.value == 0 ? "any" : "\(limits.eventRate.value)"
    line("", "ring \(limits.ring.value) bytes a CPU, \(rate) records a second")
    for (index, argument) in arguments.enumerated() {
      line("argument \(index)", argument.text)
    }
    for cost in costs { line("probe", cost) }
    line("worst case", worstCase)
    line("code", "\(instructions.value) instructions")
    line("memory", "\(memory.value) bytes loaded, without rings")
  }
}

extension BundleDescription.Argument {
  var text: String {
    if let choices { return "\(kind): \(choices.joined(separator: ", "))" }
    guard let least, let most, least.value != Int64.min || most.value != Int64.max else {
      return kind
    }
    return "\(kind) from \(least.value) to \(most.value)"
  }
}
