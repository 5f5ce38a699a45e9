// SPDX-License-Identifier: GPL-2.0-or-later
import CKtap

/// The bounds of an aggregate's buckets: bucket n holds what is at least bound(n) and below bound(n + 1).
struct BucketBounds {
  let isLinear: Bool
  let total: ktap_record_aggregate

  /// nil: there is none, so that the bucket is open on this side.
  func bound(_ index: Int32) -> Int64? {
    if isLinear {
      guard index >= 0, index <= total.steps else { return nil }
      let (distance, isFar) = total.step.multipliedReportingOverflow(by: Int64(index))
      let (bound, isBeyond) = total.low.addingReportingOverflow(distance)
      return isFar || isBeyond ? nil : bound
    }
    // 0 by itself, and powers of two on both sides of it.
    guard index > -64, index < 64 else { return nil }
    return index > 0 ? 1 << Int64(index - 1) : index == 0 ? 0 : (-1 << Int64(-index)) + 1
  }
}

/// Values of several lines: histograms of aggregates, and stacks.
extension Reporter {
  /// An aggregate: its numbers, or the histogram that it is to be shown as.
  mutating func append(aggregate value: RecordValue) {
    guard let total = value.data.structure(ktap_record_aggregate(), at: 0) else { return }
    guard value.aux == KTAP_VIEW_SUMMARY.rawValue else {
      appendHistogram(value, total)
      return
    }
    appendNumber("count ", Int64(truncatingIfNeeded: total.count))
    guard total.count > 0 else { return }
    appendNumber(", avg ", total.sum / max(1, Int64(truncatingIfNeeded: total.count)))
    appendNumber(", min ", total.least)
    appendNumber(", max ", total.most)
  }

  private mutating func appendNumber(_ name: StaticString, _ value: Int64) {
    text.append(name)
    text.append(decimal: value)
  }

  /// Draws the buckets from the first to the last that counted something.
  private mutating func appendHistogram(_ value: RecordValue, _ total: ktap_record_aggregate) {
    var histogram = Histogram(limit: 0)
    var next: Int32?
    breakLine()
    forEachBucket(value, total) { reporter, bucket, bounds in
      var index = next ?? bucket.index
      while index <= bucket.index {
        reporter.scratch.clear()
        reporter.appendBound("[", bounds.bound(index), 0x2C)
        reporter.appendBound(" ", bounds.bound(index + 1), 0x29)
        histogram.append(
          index == bucket.index ? Int64(truncatingIfNeeded: bucket.count) : 0,
          key: reporter.scratch.bytes)
        index += 1
      }
      next = index
    }
    histogram.draw(into: &text, columns: options.columns)
  }

  private mutating func appendBound(_ front: StaticString, _ bound: Int64?, _ back: UInt8) {
    if let bound {
      scratch.append(front)
      scratch.append(decimal: bound)
    } else {
      scratch.append(back == 0x2C ? "(..." : " ...")
    }
    scratch.append(back)
  }

  private mutating func forEachBucket(
    _ value: RecordValue, _ total: ktap_record_aggregate,
    _ body: (inout Reporter, ktap_record_bucket, BucketBounds) -> Void
  ) {
    let bounds = BucketBounds(isLinear: value.aux == KTAP_VIEW_LHIST.rawValue, total: total)
    var offset = MemoryLayout<ktap_record_aggregate>.size
    // The distance of two buckets has a bound, so that no record can ask for endless rows.
    while let bucket = value.data.structure(ktap_record_bucket(), at: offset),
      bucket.index >= -64, bucket.index <= KTAP_MAX_BUCKETS
    {
      body(&self, bucket, bounds)
      offset += MemoryLayout<ktap_record_bucket>.size
    }
  }

  /// The numbers as members of an object, the buckets with their bounds.
  mutating func append(jsonAggregate value: RecordValue) {
    guard let total = value.data.structure(ktap_record_aggregate(), at: 0) else { return }
    appendMember("{\"count\":", Int64(truncatingIfNeeded: total.count))
    appendMember(",\"sum\":", total.sum)
    if total.count > 0 {
      appendMember(",\"min\":", total.least)
      appendMember(",\"max\":", total.most)
    }
    if value.aux != KTAP_VIEW_SUMMARY.rawValue {
      text.append(",\"buckets\":[")
      var isFirst = true
      forEachBucket(value, total) { reporter, bucket, bounds in
        reporter.appendMember(isFirst ? "{\"from\":" : ",{\"from\":", bounds.bound(bucket.index))
        reporter.appendMember(",\"to\":", bounds.bound(bucket.index + 1))
        reporter.appendMember(",\"count\":", Int64(truncatingIfNeeded: bucket.count))
        reporter.text.append(0x7D)
        isFirst = false
      }
      text.append(0x5D)
    }
    text.append(0x7D)
  }

  private mutating func appendMember(_ name: StaticString, _ value: Int64?) {
    text.append(name)
    if let value { text.append(json: value) } else { text.append("null") }
  }

  /// One frame a line.
  mutating func append(stack value: RecordValue, json: Bool) {
    var offset = 0
    if json { text.append(0x5B) } else if value.isBlock { breakLine() }
    while offset < value.data.count {
      if json { text.append(offset > 0 ? ",\"" : "\"") } else { text.append("        ") }
      append(frame: value, at: offset)
      text.append(json ? 0x22 : 0x0A)
      offset += 8
    }
    if json { text.append(0x5D) }
  }

  /// The name of a frame, or its address.
  private mutating func append(frame value: RecordValue, at offset: Int) {
    let stack = value.aux >> UInt32(KTAP_STACK_NUMBER_SHIFT)
    if value.aux & 0xFF == KTAP_STACK_KERNEL.rawValue,
      let name = host.symbol(stack: stack, frame: UInt32(truncatingIfNeeded: offset / 8))
    {
      text.append(name)
    } else {
      text.append(hex: value.data.number(UInt64.self, at: offset) ?? 0)
    }
  }

  /// A part of a key in a folded line: of a stack the functions, outermost first, with semicolons between.
  mutating func append(folded value: RecordValue) {
    guard value.kind == KTAP_KIND_STACK.rawValue else {
      append(value)
      return
    }
    var offset = value.data.count
    while offset > 0 {
      offset -= 8
      let start = text.count
      append(frame: value, at: offset)
      // Where in the function it was makes no other box of the graph.
      if let plus = text.bytes[start...].firstIndex(of: 0x2B) { text.truncate(to: plus) }
      if offset > 0 { text.append(0x3B) }
    }
  }

  /// Ends the line under way, if there is one.
  private mutating func breakLine() {
    if let last = text.bytes.last ?? (isAtLineStart ? nil : 0), last != 0x0A { text.append(0x0A) }
  }
}
