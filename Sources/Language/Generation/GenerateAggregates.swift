// SPDX-License-Identifier: GPL-2.0-or-later
import Bytecode
import CKtap

extension FunctionGenerator {
  /// `table[keys] <<< value`
  func aggregate(_ base: Expr, _ keys: [Expr], _ value: Expr, _ range: SourceRange) {
    let register = table(base)
    let first = run(keys)
    let amount = addend(value)
    at(range)
    code.emit(KTAP_OP_TAGG, a: register, b: amount, c: first, imm: Int32(keys.count))
  }

  /// `print_hist` of one aggregate: its histogram, printed.
  func showHistogram(of aggregate: Expr, _ range: SourceRange) {
    let view = Expr(.library(LibraryFunction(KTAP_LIB_AGGREGATE_HIST), [aggregate]), range)
    view.mask = [.nil, .aggregate]
    perform(Expr(.print([view]), range))
  }

  // MARK: - Sorted copies

  func isSorted(_ table: Expr) -> Bool {
    guard case .library(let function, _) = table.op else { return false }
    return function == LibraryFunction(KTAP_LIB_SORT)
  }

  func free(_ copy: Register) {
    code.emit(KTAP_OP_LIB, b: copy, c: 1, imm: Int32(KTAP_LIB_FREE.rawValue))
  }

  /// Gives back the copies of all loops that a `return` leaves.
  func freeSorted() { sortedCopies.reversed().forEach { free($0) } }
}

extension ProgramGenerator {
  func aggregateSite(_ node: TableSiteNode, _ keys: [KindMask]) -> TableSite {
    let asked = node.shape.root.element?.root
    let buckets = asked?.buckets
    return TableSite(
      keys: keys, value: .aggregate, entries: node.entries, line: line(node.range),
      aggregate: asked?.parts ?? [], low: buckets?.low ?? 0, high: buckets?.high ?? 0,
      step: buckets?.step ?? 0)
  }
}
