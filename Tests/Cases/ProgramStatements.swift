// SPDX-License-Identifier: GPL-2.0-or-later

extension ProgramWriter {
  /// So many statements in a scope of their own.
  mutating func block(_ count: Int) -> String {
    scopes.append([])
    indent += 1
    defer {
      scopes.removeLast()
      indent -= 1
    }
    var text = ""
    for _ in 0..<count where budget > 0 { text += statement() }
    return text
  }

  private mutating func statement() -> String {
    budget -= 1
    switch random.below(indent > 3 ? 13 : 22) {
    case 0, 1: return declaration()
    case 2, 3: return assignment()
    case 4: return update()
    case 5: return several()
    case 6: return "print(\(printed()))\n"
    case 7: return entry()
    case 8: return "s_one <<< \(integer())\n"
    case 9: return "s_keys[\(key())] <<< \(integer())\n"
    case 10: return formatted()
    case 11: return leave()
    case 12: return "\(call())\n"
    case 13: return "if (\(condition())) {\n\(block(2))}\n"
    case 14: return "if (\(condition())) {\n\(block(1))} else {\n\(block(2))}\n"
    case 15: return counting()
    case 16: return overTable()
    case 17: return whileLoop()
    case 18: return closure()
    case 19: return "{\n\(block(3))}\n"
    case 20: return sorted()
    default: return clause()
    }
  }

  private mutating func declare(_ name: String, _ kind: Kind, isFree: Bool = true) {
    scopes[scopes.count - 1].append(Variable(name: name, kind: kind, isFree: isFree))
  }

  private mutating func declaration() -> String {
    let kind = random.pick(Kind.allCases)
    let name = fresh("l")
    let text =
      kind == .mixed
      ? "local \(name) = nil \(name) = \"\(name)\" \(name) = false \(name) = \(integer())\n"
      : "local \(name) = \(value(kind))\n"
    declare(name, kind)
    return text
  }

  private mutating func assignment() -> String {
    let kind = random.pick(Kind.allCases.filter { !variables($0, toAssign: true).isEmpty })
    return "\(name(kind, toAssign: true)) = \(value(kind))\n"
  }

  private mutating func update() -> String {
    switch random.below(6) {
    case 0: return "\(name(.integer, toAssign: true))\(random.pick(["++", "--"]))\n"
    case 1:
      let op = random.pick(["+=", "-=", "*=", "&=", "|=", "^=", "<<=", ">>="])
      return "\(name(.integer, toAssign: true)) \(op) \(integer())\n"
    case 2:
      let target = name(.string, toAssign: true)
      return "\(target) = substr(\(target) .. \(string()), 0, 24)\n"
    case 3: return "\(name(.counts))[\(key())] \(random.pick(["+=", "-="])) \(integer())\n"
    case 4: return "\(name(.integer, toAssign: true)) \(random.pick(["/=", "%="])) \(divisor())\n"
    default: return "\(name(.mixed, toAssign: true)) += 1\n"
    }
  }

  /// Several targets at once, of values or of the results of a call.
  private mutating func several() -> String {
    let targets = (0..<2 + random.below(2)).map { _ in name(.mixed, toAssign: true) }
    let list = targets.joined(separator: ", ")
    if let routine = routines.last, random.once(in: 2) {
      return "\(list) = \(routine.name)(\(random.below(4)), \(arguments(routine)))\n"
    }
    return "\(list) = \(integer()), \(string()), \(boolean())\n"
  }

  private mutating func entry() -> String {
    switch random.below(6) {
    case 0: return "\(name(.counts))[\(key())] = \(integer())\n"
    case 1: return "\(name(.counts))[\(key())] = nil\n"
    case 2: return "\(name(.values))[\(integerKey())] = \(value(.mixed))\n"
    case 3: return "\(name(.nested))[\(integerKey())] = \(value(.counts))\n"
    case 4: return "\(name(.nested))[\(random.pick(["1", "1", "2"]))][\(key())] = \(integer())\n"
    default:
      return random.once(in: 6) ? "delete(\(name(.counts)))\n" : "g_counts[\(key())]++\n"
    }
  }

  private mutating func printed() -> String {
    (0..<1 + random.below(3)).map { _ in value(random.pick([.integer, .string, .boolean, .mixed])) }
      .joined(separator: ", ")
  }

