// SPDX-License-Identifier: GPL-2.0-or-later

/// The kernel's filter syntax: `field op value`, joined by `!`, `&&` and `||` and parentheses.
/// As in the kernel, `!` turns round the whole comparison behind it.
extension EventScanner {
  /// Thrown when an error has been reported.
  private struct FilterError: Error {}

  /// The parentheses and `!` that may be open at once.
  private static let maximumDepth = 100
  /// The comparisons of one filter.
  private static let maximumComparisons = 200

  /// Reads `/condition/` at its first slash; after an error goes on behind the last one.
  mutating func parseFilter() -> Filter {
    let opening = position
    position += 1
    var comparisons = 0
    do {
      skipFilterSpace()
      if at("/") { throw fail("this filter is empty", opening, position + 1) }
      let filter = try parseOr(0, &comparisons)
      guard accept("/") else { throw unexpectedInFilter(opening) }
      return filter
    } catch {
      skipFilter()
      return Filter(kind: .invalid, range: range(opening, position))
    }
  }

  private mutating func parseOr(_ depth: Int, _ count: inout Int) throws -> Filter {
    var left = try parseAnd(depth, &count)
    while accept("||") {
      let right = try parseAnd(depth, &count)
      left = Filter(kind: .or(left, right), range: left.range.union(right.range))
    }
    return left
  }

  private mutating func parseAnd(_ depth: Int, _ count: inout Int) throws -> Filter {
    var left = try parseNot(depth, &count)
    while accept("&&") {
      let right = try parseNot(depth, &count)
      left = Filter(kind: .and(left, right), range: left.range.union(right.range))
    }
    return left
  }

  private mutating func parseNot(_ depth: Int, _ count: inout Int) throws -> Filter {
    skipFilterSpace()
    let start = position
    if depth > Self.maximumDepth {
      throw fail(
        "this filter is nested more than \(Self.maximumDepth) levels deep", start, start + 1)
    }
    if at("!") && byte(1) != UInt8(ascii: "=") {
      position += 1
      let operand = try parseNot(depth + 1, &count)
      return Filter(
        kind: .not(operand), range: range(start, start).union(operand.range))
    }
    if accept("(") {
      let inner = try parseOr(depth + 1, &count)
      guard accept(")") else {
        let note = Diagnostic.Note("to close this '('", at: range(start, start + 1))
        throw fail("expected ')'", position, position + 1, notes: [note])
      }
      let whole = range(start, position)
      skipFilterSpace()
      return Filter(kind: inner.kind, range: whole)
    }
    return try parseComparison(&count)
  }

  private mutating func parseComparison(_ count: inout Int) throws -> Filter {
    let start = position
    count += 1
    if count > Self.maximumComparisons {
      throw fail(
        "this filter has more than \(Self.maximumComparisons) comparisons", start, start + 1)
    }
    if let first = byte(), isIdentifierStart(first) {
      while let next = byte(), isIdentifierPart(next) { position += 1 }
    }
    guard position > start else { throw fail("expected the name of a field", start, start + 1) }
    let field = Name(text: text(start, position), range: range(start, position))
    skipFilterSpace()
    let op = try parseOperator(after: field)
    skipFilterSpace()
    let value = try parseValue(op)
    skipFilterSpace()
    return Filter(
      kind: .comparison(field: field, op, value), range: field.range.union(value.range))
  }

  private mutating func parseOperator(after field: Name) throws -> FilterOperator {
    let start = position
    if accept("&&") || accept("||") || at("/") || at(")") || byte() == nil {
      position = start
      throw fail(
        "expected a comparison of '\(field.text)', such as '!= 0'", start, start + 1)
    }
    if accept("==") { return .equal }
    if accept("!=") { return .notEqual }
    if accept("<=") { return .lessOrEqual }
    if accept(">=") { return .greaterOrEqual }
    if accept("<") { return .less }
    if accept(">") { return .greater }
    if accept("&") { return .bitAnd }
    if accept("~") { return .glob }
    if at("=") {
      throw fail(
        "unknown operator '=' in a filter, did you mean '=='?", start, start + 1, fixIt: "==")
    }
    throw fail(
      "expected an operator of a filter: == != < <= > >= & ~", start, start + 1)
  }

