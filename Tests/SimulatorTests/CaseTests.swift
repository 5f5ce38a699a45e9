// SPDX-License-Identifier: GPL-2.0-or-later
import Foundation
import Simulator
import Testing

/// Every `cases/NAME.kp` is run; what it prints must be `cases/NAME.expect`. A script's first
/// lines may say `# arguments: 1 two` and `# duration: 10s` (of virtual time).
@Suite struct CaseTests {
  static let folder = URL(fileURLWithPath: #filePath).deletingLastPathComponent()
    .appendingPathComponent("cases")

  static var names: [String] {
    let files = (try? FileManager.default.contentsOfDirectory(atPath: folder.path)) ?? []
    return files.filter { $0.hasSuffix(".kp") }.map { String($0.dropLast(3)) }.sorted()
  }

  @Test func thereAreCases() {
    #expect(CaseTests.names.count >= 2)
  }

  @Test(arguments: names)
  func script(_ name: String) throws {
    let script = try text("\(name).kp")
    var arguments: [LoadedProgram.Argument] = []
    var duration: UInt64?
    for line in script.split(separator: "\n") {
      if let words = line.value(of: "# arguments: ") {
        arguments = words.split(separator: " ").map { word in
          Int64(word).map(LoadedProgram.Argument.integer) ?? .string(String(word))
        }
      } else if let span = line.value(of: "# duration: ") {
        duration = TimeUnit.nanoseconds(String(span))
      }
    }
    let run = try ScriptRun(
      script, name: "\(name).kp", arguments: arguments, duration: duration)
    #expect(run.transcript == (try text("\(name).expect")))
  }

  private func text(_ file: String) throws -> String {
    try String(contentsOf: CaseTests.folder.appendingPathComponent(file), encoding: .utf8)
  }
}

extension Substring {
  fileprivate func value(of key: String) -> Substring? {
    hasPrefix(key) ? dropFirst(key.count) : nil
  }
}