  private mutating func formatted() -> String {
    let width = random.pick(["", "5", "-8", "03"])
    return
      "printf(\"%\(width)d|%\(width.filter { $0 != "0" })s|%x\\n\", \(integer()), \(string()), \(integer()))\n"
  }

  /// Leaves a loop or a function, if there is one.
  private mutating func leave() -> String {
    if isInLoop, random.once(in: 2) {
      return "if (\(condition())) \(random.pick(["break", "continue"]))\n"
    }
    if isInFunction, let current { return "if (\(condition())) return \(results(current))\n" }
    return "g_integer ^= \(integer())\n"
  }

  /// A call whose results nobody wants.
  private mutating func call() -> String {
    guard let routine = routines.isEmpty ? nil : random.pick(routines) else {
      return "g_function(\(integer()))"
    }
    return "\(routine.name)(\(random.below(4)), \(arguments(routine)))"
  }

  private mutating func loop(_ body: (inout ProgramWriter) -> String) -> String {
    let outer = isInLoop
    isInLoop = true
    scopes.append([])
    defer {
      isInLoop = outer
      scopes.removeLast()
    }
    return body(&self)
  }

  private mutating func counting() -> String {
    let name = fresh("i")
    let bounds = random.pick(["1, 3", "3, 1, -1", "0, 6, 2", "5, 1", "-1, 1"])
    return loop { writer in
      writer.declare(name, .integer, isFree: false)
      return "for (\(name) = \(bounds)) {\n\(writer.block(3))}\n"
    }
  }

  private mutating func clause() -> String {
    let name = fresh("i")
    return loop { writer in
      writer.declare(name, .integer, isFree: false)
      return "for (\(name) = 0; \(name) < \(1 + writer.random.below(4)); \(name)++) {\n"
        + "\(writer.block(2))}\n"
    }
  }

  /// A loop over a table that its body does not make longer without end: it ends after some rounds.
  private mutating func overTable() -> String {
    let (k, v, n) = (fresh("k"), fresh("v"), fresh("n"))
    let kind = random.pick([Kind.counts, .values])
    let table = name(kind)
    return "local \(n) = 0\n"
      + loop { writer in
        writer.declare(v, kind == .counts ? .integer : .mixed)
        if kind == .values { writer.declare(k, .integer) }
        return "for (\(k), \(v) in pairs(\(table))) {\n\(n)++\nif (\(n) > 5) break\n"
          + "\(writer.block(2))}\n"
      }
  }

  private mutating func sorted() -> String {
    let (k, v) = (fresh("k"), fresh("v"))
    let order = random.pick([
      "", ", function (k1, k2, v1, v2) { return v1 < v2 }",
      ", function (k1, k2, v1, v2) { return v1 > v2 || v1 == v2 && tostring(k1) < tostring(k2) }",
    ])
    guard !isInFunction else { return "print(len(\(name(.counts))))\n" }
    return loop { writer in
      writer.declare(v, .integer)
      return "for (\(k), \(v) in sort_pairs(\(writer.name(.counts))\(order))) {\n"
        + "print(\(k), \(v))\n\(writer.block(1))}\n"
    }
  }

  private mutating func whileLoop() -> String {
    let name = fresh("w")
    let most = 1 + random.below(4)
    return "local \(name) = 0\n"
      + loop { writer in
        if writer.random.once(in: 2) {
          return "while (\(name) < \(most) && \(writer.condition())) {\n\(name)++\n"
            + "\(writer.block(2))}\n"
        }
        return "repeat {\n\(name)++\n\(writer.block(2))} until (\(name) >= \(most))\n"
      }
  }

  /// A function within the code, which reads and changes what is around it.
  private mutating func closure() -> String {
    let name = fresh("c")
    let outer = (isInLoop, isInFunction, current)
    (isInLoop, isInFunction, current) = (false, true, nil)
    let parameter = fresh("q")
    scopes.append([Variable(name: parameter, kind: .integer)])
    let body = block(2) + "return \(integer())\n"
    scopes.removeLast()
    (isInLoop, isInFunction, current) = outer
    declare(name, .function)
    let use = "print(\(name)(1), \(name)(\(integer())))\n"
    if random.once(in: 3) { return "local function \(name)(\(parameter)) {\n\(body)}\n\(use)" }
    return "local \(name) = function (\(parameter)) {\n\(body)}\n\(use)"
  }
}
