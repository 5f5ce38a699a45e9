// SPDX-License-Identifier: GPL-2.0-or-later
import Bytecode
import Testing

@testable import Optimizer

@Suite struct PassTests {
  @Test func thereAreCasesOfEveryPass() throws {
    let passes = try Set(PassCase.names.flatMap { try PassCase($0).passes })
    #expect(
      passes.isSuperset(of: [
        "jumps", "values", "hoisting", "fusion", "dead", "coalescing", "allocation",
        "unreachable",
      ]))
  }

  @Test(arguments: PassCase.names) func instructionsBecome(_ name: String) throws {
    let one = try PassCase(name)
    let after = try one.after()
    let found = PassCase.listing(after)
    #expect(found == one.expected, "\(found.joined(separator: "\n"))")
    #expect(after.functions[0].lines.count == after.functions[0].code.count)
  }

  /// What is written in the files is what the assembler reads.
  @Test(arguments: PassCase.names) func assemblerAndDisassemblerAgree(_ name: String) throws {
    let one = try PassCase(name)
    let text = PassCase.listing(one.before)
    var assembler = Assembler(one.before)
    for (at, line) in text.enumerated() {
      let again = try assembler.instruction(line.dropFirst(5), at: at)
      #expect(again == one.before.functions[0].code[at])
    }
  }
}
