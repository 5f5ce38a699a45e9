// SPDX-License-Identifier: GPL-2.0-or-later
import CKtap

extension RecordingReader {
  /// A value of a record: struct ktap_record_value and where its data lie.
  struct Value {
    let kind: ktap_kind
    let aux: UInt32
    let data: Range<Int>
  }

  /// The values that make up the whole payload; numbers are in native order afterwards.
  mutating func readValues(
    _ record: Record, _ kinds: [ktap_kind]
  ) throws(RecordingError) -> [Value] {
    var values: [Value] = []
    var offset = record.payload.lowerBound
    for kind in kinds {
      guard record.end - offset >= 8 else {
        throw RecordingError("a value is missing", at: offset)
      }
      guard try reader.peek(UInt8.self, at: offset) == kind.rawValue else {
        throw RecordingError(
          "a value of another kind than \(String(cString: ktap_kind_name(kind.rawValue)))",
          at: offset)
      }
      let length = Int(try reader.take(UInt16.self, at: offset + 2))
      let aux = try reader.take(UInt32.self, at: offset + 4)
      let start = offset + 8
      guard padded(length) <= record.end - start else {
        throw RecordingError("a value is longer than its record", at: offset)
      }
      switch kind {
      case KTAP_KIND_INT:
        guard length == 8 else { throw RecordingError("an integer of \(length) bytes", at: offset) }
        reader.normalize(at: start, size: 8)
      case KTAP_KIND_BOOL:
        guard length == 0, aux <= 1 else {
          throw RecordingError("a boolean of neither", at: offset)
        }
      default: break
      }
      values.append(Value(kind: kind, aux: aux, data: start..<start + length))
      offset = start + padded(length)
    }
    guard offset == record.end else { throw RecordingError("bytes behind the values", at: offset) }
    return values
  }

  /// The number of an INT that has been read.
  func integer(_ value: Value) -> Int64 {
    reader.bytes.withUnsafeBytes {
      $0.loadUnaligned(fromByteOffset: value.data.lowerBound, as: Int64.self)
    }
  }

  func string(_ value: Value) -> String {
    String(decoding: reader.bytes[value.data], as: UTF8.self)
  }

  func padded(_ length: Int) -> Int { (length + 7) & ~7 }
}
