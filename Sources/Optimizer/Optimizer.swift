// SPDX-License-Identifier: GPL-2.0-or-later
import Bytecode
import CKtap

/// Makes programs shorter and faster without changing what they do. A pass is one file and one idea;
/// each is linear in the length of the function, and the number of rounds is fixed.
public enum Optimizer {
  /// Rewrites all functions of a program.
  ///
  /// - Parameter isEnabled: false only leaves out what cannot run, so that every function ends
  ///   with an instruction that ends it.
  public static func run(_ program: inout Program, isEnabled: Bool = true) {
    var facts = ProgramFacts(program)
    for index in program.functions.indices {
      var graph = FlowGraph(program.functions[index])
      graph.removeUnreachable()
      if isEnabled { optimize(&graph, &facts, isMain: index == 0) }
      program.functions[index] = graph.function(program.functions[index])
    }
    program.integers = facts.integers
  }

  private static func optimize(
    _ graph: inout FlowGraph, _ facts: inout ProgramFacts, isMain: Bool
  ) {
    Jumps.run(&graph)
    Coalescing.run(&graph)
    // What the first round decides, the second builds upon.
    for round in 0..<2 {
      if round == 1 { Hoisting.run(&graph, facts, isMain: isMain) }
      ValuePass.run(&graph, &facts, isMain: isMain)
      Jumps.run(&graph)
      Fusion.run(&graph)
      DeadCode.run(&graph)
      Coalescing.run(&graph)
      Jumps.run(&graph)
    }
    Allocation.run(&graph)
    DeadCode.run(&graph)
    Jumps.run(&graph)
  }
}
