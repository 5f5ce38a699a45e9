// SPDX-License-Identifier: GPL-2.0-or-later
import CKtap

extension RecordingReader {
  private static let typeSize = MemoryLayout<ktap_ioc_event>.size
  private static let fieldSize = MemoryLayout<ktap_event_field>.size
  /// No entry of a kernel is longer.
  private static let mostBytes = 65536
  private static let registerCount = 6
  private static let argumentBytes = 8 * registerCount

  // MARK: - Types

  mutating func readType(_ record: Record) throws(RecordingError) {
    let start = record.payload.lowerBound
    guard record.payload.count >= RecordingReader.typeSize else {
      throw RecordingError("a description of \(record.payload.count) bytes", at: start)
    }
    let id = try reader.take(UInt32.self, at: start)
    let code = try reader.take(UInt32.self, at: start + 4)
    let count = Int(try reader.take(UInt32.self, at: start + 20))
    guard record.payload.count - RecordingReader.typeSize == count * RecordingReader.fieldSize
    else {
      throw RecordingError("a description with \(count) fields has another length", at: start + 20)
    }
    guard let name = reader.name(in: start + 24..<start + 88),
      let system = reader.name(in: start + 88..<start + 152)
    else { throw RecordingError("an event without a name", at: start + 24) }
    guard let style = RecordingReader.style(code, system, name) else {
      throw RecordingError("an event of the unknown style \(code)", at: start + 4)
    }
    guard typeIndex[id] == nil else {
      throw RecordingError("event \(id) is described twice", at: start)
    }
    var fields: [EventField] = []
    for index in 0..<count {
      fields.append(
        try readField(at: start + RecordingReader.typeSize + index * RecordingReader.fieldSize))
    }
    typeIndex[id] = types.count
    types.append(EventType(style: style, system: system, name: name, fields: fields))
  }

  private static func style(_ code: UInt32, _ system: String, _ name: String) -> EventType.Style? {
    switch ktap_event_style(code) {
    case KTAP_EVENT_TRACEPOINT where system == "raw_syscalls" && name == "sys_enter": .rawEnter
    case KTAP_EVENT_TRACEPOINT where system == "raw_syscalls" && name == "sys_exit": .rawExit
    case KTAP_EVENT_TRACEPOINT: .tracepoint
    case KTAP_EVENT_SYSCALL_ENTER: .systemCallEnter
    case KTAP_EVENT_SYSCALL_EXIT: .systemCallExit
    case KTAP_EVENT_FUNCTION: .function
    case KTAP_EVENT_FUNCTION_RETURN: .functionReturn
    default: nil
    }
  }

  private mutating func readField(at start: Int) throws(RecordingError) -> EventField {
    guard let name = reader.name(in: start..<start + 48) else {
      throw RecordingError("a field without a name", at: start)
    }
    let offset = Int(try reader.take(UInt32.self, at: start + 48))
    let size = Int(try reader.take(UInt32.self, at: start + 52))
    let element = Int(try reader.take(UInt32.self, at: start + 56))
    let flags = try reader.take(UInt32.self, at: start + 60)
    guard offset <= RecordingReader.mostBytes, size <= RecordingReader.mostBytes else {
      throw RecordingError("field '\(name)' does not lie in an entry", at: start + 48)
    }
    guard element <= size, element > 0 || size == 0 else {
      throw RecordingError("field '\(name)' has elements of \(element) bytes", at: start + 56)
    }
    return EventField(name: name, offset: offset, size: size, element: element, flags: flags)
  }

  // MARK: - Events

  mutating func readEvent(_ record: Record, _ board: RecordedBoard) throws(RecordingError) {
    let values = try readValues(
      record,
      [
        KTAP_KIND_EVENT, KTAP_KIND_STR, KTAP_KIND_INT, KTAP_KIND_INT, KTAP_KIND_INT, KTAP_KIND_INT,
        KTAP_KIND_INT, KTAP_KIND_STR, KTAP_KIND_INT, KTAP_KIND_BOOL, KTAP_KIND_BOOL, KTAP_KIND_INT,
      ])
    guard let index = typeIndex[values[0].aux] else {
      throw RecordingError(
        "event \(values[0].aux) is not described", at: values[0].data.lowerBound - 4)
    }
    guard record.time >= board.start else {
      throw RecordingError("an event before the recording began", at: record.start + 8)
    }
    var event = RecordedEvent(time: record.time, cpu: record.cpu, type: index)
    let type = types[index]
    (event.raw, event.texts) = try readCapture(values[0].data, texts: type.fields.count)
    try normalize(event.raw, type)
    try readCall(values[1].data, type, &event)
    event.task.pid = integer(values[2])
    event.task.tid = integer(values[3])
    event.task.ppid = integer(values[4])
    event.task.uid = integer(values[5])
    event.task.gid = integer(values[6])
    event.execname = values[7].data
    event.task.prio = integer(values[8])
    event.task.isInInterrupt = values[9].aux != 0
    event.task.isInIOWait = values[10].aux != 0
    event.task.cgroup = integer(values[11])
    events.append(event)
  }

