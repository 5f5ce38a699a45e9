// SPDX-License-Identifier: GPL-2.0-or-later

/// Bytes of the UTF-8 sequence that begins at `index`; 0 when there is no well-formed one.
func utf8Length(_ text: UnsafeRawBufferPointer, at index: Int) -> Int {
  let first = text[index]
  if first < 0x80 { return 1 }
  // The second byte's range excludes overlong forms, surrogates, and what lies above U+10FFFF.
  let length: Int
  var least: UInt8 = 0x80
  var most: UInt8 = 0xBF
  switch first {
  case 0xC2...0xDF: length = 2
  case 0xE0...0xEF:
    length = 3
    if first == 0xE0 { least = 0xA0 }
    if first == 0xED { most = 0x9F }
  case 0xF0...0xF4:
    length = 4
    if first == 0xF0 { least = 0x90 }
    if first == 0xF4 { most = 0x8F }
  default: return 0
  }
  guard index + length <= text.count else { return 0 }
  var next = index + 1
  while next < index + length {
    guard text[next] >= least, text[next] <= most else { return 0 }
    least = 0x80
    most = 0xBF
    next += 1
  }
  return length
}

extension ByteBuffer {
  /// The text between quotation marks as it may stand in a script: control characters and bytes
  /// that are not UTF-8 are escaped, so that traced data cannot drive a terminal.
  public mutating func append(quoted text: UnsafeRawBufferPointer) {
    append(quoted: text, json: false)
  }

  /// A JSON string. JSON has no bytes: what is not UTF-8 becomes U+FFFD.
  public mutating func append(json text: UnsafeRawBufferPointer) {
    append(quoted: text, json: true)
  }

  mutating func append(quoted text: UnsafeRawBufferPointer, json: Bool) {
    append(0x22)
    var index = 0
    while index < text.count {
      let first = text[index]
      let length = utf8Length(text, at: index)
      // U+0080 ... U+009F are control characters too.
      let isControl =
        first < 0x20 || first == 0x7F
        || (length == 2 && first == 0xC2 && text[index + 1] < 0xA0)
      if length == 0, json {
        append("\\ufffd")
      } else if first == 0x22 || first == 0x5C {
        append(0x5C)
        append(first)
      } else if first == 0x0A {
        append("\\n")
      } else if first == 0x09 {
        append("\\t")
      } else if first == 0x0D {
        append("\\r")
      } else if length == 0 || (isControl && (length == 1 || !json)) {
        for offset in index..<index + max(1, length) {
          append(json ? "\\u00" : "\\x")
          append(unsigned: UInt64(text[offset]), base: 16, digits: 2)
        }
      } else {
        append(UnsafeRawBufferPointer(rebasing: text[index..<index + length]))
      }
      index += max(1, length)
    }
    append(0x22)
  }

  /// A JSON string.
  public mutating func append(json text: [UInt8]) {
    text.withUnsafeBytes { append(json: $0) }
  }

  /// A JSON number; a string when it does not fit the 53 bits that every reader of JSON keeps.
  public mutating func append(json value: Int64) {
    if value < 0 { append(json: value.magnitude, sign: "-") } else { append(json: UInt64(value)) }
  }

  /// The same for unsigned numbers.
  public mutating func append(json value: UInt64) {
    append(json: value, sign: "")
  }

  private mutating func append(json magnitude: UInt64, sign: StaticString) {
    let isLarge = magnitude > 1 << 53
    if isLarge { append(0x22) }
    append(sign)
    append(unsigned: magnitude)
    if isLarge { append(0x22) }
  }
}
