// SPDX-License-Identifier: GPL-2.0-or-later
import CKtap
import Events

/// The samples of `profile-N` as events of a recording, made in virtual time. Nothing runs on the
/// simulated CPUs: each sample finds them idle, in the kernel.
struct Samples {
  /// A timer on all CPUs.
  private struct Timer {
    let type: Int
    let period: UInt64
    var due: UInt64
  }

  private var timers: [Timer] = []
  private let cpus: Int
  /// Where the entries and the names of the idle tasks stand in the recording's bytes.
  private var entries: [Int: Range<Int>] = [:]
  private var names: [Range<Int>] = []
  /// CPUs that the timer that is due has to interrupt yet.
  private var pending = 0..<0

  private static let fields: [(String, UInt32)] = [
    ("ip", KTAP_FIELD_HEX.rawValue), ("period", 0), ("addr", KTAP_FIELD_HEX.rawValue),
    ("user", KTAP_FIELD_BOOL.rawValue),
  ]

  /// Adds the types of the program's samples that the recording does not have, and their bytes.
  init(_ probes: [ProgramSummary.Probe], to recording: inout Recording, cpus: Int) {
    self.cpus = cpus
    for probe in probes {
      guard let period = probe.profilePeriod,
        !recording.types.contains(where: { $0.fullName == probe.event })
      else { continue }
      timers.append(
        Timer(type: recording.types.count, period: period, due: recording.board.start &+ period))
      entries[recording.types.count] = recording.append([0, period, 0, 0])
      recording.types.append(
        EventType(
          style: .tracepoint, system: EventType.profileSystem, name: probe.event,
          fields: Samples.fields.enumerated().map { index, field in
            EventField(name: field.0, offset: 8 * index, size: 8, element: 8, flags: field.1)
          }))
    }
    if timers.isEmpty { return }
    for cpu in 0..<cpus {
      let start = recording.bytes.count
      recording.bytes += Array("swapper/\(cpu)".utf8)
      names.append(start..<recording.bytes.count)
    }
  }

  private var index: Int? { timers.indices.min { timers[$0].due < timers[$1].due } }

  /// When the next one is due.
  var next: UInt64? { index.map { timers[$0].due } }

  /// The next one: a timer's on each CPU in turn. To be called only when there is one.
  mutating func removeNext() -> RecordedEvent? {
    guard let index else { return nil }
    if pending.isEmpty { pending = 0..<cpus }
    let timer = timers[index]
    var event = RecordedEvent(time: timer.due, cpu: pending.lowerBound, type: timer.type)
    event.raw = entries[timer.type] ?? 0..<0
    event.execname = names[event.cpu]
    event.task.isInInterrupt = true
    pending = pending.dropFirst()
    if pending.isEmpty {
      let (due, isNever) = timer.due.addingReportingOverflow(timer.period)
      if isNever { timers.remove(at: index) } else { timers[index].due = due }
    }
    return event
  }
}

extension Recording {
  /// Appends numbers of 8 bytes; where they stand.
  fileprivate mutating func append(_ numbers: [UInt64]) -> Range<Int> {
    let start = bytes.count
    for number in numbers {
      withUnsafeBytes(of: number) { bytes += Array($0) }
    }
    return start..<bytes.count
  }
}

extension ProgramSummary.Probe {
  /// Nanoseconds between two samples of `profile-10ms`; nil: it is no such timer.
  var profilePeriod: UInt64? {
    guard event.hasPrefix("profile-") else { return nil }
    let text = event.dropFirst("profile-".count)
    let digits = text.prefix { $0.isASCII && $0.isNumber }
    let units: [Substring: UInt64] = ["ns": 1, "us": 1_000, "ms": 1_000_000, "s": 1_000_000_000]
    guard let count = UInt64(digits), let unit = units[text.dropFirst(digits.count)] else {
      return nil
    }
    let (period, isTooLarge) = count.multipliedReportingOverflow(by: unit)
    return isTooLarge || period == 0 ? nil : period
  }
}
