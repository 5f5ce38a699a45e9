// SPDX-License-Identifier: GPL-2.0-or-later

/// Writes valid scripts that do much and mean nothing: functions of all forms, closures, several results, tables, aggregates,
/// loops. They end, mostly well, sometimes with a run-time error; what they print at the end shows all that
/// they computed. A seed always gives the same script.
public struct ProgramWriter {
  /// What a variable holds; it holds nothing else.
  enum Kind: CaseIterable {
    case integer, string, boolean
    /// Any of the three, or nil.
    case mixed
    /// Integers by integers and strings.
    case counts
    /// Values of any kind by integers.
    case values
    /// Tables of counts by integers.
    case nested
    /// A function of one integer with an integer as its result.
    case function
  }

  struct Variable {
    var name: String
    var kind: Kind
    /// Whether the script may assign it: not the counter of a loop.
    var isFree = true
  }

  /// A function that stands at the top level; calls take the form that `form` asks for.
  struct Routine {
    var name: String
    var parameters: Int
    var results: Int
    var isVariadic: Bool
  }

  var random: Seeded
  /// From the outermost scope to the innermost.
  var scopes: [[Variable]] = [[]]
  var routines: [Routine] = []
  /// The routine being written; none, or nil in a closure's body.
  var current: Routine?
  var names = 0
  var indent = 0
  var isInLoop = false
  var isInFunction = false
  /// How many statements may still be written: scripts stay short.
  var budget = 0
  /// Statements of the top-level code.
  let length: Int
  /// How deep expressions are at present.
  var height = 0

  public init(seed: UInt64) {
    random = Seeded(state: seed)
    length = 6 + (random.once(in: 6) ? random.below(60) : random.below(12))
  }

  /// The whole script.
  public mutating func script() -> String {
    var text = "limit memory 256K\n"
    text += globals()
    for _ in 0..<random.below(4) {
      budget = 6
      text += routine()
    }
    budget = length
    text += block(4 + random.below(8))
    if random.once(in: 4) { text += timer() }
    text += "trace_end {\n" + dump() + "}\n"
    return text
  }

  // MARK: - The frame

  /// Globals of every kind, made so that the compiler cannot know more of them than their kind.
  private mutating func globals() -> String {
    var text = "g_mixed = nil g_mixed = true g_mixed = \"m\" g_mixed = 5\n"
    text += "g_integer = len(arg)\ng_string = \"g\" .. len(arg)\ng_boolean = len(arg) > 0\n"
    text += "g_counts = {\(random.below(9)), \(random.below(9)); a = 1, b = 2}\n"
    text += "g_values = {1, \"two\", true}\n"
    text += "g_nested = {{1, 2}, {x = 3}}\n"
    text += "function g_function(n) { return n + g_integer }\n"
    for kind in Kind.allCases where kind != .function {
      scopes[0].append(Variable(name: "g_\(kind)", kind: kind))
    }
    scopes[0].append(Variable(name: "g_function", kind: .function, isFree: false))
    text += "s_one <<< 1\ns_keys[1] <<< 2\n"
    return text
  }

  /// Shows all globals and aggregates.
  private mutating func dump() -> String {
    """
    print(g_integer, g_string, g_boolean, g_mixed, g_function(1))
    for (k, v in pairs(g_counts)) print("counts", k, v)
    for (k, v in pairs(g_values)) print("values", k, v)
    for (k, t in pairs(g_nested)) for (i, v in pairs(t)) print("nested", k, i, v)
    print(count(s_one), sum(s_one), min(s_one), max(s_one), avg(s_one))
    for (k, s in sort_pairs(s_keys)) print("keys", k, count(s), sum(s), min(s), max(s))

    """
  }

  private mutating func timer() -> String {
    let ticks = 1 + random.below(3)
    scopes.append([])
    defer { scopes.removeLast() }
    return "ticks = 0\ntick-1s {\nticks++\n" + block(3)
      + "if (ticks >= \(ticks)) exit(\(random.below(4)))\n}\n"
  }

  /// A function of the top level, which may call those before it and, by a counter, itself.
  private mutating func routine() -> String {
    let made = Routine(
      name: "f\(routines.count)", parameters: 1 + random.below(3), results: 1 + random.below(3),
      isVariadic: random.once(in: 3))
    let parameters = (0..<made.parameters).map { "p\($0)" }
    var list = ["depth"] + parameters
    if made.isVariadic { list.append("...") }
    var text = "function \(made.name)(\(list.joined(separator: ", "))) {\n"
    scopes.append(parameters.map { Variable(name: $0, kind: .integer) })
    (isInFunction, current) = (true, made)
    text += "if (depth <= 0) return \(results(made))\n"
    if made.isVariadic {
      text +=
        "local v0, v1 = ...\nif (v0 == nil) v0 = 1\nif (v1 == nil) v1 = 2\nlocal v_count = len({...})\n"
      scopes[scopes.count - 1] += [
        Variable(name: "v0", kind: .mixed), Variable(name: "v1", kind: .mixed),
        Variable(name: "v_count", kind: .integer),
      ]
    }
    text += block(2 + random.below(4))
    let isTail = random.once(in: 3)
    text += "return \(isTail ? "\(made.name)(depth - 1, \(arguments(made)))" : results(made))\n}\n"
    (isInFunction, current) = (false, nil)
    scopes.removeLast()
    routines.append(made)
    return text
  }

  /// What a routine returns: as many integers as it has results.
  mutating func results(_ routine: Routine) -> String {
    (0..<routine.results).map { _ in integer() }.joined(separator: ", ")
  }

  /// The arguments of a routine behind `depth`.
  mutating func arguments(_ routine: Routine) -> String {
    let count = routine.parameters + (routine.isVariadic ? random.below(3) : 0)
    return (0..<count).map { _ in integer() }.joined(separator: ", ")
  }

  // MARK: - Names

  mutating func fresh(_ prefix: String) -> String {
    names += 1
    return "\(prefix)\(names)"
  }

  func variables(_ kind: Kind, toAssign: Bool = false) -> [String] {
    scopes.joined().filter { $0.kind == kind && ($0.isFree || !toAssign) }.map(\.name)
  }

  /// A name of that kind; globals of each kind are always there.
  mutating func name(_ kind: Kind, toAssign: Bool = false) -> String {
    let all = variables(kind, toAssign: toAssign)
    // Rather something near than something far.
    return random.once(in: 2) ? random.pick(Array(all.suffix(3))) : random.pick(all)
  }
}
