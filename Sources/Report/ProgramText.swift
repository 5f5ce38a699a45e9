// SPDX-License-Identifier: GPL-2.0-or-later
import Bytecode

/// The part of a bundle that output needs: formats, and the names that run-time errors mention.
public struct ProgramText {
  /// File name of the script.
  public var sourceName: Text
  /// Holds all other texts.
  let bytes: [UInt8]
  /// Three numbers each, see `Bundle.formatPlaces()`.
  private let formats: [UInt32]
  private let fields: [UInt32]

  /// A program made of its parts, for tests and for programs without a bundle.
  public init(sourceName: Text, formats: [OutputFormat] = [], fieldNames: [Text] = []) {
    self.sourceName = sourceName
    var bytes: [UInt8] = []
    func places(_ kind: UInt32, _ text: Text) -> [UInt32] {
      bytes += text.bytes
      return [kind, UInt32(bytes.count - text.bytes.count), UInt32(bytes.count)]
    }
    self.formats = formats.flatMap { places($0.kind.rawValue, $0.text) }
    fields = fieldNames.flatMap { places(0, $0) }
    self.bytes = bytes
  }

  /// Reads these sections of a bundle and no others.
  public init(_ bundle: Bundle) throws(BundleError) {
    sourceName = try bundle.sourceName()
    formats = try bundle.formatPlaces()
    fields = try bundle.fieldPlaces()
    bytes = bundle.bytes
  }

  /// Where the text of a printf format stands, by the index that EMIT records carry; nil: it is a print.
  func printf(_ index: Int) -> Range<Int>? {
    guard index < formats.count / 3, formats[3 * index] == OutputFormatKind.printf.rawValue
    else { return nil }
    return place(formats, index)
  }

  /// Where the name of an event field stands, by the index that run-time errors carry.
  func fieldName(_ index: Int) -> Range<Int>? {
    index < fields.count / 3 ? place(fields, index) : nil
  }

  private func place(_ places: [UInt32], _ index: Int) -> Range<Int> {
    Int(places[3 * index + 1])..<Int(places[3 * index + 2])
  }
}
