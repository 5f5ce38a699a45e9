// SPDX-License-Identifier: GPL-2.0-or-later
import CKtap
import CTraceCmd
import Events

/// Reads `trace.dat` files of trace-cmd, through its own library. What such a file does not say of a task is 0.
public struct TraceData {
  private static let magic: [UInt8] = [0x17, 0x08, 0x44] + Array("tracing".utf8)

  /// True when a file begins as trace-cmd's do.
  public static func isTraceData(_ bytes: [UInt8]) -> Bool { bytes.starts(with: magic) }

  /// What is said of a file that trace-cmd's library does not take.
  public static let unreadable = RecordingError("trace-cmd's library cannot read this file")

  public static func read(path: String) throws(RecordingError) -> Recording {
    tracecmd_set_loglevel(TEP_LOG_NONE)
    guard let input = tracecmd_open(path, Int32(TRACECMD_FL_LOAD_NO_PLUGINS.rawValue)) else {
      throw unreadable
    }
    defer { tracecmd_close(input) }
    guard let tep = tracecmd_get_tep(input) else {
      throw RecordingError("the file describes no events")
    }
    let conversion = TraceConversion(tep)
    let result = tracecmd_iterate_events(
      input, nil, 0,
      { _, record, _, context in
        guard let record, let context else { return 0 }
        Unmanaged<TraceConversion>.fromOpaque(context).takeUnretainedValue().add(record.pointee)
        return 0
      }, Unmanaged.passUnretained(conversion).toOpaque())
    guard result >= 0 else { throw unreadable }
    return conversion.recording(start: tracecmd_get_first_ts(input))
  }
}

/// Turns the records of a file into events as a board of ours would have recorded them.
final class TraceConversion {
  private let tep: OpaquePointer
  private let longSize: Int
  private let isSwapped: Bool
  private var types: [EventType] = []
  /// By the kernel's number of the event; nil: nothing that a script can trace.
  private var layouts: [Int32: TraceLayout?] = [:]
  private var events: [RecordedEvent] = []
  private var bytes: [UInt8] = []
  private var lost: UInt64 = 0
  /// Where the names of tasks stand in `bytes`; those of the idle tasks by the CPU, negative.
  private var names: [Int32: Range<Int>] = [:]
  /// The system call that each thread is in: what its entry said.
  private var calls: [Int32: (call: Range<Int>, arguments: Range<Int>)] = [:]

  init(_ tep: OpaquePointer) {
    self.tep = tep
    longSize = Int(tep_get_long_size(tep))
    isSwapped = tep_is_file_bigendian(tep) != tep_is_local_bigendian(tep)
  }

  func recording(start: UInt64) -> Recording {
    let first = min(start, events.first?.time ?? start)
    return Recording(
      board: RecordedBoard(
        architecture: "unknown", release: "unknown", cpus: max(1, Int(tep_get_cpus(tep))),
        wallClock: Int64(bitPattern: first), start: first),
      specifications: specifications, types: types, events: events, bytes: bytes,
      end: events.last?.time ?? first, lost: lost)
  }

  /// The events that were switched on: trace-cmd describes these, and the tracers' own, in the file.
  private var specifications: [String] {
    guard let list = tep_list_events(tep, TEP_EVENT_SORT_SYSTEM) else { return [] }
    return (0..<Int(tep_get_events_count(tep))).compactMap { index in
      guard let event = list[index]?.pointee,
        event.flags & Int32(TEP_EVENT_FL_ISFTRACE) == 0
      else { return nil }
      return String(cString: event.system) + ":" + String(cString: event.name)
    }
  }

