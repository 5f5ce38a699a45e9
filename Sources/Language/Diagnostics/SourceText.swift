// SPDX-License-Identifier: GPL-2.0-or-later

/// A half-open range of byte offsets into a `SourceText`.
public struct SourceRange: Hashable, Sendable {
  /// The offset of the first byte.
  public let start: Int
  /// The offset after the last byte; never less than `start`.
  public let end: Int

  public init(_ start: Int, _ end: Int) {
    self.start = start
    self.end = max(start, end)
  }

  /// The smallest range that covers both.
  public func union(_ other: SourceRange) -> SourceRange {
    SourceRange(min(start, other.start), max(end, other.end))
  }
}

/// A place in a source text as people name it.
public struct SourceLocation: Hashable, Sendable {
  /// The line, from 1.
  public let line: Int
  /// The column in characters, from 1; a tab is one character.
  public let column: Int

  public init(line: Int, column: Int) {
    self.line = line
    self.column = column
  }
}

/// The bytes of one script together with the name to report and an index of its lines.
public struct SourceText: Sendable {
  /// The name that diagnostics begin with: a path, or `<command line>`.
  public let name: String
  /// The script as it was read; normally UTF-8, but any bytes are allowed.
  public let bytes: [UInt8]

  /// The offset of the first byte of each line.
  private let lineStarts: [Int]

  public init(name: String, bytes: [UInt8]) {
    self.name = name
    self.bytes = bytes
    var starts = [0]
    for (offset, byte) in bytes.enumerated() where byte == UInt8(ascii: "\n") {
      starts.append(offset + 1)
    }
    lineStarts = starts
  }

  public init(name: String, text: String) {
    self.init(name: name, bytes: Array(text.utf8))
  }

  /// The line, from 1, that holds the byte at `offset`; offsets outside the text are clamped.
  public func line(at offset: Int) -> Int {
    var low = 0
    var high = lineStarts.count
    while high - low > 1 {
      let middle = (low + high) / 2
      if lineStarts[middle] <= offset { low = middle } else { high = middle }
    }
    return low + 1
  }

  /// The line and column of the byte at `offset`; offsets outside the text are clamped.
  public func location(at offset: Int) -> SourceLocation {
    let line = line(at: offset)
    let start = lineStarts[line - 1]
    let end = min(max(offset, start), bytes.count)
    return SourceLocation(line: line, column: characters(SourceRange(start, end)).count + 1)
  }

  /// The bytes of line `line` (from 1) without its line end.
  public func rangeOfLine(_ line: Int) -> SourceRange {
    let index = min(max(line, 1), lineStarts.count) - 1
    var end = index + 1 < lineStarts.count ? lineStarts[index + 1] - 1 : bytes.count
    if end > lineStarts[index] && bytes[end - 1] == UInt8(ascii: "\r") { end -= 1 }
    return SourceRange(lineStarts[index], end)
  }

  /// The text of a range; bytes that are not UTF-8 become U+FFFD.
  public func text(_ range: SourceRange) -> String {
    let start = min(max(range.start, 0), bytes.count)
    let end = min(max(range.end, start), bytes.count)
    return String(decoding: bytes[start..<end], as: UTF8.self)
  }

  /// The characters (Unicode scalars) of a range.
  func characters(_ range: SourceRange) -> String.UnicodeScalarView {
    text(range).unicodeScalars
  }
}
