// SPDX-License-Identifier: GPL-2.0-or-later

extension ProgramWriter {
  /// An expression of that kind.
  mutating func value(_ kind: Kind) -> String {
    switch kind {
    case .integer: integer()
    case .string: string()
    case .boolean: boolean()
    case .mixed: mixed()
    case .counts: table(.counts)
    case .values: table(.values)
    case .nested: table(.nested)
    case .function: function()
    }
  }

  /// Whether to write something short: deep expressions end.
  private mutating func isShort() -> Bool { height > 3 || random.once(in: 3) }

  private mutating func deeper(_ body: (inout ProgramWriter) -> String) -> String {
    height += 1
    defer { height -= 1 }
    return body(&self)
  }

  mutating func integer() -> String {
    if isShort() {
      return random.once(in: 2)
        ? name(.integer)
        : random.pick([
          "0", "1", "2", "7", "-3", "63", "100", "32767", "32768", "-32769", "2147483648",
          "0x7fffffffffffffff", "0xffffffffffffffff", "10ms",
        ])
    }
    return deeper { $0.longInteger() }
  }

  private mutating func longInteger() -> String {
    switch random.below(16) {
    case 0...3:
      let op = random.pick(["+", "-", "*", "&", "|", "^", "<<", ">>"])
      return "(\(integer()) \(op) \(integer()))"
    case 4: return "(\(integer()) \(random.pick(["/", "%"])) \(divisor()))"
    case 5: return "\(random.pick(["- ", "~"]))\(integer())"
    case 6: return "(\(condition()) ? \(integer()) : \(integer()))"
    case 7: return "len(\(string()))"
    case 8: return "len(\(name(.counts)))"
    case 9: return "\(name(.function))(\(integer()))"
    case 10:
      guard !routines.isEmpty else { return integer() }
      let routine = random.pick(routines)
      return "(\(routine.name)(\(random.below(3)), \(arguments(routine))))"
    case 11: return "(\(name(.counts))[\(key())] || \(integer()))"
    case 12: return "\(random.pick(["count", "sum"]))(s_keys[\(key())])"
    case 13: return "(find(\(string()), \"\(random.pick(["a", "1", "g"]))\") || \(integer()))"
    case 14: return "(tonumber(\(string())) || \(integer()))"
    default:
      // What may not be an integer: an error when it runs.
      return random.once(in: 8) ? "(\(name(.mixed)) + \(integer()))" : integer()
    }
  }

  /// Mostly not 0.
  mutating func divisor() -> String {
    random.once(in: 6) ? integer() : random.pick(["1", "2", "-1", "3", "10", "-7", "1000"])
  }

  mutating func string() -> String {
    if isShort() {
      return random.once(in: 2)
        ? name(.string) : random.pick(["\"\"", "\"a\"", "\"x1\"", "\"\\0\\xff\"", "\"12\""])
    }
    return deeper { writer in
      switch writer.random.below(6) {
      case 0: "substr(\(writer.string()) .. \(writer.string()), 0, 24)"
      case 1: "tostring(\(writer.mixed()))"
      case 2:
        "substr(\(writer.string()), \(writer.random.below(4)), \(writer.random.below(6)))"
      case 3: "(\(writer.condition()) ? \(writer.string()) : \(writer.string()))"
      case 4: "(\(writer.name(.string)) .. \(writer.random.below(99)))"
      default: writer.string()
      }
    }
  }

  mutating func boolean() -> String {
    if isShort() {
      return random.once(in: 2) ? name(.boolean) : random.pick(["true", "false"])
    }
    return deeper { writer in
      switch writer.random.below(9) {
      case 0, 1:
        let op = writer.random.pick(["<", "<=", ">", ">=", "==", "!="])
        return "(\(writer.integer()) \(op) \(writer.integer()))"
      case 2:
        let op = writer.random.pick(["<", ">=", "==", "!="])
        return "(\(writer.string()) \(op) \(writer.string()))"
      case 3: return "!\(writer.boolean())"
      case 4: return "(\(writer.boolean()) && \(writer.boolean()))"
      case 5: return "(\(writer.boolean()) || \(writer.boolean()))"
      case 6: return "(\(writer.mixed()) \(writer.random.pick(["==", "!="])) \(writer.mixed()))"
      case 7: return "contains(\(writer.string()), \(writer.string()))"
      default: return "(\(writer.name(.counts))[\(writer.key())] == nil)"
      }
    }
  }

  /// What a condition may be: also values that are true but for nil and false.
  mutating func condition() -> String {
    random.once(in: 5) ? name(.mixed) : boolean()
  }

  mutating func mixed() -> String {
    switch random.below(9) {
    case 0: "nil"
    case 1, 2: name(.mixed)
    case 3: integer()
    case 4: string()
    case 5: boolean()
    case 6: "\(name(.values))[\(integerKey())]"
    case 7: "\(name(.counts))[\(key())]"
    default: "(\(name(.mixed)) \(random.pick(["&&", "||"])) \(integer()))"
    }
  }

  mutating func key() -> String {
    random.once(in: 2) ? integerKey() : random.pick(["\"a\"", "\"b\"", "\"key\"", name(.string)])
  }

  mutating func integerKey() -> String {
    random.pick(["1", "2", "3", "-1", "\(name(.integer)) & 7", "0xffffffffffffffff"])
  }

  private mutating func table(_ kind: Kind) -> String {
    if random.once(in: 3) { return name(kind) }
    switch kind {
    case .counts: return "{\(integer()), \(integer()); a = \(integer()), [\(key())] = \(integer())}"
    case .values: return "{\(integer()), \(string()), \(boolean()), \(mixed())}"
    default: return "{\(name(.counts)), {\(integer()), [\(key())] = \(integer())}}"
    }
  }

  private mutating func function() -> String {
    if random.once(in: 2) { return name(.function) }
    let captured = name(.integer)
    return random.pick([
      "function (a) { return a * 2 }", "function (a) { return a + \(captured) }",
      "function (a) { g_integer += 1 return g_integer - a }",
    ])
  }
}
