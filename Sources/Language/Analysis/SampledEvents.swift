// SPDX-License-Identifier: GPL-2.0-or-later

/// What is sampled on every CPU: `profile-N`.
extension Resolver {
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
      of: [specification])
  }
}
