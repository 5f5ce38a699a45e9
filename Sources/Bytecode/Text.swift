// SPDX-License-Identifier: GPL-2.0-or-later

/// A run of bytes: a name in UTF-8 or a string constant of any bytes.
public struct Text: Hashable, Sendable, ExpressibleByStringLiteral {
  public var bytes: [UInt8]

  public init(bytes: [UInt8] = []) { self.bytes = bytes }
  public init(_ string: String) { bytes = Array(string.utf8) }
  public init(stringLiteral value: StaticString) {
    bytes = value.withUTF8Buffer { Array($0) }
  }

  public var isEmpty: Bool { bytes.isEmpty }

  /// The bytes as text; what is not UTF-8 becomes the replacement character.
  public var string: String { String(decoding: bytes, as: UTF8.self) }
}
