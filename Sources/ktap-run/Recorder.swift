// SPDX-License-Identifier: GPL-2.0-or-later
import CAgent
import CKtap
import Report

/// Makes a recording of what the program of --record sends, see kernel/include/ktap/recording.h: the
/// records are those of the rings with another header.
struct Recorder {
  private var text = ByteBuffer()
  /// A bit for each event that has been described; empty when nothing is recorded.
  private var described: [UInt32] = []

  /// Three bits of an event's id say what kind of event it is, the lower half counts from 0.
  private static var idBits: Int { 17 }
  private static var indexBits: Int { 14 }
  private static var flushSize: Int { 32 << 10 }

  /// - Parameter events: none when nothing is to be recorded.
  init(_ events: Words) {
    if events.count == 0 { return }
    described = [UInt32](repeating: 0, count: 1 << (Recorder.idBits - 5))
    text.append("KTAPREC\n")
    var header = ktap_recording_header()
    header.order = KTAP_RECORDING_ORDER
    header.version = UInt16(KTAP_RECORDING_VERSION)
    header.word = UInt16(MemoryLayout<Int>.size)
    withUnsafeBytes(of: &header) { text.append(UnsafeRawBufferPointer(rebasing: $0[8...])) }
    for index in 0..<events.count {
      guard let event = events[index] else { break }
      let name = bytes(of: event)
      let padded = (name.count + 7) & ~7
      begin(KTAP_RECORDING_SPEC, length: padded)
      text.append(name)
      text.append(repeating: 0, count: padded - name.count)
    }
  }

  /// Takes a record of the program's; false: it is the reporter's.
  @inline(never)
  mutating func consume(
    _ record: UnsafeRawBufferPointer, cpu: Int, _ output: inout Output
  ) -> Bool {
    let size = MemoryLayout<ktap_record>.size
    var header = ktap_record()
    withUnsafeMutableBytes(of: &header) { bytes in
      for index in 0..<size { bytes[index] = record[index] }
    }
    if described.isEmpty || header.kind != UInt16(KTAP_RECORD_EMIT.rawValue) { return false }
    // The first format is the board's, the second that of events.
    header.kind = UInt16(KTAP_RECORDING_BOARD.rawValue) + header.site
    header.site = UInt16(cpu)
    if header.kind == UInt16(KTAP_RECORDING_EVENT.rawValue) {
      // The event is the first value: its id stands behind kind and length.
      describe(record.load(fromByteOffset: size + 4, as: UInt32.self), output.program)
    }
    withUnsafeBytes(of: &header) { text.append($0) }
    text.append(UnsafeRawBufferPointer(rebasing: record[size...]))
    if text.count >= Recorder.flushSize { flush(&output) }
    return true
  }

  /// Describes an event the first time it comes.
  private mutating func describe(_ id: UInt32, _ program: Program) {
    let bit =
      (id >> 16 & 7) << UInt32(Recorder.indexBits) | id & (1 << UInt32(Recorder.indexBits) - 1)
    let word = Int(bit >> 5)
    guard described[word] & 1 << (bit & 31) == 0 else { return }
    described[word] |= 1 << (bit & 31)
    var event = ktap_ioc_event()
    event.id = id
    guard let fields = program.fields(of: &event) else { return }
    event.fields = 0
    event.field_capacity = 0
    begin(
      KTAP_RECORDING_TYPE,
      length: MemoryLayout<ktap_ioc_event>.size + fields.count)
    withUnsafeBytes(of: &event) { text.append($0) }
    text.append(fields)
  }

  /// Writes what has been gathered.
  @inline(never)
  mutating func flush(_ output: inout Output) {
    if text.count == 0 { return }
    text.bytes.withUnsafeBytes { output.write($0, to: .output) }
    text.clear()
  }

  /// The end of the recording.
  @inline(never)
  mutating func end(_ status: ktap_ioc_status, _ output: inout Output) {
    if described.isEmpty { return }
    var end = ktap_recording_end(
      hits: status.hits, handled: status.handled, missed: status.missed,
      throttled: status.throttled, dropped: status.dropped, lost_records: status.lost_records)
    begin(KTAP_RECORDING_END, length: MemoryLayout<ktap_recording_end>.size)
    withUnsafeBytes(of: &end) { text.append($0) }
    flush(&output)
  }

  /// The header of a record of this file's own, with `length` bytes to follow.
  private mutating func begin(_ kind: ktap_recording_kind, length: Int) {
    var header = ktap_record(
      length: UInt32(MemoryLayout<ktap_record>.size + length), kind: UInt16(kind.rawValue), site: 0,
      ns: cagent_now())
    withUnsafeBytes(of: &header) { text.append($0) }
  }
}
