// SPDX-License-Identifier: GPL-2.0-or-later

/// A NUL-terminated text that lives as long as the process: an argument or a fixed text.
typealias CText = UnsafePointer<CChar>

func length(of text: CText) -> Int {
  var length = 0
  while text[length] != 0 { length += 1 }
  return length
}

/// The bytes without the NUL.
func bytes(of text: CText) -> UnsafeRawBufferPointer {
  UnsafeRawBufferPointer(start: text, count: length(of: text))
}

/// What follows `prefix`, or nil when the text does not begin with it.
@inline(__always)
func rest(of text: CText, after prefix: StaticString) -> CText? {
  rest(of: text, after: prefix.utf8Start)
}

@inline(__always)
func isEqual(_ text: CText, _ other: StaticString) -> Bool {
  isEqual(text, other.utf8Start)
}

/// Fixed texts end with a NUL, so that their addresses say all.
@inline(never)
private func rest(of text: CText, after prefix: UnsafePointer<UInt8>) -> CText? {
  var index = 0
  while prefix[index] != 0 {
    if UInt8(bitPattern: text[index]) != prefix[index] { return nil }
    index += 1
  }
  return text + index
}

@inline(never)
private func isEqual(_ text: CText, _ other: UnsafePointer<UInt8>) -> Bool {
  guard let end = rest(of: text, after: other) else { return false }
  return end.pointee == 0
}

/// A decimal or 0x… number with an optional minus sign, and what stands behind it. nil when the text
/// does not begin with one or when it does not fit 64 bits (hexadecimal: as a bit pattern).
func number(at text: CText) -> (value: Int64, rest: CText)? {
  var next = text
  let isNegative = next.pointee == 0x2D
  if isNegative { next += 1 }
  var base: UInt64 = 10
  if next[0] == 0x30, next[1] == 0x78 || next[1] == 0x58 {
    base = 16
    next += 2
  }
  let first = next
  var magnitude: UInt64 = 0
  while let digit = digit(next.pointee), digit < base {
    let (product, isTooLarge) = magnitude.multipliedReportingOverflow(by: base)
    let (sum, isStillTooLarge) = product.addingReportingOverflow(digit)
    if isTooLarge || isStillTooLarge { return nil }
    magnitude = sum
    next += 1
  }
  guard next != first else { return nil }
  if base == 10, magnitude > UInt64(Int64.max) + (isNegative ? 1 : 0) { return nil }
  let value = Int64(bitPattern: magnitude)
  return (isNegative ? 0 &- value : value, next)
}

/// The whole text as a number.
func wholeNumber(_ text: CText) -> Int64? {
  guard let (value, rest) = number(at: text), rest.pointee == 0 else { return nil }
  return value
}

private func digit(_ character: CChar) -> UInt64? {
  switch UInt8(bitPattern: character) {
  case let byte where byte >= 0x30 && byte <= 0x39: return UInt64(byte - 0x30)
  case let byte where byte | 0x20 >= 0x61 && byte | 0x20 <= 0x66:
    return UInt64((byte | 0x20) - 0x57)
  default: return nil
  }
}
