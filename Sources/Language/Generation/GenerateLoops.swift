// SPDX-License-Identifier: GPL-2.0-or-later
import Bytecode
import CKtap

extension FunctionGenerator {
  func conditional(_ clauses: [(condition: Expr, body: [Stmt])], _ otherwise: [Stmt]?) {
    let end = code.label()
    for (index, clause) in clauses.enumerated() {
      let isLast = index == clauses.count - 1 && otherwise == nil
      at(clause.condition.range)
      if isLast, clause.body.count == 1, let exit = loopExit(clause.body[0]) {
        branch(clause.condition, to: exit, when: true)
        continue
      }
      let next = isLast ? end : code.label()
      branch(clause.condition, to: next, when: false)
      generate(clause.body)
      if !isLast {
        if clause.body.completes { code.jump(KTAP_OP_JMP, to: end) }
        code.place(next)
      }
    }
    if let otherwise { generate(otherwise) }
    code.place(end)
  }

  /// Where a `break` or `continue` goes.
  private func loopExit(_ statement: Stmt) -> Label? {
    switch statement.op {
    case .leave: loops.last?.leave
    case .next: loops.last?.next
    default: nil
    }
  }

  /// A loop that tests in front. The test stands at the end again, so that a round costs one jump.
  func loop(condition: Expr?, body: [Stmt], step: Stmt?, scope: CaptureScope? = nil) {
    let top = code.label()
    let next = code.label()
    let leave = code.label()
    if let condition { branch(condition, to: leave, when: false) }
    code.place(top)
    loops.append((leave, next))
    generate(body)
    loops.removeLast()
    code.place(next)
    if let scope { renew(scope) }
    if let step { generate(step) }
    if let condition {
      at(condition.range)
      branch(condition, to: top, when: true)
    } else {
      code.jump(KTAP_OP_JMP, to: top)
    }
    code.place(leave)
  }

  func repeatUntil(_ body: [Stmt], _ until: Expr) {
    let top = code.label()
    let next = code.label()
    let leave = code.label()
    code.place(top)
    loops.append((leave, next))
    withScope {
      for statement in body { generate(statement) }
      code.place(next)
      at(until.range)
      branch(until, to: top, when: false)
    }
    loops.removeLast()
    code.place(leave)
  }

  /// `for (i = first, last, step)`: the limit is included; bounds are evaluated once.
  func forRange(
    _ variable: Variable, _ first: Expr, _ last: Expr, _ step: Expr?, _ body: [Stmt],
    _ range: SourceRange
  ) {
    withScope {
      // The script may change its variable without changing the count.
      let isShared = !variable.isReassigned && variable.mask == .integer
      let counter = isShared ? register(of: variable) : temporary(.integer)
      evaluate(first, into: counter)
      let limit = temporary(.integer)
      evaluate(last, into: limit)
      var amount: Int64? = 1
      var stepRegister: Register = 0
      if let step {
        if case .integer(let value) = step.op {
          amount = value
        } else {
          amount = nil
          stepRegister = temporary(.integer)
          evaluate(step, into: stepRegister)
        }
      }
      let top = code.label()
      let next = code.label()
      let leave = code.label()
      at(range)
      if let amount {
        // Falls through while the counter is inside: not limit < counter.
        if amount > 0 {
          code.jump(KTAP_OP_JLT, a: limit, b: counter, to: leave)
        } else {
          code.jump(KTAP_OP_JLT, a: counter, b: limit, to: leave)
        }
      } else {
        let down = code.label()
        code.jump(KTAP_OP_JLTI, a: stepRegister, wide: 0, to: down)
        code.jump(KTAP_OP_JLT, a: limit, b: counter, to: leave)
        code.jump(KTAP_OP_JMP, to: top)
        code.place(down)
        code.jump(KTAP_OP_JLT, a: counter, b: limit, to: leave)
      }
      if amount == 1 || amount == -1 {
        // From one to the next, the count meets the first number outside, also where that wraps round.
        code.emit(KTAP_OP_ADDI, a: limit, b: limit, imm: Int32(amount ?? 1))
      }
      code.place(top)
      loops.append((leave, next))
      withScope {
        if !isShared { move(register(of: variable), counter) }
        generate(body)
      }
      loops.removeLast()
      code.place(next)
      at(range)
      let most: Int64? = if case .integer(let value) = last.op { value } else { nil }
      count(counter, limit, most, amount, stepRegister, top: top, leave: leave)
      code.place(leave)
    }
  }

  /// Counts on and jumps to `top` while inside. A count that wraps round ends the loop.
  ///
  /// - Parameter last: the limit where it is known.
  private func count(
    _ counter: Register, _ limit: Register, _ last: Int64?, _ amount: Int64?, _ step: Register,
    top: Label, leave: Label
  ) {
    guard let amount else {
      let down = code.label()
      let next = temporary(.integer)
      code.emit(KTAP_OP_ADD, a: next, b: counter, c: step)
      code.jump(KTAP_OP_JLTI, a: step, wide: 0, to: down)
      code.jump(KTAP_OP_JLT, a: next, b: counter, to: leave)
      move(counter, next)
      code.jump(KTAP_OP_JLE, a: counter, b: limit, to: top)
      code.jump(KTAP_OP_JMP, to: leave)
      code.place(down)
      code.jump(KTAP_OP_JLT, a: counter, b: next, to: leave)
      move(counter, next)
      code.jump(KTAP_OP_JLE, a: limit, b: counter, to: top)
      return
    }
    if amount == 1 || amount == -1 {
      code.emit(KTAP_OP_ADDI, a: counter, b: counter, imm: Int32(amount))
      code.jump(KTAP_OP_JNE, a: counter, b: limit, to: top)
      return
    }
    // Up to most limits the count cannot wrap.
    let canWrap = last?.addingReportingOverflow(amount).overflow ?? true
    let next = canWrap ? temporary(.integer) : counter
    if let small = Int32(exactly: amount) {
      code.emit(KTAP_OP_ADDI, a: next, b: counter, imm: small)
    } else {
      let register = temporary(.integer)
      load(amount, into: register)
      code.emit(KTAP_OP_ADD, a: next, b: counter, c: register)
    }
    if canWrap {
      code.jump(
        KTAP_OP_JLT, a: amount > 0 ? next : counter, b: amount > 0 ? counter : next, to: leave)
      move(counter, next)
    }
    if amount > 0 {
      code.jump(KTAP_OP_JLE, a: counter, b: limit, to: top)
    } else {
      code.jump(KTAP_OP_JLE, a: limit, b: counter, to: top)
    }
  }

  func forEach(_ variables: [Variable], _ table: Expr, _ body: [Stmt], _ range: SourceRange) {
    withScope {
      let source = self.table(table)
      let isSorted = isSorted(table)
      if isSorted { sortedCopies.append(source) }
      let cursor = temporaryRun([.table, .integer, .integer])
      let top = code.label()
      let next = code.label()
      let leave = code.label()
      at(range)
      code.emit(KTAP_OP_ITER, a: cursor, b: source)
      code.jump(KTAP_OP_JMP, to: next)
      withScope {
        let first = declareRun(variables)
        code.place(top)
        loops.append((leave, next))
        generate(body)
        loops.removeLast()
        code.place(next)
        at(range)
        code.jump(KTAP_OP_NEXT, a: cursor, b: first, c: Register(variables.count), to: top)
      }
      code.place(leave)
      if isSorted { free(sortedCopies.removeLast()) }
    }
  }
}
