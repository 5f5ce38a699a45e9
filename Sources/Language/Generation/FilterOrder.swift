// SPDX-License-Identifier: GPL-2.0-or-later
import Bytecode

/// Puts the cheap tests of a filter first: most events fail in one, and need not load a string then.
enum FilterOrder {
  /// The filter of a handler whose events all have the fields that it names: only then the order of
  /// tests that `&&` joins makes no difference.
  static func cheapestFirst(_ filter: Expr) -> Expr {
    var tests: [Expr] = []
    collect(filter, &tests)
    let ordered = tests.enumerated().sorted {
      (cost($0.element), $0.offset) < (cost($1.element), $1.offset)
    }.map(\.element)
    guard let first = ordered.first else { return filter }
    return ordered.dropFirst().reduce(first) { left, right in
      let both = Expr(.and(left, right), filter.range)
      both.mask = .boolean
      return both
    }
  }

  private static func collect(_ expression: Expr, _ tests: inout [Expr]) {
    guard case .and(let left, let right) = expression.op else {
      tests.append(expression)
      return
    }
    collect(left, &tests)
    collect(right, &tests)
  }

  private enum Cost: Int, Comparable {
    case numbers, strings, patterns

    static func < (left: Cost, right: Cost) -> Bool { left.rawValue < right.rawValue }
  }

  private static func cost(_ expression: Expr) -> Cost {
    if case .match = expression.op { return .patterns }
    let own = expression.mask.contains(.string) ? Cost.strings : .numbers
    return expression.children.map(cost).reduce(own, max)
  }
}
