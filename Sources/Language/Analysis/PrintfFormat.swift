// SPDX-License-Identifier: GPL-2.0-or-later
import Bytecode

/// A printf format taken apart: its conversions, and the text that the bundle carries.
struct PrintfFormat {
  struct Conversion {
    /// The conversion letter.
    let letter: UInt8
    /// As written, for messages.
    let text: String
    /// The kinds it can show.
    let accepts: KindMask
    /// Where it stands in the format as written.
    let bytes: Range<Int>
    /// Where that is in the source.
    var range: SourceRange?
  }

  /// The format without the length modifiers of C (`l`, `ll`, `h`, `z`), which mean nothing here.
  let text: Text
  var conversions: [Conversion]

  /// What is wrong, and with which bytes of the format.
  enum Problem: Error {
    case unfinished(Range<Int>)
    case unknown(String, Range<Int>)
    case star(Range<Int>)
  }

  static let letters = "diuxXocsp"

  init(_ format: [UInt8]) throws(Problem) {
    var out: [UInt8] = []
    var conversions: [Conversion] = []
    var at = 0
    var start = 0
    func peek() throws(Problem) -> UInt8 {
      guard at < format.count else { throw .unfinished(start..<at) }
      return format[at]
    }
    while at < format.count {
      let byte = format[at]
      out.append(byte)
      start = at
      at += 1
      guard byte == UInt8(ascii: "%") else { continue }
      var written: [UInt8] = [byte]
      func take() {
        out.append(format[at])
        written.append(format[at])
        at += 1
      }
      if try peek() == UInt8(ascii: "%") {
        take()
        continue
      }
      while "-+ #0".utf8.contains(try peek()) { take() }
      if try peek() == UInt8(ascii: "*") { throw .star(at..<(at + 1)) }
      while "0123456789".utf8.contains(try peek()) { take() }
      if try peek() == UInt8(ascii: ".") {
        take()
        if try peek() == UInt8(ascii: "*") { throw .star(at..<(at + 1)) }
        while "0123456789".utf8.contains(try peek()) { take() }
      }
      while "lhzjt".utf8.contains(try peek()) {
        written.append(format[at])
        at += 1
      }
      let letter = try peek()
      written.append(letter)
      let accepts: KindMask
      switch letter {
      case UInt8(ascii: "d"), UInt8(ascii: "i"), UInt8(ascii: "u"), UInt8(ascii: "x"),
        UInt8(ascii: "X"), UInt8(ascii: "o"), UInt8(ascii: "p"), UInt8(ascii: "c"):
        accepts = .integer
      case UInt8(ascii: "s"): accepts = .any
      default: throw .unknown(String(decoding: written, as: UTF8.self), start..<(at + 1))
      }
      out.append(letter)
      at += 1
      conversions.append(
        Conversion(
          letter: letter, text: String(decoding: written, as: UTF8.self), accepts: accepts,
          bytes: start..<at))
    }
    text = Text(bytes: out)
    self.conversions = conversions
  }
}
