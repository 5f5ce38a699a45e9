// SPDX-License-Identifier: GPL-2.0-or-later

/// The parser takes each word that begins with a dash for an option. A negative number among the
/// arguments of a script is none: it is marked before the parser sees it.
enum NegativeNumbers {
  /// No word of a command line has it.
  private static let mark = "\0"

  /// Marks the negative numbers, but those that stand behind an option or `--`.
  static func mark(_ words: [String]) -> [String] {
    var result: [String] = []
    var canBeArgument = true
    for word in words {
      let isNumber = word.hasPrefix("-") && word.dropFirst().first?.isNumber == true
      result.append(isNumber && canBeArgument ? mark + word : word)
      if word == "--" { return result + words[result.count...] }
      // Behind an option it may be its value.
      canBeArgument = !word.hasPrefix("-") || (isNumber && canBeArgument)
    }
    return result
  }

  /// The word as the user typed it.
  static func unmark(_ word: String) -> String {
    word.hasPrefix(mark) ? String(word.dropFirst()) : word
  }
}
