// SPDX-License-Identifier: GPL-2.0-or-later
import Bytecode

extension Resolver {
  func resolvePrintf(_ arguments: [Expression], _ range: SourceRange) -> Expr {
    guard let first = arguments.first else {
      diagnostics.error("'printf' needs a format", at: range)
      return Expr(.invalid, range)
    }
    let format = resolve(first)
    let given = resolveList(Array(arguments.dropFirst())).map { printed($0) }
    guard case .string(let text) = format.op else {
      if case .invalid = format.op { return format }
      diagnostics.error("the format of 'printf' must be a string in quotes", at: first.range)
      return Expr(.invalid, range)
    }
    guard var parsed = parse(text.bytes, first) else { return Expr(.invalid, range) }
    for index in parsed.conversions.indices {
      parsed.conversions[index].range = place(of: parsed.conversions[index].bytes, in: first)
    }
    let wanted = parsed.conversions.count
    let values = adjusted(given, to: wanted)
    if values.count != wanted {
      let place =
        values.count < wanted ? parsed.conversions[values.count].range : values[wanted].range
      diagnostics.error(
        "the format takes \(wanted) value\(wanted == 1 ? "" : "s"), but there "
          + (values.count == 1 ? "is 1" : "are \(values.count)"), at: place ?? range)
      return Expr(.invalid, range)
    }
    if values.count > 32 {
      diagnostics.error("'printf' takes 32 values at most", at: values[32].range)
    }
    for (value, conversion) in zip(values, parsed.conversions) where conversion.accepts == .integer
    {
      value.demand = .integer
    }
    return Expr(.printf(parsed, values), range)
  }

  /// Takes the format apart, or says what is wrong with it.
  private func parse(_ format: [UInt8], _ literal: Expression) -> PrintfFormat? {
    do throws(PrintfFormat.Problem) {
      return try PrintfFormat(format)
    } catch {
      switch error {
      case .unfinished(let bytes):
        diagnostics.error(
          "the format ends inside a conversion; '%%' prints a '%'",
          at: place(of: bytes, in: literal))
      case .unknown(let conversion, let bytes):
        reportUnknown(conversion, at: place(of: bytes, in: literal))
      case .star(let bytes):
        diagnostics.error(
          "a width or precision must be a number, not '*'", at: place(of: bytes, in: literal))
      }
      return nil
    }
  }

  private func reportUnknown(_ conversion: String, at range: SourceRange) {
    let letter = conversion.last ?? "%"
    let other = letter.isUppercase ? letter.lowercased() : letter.uppercased()
    if PrintfFormat.letters.contains(other), letter.isLetter {
      let better = conversion.dropLast() + other
      diagnostics.error(
        "unknown conversion '\(conversion)', did you mean '\(better)'?", at: range,
        fixIt: Diagnostic.FixIt(replace: range, with: String(better)))
      return
    }
    let notes = "aefgAEFG".contains(letter) ? [Diagnostic.Note("all numbers are integers")] : []
    diagnostics.error(
      "unknown conversion '\(conversion)'; there are %d %i %u %x %X %o %c %s %p %%", at: range,
      notes: notes)
  }

  /// Where bytes of a string literal's value stand in the source. Of a string that several literals
  /// make it is the whole.
  private func place(of bytes: Range<Int>, in literal: Expression) -> SourceRange {
    guard case .string = literal.kind else { return literal.range }
    var lexer = Lexer(source: source)
    lexer.position = literal.range.start
    guard case .string(let value) = lexer.next().kind, bytes.upperBound < value.offsets.count else {
      return literal.range
    }
    return SourceRange(value.offsets[bytes.lowerBound], value.offsets[bytes.upperBound])
  }
}
