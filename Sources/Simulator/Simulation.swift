// SPDX-License-Identifier: GPL-2.0-or-later
import Bytecode
import CVM
import Events
import Foundation

/// Runs a program on this PC: top-level code, timers and recorded events in virtual time, trace_end.
public struct Simulation {
  /// How virtual time passes between two calls of a timer or two events.
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

  /// The recording does not have what the script wants.
  public struct CannotAttach: Error, Equatable, CustomStringConvertible {
    /// Line of the script that asks for the event.
    public let line: UInt32
    public let description: String
  }

  public var pace = Pace.immediate
  /// Virtual ns after which the run ends; nil: with the recording, when exit() is called or it is stopped.
  public var duration: UInt64?
  /// Events to replay.
  public var recording: Recording?
  /// Simulated CPUs; nil: the recording's, or one.
  public var cpus: Int?
  /// Replay only events of this process.
  public var pid: Int32?
  /// Replay only events of this CPU.
  public var cpu: Int32?
  /// Asked often; true ends the run, after trace_end.
  public var stopRequested: () -> Bool = { false }
  /// What one execution of a handler, of top-level code, of a timer or of trace_end took.
  public struct Execution: Sendable {
    /// Its function's index in the program.
    public let function: UInt32
    /// Instructions executed.
    public let instructions: UInt64
    /// Fuel used: what entering a function and going round a loop costs, whatever is skipped.
    public let fuel: UInt64
  }

  /// Told of every execution.
  public var didExecute: ((Execution) -> Void)?
  /// Called before it waits for the wall clock: what was put out so far should be seen.
  public var willWait: () -> Void = {}

  public init() {}

  /// Runs to the end.
  ///
  /// - Parameter sink: gets each output record, header included, as it stands in a ring.
  public func run(_ program: LoadedProgram, sink: @escaping (UnsafeRawBufferPointer) -> Void)
    throws -> Outcome
  {
    try run(program, attach(program)) { record, _ in sink(record) }.outcome
  }

  /// Makes the recording ready for the program; nil: there are no events.
  func attach(_ program: LoadedProgram) throws -> Replay? {
    if recording == nil, let probe = program.summary.firstEvent {
      throw NeedsKernel(event: probe.event, line: probe.line)
    }
    var recording = self.recording ?? .empty
    let cpus = cpus ?? max(recording.board.cpus, 1)
    let samples = Samples(program.summary.probes, to: &recording, cpus: cpus)
    if self.recording == nil, samples.next == nil { return nil }
    do throws(Replay.AttachError) {
      return try Replay(recording, program, samples)
    } catch {
      throw CannotAttach(line: error.line, description: error.sentence)
    }
  }

  /// - Parameter sink: gets each output record and the CPU that wrote it.
  func run(
    _ program: LoadedProgram, _ replay: Replay?,
    sink: @escaping (UnsafeRawBufferPointer, Int) -> Void
  ) throws -> (outcome: Outcome, counters: Counters) {
    let ending = StopOnce(stopRequested)
    let world =
      recording.map {
        World.recorded(
          on: $0.board, cpus: cpus ?? $0.board.cpus, program: program.summary.name)
      } ?? World.thisComputer(cpus: cpus ?? 1)
    guard
      let machine = Machine(
        program, world: world, replay: replay, sink: sink,
        stopRequested: { ending.isStopping })
    else { throw LoadError("out of memory", code: ENOMEM) }
    machine.didExecute = didExecute
    var run = Run(program: program, machine: machine)
    run.callAll(.main)
    if !run.isOver { play(&run, replay, from: world.start) }
    // What ended the run does not end this: it prints what was gathered.
    ending.isIgnored = true
    run.callAll(.end)
    return (run.hasFailed ? .failed : .exited(machine.exitCode ?? 0), machine.counters)
  }

