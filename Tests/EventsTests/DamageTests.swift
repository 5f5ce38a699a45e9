// SPDX-License-Identifier: GPL-2.0-or-later
import CKtap
import Events
import TestSupport
import Testing

/// Files that are no recordings, or were damaged, are refused with one clause that says where.
@Suite struct DamageTests {
  private func refusal(_ bytes: [UInt8]) -> RecordingError? {
    do throws(RecordingError) {
      _ = try RecordingReader.read(bytes)
      return nil
    } catch {
      return error
    }
  }

  @Test func otherFilesAreRefused() {
    for bytes: [UInt8] in [[], [0], Array("KTAPREC".utf8), Array("KTAPB\r\n\u{1a}".utf8)] {
      #expect(refusal(bytes) == RecordingError("this is no recording of ktap-run", at: 0))
    }
    #expect(refusal(Array("KTAPREC\n".utf8)) == RecordingError("the file ends here", at: 8))
  }

  @Test func everyTruncationIsNoticed() {
    let good = RecordingBuilder.sample()
    for length in 0..<good.count {
      let error = refusal(Array(good[..<length]))
      #expect(error != nil, "\(length) bytes")
      #expect(error?.offset ?? 0 <= length)
    }
    #expect(refusal(good) == nil)
    #expect(refusal(good + [0]) == RecordingError("bytes behind the end record", at: good.count))
  }

  @Test func laterVersionsAreRefused() {
    var bytes = RecordingBuilder.sample()
    bytes[12] = 2
    #expect(
      refusal(bytes)
        == RecordingError("version 2 of the format; this program reads version 1", at: 12))
  }

  /// What a file says in one place, put there instead of what belongs there.
  @Test func contradictionsAreRefused() {
    func file(_ body: (inout RecordingBuilder) -> Void) -> RecordingError? {
      var file = RecordingBuilder(specifications: ["a:b"])
      body(&file)
      file.end(time: 1_000_000_000)
      return refusal(file.bytes)
    }
    func type(_ fields: [RecordingBuilder.Field], _ file: inout RecordingBuilder) {
      file.type(1, KTAP_EVENT_TRACEPOINT, "a", "b", fields)
    }
    #expect(file { _ in } == nil)
    #expect(file { $0.event(9, time: 1) { _ in } }?.problem == "event 9 is not described")
    #expect(
      file {
        type([], &$0)
        $0.event(1, time: 999_999_999) { _ in }
      }?.problem == "an event before the recording began")
    #expect(
      file {
        type([], &$0)
        type([], &$0)
      }?.problem == "event 1 is described twice")
    #expect(
      file { type([.init("x", offset: 0, size: 4, element: 8)], &$0) }?.problem
        == "field 'x' has elements of 8 bytes")
    #expect(
      file { type([.init("x", offset: 1 << 20, size: 4)], &$0) }?.problem
        == "field 'x' does not lie in an entry")
    #expect(
      file { type([.init("x y", offset: 0, size: 4)], &$0) }?.problem == "a field without a name")
    #expect(
      file {
        type([], &$0)
        $0.event(1, time: 1_000_000_000, texts: [(0, "x")]) { _ in }
      }?.problem == "a text of a field that does not exist")
    #expect(
      file {
        type([], &$0)
        $0.event(1, time: 1_000_000_000, call: (1, [0, 0, 0, 0, 0, 0])) { _ in }
      }?.problem == "registers of an event that has none")
    #expect(
      file {
        $0.type(2, KTAP_EVENT_SYSCALL_EXIT, "syscalls", "x", [])
        $0.event(2, time: 1_000_000_000) { $0.put(Int64(0)) }
      }?.problem == "registers of 0 bytes")
    #expect(file { $0.record(1) { _ in } }?.problem == "a record of kind 1 at the wrong place")
    #expect(file { $0.record(2) { _ in } }?.problem == "a record of kind 2 at the wrong place")
    #expect(file { $0.record(9) { _ in } }?.problem == "a record of the unknown kind 9")
    #expect(file { $0.record(5) { $0.put(UInt64(0)) } }?.problem == "an end record of 8 bytes")
    #expect(
      refusal(RecordingBuilder(specifications: []).bytes)?.problem
        == "a record of kind 2 at the wrong place")
  }

  /// Nothing that a file says may crash the reader; what it accepts can be walked through.
  @Test func mutatedRecordingsNeverCrash() {
    var random = SeededGenerator(seed: 1)
    var accepted = 0
    let samples = [RecordingBuilder.sample(), RecordingBuilder.sample(isBigEndian: true)]
    for round in 0..<20_000 {
      var bytes = samples[round % 2]
      for _ in 0..<Int.random(in: 1...4, using: &random) {
        RecordingMutation.random(using: &random).apply(to: &bytes, using: &random)
      }
      guard refusal(bytes) == nil else { continue }
      accepted += 1
    }
    #expect(accepted > 100, "mutations that hit nothing that is checked")
  }
}
