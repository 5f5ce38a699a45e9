// SPDX-License-Identifier: GPL-2.0-or-later
import Bytecode
import CKtap
import CKtap

/// What code belongs to: top-level code, a function, a handler.
final class FunctionUnit {
  enum Role { case main, function, handler, end, tick }

  let name: String
  let range: SourceRange
  var role: Role
  var parameters: [Variable] = []
  /// Known before the body is resolved.
  var parameterCount = 0
  var isVariadic = false
  /// Defined by `function name`: a call with too many arguments is an error.
  var isNamed = false
  /// Made for one call that changes the kernel.
  var changesKernel = false
  var body: [Stmt] = []
  /// The function in whose text it stands.
  weak var outer: FunctionUnit?
  /// Handlers: the event is parameter 0, written or hidden.
  var isEventHandler = false
  /// Handlers: runs only when this is true.
  var filter: Expr?
  /// Handlers: the fetch arguments of their probe.
  var fetched: FetchedValues?

  /// What it returns.
  let results = ValueList(count: 1)
  /// The arguments behind its parameters.
  let extras = ValueList()
  /// What it has in common with the other functions that may be where its value is.
  let shape = TableShape()

  /// Calls of other functions in this one.
  var calls: [(unit: FunctionUnit, range: SourceRange)] = []
  /// Functions whose value it takes.
  var values: [(unit: FunctionUnit, range: SourceRange)] = []
  /// It or what it calls may call values.
  var mayCallValues = false
  /// Calls of values in it, which may reach every function whose value is taken.
  var valueCalls: [SourceRange] = []
  /// Uses of what works in process context only.
  var processUses: [(name: String, reason: String, range: SourceRange)] = []
  var isReachable = false
  /// Some event handler reaches it.
  var runsInEvent = false
  /// The innermost of the outer scopes whose captured variables it uses, or functions it calls: it
  /// gets its table as a hidden parameter.
  var environment: CaptureScope?
  /// The hidden parameter.
  let environmentTable = Variable(
    name: "", range: SourceRange(0, 0), isGlobal: false, owner: nil, mask: .table)
  /// Index in the program's functions, given by code generation.
  var index: Int?

  init(name: String, range: SourceRange, role: Role) {
    self.name = name
    self.range = range
    self.role = role
    shape.functions = [self]
    _ = extras.slots(from: 0)
    _ = extras.note(fewest: 0, most: .max)
  }

  /// The kinds of the first result.
  var result: KindMask {
    get { results.slots[0].mask }
    set { results.slots[0].mask = newValue }
  }

  var resultShape: TableShape? { results.slots[0].shape }
}

/// A scope of locals that functions within it may capture. Captured variables live in a table that
/// each instance of the scope makes; a function gets the table of one scope, which leads to those
/// around it.
final class CaptureScope {
  /// The key of the entry for the next table outwards.
  static let link: Int64 = 0

  weak var owner: FunctionUnit?
  let parent: CaptureScope?
  let depth: Int
  /// Something in it may have to be captured: its beginning is marked in the tree.
  var isMarked = false
  /// The captured variables, whose keys count from 1.
  private(set) var variables: [Variable] = []
  /// Functions reach tables further out through this one.
  var isLinked = false
  let site: TableSiteNode
  /// Holds the table in the function that owns the scope.
  let table: Variable

  init(owner: FunctionUnit, parent: CaptureScope?, range: SourceRange) {
    self.owner = owner
    self.parent = parent
    depth = (parent?.depth ?? 0) + 1
    site = TableSiteNode(range: range)
    table = Variable(name: "", range: range, isGlobal: false, owner: owner, mask: .table)
  }

  var hasTable: Bool { !variables.isEmpty }

  func capture(_ variable: Variable) {
    guard variable.captureKey == nil else { return }
    isMarked = true
    variables.append(variable)
    variable.captureKey = Int64(variables.count)
  }

  /// The table that the link leads to: of a scope of the same function, else what that one gets.
  var next: CaptureScope? {
    var scope = parent
    while let one = scope, one.owner === owner {
      if one.hasTable { return one }
      scope = one.parent
    }
    return owner?.environment
  }
}

extension Expr {
  /// Whether it calls a value, whatever function that is, or a known one by its value.
  var callsValue: Bool {
    switch op {
    case .invoke: true
    // The comparator.
    case .library(let function, let arguments):
      function == LibraryFunction(KTAP_LIB_SORT) && arguments.count > 1
    case .library(let function, let arguments) where function == LibraryFunction(KTAP_LIB_SORT):
      arguments.count > 1
    case .call(let function, let arguments):
      function.isVariadic && arguments.last.map { $0.expands && $0.list?.count != 1 } ?? false
    default: false
    }
  }

  /// Whether it stands for one value, or for none where one does no harm.
  var isSingle: Bool { !expands || (list.map { $0.most <= 1 } ?? true) }

  /// Whether it stands for exactly one value.
  var isOne: Bool { !expands || list == nil || list?.count == 1 }

  /// The values that a call or `...` stands for where it expands, as far as inference knows.
  var list: ValueList? {
    switch op {
    case .call(let function, _): function.results
    case .invoke(let callee, _): callee.shape?.root.results
    case .varargs(let extras): extras
    case .method(let base, _, let invocation):
      base.mask.contains(.event) ? nil : invocation.list
    default: nil
    }
  }
}
