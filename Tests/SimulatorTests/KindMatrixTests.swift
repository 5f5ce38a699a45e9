// SPDX-License-Identifier: GPL-2.0-or-later
import Language
import Testing

/// Every operator with every kind of operand: where the program would certainly fail there is an error at compile time, and
/// nowhere else. What the program does is found out by the same operation on values that the compiler cannot know.
@Suite struct KindMatrixTests {
  /// Values of each kind that a script can make anywhere, under the keys by which the other script finds them.
  static let values = ["nil", "true", "5", "\"s\"", "{}", "f"]

  static let binary = [
    "+", "-", "*", "/", "%", "&", "|", "^", "<<", ">>", "..", "<", "<=", ">", ">=", "==", "!=",
    "&&", "||",
  ]
  static let updates = ["+=", "-=", "*=", "/=", "%=", "&=", "|=", "^=", "<<=", ">>=", "..="]

  /// What can be done with one value, `a`.
  static let unary = [
    "print(-a)", "print(~a)", "print(!a)", "print(a ? 1 : 2)", "if (a) print(1)", "a++", "a--",
    "a()", "a(1, 2)", "print(a[1])", "print(a.k)", "print(a[1, 2])", "a[1] = 2", "a.k = 2",
    "a[1] += 2", "a[1]++", "u[a] = 1", "print(u[a])", "u[a] += 1", "u[1, a] = 1", "u = {[a] = 1}",
    "w[1] <<< a", "for (i = a, 2) print(i)", "for (i = 1, a) print(i)",
    "for (i = 6, 1, a) { print(i) break }", "for (k, v in pairs(a)) print(k)",
    "for (k, v in sort_pairs(a)) print(k)", "for (k, v in sort_pairs({}, a)) print(k)",
    "while (a) { print(1) break }", "repeat { print(1) break } until (a)", "print(len(a))",
    "delete(a)", "print_hist(a)", "print_hist({}, a)", "table_count(a, 1)", "table_count(u, a)",
    "table_count(u, 1, a)", "print(substr(a, 0, 1))",
    "print(substr(\"s\", a, 1))", "print(substr(\"s\", 0, a))", "print(find(a, \"s\"))",
    "print(find(\"s\", a))", "print(contains(a, \"s\"))", "print(contains(\"s\", a))",
    "print(tonumber(a))", "print(errname(a))", "print(ip4(a))", "exit(a)", "print(arg[a])",
    "print(strftime(a, 0))", "print(strftime(\"%S\", a))",
  ]

  private static let head = "function f(x) { return 1 }\nlocal u = {}\n"

  /// The script with the operands as literals, and the one that gets them from a table.
  private static func scripts(
    _ operation: String, _ kinds: [Int], isGlobal: Bool = false
  ) -> (certain: String, open: String) {
    let names = ["a", "b"].prefix(kinds.count)
    let local = isGlobal ? "" : "local "
    let literals = zip(names, kinds).map { "\(local)\($0) = \(values[$1])\n" }.joined()
    let list = values.enumerated().map { "[\($0)] = \($1)" }.joined(separator: ", ")
    let picked = zip(names, kinds).map { "\(local)\($0) = all[\($1)]\n" }.joined()
    return (
      "\(head)\(literals)\(operation)\n",
      "\(head)local all = {\(list.replacing("[0] = nil, ", with: ""))}\n\(picked)\(operation)\n"
    )
  }

  /// How the two go together; nil: as they must.
  private static func disagreement(
    _ operation: String, _ kinds: [Int], isGlobal: Bool = false
  ) throws -> String? {
    let (certain, open) = scripts(operation, kinds, isGlobal: isGlobal)
    let what = "\(operation) of \(kinds.map { values[$0] })"
    let dynamic = try ending(of: open)
    guard case .ran(_, let error) = dynamic else { return "\(what): not open: \(dynamic)" }
    let fixed = try ending(of: certain)
    switch (fixed, error) {
    case (.refused, .some): return nil
    case (.refused(let messages), nil): return "\(what) would run: \(messages)"
    case (.ran, .some(let error)): return "\(what) is not refused: \(error)"
    case (.ran(let output, _), nil):
      return dynamic == fixed ? nil : "\(what): \(output) is not \(dynamic)"
    }
  }