  /// Timers and events in the order of their times until something ends the run.
  private func play(_ run: inout Run, _ replay: Replay?, from start: UInt64) {
    var timers = Timers(run.program.summary.probes.filter { $0.kind == .tick }, from: start)
    var events = (replay?.recording.events ?? [])[...]
    var samples = replay?.samples
    let end = [duration.map { start &+ $0 }, recording?.end].compactMap { $0 }.min()
    let clock = DispatchTime.now().uptimeNanoseconds
    while !run.isOver, !run.machine.isStopping {
      let event = events.first?.time
      let sample = samples?.next
      guard let at = [event, sample, timers.next].compactMap({ $0 }).min(), at <= end ?? .max else {
        run.machine.now = end ?? run.machine.now
        return
      }
      if pace == .realTime, at > run.machine.now {
        willWait()
        if !sleep(until: clock &+ (at &- start), run.machine) { return }
      }
      run.machine.now = at
      // An event comes before a timer that is due at the same time.
      if event == at, let replay {
        let event = events.removeFirst()
        if passes(event) { run.deliver(event, replay) }
      } else if sample == at, let replay, let sample = samples?.removeNext() {
        if passes(sample) { run.deliver(sample, replay) }
      } else {
        run.call(timers.removeNext(), isTimer: true)
      }
    }
  }

  private func passes(_ event: RecordedEvent) -> Bool {
    if let pid, event.task.pid != Int64(pid) { return false }
    if let cpu, event.cpu != Int(cpu) { return false }
    return true
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

extension Recording {
  /// What there is to replay where nothing was recorded.
  fileprivate static let empty = Recording(
    board: RecordedBoard(architecture: "", release: "", cpus: 1, wallClock: 0, start: 0),
    specifications: [], types: [], events: [], bytes: [], end: .max, lost: 0)
}

/// A program that runs, until an error or exit() ends it.
private struct Run {
  let program: LoadedProgram
  let machine: Machine
  private(set) var hasFailed = false

  init(program: LoadedProgram, machine: Machine) {
    self.program = program
    self.machine = machine
  }

  var isOver: Bool { hasFailed || machine.exitCode != nil }

  /// The first error is the program's.
  private mutating func take(_ error: ktap_error?) -> Bool {
    guard let error else { return true }
    if !hasFailed { machine.emit(error) }
    hasFailed = true
    return false
  }

  /// Runs a function; false when an error stopped it.
  @discardableResult
  mutating func call(_ function: UInt32, isTimer: Bool = false) -> Bool {
    let error = machine.run(program, function: function)
    if isTimer {
      machine.counters.hits += 1
      if error == nil { machine.counters.handled += 1 } else { machine.counters.dropped += 1 }
    }
    return take(error)
  }

  /// Runs the probes of a kind in their order until one fails.
  mutating func callAll(_ kind: ProbeKind) {
    for probe in program.summary.probes where probe.kind == kind {
      if !call(probe.function) { return }
    }
  }

  /// Runs the handlers of an event.
  mutating func deliver(_ event: RecordedEvent, _ replay: Replay) {
    let functions = replay.handlers[event.type]
    if functions.isEmpty { return }
    let hit = Hit(event, of: replay.recording)
    for function in functions where !isOver && replay.passes(function, hit) {
      if !take(machine.run(program, function: function, for: hit)) { return }
    }
  }
}

/// The timers of a program and when each is due.
private struct Timers {
  private var timers: [(at: UInt64, probe: ProgramSummary.Probe)]

  init(_ probes: [ProgramSummary.Probe], from start: UInt64) {
    timers = probes.map { (start &+ $0.interval, $0) }
  }

  private var index: Int? { timers.indices.min { timers[$0].at < timers[$1].at } }

  var next: UInt64? { index.map { timers[$0].at } }

  /// The function of the next one, which then waits for another interval; to be called only when there is one.
  mutating func removeNext() -> UInt32 {
    guard let index else { return .max }
    let function = timers[index].probe.function
    let (at, isNever) = timers[index].at.addingReportingOverflow(timers[index].probe.interval)
    if isNever { timers.remove(at: index) } else { timers[index].at = at }
    return function
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
