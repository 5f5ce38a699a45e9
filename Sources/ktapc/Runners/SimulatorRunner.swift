// SPDX-License-Identifier: GPL-2.0-or-later
import Bytecode
import Foundation
import Report
import Simulator
import Synchronization

/// Runs a bundle on this PC without its kernel.
struct SimulatorRunner {
  let job: RunJob
  let simulator: SimulatorOptions

  /// Set by the first Ctrl-C; the second one ends the program at once.
  private static let isInterrupted = Atomic<Bool>(false)

  func run() throws {
    guard job.command.isEmpty else {
      throw Failure(.usage, "a command after -- needs a kernel; choose a board with --on")
    }
    guard simulator.events != nil || (job.agent.pid == nil && job.agent.cpu == nil) else {
      throw Failure(.usage, "-p and -C need a kernel; choose a board with --on")
    }
    guard !job.agent.children, job.agent.cgroup == nil else {
      throw Failure(.usage, "--children and --cgroup need a kernel; choose a board with --on")
    }
    let opened = try OpenedBundle(contents: job.bundle, path: "the bundle")
    do {
      try opened.loaded.setArguments(
        ScriptArguments.parse(job.arguments, opened.program().policy),
        declaredOnly: opened.bundle.cms != nil)
    } catch let error as LoadError {
      throw Failure(.usage, error.description)
    }
    var simulation = Simulation()
    simulation.recording = try simulator.recording()
    if let lost = simulation.recording?.lost, lost > 0, !job.agent.quiet {
      let sentence = "events missing in the recording (missed, throttled or lost): \(lost)"
      try? Files.write(
        Array("ktapc: \(simulator.events ?? ""): \(sentence)\n".utf8), descriptor: STDERR_FILENO,
        "standard error")
    }
    simulation.cpus = simulator.cpus
    simulation.pid = job.agent.pid
    simulation.cpu = job.agent.cpu
    simulation.duration = job.agent.duration?.nanoseconds
    simulation.pace = simulator.realtime ? .realTime : .immediate
    try job.redirectOutput()
    let written = Output(path: job.output ?? "-")
    // What cannot be written need not be computed.
    simulation.stopRequested = {
      SimulatorRunner.isInterrupted.load(ordering: .relaxed) || written.failure != nil
    }
    signal(SIGINT) { _ in
      SimulatorRunner.isInterrupted.store(true, ordering: .relaxed)
      signal(SIGINT, SIG_DFL)
    }

    var options = ReportOptions()
    options.json = job.agent.json
    options.timestamps = job.agent.timestamps
    options.isTerminal = isatty(STDOUT_FILENO) == 1
    options.columns = Terminal.columns
    let counts = ExecutionCounts()
    if simulator.count { simulation.didExecute = counts.add }
    let outcome: Simulation.Outcome
    do {
      outcome = try simulation.run(
        opened.loaded, bundle: opened.bundle, options: options, isVerbose: job.agent.verbose
      ) { bytes, stream in
        written.write(bytes, to: stream)
      }
    } catch let error as Simulation.NeedsKernel {
      let script = try opened.program().manifest.sourceName.string
      throw Failure(.unsupported, "\(script): \(error)")
    } catch let error as Simulation.CannotAttach {
      let script = try opened.program().manifest.sourceName.string
      throw Failure(.unsupported, "\(script):\(error.line): \(error)")
    }
    if let failure = written.failure { throw failure }
    if simulator.count { Terminal.write(counts.table(try opened.program())) }
    switch outcome {
    case .exited(0): return
    case .exited(let code): exit(code & 0xff)
    case .failed: throw Failure(.runTimeError)
    }
  }
}

/// Where the script's output goes, and why it could not.
private final class Output {
  private let path: String
  private(set) var failure: (any Error)?

  init(path: String) {
    self.path = path
  }

  func write(_ bytes: [UInt8], to stream: ReportStream) {
    guard stream == .output else {
      try? Files.write(bytes, descriptor: STDERR_FILENO, "standard error")
      return
    }
    guard failure == nil else { return }
    do {
      try Files.write(bytes, descriptor: STDOUT_FILENO, path)
    } catch {
      failure = error
    }
  }
}
