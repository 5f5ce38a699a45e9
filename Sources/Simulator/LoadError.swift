// SPDX-License-Identifier: GPL-2.0-or-later
import CVM

/// Why the virtual machine refused a bundle or its arguments.
public struct LoadError: Error, Equatable, CustomStringConvertible {
  /// One clear sentence, as the kernel module logs it.
  public let description: String
  /// The errno that the module gives for it, positive.
  public let code: Int32

  public init(_ description: String, code: Int32) {
    self.description = description
    self.code = code
  }

  init(_ diagnostic: ktap_diagnostic) {
    description = withUnsafeBytes(of: diagnostic.text) { bytes in
      String(decoding: bytes.prefix { $0 != 0 }, as: UTF8.self)
    }
    code = -diagnostic.error
  }
}
