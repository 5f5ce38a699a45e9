// SPDX-License-Identifier: GPL-2.0-or-later
import CVM
import Events

/// One run of a program on this PC: virtual time, the simulated CPU and task, and the output of the
/// execution under way.
final class Machine {
  /// Virtual time in ns. It moves between executions only.
  var now: UInt64
  /// The CPU that runs; the virtual machine keeps aggregates apart by it.
  private(set) var cpu = 0 {
    didSet { ktap_simulate_cpu(UInt32(cpu)) }
  }
  /// What exit() was given; nil until it is called.
  private(set) var exitCode: Int32?
  var counters = Counters()

  private let main: OpaquePointer
  private let probe: OpaquePointer
  private let world: World
  private let replay: Replay?
  /// What handlers get for their event; which one it is, is in `hit`.
  private let event: UnsafeMutablePointer<ktap_event>
  private var hit: Hit?
  private var task: RecordedTask
  /// Told of every execution.
  var didExecute: ((Simulation.Execution) -> Void)?
  private let sink: (UnsafeRawBufferPointer, Int) -> Void
  private let stopRequested: () -> Bool
  private var buffer: UnsafeMutableRawPointer?
  private var capacity = 0
  private var recordLength = 0
  private let stringLimit: Int
  private var rate: EventRate

  /// - Parameters:
  ///   - sink: gets each record, header included, as it stands in a ring, and the CPU.
  ///   - stopRequested: asked often; true ends the execution under way.
  init?(
    _ program: LoadedProgram, world: World, replay: Replay?,
    sink: @escaping (UnsafeRawBufferPointer, Int) -> Void, stopRequested: @escaping () -> Bool
  ) {
    guard let main = ktap_exec_new(KTAP_EXEC_MAIN) else { return nil }
    guard let probe = ktap_exec_new(KTAP_EXEC_PROBE) else {
      ktap_exec_free(main)
      return nil
    }
    self.main = main
    self.probe = probe
    self.world = world
    self.replay = replay
    self.sink = sink
    self.stopRequested = stopRequested
    now = world.start
    ktap_simulate_cpu(0)
    task = world.task
    let info = ktap_program_info(program.handle).pointee
    stringLimit = Int(info.string_limit)
    rate = EventRate(limit: info.event_rate)
    event = .allocate(capacity: 1)
    event.initialize(to: ktap_event(home: Home.shared.pointer))
    ktap_exec_set_owner(main, Unmanaged.passUnretained(self).toOpaque())
    ktap_exec_set_owner(probe, Unmanaged.passUnretained(self).toOpaque())
  }

  deinit {
    ktap_exec_free(main)
    ktap_exec_free(probe)
    event.deallocate()
    buffer?.deallocate()
  }

  static func of(_ x: OpaquePointer?) -> Machine? {
    guard let x, let owner = ktap_exec_owner(x) else { return nil }
    return Unmanaged<Machine>.fromOpaque(owner).takeUnretainedValue()
  }

  var isStopping: Bool { stopRequested() }

  /// Runs a function of top-level code, a timer or trace_end to its end; nil or the error that stopped it.
  func run(_ program: LoadedProgram, function: UInt32) -> ktap_error? {
    let code = ktap_run(main, program.handle, function, nil)
    return finish(code, main, program, function)
  }

  /// Runs a handler for an event where and when it happened; nil or the error that stopped it.
  func run(_ program: LoadedProgram, function: UInt32, for hit: Hit) -> ktap_error? {
    self.hit = hit
    cpu = hit.event.cpu
    task = hit.event.task
    counters.hits += 1
    let code = ktap_run(probe, program.handle, function, event)
    if code != 0 || ktap_exec_lost(probe) { counters.dropped += 1 } else { counters.handled += 1 }
    self.hit = nil
    cpu = 0
    task = world.task
    return finish(code, probe, program, function)
  }