  private mutating func parseValue(_ op: FilterOperator) throws -> FilterValue {
    let start = position
    if let quote = byte(), quote == UInt8(ascii: "\"") || quote == UInt8(ascii: "'") {
      let value = try parseQuotedValue(quote)
      return FilterValue(
        kind: .string(value, isQuoted: true), range: range(start, position))
    }
    while let next = byte(), isBareWord(next) { position += 1 }
    let word = Array(bytes[start..<position])
    guard let first = word.first else {
      throw fail(
        "expected a value after '\(op.rawValue)'; one with other signs than letters, digits "
          + "and * stands in quotes", start, start + 1)
    }
    let place = range(start, position)
    let bare = FilterValue(kind: .string(word, isQuoted: false), range: place)
    if op == .glob { return bare }
    if let number = kernelInteger(word) {
      return FilterValue(kind: .integer(number), range: place)
    }
    let isNumber = isDigit(first) || (first == UInt8(ascii: "-") && word.count > 1)
    if isNumber && !word.contains(UInt8(ascii: "*")) && !word.contains(UInt8(ascii: "?")) {
      throw fail(
        "'\(text(start, position))' is no number that fits in 64 bits; a string that begins "
          + "with a digit stands in quotes", start, position)
    }
    return bare
  }

  /// Reads a string. In a literal's value the escapes have been resolved already.
  private mutating func parseQuotedValue(_ quote: UInt8) throws -> [UInt8] {
    let start = position
    if !isQuoted {
      lexer.position = position
      let before = lexer.diagnostics.all.count
      let literal = lexer.lexQuotedString()
      position = lexer.position
      if lexer.diagnostics.all.count > before { throw FilterError() }
      return literal.bytes
    }
    position += 1
    while let next = byte() {
      position += 1
      if next == quote { return Array(bytes[(start + 1)..<(position - 1)]) }
    }
    throw fail("this string is not closed", start, start + 1)
  }

  private func isBareWord(_ byte: UInt8) -> Bool {
    isIdentifierPart(byte) || byte >= 0x80 || "*?.-+:@$%[]^".utf8.contains(byte)
  }

  // MARK: - Errors

  private mutating func fail(
    _ message: String, _ start: Int, _ end: Int, fixIt: String? = nil,
    notes: [Diagnostic.Note] = []
  ) -> FilterError {
    error(message, min(start, bytes.count), end, fixIt: fixIt, notes: notes)
    return FilterError()
  }

  /// Reports what stands where an operator or the closing slash should.
  private mutating func unexpectedInFilter(_ opening: Int) -> FilterError {
    // A filter may span lines, but what goes on without an operator is a statement.
    let spaces = bytes[..<position].reversed().prefix(while: isSpace)
    let isNextLine = !isQuoted && spaces.contains(UInt8(ascii: "\n"))
    if isNextLine { position -= spaces.count }
    guard let next = byte(), !isNextLine, isQuoted || !"{}".utf8.contains(next) else {
      return fail("this filter is not closed by '/'", opening, opening + 1)
    }
    if next == UInt8(ascii: ")") { return fail("this ')' closes nothing", position, position + 1) }
    if next == UInt8(ascii: "|") || next == UInt8(ascii: "&") {
      let double = next == UInt8(ascii: "|") ? "||" : "&&"
      return fail(
        "expected '/', '&&' or '||', did you mean '\(double)'?", position, position + 1,
        fixIt: double)
    }
    return fail("expected '/', '&&' or '||' in this filter", position, position + 1)
  }

  /// White space within a filter; comments would hide the slash.
  private mutating func skipFilterSpace() {
    while let next = byte(), isSpace(next) { position += 1 }
  }

  /// Skips behind the last slash of the literal, or of the source before a brace or the line's
  /// end.
  private mutating func skipFilter() {
    var end = position
    var index = position
    while index < bytes.count {
      if !isQuoted && "{\n".utf8.contains(bytes[index]) { break }
      index += 1
      if bytes[index - 1] == UInt8(ascii: "/") { end = index }
    }
    position =
      end > position || (position > 0 && bytes[position - 1] == UInt8(ascii: "/"))
      ? end : index
  }
}

/// An integer as the kernel reads one: with a sign, in base 16 with `0x`, 8 with a leading 0,
/// else 10; up to the greatest unsigned one, which wraps.
func kernelInteger(_ word: [UInt8]) -> Int64? {
  var digits = word[...]
  let isNegative = digits.first == UInt8(ascii: "-")
  if isNegative || digits.first == UInt8(ascii: "+") { digits.removeFirst() }
  var radix: UInt64 = 10
  if digits.count > 1 && digits.first == UInt8(ascii: "0") {
    digits.removeFirst()
    radix = 8
    if let letter = digits.first, letter | 0x20 == UInt8(ascii: "x") {
      digits.removeFirst()
      radix = 16
    }
  }
  guard !digits.isEmpty else { return nil }
  var magnitude: UInt64 = 0
  for byte in digits {
    guard let digit = digitValue(byte), digit < radix else { return nil }
    let (product, high) = magnitude.multipliedReportingOverflow(by: radix)
    let (sum, carry) = product.addingReportingOverflow(digit)
    guard !high && !carry else { return nil }
    magnitude = sum
  }
  guard isNegative else { return Int64(truncatingIfNeeded: magnitude) }
  return magnitude <= 1 << 63 ? Int64(truncatingIfNeeded: 0 &- magnitude) : nil
}