  func add(_ record: tep_record) {
    // Below 0: an unknown number.
    if record.missed_events != 0 { lost += UInt64(max(1, record.missed_events)) }
    var record = record
    let id = tep_data_type(tep, &record)
    if layouts[id] == nil {
      let layout = tep_find_event(tep, id).flatMap {
        TraceLayout($0.pointee, longSize: longSize, index: types.count, tep)
      }
      layouts[id] = .some(layout)
      if let layout { types.append(layout.type) }
    }
    guard case .some(.some(let layout)) = layouts[id], let data = record.data else { return }
    let entry = TraceEntry(
      UnsafeRawBufferPointer(start: data, count: Int(record.size)), isSwapped: isSwapped)
    let tid = tep_data_pid(tep, &record)
    var event = RecordedEvent(time: record.ts, cpu: Int(record.cpu), type: layout.index)
    event.task.tid = Int64(tid)
    event.task.pid = Int64(tid)
    // TRACE_FLAG_HARDIRQ and TRACE_FLAG_SOFTIRQ
    event.task.isInInterrupt = tep_data_flags(tep, &record) & 0x18 != 0
    event.execname = name(of: tid, cpu: event.cpu)
    switch layout.type.style {
    case .tracepoint, .function, .functionReturn: addTracepoint(layout, entry, &event)
    case .systemCallEnter, .rawEnter: addEntry(layout, entry, tid, &event)
    case .systemCallExit, .rawExit: addExit(layout, entry, tid, &event)
    }
    events.append(event)
  }

  /// The task's name, the last one that it had. Each CPU has an idle task.
  private func name(of tid: Int32, cpu: Int) -> Range<Int> {
    let key = tid == 0 ? -Int32(cpu) : tid
    if let known = names[key] { return known }
    let name =
      tid == 0
      ? "swapper/\(cpu)" : tep_data_comm_from_pid(tep, tid).map { String(cString: $0) } ?? ""
    let range = append(Array(name.utf8))
    names[key] = range
    return range
  }

  private func append(_ new: [UInt8]) -> Range<Int> {
    let start = bytes.count
    bytes += new
    return start..<bytes.count
  }

  private func append(_ numbers: [Int64]) -> Range<Int> {
    append(numbers.withUnsafeBytes { Array($0) })
  }

  private func addTracepoint(
    _ layout: TraceLayout, _ entry: TraceEntry, _ event: inout RecordedEvent
  ) {
    event.raw = append(entry.native(layout.type.fields, size: layout.size))
    let start = bytes.count
    for (index, location) in layout.texts {
      guard let text = entry.text(location) else { continue }
      for number in [UInt32(index), UInt32(text.count)] {
        withUnsafeBytes(of: number) { bytes += Array($0) }
      }
      bytes += text
      while (bytes.count - start) % 8 != 0 { bytes.append(0) }
    }
    event.texts = start..<bytes.count
  }

  private func addEntry(
    _ layout: TraceLayout, _ entry: TraceEntry, _ tid: Int32, _ event: inout RecordedEvent
  ) {
    let registers = layout.registers.map { entry.number($0) }
    let number = entry.number(layout.number)
    event.call = append([number] + padded(registers))
    if layout.type.style == .rawEnter {
      event.raw = event.call
    } else {
      event.raw = append(padded(zip(layout.arguments, registers).map { $0.value(of: $1) }))
    }
    if layout.type.style == .systemCallEnter { calls[tid] = (event.call, event.raw) }
  }

  private func addExit(
    _ layout: TraceLayout, _ entry: TraceEntry, _ tid: Int32, _ event: inout RecordedEvent
  ) {
    let number = entry.number(layout.number)
    let result = entry.number(layout.result)
    event.raw = append(layout.type.style == .rawExit ? [number, result] : [result])
    let entered = calls[tid]
    event.call = entered?.call ?? append([number] + padded([]))
    event.arguments = entered?.arguments ?? append(padded([]))
    if layout.type.style == .systemCallExit { calls[tid] = nil }
  }

  /// Six registers.
  private func padded(_ numbers: [Int64]) -> [Int64] {
    numbers.prefix(6) + [Int64](repeating: 0, count: max(0, 6 - numbers.count))
  }
}
