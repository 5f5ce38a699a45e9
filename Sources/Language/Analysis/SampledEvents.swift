// SPDX-License-Identifier: GPL-2.0-or-later

/// What is sampled on every CPU: `profile-N`, and the counters of `perf:NAME@PERIOD`.
extension Resolver {
  /// The event of a counter in the one form that bundles have, or nil when it was refused.
  func resolve(_ spelling: Counter.Spelling, _ written: ProbeSpecification) -> TracedEvent? {
    if let fetched = written.fetchArguments.first {
      diagnostics.error("a counter takes no fetch arguments", at: fetched.range)
      return nil
    }
    guard let counter = Counter.named(spelling.name) else {
      diagnostics.unknown(
        "counter", spelling.name, at: nameRange(spelling, written), among: Counter.names)
      return nil
    }
    if spelling.kind != "perf", (spelling.kind == "hardware") != (counter.kind == .hardware) {
      let kind = counter.kind == .hardware ? "hardware" : "software"
      diagnostics.error("'\(spelling.name)' is a \(kind) counter", at: written.range)
      return nil
    }
    var period = counter.period
    if let text = spelling.period {
      guard let number = self.period(text, isClock: counter.kind == .clock) else {
        diagnostics.error(
          counter.kind == .clock
            ? "the period of '\(counter.name)' is a time, such as 1000000 (ns) or 1ms"
            : "the period of '\(counter.name)' is a number from 1 on", at: written.range)
        return nil
      }
      period = number
    }
    return TracedEvent(text: "perf:\(counter.name)@\(period)", range: written.range)
  }

  /// The counter's name in the source, when that has the event as it is.
  private func nameRange(
    _ spelling: Counter.Spelling, _ written: ProbeSpecification
  ) -> SourceRange {
    let start = written.range.start + spelling.kind.utf8.count + 1
    let end = start + spelling.name.utf8.count
    return source.text(SourceRange(start, min(end, written.range.end))) == spelling.name
      ? SourceRange(start, end) : written.range
  }

  /// A positive number, of a clock also with a unit of time; nil when it is none.
  private func period(_ text: Substring, isClock: Bool) -> Int64? {
    let digits = text.prefix { $0.isASCII && $0.isNumber }
    let units = ["": 1, "ns": 1, "us": 1_000, "ms": 1_000_000, "s": 1_000_000_000]
    let unit = text.dropFirst(digits.count)
    guard let count = Int64(digits), count > 0, isClock || unit.isEmpty,
      let factor = units[String(unit)].map(Int64.init)
    else { return nil }
    let (period, isTooLarge) = count.multipliedReportingOverflow(by: factor)
    return isTooLarge ? nil : period
  }

  /// The event of a timer on every CPU, in the largest unit that gives a whole number: `profile-10ms`.
  func profileEvent(nanoseconds: Int64) -> String {
    let units: [(Int64, String)] = [(1_000_000_000, "s"), (1_000_000, "ms"), (1_000, "us")]
    for (unit, name) in units where nanoseconds % unit == 0 {
      return "profile-\(nanoseconds / unit)\(name)"
    }
    return "profile-\(nanoseconds)ns"
  }

  /// Resolves what a timer on every CPU runs: an event's handler, as it happens to whatever it interrupts.
  func resolveProfile(_ event: String, _ handler: Handler, _ range: SourceRange) {
    let specification = ProbeSpecification(text: event, range: range, fetchArguments: [])
    resolveTrace(
      TraceDeclaration(
        specifications: [specification], filter: nil, handler: handler, specificationRange: range),
      of: [TracedEvent(text: event, range: range)])
  }
}
