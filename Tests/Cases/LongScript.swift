// SPDX-License-Identifier: GPL-2.0-or-later

/// Scripts of any length for tests of what compiling costs.
public enum LongScript {
  /// A script of that many lines or a few more, as someone could have written it: functions that call each other, closures,
  /// tables, strings, loops, aggregates, handlers.
  public static func mixed(lines: Int) -> String {
    var text: [String] = ["limit memory 4M"]
    var part = 0
    while text.count < lines {
      text += chapter(part)
      part += 1
    }
    return text.joined(separator: "\n") + "\n"
  }

  private static func chapter(_ n: Int) -> [String] {
    var text = [
      "# Chapter \(n)",
      "function work_\(n)(a, b, c) {",
      "  local n = a * \(n + 1) + (b || 1)",
      "  local t = {first = n, second = \"s\(n)\", [\(n)] = true}",
      "  if (n > \(n) && c != nil) {",
      "    totals[\"part\(n)\"] += n",
      "  } else if (t.first == b) {",
      "    n = \(n == 0 ? "1" : "work_\(n - 1)(a - 1, b, c)") + t.first",
      "  }",
      "  for (k, v in pairs(t)) if (v == true) seen_\(n % 300) += 1",
      "  while (n > 1000) n /= 2",
      "  return n, n .. \":\" .. tostring(t.second)",
      "}",
      "local function make_\(n)(start) { return function (by) { start += by return start } }"
        .replacing(n % 4 == 0),
      "sizes[\(n)] <<< work_\(n)(\(n), 2, nil)",
      "printf(\"%d %5s chapter \(n)\\n\", work_\(n)(1, 2, 3), \"x\")".replacing(n % 2 == 0),
      "",
    ]
    if n % 8 == 7 {
      text += [
        "trace sched:sched_switch /prev_pid > \(n)/ {",
        "  by_cpu[cpu, args.next_comm] += work_\(n)(args.prev_pid, \(n)) == 3 ? 1 : 2",
        "  print(args.prev_pid, execname)",
        "}",
      ]
    }
    return text
  }

  /// One kind of line over and over: what some parts of a compiler would take too long for.
  public static let repeated: [(name: String, line: @Sendable (Int) -> String)] = [
    ("loops", { "for (i = 1, x) { y += i while (y > x) y -= \($0) }" }),
    ("branches", { "if (x == \($0)) { z = x } else { z = \"s\" }" }),
    ("arithmetic", { "y = y * \($0) + (y >> \($0 % 64)) - \($0)" }),
    ("chains of assignments", { "g\($0 % 900 + 1) = g\($0 % 900)" }),
    ("chains of assignments, backwards", { "g\($0 % 900) = g\(($0 + 1) % 900)" }),
    (
      "chains with every kind",
      { "g\($0 % 900 + 1) = g\($0 % 900) g\($0 % 900) = \(kinds[$0 % 5])" }
    ),
    ("chains of fields", { "t.c\($0 + 1) = t.c\($0)" }),
    ("chains of fields, backwards", { "t.c\($0) = t.c\($0 + 1)" }),
    ("chains of tables", { "s\($0 % 900 + 1) = s\($0 % 900)" }),
    ("chains of tables, backwards", { "s\($0 % 900) = s\(($0 + 1) % 900)" }),
    ("tables in tables", { "s\($0 % 900 + 1) = {inner = s\($0 % 900)}" }),
    (
      "entries that take each other",
      { "t[\($0)] = t[\($0 + 1)] t[\($0)] = {n = \($0 % 900)}".replacing($0 < 900) }
    ),
    (
      "functions kept in variables",
      { "v\($0 + 1) = function (a) { return v\($0)(a) }".replacing($0 < 900) }
    ),
    (
      "functions kept in a table",
      { "t.v\($0) = function (a) { return t.v\($0 + 1)(a) }".replacing($0 < 900) }
    ),
    (
      "closures",
      { "{ local c = x t.c = function () { c += \($0) return c } }".replacing($0 < 900) }
    ),
    ("several results", { "g\($0 % 900 + 1), z = many(g\($0 % 900))" }),
    ("unknown names", { "unknown_\($0)(\($0))" }),
    ("unused variables", { "{ local unused_\($0) = \($0) }" }),
    ("tables", { "t.k\($0 % 7) = {n = \($0 % 900)}".replacing($0 < 900) }),
    ("strings", { "z = \"text number \($0)\" .. x" }),
    ("functions", { "function f\($0)(a) { return f\($0 + 1)(a) }".replacing($0 < 900) }),
    ("functions, backwards", { "function h\($0 + 1)(a) { return h\($0)(a) }".replacing($0 < 900) }),
  ]

  /// Values of different kinds.
  private static let kinds = ["nil", "true", "7", "\"s\"", "{}"]

  /// So many lines of one kind, with what they need around them.
  public static func repeated(_ line: (Int) -> String, lines: Int) -> String {
    // The chains have an end at the first and behind the last line.
    let last = min(lines, 900)
    return
      "x = len(arg)\nlocal y = 1\nz = nil\nt = {}\ng0 = 5\ng\(last) = 5\ns0 = {n = 1}\ns\(last) = s0\n"
      + "v0 = nil\nfunction f\(last)(a) { return a }\nfunction h0(a) { return a }\n"
      + "function many(a) { return a, 1 }\n"
      + (0..<lines).map { line($0) + "\n" }.joined()
  }
}

extension String {
  /// The line, or another where it would be too much of one thing.
  fileprivate func replacing(_ isWanted: Bool) -> String { isWanted ? self : "z = 1" }
}
