// SPDX-License-Identifier: GPL-2.0-or-later
import CKtap

/// A table on its way: its entries come as records of their own, perhaps among others.
struct TableOutput {
  var isUnderWay = false
  var serial: UInt32 = 0
  var origin = Origin(ns: 0, cpu: 0)
  /// nil: print of the whole table.
  var histogram: Histogram?
  /// A line for each entry, for flame graphs. In JSON it is a table like others.
  var isFolded = false
  /// Finished entries of a print.
  var lines = ByteBuffer()
  /// Number of entries that came.
  var count = 0
  /// The lines grew too big to be kept together: the first ones are out already.
  var isSplit = false
}

extension Reporter {
  /// Entries of a print stay together up to this many bytes.
  private static var tableSize: Int { 32 << 10 }
  /// More outputs than this are not under way at once; the oldest gives way.
  static var tableLimit: Int { 8 }

  mutating func beginTable(_ payload: UnsafeRawBufferPointer, _ origin: Origin) {
    guard let begin = payload.structure(ktap_table_begin(), at: 0) else { return }
    var slot = 0
    for index in 0..<tables.count {
      let isOlder = tables[index].origin.ns < tables[slot].origin.ns
      if tables[slot].isUnderWay, isOlder || !tables[index].isUnderWay { slot = index }
    }
    let isHistogram = begin.mode == KTAP_TABLE_HISTOGRAM.rawValue
    tables[slot] = TableOutput(
      isUnderWay: true, serial: begin.serial, origin: origin,
      histogram: isHistogram ? Histogram(limit: begin.rows) : nil,
      isFolded: begin.mode == KTAP_TABLE_FOLDED.rawValue && !options.json)
  }

  private func index(of serial: UInt32) -> Int? {
    for index in 0..<tables.count
    where tables[index].isUnderWay && tables[index].serial == serial { return index }
    return nil
  }

  mutating func addTableEntry(_ payload: UnsafeRawBufferPointer) {
    let size = MemoryLayout<ktap_table_entry>.size
    guard let entry = payload.structure(ktap_table_entry(), at: 0),
      let index = index(of: entry.serial),
      let rest = payload.run(at: size, length: payload.count - size)
    else { return }
    var values = ValueReader(rest)
    for _ in 0..<entry.key_parts { guard values.next() != nil else { return } }
    guard let value = values.next() else { return }
    if tables[index].isFolded {
      appendFolded(ValueReader(rest), parts: entry.key_parts, value)
      return
    }
    // Aggregates are no rows but have histograms of their own: shown as by print.
    if value.isAggregate { tables[index].histogram = nil }
    // Entries are rendered at the end of `text` and moved from there.
    let start = text.count
    let isRow = tables[index].histogram != nil
    values = ValueReader(rest)
    appendKey(&values, parts: entry.key_parts, isRow: isRow)
    if isRow {
      let isWanted = tables[index].histogram?.wants(value.integer) ?? false
      let key = isWanted ? [UInt8](text.bytes[start...]) : nil
      tables[index].histogram?.add(value.integer, key: key)
      text.truncate(to: start)
      return
    }
    if options.json {
      text.append(",\"value\":")
      append(json: value)
      text.append(0x7D)
    } else {
      text.append(value.isBlock ? "] =" : "] = ")
      append(quoted: value)
      if !value.isBlock { text.append(0x0A) }
    }
    let line = [UInt8](text.bytes[start...])
    text.truncate(to: start)
    addLine(line, to: index)
  }

  /// Key parts with commas between; an element of the rows in JSON.
  private mutating func appendKey(_ values: inout ValueReader, parts: UInt32, isRow: Bool) {
    // Histogram rows get what is round the key later.
    text.append(options.json ? "{\"key\":[" : isRow ? "" : "  [")
    var isFirst = true
    for _ in 0..<parts {
      guard let part = values.next() else { break }
      if !isFirst { text.append(options.json || part.isBlock ? "," : ", ") }
      if options.json { append(json: part) } else { append(quoted: part) }
      if !options.json, !isRow, part.isBlock { text.append("  ") }
      isFirst = false
    }
    text.append(options.json ? "]" : "")
  }

  /// `part;outer;inner count`
  private mutating func appendFolded(_ key: ValueReader, parts: UInt32, _ value: RecordValue) {
    endLine()
    var key = key
    let start = text.count
    for _ in 0..<parts {
      guard let part = key.next() else { break }
      if text.count > start, !part.isEmptyStack { text.append(0x3B) }
      append(folded: part)
    }
    // All that is known is that there was no stack.
    if text.count == start { text.append(0x2D) }
    text.append(0x20)
    text.append(decimal: value.total)
    text.append(0x0A)
  }

  private mutating func addLine(_ line: [UInt8], to index: Int) {
    tables[index].count += 1
    if options.json, tables[index].lines.count > 0 { tables[index].lines.append(0x2C) }
    tables[index].lines.append(line)
    if tables[index].lines.count >= Reporter.tableSize { splitTable(index) }
  }

  /// Sends the entries so far, with more to come.
  private mutating func splitTable(_ index: Int) {
    sendTable(index, isLast: false)
    tables[index].isSplit = true
    tables[index].lines.clear()
  }

  private mutating func sendTable(_ index: Int, isLast: Bool) {
    let table = tables[index]
    if options.json {
      beginObject("table", table.origin)
      text.append(",\"entries\":[")
      text.append(table.lines.bytes)
      text.append("],\"more\":")
      text.append(isLast ? "false}\n" : "true}\n")
      return
    }
    if !table.isSplit {
      endLine()
      stamp(table.origin)
      text.append(table.count == 0 ? "{" : "{\n")
    }
    text.append(table.lines.bytes)
    if isLast { text.append("}\n") }
  }

  mutating func endTable(_ payload: UnsafeRawBufferPointer) {
    guard let end = payload.structure(ktap_table_begin(), at: 0),
      let index = index(of: end.serial)
    else { return }
    if tables[index].isFolded {
      // All has been said.
    } else if let histogram = tables[index].histogram {
      sendHistogram(histogram, tables[index].origin)
    } else {
      sendTable(index, isLast: true)
    }
    tables[index] = TableOutput()
  }

  private mutating func sendHistogram(_ histogram: Histogram, _ origin: Origin) {
    guard options.json else {
      endLine()
      histogram.draw(into: &text, columns: options.columns)
      return
    }
    beginObject("hist", origin)
    text.append(",\"rows\":[")
    for index in 0..<histogram.rows.count {
      if index > 0 { text.append(0x2C) }
      text.append(histogram.rows[index].key)
      text.append(",\"count\":")
      text.append(json: histogram.rows[index].count)
      text.append(0x7D)
    }
    text.append("],\"entries\":")
    text.append(unsigned: UInt64(histogram.entries))
    text.append(",\"total\":")
    text.append(json: histogram.total)
    text.append("}\n")
  }
}