  private func finish(
    _ code: UInt32, _ context: OpaquePointer, _ program: LoadedProgram, _ function: UInt32
  ) -> ktap_error? {
    didExecute?(
      Simulation.Execution(
        function: function, instructions: ktap_exec_instructions(context),
        fuel: ktap_exec_fuel_used(context)))
    let error = code == 0 ? nil : ktap_exec_error(context)?.pointee
    ktap_program_reclaim(program.handle)
    return error
  }

  // MARK: - Events

  private func withRecording<T>(_ body: (UnsafeRawBufferPointer) -> T) -> T? {
    replay?.recording.bytes.withUnsafeBytes(body)
  }

  /// Loads a field of the event under way.
  func field(_ x: OpaquePointer?, _ field: UInt32, _ out: UnsafeMutablePointer<ktap_value>?)
    -> UInt32
  {
    guard let hit, let access = replay?.access(type: hit.id, field: field) else {
      return KTAP_ERROR_FIELD.rawValue
    }
    let index = out?.pointee.bits ?? 0
    let code = withRecording { (bytes) -> UInt32 in
      switch hit.value(access, at: index, bytes, limit: stringLimit) {
      case .integer(let number):
        out?.pointee = ktap_value(
          bits: UInt64(bitPattern: number), kind: UInt8(KTAP_KIND_INT.rawValue))
        return 0
      case .text(let range):
        return string(x, UnsafeRawBufferPointer(rebasing: bytes[range]), out)
      case .missing: return KTAP_ERROR_FIELD.rawValue
      case .shown(let text):
        return Array(text.utf8).withUnsafeBytes { string(x, $0, out) }
      case .outside(let count):
        return ktap_exec_fail(
          x, KTAP_ERROR_ITEM.rawValue, Int64(bitPattern: index), Int64(count))
      }
    }
    return code ?? KTAP_ERROR_FIELD.rawValue
  }

  /// Captures the event under way; without a buffer it only measures.
  func capture(_ buffer: UnsafeMutableRawBufferPointer?, _ id: UnsafeMutablePointer<UInt32>?)
    -> UInt32
  {
    guard let hit else { return 0 }
    id?.pointee = UInt32(hit.id)
    return withRecording { bytes in
      let size = hit.captureSize(bytes, limit: stringLimit)
      guard let buffer else { return UInt32(size) }
      guard buffer.count >= size else { return 0 }
      hit.capture(to: buffer, bytes, limit: stringLimit)
      return UInt32(size)
    } ?? 0
  }

  private func string(
    _ x: OpaquePointer?, _ bytes: UnsafeRawBufferPointer, _ out: UnsafeMutablePointer<ktap_value>?
  ) -> UInt32 {
    var payload: UInt64 = 0
    if !bytes.isEmpty {
      guard let string = ktap_exec_string(x, UInt32(bytes.count)) else {
        return KTAP_ERROR_ARENA.rawValue
      }
      // The text stands right behind the length.
      let start = UnsafeMutableRawPointer(string) + MemoryLayout<UInt32>.size
      UnsafeMutableRawBufferPointer(start: start, count: bytes.count).copyMemory(from: bytes)
      payload = UInt64(UInt(bitPattern: string))
    }
    out?.pointee = ktap_value(bits: payload, kind: UInt8(KTAP_KIND_STR.rawValue))
    return 0
  }

  // MARK: - Records

  private static let headerSize = MemoryLayout<ktap_record>.size

  /// - Parameter mayWait: the kernel would make a reader's room; such records are not counted.
  func reserve(
    kind: UInt16, site: UInt16, length: UInt32, mayWait: Bool
  ) -> UnsafeMutableRawPointer? {
    if !mayWait, !rate.takes(at: now) {
      counters.lostRecords += 1
      return nil
    }
    let size = Machine.headerSize + Int(length)
    if size > capacity {
      buffer?.deallocate()
      buffer = UnsafeMutableRawPointer.allocate(byteCount: size, alignment: 8)
      capacity = size
    }
    guard let buffer else { return nil }
    buffer.initializeMemory(as: UInt8.self, repeating: 0, count: size)
    buffer.storeBytes(
      of: ktap_record(length: UInt32(size), kind: kind, site: site, ns: now),
      as: ktap_record.self)
    recordLength = size
    return buffer + Machine.headerSize
  }

