// SPDX-License-Identifier: GPL-2.0-or-later
import CKtap

extension ByteBuffer {
  /// A whole event: `NAME(field: value, …)`, `sys_NAME(arg: value, …)`, `sys_NAME -> 0xRET`. In JSON an
  /// object with the event's name and its fields, or with its result.
  mutating func append(event description: EventDescription, _ capture: Capture, json: Bool) {
    if json { append("{\"event\":\"") }
    let isExit = description.style == KTAP_EVENT_SYSCALL_EXIT.rawValue
    if isExit || description.style == KTAP_EVENT_SYSCALL_ENTER.rawValue { append("sys_") }
    append(description.name)
    if isExit || description.style == KTAP_EVENT_FUNCTION_RETURN.rawValue {
      append(json ? "\",\"retval\":" : " -> ")
      let result = capture.raw.number(Int64.self, at: 0) ?? 0
      if json { append(json: result) } else { append(hex: UInt64(bitPattern: result)) }
      append(json ? "}" : "")
      return
    }
    append(json ? "\",\"fields\":{" : "(")
    for index in 0..<description.fieldCount {
      let field = description.field(index)
      if index > 0 { append(json ? "," : ", ") }
      append(name: description.name(of: field), json: json)
      append(json ? ":" : ": ")
      append(field: field, index: index, capture, json: json)
    }
    append(json ? "}}" : ")")
  }

  private mutating func append(name: ArraySlice<UInt8>, json: Bool) {
    if json { append(0x22) }
    // Names are identifiers: nothing in them is to be escaped.
    name.withUnsafeBytes { append($0) }
    if json { append(0x22) }
  }

  private mutating func append(field: EventField, index: Int, _ capture: Capture, json: Bool) {
    if field.has(KTAP_FIELD_STRING), let text = capture.string(of: index) {
      append(quoted: text, json: json)
    } else if field.has(KTAP_FIELD_SHOWN), let text = capture.string(of: index) {
      // A name, or a list, which is one in JSON too unless it had to be cut.
      if json && text.last != 0x5D { append(quoted: text, json: true) } else { append(text) }
    } else if field.has(KTAP_FIELD_CHARS),
      let text = capture.raw.run(at: field.offset, length: field.size)
    {
      append(quoted: untilNUL(text), json: json)
    } else if field.has(KTAP_FIELD_ARRAY), field.element > 0,
      capture.raw.run(at: field.offset, length: field.size) != nil
    {
      append(0x5B)
      var place = 0
      while place <= field.size - field.element {
        if place > 0 { append(json ? "," : ", ") }
        append(number: field, at: field.offset + place, size: field.element, capture, json: json)
        place += field.element
      }
      append(0x5D)
    } else {
      append(number: field, at: field.offset, size: field.size, capture, json: json)
    }
  }

  @inline(never)
  private mutating func append(
    number field: EventField, at offset: Int, size: Int, _ capture: Capture, json: Bool
  ) {
    // A string that could not be read is its address.
    let isHex = field.has(KTAP_FIELD_HEX) || field.has(KTAP_FIELD_STRING)
    let isSigned = field.has(KTAP_FIELD_SIGNED) && !isHex
    guard let value = capture.raw.integer(at: offset, size: size, isSigned: isSigned) else {
      appendBytes(capture.raw.run(at: offset, length: size), json: json)
      return
    }
    let bits = UInt64(bitPattern: value)
    if field.has(KTAP_FIELD_BOOL) {
      append(bits != 0 ? "true" : "false")
    } else if isHex {
      // JSON has no hexadecimal numbers.
      if json { append(0x22) }
      append(hex: bits)
      if json { append(0x22) }
    } else if json {
      if isSigned { append(json: value) } else { append(json: bits) }
    } else {
      if isSigned { append(decimal: value) } else { append(unsigned: bits) }
    }
  }

  /// A field of an odd size, a structure: its bytes in hexadecimal, as they lie in memory.
  private mutating func appendBytes(_ bytes: UnsafeRawBufferPointer?, json: Bool) {
    guard let bytes else {
      append(json ? "null" : "?")
      return
    }
    if json { append(0x22) }
    for byte in bytes { append(unsigned: UInt64(byte), base: 16, digits: 2) }
    if json { append(0x22) }
  }
}
