// SPDX-License-Identifier: GPL-2.0-or-later
import Bytecode
import CKtap

extension FunctionGenerator {
  /// Evaluates into `dest`, which is written last of all: operands may read what it holds before.
  func evaluate(_ expression: Expr, into dest: Register) {
    // Registers that were not to be had have any mask: what would be made of them has no end.
    if code.isOverflown { return }
    let mark = mark()
    defer { release(to: mark) }
    if !code.mask(dest).isSuperset(of: expression.mask), !checksItself(expression) {
      let value = operand(expression)
      move(dest, value)
      return
    }
    switch expression.op {
    case .null: code.emit(KTAP_OP_LDNIL, a: dest)
    case .boolean(let value):
      typed(dest, .boolean) { code.emit(KTAP_OP_LDB, a: $0, imm: value ? 1 : 0) }
    case .integer(let value): typed(dest, .integer) { load(value, into: $0) }
    case .string(let text):
      typed(dest, .string) { code.emit(KTAP_OP_LDS, a: $0, imm: program.string(text)) }
    case .variable(let variable):
      if let function = plainFunction(in: variable) {
        typed(dest, .function) { load(function, into: $0) }
      } else if variable.isGlobal {
        code.emit(KTAP_OP_GETG, a: dest, imm: globalIndex(variable))
      } else if variable.captureKey != nil {
        get(variable, into: dest)
      } else {
        move(dest, register(of: variable))
      }
    case .index where expression.arrayElement != nil:
      if let element = expression.arrayElement {
        arrayElement(element, into: dest, expression.range)
      }
    case .index(let base, let keys): index(base, keys, into: dest, expression.range)
    case .member(let base, let name):
      if base.mask.contains(.event) {
        member(base, name, into: dest, expression)
      } else {
        let key = Expr(.string(Text(name.text)), name.range)
        key.mask = .string
        index(base, [key], into: dest, expression.range)
      }
    case .field(let event, let name): field(event, name, expression, into: dest)
    case .call, .invoke, .varargs: call(expression, .single(dest))
    case .method(let base, let asEvent, let invocation):
      evaluate(base.mask.contains(.event) ? asEvent : invocation, into: dest)
    case .pick(let source, let position): pick(position, of: source, into: dest)
    case .function(let function): typed(dest, .function) { load(function, into: $0) }
    case .environment(let scope): move(dest, table(of: scope))
    case .library(let function, let arguments): library(function, arguments, into: dest)
    case .length(let value): length(value, into: dest, expression.range)
    case .negate(let value):
      if value.mask == .integer {
        let source = operand(value)
        typed(dest, .integer) { code.emit(KTAP_OP_NEG, a: $0, b: source) }
      } else {
        let zero = temporary(.integer)
        load(0, into: zero)
        let source = operand(value)
        generic(.subtract, zero, source, into: dest, expression.range)
      }
    case .complement(let value):
      let source = addend(value)
      typed(dest, .integer) { code.emit(KTAP_OP_INV, a: $0, b: source) }
    case .not(let value): not(value, into: dest)
    case .arithmetic(let op, let left, let right):
      arithmetic(op, left, right, into: dest, expression.range)
    case .concatenate(let left, let right):
      let (first, second) = operands(left, right, scratch: dest)
      at(expression.range)
      typed(dest, .string) { code.emit(KTAP_OP_CONCAT, a: $0, b: first, c: second) }
    case .compare(let comparison, let left, let right):
      compare(comparison, left, right, into: dest, expression)
    case .match(let value, let glob):
      let text = operand(value)
      let pattern = temporary(.string)
      code.emit(KTAP_OP_LDS, a: pattern, imm: program.string(glob))
      typed(dest, .boolean) {
        code.emit(
          KTAP_OP_COMPARE, a: $0, b: text, c: pattern, imm: Int32(KTAP_COMPARISON_MATCH.rawValue))
      }
    case .and(let left, let right): choose(left, right, into: dest, rightWhen: true)
    case .or(let left, let right): choose(left, right, into: dest, rightWhen: false)
    case .conditional(let condition, let then, let otherwise):
      let other = code.label()
      let end = code.label()
      branch(condition, to: other, when: false)
      evaluate(then, into: dest)
      code.jump(KTAP_OP_JMP, to: end)
      code.place(other)
      evaluate(otherwise, into: dest)
      code.place(end)
    case .table(let entries, let site): construct(entries, site, into: dest)
    case .print, .printf, .histogram, .clear, .count: perform(expression)
    case .invalid: break
    }
  }

  /// Instructions that check the kind of what they load themselves.
  private func checksItself(_ expression: Expr) -> Bool {
    switch expression.op {
    case .index, .pick, .varargs: true
    case .variable(let variable): variable.captureKey != nil && plainFunction(in: variable) == nil
    default: false
    }
  }

