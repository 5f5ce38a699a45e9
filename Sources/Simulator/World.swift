// SPDX-License-Identifier: GPL-2.0-or-later
import CVM
import Events
import Foundation

/// What a simulated program finds round it: this PC's, or what was recorded on a board.
struct World {
  var architecture: String
  var release: String
  var cpus: Int
  /// Unix time in ns at `start`.
  var wallClock: Int64
  /// Where the virtual clock begins.
  var start: UInt64
  /// The task that top-level code, timers and trace_end run in.
  var task = RecordedTask()
  var taskName: String

  /// This PC, with so many CPUs. Its clock begins at 0.
  static func thisComputer(cpus: Int) -> World {
    var task = RecordedTask()
    task.pid = Int64(getpid())
    task.tid = task.pid
    task.ppid = Int64(getppid())
    task.uid = Int64(getuid())
    task.gid = Int64(getgid())
    let name = CommandLine.arguments.first.map { URL(fileURLWithPath: $0).lastPathComponent }
    return World(
      architecture: unameField(\.machine), release: unameField(\.release), cpus: cpus,
      wallClock: Int64(Date().timeIntervalSince1970 * 1e9), start: 0, task: task,
      taskName: String((name ?? "ktapc").prefix(15)))
  }

  /// A recording's board. The task is the thread that the kernel module would make there, but for its
  /// ids: every run gives the same output.
  static func recorded(on board: RecordedBoard, cpus: Int, program: String) -> World {
    World(
      architecture: board.architecture, release: board.release, cpus: cpus,
      wallClock: board.wallClock, start: board.start,
      taskName: String("ktap/\(program.prefix(10))"))
  }

  private static func unameField<T>(_ path: KeyPath<utsname, T>) -> String {
    var names = utsname()
    guard uname(&names) == 0 else { return "unknown" }
    return withUnsafeBytes(of: names[keyPath: path]) { bytes in
      String(decoding: bytes.prefix { $0 != 0 }, as: UTF8.self)
    }
  }
}

/// What a program did with its events: hits = handled + dropped, as nothing is ever missed here.
struct Counters {
  var hits: UInt64 = 0
  var handled: UInt64 = 0
  var dropped: UInt64 = 0
  var lostRecords: UInt64 = 0
}

/// The policy's bound of records a second, as the kernel module counts them.
struct EventRate {
  let limit: UInt32
  private var window: UInt64 = 0
  private var count: UInt32 = 0

  init(limit: UInt32) {
    self.limit = limit
  }

  /// True when there may be another record.
  mutating func takes(at now: UInt64) -> Bool {
    guard limit > 0 else { return true }
    if now >> 30 != window {
      window = now >> 30
      count = 0
    }
    count += 1
    return count <= limit
  }
}
