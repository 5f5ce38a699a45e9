// SPDX-License-Identifier: GPL-2.0-or-later

/// Why a key, a certificate or a signature was refused: one clear sentence.
public struct SigningError: Error, Equatable, CustomStringConvertible {
  public let description: String

  public init(_ description: String) {
    self.description = description
  }
}
