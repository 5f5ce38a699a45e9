// SPDX-License-Identifier: GPL-2.0-or-later
import Foundation
import Testing

/// The project's folders, from that of this file.
private let root = URL(fileURLWithPath: #filePath).deletingLastPathComponent()
  .deletingLastPathComponent().deletingLastPathComponent()

/// A sample and what it prints: `samples/NAME.kp` and `samples/NAME.expect`.
struct Sample: Sendable, CustomTestStringConvertible {
  let name: String

  var testDescription: String { name }
  var script: URL { root.appendingPathComponent("samples/\(name).kp") }
  var expected: URL { root.appendingPathComponent("samples/\(name).expect") }
  var isChecked: Bool { FileManager.default.fileExists(atPath: expected.path) }

  static let all: [Sample] = {
    let folder = root.appendingPathComponent("samples").path
    let files = FileManager.default.enumerator(atPath: folder)?.compactMap { $0 as? String } ?? []
    let scripts = files.filter { $0.hasSuffix(".kp") }.sorted()
    return scripts.map { Sample(name: String($0.dropLast(3))) }
  }()
}

/// A command of `samples/one-liners.md` and the output that the page shows behind it.
struct OneLiner: Sendable, CustomTestStringConvertible {
  let command: String
  let output: String

  var testDescription: String { command }

  static let all: [OneLiner] = {
    let file = root.appendingPathComponent("samples/one-liners.md")
    let page = (try? String(contentsOf: file, encoding: .utf8)) ?? ""
    return page.components(separatedBy: "```sh\n").dropFirst().compactMap { part in
      let pieces = part.components(separatedBy: "```")
      guard pieces.count > 2, pieces[2].hasPrefix("output\n") else { return nil }
      return OneLiner(command: pieces[0], output: String(pieces[2].dropFirst(7)))
    }
  }()
}

/// What the samples show is what they do.
@Suite struct SampleTests {
  @Test func everySampleOfTheLanguageIsChecked() {
    for sample in Sample.all where sample.name.hasPrefix("language/") {
      #expect(sample.isChecked, "\(sample.name)")
    }
    #expect(Sample.all.count(where: \.isChecked) >= 14)
    #expect(OneLiner.all.count >= 10)
  }

  @Test(arguments: Sample.all.filter(\.isChecked))
  func samplePrintsItsResult(_ sample: Sample) throws {
    let result = try simulated(sample)
    #expect(result.text == (try String(contentsOf: sample.expected, encoding: .utf8)))
    #expect(result.status == 0, "\(result.errors)")
  }

  /// No function of a sample takes more instructions a run than as it is generated, and none prints anything else.
  @Test(arguments: Sample.all.filter(\.isChecked))
  func optimisingASampleMakesItNoSlower(_ sample: Sample) throws {
    let generated = try simulated(sample, "--count", "-O0")
    let optimised = try simulated(sample, "--count")
    #expect(generated.output == optimised.output)
    let before = counts(generated.errors)
    let after = counts(optimised.errors)
    #expect(!before.isEmpty && before.keys == after.keys)
    for (function, count) in after {
      #expect(count <= before[function] ?? 0, "\(function)")
    }
  }

  /// Those with events run on a recording that a board made.
  private func simulated(_ sample: Sample, _ options: String...) throws -> Tool.Result {
    let recording = root.appendingPathComponent("Tests/SimulatorTests/recordings/samples.rec")
    let script = try String(contentsOf: sample.script, encoding: .utf8)
    let hasEvents = script.contains("\ntrace ") || script.contains("\nkdebug.trace_by_name(")
    return try Tool().ktapc(
      [sample.script.path, "--on", "sim"] + options
        + (hasEvents ? ["--events", recording.path] : []))
  }

  /// The instructions of each function, of all its runs, from what `--count` says.
  private func counts(_ errors: String) -> [String: Int] {
    let lines = errors.components(separatedBy: "runs\tinstructions\t").last?.split(separator: "\n")
    let rows = (lines ?? []).dropFirst().map { $0.split(separator: "\t") }.filter { $0.count == 5 }
    return Dictionary(
      rows.map { (String($0[4]), Int($0[1]) ?? -1) }, uniquingKeysWith: +)
  }

  @Test(arguments: OneLiner.all) func oneLinerPrintsWhatThePageShows(_ one: OneLiner) throws {
    let tool = try Tool()
    let result = try tool.shell("ktapc() { \"$KTAPC\" \"$@\"; }\n" + one.command)
    #expect(result.text == one.output, "\(result.errors)")
  }

  /// In what runs on every event each kind is known: the listing marks no arithmetic and no comparison.
  @Test(arguments: Sample.all) func hotCodeOfASampleIsTyped(_ sample: Sample) throws {
    let tool = try Tool()
    try tool.succeed("build", sample.script.path, "-o", "sample.ktapb")
    let listing = try tool.succeed("inspect", "--disassemble", "sample.ktapb")
    for function in listing.components(separatedBy: "\nfunction ").dropFirst() {
      let lines = function.split(separator: "\n")
      guard lines[0].contains(" trace ") else { continue }
      for line in lines where line.contains("*") {
        #expect(!line.contains("ARITH") && !line.contains("COMPARE"), "\(lines[0]): \(line)")
      }
    }
  }

  @Test(arguments: Sample.all) func sampleCompilesWithoutAWarning(_ sample: Sample) throws {
    let result = try Tool().ktapc("check", sample.script.path)
    #expect(result.status == 0 && result.errors.isEmpty, "\(result.errors)")
  }
}
