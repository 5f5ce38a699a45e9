// SPDX-License-Identifier: GPL-2.0-or-later
import Bytecode
import CVM
import Foundation
import Language
import Report

/// An event that a test delivers, one line of an `.events` file:
/// `system:name execname pid field=value …`, integers bare and strings in quotes, without spaces.
struct TestEvent {
  enum Value {
    case integer(Int64)
    case string(String)
  }

  var system = ""
  var name = ""
  var execname = ""
  var pid: Int64 = 0
  var fields: [(name: String, value: Value)] = []

  init?(line: Substring) {
    let words = line.split(separator: " ")
    guard words.count >= 3, let colon = words[0].firstIndex(of: ":"), let pid = Int64(words[2])
    else { return nil }
    system = String(words[0][..<colon])
    name = String(words[0][words[0].index(after: colon)...])
    execname = String(words[1])
    self.pid = pid
    for word in words.dropFirst(3) {
      guard let equal = word.firstIndex(of: "=") else { return nil }
      let text = word[word.index(after: equal)...]
      let value: Value
      if text.hasPrefix("\"") {
        value = .string(String(text.dropFirst().dropLast()))
      } else {
        guard let number = Int64(text) else { return nil }
        value = .integer(number)
      }
      fields.append((String(word[..<equal]), value))
    }
  }

  /// The value of a field by name or by "#N".
  func value(of field: String) -> Value? {
    if field == "common_pid" { return .integer(pid) }
    if field.hasPrefix("#"), let number = Int(field.dropFirst()), number < fields.count {
      return fields[number].value
    }
    return fields.first { $0.name == field }?.value
  }
}

/// Whether a text matches a pattern of `*` and `?`.
func matches(_ text: Substring, _ pattern: Substring) -> Bool {
  guard let first = pattern.first else { return text.isEmpty }
  if first == "*" {
    return matches(text, pattern.dropFirst())
      || (!text.isEmpty && matches(text.dropFirst(), pattern))
  }
  guard let head = text.first else { return false }
  return (first == "?" || first == head) && matches(text.dropFirst(), pattern.dropFirst())
}

/// Loads a program into the virtual machine and runs it on events that the test makes up.
final class ScriptRunner {
  /// Printed lines, and `error LINE: TEXT` for a run-time error.
  private(set) var output = ""
  private(set) var exitCode: Int64?

  private let program: Program
  private var handle: OpaquePointer?
  private let home = UnsafeMutablePointer<ktap_home>.allocate(capacity: 1)
  private let main = ktap_exec_new(KTAP_EXEC_MAIN)
  private let probe = ktap_exec_new(KTAP_EXEC_PROBE)
  private let event = UnsafeMutablePointer<ktap_event>.allocate(capacity: 1)
  private var current: TestEvent?
  private var record: UnsafeMutableRawBufferPointer?
  private var reporter: Reporter<Sink>?
  private var isStopped = false
  private var now: Int64 = 0

  private struct Sink: ReportHost {
    let write: (UnsafeRawBufferPointer) -> Void
    mutating func write(_ bytes: UnsafeRawBufferPointer, to stream: ReportStream) { write(bytes) }
    mutating func describe(event id: UInt32) -> EventDescription? { nil }
  }

  struct Refused: Error, CustomStringConvertible {
    let description: String
  }

  init(_ program: Program, arguments: [String] = []) throws {
    self.program = program
    let signed = try program.encode(sha256: { _ in [UInt8](repeating: 0, count: 32) })
    home.initialize(to: ScriptRunner.callbacks)
    event.initialize(to: ktap_event(home: UnsafePointer(home)))
    var diagnostic = ktap_diagnostic()
    handle = signed.withUnsafeBytes {
      ktap_program_load($0.baseAddress, $0.count, home, &diagnostic)
    }
    guard handle != nil else {
      let text = withUnsafeBytes(of: diagnostic.text) {
        String(decoding: $0.prefix { $0 != 0 }, as: UTF8.self)
      }
      throw Refused(description: text)
    }
    let me = Unmanaged.passUnretained(self).toOpaque()
    ktap_exec_set_owner(main, me)
    ktap_exec_set_owner(probe, me)
    let bundle = try Bundle(Bundle.assemble(signedPart: signed))
    let sink = Sink { [weak self] bytes in
      self?.output += String(decoding: bytes, as: UTF8.self)
    }
    reporter = Reporter(
      program: try ProgramText(bundle), options: ReportOptions(), host: sink)
    try setArguments(arguments)
  }

