// SPDX-License-Identifier: GPL-2.0-or-later
import CKtap

/// What an event looks like: from KTAP_NR_EVENT, kept compact because a board may see hundreds.
public struct EventDescription: Sendable {
  /// enum ktap_event_style.
  public var style: UInt32
  /// "openat", "sched_switch".
  public var name: [UInt8]
  /// Six numbers for each field, in the order of the event's format: all of `EventField`.
  private var words: [UInt32] = []
  /// The fields' names one behind the other.
  private var fieldNames: [UInt8] = []

  /// An event without fields yet; `style` is an enum ktap_event_style.
  public init(style: UInt32, name: [UInt8]) {
    self.style = style
    self.name = name
  }

  /// Appends a field. Offset and sizes in bytes of the raw entry; flags of enum ktap_field_flags.
  public mutating func addField(
    name: UnsafeRawBufferPointer, offset: UInt32, size: UInt32, element: UInt32, flags: UInt32
  ) {
    add(UInt32(fieldNames.count))
    add(UInt32(name.count))
    add(offset)
    add(size)
    add(element)
    add(flags)
    fieldNames.append(contentsOf: name)
  }

  @inline(never)
  private mutating func add(_ word: UInt32) {
    words.append(word)
  }

  /// Number of fields.
  public var fieldCount: Int { words.count / EventField.words }

  /// The field with this index.
  public func field(_ index: Int) -> EventField {
    let first = EventField.words * index
    return EventField(
      nameStart: Int(words[first]), nameLength: Int(words[first + 1]),
      offset: Int(clamping: words[first + 2]), size: Int(clamping: words[first + 3]),
      element: Int(clamping: words[first + 4]), flags: words[first + 5])
  }

  func name(of field: EventField) -> ArraySlice<UInt8> {
    fieldNames[field.nameStart..<field.nameStart + field.nameLength]
  }
}

/// A field of an event.
public struct EventField: Sendable {
  fileprivate static var words: Int { 6 }

  let nameStart: Int
  let nameLength: Int
  /// Into the raw entry.
  public let offset: Int
  /// Bytes.
  public let size: Int
  /// Bytes of one element of an array.
  public let element: Int
  /// enum ktap_field_flags.
  public let flags: UInt32

  func has(_ flag: ktap_field_flags) -> Bool {
    flags & flag.rawValue != 0
  }
}

/// An event as a probe copied it: the raw entry and the strings that were read on the spot.
struct Capture {
  let raw: UnsafeRawBufferPointer
  private let strings: UnsafeRawBufferPointer
  private let stringCount: UInt32

  init?(_ data: UnsafeRawBufferPointer) {
    let size = MemoryLayout<ktap_capture>.size
    guard let header = data.structure(ktap_capture(), at: 0),
      let raw = data.run(at: size, length: Int(clamping: header.raw_length))
    else { return nil }
    let start = size + padded(raw.count)
    self.raw = raw
    strings = data.run(at: start, length: data.count - start) ?? .init(start: nil, count: 0)
    stringCount = header.string_count
  }

  /// The text of the field with this index; nil when it was not captured or not readable.
  func string(of field: Int) -> UnsafeRawBufferPointer? {
    var offset = 0
    let size = MemoryLayout<ktap_capture_string>.size
    for _ in 0..<stringCount {
      guard let header = strings.structure(ktap_capture_string(), at: offset) else { return nil }
      let isReadable = header.length != KTAP_CAPTURE_UNREADABLE
      let length = isReadable ? Int(clamping: header.length) : 0
      guard let text = strings.run(at: offset + size, length: length) else { return nil }
      if header.field == UInt32(field) { return isReadable ? text : nil }
      offset += size + padded(length)
    }
    return nil
  }
}

/// Bytes up to the first NUL.
func untilNUL(_ bytes: UnsafeRawBufferPointer) -> UnsafeRawBufferPointer {
  var length = 0
  while length < bytes.count, bytes[length] != 0 { length += 1 }
  return UnsafeRawBufferPointer(rebasing: bytes[0..<length])
}
