// SPDX-License-Identifier: GPL-2.0-or-later

/// Events that happened on some board, in the order of their times, for the simulator to replay.
/// Raw entries and system calls are in the byte order of this machine, wherever they come from.
public struct Recording: Sendable {
  public var board: RecordedBoard
  /// What was asked for when it was recorded: "sched:*". Events that none of these match are not
  /// in the recording because nobody looked.
  public var specifications: [String]
  public var types: [EventType]
  public var events: [RecordedEvent]
  /// Where the events' ranges point into.
  public var bytes: [UInt8]
  /// When recording ended, by the clock of the events.
  public var end: UInt64
  /// Events that happened but are not here.
  public var lost: UInt64

  public init(
    board: RecordedBoard, specifications: [String], types: [EventType], events: [RecordedEvent],
    bytes: [UInt8], end: UInt64, lost: UInt64
  ) {
    self.board = board
    self.specifications = specifications
    self.types = types
    self.events = events
    self.bytes = bytes
    self.end = end
    self.lost = lost
  }

  /// True when events of this name or pattern are in the recording if they happened at all.
  public func covers(_ specification: String) -> Bool {
    // A pattern that matches another one's text matches all that this one does.
    specifications.contains { EventType.isCovered(specification, by: $0) }
  }
}

/// Where events were recorded.
public struct RecordedBoard: Equatable, Sendable {
  /// What `arch` says: "armv7l".
  public var architecture: String
  /// What `kernel_v` says.
  public var release: String
  /// What `num_cpus` says.
  public var cpus: Int
  /// Unix time in ns when recording began.
  public var wallClock: Int64
  /// The same moment by the clock of the events.
  public var start: UInt64

  public init(
    architecture: String, release: String, cpus: Int, wallClock: Int64, start: UInt64
  ) {
    self.architecture = architecture
    self.release = release
    self.cpus = cpus
    self.wallClock = wallClock
    self.start = start
  }
}

/// One event: when and where it happened, the task that was running, and where in the
/// recording's bytes the rest of it lies.
public struct RecordedEvent: Sendable {
  /// ns
  public var time: UInt64
  public var cpu: Int
  /// Index into the recording's types.
  public var type: Int
  public var task = RecordedTask()
  /// The task's name.
  public var execname = 0..<0
  /// The raw entry.
  public var raw = 0..<0
  /// struct ktap_capture_string and bytes, one behind the other: the texts that fields point to.
  public var texts = 0..<0
  /// Of system calls: the number and six registers, 8 bytes each.
  public var call = 0..<0
  /// At the exit of a system call: its arguments as its entry has them, and their texts.
  public var arguments = 0..<0
  public var argumentTexts = 0..<0

  public init(time: UInt64, cpu: Int, type: Int) {
    self.time = time
    self.cpu = cpu
    self.type = type
  }
}

/// What the built-in variables say of a task.
public struct RecordedTask: Equatable, Sendable {
  public var pid: Int64 = 0
  public var tid: Int64 = 0
  public var ppid: Int64 = 0
  public var uid: Int64 = 0
  public var gid: Int64 = 0
  public var prio: Int64 = 120
  public var cgroup: Int64 = 0
  public var isInInterrupt = false
  public var isInIOWait = false

  public init() {}
}
