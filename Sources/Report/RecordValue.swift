// SPDX-License-Identifier: GPL-2.0-or-later
import CKtap

extension UnsafeRawBufferPointer {
  /// A structure in native byte order at any alignment, or nil when it does not lie inside. `empty` is
  /// overwritten: Embedded Swift does not find that imported structures are `BitwiseCopyable`.
  func structure<T>(_ empty: T, at offset: Int) -> T? {
    var value = empty
    return withUnsafeMutableBytes(of: &value) { copy(to: $0, from: offset) } ? value : nil
  }

  /// A number in native byte order at any alignment, or nil when it does not lie inside.
  func number<T: FixedWidthInteger>(_ type: T.Type, at offset: Int) -> T? {
    structure(T.zero, at: offset)
  }

  /// Fills `destination` with the bytes from `offset`; false when not all lie inside.
  @inline(never)
  private func copy(to destination: UnsafeMutableRawBufferPointer, from offset: Int) -> Bool {
    guard let bytes = run(at: offset, length: destination.count) else { return false }
    destination.copyMemory(from: bytes)
    return true
  }

  /// `length` bytes from `offset`, or nil when they do not lie inside.
  func run(at offset: Int, length: Int) -> UnsafeRawBufferPointer? {
    guard offset >= 0, length >= 0, offset <= count, length <= count - offset else { return nil }
    return UnsafeRawBufferPointer(rebasing: self[offset..<offset + length])
  }

  /// An integer of 1, 2, 4 or 8 bytes, widened by its sign or by zeros; nil for other sizes.
  func integer(at offset: Int, size: Int, isSigned: Bool) -> Int64? {
    switch size {
    case 1:
      guard let value = number(UInt8.self, at: offset) else { return nil }
      return isSigned ? Int64(Int8(bitPattern: value)) : Int64(value)
    case 2:
      guard let value = number(UInt16.self, at: offset) else { return nil }
      return isSigned ? Int64(Int16(bitPattern: value)) : Int64(value)
    case 4:
      guard let value = number(UInt32.self, at: offset) else { return nil }
      return isSigned ? Int64(Int32(bitPattern: value)) : Int64(value)
    case 8: return number(Int64.self, at: offset)
    default: return nil
    }
  }
}

/// One value of a record; `data` points into the record.
struct RecordValue {
  var kind: UInt32
  var aux: UInt32
  var data: UnsafeRawBufferPointer

  /// The number of an INT; 0 for other kinds.
  var integer: Int64 {
    kind == KTAP_KIND_INT.rawValue ? data.number(Int64.self, at: 0) ?? 0 : 0
  }

  /// What it stands for in a folded line: the number, or the sum of an aggregate.
  var total: Int64 {
    isAggregate ? data.structure(ktap_record_aggregate(), at: 0)?.sum ?? 0 : integer
  }

  var isInteger: Bool { kind == KTAP_KIND_INT.rawValue }
  var isString: Bool { kind == KTAP_KIND_STR.rawValue }
  var isEvent: Bool { kind == KTAP_KIND_EVENT.rawValue }
  var isAggregate: Bool { kind == KTAP_KIND_AGGREGATE.rawValue }
  var isEmptyStack: Bool { kind == KTAP_KIND_STACK.rawValue && data.count == 0 }
  /// Shown as whole lines: a stack, a histogram.
  var isBlock: Bool {
    (isAggregate && aux != KTAP_VIEW_SUMMARY.rawValue)
      || (kind == KTAP_KIND_STACK.rawValue && data.count > 0)
  }
}

/// Reads the values that stand one behind the other in a record.
struct ValueReader {
  private let bytes: UnsafeRawBufferPointer
  private var offset = 0

  init(_ bytes: UnsafeRawBufferPointer) {
    self.bytes = bytes
  }

  /// The next value; nil at the end, and when the rest is not a whole value.
  mutating func next() -> RecordValue? {
    let size = MemoryLayout<ktap_record_value>.size
    guard let header = bytes.structure(ktap_record_value(), at: offset),
      let data = bytes.run(at: offset + size, length: Int(header.length))
    else { return nil }
    offset += size + padded(Int(header.length))
    return RecordValue(kind: UInt32(header.kind), aux: header.aux, data: data)
  }
}

/// Records, values and strings are padded to a multiple of 8 bytes.
func padded(_ length: Int) -> Int {
  (length + 7) & ~7
}
