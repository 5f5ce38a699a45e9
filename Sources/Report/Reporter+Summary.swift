// SPDX-License-Identifier: GPL-2.0-or-later
import CKtap

/// How a program ended. hits = handled + missed + throttled + dropped.
public struct ReportSummary {
  /// What the program that reports ends with.
  public var exitCode: Int32 = 0
  /// Events that reached the program.
  public var hits: UInt64 = 0
  /// Events whose handlers ran to their end.
  public var handled: UInt64 = 0
  /// Events that came while the program was busy at the same place.
  public var missed: UInt64 = 0
  /// Events that were skipped to keep the share of the CPU.
  public var throttled: UInt64 = 0
  /// Events whose handlers lost a record or failed.
  public var dropped: UInt64 = 0
  /// Records that found their ring full.
  public var lostRecords: UInt64 = 0
  /// Those of the lost records that the event rate of the policy forbade.
  public var overRate: UInt64 = 0
  /// Strings of user memory that the script asked for in vain.
  public var unreadStrings: UInt32 = 0

  /// All zero.
  public init() {}

  /// True when every event was handled and every record arrived.
  var isComplete: Bool {
    missed == 0 && throttled == 0 && dropped == 0 && lostRecords == 0
  }
}

extension Reporter {
  /// Says in a JSON report that `records` more records found the ring of `cpu` full by `ns`. In a
  /// text report the summary says it.
  public mutating func lost(_ records: UInt64, cpu: Int, ns: UInt64) {
    guard options.json else { return }
    beginObject("lost", Origin(ns: ns, cpu: cpu))
    text.append(",\"records\":")
    text.append(json: records)
    text.append("}\n")
  }

  /// The last word. Text: on the diagnostics, when something is missing or `isVerbose`.
  public mutating func end(_ summary: ReportSummary, isVerbose: Bool) {
    if options.json {
      endObject(summary)
      flush()
      return
    }
    endLine()
    flush()
    scratch.clear()
    if summary.unreadStrings > 0 {
      append(UInt64(summary.unreadStrings), " strings of user memory were not resident\n")
      Reporter.send(scratch, to: &host, .diagnostics)
    }
    guard isVerbose || !summary.isComplete else { return }
    scratch.clear()
    append(summary.hits, " events: ")
    append(summary.handled, " handled, ")
    append(summary.missed, " missed, ")
    append(summary.throttled, " throttled, ")
    append(summary.dropped, " dropped; ")
    append(summary.lostRecords, " records lost")
    if summary.overRate > 0 {
      scratch.append(", ")
      append(summary.overRate, " of them over limit rate")
    }
    scratch.append("\n")
    Reporter.send(scratch, to: &host, .diagnostics)
  }

  private mutating func append(_ number: UInt64, _ what: StaticString) {
    scratch.append(unsigned: number)
    scratch.append(what)
  }

  private mutating func endObject(_ summary: ReportSummary) {
    text.append("{\"type\":\"end\",\"exit\":")
    text.append(decimal: Int64(summary.exitCode))
    text.append(",\"events\":{\"hits\":")
    text.append(json: summary.hits)
    text.append(",\"handled\":")
    text.append(json: summary.handled)
    text.append(",\"missed\":")
    text.append(json: summary.missed)
    text.append(",\"throttled\":")
    text.append(json: summary.throttled)
    text.append(",\"dropped\":")
    text.append(json: summary.dropped)
    text.append("},\"errors\":")
    text.append(unsigned: UInt64(errors))
    text.append(",\"lost\":")
    text.append(json: summary.lostRecords)
    if summary.overRate > 0 {
      text.append(",\"over_rate\":")
      text.append(json: summary.overRate)
    }
    if summary.unreadStrings > 0 {
      text.append(",\"unread\":")
      text.append(unsigned: UInt64(summary.unreadStrings))
    }
    text.append("}\n")
  }
}
