// SPDX-License-Identifier: GPL-2.0-or-later

/// A file's bytes, read with every bound checked, and brought into this machine's byte order on the
/// way: what was read once stands in native order.
struct ByteReader {
  private(set) var bytes: [UInt8]
  /// True when the file is in the other byte order.
  var isSwapped = false

  init(_ bytes: [UInt8]) {
    self.bytes = bytes
  }

  var count: Int { bytes.count }

  func contains(_ range: Range<Int>) -> Bool {
    range.lowerBound >= 0 && range.upperBound <= bytes.count
  }

  /// Turns a number of 2, 4 or 8 bytes round if the file's byte order asks for it; nothing
  /// happens for other sizes. The number must lie inside.
  mutating func normalize(at offset: Int, size: Int) {
    guard isSwapped, size == 2 || size == 4 || size == 8 else { return }
    bytes[offset..<offset + size].reverse()
  }

  /// A number as it stands there.
  func peek<T: FixedWidthInteger>(_ type: T.Type, at offset: Int) throws(RecordingError) -> T {
    let size = MemoryLayout<T>.size
    guard offset >= 0, offset <= bytes.count - size else {
      throw RecordingError("the file ends here", at: min(max(offset, 0), bytes.count))
    }
    return bytes.withUnsafeBytes { $0.loadUnaligned(fromByteOffset: offset, as: T.self) }
  }

  /// A number, which from now on stands there in native order: to be read once.
  mutating func take<T: FixedWidthInteger>(
    _ type: T.Type, at offset: Int
  ) throws(RecordingError) -> T {
    let value = try peek(type, at: offset)
    normalize(at: offset, size: MemoryLayout<T>.size)
    return isSwapped ? value.byteSwapped : value
  }

  /// The text of a fixed number of bytes up to its first NUL; nil when that is not a name.
  func name(in range: Range<Int>) -> String? {
    guard contains(range) else { return nil }
    let text = bytes[range].prefix { $0 != 0 }
    guard text.count < range.count, !text.isEmpty,
      text.allSatisfy({ byte in
        switch byte {
        case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
          UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "_"), UInt8(ascii: "-"),
          UInt8(ascii: "."):
          true
        default: false
        }
      })
    else { return nil }
    return String(decoding: text, as: UTF8.self)
  }
}
