// SPDX-License-Identifier: GPL-2.0-or-later
import Bytecode
import CKtap

extension FunctionGenerator {
  /// The statements of one block, with a scope of their own.
  func generate(_ statements: [Stmt]) {
    withScope { for statement in statements { generate(statement) } }
  }

  func generate(_ statement: Stmt) {
    let mark = mark()
    defer { release(to: mark) }
    at(statement.range)
    switch statement.op {
    case .evaluate(let expression): perform(expression)
    case .assign(let target, let value): assign(target, value)
    case .assignMany(let targets, let values): assignMany(targets, values, statement.range)
    case .update(let target, let update, let value):
      self.update(target, update, value, statement.range)
    case .aggregate(let table, let keys, let value):
      aggregate(table, keys, value, statement.range)
    case .block(let body): generate(body)
    case .branch(let clauses, let otherwise): conditional(clauses, otherwise)
    case .loop(let condition, let body):
      loop(condition: condition, body: body, step: nil)
    case .repeatUntil(let body, let until): repeatUntil(body, until)
    case .forRange(let variable, let first, let last, let step, let body):
      forRange(variable, first, last, step, body, statement.range)
    case .forClause(let initial, let condition, let step, let body, let scope):
      withScope {
        if let scope { enter(scope) }
        if let initial { generate(initial) }
        loop(condition: condition, body: body, step: step, scope: scope)
      }
    case .forEach(let variables, let table, let body):
      forEach(variables, table, body, statement.range)
    case .leave: if let loop = loops.last { code.jump(KTAP_OP_JMP, to: loop.leave) }
    case .next: if let loop = loops.last { code.jump(KTAP_OP_JMP, to: loop.next) }
    case .result(let values): returnValues(values)
    case .enter(let scope): enter(scope)
    }
  }

  /// An expression for its effect.
  func perform(_ expression: Expr) {
    let mark = mark()
    defer { release(to: mark) }
    switch expression.op {
    case .print(let values): print(values, expression.range)
    case .printf(let format, let values):
      let first = run(values)
      at(expression.range)
      emit(
        values, first,
        OutputFormat(
          kind: .printf, valueCount: UInt32(values.count), text: format.text))
    case .histogram(let table, _) where !table.mask.contains(.table):
      showHistogram(of: table, expression.range)
    case .histogram(let table, let rows):
      let first = run([table, rows], masks: [.table, .integer])
      at(expression.range)
      code.emit(KTAP_OP_LIB, b: first, c: 2, imm: Int32(KTAP_LIB_PRINT_HIST.rawValue))
    case .clear(let value):
      let register = table(value)
      at(expression.range)
      code.emit(KTAP_OP_TCLEAR, a: register)
    case .count(let base, let keys, let by):
      let register = table(base)
      let first = run(keys)
      let value = addend(by)
      at(expression.range)
      code.emit(KTAP_OP_TADD, a: register, b: value, c: first, imm: Int32(keys.count))
    case .library(let function, let arguments) where function.result.isEmpty:
      library(function, arguments, into: nil)
    case .invalid: break
    default: _ = operand(expression)
    }
  }

  private func print(_ values: [Expr], _ range: SourceRange) {
    if let last = values.last, !last.isOne, values.count > 1 || !last.isSingle || !isTable(last) {
      list(values)
      at(range)
      code.emit(
        KTAP_OP_LEMIT, imm: program.format(OutputFormat(kind: .printList, valueCount: 0)))
      return
    }
    let format = OutputFormat(kind: .print, valueCount: UInt32(values.count))
    guard values.count == 1, values[0].mask.contains(.table), !unit.runsInEvent else {
      let first = run(values)
      at(range)
      emit(values, first, format)
      return
    }
    let value = operand(values[0])
    at(range)
    let mask = code.mask(value)
    let isTable = code.label()
    let end = code.label()
    if mask != .table {
      code.jump(KTAP_OP_JKIND, a: value, wide: wide(.table), to: isTable)
      emit(values, value, format)
      code.jump(KTAP_OP_JMP, to: end)
    }
    code.place(isTable)
    let table = narrow(value, to: .table, error: KTAP_ERROR_KIND)
    code.emit(KTAP_OP_LIB, b: table, c: 1, imm: Int32(KTAP_LIB_PRINT_TABLE.rawValue))
    code.place(end)
  }

