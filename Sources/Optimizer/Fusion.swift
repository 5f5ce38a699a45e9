// SPDX-License-Identifier: GPL-2.0-or-later
import Bytecode
import CKtap

/// Joins a comparison with the branch on its result: `LT r2, r0, r1; JT r2` becomes `JLT r0, r1`
/// when nobody else reads r2.
enum Fusion {
  static func run(_ graph: inout FlowGraph) {
    let liveness = Liveness(graph)
    for block in graph.blocks.indices {
      while fuse(&graph.blocks[block], liveness.out[block]) {}
    }
  }

  /// How far in front of the branch the comparison is looked for.
  private static let reach = 8

  private static func fuse(_ block: inout FlowGraph.Block, _ liveOut: RegisterSet) -> Bool {
    let last = block.items.count - 1
    guard last > 0 else { return false }
    let branch = block.items[last].instruction
    guard branch.is(KTAP_OP_JT) || branch.is(KTAP_OP_JF), !liveOut.contains(branch.a) else {
      return false
    }
    var written = RegisterSet()
    var index = last - 1
    while index >= 0, last - index <= reach {
      let instruction = block.items[index].instruction
      if instruction.destination == branch.a {
        guard instruction.inputs.allSatisfy({ !written.contains($0) }),
          let fused = joined(instruction, branch.is(KTAP_OP_JT))
        else { return false }
        block.items[last].instruction = fused
        block.items.remove(at: index)
        return true
      }
      if instruction.reads.contains(branch.a) { return false }
      written.formUnion(instruction.writes)
      index -= 1
    }
    return false
  }

  /// The branch that jumps when the result of the comparison is `sense`.
  private static func joined(_ comparison: Instruction, _ sense: Bool) -> Instruction? {
    let (b, c) = (comparison.b, comparison.c)
    switch ktap_opcode(rawValue: UInt32(comparison.op.rawValue)) {
    case KTAP_OP_NOT: return Instruction(sense ? KTAP_OP_JF : KTAP_OP_JT, a: b)
    case KTAP_OP_TRUTH: return Instruction(sense ? KTAP_OP_JTV : KTAP_OP_JFV, a: b)
    case KTAP_OP_EQ: return Instruction(sense ? KTAP_OP_JEQ : KTAP_OP_JNE, a: b, b: c)
    case KTAP_OP_NE: return Instruction(sense ? KTAP_OP_JNE : KTAP_OP_JEQ, a: b, b: c)
    case KTAP_OP_EQS: return Instruction(sense ? KTAP_OP_JEQS : KTAP_OP_JNES, a: b, b: c)
    case KTAP_OP_LT:
      return sense ? Instruction(KTAP_OP_JLT, a: b, b: c) : Instruction(KTAP_OP_JLE, a: c, b: b)
    case KTAP_OP_LE:
      return sense ? Instruction(KTAP_OP_JLE, a: b, b: c) : Instruction(KTAP_OP_JLT, a: c, b: b)
    default: return nil
    }
  }
}
