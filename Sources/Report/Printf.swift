// SPDX-License-Identifier: GPL-2.0-or-later

/// One conversion of a printf format: `%[flags][width][.precision]conversion`.
struct Conversion {
  var isLeft = false
  var hasPlus = false
  var hasSpace = false
  var isAlternate = false
  var hasZeros = false
  var width = 0
  /// -1: none given.
  var precision = -1
  /// The letter.
  var letter: UInt8 = 0

  /// A wide field is surely a mistake and must not eat the board's memory.
  private static let widest = 4096

  /// Parses what stands behind a `%` at `index` and moves behind it; nil when it is no conversion.
  init?(_ format: [UInt8], at index: inout Int, end: Int) {
    var next = index
    flags: while next < end {
      switch format[next] {
      case 0x2D: isLeft = true
      case 0x2B: hasPlus = true
      case 0x20: hasSpace = true
      case 0x23: isAlternate = true
      case 0x30: hasZeros = true
      default: break flags
      }
      next += 1
    }
    width = Conversion.number(format, at: &next, end: end)
    if next < end, format[next] == 0x2E {
      next += 1
      precision = Conversion.number(format, at: &next, end: end)
    }
    // Every integer has 64 bits: the length letters of C say nothing here.
    while next < end, isLengthLetter(format[next]) { next += 1 }
    guard next < end, isConversionLetter(format[next]) else { return nil }
    letter = format[next]
    index = next + 1
  }

  private static func number(_ format: [UInt8], at index: inout Int, end: Int) -> Int {
    var value = 0
    while index < end, format[index] >= 0x30, format[index] <= 0x39 {
      value = min(value * 10 + Int(format[index] - 0x30), widest)
      index += 1
    }
    return value
  }
}

/// h l j z t
private func isLengthLetter(_ byte: UInt8) -> Bool {
  byte == 0x68 || byte == 0x6C || byte == 0x6A || byte == 0x7A || byte == 0x74
}

/// d i u x X o c s p %
private func isConversionLetter(_ byte: UInt8) -> Bool {
  switch byte {
  case 0x64, 0x69, 0x75, 0x78, 0x58, 0x6F, 0x63, 0x73, 0x70, 0x25: return true
  default: return false
  }
}

extension ByteBuffer {
  /// An integer by d i u x X o p, as printf of C does it with 64 bits.
  mutating func append(integer value: Int64, by conversion: Conversion) {
    let start = count
    let bits = UInt64(bitPattern: value)
    var magnitude = bits
    var base: UInt64 = 10
    var uppercase = false
    switch conversion.letter {
    case 0x64, 0x69:
      magnitude = value.magnitude
      if value < 0 {
        append(0x2D)
      } else if conversion.hasPlus {
        append(0x2B)
      } else if conversion.hasSpace {
        append(0x20)
      }
    case 0x75: break
    case 0x6F: base = 8
    default:
      base = 16
      uppercase = conversion.letter == 0x58
      if conversion.letter == 0x70 || (conversion.isAlternate && bits != 0) {
        append(uppercase ? "0X" : "0x")
      }
    }
    let digits = count
    if !(conversion.precision == 0 && magnitude == 0) {
      append(
        unsigned: magnitude, base: base, uppercase: uppercase, digits: max(1, conversion.precision))
    }
    // "#" makes an octal number begin with 0.
    if base == 8, conversion.isAlternate, count == digits || bytes[digits] != 0x30 {
      pad(from: digits, to: count - digits + 1, with: 0x30, at: digits)
    }
    if conversion.isLeft {
      pad(from: start, to: conversion.width, with: 0x20, at: nil)
    } else if conversion.hasZeros, conversion.precision < 0 {
      pad(from: start, to: conversion.width, with: 0x30, at: digits)
    } else {
      pad(from: start, to: conversion.width, with: 0x20, at: start)
    }
  }

  /// Cuts and widens the text that begins at `start` as %s and %c do.
  mutating func fit(from start: Int, by conversion: Conversion) {
    if conversion.letter == 0x73, conversion.precision >= 0 {
      truncate(to: start + conversion.precision)
    }
    pad(
      from: start, to: conversion.width, with: 0x20, at: conversion.isLeft ? nil : start)
  }
}

extension Reporter {
  /// Renders values by the format that stands there. Of a value that is not of the conversion's kind it prints what
  /// print would; conversions without a value print nothing, further values are left out.
  mutating func appendPrintf(_ place: Range<Int>, _ values: inout ValueReader) {
    let format = program.bytes
    var index = place.lowerBound
    while index < place.upperBound {
      let byte = format[index]
      index += 1
      guard byte == 0x25 else {
        text.append(byte)
        continue
      }
      guard let conversion = Conversion(format, at: &index, end: place.upperBound) else {
        text.append(byte)
        continue
      }
      if conversion.letter == 0x25 {
        text.append(byte)
        continue
      }
      guard let value = values.next() else { continue }
      let start = text.count
      switch (conversion.letter, value.isInteger) {
      case (0x73, _), (_, false):
        if conversion.letter == 0x63, value.isString {
          if let first = value.data.first { text.append(first) }
        } else {
          append(value)
        }
        text.fit(from: start, by: conversion)
      case (0x63, _):
        text.append(UInt8(truncatingIfNeeded: value.integer))
        text.fit(from: start, by: conversion)
      default:
        text.append(integer: value.integer, by: conversion)
      }
    }
  }
}
