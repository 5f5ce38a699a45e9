// SPDX-License-Identifier: GPL-2.0-or-later
import Bytecode

/// `ftrace:function`: what of its filter decides which functions are traced at all. The board applies that before it
/// attaches; the rest is code of the handler.
struct FunctionTracing {
  static let event = "ftrace:function"

  /// The event with the conditions on the function's name, in postfix order: `ftrace:function/mutex* vfs_* |/`.
  private(set) var text = FunctionTracing.event
  /// The conditions that are left for the handler.
  private(set) var rest: Filter?

  /// What is wrong with a filter.
  struct Refusal: Error {
    let message: String
    let range: SourceRange
  }

  init(_ filter: Filter?) throws(Refusal) {
    guard let filter else { return }
    var patterns: [String] = []
    for condition in FunctionTracing.conditions(filter) {
      if let pattern = try FunctionTracing.pattern(condition) {
        patterns.append(pattern)
      } else if let others = rest {
        rest = Filter(kind: .and(others, condition), range: filter.range)
      } else {
        rest = condition
      }
    }
    guard let first = patterns.first else { return }
    text += "/" + patterns.dropFirst().reduce(first) { "\($0) \($1) &" } + "/"
    guard text.utf8.count <= 255 else {
      throw Refusal(message: "the filter on 'ip' is too long", range: filter.range)
    }
  }

  /// What must all be true.
  private static func conditions(_ filter: Filter) -> [Filter] {
    guard case .and(let left, let right) = filter.kind else { return [filter] }
    return conditions(left) + conditions(right)
  }

  /// A condition on nothing but the function's name, in postfix order, or nil.
  private static func pattern(_ filter: Filter) throws(Refusal) -> String? {
    switch filter.kind {
    case .and(let left, let right): return try pair(left, right, "&")
    case .or(let left, let right): return try pair(left, right, "|")
    case .not(let inner): return try pattern(inner).map { $0 + " !" }
    case .invalid: return nil
    case .comparison(let field, let op, let value):
      guard field.text == "ip" || field.text == "parent_ip" else { return nil }
      guard case .string(let bytes, _) = value.kind else {
        throw Refusal(
          message: "'\(field.text)' is compared with the name of a function or a pattern",
          range: value.range)
      }
      guard field.text == "ip" else { return nil }
      let name = String(decoding: bytes, as: UTF8.self)
      guard !bytes.isEmpty, bytes.allSatisfy({ isIdentifierPart($0) || ".*?".utf8.contains($0) })
      else { throw Refusal(message: "'\(name)' is no name of a function", range: value.range) }
      return op == .notEqual ? name + " !" : name
    }
  }

  private static func pair(
    _ left: Filter, _ right: Filter, _ operation: String
  ) throws(Refusal) -> String? {
    // Both are looked at: each may have to be refused.
    let both = (try pattern(left), try pattern(right))
    guard let first = both.0, let second = both.1 else { return nil }
    return "\(first) \(second) \(operation)"
  }
}
