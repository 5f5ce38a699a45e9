// SPDX-License-Identifier: GPL-2.0-or-later
import Cases
import Foundation
import Language

/// Compiles the cases of `Tests/language` for who runs them outside of Swift, and compares what they did.
@main enum KtapCases {
  static let usage = """
    usage: ktap-cases fill FOLDER     compile the cases into FOLDER
           ktap-cases check FOLDER    compare the results in FOLDER with what the cases expect
           ktap-cases simulate [NAME…]   run the cases whose names begin so in the simulator
           ktap-cases generate FILE FIRST COUNT   write programs of random seeds, each with and without the optimiser
           ktap-cases compare FILE RESULTS        compare what the two forms of each program did
           ktap-cases program SEED                show the script of a seed
           ktap-cases mutate FIRST COUNT          compile scripts that random seeds spoilt
           ktap-cases mutant SEED                 show the spoilt script of a seed
    With -O0 the cases are compiled without the optimiser.
    """

  static func main() throws {
    let words = CommandLine.arguments.dropFirst().filter { $0 != "-O0" }
    var options = CompileOptions()
    options.optimizes = !CommandLine.arguments.contains("-O0")
    let cases = try CaseFiles.names.map(CaseFiles.read)
    if words.first == "simulate" {
      let wanted = words.dropFirst()
      check(cases.filter { one in wanted.isEmpty || wanted.contains { one.name.hasPrefix($0) } }) {
        try $0.checkFindings()
        return $0.isRun ? try $0.simulate(options: options) : $0.result
      }
    }
    if words.count > 1, try generated(words.first ?? "", Array(words.dropFirst())) { return }
    guard words.count == 2, let folder = words.last.map(CaseFolder.init) else { end(usage, 2) }
    switch words.first {
    case "fill": print("\(try folder.fill(cases, options: options)) cases in \(folder.folder.path)")
    case "check": check(cases.filter { folder.isFilled(with: $0) }) { try folder.result(of: $0) }
    default: end(usage, 2)
    }
  }

  /// The commands about generated programs; false for any other.
  private static func generated(_ command: String, _ words: [String]) throws -> Bool {
    let numbers = words.compactMap { UInt64($0) }
    switch (command, words.count, numbers.count) {
    case ("program", 1, 1):
      var writer = ProgramWriter(seed: numbers[0])
      print(writer.script(), terminator: "")
    case ("generate", 3, 2):
      let seeds = numbers[0]..<numbers[0] + numbers[1]
      let written = try GeneratedPrograms.write(seeds, to: words[0])
      for refusal in written.refused { print(refusal) }
      print(
        "seeds \(seeds): \(written.programs) programs, \(written.refused.count) refused, "
          + "\(written.failing) that would fail for certain")
      if !written.refused.isEmpty || written.programs < seeds.count * 98 / 100 { exit(1) }
    case ("compare", 2, 0):
      let found = try GeneratedPrograms.compare(words[0], words[1])
      for difference in found.differences { print("FAILED  \(difference)") }
      print("\(found.errors) ended with a run-time error")
      print("\(found.passed) passed, \(found.differences.count) failed")
      exit(found.differences.isEmpty && found.passed > 0 ? 0 : 1)
    case ("mutant", 1, 1):
      var mutator = try SourceMutator(corpus: SourceMutator.scripts(in: SourceMutator.folders))
      FileHandle.standardOutput.write(Data(mutator.mutated(seed: numbers[0])))
    case ("mutate", 2, 2): try mutate(numbers[0]..<numbers[0] + numbers[1])
    default: return false
    }
    return true
  }

  /// Shows now and then how far it got, so that a crash is found again.
  private static func mutate(_ seeds: Range<UInt64>) throws {
    var mutator = try SourceMutator(corpus: SourceMutator.scripts(in: SourceMutator.folders))
    var accepted = 0
    var wrong = 0
    for seed in seeds {
      if seed % 1000 == 0 { FileHandle.standardError.write(Data("mutate: seed \(seed)\n".utf8)) }
      switch CompilerTrial.run(mutator.mutated(seed: seed)) {
      case .refused: break
      case .accepted: accepted += 1
      case .wrong(let why):
        wrong += 1
        print("FAILED  seed \(seed): \(why)")
      }
    }
    print("mutate: \(accepted) of \(seeds.count) compiled")
    print("\(seeds.count - wrong) passed, \(wrong) failed")
    if wrong > 0 { exit(1) }
  }

  private static func check(
    _ cases: [LanguageCase], _ run: (LanguageCase) throws -> CaseResult
  ) -> Never {
    var failed = 0
    for one in cases {
      var why: String?
      do {
        why = try run(one).difference(from: one.result)
      } catch {
        why = "\(error)"
      }
      guard let why else { continue }
      failed += 1
      print("FAILED  \(one.name): \(why)")
    }
    print("\(cases.count - failed) passed, \(failed) failed")
    exit(failed == 0 && !cases.isEmpty ? 0 : 1)
  }

  private static func end(_ text: String, _ code: Int32) -> Never {
    FileHandle.standardError.write(Data((text + "\n").utf8))
    exit(code)
  }
}
