// SPDX-License-Identifier: GPL-2.0-or-later
import CVM
import Events

/// An event on its way to the handlers. Its bytes are the recording's.
struct Hit {
  let event: RecordedEvent
  let type: EventType
  /// Index of the type, which serves as its id in records.
  let id: Int

  init(_ event: RecordedEvent, of recording: Recording) {
    self.event = event
    id = event.type
    type = recording.types[event.type]
  }

  /// What a field of the event is.
  enum Field {
    case integer(Int64)
    case text(Range<Int>)
    /// The entry ends before the field.
    case missing
    /// The array has only so many elements.
    case outside(count: Int)
    /// A number as it is printed.
    case shown(String)
  }

  /// - Parameter index: of the element of an array, where the script computes it.
  func value(
    _ access: FieldAccess, at index: UInt64, _ bytes: UnsafeRawBufferPointer, limit: Int
  ) -> Field {
    switch access {
    case .missing: return .missing
    case .thread: return .integer(event.task.tid)
    case .count(let count): return .integer(Int64(count))
    case .isEnter: return .integer(type.style.isEnter ? 1 : 0)
    case .callNumber: return number(at: event.call.lowerBound, in: event.call, bytes)
    case .register(let n):
      return number(at: event.call.lowerBound + 8 + 8 * n, in: event.call, bytes)
    case .result:
      switch type.style {
      case .systemCallExit, .functionReturn:
        return number(at: event.raw.lowerBound, in: event.raw, bytes)
      case .rawExit: return number(at: event.raw.lowerBound + 8, in: event.raw, bytes)
      default: return .integer(0)
      }
    case .argument(let n):
      let raw = arguments.raw
      return number(at: raw.lowerBound + 8 * n, in: raw, bytes)
    case .argumentText(let n):
      return .text(Hit.text(n, in: arguments.texts, bytes, limit: limit) ?? 0..<0)
    case .shown(let access, let isHex):
      let found = value(access, at: index, bytes, limit: limit)
      guard case .integer(let number) = found, isHex || number < 0 else { return found }
      let bits = UInt64(bitPattern: number)
      return .shown(isHex ? "0x" + String(bits, radix: 16) : String(bits))
    case .anyRegister:
      return index < 6
        ? value(.register(Int(index)), at: 0, bytes, limit: limit) : .outside(count: 6)
    case .element(let offset, let size, let isSigned, let count):
      guard index < count else { return .outside(count: count) }
      let one = FieldAccess.integer(
        offset: offset + Int(index) * size, size: size, isSigned: isSigned)
      return value(one, at: 0, bytes, limit: limit)
    case .integer(let offset, let size, let isSigned):
      guard let value = Hit.integer(offset, size, isSigned, event.raw, bytes) else {
        return .missing
      }
      return .integer(value)
    case .characters(let offset, let size):
      guard offset + size <= event.raw.count else { return .missing }
      let start = event.raw.lowerBound + offset
      let length = bytes[start..<start + min(size, limit)].firstIndex(of: 0).map { $0 - start }
      return .text(start..<start + (length ?? min(size, limit)))
    case .text(let field):
      // Of the same kind when it could not be read: a script must not end because of that.
      return .text(Hit.text(field, in: event.texts, bytes, limit: limit) ?? 0..<0)
    }
  }

  /// Where a system call's arguments by their types lie: at its exit apart from the raw entry.
  private var arguments: (raw: Range<Int>, texts: Range<Int>) {
    type.style == .systemCallExit
      ? (event.arguments, event.argumentTexts) : (event.raw, event.texts)
  }

  private func number(at offset: Int, in range: Range<Int>, _ bytes: UnsafeRawBufferPointer)
    -> Field
  {
    guard offset + 8 <= range.upperBound else { return .missing }
    return .integer(bytes.loadUnaligned(fromByteOffset: offset, as: Int64.self))
  }

