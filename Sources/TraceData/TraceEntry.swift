// SPDX-License-Identifier: GPL-2.0-or-later
import CKtap
import Events

/// A place in an entry where a number lies.
struct TracePlace {
  var offset = 0
  /// Bytes; 0: there is none.
  var size = 0
  var isSigned = false
}

/// Where a text is: a word of offset and length at `place`, perhaps counted from behind itself.
struct TraceText {
  let place: TracePlace
  let isRelative: Bool
}

/// An entry of a trace, in the byte order of the machine that wrote it.
struct TraceEntry {
  private let data: UnsafeRawBufferPointer
  private let isSwapped: Bool

  init(_ data: UnsafeRawBufferPointer, isSwapped: Bool) {
    self.data = data
    self.isSwapped = isSwapped
  }

  private func load<T: FixedWidthInteger>(_ type: T.Type, at offset: Int) -> T? {
    guard offset >= 0, offset <= data.count - MemoryLayout<T>.size else { return nil }
    let value = data.loadUnaligned(fromByteOffset: offset, as: T.self)
    return isSwapped ? value.byteSwapped : value
  }

  /// 0 for what is not there.
  func number(_ place: TracePlace) -> Int64 {
    func widened<S: FixedWidthInteger, U: FixedWidthInteger>(_: S.Type, _: U.Type) -> Int64 {
      place.isSigned
        ? load(S.self, at: place.offset).map { Int64(truncatingIfNeeded: $0) } ?? 0
        : load(U.self, at: place.offset).map { Int64(truncatingIfNeeded: $0) } ?? 0
    }
    switch place.size {
    case 1: return widened(Int8.self, UInt8.self)
    case 2: return widened(Int16.self, UInt16.self)
    case 4: return widened(Int32.self, UInt32.self)
    case 8: return widened(Int64.self, UInt64.self)
    default: return 0
    }
  }

  /// The text up to its NUL; nil when it does not lie in the entry.
  func text(_ text: TraceText) -> [UInt8]? {
    guard let word = load(UInt32.self, at: text.place.offset) else { return nil }
    let start = Int(word & 0xffff) + (text.isRelative ? text.place.offset + 4 : 0)
    let length = Int(word >> 16)
    guard start <= data.count, length <= data.count - start else { return nil }
    return Array(data[start..<start + length].prefix { $0 != 0 })
  }

  /// The first bytes, with the numbers of these fields in this machine's byte order.
  func native(_ fields: [EventField], size: Int) -> [UInt8] {
    var bytes = Array(data.prefix(size))
    guard isSwapped else { return bytes }
    for field in fields where field.element > 1 && !field.has(KTAP_FIELD_CHARS) {
      guard field.offset + field.size <= bytes.count else { continue }
      for offset in stride(
        from: field.offset, through: field.offset + field.size - field.element, by: field.element)
      {
        bytes[offset..<offset + field.element].reverse()
      }
    }
    return bytes
  }
}
