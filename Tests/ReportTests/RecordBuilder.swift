// SPDX-License-Identifier: GPL-2.0-or-later
import CKtap

@testable import Report

/// A value to be put into a record.
enum Value {
  case null, table
  case bool(Bool)
  case int(Int64)
  case string([UInt8])
  case event(id: UInt32, capture: [UInt8])
  case aggregate(Aggregate)
  case stack([UInt64], user: Bool = false)

  static func text(_ text: String) -> Value { .string(Array(text.utf8)) }
}

/// An aggregate; buckets are pairs of index and count.
struct Aggregate {
  var view = KTAP_VIEW_SUMMARY
  var count: UInt64 = 0
  var sum: Int64 = 0
  var least: Int64 = 0
  var most: Int64 = 0
  var low: Int64 = 0
  var step: Int64 = 0
  var steps: UInt32 = 0
  var buckets: [(Int32, UInt64)] = []

  var encoded: [UInt8] {
    bytes(
      of: ktap_record_aggregate(
        count: count, sum: sum, least: least, most: most, squares: (0, 0), low: low, step: step,
        steps: steps, bucket_count: UInt32(buckets.count)))
      + buckets.flatMap { bytes(of: ktap_record_bucket(index: $0.0, reserved: 0, count: $0.1)) }
  }
}

/// The bytes of a structure as it lies in memory.
func bytes<T>(of value: T) -> [UInt8] {
  withUnsafeBytes(of: value) { Array($0) }
}

private func aligned(_ bytes: [UInt8]) -> [UInt8] {
  bytes + [UInt8](repeating: 0, count: padded(bytes.count) - bytes.count)
}

func encode(_ value: Value) -> [UInt8] {
  func header(_ kind: ktap_kind, _ length: Int, _ aux: UInt32) -> [UInt8] {
    bytes(
      of: ktap_record_value(
        kind: UInt8(kind.rawValue), reserved: 0, length: UInt16(length), aux: aux))
  }
  switch value {
  case .null: return header(KTAP_KIND_NIL, 0, 0)
  case .table: return header(KTAP_KIND_TABLE, 0, 0)
  case .bool(let value): return header(KTAP_KIND_BOOL, 0, value ? 1 : 0)
  case .int(let value): return header(KTAP_KIND_INT, 8, 0) + bytes(of: value)
  case .string(let text): return header(KTAP_KIND_STR, text.count, 0) + aligned(text)
  case .aggregate(let aggregate):
    let data = aggregate.encoded
    return header(KTAP_KIND_AGGREGATE, data.count, UInt32(aggregate.view.rawValue)) + data
  case .stack(let frames, let user):
    let space = user ? KTAP_STACK_USER : KTAP_STACK_KERNEL
    // Its number: a part of the first address.
    let number = UInt32(truncatingIfNeeded: frames.first ?? 0) & 0xFFFF
    return header(
      KTAP_KIND_STACK, 8 * frames.count,
      number << UInt32(KTAP_STACK_NUMBER_SHIFT) | UInt32(space.rawValue))
      + frames.flatMap { bytes(of: $0) }
  case .event(let id, let capture):
    return header(KTAP_KIND_EVENT, capture.count, id) + aligned(capture)
  }
}

/// A whole record.
func record(
  _ kind: ktap_record_kind, site: UInt16 = 0, ns: UInt64 = 1_500_000_000, _ payload: [UInt8]
) -> [UInt8] {
  let payload = aligned(payload)
  let header = ktap_record(
    length: UInt32(16 + payload.count), kind: UInt16(kind.rawValue), site: site, ns: ns)
  return bytes(of: header) + payload
}

func emit(site: UInt16 = 0, ns: UInt64 = 1_500_000_000, _ values: [Value]) -> [UInt8] {
  record(KTAP_RECORD_EMIT, site: site, ns: ns, values.flatMap(encode))
}

/// BEGIN, the entries, END.
func table(_ mode: ktap_table_mode, rows: UInt32 = 0, _ entries: [([Value], Value)]) -> [[UInt8]] {
  let frame = bytes(
    of: ktap_table_begin(
      serial: 7, mode: mode.rawValue, count: UInt32(entries.count), rows: rows))
  var records = [record(KTAP_RECORD_TABLE_BEGIN, frame)]
  for (index, (key, value)) in entries.enumerated() {
    let entry = ktap_table_entry(
      serial: 7, index: UInt32(index), key_parts: UInt32(key.count), reserved: 0)
    records.append(
      record(
        KTAP_RECORD_TABLE_ENTRY, bytes(of: entry) + key.flatMap(encode) + encode(value)))
  }
  records.append(record(KTAP_RECORD_TABLE_END, frame))
  return records
}

/// A capture; a nil string was not readable.
func capture(raw: [UInt8], strings: [(field: UInt32, text: String?)] = []) -> [UInt8] {
  var result = bytes(
    of: ktap_capture(raw_length: UInt32(raw.count), string_count: UInt32(strings.count)))
  result += aligned(raw)
  for (field, text) in strings {
    let utf8 = Array((text ?? "").utf8)
    result += bytes(
      of: ktap_capture_string(
        field: field, length: text == nil ? KTAP_CAPTURE_UNREADABLE : UInt32(utf8.count)))
    result += aligned(utf8)
  }
  return result
}
