// SPDX-License-Identifier: GPL-2.0-or-later
import Bytecode
import Signing
import Simulator

/// A bundle file whose form, digest, limits and bytecode have been verified by the code that the
/// kernel module runs; the signature has not.
struct OpenedBundle {
  let bundle: Bundle
  let loaded: LoadedProgram

  init(path: String) throws {
    try self.init(contents: try Files.read(path), path: path)
  }

  init(contents: [UInt8], path: String) throws {
    do {
      loaded = try LoadedProgram(file: contents)
      bundle = try Bundle(contents)
    } catch let error as LoadError {
      throw Failure(.refused, "\(path): \(error)")
    } catch let error as BundleError {
      throw Failure(.refused, "\(path): \(error.message)")
    }
  }

  /// True when the bytes begin like a bundle, whatever follows.
  static func isBundle(_ contents: [UInt8]) -> Bool {
    contents.starts(with: [0x4b, 0x54, 0x41, 0x50, 0x42, 0x0d, 0x0a, 0x1a])
  }

  var summary: ProgramSummary { loaded.summary }

  func program() throws -> Program {
    do {
      return try bundle.program()
    } catch {
      throw Failure(.refused, error.message)
    }
  }

  /// The script that the bundle carries, or nil.
  func source() throws -> [UInt8]? {
    guard let archive = try program().source else { return nil }
    return try SourceArchive.unpack(archive)
  }

  /// The signature in canonical form; nil: unsigned.
  func signature(path: String) throws -> DetachedSignature? {
    guard let cms = bundle.cms else { return nil }
    do {
      return try DetachedSignature(der: cms)
    } catch {
      throw Failure(.refused, "\(path): \(error)")
    }
  }

  /// The file with another signature, or none.
  func contents(signature: DetachedSignature?) -> [UInt8] {
    Bundle.assemble(signedPart: bundle.signedPart, cms: signature?.der ?? [])
  }
}
