// SPDX-License-Identifier: GPL-2.0-or-later
import Bytecode
import Foundation
import CVM
import Language
import Testing

/// Numbers from a seed, the same in every run (the SplitMix64 sequence).
struct Seeded: RandomNumberGenerator {
  var state: UInt64

  mutating func next() -> UInt64 {
    state &+= 0x9E37_79B9_7F4A_7C15
    var z = state
    z = (z ^ (z >> 30)) &* 0xBF58_476D_1CE4_E5B9
    z = (z ^ (z >> 27)) &* 0x94D0_49BB_1331_11EB
    return z ^ (z >> 31)
  }

  mutating func below(_ bound: Int) -> Int { Int(next() % UInt64(bound)) }
  mutating func pick<T>(_ items: [T]) -> T { items[below(items.count)] }
}

/// An integer expression and what it must give; nil: division by zero.
private struct Sum {
  var text: String
  var value: Int64?

  static func random(_ random: inout Seeded, depth: Int, variables: [(String, Int64)]) -> Sum {
    if depth == 0 || random.below(5) == 0 {
      if random.below(2) == 0 {
        let variable = random.pick(variables)
        return Sum(text: variable.0, value: variable.1)
      }
      let constants: [Int64] = [
        0, 1, 2, 3, 7, 63, 64, 100, 32767, 32768, -1, -2, -32768, -32769, 2_147_483_647,
        -2_147_483_648, 2_147_483_648, .max, .min + 1,
      ]
      let value = random.pick(constants)
      return Sum(text: value < 0 ? "(\(value))" : "\(value)", value: value)
    }
    let left = Sum.random(&random, depth: depth - 1, variables: variables)
    let right = Sum.random(&random, depth: depth - 1, variables: variables)
    let op = random.pick(["+", "-", "*", "/", "%", "&", "|", "^", "<<", ">>", "<", "=="])
    var result: Int64?
    if let a = left.value, let b = right.value {
      switch op {
      case "+": result = a &+ b
      case "-": result = a &- b
      case "*": result = a &* b
      case "/": result = b == 0 ? nil : a.dividedReportingOverflow(by: b).partialValue
      case "%": result = b == 0 ? nil : b == -1 ? 0 : a % b
      case "&": result = a & b
      case "|": result = a | b
      case "^": result = a ^ b
      case "<<": result = a << (b & 63)
      case ">>": result = a >> (b & 63)
      case "<": result = a < b ? 1 : 0
      default: result = a == b ? 1 : 0
      }
    }
    let text = "(\(left.text) \(op) \(right.text))"
    return Sum(text: op == "<" || op == "==" ? "(\(text) ? 1 : 0)" : text, value: result)
  }
}

@Suite struct GeneratedProgramTests {
  /// Constants, immediates and registers give what 64-bit arithmetic gives.
  @Test(arguments: 0..<80) func arithmeticIsExact(_ seed: Int) throws {
    var random = Seeded(state: UInt64(seed))
    let values: [Int64] = [Int64(random.below(200)) - 100, 5, -7, .max, .min, 1 << 40]
    let names = ["a", "b", "c", "d", "e", "f"]
    var script = ""
    for (name, value) in zip(names, values) {
      // Half of the variables are globals, of some the compiler does not know the kind.
      let text = value == .min ? "-9223372036854775807 - 1" : "\(value)"
      script += random.below(2) == 0 ? "local \(name) = \(text)\n" : "\(name) = \(text)\n"
    }
    script += "u = nil\nlocal box = {b, c}\n"
    var variables = Array(zip(names, values))
    variables += [("box[1]", 5), ("box[2]", -7)]
    var expected = ""
    for _ in 0..<6 {
      let sum = Sum.random(&random, depth: 4, variables: variables)
      guard let value = sum.value else { continue }
      script += "print(\(sum.text))\n"
      expected += "\(value)\n"
    }
    let source = SourceText(name: "generated", text: script)
    let compilation = compile(source)
    let program = try #require(
      compilation.program, "\(DiagnosticRenderer(source: source).render(compilation.diagnostics))")
    let runner = try ScriptRunner(program)
    runner.run([])
    #expect(runner.output == expected, "\(script)")
  }

  /// About half of what is generated is accepted: the test below would notice little otherwise.
  @Test func manyAreAccepted() {
    let accepted = (0..<100).filter { seed in
      var writer = ScriptWriter(seed: UInt64(seed) &+ 1_000_000)
      return compile(SourceText(name: "generated", text: writer.script())).program != nil
    }
    #expect(accepted.count > 25)
  }

  /// Whatever the compiler accepts, the verifier accepts and the machine runs to an end, and the
  /// optimiser changes nothing of what is printed.
  @Test(arguments: 0..<120) func acceptedProgramsVerify(_ seed: Int) throws {
    for part in 0..<8 {
      var writer = ScriptWriter(seed: UInt64(seed * 8 + part) &+ 1_000_000)
      let script = writer.script()
      guard let plain = try output(of: script, optimizes: false),
        let optimized = try output(of: script, optimizes: true)
      else { continue }
      #expect(plain.agrees(with: optimized), "\(script)\n\(plain.text)\n\(optimized.text)")
    }
  }

  /// What a program prints.
  private struct GeneratedOutput {
    var text: String

    /// Whether it is the same, but that optimised code gets further with its fuel and registers.
    func agrees(with optimized: GeneratedOutput) -> Bool {
      let limits = "error [0-9]+: (ran too long|calls need too many registers)\n"
      guard let end = text.range(of: limits, options: .regularExpression) else {
        return text == optimized.text
      }
      return optimized.text.hasPrefix(text[..<end.lowerBound])
    }
  }

  /// Nil when the script does not compile.
  private func output(of script: String, optimizes: Bool) throws -> GeneratedOutput? {
    var options = CompileOptions()
    options.optimizes = optimizes
    let compilation = compile(SourceText(name: "generated", text: script), options: options)
    guard var program = compilation.program else {
      #expect(compilation.diagnostics.hasErrors)
      return nil
    }
    program.policy.mainFuel = 20_000
    do {
      let runner = try ScriptRunner(program)
      runner.run([])
      #expect(!runner.output.contains("internal error"), "\(script)")
      return GeneratedOutput(text: runner.output)
    } catch {
      Issue.record("\(error)\n\(script)\n\(Disassembler(program).listing())")
      return nil
    }
  }
}