  @Test(arguments: binary) func binaryOperators(_ sign: String) throws {
    var wrong: [String] = []
    var refused = 0
    for left in Self.values.indices {
      for right in Self.values.indices {
        let operation = "print(a \(sign) b)"
        // The text of tables and functions is theirs.
        if ["&&", "||"].contains(sign), left > 3 || right > 3 { continue }
        // Of two tables the other script has the same twice.
        if ["==", "!="].contains(sign), left == 4, right == 4 { continue }
        wrong += try Self.disagreement(operation, [left, right]).map { [$0] } ?? []
        if case .refused = try ending(of: Self.scripts(operation, [left, right]).certain) {
          refused += 1
        }
      }
    }
    #expect(wrong.isEmpty, "\(wrong.joined(separator: "\n"))")
    switch sign {
    case "==", "!=", "&&", "||": #expect(refused == 0)
    case "<", "<=", ">", ">=": #expect(refused == 34)  // two integers, two strings
    case "..": #expect(refused == 32)
    default: #expect(refused == 35)
    }
  }

  @Test(arguments: updates, [true, false]) func compoundAssignments(
    _ sign: String, _ isGlobal: Bool
  ) throws {
    var wrong: [String] = []
    for left in Self.values.indices {
      for right in Self.values.indices {
        wrong +=
          try Self.disagreement("a \(sign) b\nprint(a)", [left, right], isGlobal: isGlobal)
          .map { [$0] } ?? []
      }
    }
    #expect(wrong.isEmpty, "\(wrong.joined(separator: "\n"))")
  }

  /// Entries may be missing, so that less is certain: what runs is never refused, what fails always fails.
  @Test(arguments: updates) func compoundAssignmentsOfEntries(_ sign: String) throws {
    for left in Self.values.indices {
      for right in Self.values.indices {
        let (certain, open) = Self.scripts("t = {k = a}\nt.k \(sign) b\nprint(t.k)", [left, right])
        let (fixed, dynamic) = (try ending(of: certain), try ending(of: open))
        if dynamic.isFine {
          #expect(fixed == dynamic, "\(sign) of \(Self.values[left]) and \(Self.values[right])")
        } else {
          #expect(!fixed.isFine, "\(sign) of \(Self.values[left]) and \(Self.values[right])")
        }
      }
    }
  }

  @Test(arguments: unary) func uses(_ operation: String) throws {
    let wrong = try Self.values.indices.compactMap { try Self.disagreement(operation, [$0]) }
    #expect(wrong.isEmpty, "\(wrong.joined(separator: "\n"))")
  }

  /// The values of conversions are shown whatever they are, so that it is the compiler's to say what is meant otherwise.
  @Test(arguments: ["%d", "%i", "%u", "%x", "%X", "%o", "%c", "%p", "%08lx", "%s"])
  func conversions(_ conversion: String) throws {
    for (kind, value) in Self.values.enumerated() {
      let (certain, open) = Self.scripts("printf(\"\(conversion)\\n\", a)", [kind])
      #expect(try ending(of: open).isFine, "\(value)")
      let takesIt = value == "5" || conversion == "%s"
      #expect(try ending(of: certain).isFine == takesIt, "\(value)")
    }
  }

  /// Events, aggregates and stacks are no operands at all, and are refused wherever they stand.
  @Test(arguments: ["e", "s", "stack()"]) func otherKinds(_ value: String) {
    for sign in Self.binary where !["==", "!=", "&&", "||"].contains(sign) {
      for operation in ["print(\(value) \(sign) 5)", "print(5 \(sign) \(value))"] {
        #expect(refuses(operation), "\(operation)")
      }
    }
    for sign in Self.updates {
      #expect(refuses("local a = 5 a \(sign) \(value) print(a)"), "\(sign)")
    }
    for operation in [
      "print(-\(value))", "print(~\(value))", "print(\(value)[1])", "\(value)()",
      "w[1] <<< \(value)", "for (i = 1, \(value)) print(i)",
      "for (k, v in pairs(\(value))) print(k)", "printf(\"%d\", \(value))", "exit(\(value))",
    ] {
      #expect(refuses(operation), "\(operation)")
    }
  }

  private func refuses(_ operation: String) -> Bool {
    let script = "s <<< 1\ntrace sched:sched_switch function (e) { \(operation) }\n"
    return compile(SourceText(name: "test.kp", text: script)).program == nil
  }
}
