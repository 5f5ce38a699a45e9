// SPDX-License-Identifier: GPL-2.0-or-later
import Bytecode
import CKtap

@testable import Report

/// Collects what a reporter writes and knows some events.
struct CollectingHost: ReportHost {
  var output: [UInt8] = []
  var diagnostics: [UInt8] = []
  var events: [UInt32: EventDescription] = [:]
  /// How often an event was asked for.
  var questions = 0

  mutating func write(_ bytes: UnsafeRawBufferPointer, to stream: ReportStream) {
    if stream == .output { output += bytes } else { diagnostics += bytes }
  }

  mutating func describe(event id: UInt32) -> EventDescription? {
    questions += 1
    return events[id]
  }

  mutating func symbol(stack: UInt32, frame: UInt32) -> [UInt8]? {
    switch (stack, frame) {
    case (7, 0), (0x1000, 1): Array("vfs_read+0x7".utf8)
    default: nil
    }
  }
}

struct Field {
  var name: String
  var offset: UInt32
  var size: UInt32
  var element: UInt32? = nil
  var flags: [ktap_field_flags] = []
}

func description(_ style: ktap_event_style, _ name: String, _ fields: [Field]) -> EventDescription {
  var description = EventDescription(style: style.rawValue, name: Array(name.utf8))
  for field in fields {
    Array(field.name.utf8).withUnsafeBytes {
      description.addField(
        name: $0, offset: field.offset, size: field.size, element: field.element ?? field.size,
        flags: field.flags.reduce(0) { $0 | $1.rawValue })
    }
  }
  return description
}

/// A reporter with a script "x.kp" and the given printf formats as sites 0, 1, ...
func reporter(
  formats: [String] = [], fields: [Text] = [], events: [UInt32: EventDescription] = [:],
  configure: (inout ReportOptions) -> Void = { _ in }
) -> Reporter<CollectingHost> {
  var options = ReportOptions()
  configure(&options)
  let program = ProgramText(
    sourceName: "x.kp",
    formats: formats.map { OutputFormat(kind: .printf, valueCount: 0, text: Text($0)) },
    fieldNames: fields)
  return Reporter(program: program, options: options, host: CollectingHost(events: events))
}

extension Reporter where Host == CollectingHost {
  mutating func feed(_ records: [[UInt8]], cpu: Int = 0) {
    for record in records { record.withUnsafeBytes { consume($0, cpu: cpu) } }
  }

  /// Everything written so far.
  mutating func output() -> String {
    flush()
    return String(decoding: host.output, as: UTF8.self)
  }

  func diagnostics() -> String { String(decoding: host.diagnostics, as: UTF8.self) }
}
