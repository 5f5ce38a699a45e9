// SPDX-License-Identifier: GPL-2.0-or-later
import Bytecode
import CKtap

/// Makes the code of one function. Expressions are evaluated into registers whose mask is known;
/// a register of a larger mask takes a value of a smaller one, never the other way round without
/// a CHECK.
final class FunctionGenerator {
  let unit: FunctionUnit
  let program: ProgramGenerator
  var code: Emitter
  /// The registers of the locals in scope.
  var registers: [ObjectIdentifier: Register] = [:]
  /// The registers that hold variables: not to be written before an expression is complete.
  var variableRegisters: Set<Register> = []
  /// Temporaries in order of their allocation.
  private var temporaries: [(first: Register, count: Int)] = []
  /// The loops around the statement being generated, innermost last.
  var loops: [(leave: Label, next: Label)] = []
  /// The sorted copies of tables that the loops around the statement go through, innermost last.
  var sortedCopies: [Register] = []

  init(_ unit: FunctionUnit, in program: ProgramGenerator, isRoomy: Bool) {
    self.unit = unit
    self.program = program
    code = Emitter(isRoomy: isRoomy)
  }

  /// The code of a function. What the optimiser will see has room, if there are registers enough.
  static func generate(_ unit: FunctionUnit, in program: ProgramGenerator) -> Bytecode.Function {
    let diagnostics = program.diagnostics
    if program.options.optimizes {
      let roomy = FunctionGenerator(unit, in: program, isRoomy: true)
      let function = roomy.generate()
      if !roomy.code.isOverflown { return function }
      program.diagnostics = diagnostics
    }
    return FunctionGenerator(unit, in: program, isRoomy: false).generate()
  }

  private func generate() -> Bytecode.Function {
    code.line = program.line(unit.range)
    let parameters = unit.frameParameters
    let first = code.allocateRun(parameters.map(\.mask))
    for (index, parameter) in parameters.enumerated() {
      bind(parameter, to: first + Register(index))
    }
    if unit === program.script.main { makeTables() }
    let end = code.label()
    if let filter = unit.filter {
      let canReorder = program.options.optimizes && program.hasCertainFields(unit)
      branch(canReorder ? FilterOrder.cheapestFirst(filter) : filter, to: end, when: false)
    }
    generate(unit.body)
    code.place(end)
    var result = unit.result
    if unit.body.completes || unit.filter != nil || result.isEmpty {
      result.insert(.nil)
      code.emit(KTAP_OP_RETNIL)
    }
    let (instructions, lines) = code.finish()
    if code.isOverflown {
      program.diagnostics.error(
        unit === program.script.main
          ? "top-level code has too many locals (at most \(KTAP_MAX_REGISTERS) registers): make "
            + "some global, or move parts into functions"
          : "'\(unit.name)' needs more than \(KTAP_MAX_REGISTERS) registers: split it",
        at: unit.range)
    }
    if parameters.count > Int(KTAP_MAX_PARAMETERS) {
      program.diagnostics.error(
        "a function that uses outer locals can have \(KTAP_MAX_PARAMETERS - 1) parameters",
        at: unit.range)
    }
    return Bytecode.Function(
      name: Text(unit.name), registers: code.masks, parameterCount: parameters.count,
      result: result, flags: unit.flags,
      line: unit === program.script.main ? 0 : program.line(unit.range),
      code: instructions, lines: lines)
  }

  /// Tables of globals that no statement makes.
  private func makeTables() {
    for variable in program.script.globals {
      guard let site = variable.autoSite else { continue }
      code.line = program.line(site.range)
      let mark = mark()
      let table = temporary(.table)
      code.emit(KTAP_OP_TNEW, a: table, imm: program.site(site))
      code.emit(KTAP_OP_SETG, a: table, imm: globalIndex(variable))
      release(to: mark)
    }
  }

  func globalIndex(_ variable: Variable) -> Int32 { Int32(variable.globalIndex ?? 0) }

  func at(_ range: SourceRange) { code.line = program.line(range) }

  // MARK: - Registers

  func mark() -> Int { temporaries.count }

  func release(to mark: Int) {
    while temporaries.count > mark {
      let last = temporaries.removeLast()
      code.release(last.first, count: last.count)
    }
  }

  func temporary(_ mask: KindMask) -> Register { temporaryRun([mask]) }

  func temporaryRun(_ masks: [KindMask]) -> Register {
    let first = code.allocateRun(masks)
    temporaries.append((first, masks.count))
    return first
  }

  func bind(_ variable: Variable, to register: Register) {
    registers[ObjectIdentifier(variable)] = register
    variableRegisters.insert(register)
  }

  func unbind(_ variable: Variable) {
    guard let register = registers.removeValue(forKey: ObjectIdentifier(variable)) else { return }
    variableRegisters.remove(register)
    code.release(register)
  }

  /// The register of a local, made where it is first assigned.
  func register(of variable: Variable) -> Register {
    if let known = registers[ObjectIdentifier(variable)] { return known }
    let register = code.allocate(variable.mask)
    bind(variable, to: register)
    scopeVariables[scopeVariables.count - 1].append(variable)
    return register
  }

  /// Makes a register with its value in it the variable's.
  func declare(_ variable: Variable, in register: Register) {
    bind(variable, to: register)
    scopeVariables[scopeVariables.count - 1].append(variable)
  }

