// SPDX-License-Identifier: GPL-2.0-or-later

/// The entries of print_hist: keeps the largest ones only, so that a big table costs no memory.
struct Histogram {
  struct Row {
    var key: [UInt8]
    var count: Int64
  }

  /// Sorted by count, the largest first; equal counts in the order in which they came.
  private(set) var rows: [Row] = []
  /// Sum of all positive counts, also of rows that are not kept.
  private(set) var total: UInt64 = 0
  /// Number of entries that came.
  private(set) var entries = 0
  private let limit: Int

  /// Rows that print_hist shows when the script does not say.
  static let defaultRows = 20
  /// Characters of a full bar.
  private static let barWidth = 40
  private static let narrowestBar = 16

  init(limit: UInt32) {
    self.limit = limit == 0 ? Histogram.defaultRows : Int(min(limit, 1 << 20))
  }

  /// True when rows were left out.
  var isCut: Bool { entries > rows.count }

  /// True when an entry with this count would be kept.
  func wants(_ count: Int64) -> Bool {
    guard rows.count >= limit, let last = rows.last else { return true }
    return count > last.count
  }

  /// Counts an entry, and keeps it when it is among the largest. `key` is rendered when needed.
  mutating func add(_ count: Int64, key: [UInt8]?) {
    sum(count)
    guard let key else { return }
    if rows.count == limit { rows.removeLast() }
    var low = 0
    var high = rows.count
    while low < high {
      let middle = (low + high) / 2
      if rows[middle].count < count { high = middle } else { low = middle + 1 }
    }
    rows.insert(Row(key: key, count: count), at: low)
  }

  /// Adds a row behind the others, whatever its count.
  mutating func append(_ count: Int64, key: [UInt8]) {
    sum(count)
    rows.append(Row(key: key, count: count))
  }

  private mutating func sum(_ count: Int64) {
    entries += 1
    guard count > 0 else { return }
    let (sum, isTooLarge) = total.addingReportingOverflow(UInt64(count))
    total = isTooLarge ? .max : sum
  }

  /// Draws it, as wide as the terminal if `columns` is not 0; else keys are never cut.
  func draw(into text: inout ByteBuffer, columns: Int) {
    var longest = 15
    var widestCount = 5
    for row in rows {
      var start = 0
      while let line = Histogram.line(of: row.key, from: &start) {
        longest = max(longest, Histogram.characters(line))
      }
      widestCount = max(widestCount, Histogram.digits(row.count))
    }
    if isCut { longest = max(longest, 3) }
    var bar = Histogram.barWidth
    if columns > 0 {
      // " |", a blank and the count stand beside key and bar. The bar fills what the keys leave; when that is too little
      // for a bar, they are cut.
      let room = columns - 3 - widestCount
      bar = max(Histogram.narrowestBar, room - longest)
      longest = max(15, min(longest, room - bar))
    }
    drawHeader(into: &text, keyWidth: longest, bar: bar)
    for row in rows {
      var start = 0
      while let line = Histogram.line(of: row.key, from: &start) {
        drawKey(line, into: &text, width: longest)
        text.append(start < row.key.count ? "\n" : " |")
      }
      let length = Histogram.length(of: row.count, of: total, bar: bar)
      text.append(repeating: 0x40, count: length)
      text.append(repeating: 0x20, count: bar - length + 1)
      text.append(decimal: row.count)
      text.append(0x0A)
    }
    if isCut {
      text.append(repeating: 0x20, count: longest - 3)
      text.append("...\n")
    }
  }

  private func drawHeader(into text: inout ByteBuffer, keyWidth: Int, bar: Int) {
    let title: StaticString = " Distribution "
    let dashes = bar - title.utf8CodeUnitCount
    text.append(repeating: 0x20, count: keyWidth - 4)
    text.append("value ")
    text.append(repeating: 0x2D, count: dashes / 2)
    text.append(title)
    text.append(repeating: 0x2D, count: dashes - dashes / 2)
    text.append(" count\n")
  }

  /// The next line of a key with stacks, which have one line a frame; other keys are one line.
  private static func line(of key: [UInt8], from start: inout Int) -> ArraySlice<UInt8>? {
    while start < key.count, key[start] == 0x0A || key[start] == 0x20 { start += 1 }
    guard start < key.count else { return nil }
    let first = start
    while start < key.count, key[start] != 0x0A { start += 1 }
    let line = key[first..<start]
    start += 1
    return line
  }

  /// The key at the right end of its column; its middle is left out when it is too long.
  private func drawKey(_ key: ArraySlice<UInt8>, into text: inout ByteBuffer, width: Int) {
    let length = Histogram.characters(key)
    guard length > width else {
      text.append(repeating: 0x20, count: width - length)
      for byte in key { text.append(byte) }
      return
    }
    let front = (width - 3) / 2
    let back = width - 3 - front
    var character = -1
    for byte in key {
      if byte & 0xC0 != 0x80 { character += 1 }
      if character == front, byte & 0xC0 != 0x80 { text.append("...") }
      if character < front || character >= length - back { text.append(byte) }
    }
  }

  /// Number of characters of UTF-8 text: its bytes but for the continuing ones.
  private static func characters(_ key: ArraySlice<UInt8>) -> Int {
    var count = 0
    for byte in key where byte & 0xC0 != 0x80 { count += 1 }
    return count
  }

  private static func digits(_ value: Int64) -> Int {
    var digits = value < 0 ? 2 : 1
    var rest = value.magnitude
    while rest >= 10 {
      rest /= 10
      digits += 1
    }
    return digits
  }

  /// The part of the bar that belongs to a count: its share of the total, rounded to the nearest.
  private static func length(of count: Int64, of total: UInt64, bar: Int) -> Int {
    guard count > 0 else { return 0 }
    var part = UInt64(count)
    var whole = total
    // Keeps the product below 2^64.
    while whole >> 56 != 0 {
      whole >>= 1
      part >>= 1
    }
    return min(bar, Int((part * UInt64(bar) + whole / 2) / max(whole, 1)))
  }
}