  deinit {
    ktap_exec_free(main)
    ktap_exec_free(probe)
    if let handle { ktap_program_free(handle) }
    home.deallocate()
    event.deallocate()
    record?.deallocate()
  }

  private func setArguments(_ arguments: [String]) throws {
    var values: [ktap_argument] = []
    var kept: [UnsafeMutablePointer<CChar>?] = []
    defer { kept.forEach { free($0) } }
    for argument in arguments {
      if let number = Int64(argument) {
        values.append(
          ktap_argument(
            kind: UInt32(KTAP_KIND_INT.rawValue), length: 0, integer: number, bytes: nil))
      } else {
        let copy = strdup(argument)
        kept.append(copy)
        values.append(
          ktap_argument(
            kind: UInt32(KTAP_KIND_STR.rawValue), length: UInt32(argument.utf8.count), integer: 0,
            bytes: copy))
      }
    }
    var diagnostic = ktap_diagnostic()
    guard
      ktap_program_set_arguments(handle, values, UInt32(values.count), false, &diagnostic) == 0
    else { throw Refused(description: "arguments refused") }
  }

  /// Top-level code, the events, one call of each timer, trace_end.
  func run(_ events: [TestEvent]) {
    call(.main)
    if exitCode == nil, !isStopped {
      for next in events where exitCode == nil && !isStopped { deliver(next) }
      if exitCode == nil, !isStopped { call(.tick) }
    }
    isStopped = false
    call(.end)
    reporter?.flush()
    if let exitCode { output += "exit \(exitCode)\n" }
  }

  private func call(_ kind: ProbeKind) {
    for probe in program.probes where probe.kind == kind {
      now += Int64(probe.interval)
      finish(ktap_run(main, handle, probe.function, nil), main)
    }
  }

  private func deliver(_ next: TestEvent) {
    current = next
    for one in program.probes where one.kind == .event {
      let parts = one.event.string.split(separator: ":", omittingEmptySubsequences: false)
      if matches(Substring(next.system), parts[0]), matches(Substring(next.name), parts[1]) {
        finish(ktap_run(probe, handle, one.function, event), probe)
      }
    }
    current = nil
  }

  private func finish(_ code: UInt32, _ context: OpaquePointer?) {
    ktap_program_reclaim(handle)
    guard code != 0, let error = ktap_exec_error(context)?.pointee else { return }
    reporter?.flush()
    output += "error \(error.line): \(String(cString: ktap_error_text(error.code)))\n"
    isStopped = true
  }

  // MARK: - What the machine asks for

  private static func of(_ x: OpaquePointer?) -> ScriptRunner? {
    guard let x, let owner = ktap_exec_owner(x) else { return nil }
    return Unmanaged<ScriptRunner>.fromOpaque(owner).takeUnretainedValue()
  }

  private static var callbacks: ktap_home {
    ktap_home(
      reserve: { x, kind, site, length, _ in
        ScriptRunner.of(x)?.reserve(kind, site, length)
      },
      commit: { x, _ in ScriptRunner.of(x)?.commit() },
      field: { x, _, field, out in ScriptRunner.of(x)?.field(x, Int(field), out) ?? 1 },
      capture: { _, _, _, _, _ in 0 },
      library: { x, id, arguments, _, result in
        ScriptRunner.of(x)?.library(x, id, arguments, result) ?? 1
      },
      stopping: { _ in false },
      retired: { _ in },
      settle: nil,
      sha256: nil,
      seed: { 42 },
      address: { _, address in address })
  }

