// SPDX-License-Identifier: GPL-2.0-or-later
import Foundation

/// Spoils scripts: bytes and whole words are changed, left out, doubled, exchanged and taken from other scripts. A seed always
/// gives the same text.
public struct SourceMutator {
  private let corpus: [[UInt8]]
  private var random = Seeded(state: 0)

  /// - Parameter corpus: the scripts, at least one.
  public init(corpus: [[UInt8]]) {
    self.corpus = corpus.filter { !$0.isEmpty }
  }

  /// All scripts below these folders of the tree that this was compiled from.
  public static func scripts(in folders: [String]) throws -> [[UInt8]] {
    let root = CaseFiles.folder.deletingLastPathComponent().deletingLastPathComponent()
    return try folders.flatMap { name in
      let folder = root.appendingPathComponent(name)
      let files = FileManager.default.enumerator(atPath: folder.path)
      return try (files?.compactMap { $0 as? String } ?? []).filter { $0.hasSuffix(".kp") }.sorted()
        .map { try [UInt8](Data(contentsOf: folder.appendingPathComponent($0))) }
    }
  }

  /// Where the corpus of the tests lies.
  public static let folders = [
    "Tests/language", "Tests/LanguageTests/cases", "Tests/LanguageTests/diagnostics", "samples",
    "Tests/board/cases",
  ]

  public mutating func mutated(seed: UInt64) -> [UInt8] {
    random = Seeded(state: seed)
    var text = random.pick(corpus)
    if random.once(in: 8) {
      var writer = ProgramWriter(seed: seed)
      text = Array(writer.script().utf8)
    }
    // Half of them get one fault only, and a third of the changes leave the form as it is: else little more
    // than the parser would see them.
    for _ in 0..<(random.once(in: 2) ? 1 : 1 + random.below(5)) where !text.isEmpty {
      switch random.below(6) {
      case 0, 1: exchange(&text)
      case 2: changeBytes(&text)
      default: changeWords(&text)
      }
    }
    return text
  }

  // MARK: - Meaning

  /// Words that can stand for each other.
  private static let alike: [[[UInt8]]] = [
    ["0", "1", "-1", "7", "64", "9223372036854775807", "0xffffffffffffffff", "nil", "\"s\"", "{}"],
    ["+", "-", "*", "/", "%", "&", "|", "^", "<", ">"],
    ["while", "if"], ["break", "continue"], ["true", "false", "nil"],
    ["count", "sum", "min", "max", "avg", "hist", "len", "tostring", "print"],
  ].map { $0.map { Array($0.utf8) } }

  /// A number, operator or name gives way to another.
  private mutating func exchange(_ text: inout [UInt8]) {
    let words = SourceMutator.split(text)
    guard !words.isEmpty else { return }
    // Most words have others of their kind; blanks and brackets have none.
    for _ in 0..<8 {
      let word = random.pick(words)
      let old = Array(text[word])
      if old[0] >= 0x30, old[0] <= 0x39 {
        text.replaceSubrange(word, with: random.pick(SourceMutator.alike[0]))
        return
      }
      if let group = SourceMutator.alike.first(where: { $0.contains(old) }) {
        text.replaceSubrange(word, with: random.pick(group))
        return
      }
      if old.count > 0, old[0] | 0x20 >= 0x61, old[0] | 0x20 <= 0x7a {
        let names = words.filter { text[$0.lowerBound] | 0x20 >= 0x61 && $0 != word }
        guard !names.isEmpty else { continue }
        text.replaceSubrange(word, with: text[random.pick(names)])
        return
      }
    }
  }

  // MARK: - Bytes

  private mutating func changeBytes(_ text: inout [UInt8]) {
    let place = random.below(text.count)
    let length = min(1 + random.below(20), text.count - place)
    switch random.below(6) {
    case 0: text[place] = UInt8(random.below(256))
    case 1: text[place] ^= 1 << UInt8(random.below(8))
    case 2: text.removeSubrange(place..<place + length)
    case 3: text.insert(contentsOf: text[place..<place + length], at: random.below(text.count))
    case 4:
      text.insert(UInt8(random.pick(Array("{}()[]\"'/*#;,.=<>!?:&|^~+-%\n\0".utf8))), at: place)
    default: text.removeSubrange(place...)
    }
  }

  // MARK: - Words

  private static let words = [
    "nil", "true", "false", "0", "1", "-1", "9223372036854775807", "9223372036854775808",
    "0xffffffffffffffff", "\"\"", "\"text\"", "{", "}", "(", ")", "{}", "[", "]", ",", "=", "==",
    "..",
    "...", "<<<", "+", "++", "+=", "/", "%", "<<", "?", ":", "&&", "!", "if", "else", "elseif",
    "for",
    "while", "repeat", "until", "in", "break", "continue", "return", "function", "local", "trace",
    "trace_end", "tick-1s", "profile-10ms", "pairs", "sort_pairs", "print", "printf", "count",
    "sum",
    "hist", "len", "delete", "tostring", "args", "arg", "e", "t", "x", "exit", "limit", "memory",
    "stack()",
    "sched:sched_switch", "syscalls:*", "/x == 1/", "timer.s", "ansi.set_color", "//", "/*", "*/",
    "#",
  ].map { Array($0.utf8) }

  private mutating func changeWords(_ text: inout [UInt8]) {
    let words = SourceMutator.split(text)
    guard !words.isEmpty else { return }
    let word = random.pick(words)
    switch random.below(7) {
    case 0: text.replaceSubrange(word, with: random.pick(SourceMutator.words))
    case 1: text.insert(contentsOf: random.pick(SourceMutator.words) + [0x20], at: word.lowerBound)
    case 2: text.removeSubrange(word)
    case 3:
      // Two words change places.
      let other = random.pick(words)
      guard word.upperBound <= other.lowerBound else { return }
      let (first, second) = (Array(text[word]), Array(text[other]))
      text.replaceSubrange(other, with: first)
      text.replaceSubrange(word, with: second)
    case 4: text.replaceSubrange(word, with: text[random.pick(words)])
    case 5:
      // A line of another script.
      let lines = random.pick(corpus).split(separator: 10)
      guard !lines.isEmpty else { return }
      text.insert(contentsOf: [10] + random.pick(lines) + [10], at: word.lowerBound)
    default:
      // A part of the script once more.
      let end = min(text.count, word.lowerBound + random.below(200))
      text.insert(contentsOf: text[word.lowerBound..<end], at: random.pick(words).lowerBound)
    }
  }

  /// The ranges of words, numbers and other visible bytes.
  private static func split(_ text: [UInt8]) -> [Range<Int>] {
    func isPart(_ byte: UInt8) -> Bool {
      (byte >= 0x30 && byte <= 0x39) || (byte | 0x20 >= 0x61 && byte | 0x20 <= 0x7a) || byte == 0x5f
    }
    var ranges: [Range<Int>] = []
    var place = 0
    while place < text.count {
      let start = place
      place += 1
      if isPart(text[start]) {
        while place < text.count, isPart(text[place]) { place += 1 }
      } else if text[start] <= 0x20 {
        continue
      }
      ranges.append(start..<place)
    }
    return ranges
  }
}