  private var scopeVariables: [[Variable]] = [[]]

  /// Runs `body`; the locals that it declares give their registers back at its end.
  func withScope(_ body: () -> Void) {
    scopeVariables.append([])
    body()
    for variable in scopeVariables.removeLast() { unbind(variable) }
  }

  /// Registers of variables that must follow each other.
  func declareRun(_ variables: [Variable]) -> Register {
    let first = code.allocateRun(variables.map(\.mask))
    for (index, variable) in variables.enumerated() {
      bind(variable, to: first + Register(index))
      scopeVariables[scopeVariables.count - 1].append(variable)
    }
    return first
  }

  // MARK: - Moving

  /// dest = source; stops the program with `error` when the kind does not fit.
  func move(_ dest: Register, _ source: Register, error: ktap_error_code = KTAP_ERROR_KIND) {
    if dest == source { return }
    let to = code.mask(dest)
    let from = code.mask(source)
    if to == from, to.isTyped {
      code.emit(KTAP_OP_MOV, a: dest, b: source)
    } else if to.isSuperset(of: from) {
      code.emit(KTAP_OP_MOVV, a: dest, b: source)
    } else if to.isDisjoint(with: from) {
      // Never executed without an error before: the masks of CHECK must overlap.
      let any = temporary(to.union(from))
      code.emit(KTAP_OP_MOVV, a: any, b: source)
      code.emit(KTAP_OP_CHECK, a: dest, b: any, imm: Int32(error.rawValue))
    } else {
      code.emit(KTAP_OP_CHECK, a: dest, b: source, imm: Int32(error.rawValue))
    }
  }

  /// Runs `body` with a register of exactly `mask` and moves that to dest when it is another.
  func typed(_ dest: Register, _ mask: KindMask, _ body: (Register) -> Void) {
    if code.mask(dest) == mask {
      body(dest)
      return
    }
    let register = temporary(mask)
    body(register)
    move(dest, register)
  }

  /// A register that holds the value: a local's own, else a temporary.
  func operand(_ expression: Expr) -> Register {
    if let local = local(expression) { return narrowed(local, expression) }
    let register = temporary(expression.mask)
    evaluate(expression, into: register)
    return register
  }

  /// Like `operand(_:)`, computed in `scratch`, where the result will go, if that is a temporary of
  /// the right kind: nothing else can read it before.
  func operand(_ expression: Expr, scratch: Register) -> Register {
    if let local = local(expression) { return narrowed(local, expression) }
    guard code.mask(scratch) == expression.mask, !variableRegisters.contains(scratch) else {
      return operand(expression)
    }
    evaluate(expression, into: scratch)
    return scratch
  }

  /// Both operands of an operator, of which one may use `scratch`.
  func operands(_ left: Expr, _ right: Expr, scratch: Register) -> (Register, Register) {
    let first = operand(left, scratch: scratch)
    let second = first == scratch ? operand(right) : operand(right, scratch: scratch)
    return (first, second)
  }

  /// A register of exactly `mask` that holds the value; `error` when it is of another kind.
  func operand(
    _ expression: Expr, as mask: KindMask, error: ktap_error_code = KTAP_ERROR_KIND
  ) -> Register {
    let source = operand(expression)
    if code.mask(source) == mask { return source }
    let register = temporary(mask)
    move(register, source, error: error)
    return register
  }

  /// The table that is indexed.
  func table(_ expression: Expr) -> Register {
    operand(expression, as: .table, error: KTAP_ERROR_INDEX)
  }

  /// An integer operand of an addition; another kind is an arithmetic error.
  func addend(_ expression: Expr) -> Register {
    let source = operand(expression)
    if code.mask(source) == .integer { return source }
    let zero = temporary(.integer)
    load(0, into: zero)
    let sum = temporary(.integer)
    code.emit(KTAP_OP_ARITH, a: sum, b: source, c: zero, imm: Arithmetic.add.rawValue)
    return sum
  }

  /// Registers that follow each other and hold the values. `masks` narrows what each may be.
  func run(_ expressions: [Expr], masks: [KindMask]? = nil) -> Register {
    let wanted = expressions.enumerated().map { index, expression in
      guard let allowed = masks?[index] else { return kindsInRun(expression) }
      let narrowed = expression.mask.intersection(allowed)
      return narrowed.isEmpty ? allowed : narrowed
    }
    if let first = locals(expressions, masks: wanted) { return first }
    let first = temporaryRun(wanted)
    for (index, expression) in expressions.enumerated() {
      let inner = mark()
      evaluate(expression, into: first + Register(index))
      release(to: inner)
    }
    return first
  }

  /// The first register when the expressions are locals whose registers follow each other already.
  private func locals(_ expressions: [Expr], masks: [KindMask]) -> Register? {
    var first: Register?
    for (index, expression) in expressions.enumerated() {
      guard let register = local(expression), code.mask(register) == masks[index]
      else { return nil }
      let start = first ?? register
      guard Int(register) == Int(start) + index else { return nil }
      first = start
    }
    return first
  }

  func load(_ value: Int64, into register: Register) {
    if let small = Int32(exactly: value) {
      code.emit(KTAP_OP_LDI, a: register, imm: small)
    } else {
      code.emit(KTAP_OP_LDK, a: register, imm: program.integer(value))
    }
  }
}