  private func isTable(_ expression: Expr) -> Bool { expression.mask.contains(.table) }

  private func emit(_ values: [Expr], _ first: Register, _ format: OutputFormat) {
    code.emit(
      KTAP_OP_EMIT, b: first, c: Register(values.count), imm: program.format(format))
  }

  // MARK: - Assignments

  private func assign(_ target: Target, _ value: Expr) {
    switch target {
    case .variable(let variable):
      if case .function(let function) = value.op, !isStored(function, in: variable) { return }
      if variable.isGlobal {
        setGlobal(variable, operand(value))
      } else if variable.captureKey != nil {
        let register = operand(value)
        at(value.range)
        set(variable, to: register)
      } else if let known = registers[ObjectIdentifier(variable)] {
        evaluate(value, into: known)
      } else {
        // Its register becomes the variable's only behind the value, which cannot use it.
        let register = code.allocate(variable.mask)
        evaluate(value, into: register)
        declare(variable, in: register)
      }
    case .entry(let base, let keys):
      let register = table(base)
      let first = run(keys)
      let stored = operandOfAnyKind(value)
      code.emit(KTAP_OP_TSET, a: register, b: stored, c: first, imm: Int32(keys.count))
    case .invalid: break
    }
  }

  private func setGlobal(_ variable: Variable, _ register: Register) {
    // A value that never comes, of a function that never returns, has no kind that would fit.
    if code.mask(register) == .nil, !variable.mask.contains(.nil) { return }
    code.emit(KTAP_OP_SETG, a: register, imm: globalIndex(variable))
  }

  private func assignMany(_ targets: [Target], _ values: [Expr], _ range: SourceRange) {
    // Everything is evaluated before anything is assigned: `a, b = b, a`.
    var places: [(table: Register, keys: Register)] = []
    for target in targets {
      if case .entry(let base, let keys) = target {
        places.append((copy(table(base)), copyRun(run(keys), keys.count)))
      } else {
        places.append((0, 0))
      }
    }
    var results: [Register] = []
    for value in values {
      let register = temporary(value.mask)
      evaluate(value, into: register)
      results.append(register)
    }
    while results.count < targets.count {
      let register = temporary(.nil)
      code.emit(KTAP_OP_LDNIL, a: register)
      results.append(register)
    }
    at(range)
    for (index, target) in targets.enumerated() {
      switch target {
      case .variable(let variable):
        if variable.isGlobal {
          setGlobal(variable, results[index])
        } else if variable.captureKey != nil {
          set(variable, to: results[index])
        } else {
          move(register(of: variable), results[index])
        }
      case .entry(_, let keys):
        code.emit(
          KTAP_OP_TSET, a: places[index].table, b: results[index], c: places[index].keys,
          imm: Int32(keys.count))
      case .invalid: break
      }
    }
  }

  private func copy(_ register: Register) -> Register {
    guard variableRegisters.contains(register) else { return register }
    let fresh = temporary(code.mask(register))
    move(fresh, register)
    return fresh
  }

  private func copyRun(_ first: Register, _ count: Int) -> Register {
    guard count > 0, variableRegisters.contains(first) else { return first }
    let registers = (0..<count).map { first + Register($0) }
    let fresh = temporaryRun(registers.map { code.mask($0) })
    for (index, register) in registers.enumerated() { move(fresh + Register(index), register) }
    return fresh
  }

  private func update(_ target: Target, _ update: Update, _ value: Expr, _ range: SourceRange) {
    switch target {
    case .variable(let variable):
      if variable.isGlobal {
        updateGlobal(variable, update, value, range)
      } else if variable.captureKey != nil {
        updateCaptured(variable, update, value, range)
      } else {
        let register = register(of: variable)
        let old = Expr(.variable(variable), range)
        old.mask = variable.mask.intersection(value.targetKinds)
        if case .arithmetic(let op) = update, op.countsNil, old.mask.contains(.nil) {
          addFromZero(op, value, to: register, range, code.mask(register)) {
            self.move($0, register)
          }
        } else {
          combine(update, old, value, into: register, range)
        }
      }
    case .entry(let base, let keys):
      updateEntry(base, keys, update, value, range)
    case .invalid: break
    }
  }

