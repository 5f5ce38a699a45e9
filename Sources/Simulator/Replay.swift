// SPDX-License-Identifier: GPL-2.0-or-later
import Bytecode
import CVM
import Events

/// A recording made ready for a program: which handlers each type of event runs, and where each
/// field that they read lies. The kernel module does the same when a program attaches.
final class Replay {
  /// What a probe asks for cannot be had; the kernel module's sentence for it.
  struct AttachError: Error {
    let line: UInt32
    let sentence: String
  }

  let recording: Recording
  /// Functions to run, in the order of the script, by type of event.
  private(set) var handlers: [[UInt32]]
  /// Of handlers of ftrace:function: for which functions they are, unless for all.
  private var filters: [UInt32: [FunctionFilter]] = [:]
  /// How a field reference of the program is read, by type of event.
  private var accesses: [[FieldAccess]]

  /// Samples that are taken beside what is in the recording.
  let samples: Samples

  init(
    _ recording: Recording, _ program: LoadedProgram, _ samples: Samples
  ) throws(AttachError) {
    self.recording = recording
    self.samples = samples
    let fields = (0..<ktap_program_info(program.handle).pointee.field_count).map {
      FieldReference(ktap_program_field(program.handle, $0).pointee)
    }
    handlers = [[UInt32]](repeating: [], count: recording.types.count)
    accesses = [[FieldAccess]](
      repeating: [FieldAccess](repeating: .missing, count: fields.count),
      count: recording.types.count)
    for probe in program.summary.probes where probe.kind == .event {
      let matched = try match(probe)
      for type in matched where !handlers[type].contains(probe.function) {
        handlers[type].append(probe.function)
      }
      if let filter = FunctionFilter(probe.event) {
        filters[probe.function, default: []].append(filter)
      }
      for (index, field) in fields.enumerated()
      where ktap_program_uses_field(program.handle, probe.function, UInt32(index)) {
        try resolve(field, index, probe, matched)
      }
    }
  }

  /// Whether a handler is for this function of ftrace:function.
  func passes(_ function: UInt32, _ hit: Hit) -> Bool {
    guard let filters = filters[function], hit.type.fullName == "ftrace:function" else {
      return true
    }
    let name = recording.bytes.withUnsafeBytes { bytes in
      guard case .text(let range) = hit.value(.text(0), at: 0, bytes, limit: 4096) else {
        return ""
      }
      return String(decoding: UnsafeRawBufferPointer(rebasing: bytes[range]), as: UTF8.self)
    }
    return filters.contains { $0.passes(name) }
  }

  func access(type: Int, field: UInt32) -> FieldAccess { accesses[type][Int(field)] }

  /// The types of a probe's events; there may be none when none of them happened.
  private func match(_ probe: ProgramSummary.Probe) throws(AttachError) -> [Int] {
    let types = recording.types.indices.filter { index in
      let type = recording.types[index]
      if type.system == EventType.profileSystem { return type.name == probe.event }
      return type.matches(probe.event)
    }
    guard types.isEmpty, !recording.covers(probe.event) else { return types }
    var suggestion = Suggestion(for: probe.event)
    if !Glob.isPattern(probe.event) {
      recording.types.forEach { suggestion.offer($0.fullName) }
    }
    throw AttachError(
      line: probe.line,
      sentence: "no event of the recording matches '\(probe.event)'\(suggestion.text); it is of "
        + contents)
  }

  /// What the recording is of, in a few words.
  private var contents: String {
    let names = recording.specifications.prefix(5).map { "'\($0)'" }
    let more = recording.specifications.count - names.count
    return names.joined(separator: ", ") + (more > 0 ? " and \(more) more" : "")
  }

  private func resolve(
    _ field: FieldReference, _ index: Int, _ probe: ProgramSummary.Probe, _ matched: [Int]
  ) throws(AttachError) {
    var isFound = matched.isEmpty  // nothing to find it in, and nothing that will read it
    for type in matched {
      do throws(FieldAccess.Mismatch) {
        guard let access = try FieldAccess(field, of: recording.types[type]) else { continue }
        accesses[type][index] = access
        isFound = true
      } catch {
        throw AttachError(line: probe.line, sentence: error.sentence)
      }
    }
    if isFound { return }
    let isPattern = Glob.isPattern(probe.event)
    let sentence: String
    if field.name.hasPrefix("#") {
      sentence =
        "\(isPattern ? "no event of" : "event") '\(probe.event)' has \(isPattern ? "a" : "no") "
        + "field number \(field.name.dropFirst()), counted from 0"
    } else {
      var suggestion = Suggestion(for: field.name)
      for type in matched {
        FieldAccess.names(of: recording.types[type]).forEach { suggestion.offer($0) }
      }
      sentence =
        (isPattern
          ? "no event of '\(probe.event)' has a field '\(field.name)'"
          : "event '\(probe.event)' has no field '\(field.name)'") + suggestion.text
    }
    throw AttachError(line: probe.line, sentence: sentence)
  }
}
