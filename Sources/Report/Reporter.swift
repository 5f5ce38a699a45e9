// SPDX-License-Identifier: GPL-2.0-or-later
import CKtap

/// Where a report goes and where it learns about events.
public protocol ReportHost {
  /// Takes output, whole lines or parts of them, in order.
  mutating func write(_ bytes: UnsafeRawBufferPointer, to stream: ReportStream)
  /// What the event with this id looks like; nil when that cannot be found out.
  mutating func describe(event id: UInt32) -> EventDescription?
  /// The name of a frame of a kernel stack, "vfs_read+0x12"; nil: it is shown as a number.
  mutating func symbol(stack: UInt32, frame: UInt32) -> [UInt8]?
}

extension ReportHost {
  /// No names.
  public mutating func symbol(stack: UInt32, frame: UInt32) -> [UInt8]? { nil }
}

/// The two outputs of a program.
public enum ReportStream {
  /// Results.
  case output
  /// Run-time errors and losses.
  case diagnostics
}

/// How a report looks.
public struct ReportOptions {
  /// One JSON object a line, everything on the output stream.
  public var json = false
  /// Text: each line of a record begins with its time.
  public var timestamps = false
  /// Characters of a line: histograms fill it; 0: as many as it takes, nothing is ever cut.
  public var columns = 0
  /// Text: whoever sees the output sees it at once. Pictures that a script draws again and again do not flicker.
  public var isTerminal = false

  /// Plain text of any width.
  public init() {}
}

/// Formats ring records. A record is in the byte order of the machine that runs this.
public struct Reporter<Host: ReportHost> {
  /// Takes what is formatted.
  public var host: Host
  let program: ProgramText
  let options: ReportOptions
  /// Output that the host has not got yet.
  var text = ByteBuffer()
  /// Text on its way to the diagnostics.
  var scratch = ByteBuffer()
  let tables: FixedArray<TableOutput>
  /// Run-time errors seen.
  public internal(set) var errors = 0
  private let events: FixedArray<CachedEvent>
  var isAtLineStart = true

  private struct CachedEvent {
    var id: UInt32 = .max
    var description: EventDescription?
  }

  /// Slots of the event cache, a power of two. Ids are dense, so that each finds a slot by its low bits.
  private static var eventSlots: Int { 64 }
  /// The text grows to this before the host gets it, unless `flush()` is called.
  private var flushSize: Int { options.isTerminal ? 64 << 10 : 4096 }

  /// A reporter of one run of `program`.
  public init(program: ProgramText, options: ReportOptions, host: Host) {
    self.program = program
    self.options = options
    self.host = host
    events = FixedArray(repeating: CachedEvent(), count: Reporter.eventSlots)
    tables = FixedArray(repeating: TableOutput(), count: Reporter.tableLimit)
  }

  /// Formats one whole record, header included, that came from `cpu`'s ring.
  public mutating func consume(_ record: UnsafeRawBufferPointer, cpu: Int) {
    let size = MemoryLayout<ktap_record>.size
    guard let header = record.structure(ktap_record(), at: 0),
      let payload = record.run(at: size, length: record.count - size)
    else { return }
    let origin = Origin(ns: header.ns, cpu: cpu)
    switch ktap_record_kind(UInt32(header.kind)) {
    case KTAP_RECORD_EMIT: emit(payload, site: Int(header.site), origin)
    case KTAP_RECORD_TABLE_BEGIN: beginTable(payload, origin)
    case KTAP_RECORD_TABLE_ENTRY: addTableEntry(payload)
    case KTAP_RECORD_TABLE_END: endTable(payload)
    case KTAP_RECORD_ERROR:
      if let error = payload.structure(ktap_error(), at: 0) { report(error, origin) }
    default: break
    }
    if text.count >= flushSize { flush() }
  }

  /// Gives the host everything formatted so far.
  public mutating func flush() {
    if options.isTerminal, !options.json { text.refreshScreen() }
    Reporter.send(text, to: &host, .output)
    text.clear()
  }

  static func send(_ text: ByteBuffer, to host: inout Host, _ stream: ReportStream) {
    guard text.count > 0 else { return }
    text.bytes.withUnsafeBytes { host.write($0, to: stream) }
  }

  /// What the event with this id looks like, from the cache or from the host.
  mutating func description(of id: UInt32) -> EventDescription? {
    // The upper half of an id says what kind of event it is: entry and exit of a call differ in it alone.
    let slot = Int((id ^ id >> 16) & UInt32(Reporter.eventSlots - 1))
    if events[slot].id != id || events[slot].description == nil {
      events[slot] = CachedEvent(id: id, description: host.describe(event: id))
    }
    return events[slot].description
  }
}

/// Where and when a record was made.
struct Origin {
  /// Of the kernel's monotonic clock.
  var ns: UInt64
  var cpu: Int
}
