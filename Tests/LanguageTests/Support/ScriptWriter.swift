// SPDX-License-Identifier: GPL-2.0-or-later

/// Writes scripts that are correct in form and mean nothing. Kinds are mixed freely, so that many
/// are refused; those that are not must verify.
struct ScriptWriter {
  private var random: Seeded
  private var depth = 0
  private var inLoop = false
  private var inFunction = false

  init(seed: UInt64) { random = Seeded(state: seed) }

  mutating func script() -> String {
    var text = "limit fuel 2000\n"
    let isMixed = random.below(8) != 0
    if isMixed { text += "g = nil\nh = true\ng = 5\nh = 6\ng = \"g\"\n" }
    text +=
      "local x = 1\nlocal y = \"y\"\nt = {1, 2; k = \(atom())}\ng = \(number())\nh = \(atom())\n"
    text += "function f(x, y) {\n"
    inFunction = true
    text += block(3) + "return \(expression())\n}\n"
    text += "function r(x, y) { if (y == nil) { return x }\n" + block(2) + "}\n"
    inFunction = false
    text += "x = \(expression())\ny = \(atom())\n"
    if isMixed {
      text +=
        "f(1, nil)\nf(\"a\", 2)\nx = nil\nx = 4\nx = \"x\"\ny = 1\ny = false\ny = \"y\"\ny = 3\n"
    }
    text += block(5)
    if random.below(2) == 0 {
      text += "trace sched:sched_switch function (e) {\n"
      text +=
        "local x = \(expression())\nlocal y = \(random.pick(["e.prev_pid", "e.next_comm", "e.name", "1"]))\n"
      text += block(3) + "print(e, x, y)\n}\n"
    }
    if random.below(2) == 0 { text += "trace_end {\nlocal x = g\nlocal y = h\n" + block(2) + "}\n" }
    return text
  }

  private mutating func block(_ count: Int) -> String {
    (0..<count).map { _ in statement() }.joined()
  }

  private mutating func statement() -> String {
    depth += 1
    defer { depth -= 1 }
    let limit = depth > 3 ? 9 : 17
    switch random.below(limit) {
    case 0: return "x = \(expression())\n"
    case 1: return "y = \(expression())\n"
    case 2: return "\(random.pick(["g", "h"])) = \(expression())\n"
    case 3:
      return
        "\(random.pick(["g", "h", "x"])) \(random.pick(["+=", "-=", "*=", "..="])) \(random.pick(["1", "x", "g"]))\n"
    case 4: return "t[\(key())] = \(expression())\n"
    case 5:
      return
        "t[\(key())] \(random.pick(["+=", "-=", "|=", "..="])) \(random.pick(["1", "x", "g"]))\n"
    case 6: return "print(\(expression()), \(expression()))\n"
    case 7:
      if inLoop {
        return random.pick(["break\n", "continue\n", "if (\(expression())) { break }\n"])
      }
      return "print(\(expression()))\n"
    case 8:
      return inFunction ? "if (\(expression())) { return \(atom()) }\n" : "x, y = y, x\n"
    case 9: return "if (\(expression())) {\n\(block(2))}\n"
    case 10: return "if (\(expression())) {\n\(block(1))} else {\n\(block(2))}\n"
    case 11: return loop { writer in "for (i = 1, 3) {\n\(writer.block(2))}\n" }
    case 12: return loop { writer in "for (k, v in pairs(t)) {\nx = k\n\(writer.block(1))}\n" }
    case 13:
      return loop { writer in
        "local n = 0\nwhile (n < 3 && \(writer.expression())) {\nn += 1\n\(writer.block(2))}\n"
      }
    case 14: return "{\nlocal x = \(expression())\n\(block(2))}\n"
    case 15:
      return loop { writer in "local m = 0\nrepeat {\nm += 1\n\(writer.block(1))} until (m > 2)\n" }
    default: return "x, t[1] = \(expression()), \(expression())\n"
    }
  }

  private mutating func loop(_ body: (inout ScriptWriter) -> String) -> String {
    let outer = inLoop
    inLoop = true
    defer { inLoop = outer }
    return body(&self)
  }

  private mutating func atom() -> String {
    random.pick([
      "x", "y", "g", "h", "1", "2", "-5", "70000", "\"s\"", "\"t\"", "nil", "true", "false", "x",
      "y", "execname", "pid",
    ])
  }

  /// Something that may be an integer: what it never is would be refused at once.
  private mutating func number() -> String {
    depth += 1
    defer { depth -= 1 }
    let simple = random.pick(["x", "y", "g", "h", "t[1]", "t.k", "7", "-1", "100000", "pid"])
    if depth > 5 { return simple }
    switch random.below(6) {
    case 0: return "(\(number()) \(random.pick(["+", "-", "*", "/", "&", "<<"])) \(number()))"
    case 1: return "(\(expression()) ? \(number()) : \(number()))"
    case 2: return "f(\(atom()), \(expression()))"
    default: return simple
    }
  }

  /// Something that may be a string or an integer.
  private mutating func text() -> String {
    random.pick(["x", "y", "g", "t[\(key())]", "\"s\"", "12", "execname"])
  }

  private mutating func key() -> String {
    random.pick(["1", "2", "\"k\"", "x", "h", "true", "pid"])
  }

  private mutating func expression() -> String {
    depth += 1
    defer { depth -= 1 }
    if depth > 4 { return atom() }
    switch random.below(18) {
    case 0, 1: return "(\(number()) \(random.pick(["+", "-", "*", "&", "<<"])) \(number()))"
    case 2: return "(\(expression()) \(random.pick(["==", "!=", "=="])) \(expression()))"
    case 3: return "(\(number()) \(random.pick(["<", "<=", ">", ">="])) \(number()))"
    case 4: return "(\(expression()) && \(expression()))"
    case 5: return "(\(expression()) || \(expression()))"
    case 6: return "!\(expression())"
    case 7: return "(\(expression()) ? \(expression()) : \(expression()))"
    case 8: return "(\(text()) .. \(text()))"
    case 9: return "t[\(key())]"
    case 10: return "f(\(atom()), \(expression()))"
    case 11: return "r(\(atom()))"
    case 12:
      return random.pick(["len(t)", "len(x .. 1)", "tostring(\(atom()))", "find(\"abc\", \"c\")"])
    case 13: return "{\(atom()), k = \(atom())}"
    case 14: return "(\(expression()) == nil)"
    default: return atom()
    }
  }
}
