// SPDX-License-Identifier: GPL-2.0-or-later
import Bytecode

/// A script whose names and kinds are known: what code generation works on.
struct AnalyzedScript {
  let main: FunctionUnit
  /// The functions that can run, top-level code first.
  let units: [FunctionUnit]
  let probes: [ProbeNode]
  /// The globals that appear in code that can run or are assigned.
  let globals: [Variable]
  let limits: [String: (value: Int64, range: SourceRange)]
}

extension AnalyzedScript {
  /// Resolves names, infers kinds and checks them. The result is worth generating code from only
  /// when `diagnostics` holds no error.
  static func analyze(
    _ script: Script, source: SourceText, diagnostics: inout Diagnostics
  ) -> AnalyzedScript {
    let resolver = Resolver(source, diagnostics: diagnostics)
    resolver.resolve(script)
    Closures.analyze(resolver)
    let inference = infer(resolver)
    let check = KindCheck(resolver: resolver)
    check.certain = certainUnits(resolver)
    check.reportKeyCounts(inference.persistentErrors + inference.keyCountErrors)
    check.run()
    checkUnused(script, source, resolver, certain: check.certain ?? [])
    diagnostics = resolver.diagnostics
    return AnalyzedScript(
      main: resolver.main, units: resolver.units.filter(\.isReachable), probes: resolver.probes,
      globals: resolver.globalOrder.filter { $0.isAssigned || $0.isStoredInto },
      limits: resolver.limits)
  }

  /// Finds the kinds of everything in the units that are marked as reachable.
  private static func infer(_ resolver: Resolver, followsValues: Bool = true) -> Inference {
    for variable in resolver.globalOrder where variable.isStoredInto && !variable.isAssigned {
      let site = TableSiteNode(range: variable.firstAssignment ?? variable.range)
      variable.autoSite = site
      variable.mask = .table
      variable.shape = site.shape
    }
    let certain = Initialization.certainGlobals(main: resolver.main)
    for variable in resolver.globalOrder
    where variable.isAssigned && !certain.contains(ObjectIdentifier(variable)) {
      variable.mask.insert(.nil)
    }
    for unit in resolver.units where unit.isEventHandler {
      unit.parameters.first?.mask.insert(.event)
    }
    for unit in resolver.units { Narrowing.run(unit) }
    let inference = Inference(
      units: resolver.units, main: resolver.main, followsValues: followsValues)
    Demands.settle(resolver.units, infer: inference.run)
    return inference
  }

  /// The functions of which it is known what they are called with, as far as kinds go. Of several
  /// that a value may be each seems to get what is meant for the others.
  private static func certainUnits(_ resolver: Resolver) -> Set<ObjectIdentifier> {
    var certain: Set<ObjectIdentifier> = []
    var pending = resolver.probes.map(\.unit)
    while let unit = pending.popLast() {
      guard certain.insert(ObjectIdentifier(unit)).inserted else { continue }
      pending += unit.calls.map(\.unit)
      pending += unit.values.map(\.unit).filter {
        let shape = $0.shape.root
        return shape.functions.count == 1 && shape.arguments.fewest != nil
      }
    }
    return certain
  }

  /// Checks the functions that nothing calls for certain as well, in a tree of their own: what they
  /// assign must not make the kinds of the program that runs less certain, and what they get is
  /// unknown.
  private static func checkUnused(
    _ script: Script, _ source: SourceText, _ resolver: Resolver,
    certain: Set<ObjectIdentifier>
  ) {
    let unused = Set(
      resolver.units.indices.filter {
        let unit = resolver.units[$0]
        return !unit.isReachable || !certain.contains(ObjectIdentifier(unit))
      })
    if unused.isEmpty { return }
    let second = Resolver(source, diagnostics: Diagnostics())
    second.resolve(script)
    Closures.analyze(second, all: true)
    _ = infer(second, followsValues: false)
    second.diagnostics = Diagnostics()
    KindCheck(resolver: second).run(only: unused)
    let known = Set(resolver.diagnostics.all)
    for found in second.diagnostics.all where !known.contains(found) {
      resolver.diagnostics.append(found)
    }
  }
}
