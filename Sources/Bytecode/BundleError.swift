// SPDX-License-Identifier: GPL-2.0-or-later

/// Why bytes are no bundle, or why a program does not fit into one.
public enum BundleError: Error, Equatable, Sendable {
  /// Shorter than a header and a trailer.
  case tooShort
  /// The first eight bytes are not a bundle's.
  case notABundle
  /// A later major version of the format.
  case version(major: UInt16)
  /// The file does not end where its header and trailer say: cut off, or bytes were added.
  case length
  /// The last sixteen bytes are no trailer.
  case trailer
  /// The section table is not in canonical form: number of the section kind.
  case sectionTable(UInt32)
  /// Padding or a reserved word is not zero.
  case reserved
  /// The bytes of a section make no sense: number of the section kind.
  case section(UInt32)
  /// The digest in the header is not that of the signed part.
  case digest
  /// The program exceeds a limit of the format: what there is too much of.
  case limit(StaticText)
  /// A field of the program cannot be encoded.
  case invalid(StaticText)

  /// One sentence without a full stop.
  public var message: String {
    switch self {
    case .tooShort: return "file is too short for a bundle"
    case .notABundle: return "not a ktap bundle"
    case .version(let major): return "bundle format \(major) is newer than this program knows"
    case .length: return "bundle is truncated or has bytes added"
    case .trailer: return "bundle has no valid trailer"
    case .sectionTable(let kind): return "section table is not canonical at section \(kind)"
    case .reserved: return "padding or a reserved field of the bundle is not zero"
    case .section(let kind): return "section \(kind) of the bundle is malformed"
    case .digest: return "bundle was changed: its SHA-256 does not match"
    case .limit(let what): return "too many or too large: \(what.string)"
    case .invalid(let what): return "cannot be encoded: \(what.string)"
    }
  }
}

/// A fixed text that can be compared, for errors that name a thing.
public struct StaticText: Equatable, Sendable, ExpressibleByStringLiteral {
  let value: StaticString

  public init(stringLiteral value: StaticString) { self.value = value }

  public var string: String {
    value.withUTF8Buffer { String(decoding: $0, as: UTF8.self) }
  }

  public static func == (left: StaticText, right: StaticText) -> Bool {
    left.value.withUTF8Buffer { one in
      right.value.withUTF8Buffer { other in one.elementsEqual(other) }
    }
  }
}