  func commit() {
    sink(UnsafeRawBufferPointer(start: buffer, count: recordLength), cpu)
  }

  /// Emits an error record, as the module does when a program stops.
  func emit(_ error: ktap_error) {
    let size = UInt32(MemoryLayout<ktap_error>.size)
    guard
      let payload = reserve(
        kind: UInt16(KTAP_RECORD_ERROR.rawValue), site: 0, length: size, mayWait: true)
    else { return }
    payload.storeBytes(of: error, as: ktap_error.self)
    commit()
  }

  // MARK: - Library

  func library(
    _ x: OpaquePointer?, _ id: ktap_library, _ arguments: UnsafeBufferPointer<ktap_value>,
    _ result: UnsafeMutablePointer<ktap_value>?
  ) -> UInt32 {
    func integer(_ value: Int64) -> UInt32 {
      result?.pointee = ktap_value(
        bits: UInt64(bitPattern: value), kind: UInt8(KTAP_KIND_INT.rawValue))
      return 0
    }
    func boolean(_ value: Bool) -> UInt32 {
      result?.pointee = ktap_value(bits: value ? 1 : 0, kind: UInt8(KTAP_KIND_BOOL.rawValue))
      return 0
    }
    func string(_ text: String) -> UInt32 {
      Array(text.utf8).withUnsafeBytes { self.string(x, $0, result) }
    }

    switch id {
    case KTAP_LIB_CPU: return integer(Int64(cpu))
    case KTAP_LIB_CGROUP: return integer(task.cgroup)
    case KTAP_LIB_PID: return integer(task.pid)
    case KTAP_LIB_TID: return integer(task.tid)
    case KTAP_LIB_PPID: return integer(task.ppid)
    case KTAP_LIB_UID: return integer(task.uid)
    case KTAP_LIB_GID: return integer(task.gid)
    case KTAP_LIB_EXECNAME:
      guard let name = hit?.event.execname else { return string(world.taskName) }
      return withRecording { self.string(x, UnsafeRawBufferPointer(rebasing: $0[name]), result) }
        ?? KTAP_ERROR_INTERNAL.rawValue
    case KTAP_LIB_PRIO: return integer(task.prio)
    case KTAP_LIB_IN_INTERRUPT: return boolean(task.isInInterrupt)
    case KTAP_LIB_IN_IOWAIT: return boolean(task.isInIOWait)
    case KTAP_LIB_NSECS: return integer(Int64(bitPattern: now))
    case KTAP_LIB_ELAPSED: return integer(Int64(bitPattern: now &- world.start))
    case KTAP_LIB_GETTIMEOFDAY_NS:
      return integer(world.wallClock &+ Int64(bitPattern: now &- world.start))
    case KTAP_LIB_NUM_CPUS: return integer(Int64(world.cpus))
    case KTAP_LIB_ARCH: return string(world.architecture)
    case KTAP_LIB_KERNEL_V: return string(world.release)
    case KTAP_LIB_PROBENAME: return string(hit?.type.fullName ?? "")
    case KTAP_LIB_EXIT:
      // As on a board, the first code counts.
      if exitCode == nil {
        exitCode = Int32(truncatingIfNeeded: Int64(bitPattern: arguments.first?.bits ?? 0))
      }
      return 0
    default:
      let flags = ktap_library_info(id.rawValue).map { UInt32($0.pointee.flags) } ?? 0
      guard flags & KTAP_LIBRARY_BOARD.rawValue != 0 else { return KTAP_ERROR_INTERNAL.rawValue }
      return ktap_exec_fail(x, KTAP_ERROR_UNAVAILABLE.rawValue, Int64(id.rawValue), 0)
    }
  }
}
