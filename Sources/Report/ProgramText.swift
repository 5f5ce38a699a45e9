// SPDX-License-Identifier: GPL-2.0-or-later
import Bytecode

/// The part of a bundle that output needs: formats, and the names that run-time errors mention.
public struct ProgramText {
  /// File name of the script.
  public var sourceName: Text
  /// By the index that EMIT records carry.
  public var formats: [OutputFormat]
  /// Names of event fields, by the index that run-time errors carry.
  public var fieldNames: [Text]

  /// A program made of its parts, for tests and for programs without a bundle.
  public init(sourceName: Text, formats: [OutputFormat] = [], fieldNames: [Text] = []) {
    self.sourceName = sourceName
    self.formats = formats
    self.fieldNames = fieldNames
  }

  /// Decodes these sections of a bundle and no others.
  public init(_ bundle: Bundle) throws(BundleError) {
    sourceName = try bundle.manifest().sourceName
    formats = try bundle.formats()
    fieldNames = []
    for field in try bundle.fields() { fieldNames.append(field.name) }
  }
}
