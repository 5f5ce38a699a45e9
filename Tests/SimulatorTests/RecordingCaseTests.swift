// SPDX-License-Identifier: GPL-2.0-or-later
import Events
import Foundation
import Report
import Simulator
import TestSupport
import Testing

/// Recordings of real boards, made by `recordings/make`. Every `recordings/NAME.kp` run on `BOARD.rec` prints
/// `NAME.BOARD.expect`, each time the same bytes.
@Suite struct RecordingCaseTests {
  static let folder = URL(fileURLWithPath: #filePath).deletingLastPathComponent()
    .appendingPathComponent("recordings")

  static func names(_ ending: String) -> [String] {
    let files = (try? FileManager.default.contentsOfDirectory(atPath: folder.path)) ?? []
    return files.filter { $0.hasSuffix(ending) }.map { String($0.dropLast(ending.count)) }.sorted()
  }

  static func bytes(_ file: String) throws -> [UInt8] {
    [UInt8](try Data(contentsOf: folder.appendingPathComponent(file)))
  }

  @Test func thereAreCases() {
    #expect(RecordingCaseTests.names(".rec") == ["armhf", "big-endian", "samples", "x86_64"])
    #expect(RecordingCaseTests.names(".kp").count >= 3)
  }

  @Test(arguments: names(".kp"), ["armhf", "x86_64"])
  func script(_ name: String, on board: String) throws {
    let script = String(decoding: try RecordingCaseTests.bytes("\(name).kp"), as: UTF8.self)
    let file = try RecordingCaseTests.bytes("\(board).rec")
    let runs = try (0..<2).map { _ in
      try ScriptRun(script, name: "\(name).kp") {
        $0.recording = try RecordingReader.read(file)
      }.transcript
    }
    #expect(runs[0] == runs[1])
    let expected = try RecordingCaseTests.bytes("\(name).\(board).expect")
    #expect(runs[0] == String(decoding: expected, as: UTF8.self))
  }

  /// A file of a board of the other byte order, made by hand once.
  @Test func theHandMadeFileIsWhatTheBuilderMakes() throws {
    #expect(
      try RecordingCaseTests.bytes("big-endian.rec") == RecordingBuilder.sample(isBigEndian: true))
  }

  /// Damaged files that are taken all the same can be run: whatever they say, nothing crashes.
  @Test(arguments: ["armhf", "big-endian", "x86_64"])
  func mutatedRecordingsRun(_ board: String) throws {
    let script = """
      limit key 512
      trace *:* function (e) {
        print(e, cpu, pid, tid, ppid, uid, gid, execname, prio, in_interrupt, in_iowait, cgroup)
        n[e.name, cpu] += 1
      }
      trace syscalls:* function (e) { print(e.sc_nr, e.sc_arg1, e.sc_arg6, e.retval, arg0) }
      """
    let bundle = try bundle(of: script)
    let good = try RecordingCaseTests.bytes("\(board).rec")
    var random = SeededGenerator(seed: 7)
    var runs = 0
    for _ in 0..<(board == "big-endian" ? 2000 : 150) {
      var file = good
      for _ in 0..<Int.random(in: 1...3, using: &random) {
        RecordingMutation.random(using: &random).apply(to: &file, using: &random)
      }
      guard let recording = try? RecordingReader.read(file) else { continue }
      var simulation = Simulation()
      simulation.recording = recording
      do {
        _ = try simulation.run(
          LoadedProgram(file: bundle.bytes), bundle: bundle, options: ReportOptions()
        ) { _, _ in }
        runs += 1
      } catch is Simulation.CannotAttach {
        runs += 1
      }
    }
    #expect(runs > 5)
  }
}
