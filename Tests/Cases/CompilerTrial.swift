// SPDX-License-Identifier: GPL-2.0-or-later
import Bytecode
import Crypto
import Language
import Report
import Simulator

/// What the compiler, the verifier and the virtual machine must make of any text.
public enum CompilerTrial {
  /// What happened to the text.
  public enum Outcome: Equatable, Sendable {
    case refused
    /// It compiled; it was also run unless it wants events.
    case accepted
    /// What must not be.
    case wrong(String)
  }

  /// Compiles any bytes: there is a program or there are errors, the errors can be shown, and the verifier takes the program.
  public static func run(_ bytes: [UInt8]) -> Outcome {
    let source = SourceText(name: "mutated.kp", bytes: bytes)
    let compilation = compile(source)
    for found in compilation.diagnostics.all {
      guard found.range.start >= 0, found.range.start <= found.range.end,
        found.range.end <= bytes.count
      else { return .wrong("a diagnostic outside of the script: \(found)") }
    }
    let report = DiagnosticRenderer(source: source).render(compilation.diagnostics)
    guard var program = compilation.program else {
      return compilation.diagnostics.hasErrors && !report.isEmpty
        ? .refused : .wrong("neither a program nor errors")
    }
    if compilation.diagnostics.hasErrors { return .wrong("a program and errors: \(report)") }
    program.policy.mainFuel = 5_000
    do {
      let signed = try program.encode { Array(SHA256.hash(data: $0)) }
      let bundle = try Bundle(Bundle.assemble(signedPart: signed))
      let loaded = try LoadedProgram(file: bundle.bytes)
      try loaded.setArguments([], declaredOnly: false)
      guard loaded.summary.firstEvent == nil else { return .accepted }
      let streams = Streams()
      var simulation = Simulation()
      simulation.duration = 3_000_000_000
      var records = 0
      // Timers of nanoseconds would take their time.
      simulation.stopRequested = {
        records += 1
        return records > 20_000
      }
      _ = try simulation.run(loaded, bundle: bundle, options: ReportOptions()) {
        streams.add($0, to: $1)
      }
      let result = streams.result
      return result.diagnostics.contains("internal error") ? .wrong(result.diagnostics) : .accepted
    } catch is Simulation.CannotAttach {
      return .accepted  // which fields an event has is found out where the program runs
    } catch let error as BundleError {
      return .wrong("not encoded: \(error.message)")
    } catch {
      return .wrong("\(error)")
    }
  }
}