  // MARK: - Tables, events, calls

  private func index(_ base: Expr, _ keys: [Expr], into dest: Register, _ range: SourceRange) {
    let source = table(base)
    let first = run(keys)
    at(range)
    code.emit(KTAP_OP_TGET, a: dest, b: source, c: first, imm: Int32(keys.count))
  }

  private func member(_ base: Expr, _ name: Name, into dest: Register, _ expression: Expr) {
    let event = operand(base, as: .event)
    switch name.text {
    case "name":
      code.emit(
        KTAP_OP_LIB, a: dest, b: event, c: 1, imm: Int32(KTAP_LIB_PROBENAME.rawValue))
    case let flagged where Builtins.isFlag(flagged):
      let flag = temporary(.integer)
      code.emit(
        KTAP_OP_EFIELD, a: flag, b: event, imm: program.field(flagged, .integer))
      let zero = temporary(.integer)
      load(0, into: zero)
      typed(dest, .boolean) { code.emit(KTAP_OP_NE, a: $0, b: flag, c: zero) }
    default:
      code.emit(
        KTAP_OP_EFIELD, a: dest, b: event, imm: reference(name.text, expression))
    }
  }

  private func field(_ base: Expr, _ name: String, _ expression: Expr, into dest: Register) {
    let event = operand(base, as: .event)
    code.emit(KTAP_OP_EFIELD, a: dest, b: event, imm: reference(name, expression))
  }

  private func reference(_ name: String, _ field: Expr) -> Int32 {
    let mayBeText = field.mask == [.integer, .string]
    return program.field(name, field.mask, isShown: field.isShown && mayBeText)
  }

  private func arrayElement(
    _ element: Expr.ArrayElement, into dest: Register, _ range: SourceRange
  ) {
    guard element.constant == nil else {
      let event = operand(element.event, as: .event)
      code.emit(
        KTAP_OP_EFIELD, a: dest, b: event, imm: program.field(element.fieldName, .integer))
      return
    }
    let event = operand(element.event, as: .event)
    let index = operand(element.index, as: .integer)
    at(range)
    typed(dest, .integer) {
      code.emit(
        KTAP_OP_EITEM, a: $0, b: event, c: index, imm: program.field(element.fieldName, .integer))
    }
  }

  func library(_ function: LibraryFunction, _ arguments: [Expr], into dest: Register?) {
    var arguments = arguments
    while arguments.count < function.argumentCount.lowerBound {
      let missing = Expr(.null, arguments.first?.range ?? unit.range)
      missing.mask = .nil
      arguments.append(missing)
    }
    let masks = arguments.indices.map { function.argument($0) }
    let first = run(arguments, masks: masks)
    if let range = arguments.first?.range { at(range) }
    code.emit(
      KTAP_OP_LIB, a: dest ?? 0, b: first, c: Register(arguments.count),
      imm: Int32(function.rawValue))
  }

  private func length(_ value: Expr, into dest: Register, _ range: SourceRange) {
    let source = operand(value)
    let mask = value.mask
    at(range)
    typed(dest, .integer) { result in
      let end = code.label()
      let isTable = code.label()
      let lookAtStrings = mask.contains(.string)
      if lookAtStrings {
        if mask.contains(.table) {
          code.jump(KTAP_OP_JKIND, a: source, wide: wide(.table), to: isTable)
        }
        let text = narrow(source, to: .string, error: KTAP_ERROR_KIND)
        code.emit(KTAP_OP_LIB, a: result, b: text, c: 1, imm: Int32(KTAP_LIB_STRLEN.rawValue))
        code.jump(KTAP_OP_JMP, to: end)
      }
      if mask.contains(.table) || !lookAtStrings {
        code.place(isTable)
        let table = narrow(source, to: .table, error: KTAP_ERROR_INDEX)
        code.emit(KTAP_OP_TLEN, a: result, b: table)
      }
      code.place(end)
    }
  }

  /// The register itself when its mask is right, else a checked copy.
  func narrow(_ source: Register, to mask: KindMask, error: ktap_error_code) -> Register {
    if code.mask(source) == mask { return source }
    let register = temporary(mask)
    move(register, source, error: error)
    return register
  }

  func wide(_ mask: KindMask) -> Int16 { Int16(bitPattern: mask.rawValue) }

  private func construct(
    _ entries: [(keys: [Expr], value: Expr)], _ site: TableSiteNode, into dest: Register
  ) {
    // A variable keeps its old value until the entries, which may use it, have been evaluated.
    let isFree = code.mask(dest) == .table && !variableRegisters.contains(dest)
    let table = isFree ? dest : temporary(.table)
    at(site.range)
    code.emit(KTAP_OP_TNEW, a: table, imm: program.site(site))
    for (index, entry) in entries.enumerated() {
      let mark = mark()
      let first = run(entry.keys)
      if index == entries.count - 1, !entry.value.isOne {
        call(entry.value, .list)
        code.emit(KTAP_OP_LTABLE, a: table, b: first)
        release(to: mark)
        continue
      }
      let value = operand(entry.value)
      at(entry.value.range)
      code.emit(KTAP_OP_TSET, a: table, b: value, c: first, imm: Int32(entry.keys.count))
      release(to: mark)
    }
    move(dest, table)
  }

