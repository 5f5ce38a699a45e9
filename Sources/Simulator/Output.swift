// SPDX-License-Identifier: GPL-2.0-or-later
import Bytecode
import Report

extension Simulation {
  /// Runs to the end and formats the output as the board's agent does.
  ///
  /// - Parameters:
  ///   - bundle: the file that `program` was loaded from: its formats and names.
  ///   - isVerbose: say at the end what was counted.
  ///   - write: takes output in order.
  public func run(
    _ program: LoadedProgram, bundle: Bundle, options: ReportOptions, isVerbose: Bool = false,
    write: @escaping ([UInt8], ReportStream) -> Void
  ) throws -> Outcome {
    let text = try ProgramText(bundle)
    let output = Output(Reporter(program: text, options: options, host: Host(write: write)))
    var simulation = self
    simulation.willWait = {
      output.reporter.flush()
      willWait()
    }
    let outcome = try simulation.run(program) { record in output.reporter.consume(record, cpu: 0) }
    var summary = ReportSummary()
    summary.exitCode =
      switch outcome {
      case .exited(let code): code & 0xff  // as the shell will see it
      case .failed: 1
      }
    output.reporter.end(summary, isVerbose: isVerbose)
    return outcome
  }
}

/// The reporter as the sink's closure shares it.
private final class Output {
  var reporter: Reporter<Host>

  init(_ reporter: Reporter<Host>) {
    self.reporter = reporter
  }
}

private struct Host: ReportHost {
  let write: ([UInt8], ReportStream) -> Void

  mutating func write(_ bytes: UnsafeRawBufferPointer, to stream: ReportStream) {
    write(Array(bytes), stream)
  }

  /// No event is ever captured here.
  mutating func describe(event id: UInt32) -> EventDescription? { nil }
}
