// SPDX-License-Identifier: GPL-2.0-or-later
import ArgumentParser
import Events
import TraceData

/// The options of `run` that only the simulator has.
struct SimulatorOptions: ParsableArguments {
  @Option(
    help: ArgumentHelp(
      "Replay the events of this recording, of ktap-run --record or a trace.dat.", valueName: "file"
    ))
  var events: String?

  @Option(
    help: ArgumentHelp(
      "Simulate this many CPUs (default: those of the recording, or 1).", valueName: "n"))
  var cpus: Int?

  @Flag(help: "Let timers and events wait for the clock.")
  var realtime = false

  @Flag(
    help: ArgumentHelp(
      "Say at the end how many instructions each handler executed.", visibility: .hidden))
  var count = false

  func validate() throws {
    if let cpus, cpus < 1 || cpus > 65536 {
      throw ValidationError("--cpus is a number from 1 to 65536.")
    }
  }

  /// The first of these that was given.
  var used: String? {
    if events != nil { return "--events" }
    if cpus != nil { return "--cpus" }
    if count { return "--count" }
    return realtime ? "--realtime" : nil
  }

  /// What is to be replayed; nil: nothing.
  func recording() throws -> Recording? {
    guard let events else { return nil }
    let recording: Recording
    do {
      recording = try SimulatorOptions.read(try Files.read(events))
    } catch let error as RecordingError {
      throw Failure(.usage, "\(events): \(error)")
    }
    if let cpus, let event = recording.events.first(where: { $0.cpu >= cpus }) {
      throw Failure(.usage, "--cpus \(cpus): the recording has events of CPU \(event.cpu)")
    }
    return recording
  }

  private static func read(_ contents: [UInt8]) throws -> Recording {
    guard TraceData.isTraceData(contents) else { return try RecordingReader.read(contents) }
    // The library wants a file that it can seek in.
    let file = try MemoryFile(contents)
    guard try CheckTrace.succeeds(file) else { throw TraceData.unreadable }
    return try TraceData.read(path: file.path)
  }
}
