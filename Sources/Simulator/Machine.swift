// SPDX-License-Identifier: GPL-2.0-or-later
import CVM
import Foundation

/// One run of a program on this PC: virtual time and the output of the execution under way.
final class Machine {
  /// Virtual time in ns since the program began. It moves between executions only.
  var now: UInt64 = 0
  /// What exit() was given; nil until it is called.
  private(set) var exitCode: Int32?

  private let context: OpaquePointer
  private let wallClock: Int64
  private let sink: (UnsafeRawBufferPointer) -> Void
  private let stopRequested: () -> Bool
  private var buffer: UnsafeMutableRawPointer?
  private var capacity = 0
  private var recordLength = 0

  /// - Parameters:
  ///   - sink: gets each record, header included, as it stands in a ring.
  ///   - stopRequested: asked often; true ends the execution under way.
  init?(
    sink: @escaping (UnsafeRawBufferPointer) -> Void, stopRequested: @escaping () -> Bool
  ) {
    guard let context = ktap_exec_new(KTAP_EXEC_MAIN) else { return nil }
    self.context = context
    self.sink = sink
    self.stopRequested = stopRequested
    wallClock = Int64(Date().timeIntervalSince1970 * 1e9)
    ktap_exec_set_owner(context, Unmanaged.passUnretained(self).toOpaque())
  }

  deinit {
    ktap_exec_free(context)
    buffer?.deallocate()
  }

  static func of(_ x: OpaquePointer?) -> Machine? {
    guard let x, let owner = ktap_exec_owner(x) else { return nil }
    return Unmanaged<Machine>.fromOpaque(owner).takeUnretainedValue()
  }

  var isStopping: Bool { stopRequested() }

  /// Runs a function to its end; nil or the error that stopped it.
  func run(_ program: LoadedProgram, function: UInt32) -> ktap_error? {
    let code = ktap_run(context, program.handle, function, nil)
    let error = code == 0 ? nil : ktap_exec_error(context)?.pointee
    ktap_program_reclaim(program.handle)
    return error
  }

  // MARK: - Records

  private static let headerSize = MemoryLayout<ktap_record>.size

  func reserve(kind: UInt16, site: UInt16, length: UInt32) -> UnsafeMutableRawPointer? {
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
    sink(UnsafeRawBufferPointer(start: buffer, count: recordLength))
  }

  /// Emits an error record, as the module does when a program stops.
  func emit(_ error: ktap_error) {
    let size = UInt32(MemoryLayout<ktap_error>.size)
    guard let payload = reserve(kind: UInt16(KTAP_RECORD_ERROR.rawValue), site: 0, length: size)
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
      let bytes = Array(text.utf8)
      guard let string = ktap_exec_string(x, UInt32(bytes.count)) else {
        return KTAP_ERROR_ARENA.rawValue
      }
      // The text stands right behind the length.
      let start = UnsafeMutableRawPointer(string) + MemoryLayout<UInt32>.size
      start.copyMemory(from: bytes, byteCount: bytes.count)
      result?.pointee = ktap_value(
        bits: UInt64(UInt(bitPattern: string)), kind: UInt8(KTAP_KIND_STR.rawValue))
      return 0
    }

    switch id {
    case KTAP_LIB_CPU, KTAP_LIB_CGROUP: return integer(0)
    case KTAP_LIB_PID, KTAP_LIB_TID: return integer(Int64(getpid()))
    case KTAP_LIB_PPID: return integer(Int64(getppid()))
    case KTAP_LIB_UID: return integer(Int64(getuid()))
    case KTAP_LIB_GID: return integer(Int64(getgid()))
    case KTAP_LIB_EXECNAME: return string(ThisComputer.executionName)
    case KTAP_LIB_PRIO: return integer(120)  // the kernel's number for nice 0
    case KTAP_LIB_IN_INTERRUPT, KTAP_LIB_IN_IOWAIT: return boolean(false)
    case KTAP_LIB_NSECS, KTAP_LIB_ELAPSED: return integer(Int64(bitPattern: now))
    case KTAP_LIB_GETTIMEOFDAY_NS: return integer(wallClock &+ Int64(bitPattern: now))
    case KTAP_LIB_NUM_CPUS: return integer(Int64(ProcessInfo.processInfo.processorCount))
    case KTAP_LIB_ARCH: return string(ThisComputer.architecture)
    case KTAP_LIB_KERNEL_V: return string(ThisComputer.kernelRelease)
    case KTAP_LIB_PROBENAME: return string("")
    case KTAP_LIB_EXIT:
      // As on a board, the first code counts.
      if exitCode == nil {
        exitCode = Int32(truncatingIfNeeded: Int64(bitPattern: arguments.first?.bits ?? 0))
      }
      return 0
    default: return KTAP_ERROR_INTERNAL.rawValue
    }
  }
}

/// What `execname`, `arch` and `kernel_v` say on this PC.
private enum ThisComputer {
  static let executionName: String = {
    let name = CommandLine.arguments.first.map { URL(fileURLWithPath: $0).lastPathComponent }
    return String((name ?? "ktapc").prefix(15))
  }()
  static let architecture = field(\.machine)
  static let kernelRelease = field(\.release)

  private static func field<T>(_ path: KeyPath<utsname, T>) -> String {
    var names = utsname()
    guard uname(&names) == 0 else { return "unknown" }
    return withUnsafeBytes(of: names[keyPath: path]) { bytes in
      String(decoding: bytes.prefix { $0 != 0 }, as: UTF8.self)
    }
  }
}
