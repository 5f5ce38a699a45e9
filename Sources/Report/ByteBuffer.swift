// SPDX-License-Identifier: GPL-2.0-or-later

/// Text under construction, as bytes: no `String`, so that the agent needs no Unicode tables.
public struct ByteBuffer: Sendable {
  /// What was appended so far.
  public private(set) var bytes: [UInt8] = []

  /// An empty text.
  public init() {}

  /// Number of bytes.
  public var count: Int { bytes.count }

  /// Forgets the content and keeps the memory for the next text.
  public mutating func clear() {
    bytes.removeAll(keepingCapacity: true)
  }

  /// One byte. Kept out of line like the next ones: they are called everywhere, and size counts.
  @inline(never)
  public mutating func append(_ byte: UInt8) {
    bytes.append(byte)
  }

  /// Bytes as they are.
  @inline(never)
  public mutating func append(_ other: UnsafeRawBufferPointer) {
    bytes.append(contentsOf: other)
  }

  /// Bytes as they are.
  @inline(never)
  public mutating func append(_ other: [UInt8]) {
    other.withUnsafeBytes { append($0) }
  }

  /// A fixed text. A NUL ends it, so that a caller hands on nothing but its address.
  @inline(__always)
  public mutating func append(_ literal: StaticString) {
    append(untilNUL: literal.utf8Start)
  }

  /// A NUL-terminated text of C.
  @inline(__always)
  public mutating func append(cString: UnsafePointer<CChar>?) {
    append(untilNUL: UnsafeRawPointer(cString)?.assumingMemoryBound(to: UInt8.self))
  }

  @inline(never)
  mutating func append(untilNUL text: UnsafePointer<UInt8>?) {
    guard let text else { return }
    var length = 0
    while text[length] != 0 { length += 1 }
    append(UnsafeRawBufferPointer(start: text, count: length))
  }

  /// The same byte `count` times; none when it is not positive.
  public mutating func append(repeating byte: UInt8, count: Int) {
    var left = count
    while left > 0 {
      append(byte)
      left -= 1
    }
  }

  /// A number in base 8, 10 or 16, with at least `digits` digits.
  public mutating func append(
    unsigned value: UInt64, base: UInt64 = 10, uppercase: Bool = false, digits: Int = 1
  ) {
    let start = bytes.count
    var rest = value
    // The lowest digit comes first; the run is turned round below.
    while rest > UInt64(UInt32.max) {
      append(digit: UInt32(truncatingIfNeeded: rest % base), uppercase)
      rest /= base
    }
    // A 32-bit board divides 32 bits much faster.
    let shortBase = UInt32(truncatingIfNeeded: base)
    var shortRest = UInt32(truncatingIfNeeded: rest)
    while shortRest != 0 || bytes.count - start < digits {
      append(digit: shortRest % shortBase, uppercase)
      shortRest /= shortBase
    }
    reverse(from: start)
  }

  private mutating func append(digit: UInt32, _ uppercase: Bool) {
    append(UInt8(truncatingIfNeeded: digit < 10 ? 48 + digit : (uppercase ? 55 : 87) + digit))
  }

  /// A signed decimal number.
  public mutating func append(decimal value: Int64) {
    if value < 0 { append(0x2D) }
    append(unsigned: value.magnitude)
  }

  /// A hexadecimal number with `0x` in front.
  public mutating func append(hex value: UInt64) {
    append("0x")
    append(unsigned: value, base: 16)
  }

  /// Drops all but the first `length` bytes.
  mutating func truncate(to length: Int) {
    if length < bytes.count { bytes.removeLast(bytes.count - length) }
  }

  /// Widens what begins at `start` to `width` bytes by `filler`, in front of `at` or, with a nil
  /// `at`, behind.
  mutating func pad(from start: Int, to width: Int, with filler: UInt8, at: Int?) {
    let missing = width - (bytes.count - start)
    guard missing > 0 else { return }
    let end = bytes.count
    append(repeating: filler, count: missing)
    guard let at else { return }
    var index = end - 1
    while index >= at {
      bytes[index + missing] = bytes[index]
      bytes[index] = filler
      index -= 1
    }
  }

  private mutating func reverse(from start: Int) {
    var low = start
    var high = bytes.count - 1
    while low < high {
      let byte = bytes[low]
      bytes[low] = bytes[high]
      bytes[high] = byte
      low += 1
      high -= 1
    }
  }
}