  // MARK: - Logic

  private func not(_ value: Expr, into dest: Register) {
    let source = operand(value)
    if value.mask == .boolean {
      typed(dest, .boolean) { code.emit(KTAP_OP_NOT, a: $0, b: source) }
      return
    }
    let truth = temporary(.boolean)
    code.emit(KTAP_OP_TRUTH, a: truth, b: source)
    typed(dest, .boolean) { code.emit(KTAP_OP_NOT, a: $0, b: truth) }
  }

  private func compare(
    _ comparison: Comparison, _ left: Expr, _ right: Expr, into dest: Register, _ whole: Expr
  ) {
    if comparison == .equal || comparison == .notEqual, let tested = nullTest(left, right) {
      isNull(tested, equal: comparison == .equal, into: dest)
      return
    }
    let first = operand(left)
    let second = operand(right)
    at(whole.range)
    typed(dest, .boolean) { result in
      if left.mask == .integer, right.mask == .integer {
        switch comparison {
        case .equal: code.emit(KTAP_OP_EQ, a: result, b: first, c: second)
        case .notEqual: code.emit(KTAP_OP_NE, a: result, b: first, c: second)
        case .less: code.emit(KTAP_OP_LT, a: result, b: first, c: second)
        case .lessOrEqual: code.emit(KTAP_OP_LE, a: result, b: first, c: second)
        case .greater: code.emit(KTAP_OP_LT, a: result, b: second, c: first)
        case .greaterOrEqual: code.emit(KTAP_OP_LE, a: result, b: second, c: first)
        }
      } else if left.mask == .string, right.mask == .string, comparison == .equal {
        code.emit(KTAP_OP_EQS, a: result, b: first, c: second)
      } else {
        genericCompare(comparison, first, second, into: result)
      }
    }
  }

  /// The other operand when one is `nil` itself.
  func nullTest(_ left: Expr, _ right: Expr) -> Expr? {
    if case .null = right.op { return left }
    if case .null = left.op { return right }
    return nil
  }

  private func isNull(_ tested: Expr, equal: Bool, into dest: Register) {
    let source = operand(tested)
    typed(dest, .boolean) { result in
      guard code.mask(source).contains(.nil) else {
        code.emit(KTAP_OP_LDB, a: result, imm: equal ? 0 : 1)
        return
      }
      let end = code.label()
      code.emit(KTAP_OP_LDB, a: result, imm: equal ? 1 : 0)
      code.jump(KTAP_OP_JKIND, a: source, wide: wide(.nil), to: end)
      code.emit(KTAP_OP_LDB, a: result, imm: equal ? 0 : 1)
      code.place(end)
    }
  }

  func genericCompare(
    _ comparison: Comparison, _ left: Register, _ right: Register, into result: Register
  ) {
    func emit(_ which: ktap_comparison, _ b: Register, _ c: Register) {
      code.emit(KTAP_OP_COMPARE, a: result, b: b, c: c, imm: Int32(which.rawValue))
    }
    switch comparison {
    case .equal: emit(KTAP_COMPARISON_EQ, left, right)
    case .notEqual: emit(KTAP_COMPARISON_NE, left, right)
    case .less: emit(KTAP_COMPARISON_LT, left, right)
    case .lessOrEqual: emit(KTAP_COMPARISON_LE, left, right)
    case .greater: emit(KTAP_COMPARISON_LT, right, left)
    case .greaterOrEqual: emit(KTAP_COMPARISON_LE, right, left)
    }
  }

  /// `left && right` (right when left is true) and `left || right` (when it is false).
  private func choose(_ left: Expr, _ right: Expr, into dest: Register, rightWhen: Bool) {
    let other = code.label()
    let end = code.label()
    let first = operand(left)
    branch(register: first, to: other, when: rightWhen)
    let kept =
      rightWhen ? left.mask.intersection([.nil, .boolean]) : left.mask.subtracting(.nil)
    if !kept.isEmpty { move(dest, first) }
    code.jump(KTAP_OP_JMP, to: end)
    code.place(other)
    evaluate(right, into: dest)
    code.place(end)
  }
}

extension FunctionUnit {
  /// The result mask in the bundle; a function that never returns has nil.
  var declaredResult: KindMask {
    var mask = result
    if mask.isEmpty || filter != nil || body.completes { mask.insert(.nil) }
    return mask
  }
}
