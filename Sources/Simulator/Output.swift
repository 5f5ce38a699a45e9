// SPDX-License-Identifier: GPL-2.0-or-later
import Bytecode
import Events
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
    let replay = try attach(program)
    let types = (replay?.recording.types ?? []).map(EventDescription.init)
    let output = Output(
      Reporter(program: text, options: options, host: Host(write: write, types: types)))
    var simulation = self
    simulation.willWait = {
      output.reporter.flush()
      willWait()
    }
    let (outcome, counters) = try simulation.run(program, replay) { record, cpu in
      output.reporter.consume(record, cpu: cpu)
    }
    var summary = ReportSummary()
    summary.exitCode =
      switch outcome {
      case .exited(let code): code & 0xff  // as the shell will see it
      case .failed: 1
      }
    summary.hits = counters.hits
    summary.handled = counters.handled
    summary.dropped = counters.dropped
    summary.lostRecords = counters.lostRecords
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
  /// By the id that records carry.
  let types: [EventDescription]

  mutating func write(_ bytes: UnsafeRawBufferPointer, to stream: ReportStream) {
    write(Array(bytes), stream)
  }

  mutating func describe(event id: UInt32) -> EventDescription? {
    id < UInt32(types.count) ? types[Int(id)] : nil
  }
}

extension EventDescription {
  fileprivate init(_ type: EventType) {
    self.init(style: type.code, name: Array(type.name.utf8))
    for field in type.fields {
      Array(field.name.utf8).withUnsafeBytes {
        addField(
          name: $0, offset: UInt32(field.offset), size: UInt32(field.size),
          element: UInt32(field.element), flags: field.flags)
      }
    }
  }
}
