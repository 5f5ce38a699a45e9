// SPDX-License-Identifier: GPL-2.0-or-later
import Bytecode
import Crypto
import Language
import Report
import Simulator

/// Why a case did not get as far as running.
public struct CaseFailure: Error, CustomStringConvertible {
  public let description: String
}

extension LanguageCase {
  /// The bundle of the script, unsigned. Throws what the compiler says when it does not compile.
  public func bundle(options: CompileOptions = CompileOptions()) throws -> [UInt8] {
    let source = SourceText(name: fileName, text: script)
    let compilation = compile(source, options: options)
    guard let program = compilation.program else {
      let report = DiagnosticRenderer(source: source).render(compilation.diagnostics)
      throw CaseFailure(description: report)
    }
    return Bundle.assemble(signedPart: try program.encode { Array(SHA256.hash(data: $0)) })
  }

  /// Everything that the compiler says about the script.
  func foundByTheCompiler(options: CompileOptions) -> [Finding] {
    let source = SourceText(name: fileName, text: script)
    return compile(source, options: options).diagnostics.all.map { diagnostic in
      let place = source.location(at: diagnostic.range.start)
      return Finding(
        line: place.line, column: place.column,
        text: "\(diagnostic.severity.rawValue): \(diagnostic.message)")
    }.sorted()
  }

  /// Throws when the compiler says something else than what is marked.
  public func checkFindings(options: CompileOptions = CompileOptions()) throws {
    let found = foundByTheCompiler(options: options)
    let counted = findings.isEmpty ? found.filter { $0.text.hasPrefix("error") } : found
    guard counted != findings else { return }
    let missing = findings.filter { !counted.contains($0) }.map { "\n  missing \($0)" }
    let more = counted.filter { !findings.contains($0) }.map { "\n  not marked \($0)" }
    throw CaseFailure(description: "the compiler" + (missing + more).joined())
  }

  /// Runs the script in the simulator, in virtual time.
  public func simulate(
    options: CompileOptions = CompileOptions(), report: ReportOptions = ReportOptions()
  ) throws -> CaseResult {
    let bundle = try Bundle(bundle(options: options))
    let program = try LoadedProgram(file: bundle.bytes)
    try program.setArguments(
      arguments.map { word in
        Int64(word).map(LoadedProgram.Argument.integer) ?? .string(word)
      }, declaredOnly: false)
    let streams = Streams()
    let outcome = try Simulation().run(program, bundle: bundle, options: report) {
      streams.add($0, to: $1)
    }
    var result = streams.result
    switch outcome {
    case .exited(let code): result.exitCode = code & 0xff
    case .failed: result.exitCode = 1
    }
    return result
  }
}

/// Collects what a report writes.
final class Streams {
  private var output: [UInt8] = []
  private var diagnostics: [UInt8] = []

  func add(_ bytes: some Sequence<UInt8>, to stream: ReportStream) {
    switch stream {
    case .output: output += bytes
    case .diagnostics: diagnostics += bytes
    }
  }

  var result: CaseResult {
    var result = CaseResult()
    result.output = String(decoding: output, as: UTF8.self)
    result.diagnostics = CaseFolder.withoutCounts(String(decoding: diagnostics, as: UTF8.self))
    return result
  }
}
