// SPDX-License-Identifier: GPL-2.0-or-later
import Bytecode
import Report

extension CaseResult {
  /// What records, one behind the other as they stand in a ring, look like to the reader of the output: the text is made as
  /// the agent on a board makes it.
  public init(records: [UInt8], exitCode: Int32, bundle file: [UInt8]) throws {
    let streams = Streams()
    var reporter = Reporter(
      program: try ProgramText(Bundle(file)), options: ReportOptions(),
      host: Sink(streams: streams))
    records.withUnsafeBytes { bytes in
      var rest = bytes[...]
      while rest.count >= 4 {
        let length = Int(rest.loadUnaligned(as: UInt32.self))
        guard length >= 16, length <= rest.count else { break }
        reporter.consume(UnsafeRawBufferPointer(rebasing: rest.prefix(length)), cpu: 0)
        rest = rest.dropFirst(length)
      }
    }
    var summary = ReportSummary()
    summary.exitCode = exitCode
    reporter.end(summary, isVerbose: false)
    self = streams.result
    self.exitCode = exitCode
  }

  private struct Sink: ReportHost {
    let streams: Streams

    mutating func write(_ bytes: UnsafeRawBufferPointer, to stream: ReportStream) {
      streams.add(bytes, to: stream)
    }
    mutating func describe(event id: UInt32) -> EventDescription? { nil }
  }
}
