// SPDX-License-Identifier: GPL-2.0-or-later

/// A counter of the kernel or the processor that `perf:NAME@PERIOD` samples. Which of them a board
/// has, only the board knows.
struct Counter {
  enum Kind {
    /// Counts nanoseconds, and the kernel does it itself.
    case clock
    /// The kernel counts it.
    case software
    /// The processor counts it.
    case hardware
  }

  let name: String
  let kind: Kind
  /// How much it counts from one sample to the next where the script does not say.
  let period: Int64

  private init(_ name: String, _ kind: Kind, _ period: Int64) {
    self.name = name
    self.kind = kind
    self.period = period
  }

  /// All of them, by the names that the kernel module knows.
  static let all: [Counter] =
    ["cpu-clock", "task-clock"].map { Counter($0, .clock, 1_000_000) }
    + [
      "page-faults", "minor-faults", "major-faults", "context-switches", "cpu-migrations",
      "alignment-faults", "emulation-faults",
    ].map { Counter($0, .software, 1) }
    + ["cpu-cycles", "instructions", "bus-cycles", "ref-cycles"].map {
      Counter($0, .hardware, 1_000_000)
    }
    + [
      "cache-references", "cache-misses", "branch-instructions", "branch-misses",
      "stalled-cycles-frontend", "stalled-cycles-backend", "L1-dcache-loads",
      "L1-dcache-load-misses", "L1-dcache-stores", "L1-icache-load-misses", "LLC-loads",
      "LLC-load-misses", "LLC-stores", "LLC-store-misses", "dTLB-load-misses", "iTLB-load-misses",
    ].map { Counter($0, .hardware, 100_000) }

  /// What else users call them.
  static let otherNames = [
    "faults": "page-faults", "cs": "context-switches", "migrations": "cpu-migrations",
    "cycles": "cpu-cycles", "branches": "branch-instructions",
  ]

  static func named(_ name: String) -> Counter? {
    let canonical = otherNames[name] ?? name
    return all.first { $0.name == canonical }
  }

  static let names = all.map(\.name) + Array(otherNames.keys)

  /// A counter as a script writes it: `perf:NAME@PERIOD`; `software:NAME:PERIOD` and `hardware:…` as
  /// others write it.
  struct Spelling {
    /// The kind that the script says it is of.
    let kind: Substring
    let name: String
    let period: Substring?

    /// nil: the event is no counter.
    init?(_ event: String) {
      let parts = event.split(separator: ":", maxSplits: 1, omittingEmptySubsequences: false)
      guard parts.count == 2, ["perf", "software", "hardware"].contains(parts[0]) else {
        return nil
      }
      kind = parts[0]
      let rest = parts[1].split(
        maxSplits: 1, omittingEmptySubsequences: false,
        whereSeparator: { $0 == "@" || (parts[0] != "perf" && $0 == ":") })
      name = String(rest[0])
      period = rest.count == 2 ? rest[1] : nil
    }
  }
}
