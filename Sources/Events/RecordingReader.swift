// SPDX-License-Identifier: GPL-2.0-or-later
import CKtap

/// Reads the files of `ktap-run --record`, see docs/recording.md. Nothing in the file is trusted.
public struct RecordingReader {
  /// Bytes in front of the first record.
  static let headerSize = 16
  static let recordHeaderSize = 16
  static let magic: [UInt8] = Array(KTAP_RECORDING_MAGIC.utf8)

  var reader: ByteReader
  private var specifications: [String] = []
  private var board: RecordedBoard?
  var types: [EventType] = []
  /// By the id that the board gave each type.
  var typeIndex: [UInt32: Int] = [:]
  var events: [RecordedEvent] = []

  /// True when a file begins like a recording.
  public static func isRecording(_ bytes: [UInt8]) -> Bool { bytes.starts(with: magic) }

  public static func read(_ bytes: [UInt8]) throws(RecordingError) -> Recording {
    var reader = RecordingReader(bytes)
    return try reader.readAll()
  }

  private init(_ bytes: [UInt8]) {
    reader = ByteReader(bytes)
  }

  private mutating func readAll() throws(RecordingError) -> Recording {
    try readHeader()
    var offset = RecordingReader.headerSize
    while true {
      let record = try readRecordHeader(at: offset)
      offset = record.end
      if record.kind == KTAP_RECORDING_END {
        return try finish(record)
      }
      try read(record)
    }
  }

  private mutating func readHeader() throws(RecordingError) {
    guard RecordingReader.isRecording(reader.bytes) else {
      throw RecordingError("this is no recording of ktap-run", at: 0)
    }
    let order = try reader.peek(UInt32.self, at: 8)
    guard order == KTAP_RECORDING_ORDER || order == UInt32(KTAP_RECORDING_ORDER).byteSwapped else {
      throw RecordingError("the byte order is none", at: 8)
    }
    reader.isSwapped = order != KTAP_RECORDING_ORDER
    let version = try reader.take(UInt16.self, at: 12)
    guard version == KTAP_RECORDING_VERSION else {
      throw RecordingError(
        "version \(version) of the format; this program reads version \(KTAP_RECORDING_VERSION)",
        at: 12)
    }
    let word = try reader.take(UInt16.self, at: 14)
    guard word == 4 || word == 8 else { throw RecordingError("a word of \(word) bytes", at: 14) }
  }

  /// A record's header and where it lies.
  struct Record {
    let kind: ktap_recording_kind
    let cpu: Int
    let time: UInt64
    /// Where its header begins.
    let start: Int
    let end: Int

    /// What stands behind the header.
    var payload: Range<Int> { start + RecordingReader.recordHeaderSize..<end }
  }

  private mutating func readRecordHeader(at offset: Int) throws(RecordingError) -> Record {
    guard offset < reader.count else {
      throw RecordingError("the recording was cut off: its end record is missing", at: offset)
    }
    let length = Int(try reader.take(UInt32.self, at: offset))
    guard length >= RecordingReader.recordHeaderSize, length % 8 == 0 else {
      throw RecordingError("a record of \(length) bytes", at: offset)
    }
    guard length <= reader.count - offset else {
      throw RecordingError("the recording was cut off in the middle of a record", at: offset)
    }
    let kind = UInt32(try reader.take(UInt16.self, at: offset + 4))
    guard kind >= KTAP_RECORDING_SPEC.rawValue, kind <= KTAP_RECORDING_END.rawValue else {
      throw RecordingError("a record of the unknown kind \(kind)", at: offset + 4)
    }
    let cpu = try reader.take(UInt16.self, at: offset + 6)
    let time = try reader.take(UInt64.self, at: offset + 8)
    return Record(
      kind: ktap_recording_kind(kind), cpu: Int(cpu), time: time, start: offset,
      end: offset + length)
  }

  private mutating func read(_ record: Record) throws(RecordingError) {
    switch record.kind {
    case KTAP_RECORDING_SPEC:
      guard board == nil else { throw misplaced(record) }
      try readSpecification(record)
    case KTAP_RECORDING_BOARD:
      guard board == nil, !specifications.isEmpty else { throw misplaced(record) }
      board = try readBoard(record)
    case KTAP_RECORDING_TYPE:
      guard board != nil else { throw misplaced(record) }
      try readType(record)
    default:
      guard let board else { throw misplaced(record) }
      try readEvent(record, board)
    }
  }

  private func misplaced(_ record: Record) -> RecordingError {
    RecordingError("a record of kind \(record.kind.rawValue) at the wrong place", at: record.start)
  }

  private mutating func readSpecification(_ record: Record) throws(RecordingError) {
    let text = reader.bytes[record.payload].prefix { $0 != 0 }
    let padding = record.payload.upperBound - text.endIndex
    guard !text.isEmpty, padding <= 8,
      reader.bytes[text.endIndex..<record.end].allSatisfy({ $0 == 0 }),
      text.allSatisfy({ (0x20..<0x7F).contains($0) })
    else { throw RecordingError("an event specification that is none", at: record.start) }
    specifications.append(String(decoding: text, as: UTF8.self))
  }

  private mutating func readBoard(_ record: Record) throws(RecordingError) -> RecordedBoard {
    let values = try readValues(
      record, [KTAP_KIND_STR, KTAP_KIND_STR, KTAP_KIND_INT, KTAP_KIND_INT, KTAP_KIND_INT])
    let cpus = integer(values[2])
    guard cpus > 0, cpus <= 65536 else {
      throw RecordingError("a board of \(cpus) CPUs", at: values[2].data.lowerBound)
    }
    return RecordedBoard(
      architecture: string(values[0]), release: string(values[1]), cpus: Int(cpus),
      wallClock: integer(values[3]), start: UInt64(bitPattern: integer(values[4])))
  }

  private mutating func finish(_ record: Record) throws(RecordingError) -> Recording {
    guard let board else { throw misplaced(record) }
    guard record.payload.count == MemoryLayout<ktap_recording_end>.size else {
      throw RecordingError("an end record of \(record.payload.count) bytes", at: record.start)
    }
    guard record.end == reader.count else {
      throw RecordingError("bytes behind the end record", at: record.end)
    }
    var counters: [UInt64] = []
    for offset in stride(from: record.payload.lowerBound, to: record.end, by: 8) {
      counters.append(try reader.take(UInt64.self, at: offset))
    }
    // Missed, throttled, records lost. (An event that lost its record is counted as dropped, too.)
    let lost = counters[2].addingSaturated(counters[3]).addingSaturated(counters[5])
    // Late records may stand behind younger ones of other CPUs.
    if zip(events, events.dropFirst()).contains(where: { $0.time > $1.time }) {
      let order = events.indices.sorted { (events[$0].time, $0) < (events[$1].time, $1) }
      events = order.map { events[$0] }
    }
    return Recording(
      board: board, specifications: specifications, types: types, events: events,
      bytes: reader.bytes, end: max(record.time, events.last?.time ?? board.start), lost: lost)
  }
}

extension UInt64 {
  /// The sum, or the largest number.
  fileprivate func addingSaturated(_ other: UInt64) -> UInt64 {
    let (sum, overflow) = addingReportingOverflow(other)
    return overflow ? .max : sum
  }
}
