// SPDX-License-Identifier: GPL-2.0-or-later

/// Appends little-endian numbers to an array of bytes.
struct ByteWriter {
  var bytes: [UInt8] = []

  mutating func put(_ value: UInt8) { bytes.append(value) }

  mutating func put(_ value: UInt16) {
    put(UInt8(truncatingIfNeeded: value))
    put(UInt8(truncatingIfNeeded: value >> 8))
  }

  mutating func put(_ value: UInt32) {
    put(UInt16(truncatingIfNeeded: value))
    put(UInt16(truncatingIfNeeded: value >> 16))
  }

  mutating func put(_ value: UInt64) {
    put(UInt32(truncatingIfNeeded: value))
    put(UInt32(truncatingIfNeeded: value >> 32))
  }

  mutating func put(_ value: Int32) { put(UInt32(bitPattern: value)) }
  mutating func put(_ value: Int64) { put(UInt64(bitPattern: value)) }
  mutating func put(_ mask: KindMask) { put(mask.rawValue) }

  mutating func pad(to multiple: Int) {
    while bytes.count % multiple != 0 { bytes.append(0) }
  }
}

/// Reads little-endian numbers at offsets of an array; out of range reads give 0, so callers check
/// lengths once, in front.
struct ByteView {
  let bytes: [UInt8]

  func u8(_ at: Int) -> UInt8 { at >= 0 && at < bytes.count ? bytes[at] : 0 }
  func u16(_ at: Int) -> UInt16 { UInt16(u8(at)) | UInt16(u8(at + 1)) << 8 }
  func u32(_ at: Int) -> UInt32 { UInt32(u16(at)) | UInt32(u16(at + 2)) << 16 }
  func u64(_ at: Int) -> UInt64 { UInt64(u32(at)) | UInt64(u32(at + 4)) << 32 }
  /// A number of bytes or elements. On a 32-bit board one above 2^31 is the largest `Int`, which then
  /// fails the checks as it does elsewhere.
  func length(_ at: Int) -> Int { Int(clamping: u32(at)) }
  func i32(_ at: Int) -> Int32 { Int32(bitPattern: u32(at)) }
  func i64(_ at: Int) -> Int64 { Int64(bitPattern: u64(at)) }
  func mask(_ at: Int) -> KindMask { KindMask(rawValue: u16(at)) }
}