  private func reserve(_ kind: UInt16, _ site: UInt16, _ length: UInt32) -> UnsafeMutableRawPointer?
  {
    record?.deallocate()
    let header = MemoryLayout<ktap_record>.size
    let size = header + Int(length)
    let buffer = UnsafeMutableRawBufferPointer.allocate(byteCount: size, alignment: 8)
    buffer.initializeMemory(as: UInt8.self, repeating: 0)
    buffer.storeBytes(
      of: ktap_record(length: UInt32(size), kind: kind, site: site, ns: 0), as: ktap_record.self)
    record = buffer
    return buffer.baseAddress.map { $0 + header }
  }

  private func commit() {
    guard let record else { return }
    reporter?.consume(UnsafeRawBufferPointer(record), cpu: 0)
  }

  private func put(
    _ value: TestEvent.Value, _ x: OpaquePointer?, _ out: UnsafeMutablePointer<ktap_value>?
  ) -> UInt32 {
    switch value {
    case .integer(let number):
      out?.pointee = ktap_value(
        bits: UInt64(bitPattern: number), kind: UInt8(KTAP_KIND_INT.rawValue))
    case .string(let text):
      let bytes = Array(text.utf8)
      guard let string = ktap_exec_string(x, UInt32(bytes.count)) else {
        return UInt32(KTAP_ERROR_ARENA.rawValue)
      }
      let start = UnsafeMutableRawPointer(string) + MemoryLayout<UInt32>.size
      start.copyMemory(from: bytes, byteCount: bytes.count)
      out?.pointee = ktap_value(
        bits: UInt64(UInt(bitPattern: string)), kind: UInt8(KTAP_KIND_STR.rawValue))
    }
    return 0
  }

  private func field(
    _ x: OpaquePointer?, _ index: Int, _ out: UnsafeMutablePointer<ktap_value>?
  ) -> UInt32 {
    guard let value = current?.value(of: program.fields[index].name.string) else {
      return UInt32(KTAP_ERROR_FIELD.rawValue)
    }
    return put(value, x, out)
  }

  private func library(
    _ x: OpaquePointer?, _ id: UInt32, _ arguments: UnsafePointer<ktap_value>?,
    _ result: UnsafeMutablePointer<ktap_value>?
  ) -> UInt32 {
    switch ktap_library(rawValue: id) {
    case KTAP_LIB_EXECNAME: return put(.string(current?.execname ?? "test"), x, result)
    case KTAP_LIB_PID, KTAP_LIB_TID: return put(.integer(current?.pid ?? 1), x, result)
    case KTAP_LIB_PROBENAME:
      let name = current.map { "\($0.system):\($0.name)" } ?? ""
      return put(.string(name), x, result)
    case KTAP_LIB_EXIT:
      exitCode = Int64(bitPattern: arguments?.pointee.bits ?? 0)
      return 0
    case KTAP_LIB_GETTIMEOFDAY_NS: return put(.integer(1_700_000_000_123_456_789), x, result)
    case KTAP_LIB_NSECS, KTAP_LIB_ELAPSED: return put(.integer(now), x, result)
    case KTAP_LIB_ARCH, KTAP_LIB_KERNEL_V: return put(.string("test"), x, result)
    case KTAP_LIB_NUM_CPUS: return put(.integer(1), x, result)
    case KTAP_LIB_IN_INTERRUPT, KTAP_LIB_IN_IOWAIT:
      result?.pointee = ktap_value(bits: 0, kind: UInt8(KTAP_KIND_BOOL.rawValue))
      return 0
    default:
      let flags = ktap_library_info(id).map { UInt32($0.pointee.flags) } ?? 0
      if flags & KTAP_LIBRARY_BOARD.rawValue != 0 {
        return ktap_exec_fail(x, KTAP_ERROR_UNAVAILABLE.rawValue, Int64(id), 0)
      }
      return put(.integer(0), x, result)
    }
  }
}
