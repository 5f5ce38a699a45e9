// SPDX-License-Identifier: GPL-2.0-or-later
import CKtap

/// Sizes of the file's structures in bytes; docs/bundle-format.md draws them.
enum BundleLayout {
  static var headerSize: Int { 64 }
  static var digestOffset: Int { 24 }
  static var sectionEntrySize: Int { 24 }
  static var trailerSize: Int { 16 }
  static var magic: [UInt8] { [0x4B, 0x54, 0x41, 0x50, 0x42, 0x0D, 0x0A, 0x1A] }
  static var trailerMagic: [UInt8] { [0x4B, 0x54, 0x41, 0x50, 0x53, 0x49, 0x47, 0x0A] }
}

/// The sections of a bundle: `enum ktap_section`.
public enum Section: UInt32, Sendable {
  case manifest = 1
  case policy, integers, strings, globals, tables, functions, registers, code, fields, probes
  case formats, lines, text, source
}

/// The bytes of a `.ktapb` file, split and with a checked section table. The sections themselves are
/// decoded one by one by the accessors, so that a reader of a few pays only for those.
public struct Bundle: Sendable {
  public let bytes: [UInt8]
  /// Bytes of the signed part.
  public let signedLength: Int
  /// Bytes of the signature; 0: unsigned.
  public let cmsLength: Int
  private let sectionCount: Int

  /// Splits a whole file and checks magic, lengths, section table and padding, but neither the
  /// digest nor the signature nor what the sections say.
  public init(_ file: [UInt8]) throws(BundleError) {
    let minimum = BundleLayout.headerSize + BundleLayout.trailerSize
    guard file.count >= BundleLayout.magic.count else { throw .tooShort }
    let view = ByteView(bytes: file)
    for (index, byte) in BundleLayout.magic.enumerated() where file[index] != byte {
      throw .notABundle
    }
    guard file.count >= minimum else { throw .tooShort }
    guard file.count <= Int(KTAP_MAX_BUNDLE) else { throw .length }
    let major = view.u16(8)
    guard major == UInt16(KTAP_BUNDLE_MAJOR) else { throw .version(major: major) }
    let signed = view.u64(16)
    let trailer = file.count - BundleLayout.trailerSize
    guard signed >= UInt64(BundleLayout.headerSize), signed <= UInt64(trailer), signed % 8 == 0
    else { throw .length }
    for (index, byte) in BundleLayout.trailerMagic.enumerated()
    where file[trailer + 8 + index] != byte {
      throw .trailer
    }
    let cms = view.u32(trailer)
    guard UInt64(cms) == UInt64(trailer) - signed else { throw .length }
    guard view.u32(trailer + 4) == 0, view.u64(56) == 0 else { throw .reserved }

    bytes = file
    signedLength = Int(signed)
    cmsLength = Int(cms)
    sectionCount = try Bundle.checkSectionTable(view, signedLength: Int(signed))
  }

  /// The bytes over which the signature is made.
  public var signedPart: [UInt8] { Array(bytes[0..<signedLength]) }

  /// The CMS SignedData, or nil when the bundle is unsigned.
  public var cms: [UInt8]? {
    cmsLength == 0 ? nil : Array(bytes[signedLength..<(signedLength + cmsLength)])
  }

  /// The SHA-256 that the header states: the identity of the bundle.
  public var digest: [UInt8] {
    Array(bytes[BundleLayout.digestOffset..<(BundleLayout.digestOffset + 32)])
  }

  /// Throws when the stated digest is not that of the signed part.
  public func checkDigest(sha256: ([UInt8]) -> [UInt8]) throws(BundleError) {
    var part = signedPart
    for index in 0..<32 { part[BundleLayout.digestOffset + index] = 0 }
    guard sha256(part) == digest else { throw .digest }
  }

  /// The whole file made of a signed part and a signature (empty: unsigned).
  public static func assemble(signedPart: [UInt8], cms: [UInt8] = []) -> [UInt8] {
    var writer = ByteWriter(bytes: signedPart)
    writer.bytes += cms
    writer.put(UInt32(cms.count))
    writer.put(UInt32(0))
    writer.bytes += BundleLayout.trailerMagic
    return writer.bytes
  }

  /// True when the script itself is inside.
  public var hasSource: Bool { sectionCount == Int(KTAP_SECTION_LAST.rawValue) }

  /// Where a section begins in `bytes` and how long it is; an absent SOURCE has length 0.
  func range(_ section: Section) -> Range<Int> {
    let index = Int(section.rawValue) - 1
    guard index < sectionCount else { return 0..<0 }
    let entry = BundleLayout.headerSize + BundleLayout.sectionEntrySize * index
    // Both were found to lie inside.
    let view = ByteView(bytes: bytes)
    let start = view.length(entry + 8)
    return start..<(start + view.length(entry + 16))
  }

  /// Returns the number of sections.
  private static func checkSectionTable(
    _ view: ByteView, signedLength: Int
  ) throws(BundleError) -> Int {
    let count = view.length(12)
    let last = Int(KTAP_SECTION_LAST.rawValue)
    // All but the last kind must be there, each once and in order: then the table's index tells the kind.
    guard count == last || count == last - 1 else {
      throw .sectionTable(UInt32(truncatingIfNeeded: count))
    }
    var next = BundleLayout.headerSize + BundleLayout.sectionEntrySize * count
    guard next <= signedLength else { throw .length }
    for index in 0..<count {
      let at = BundleLayout.headerSize + BundleLayout.sectionEntrySize * index
      let kind = UInt32(index + 1)
      guard view.u32(at) == kind else { throw .sectionTable(kind) }
      guard view.u32(at + 4) == 0 else { throw .reserved }
      guard view.u64(at + 8) == UInt64(next) else { throw .sectionTable(kind) }
      let length = view.u64(at + 16)
      guard length <= UInt64(signedLength - next) else { throw .sectionTable(kind) }
      let end = next + Int(length)
      next = (end + 7) & ~7
      guard next <= signedLength else { throw .sectionTable(kind) }
      for pad in end..<next where view.u8(pad) != 0 { throw .reserved }
    }
    guard next == signedLength else { throw .length }
    return count
  }
}
