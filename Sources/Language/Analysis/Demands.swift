// SPDX-License-Identifier: GPL-2.0-or-later
import Bytecode

/// Finds out whether a field of an event is wanted as an integer or as a string, where only the
/// board knows what it is: by the value beside it in a comparison, and by what becomes of the
/// variable or parameter that it goes to. A field that everything wants as one kind is read as that,
/// which attaching then checks.
///
/// What one place wants of a field holds for the others in the same function: there attaching fails if
/// it is something else. Begins with no field having a kind at all, so that the kinds of everything else are known.
struct Demands {
  /// What a place wants of the value that it gets.
  private enum Want {
    case any
    case kind(KindMask)
    /// What is wanted of the variable that takes it.
    case variable(Variable)
  }

  /// What is wanted of a variable: nothing yet, one kind, or several.
  private struct Wish {
    var kinds: KindMask = []
    /// Variables whose value it becomes.
    var flows: [ObjectIdentifier] = []
  }

  private var wishes: [ObjectIdentifier: Wish] = [:]
  private var fields: [(field: Expr, want: Want, place: Place)] = []
  /// What is wanted of fields already.
  private var decided: [Place: KindMask] = [:]
  /// The function in hand.
  private var unit = 0

  /// A field in a function.
  private struct Place: Hashable {
    let unit: Int
    let name: String
  }

  private static let undecided: KindMask = [.integer, .string]

  /// Gives fields the kinds that are wanted of them; `infer` finds the kinds of everything, and is
  /// called before and after.
  static func settle(_ units: [FunctionUnit], infer: () -> Void) {
    var pass = Demands()
    pass.each(units) { $0.collectFields($1) }
    if pass.fields.isEmpty { return infer() }
    for (field, _, _) in pass.fields { field.demand = [] }
    infer()
    pass.fields = []
    pass.each(units) { $0.walk($1) }
    pass.propagate()
    for (_, want, place) in pass.fields {
      if let kind = pass.kind(want) { pass.decided[place, default: []].formUnion(kind) }
    }
    for (field, want, place) in pass.fields {
      let other = pass.decided[place].flatMap { $0 == Demands.undecided ? nil : $0 }
      field.demand = pass.kind(want) ?? other ?? Demands.undecided
    }
    infer()
  }

  private mutating func each(
    _ units: [FunctionUnit], _ body: (inout Demands, FunctionUnit) -> Void
  ) {
    for (index, next) in units.enumerated() where next.isReachable {
      unit = index
      body(&self, next)
    }
  }

  // MARK: - Fields

  private mutating func collectFields(_ unit: FunctionUnit) {
    if let filter = unit.filter { collectFields(filter) }
    collectFields(unit.body)
  }

  private mutating func collectFields(_ statements: [Stmt]) {
    for statement in statements {
      for expression in statement.expressions { collectFields(expression) }
      collectFields(statement.inner)
    }
  }

  private mutating func collectFields(_ expression: Expr) {
    if let place = place(expression) {
      if expression.demand == Demands.undecided {
        fields.append((expression, .any, place))
      } else {
        decided[place, default: []].formUnion(expression.demand)
      }
    }
    for child in Demands.children(expression) { collectFields(child) }
  }

  private func place(_ expression: Expr) -> Place? {
    switch expression.op {
    case .member(_, let name): Place(unit: unit, name: name.text)
    case .field(_, let name): Place(unit: unit, name: name)
    default: nil
    }
  }

  /// With both meanings of a call that may be one of an event's functions.
  private static func children(_ expression: Expr) -> [Expr] {
    if case .method(let base, let asEvent, let invocation) = expression.op {
      return [base, asEvent, invocation]
    }
    return expression.children
  }

  // MARK: - Uses

  private mutating func walk(_ unit: FunctionUnit) {
    if let filter = unit.filter { use(filter, .any) }
    walk(unit.body)
  }

  private mutating func walk(_ statements: [Stmt]) {
    for statement in statements {
      switch statement.op {
      case .assign(let target, let value): assign(target, value)
      case .assignMany(let targets, let values):
        for (index, value) in values.enumerated() {
          if index < targets.count { assign(targets[index], value) } else { use(value, .any) }
        }
        for target in targets.dropFirst(values.count) { visit(target) }
      case .update(let target, let update, let value):
        visit(target)
        if case .arithmetic = update { use(value, .kind(.integer)) } else { use(value, .any) }
      case .forRange(_, let first, let last, let step, _):
        for bound in [first, last, step] { if let bound { use(bound, .kind(.integer)) } }
      default: for expression in statement.expressions { use(expression, .any) }
      }
      walk(statement.inner)
    }
  }

