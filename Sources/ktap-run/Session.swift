// SPDX-License-Identifier: GPL-2.0-or-later
import CAgent
import CKtap
import Report

/// A running program: waits, drains the rings, and ends the program when that is due.
struct Session: ~Copyable {
  private let program: Program
  private let options: Options
  private let hasEvents: Bool
  private var reporter: Reporter<Output>
  /// Takes the records instead of the reporter when recording is asked for.
  private var recorder: Recorder
  private var merge: RecordMerge<MappedRings>
  /// Lost records already reported, for each CPU.
  private var lost: [UInt32]
  /// ns of the monotonic clock when the duration is over; below 0: never.
  private var deadline: Int64 = -1
  /// How often the program was asked to stop: the second time it ends at once.
  private var stops = 0
  /// The signal because of which the exit code is 128+N; 0: none.
  private var signal: Int32 = 0
  private var isDamaged = false
  private var hasCommand = false
  private var cannotRun = false

  /// Between two passes: long enough for what was being written to be finished.
  private static var pause: Int64 { 1_000_000 }

  init(
    program: Program, reporter: Reporter<Output>, rings: MappedRings, options: Options,
    hasEvents: Bool
  ) {
    self.program = program
    self.options = options
    self.hasEvents = hasEvents
    self.reporter = reporter
    lost = [UInt32](repeating: 0, count: rings.count)
    merge = RecordMerge(source: rings)
    recorder = Recorder(options.records ? options.arguments : Words())
  }

  /// Runs the program to its end and returns the exit code.
  mutating func run(_ child: inout cagent_child) -> Int32 {
    hasCommand = child.pid > 0
    if options.duration >= 0 {
      let (end, isNever) = Int64(cagent_now()).addingReportingOverflow(options.duration)
      deadline = isNever ? -1 : end
    }
    drainToTheEnd(&child)
    let code = finish()
    // A script without events has said what it has to say; its command goes on to its own end.
    if hasCommand, !hasEvents, stops == 0, code == ExitCode.success { waitFor(&child) }
    return code
  }

  /// Returns when the program has ended and its records are printed, or at the third signal.
  private mutating func drainToTheEnd(_ child: inout cagent_child) {
    var isPending = false
    while true {
      let ready = wait(isPending: isPending, child)
      let isOver = ready & CAGENT_READY_END.rawValue != 0
      let pass = drain(isLast: isOver)
      isPending = pass.isPending
      isDamaged = isDamaged || pass.isDamaged
      letRun(&child, isOver: isOver)
      if isOver { return }
      // What cannot be written need not be traced.
      if reporter.host.error != 0, stops < 2 { stop(atOnce: true) }
      while case let number = cagent_next_signal(), number != 0 {
        if !cagent_is_child_signal(number), !take(signal: number) { return }
      }
      if stops == 0, hasCommand, cagent_child_ended(&child) { stop(atOnce: false) }
      if stops == 0, deadline >= 0, Int64(cagent_now()) >= deadline { stop(atOnce: false) }
    }
  }

  /// Lets the command run as soon as its events would be seen.
  private mutating func letRun(_ child: inout cagent_child, isOver: Bool) {
    guard hasCommand, child.gate >= 0, stops == 0 else { return }
    guard isOver || program.status().live != 0 else { return }
    let result = cagent_child_run(&child)
    guard result < 0 else { return }
    report("cannot run it: ", file: options.command?[0].map { CText($0) }, error: result)
    cannotRun = true
    stop(atOnce: true)
  }

  private func wait(isPending: Bool, _ child: cagent_child) -> UInt32 {
    var timeout: Int64 = -1
    if stops == 0, deadline >= 0 { timeout = max(0, deadline - Int64(cagent_now())) }
    if isPending || (child.gate >= 0 && stops == 0) {
      timeout = timeout < 0 ? Session.pause : min(timeout, Session.pause)
    }
    return UInt32(cagent_wait(program.descriptor, !isPending, timeout))
  }

