// SPDX-License-Identifier: GPL-2.0-or-later
import Bytecode
import Crypto
import Language
import Report
import Simulator
import Testing

/// Why a test's script did not get as far as running.
struct Rejected: Error, CustomStringConvertible {
  let description: String
}

/// The signed part of the bundle of a script.
func signedPart(of script: String, name: String = "test.kp") throws -> [UInt8] {
  let text = SourceText(name: name, text: script)
  let result = compile(text)
  guard let program = result.program else {
    throw Rejected(description: DiagnosticRenderer(source: text).render(result.diagnostics))
  }
  return try program.encode { Array(SHA256.hash(data: $0)) }
}

/// The unsigned bundle of a script.
func bundle(of script: String) throws -> Bundle {
  try Bundle(Bundle.assemble(signedPart: try signedPart(of: script)))
}

/// What a script printed and how it ended.
struct ScriptRun {
  var output = ""
  var diagnostics = ""
  let outcome: Simulation.Outcome

  init(
    _ script: String, name: String = "test.kp", arguments: [LoadedProgram.Argument] = [],
    duration: UInt64? = nil, options: ReportOptions = ReportOptions(),
    isVerbose: Bool = false, configure: (inout Simulation) throws -> Void = { _ in }
  ) throws {
    let bundle = try Bundle(Bundle.assemble(signedPart: try signedPart(of: script, name: name)))
    let program = try LoadedProgram(file: bundle.bytes)
    try program.setArguments(arguments, declaredOnly: false)
    var simulation = Simulation()
    simulation.duration = duration
    try configure(&simulation)
    let streams = Streams()
    outcome = try simulation.run(
      program, bundle: bundle, options: options, isVerbose: isVerbose
    ) { bytes, stream in
      switch stream {
      case .output: streams.output += bytes
      case .diagnostics: streams.diagnostics += bytes
      }
    }
    output = String(decoding: streams.output, as: UTF8.self)
    diagnostics = String(decoding: streams.diagnostics, as: UTF8.self)
  }

  private final class Streams {
    var output: [UInt8] = []
    var diagnostics: [UInt8] = []
  }

  /// As the `.expect` files have it: the output, then, unless it exited with 0, how it ended.
  var transcript: String {
    switch outcome {
    case .exited(0): output + diagnostics
    case .exited(let code): output + diagnostics + "=== exit \(code)\n"
    case .failed: output + "=== run-time error\n" + diagnostics
    }
  }
}
