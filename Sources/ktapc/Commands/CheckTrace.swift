// SPDX-License-Identifier: GPL-2.0-or-later
import ArgumentParser
import Foundation
import TraceData

/// Reads a trace.dat and says nothing. `run` has a process of its own do this first: on a damaged file
/// trace-cmd's library may crash.
struct CheckTrace: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "check-trace", abstract: "Read a trace.dat.", shouldDisplay: false)

  @Argument var file: String

  func run() throws {
    do {
      _ = try TraceData.read(path: file)
    } catch {
      throw Failure(.usage, "\(file): \(error)")
    }
  }

  /// True when a process that read the file, which it inherits, came to its end.
  static func succeeds(_ file: MemoryFile) throws -> Bool {
    let own = try ChildProcess.start(
      ["/proc/self/exe", configuration.commandName ?? "", file.path], isSilent: true)
    return try ChildProcess.wait(for: own) == 0
  }
}
