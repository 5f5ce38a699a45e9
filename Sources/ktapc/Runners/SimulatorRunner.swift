// SPDX-License-Identifier: GPL-2.0-or-later
import Bytecode
import Foundation
import Report
import Simulator
import Synchronization

/// Runs a bundle on this PC without its kernel.
struct SimulatorRunner {
  let job: RunJob

  /// Set by the first Ctrl-C; the second one ends the program at once.
  private static let isInterrupted = Atomic<Bool>(false)

  func run() throws {
    guard job.command.isEmpty else {
      throw Failure(.usage, "a command after -- needs a kernel; choose a board with --on")
    }
    guard job.agent.pid == nil, job.agent.cpu == nil else {
      throw Failure(.usage, "-p and -C need a kernel; choose a board with --on")
    }
    let opened = try OpenedBundle(contents: job.bundle, path: "the bundle")
    do {
      try opened.loaded.setArguments(
        ScriptArguments.parse(job.arguments, opened.program().policy),
        declaredOnly: opened.bundle.cms != nil)
    } catch let error as LoadError {
      throw Failure(.usage, error.description)
    }
    try job.redirectOutput()
    var simulation = Simulation()
    simulation.duration = job.agent.duration?.nanoseconds
    simulation.pace = simulation.duration == nil ? .realTime : .immediate
    // What cannot be written need not be computed.
    var problem: (any Error)?
    simulation.stopRequested = {
      SimulatorRunner.isInterrupted.load(ordering: .relaxed) || problem != nil
    }
    signal(SIGINT) { _ in
      SimulatorRunner.isInterrupted.store(true, ordering: .relaxed)
      signal(SIGINT, SIG_DFL)
    }

    var options = ReportOptions()
    options.json = job.agent.json
    options.timestamps = job.agent.timestamps
    let outcome: Simulation.Outcome
    do {
      outcome = try simulation.run(
        opened.loaded, bundle: opened.bundle, options: options, isVerbose: job.agent.verbose
      ) { bytes, stream in
        let handle =
          stream == .output ? FileHandle.standardOutput : FileHandle.standardError
        do {
          try handle.write(contentsOf: bytes)
        } catch {
          if stream == .output { problem = problem ?? error }
        }
      }
    } catch let error as Simulation.NeedsKernel {
      throw Failure(.unsupported, error.description)
    }
    if let problem {
      let path = job.output ?? "standard output"
      throw Failure(.unsupported, "\(path): cannot be written: \(Files.reason(problem))")
    }
    switch outcome {
    case .exited(0): return
    case .exited(let code): exit(code & 0xff)
    case .failed: throw Failure(.runTimeError)
    }
  }
}
