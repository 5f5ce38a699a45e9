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
    append(0x22)
    var index = 0
    while index < text.count {
      let length = utf8Length(text, at: index)
      let first = text[index]
      // U+0080 ... U+009F are control characters too.
      let isControl = first < 0x20 || first == 0x7F || (first == 0xC2 && text[index + 1] < 0xA0)
      if length == 0 {
        append(escape: first)
        index += 1
        continue
      }
      switch first {
      case 0x22, 0x5C:
        append(0x5C)
        append(first)
      case 0x0A: append("\\n")
      case 0x09: append("\\t")
      case 0x0D: append("\\r")
      default:
        for offset in index..<index + length {
          if isControl { append(escape: text[offset]) } else { append(text[offset]) }
        }
      }
      index += length
    }
    append(0x22)
  }

  private mutating func append(escape byte: UInt8) {
    append("\\x")
    append(unsigned: UInt64(byte), base: 16, digits: 2)
  }

  /// A JSON string. JSON has no bytes: what is not UTF-8 becomes U+FFFD.
  public mutating func append(json text: UnsafeRawBufferPointer) {
    append(0x22)
    var index = 0
    while index < text.count {
      let length = utf8Length(text, at: index)
      let first = text[index]
      if length == 0 {
        append("\\ufffd")
        index += 1
        continue
      }
      switch first {
      case 0x22, 0x5C:
        append(0x5C)
        append(first)
      case 0x0A: append("\\n")
      case 0x09: append("\\t")
      case 0x0D: append("\\r")
      case 0..<0x20, 0x7F:
        append("\\u")
        append(unsigned: UInt64(first), base: 16, digits: 4)
      default:
        for offset in index..<index + length { append(text[offset]) }
      }
      index += length
    }
    append(0x22)
  }

  public mutating func append(json text: [UInt8]) {
    text.withUnsafeBytes { append(json: $0) }
  }

  /// A JSON number; a string when it does not fit the 53 bits that every reader of JSON keeps.
  public mutating func append(json value: Int64) {
    let isLarge = value.magnitude > 1 << 53
    if isLarge { append(0x22) }
    append(decimal: value)
    if isLarge { append(0x22) }
  }

  public mutating func append(json value: UInt64) {
    let isLarge = value > 1 << 53
    if isLarge { append(0x22) }
    append(unsigned: value)
    if isLarge { append(0x22) }
  }
}