  /// struct ktap_capture and what follows it: the raw entry, then texts of fields below `texts`.
  private mutating func readCapture(
    _ data: Range<Int>, texts: Int
  ) throws(RecordingError) -> (raw: Range<Int>, texts: Range<Int>) {
    guard data.count >= 8 else {
      throw RecordingError("a captured event of \(data.count) bytes", at: data.lowerBound)
    }
    let length = Int(try reader.take(UInt32.self, at: data.lowerBound))
    let count = try reader.take(UInt32.self, at: data.lowerBound + 4)
    let start = data.lowerBound + 8
    guard padded(length) <= data.upperBound - start else {
      throw RecordingError("a raw entry is longer than its record", at: data.lowerBound)
    }
    var offset = start + padded(length)
    let first = offset
    for _ in 0..<count {
      guard data.upperBound - offset >= 8 else {
        throw RecordingError("a text of an event is missing", at: offset)
      }
      let field = try reader.take(UInt32.self, at: offset)
      let bytes = try reader.take(UInt32.self, at: offset + 4)
      guard field < UInt32(texts) else {
        throw RecordingError("a text of a field that does not exist", at: offset)
      }
      let room = bytes == KTAP_CAPTURE_UNREADABLE ? 0 : padded(Int(bytes))
      guard room <= data.upperBound - offset - 8 else {
        throw RecordingError("a text of an event is longer than its record", at: offset + 4)
      }
      offset += 8 + room
    }
    guard offset == data.upperBound else {
      throw RecordingError("bytes behind a captured event", at: offset)
    }
    return (start..<start + length, first..<offset)
  }

  /// Brings the fields of a raw entry into native order.
  private mutating func normalize(_ raw: Range<Int>, _ type: EventType) throws(RecordingError) {
    if type.isSystemCall || type.isFunction {
      // Whole registers, however many: the description of an exit lists what is not there.
      for offset in stride(from: raw.lowerBound, to: raw.upperBound - 7, by: 8) {
        reader.normalize(at: offset, size: 8)
      }
      return
    }
    guard reader.isSwapped else { return }
    var done = [Bool](repeating: false, count: raw.count)
    for field in type.fields where field.element > 1 && !field.has(KTAP_FIELD_CHARS) {
      guard field.offset + field.size <= raw.count else { continue }
      for offset in stride(from: field.offset, to: field.offset + field.size, by: field.element) {
        // Fields that share bytes, as no kernel has them, must not be turned twice.
        guard offset + field.element <= raw.count,
          !done[offset..<offset + field.element].contains(true)
        else { continue }
        for index in offset..<offset + field.element { done[index] = true }
        reader.normalize(at: raw.lowerBound + offset, size: field.element)
      }
    }
  }

  /// struct ktap_recording_call and what follows it at an exit.
  private mutating func readCall(
    _ data: Range<Int>, _ type: EventType, _ event: inout RecordedEvent
  ) throws(RecordingError) {
    guard type.isSystemCall || type.isFunction else {
      guard data.isEmpty else {
        throw RecordingError("registers of an event that has none", at: data.lowerBound)
      }
      return
    }
    let size = MemoryLayout<ktap_recording_call>.size
    guard data.count >= size else {
      throw RecordingError("registers of \(data.count) bytes", at: data.lowerBound)
    }
    event.call = data.lowerBound..<data.lowerBound + size
    for offset in stride(from: event.call.lowerBound, to: event.call.upperBound, by: 8) {
      reader.normalize(at: offset, size: 8)
    }
    let rest = event.call.upperBound..<data.upperBound
    guard !rest.isEmpty else { return }
    guard type.style == .systemCallExit else {
      throw RecordingError("bytes behind the registers", at: rest.lowerBound)
    }
    (event.arguments, event.argumentTexts) = try readCapture(
      rest, texts: RecordingReader.registerCount)
    guard event.arguments.count == RecordingReader.argumentBytes else {
      throw RecordingError("arguments of \(event.arguments.count) bytes", at: rest.lowerBound)
    }
    for offset in stride(from: event.arguments.lowerBound, to: event.arguments.upperBound, by: 8) {
      reader.normalize(at: offset, size: 8)
    }
  }
}
