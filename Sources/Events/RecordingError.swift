// SPDX-License-Identifier: GPL-2.0-or-later

/// Why a file is no recording that can be replayed.
public struct RecordingError: Error, Equatable, CustomStringConvertible {
  /// One clause: "the record is longer than the file".
  public let problem: String
  /// Where in the file, in bytes; nil: it concerns the whole file.
  public let offset: Int?

  public init(_ problem: String, at offset: Int? = nil) {
    self.problem = problem
    self.offset = offset
  }

  public var description: String {
    offset.map { "offset \($0): \(problem)" } ?? problem
  }
}
