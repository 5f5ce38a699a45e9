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
    guard words.count == 2, let folder = words.last.map(CaseFolder.init) else { end(usage, 2) }
    switch words.first {
    case "fill": print("\(try folder.fill(cases, options: options)) cases in \(folder.folder.path)")
    case "check": check(cases.filter { folder.isFilled(with: $0) }) { try folder.result(of: $0) }
    default: end(usage, 2)
    }
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