  private static func integer(
    _ offset: Int, _ size: Int, _ isSigned: Bool, _ raw: Range<Int>,
    _ bytes: UnsafeRawBufferPointer
  ) -> Int64? {
    guard offset + size <= raw.count else { return nil }
    let at = raw.lowerBound + offset
    func load<S: FixedWidthInteger, U: FixedWidthInteger>(_: S.Type, _: U.Type) -> Int64 {
      isSigned
        ? Int64(bytes.loadUnaligned(fromByteOffset: at, as: S.self))
        : Int64(truncatingIfNeeded: bytes.loadUnaligned(fromByteOffset: at, as: U.self))
    }
    switch size {
    case 1: return load(Int8.self, UInt8.self)
    case 2: return load(Int16.self, UInt16.self)
    case 4: return load(Int32.self, UInt32.self)
    case 8: return load(Int64.self, UInt64.self)
    default: return nil
    }
  }

  /// The texts in a range that was checked when the recording was read.
  private static func forEachText(
    in range: Range<Int>, _ bytes: UnsafeRawBufferPointer,
    _ body: (_ field: UInt32, _ text: Range<Int>?) -> Void
  ) {
    var offset = range.lowerBound
    while offset < range.upperBound {
      let field = bytes.loadUnaligned(fromByteOffset: offset, as: UInt32.self)
      let length = bytes.loadUnaligned(fromByteOffset: offset + 4, as: UInt32.self)
      let start = offset + 8
      if length == KTAP_CAPTURE_UNREADABLE {
        body(field, nil)
        offset = start
      } else {
        body(field, start..<start + Int(length))
        offset = start + (Int(length) + 7) & ~7
      }
    }
  }

  private static func text(
    _ field: Int, in range: Range<Int>, _ bytes: UnsafeRawBufferPointer, limit: Int
  ) -> Range<Int>? {
    var found: Range<Int>?
    forEachText(in: range, bytes) { index, text in
      if index == UInt32(field) { found = text.map { $0.prefix(limit) } ?? nil }
    }
    return found
  }

  // MARK: - The whole event

  /// Bytes of struct ktap_capture and what follows it, with texts of at most `limit` bytes.
  func captureSize(_ bytes: UnsafeRawBufferPointer, limit: Int) -> Int {
    var size = MemoryLayout<ktap_capture>.size + (event.raw.count + 7) & ~7
    Hit.forEachText(in: event.texts, bytes) { _, text in
      size += 8 + ((text.map { min($0.count, limit) } ?? 0) + 7) & ~7
    }
    return size
  }

  /// Writes what `captureSize` has measured.
  func capture(
    to buffer: UnsafeMutableRawBufferPointer, _ bytes: UnsafeRawBufferPointer, limit: Int
  ) {
    buffer.initializeMemory(as: UInt8.self, repeating: 0)
    var count: UInt32 = 0
    var offset = MemoryLayout<ktap_capture>.size
    func put(_ range: Range<Int>) {
      UnsafeMutableRawBufferPointer(rebasing: buffer[offset..<offset + range.count])
        .copyMemory(from: UnsafeRawBufferPointer(rebasing: bytes[range]))
      offset += (range.count + 7) & ~7
    }
    put(event.raw)
    Hit.forEachText(in: event.texts, bytes) { field, text in
      count += 1
      let shown = text.map { $0.prefix(limit) }
      buffer.storeBytes(of: field, toByteOffset: offset, as: UInt32.self)
      buffer.storeBytes(
        of: shown.map { UInt32($0.count) } ?? KTAP_CAPTURE_UNREADABLE, toByteOffset: offset + 4,
        as: UInt32.self)
      offset += 8
      if let shown { put(shown) }
    }
    buffer.storeBytes(
      of: ktap_capture(raw_length: UInt32(event.raw.count), string_count: count),
      as: ktap_capture.self)
  }
}

extension Range<Int> {
  /// Its first numbers, at most so many.
  fileprivate func prefix(_ limit: Int) -> Range<Int> {
    lowerBound..<Swift.min(upperBound, lowerBound + limit)
  }
}