  private mutating func drain(isLast: Bool) -> RecordMerge<MappedRings>.Pass {
    var pass = RecordMerge<MappedRings>.Pass()
    repeat {
      // What the reporter writes fails at once and for good when the output is gone; the records are
      // taken all the same, so that the program can end.
      pass = merge.pass(isLast: isLast) { record, cpu in
        if !recorder.consume(record, cpu: cpu, &reporter.host) {
          reporter.consume(record, cpu: cpu)
        }
        return true
      }
    } while isLast && pass.isPending
    recorder.flush(&reporter.host)
    reportLost()
    reporter.flush()
    return pass
  }

  /// Tells the JSON reader about lost records as soon as they are seen.
  private mutating func reportLost() {
    guard options.json else { return }
    for cpu in 0..<lost.count {
      let now = merge.source.lost(cpu)
      if now != lost[cpu] {
        reporter.lost(UInt64(now &- lost[cpu]), cpu: cpu, ns: cagent_now())
        lost[cpu] = now
      }
    }
  }

  private mutating func stop(atOnce: Bool) {
    repeat {
      _ = cagent_stop(program.descriptor)
      stops += 1
    } while atOnce && stops < 2
  }

  /// A signal that asks us to end. The first Ctrl-C is the ordinary way to end a trace. False: at once.
  private mutating func take(signal number: Int32) -> Bool {
    if stops > 0 || !cagent_is_interrupt(number) { signal = number }
    stop(atOnce: false)
    return stops < 3
  }

  private mutating func finish() -> Int32 {
    let status = program.status()
    let hasFailed = status.error.code != KTAP_ERROR_NONE.rawValue
    var code = status.exit_code & 0xFF
    if signal != 0 { code = ExitCode.signal(signal) }
    if hasFailed { code = ExitCode.runTimeError }
    if cannotRun { code = ExitCode.usage }
    if reporter.host.error != 0 { code = outputFailed() }
    if isDamaged {
      Message("a ring was damaged, records are missing").say()
    }
    if hasFailed, reporter.errors == 0 {
      // Its record found no room; the status has it too.
      reporter.consumeError(status.error, ns: cagent_now())
    }
    recorder.end(status, &reporter.host)
    var summary = ReportSummary()
    summary.exitCode = code
    summary.hits = status.hits
    summary.handled = status.handled
    summary.missed = status.missed
    summary.throttled = status.throttled
    summary.dropped = status.dropped
    summary.lostRecords = status.lost_records
    summary.unreadStrings = status.unread
    summary.overRate = status.over_rate
    if status.flags & KTAP_STATUS_PROCESS_ENDED.rawValue != 0, !options.isQuiet {
      Message("the traced process has ended").say()
    }
    // To nobody there is nothing to say.
    if cagent_classify(reporter.host.error) != CAGENT_BROKEN_PIPE {
      reporter.end(summary, isVerbose: options.isVerbose)
    }
    // The last words may be the ones that fail.
    return reporter.host.error != 0 && code == ExitCode.success ? outputFailed() : code
  }

  /// Says why the output ended, unless its reader just went away.
  private func outputFailed() -> Int32 {
    if cagent_classify(reporter.host.error) == CAGENT_BROKEN_PIPE {
      return ExitCode.signal(cagent_broken_pipe_signal())
    }
    if cagent_classify(reporter.host.error) == CAGENT_INTERRUPTED {
      return signal != 0 ? ExitCode.signal(signal) : ExitCode.unsupported
    }
    report("cannot write: ", file: options.output, error: reporter.host.error)
    return ExitCode.unsupported
  }

  private mutating func waitFor(_ child: inout cagent_child) {
    while !cagent_child_ended(&child) {
      _ = cagent_wait(-1, false, -1)
      while case let number = cagent_next_signal(), number != 0 {
        if !cagent_is_child_signal(number) { return }
      }
    }
  }
}
