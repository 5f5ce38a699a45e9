// SPDX-License-Identifier: GPL-2.0-or-later
import Bytecode
import CKtap

/// Captured variables: entries of a table that each instance of their scope makes.
extension FunctionGenerator {
  /// The register that is a variable's own, if the expression is one that has one.
  func local(_ expression: Expr) -> Register? {
    guard case .variable(let variable) = expression.op, variable.isInRegister,
      plainFunction(in: variable) == nil
    else { return nil }
    return register(of: variable)
  }

  /// The function in a variable that needs no place, as nothing tells two values of it apart.
  func plainFunction(in variable: Variable) -> FunctionUnit? {
    guard let function = variable.constantFunction, function.environment == nil else { return nil }
    return function
  }

  /// Whether the declaration of a function puts it into a variable.
  func isStored(_ function: FunctionUnit, in variable: Variable) -> Bool {
    guard variable.constantFunction === function else { return true }
    return function.environment != nil && variable.isUsedAsValue
  }

  /// The table of a scope: in a register of this function, or reached from the one that it gets.
  func table(of scope: CaptureScope) -> Register {
    if scope.owner === unit { return register(of: scope.table) }
    var register = register(of: unit.environmentTable)
    var next = unit.environment
    while let one = next, one !== scope {
      let key = key(CaptureScope.link)
      let outer = temporary(.table)
      code.emit(KTAP_OP_TGET, a: outer, b: register, c: key, imm: 1)
      register = outer
      next = one.next
    }
    return register
  }

  private func key(_ number: Int64) -> Register {
    let key = temporary(.integer)
    load(number, into: key)
    return key
  }

  /// The table and the key of a captured variable.
  func place(of variable: Variable) -> (table: Register, key: Register) {
    guard let scope = variable.scope, let number = variable.captureKey else { return (0, 0) }
    let table = table(of: scope)
    return (table, key(number))
  }

  func get(_ variable: Variable, into dest: Register) {
    let place = place(of: variable)
    code.emit(KTAP_OP_TGET, a: dest, b: place.table, c: place.key, imm: 1)
  }

  func set(_ variable: Variable, to register: Register) {
    let place = place(of: variable)
    code.emit(KTAP_OP_TSET, a: place.table, b: register, c: place.key, imm: 1)
  }

  /// A scope begins: makes its table. Parameters and loop variables come in registers.
  func enter(_ scope: CaptureScope) {
    guard scope.hasTable else { return }
    let table = code.allocate(.table)
    declare(scope.table, in: table)
    code.emit(KTAP_OP_TNEW, a: table, imm: site(of: scope))
    if scope.isLinked, let next = scope.next {
      setLink(of: table, to: self.table(of: next))
    }
    for variable in scope.variables {
      if let register = registers[ObjectIdentifier(variable)] { set(variable, to: register) }
    }
  }

  private func setLink(of table: Register, to next: Register) {
    code.emit(KTAP_OP_TSET, a: table, b: next, c: key(CaptureScope.link), imm: 1)
  }

  private func site(of scope: CaptureScope) -> Int32 {
    let shape = scope.site.shape
    shape.keys = [.integer]
    shape.value = scope.isLinked ? .table : []
    for variable in scope.variables { shape.value.formUnion(variable.mask) }
    scope.site.entries = UInt32(scope.variables.count + 1)
    return program.site(scope.site)
  }

  /// The next round of a loop has variables of its own, which begin as those of this round end.
  func renew(_ scope: CaptureScope) {
    guard scope.hasTable else { return }
    let mark = mark()
    defer { release(to: mark) }
    let old = register(of: scope.table)
    let fresh = temporary(.table)
    code.emit(KTAP_OP_TNEW, a: fresh, imm: site(of: scope))
    if scope.isLinked, let next = scope.next { setLink(of: fresh, to: table(of: next)) }
    for variable in scope.variables {
      let key = key(variable.captureKey ?? 0)
      let value = temporary(variable.mask.union(.nil))
      code.emit(KTAP_OP_TGET, a: value, b: old, c: key, imm: 1)
      code.emit(KTAP_OP_TSET, a: fresh, b: value, c: key, imm: 1)
    }
    move(old, fresh)
  }
}
