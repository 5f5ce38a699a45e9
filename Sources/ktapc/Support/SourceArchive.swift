// SPDX-License-Identifier: GPL-2.0-or-later
import Bytecode
import CZlib

/// The script inside a bundle: a zlib stream at level 9, so that a build can be reproduced.
enum SourceArchive {
  private static let level: Int32 = 9

  /// Compresses a script for the bundle's source section.
  static func pack(_ source: [UInt8]) throws -> CompressedSource {
    var length = compressBound(uLong(source.count))
    var bytes = [UInt8](repeating: 0, count: Int(length))
    guard compress2(&bytes, &length, source, uLong(source.count), level) == Z_OK,
      let size = UInt32(exactly: source.count)
    else {
      throw Failure(.compilation, "the script cannot be compressed into the bundle")
    }
    return CompressedSource(length: size, zlib: Array(bytes[..<Int(length)]))
  }

  /// The script of a bundle.
  static func unpack(_ source: CompressedSource) throws -> [UInt8] {
    // zlib grows data about a thousandfold at most: a false length must not make us allocate more.
    guard Int(source.length) <= source.zlib.count * 1100 + 64 else { throw Self.damaged }
    var bytes = [UInt8](repeating: 0, count: Int(source.length))
    var length = uLong(source.length)
    // A buffer of no bytes has no address.
    guard !bytes.isEmpty else { return [] }
    guard uncompress(&bytes, &length, source.zlib, uLong(source.zlib.count)) == Z_OK,
      length == uLong(source.length)
    else { throw Self.damaged }
    return bytes
  }

  private static var damaged: Failure {
    Failure(.refused, "the script inside the bundle is damaged")
  }
}
