// SPDX-License-Identifier: GPL-2.0-or-later
import CVM

/// A bundle that this machine's copy of the virtual machine has loaded and verified, by the same
/// code as in the kernel module. Used by one thread at a time.
public final class LoadedProgram {
  /// A script argument, as the script sees it.
  public enum Argument: Equatable, Sendable {
    case integer(Int64)
    case string(String)
  }

  let handle: OpaquePointer
  public let summary: ProgramSummary

  /// Opens a whole bundle file and loads its signed part: format, digest, limits and bytecode
  /// are checked. The signature is not.
  public convenience init(file: [UInt8]) throws(LoadError) {
    var envelope = ktap_envelope()
    var diagnostic = ktap_diagnostic()
    let result = file.withUnsafeBytes { bytes in
      ktap_bundle_open(bytes.baseAddress, bytes.count, &envelope, &diagnostic)
    }
    guard result == 0 else { throw LoadError(diagnostic) }
    try self.init(signedPart: Array(file[..<envelope.signed_length]))
  }

  /// Loads the signed part of a bundle.
  public init(signedPart: [UInt8]) throws(LoadError) {
    var diagnostic = ktap_diagnostic()
    let program = signedPart.withUnsafeBytes { bytes in
      ktap_program_load(bytes.baseAddress, bytes.count, Home.shared.pointer, &diagnostic)
    }
    guard let program else { throw LoadError(diagnostic) }
    handle = program
    summary = ProgramSummary(program)
  }

  deinit {
    ktap_program_free(handle)
  }

  /// Gives the script its arguments.
  ///
  /// - Parameter declaredOnly: refuse arguments that the policy does not declare, as for a
  ///   signed bundle.
  public func setArguments(_ arguments: [Argument], declaredOnly: Bool) throws(LoadError) {
    var copies: [UnsafeMutablePointer<CChar>] = []
    defer { copies.forEach { $0.deallocate() } }
    let list = arguments.map { argument in
      var item = ktap_argument()
      switch argument {
      case .integer(let value):
        item.kind = KTAP_KIND_INT.rawValue
        item.integer = value
      case .string(let text):
        let bytes = Array(text.utf8CString)
        let copy = UnsafeMutablePointer<CChar>.allocate(capacity: bytes.count)
        copy.initialize(from: bytes, count: bytes.count)
        copies.append(copy)
        item.kind = KTAP_KIND_STR.rawValue
        item.length = UInt32(bytes.count - 1)
        item.bytes = UnsafePointer(copy)
      }
      return item
    }
    var diagnostic = ktap_diagnostic()
    let result = ktap_program_set_arguments(
      handle, list, UInt32(list.count), declaredOnly, &diagnostic)
    guard result == 0 else { throw LoadError(diagnostic) }
  }

  /// The script line of an instruction; 0 when not known.
  func line(ofInstruction index: UInt32) -> UInt32 { ktap_program_line(handle, index) }
}
