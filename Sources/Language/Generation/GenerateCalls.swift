// SPDX-License-Identifier: GPL-2.0-or-later
import Bytecode
import CKtap

/// What becomes of the results of a call.
enum CallForm {
  /// The first goes to a register that can hold it.
  case single(Register)
  /// All of them become the list.
  case list
  /// They are what this function returns; its frame ends.
  case tail
}

extension FunctionGenerator {
  /// A call, or `...` for which the arguments of this function stand in the same ways.
  func call(_ expression: Expr, _ form: CallForm) {
    let mark = mark()
    defer { release(to: mark) }
    switch expression.op {
    case .call(let function, let arguments): call(function, arguments, expression.range, form)
    case .invoke(let callee, let arguments): invoke(callee, arguments, expression, form)
    case .method(_, _, let invocation): call(invocation, form)
    case .varargs:
      code.emit(KTAP_OP_LVAR)
      if case .single(let dest) = form { code.emit(KTAP_OP_LGET, a: dest) }
    default: break
    }
  }

  private func call(
    _ function: FunctionUnit, _ arguments: [Expr], _ range: SourceRange, _ form: CallForm
  ) {
    guard let given = spread(arguments) else {
      list(arguments)
      let value = temporary(.function)
      load(function, into: value)
      callWithList(value, range, form)
      return
    }
    var all: [Expr] = []
    var masks: [KindMask] = []
    if let scope = function.environment {
      let table = Expr(.environment(scope), range)
      table.mask = .table
      all.append(table)
      masks.append(.table)
    }
    all += given
    while all.count < function.frameParameters.count {
      let null = Expr(.null, range)
      null.mask = .nil
      all.append(null)
    }
    masks += function.parameters.map(\.mask)
    masks += [KindMask](repeating: .any, count: all.count - masks.count)
    let first = run(all, masks: masks)
    let count = Register(all.count)
    let index = Int32(function.index ?? 0)
    at(range)
    switch form {
    case .single(let dest):
      let result = function.declaredResult
      let target = code.mask(dest).isSuperset(of: result) ? dest : temporary(result)
      code.emit(KTAP_OP_CALL, a: target, b: first, c: count, imm: index)
    case .list: code.emit(KTAP_OP_CALLL, b: first, c: count, imm: index)
    case .tail: code.emit(KTAP_OP_TCALL, b: first, c: count, imm: index)
    }
  }

  private func invoke(
    _ callee: Expr, _ arguments: [Expr], _ expression: Expr, _ form: CallForm
  ) {
    guard let given = spread(arguments) else {
      let value = temporary(.function)
      self.callee(callee, into: value)
      list(arguments)
      callWithList(value, expression.range, form)
      return
    }
    let first = temporaryRun([.function] + given.map(\.mask))
    self.callee(callee, into: first)
    for (index, argument) in given.enumerated() {
      let inner = mark()
      evaluate(argument, into: first + 1 + Register(index))
      release(to: inner)
    }
    let count = Register(given.count + 1)
    at(expression.range)
    switch form {
    case .single(let dest): code.emit(KTAP_OP_CALLV, a: dest, b: first, c: count)
    case .list: code.emit(KTAP_OP_CALLVL, b: first, c: count)
    case .tail: code.emit(KTAP_OP_TCALLV, b: first, c: count)
    }
  }

  private func callee(_ expression: Expr, into dest: Register) {
    let inner = mark()
    let value = operand(expression)
    at(expression.range)
    move(dest, value, error: KTAP_ERROR_CALL)
    release(to: inner)
  }

  private func callWithList(_ function: Register, _ range: SourceRange, _ form: CallForm) {
    at(range)
    if case .tail = form {
      code.emit(KTAP_OP_LTCALL, a: function)
      return
    }
    code.emit(KTAP_OP_LCALL, a: function)
    if case .single(let dest) = form { code.emit(KTAP_OP_LGET, a: dest) }
  }

  /// A function as a value.
  func load(_ function: FunctionUnit, into dest: Register) {
    let index = Int32(function.index ?? 0)
    if let scope = function.environment {
      let table = table(of: scope)
      code.emit(KTAP_OP_CLOSURE, a: dest, b: table, imm: index)
    } else {
      code.emit(KTAP_OP_LDF, a: dest, imm: index)
    }
  }

  // MARK: - Lists

  /// The values one by one when their number is known, else nil.
  private func spread(_ values: [Expr]) -> [Expr]? {
    guard let last = values.last, last.expands, let list = last.list else { return values }
    guard let count = list.count, count > 0 else { return nil }
    if count == 1 { return values }
    let picks = (0..<count).map { position in
      let pick = Expr(.pick(last, position), last.range)
      for part in list.parts(position) { pick.mask.formUnion(part.mask) }
      return pick
    }
    return values.dropLast() + picks
  }

  /// Makes the list of the values, with all that the last stands for.
  func list(_ values: [Expr]) {
    let mark = mark()
    defer { release(to: mark) }
    guard let last = values.last, last.expands, last.list != nil else {
      let first = run(values)
      code.emit(KTAP_OP_LSET, b: first, c: Register(values.count))
      return
    }
    let first = run(Array(values.dropLast()))
    at(last.range)
    call(last, .list)
    if values.count > 1 { code.emit(KTAP_OP_LPRE, b: first, c: Register(values.count - 1)) }
  }

  /// One of the values that a call or `...` gives.
  func pick(_ position: Int, of source: Expr, into dest: Register) {
    if case .method(let base, _, _) = source.op, base.mask.contains(.event) {
      if position == 0 { evaluate(source, into: dest) } else { code.emit(KTAP_OP_LDNIL, a: dest) }
      return
    }
    if position == 0 { call(source, .list) }
    at(source.range)
    code.emit(KTAP_OP_LGET, a: dest, imm: Int32(position))
  }

  // MARK: - Results

  func returnValues(_ values: [Expr]) {
    guard let last = values.last else {
      freeSorted()
      code.emit(KTAP_OP_RETNIL)
      return
    }
    if values.count == 1 {
      if endsFrame(last) {
        call(last, .tail)
        return
      }
      if !last.expands || last.list == nil || last.list?.count == 1 {
        let register = operand(last)
        // Of a value that never comes anything of the right kind takes the place.
        let fits = unit.declaredResult.isSuperset(of: code.mask(register))
        freeSorted()
        code.emit(KTAP_OP_RET, a: fits ? register : temporary(unit.declaredResult))
        return
      }
    }
    list(values)
    freeSorted()
    code.emit(KTAP_OP_RETL)
  }

  /// Whether the call can be the last thing that the frame of this function does.
  private func endsFrame(_ expression: Expr) -> Bool {
    guard expression.expands, unit.role == .function, !unit.isEventHandler, sortedCopies.isEmpty
    else { return false }
    switch expression.op {
    case .call(let function, _):
      return unit.declaredResult.isSuperset(of: function.declaredResult)
    case .invoke: return true
    case .method(let base, _, _): return !base.mask.contains(.event)
    default: return false
    }
  }
}

extension FunctionUnit {
  /// The parameters of its frame: the hidden one first.
  var frameParameters: [Variable] {
    environment == nil ? parameters : [environmentTable] + parameters
  }

  var flags: FunctionFlags {
    var flags: FunctionFlags = []
    if environment != nil { flags.insert(.closure) }
    if isVariadic { flags.insert(.variadic) }
    return flags
  }
}
