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
    check.reportKeyCounts(inference.persistentErrors + inference.keyCountErrors)
    check.run()
    checkUnused(script, source, resolver)
    diagnostics = resolver.diagnostics
    return AnalyzedScript(
      main: resolver.main, units: resolver.units.filter(\.isReachable), probes: resolver.probes,
      globals: resolver.globalOrder.filter { $0.isAssigned || $0.isStoredInto },
      limits: resolver.limits)
  }

  /// Finds the kinds of everything in the units that are marked as reachable.
  private static func infer(_ resolver: Resolver) -> Inference {
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
    let inference = Inference(units: resolver.units, main: resolver.main)
    inference.run()
    return inference
  }

  /// Checks the functions that nothing calls as well, in a tree of their own: what they assign must
  /// not make the kinds of the program that runs less certain.
  private static func checkUnused(_ script: Script, _ source: SourceText, _ resolver: Resolver) {
    let unused = Set(resolver.units.indices.filter { !resolver.units[$0].isReachable })
    if unused.isEmpty { return }
    let second = Resolver(source, diagnostics: Diagnostics())
    second.resolve(script)
    Closures.analyze(second, all: true)
    _ = infer(second)
    second.diagnostics = Diagnostics()
    KindCheck(resolver: second).run(only: unused)
    let known = Set(resolver.diagnostics.all)
    for found in second.diagnostics.all where !known.contains(found) {
      resolver.diagnostics.append(found)
    }
  }
}