  private mutating func visit(_ target: Target) {
    if case .entry(let table, let keys) = target { ([table] + keys).forEach { use($0, .any) } }
  }

  private mutating func assign(_ target: Target, _ value: Expr) {
    visit(target)
    if case .variable(let variable) = target {
      use(value, .variable(variable))
    } else {
      use(value, .any)
    }
  }

  /// An expression whose value goes where `want` is wanted of it.
  private mutating func use(_ expression: Expr, _ want: Want) {
    switch expression.op {
    case .variable(let variable): note(variable, want)
    case .member, .field:
      if expression.demand.isEmpty, let place = place(expression) {
        fields.append((expression, want, place))
      }
      expression.children.forEach { use($0, .any) }
    case .arithmetic(_, let left, let right):
      use(left, .kind(.integer))
      use(right, .kind(.integer))
    case .negate(let value), .complement(let value): use(value, .kind(.integer))
    case .index(let base, let keys) where expression.arrayElement != nil:
      use(base, .any)
      use(keys[0], .kind(.integer))
    case .compare(_, let left, let right):
      use(left, beside(right))
      use(right, beside(left))
    case .conditional(let test, let then, let otherwise):
      use(test, .any)
      use(then, want)
      use(otherwise, want)
    case .or(let left, let right):
      use(left, want)
      use(right, want)
    case .and(let left, let right):
      use(left, .any)
      use(right, want)
    case .call(let function, let arguments):
      for (index, argument) in arguments.enumerated() {
        let parameters = function.parameters
        use(argument, index < parameters.count ? .variable(parameters[index]) : .any)
      }
    case .library(let function, let arguments):
      for (index, argument) in arguments.enumerated() {
        use(argument, single(function.argument(index)))
      }
    case .printf(let format, let values):
      for (index, value) in values.enumerated() {
        let conversions = format.conversions
        use(value, index < conversions.count ? single(conversions[index].accepts) : .any)
      }
    default: for child in Demands.children(expression) { use(child, .any) }
    }
  }

  private func single(_ kinds: KindMask) -> Want {
    kinds == .integer || kinds == .string ? .kind(kinds) : .any
  }

  /// What is wanted beside another value. nil stands for one that is not there yet.
  private func beside(_ other: Expr) -> Want {
    if case .null = other.op { return .kind([]) }
    return single(other.mask.subtracting(.nil))
  }

  private mutating func note(_ variable: Variable, _ want: Want) {
    let id = ObjectIdentifier(variable)
    switch want {
    case .any: wishes[id, default: Wish()].kinds = Demands.undecided
    case .kind(let kinds): wishes[id, default: Wish()].kinds.formUnion(kinds)
    case .variable(let other):
      wishes[id, default: Wish()].flows.append(ObjectIdentifier(other))
    }
  }

  // MARK: - Wishes

  /// What is wanted of a variable is wanted of those whose value it gets.
  private mutating func propagate() {
    var sources: [ObjectIdentifier: [ObjectIdentifier]] = [:]
    for (id, wish) in wishes {
      for other in wish.flows { sources[other, default: []].append(id) }
    }
    var pending = Array(wishes.keys)
    while let id = pending.popLast() {
      guard let kinds = wishes[id]?.kinds, !kinds.isEmpty else { continue }
      for source in sources[id] ?? [] {
        let old = wishes[source]?.kinds ?? []
        if old.isSuperset(of: kinds) { continue }
        wishes[source]?.kinds.formUnion(kinds)
        pending.append(source)
      }
    }
  }

  /// The one kind that is wanted, if it is one.
  private func kind(_ want: Want) -> KindMask? {
    let kinds: KindMask
    switch want {
    case .any: return nil
    case .kind(let one): kinds = one
    case .variable(let variable): kinds = wishes[ObjectIdentifier(variable)]?.kinds ?? []
    }
    return kinds == .integer || kinds == .string ? kinds : nil
  }
}
