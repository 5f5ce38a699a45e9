// SPDX-License-Identifier: GPL-2.0-or-later
import Foundation
import TestSupport
import Testing

/// A directory of its own in which the built `ktapc` is run.
final class Tool: ScratchDirectory {
  struct Result {
    let status: Int32
    let output: [UInt8]
    let errors: String

    var text: String { String(decoding: output, as: UTF8.self) }
  }

  /// The build directory holds the tests beside the program.
  private static let buildDirectory: URL = {
    let path = try? FileManager.default.destinationOfSymbolicLink(atPath: "/proc/self/exe")
    return URL(fileURLWithPath: path ?? "/").deletingLastPathComponent()
  }()

  /// The built program.
  var program: URL { Tool.buildDirectory.appendingPathComponent("ktapc") }

  func makeDirectory(_ name: String) throws {
    try FileManager.default.createDirectory(
      atPath: path(name), withIntermediateDirectories: true)
  }

  /// Puts a shell script into the directory, folders included.
  func makeExecutable(_ name: String, _ script: String) throws {
    let file = URL(fileURLWithPath: path(name))
    try FileManager.default.createDirectory(
      at: file.deletingLastPathComponent(), withIntermediateDirectories: true)
    try write(name, "#!/bin/sh\n" + script + "\n")
    try FileManager.default.setAttributes([.posixPermissions: 0o755], ofItemAtPath: file.path)
  }

  /// Runs `ktapc` in the directory.
  @discardableResult
  func ktapc(
    _ arguments: [String], input: String = "", environment: [String: String] = [:]
  ) throws -> Result {
    try run(program.path, arguments, input: input, environment: environment)
  }

  @discardableResult
  func ktapc(_ arguments: String...) throws -> Result { try ktapc(arguments) }

  /// Runs `ktapc` and expects success.
  @discardableResult
  func succeed(
    _ arguments: String..., sourceLocation: SourceLocation = #_sourceLocation
  ) throws -> String {
    let result = try ktapc(arguments)
    #expect(
      result.status == 0, "\(arguments): \(result.errors)", sourceLocation: sourceLocation)
    return result.text
  }

  /// Runs a shell command in which `$KTAPC` is the program.
  func shell(_ command: String) throws -> Result {
    try run("/bin/sh", ["-c", command], environment: ["KTAPC": program.path])
  }

  func openssl(_ arguments: String...) throws {
    let result = try run("/usr/bin/env", ["openssl"] + arguments)
    #expect(result.status == 0, "\(arguments): \(result.errors)")
  }

  private func run(
    _ program: String, _ arguments: [String], input: String = "",
    environment: [String: String] = [:]
  ) throws -> Result {
    // Files and not pipes: neither side ever waits for the other.
    let number = UUID().uuidString
    let files = ["in", "out", "err"].map { path("\($0)-\(number)") }
    try Data(input.utf8).write(to: URL(fileURLWithPath: files[0]))
    for file in files.dropFirst() { try Data().write(to: URL(fileURLWithPath: file)) }
    let process = Process()
    process.executableURL = URL(fileURLWithPath: program)
    process.arguments = arguments
    process.currentDirectoryURL = directory
    process.environment = ProcessInfo.processInfo.environment.merging(environment) { $1 }
    process.standardInput = FileHandle(forReadingAtPath: files[0])
    process.standardOutput = FileHandle(forWritingAtPath: files[1])
    process.standardError = FileHandle(forWritingAtPath: files[2])
    try process.run()
    process.waitUntilExit()
    defer { for file in files { try? FileManager.default.removeItem(atPath: file) } }
    let signal = process.terminationReason == .uncaughtSignal
    return Result(
      status: process.terminationStatus + (signal ? 128 : 0),
      output: Array(try Data(contentsOf: URL(fileURLWithPath: files[1]))),
      errors: String(decoding: try Data(contentsOf: URL(fileURLWithPath: files[2])), as: UTF8.self))
  }
}
