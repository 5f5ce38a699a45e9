// SPDX-License-Identifier: GPL-2.0-or-later
import Bytecode
import CKtap

extension Reporter {
  /// A print or printf.
  mutating func emit(_ payload: UnsafeRawBufferPointer, site: Int, _ origin: Origin) {
    var values = ValueReader(payload)
    let format = program.printf(site)
    if options.json {
      beginObject(format != nil ? "printf" : "print", origin)
      if let format {
        // The text is made behind what is already there, then moved into quotation marks.
        let start = text.count
        appendPrintf(format, &values)
        let plain = [UInt8](text.bytes[start...])
        text.truncate(to: start)
        text.append(",\"text\":")
        text.append(json: plain)
      } else {
        text.append(",\"values\":[")
        _ = appendList(&values, json: true)
        text.append(0x5D)
      }
      text.append("}\n")
      return
    }
    stamp(origin)
    if let format {
      appendPrintf(format, &values)
    } else {
      if !appendList(&values, json: false) { text.append(0x0A) }
    }
    if let last = text.bytes.last { isAtLineStart = last == 0x0A }
  }

  /// All values that are left: with tabs between, or as elements of a JSON array. True when the last
  /// one ended its line.
  private mutating func appendList(_ values: inout ValueReader, json: Bool) -> Bool {
    var isFirst = true
    var endsLine = false
    while let value = values.next() {
      if json, !isFirst { text.append(0x2C) }
      // Lines of their own need no tab.
      if !json, !isFirst, !endsLine, !value.isBlock { text.append(0x09) }
      if json { append(json: value) } else { append(value) }
      isFirst = false
      endsLine = value.isBlock
    }
    return endsLine
  }

  /// A value as print shows it.
  mutating func append(_ value: RecordValue) {
    switch ktap_kind(rawValue: value.kind) {
    case KTAP_KIND_BOOL: text.append(value.aux != 0 ? "true" : "false")
    case KTAP_KIND_INT: text.append(decimal: value.integer)
    case KTAP_KIND_STR: text.append(value.data)
    case KTAP_KIND_EVENT: append(event: value, json: false)
    case KTAP_KIND_AGGREGATE: append(aggregate: value)
    case KTAP_KIND_STACK: append(stack: value, json: false)
    default: text.append(cString: ktap_kind_name(value.kind))
    }
  }

  /// A value as JSON; what JSON has no word for is a string.
  mutating func append(json value: RecordValue) {
    switch ktap_kind(rawValue: value.kind) {
    case KTAP_KIND_NIL: text.append("null")
    case KTAP_KIND_BOOL: append(value)
    case KTAP_KIND_INT: text.append(json: value.integer)
    case KTAP_KIND_STR: text.append(json: value.data)
    case KTAP_KIND_EVENT: append(event: value, json: true)
    case KTAP_KIND_AGGREGATE: append(jsonAggregate: value)
    case KTAP_KIND_STACK: append(stack: value, json: true)
    default:
      text.append(0x22)
      append(value)
      text.append(0x22)
    }
  }

  private mutating func append(event value: RecordValue, json: Bool) {
    if let event = description(of: value.aux), let capture = Capture(value.data) {
      text.append(event: event, capture, json: json)
      return
    }
    text.append(json ? "{\"event\":" : "event#")
    text.append(unsigned: UInt64(value.aux))
    text.append(json ? "}" : "")
  }

  /// A value of a table's key or slot: strings are quoted, so that 1 and "1" differ.
  mutating func append(quoted value: RecordValue) {
    if value.isString { text.append(quoted: value.data) } else { append(value) }
  }

  /// The beginning of a JSON line up to the members that all types have.
  mutating func beginObject(_ type: StaticString, _ origin: Origin) {
    text.append("{\"type\":\"")
    text.append(type)
    text.append("\",\"ts\":")
    text.append(json: origin.ns)
    text.append(",\"cpu\":")
    text.append(unsigned: UInt64(origin.cpu))
  }

  /// The time in seconds in front of a line, when that is wanted.
  mutating func stamp(_ origin: Origin) {
    guard options.timestamps, isAtLineStart else { return }
    text.append(0x5B)
    let start = text.count
    text.append(unsigned: origin.ns / 1_000_000_000)
    text.pad(from: start, to: 5, with: 0x20, at: start)
    text.append(0x2E)
    text.append(unsigned: origin.ns % 1_000_000_000 / 1000, digits: 6)
    text.append("] ")
  }

  /// A run-time error that came without a record.
  public mutating func consumeError(_ error: ktap_error, ns: UInt64) {
    report(error, Origin(ns: ns, cpu: 0))
  }

  /// A run-time error, which stopped the program.
  mutating func report(_ error: ktap_error, _ origin: Origin) {
    errors += 1
    if options.json {
      beginObject("error", origin)
      text.append(",\"file\":")
      text.append(json: program.sourceName.bytes)
      text.append(",\"line\":")
      text.append(unsigned: UInt64(error.line))
      scratch.clear()
      scratch.append(message: error, program)
      text.append(",\"message\":")
      text.append(json: scratch.bytes)
      text.append("}\n")
      return
    }
    endLine()
    flush()
    scratch.clear()
    scratch.append(program.sourceName.bytes)
    if error.line > 0 {
      scratch.append(0x3A)
      scratch.append(unsigned: UInt64(error.line))
    }
    scratch.append(": run-time error: ")
    scratch.append(message: error, program)
    scratch.append(0x0A)
    Reporter.send(scratch, to: &host, .diagnostics)
  }

  /// Ends a line that a printf left open, so that what follows begins a new one.
  mutating func endLine() {
    if !isAtLineStart { text.append(0x0A) }
    isAtLineStart = true
  }
}
