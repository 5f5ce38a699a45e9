// SPDX-License-Identifier: GPL-2.0-or-later
import Cases
import Testing

/// Spoilt scripts never make the compiler crash, and what it accepts verifies and runs; `make fuzz` tries many more.
@Suite struct SourceMutationTests {
  private static let corpus = Result { try SourceMutator.scripts(in: SourceMutator.folders) }

  @Test(arguments: 0..<20) func spoiltScripts(_ part: Int) throws {
    var mutator = SourceMutator(corpus: try Self.corpus.get())
    var accepted = 0
    for seed in part * 100..<(part + 1) * 100 {
      switch CompilerTrial.run(mutator.mutated(seed: UInt64(seed))) {
      case .refused: break
      case .accepted: accepted += 1
      case .wrong(let why): Issue.record("ktap-cases mutant \(seed): \(why)")
      }
    }
    // Some 30 of 100 are: with none little more than the parser would be tested.
    #expect(accepted > 5)
  }

  @Test func scriptsAreFound() throws {
    #expect(try Self.corpus.get().count > 500)
  }
}