  private func combine(
    _ update: Update, _ old: Expr, _ value: Expr, into dest: Register, _ range: SourceRange
  ) {
    let operation: Expr
    switch update {
    case .arithmetic(let op):
      operation = Expr(.arithmetic(op, old, value), range)
      operation.mask = .integer
    case .concatenate:
      operation = Expr(.concatenate(old, value), range)
      operation.mask = .string
    }
    evaluate(operation, into: dest)
  }

  /// `+=` and `-=` where there may be nil, which counts as 0.
  private func addFromZero(
    _ op: Arithmetic, _ value: Expr, to dest: Register, _ range: SourceRange, _ kinds: KindMask,
    load: (Register) -> Void
  ) {
    let amount = operand(value)
    let old = temporary(kinds.union(.integer))
    at(range)
    load(old)
    let isThere = code.label()
    code.jump(
      KTAP_OP_JKIND, a: old, wide: wide(kinds.union(.integer).subtracting(.nil)), to: isThere)
    typed(old, .integer) { self.load(0, into: $0) }
    code.place(isThere)
    generic(op, old, amount, into: dest, range)
  }

  private func updateGlobal(
    _ variable: Variable, _ update: Update, _ value: Expr, _ range: SourceRange
  ) {
    if case .arithmetic(let op) = update, op == .add || op == .subtract,
      variable.mask.isSubset(of: [.integer, .nil])
    {
      let amount = amount(value, negated: op == .subtract)
      at(range)
      code.emit(KTAP_OP_ADDG, a: amount, imm: globalIndex(variable))
      return
    }
    let result = temporary(resultMask(update))
    if case .arithmetic(let op) = update, op.countsNil {
      // In the order of the atomic addition, which takes place last.
      addFromZero(op, value, to: result, range, variable.mask) {
        self.code.emit(KTAP_OP_GETG, a: $0, imm: self.globalIndex(variable))
      }
    } else {
      let old = Expr(.variable(variable), range)
      old.mask = variable.mask
      combine(update, old, value, into: result, range)
    }
    at(range)
    code.emit(KTAP_OP_SETG, a: result, imm: globalIndex(variable))
  }

  private func updateCaptured(
    _ variable: Variable, _ update: Update, _ value: Expr, _ range: SourceRange
  ) {
    if case .arithmetic(let op) = update, op == .add || op == .subtract {
      let amount = amount(value, negated: op == .subtract)
      at(range)
      let place = place(of: variable)
      code.emit(KTAP_OP_TADD, a: place.table, b: amount, c: place.key, imm: 1)
      return
    }
    let old = Expr(.variable(variable), range)
    old.mask = variable.mask
    let result = temporary(resultMask(update))
    combine(update, old, value, into: result, range)
    at(range)
    set(variable, to: result)
  }

  private func resultMask(_ update: Update) -> KindMask {
    if case .concatenate = update { .string } else { .integer }
  }

  /// The integer that an atomic addition adds.
  private func amount(_ value: Expr, negated: Bool) -> Register {
    if negated, case .integer(let constant) = value.op {
      let register = temporary(.integer)
      load(0 &- constant, into: register)
      return register
    }
    let register = addend(value)
    guard negated else { return register }
    let negative = temporary(.integer)
    code.emit(KTAP_OP_NEG, a: negative, b: register)
    return negative
  }

  private func updateEntry(
    _ base: Expr, _ keys: [Expr], _ update: Update, _ value: Expr, _ range: SourceRange
  ) {
    let register = table(base)
    let first = run(keys)
    let count = Int32(keys.count)
    if case .arithmetic(let op) = update, op == .add || op == .subtract {
      let amount = amount(value, negated: op == .subtract)
      at(range)
      code.emit(KTAP_OP_TADD, a: register, b: amount, c: first, imm: count)
      return
    }
    let old = temporary((base.shape?.root.value ?? []).union(.nil))
    at(range)
    code.emit(KTAP_OP_TGET, a: old, b: register, c: first, imm: count)
    let operand = operand(value)
    let result = temporary(resultMask(update))
    at(range)
    switch update {
    case .arithmetic(let op):
      code.emit(KTAP_OP_ARITH, a: result, b: old, c: operand, imm: op.rawValue)
    case .concatenate: code.emit(KTAP_OP_CONCAT, a: result, b: old, c: operand)
    }
    code.emit(KTAP_OP_TSET, a: register, b: result, c: first, imm: count)
  }
}
