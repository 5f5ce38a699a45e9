// SPDX-License-Identifier: GPL-2.0-or-later
import Bytecode
import CVM
import Foundation

/// Runs a program on this PC: top-level code, timers in virtual time, trace_end.
public struct Simulation {
  /// How virtual time passes between two calls of a timer.
  public enum Pace: Sendable {
    /// At once: a minute of timers takes as long as their code.
    case immediate
    /// As on the wall clock.
    case realTime
  }

  /// How a run ended.
  public enum Outcome: Equatable, Sendable {
    /// 0, or what exit() was given.
    case exited(Int32)
    /// A run-time error stopped the script; it has been emitted as a record.
    case failed
  }

  /// The script wants events; this PC's kernel is not traced.
  public struct NeedsKernel: Error, Equatable, CustomStringConvertible {
    public let event: String
    public let line: UInt32

    public var description: String {
      "line \(line) traces '\(event)', but the simulator has no events; "
        + "run it on a board with --on qemu:NAME, ssh:USER@HOST or local"
    }
  }

  public var pace = Pace.immediate
  /// Virtual ns after which the run ends; nil: when exit() is called or it is stopped.
  public var duration: UInt64?
  /// Asked often; true ends the run, after trace_end.
  public var stopRequested: () -> Bool = { false }
  /// Called before it waits for the wall clock: what was put out so far should be seen.
  public var willWait: () -> Void = {}

  public init() {}

  /// Runs to the end.
  ///
  /// - Parameter sink: gets each output record, header included, as it stands in a ring.
  public func run(_ program: LoadedProgram, sink: @escaping (UnsafeRawBufferPointer) -> Void)
    throws -> Outcome
  {
    let probes = program.summary.probes
    if let probe = program.summary.firstEvent {
      throw NeedsKernel(event: probe.event, line: probe.line)
    }
    let ending = StopOnce(stopRequested)
    guard let machine = Machine(sink: sink, stopRequested: { ending.isStopping }) else {
      throw LoadError("out of memory", code: ENOMEM)
    }
    var failed = false
    /// Runs a function; false when an error stopped it. The first error is the program's.
    func call(_ function: UInt32) -> Bool {
      guard let error = machine.run(program, function: function) else { return true }
      if !failed { machine.emit(error) }
      failed = true
      return false
    }
    /// Runs the probes of a kind in their order until one fails.
    func callAll(_ kind: ProbeKind) {
      for probe in probes where probe.kind == kind {
        if !call(probe.function) { return }
      }
    }
    callAll(.main)
    if !failed && machine.exitCode == nil {
      runTimers(probes.filter { $0.kind == .tick }, machine, call)
    }
    // What ended the run does not end this: it prints what was gathered.
    ending.isIgnored = true
    callAll(.end)
    return failed ? .failed : .exited(machine.exitCode ?? 0)
  }

  /// Calls the timers in the order of their times until something ends the run.
  private func runTimers(
    _ probes: [ProgramSummary.Probe], _ machine: Machine, _ call: (UInt32) -> Bool
  ) {
    var timers = probes.map { (at: $0.interval, probe: $0) }
    let start = DispatchTime.now().uptimeNanoseconds
    while let next = timers.indices.min(by: { timers[$0].at < timers[$1].at }),
      machine.exitCode == nil, !machine.isStopping
    {
      let at = timers[next].at
      if let duration, at > duration {
        machine.now = duration
        return
      }
      if pace == .realTime {
        willWait()
        if !sleep(until: start &+ at, machine) { return }
      }
      machine.now = at
      timers[next].at = at &+ timers[next].probe.interval
      if !call(timers[next].probe.function) { return }
    }
  }

  /// Sleeps in short pieces; false when a stop was requested meanwhile.
  private func sleep(until deadline: UInt64, _ machine: Machine) -> Bool {
    while true {
      if machine.isStopping { return false }
      let now = DispatchTime.now().uptimeNanoseconds
      if now >= deadline { return true }
      usleep(UInt32(min((deadline - now) / 1000 + 1, 20_000)))
    }
  }
}

/// The stop request as executions see it: trace_end runs although it was made.
private final class StopOnce {
  var isIgnored = false
  private let requested: () -> Bool

  init(_ requested: @escaping () -> Bool) {
    self.requested = requested
  }

  var isStopping: Bool { !isIgnored && requested() }
}
