// SPDX-License-Identifier: GPL-2.0-or-later
import CKtap
import Testing

@testable import Report

/// Scripts that draw a picture again and again.
@Suite struct ScreenTests {
  private func output(isTerminal: Bool, _ texts: [String]) -> String {
    var reporter = reporter(formats: ["%s"]) { $0.isTerminal = isTerminal }
    for text in texts { reporter.feed([emit(site: 0, [.text(text)])]) }
    return reporter.output()
  }

  @Test func aTerminalGetsThePictureWithoutAnEmptyScreen() {
    #expect(
      output(isTerminal: true, ["\u{1B}[2J\u{1B}[1;1H", "one\ntwo\n"])
        == "\u{1B}[1;1Hone\u{1B}[K\ntwo\u{1B}[K\n\u{1B}[J")
  }

  @Test func onlyTheLastOfSeveralPicturesIsDrawn() {
    #expect(
      output(
        isTerminal: true, ["\u{1B}[2J\u{1B}[1;1Hold\n", "\u{1B}[2J\u{1B}[1;1Hnew\n", "more\n"])
        == "\u{1B}[1;1Hnew\u{1B}[K\nmore\u{1B}[K\n\u{1B}[J")
  }

  @Test func whatIsNoPictureStaysAsItIs() {
    #expect(output(isTerminal: true, ["a\n", "\u{1B}[2J", "b\n"]) == "a\n\u{1B}[2Jb\n")
  }

  @Test func aFileGetsEverything() {
    let texts = ["\u{1B}[2J\u{1B}[1;1Hold\n", "\u{1B}[2J\u{1B}[1;1Hnew\n"]
    #expect(output(isTerminal: false, texts) == texts.joined())
  }

  /// Also one of many lines.
  @Test func aPictureIsWrittenAtOnce() {
    var reporter = reporter(formats: ["%s"]) { $0.isTerminal = true }
    reporter.feed([emit(site: 0, [.text("\u{1B}[2J\u{1B}[1;1H")])])
    for _ in 0..<200 {
      reporter.feed([emit(site: 0, [.text(String(repeating: "x", count: 79) + "\n")])])
    }
    #expect(reporter.host.output.isEmpty)
    reporter.flush()
    #expect(reporter.host.output.starts(with: Array("\u{1B}[1;1Hxxx".utf8)))
  }
}
