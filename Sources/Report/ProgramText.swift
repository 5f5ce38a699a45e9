// SPDX-License-Identifier: GPL-2.0-or-later
import CKtap

/// A format of print or printf.
public struct OutputFormat {
  /// True for printf.
  public var isPrintf: Bool
  /// The format text of a printf.
  public var text: [UInt8]

  public init(isPrintf: Bool, text: [UInt8]) {
    self.isPrintf = isPrintf
    self.text = text
  }
}

/// The part of a bundle that output needs: formats, and the names that run-time errors mention.
public struct ProgramText {
  /// File name of the script.
  public var sourceName: [UInt8] = []
  /// By the index that EMIT records carry.
  public var formats: [OutputFormat] = []
  /// Names of the event fields, by the index that run-time errors carry.
  public var fieldNames: [[UInt8]] = []

  public init() {}

  /// Reads a bundle that the virtual machine has accepted. nil when it is no bundle at all; what
  /// only this reader could mind is left out.
  public init?(bundle: UnsafeRawBufferPointer) {
    let header = MemoryLayout<ktap_bundle_header>.size
    let entry = MemoryLayout<ktap_section_entry>.size
    guard bundle.count >= header, isBundle(bundle),
      let count = bundle.little32(at: 12), count <= 64
    else { return nil }
    var sections = Sections()
    for index in 0..<Int(count) {
      let at = header + index * entry
      guard let kind = bundle.little32(at: at), let offset = bundle.little32(at: at + 8),
        let length = bundle.little32(at: at + 16),
        let bytes = bundle.run(at: Int(offset), length: Int(length))
      else { return nil }
      switch kind {
      case KTAP_SECTION_MANIFEST.rawValue: sections.manifest = bytes
      case KTAP_SECTION_FIELDS.rawValue: sections.fields = bytes
      case KTAP_SECTION_FORMATS.rawValue: sections.formats = bytes
      case KTAP_SECTION_TEXT.rawValue: sections.text = bytes
      default: break
      }
    }
    sourceName = sections.name(in: sections.manifest, at: 16)
    let format = MemoryLayout<ktap_file_format>.size
    for index in 0..<sections.formats.count / format {
      formats.append(
        OutputFormat(
          isPrintf: sections.formats.little32(at: index * format)
            == KTAP_FORMAT_PRINTF.rawValue,
          text: sections.name(in: sections.formats, at: index * format + 8)))
    }
    let field = MemoryLayout<ktap_file_field>.size
    for index in 0..<sections.fields.count / field {
      fieldNames.append(sections.name(in: sections.fields, at: index * field))
    }
  }
}

private struct Sections {
  var manifest = UnsafeRawBufferPointer(start: nil, count: 0)
  var fields = UnsafeRawBufferPointer(start: nil, count: 0)
  var formats = UnsafeRawBufferPointer(start: nil, count: 0)
  var text = UnsafeRawBufferPointer(start: nil, count: 0)

  /// What the struct ktap_file_text at `offset` of `section` points to.
  func name(in section: UnsafeRawBufferPointer, at offset: Int) -> [UInt8] {
    guard let start = section.little32(at: offset), let length = section.little32(at: offset + 4),
      let bytes = text.run(at: Int(start), length: Int(length))
    else { return [] }
    return [UInt8](bytes)
  }
}

/// True when `bytes` begin like a bundle.
private func isBundle(_ bytes: UnsafeRawBufferPointer) -> Bool {
  let magic: StaticString = "KTAPB\r\n\u{1a}"
  for index in 0..<magic.utf8CodeUnitCount where bytes[index] != magic.utf8Start[index] {
    return false
  }
  return true
}

extension UnsafeRawBufferPointer {
  /// A number of the bundle below 2^31, as all offsets and lengths are.
  fileprivate func little32(at offset: Int) -> UInt32? {
    guard let bytes = run(at: offset, length: 4), bytes[3] < 0x80 else { return nil }
    return UInt32(bytes[0]) | UInt32(bytes[1]) << 8 | UInt32(bytes[2]) << 16
      | UInt32(bytes[3]) << 24
  }
}
