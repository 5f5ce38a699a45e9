// SPDX-License-Identifier: GPL-2.0-or-later
import ArgumentParser
import Bytecode
import Language

/// `--arg N=KIND[:VALUES]`: what script argument N may be. Integers: `int`, `int:1..60`,
/// `int:1,5,10`; strings: `str`, `str:eth0,eth1`.
struct ArgumentRule: ExpressibleByArgument {
  let index: Int
  let option: ArgumentOption

  static let help = ArgumentHelp(
    "Declare a script argument, as in 0=int:1..60, 1=int:1,5,10, 2=str or 3=str:eth0,eth1; "
      + "repeatable. A signed bundle takes declared arguments only.", valueName: "n=kind:values")

  init?(argument: String) {
    let sides = argument.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false)
    guard sides.count == 2, let index = Int(sides[0]), (0..<16).contains(index) else { return nil }
    self.index = index
    let parts = sides[1].split(separator: ":", maxSplits: 1, omittingEmptySubsequences: false)
    let list = parts.count == 2 ? String(parts[1]) : nil
    switch (parts[0], list) {
    case ("int", nil): option = .integer(.min ... .max)
    case ("int", let list?):
      guard let parsed = ArgumentRule.integers(list) else { return nil }
      option = parsed
    case ("str", nil): option = .string
    case ("str", let list?):
      let choices = list.split(separator: ",", omittingEmptySubsequences: false)
      option = .stringChoice(choices.map { Text(String($0)) })
    default: return nil
    }
  }

  private static func integers(_ list: String) -> ArgumentOption? {
    let ends = list.components(separatedByRange: "..")
    if ends.count == 2 {
      guard let least = Int64(ends[0]), let most = Int64(ends[1]), least <= most else { return nil }
      return .integer(least...most)
    }
    let choices = list.split(separator: ",", omittingEmptySubsequences: false).map { Int64($0) }
    let valid = choices.compactMap { $0 }
    return valid.count == choices.count ? .integerChoice(valid) : nil
  }

  /// The rules in the order of the arguments, which must be numbered from 0 without gaps.
  static func ordered(_ rules: [ArgumentRule]) throws -> [ArgumentOption] {
    let sorted = rules.sorted { $0.index < $1.index }
    guard sorted.map(\.index) == Array(sorted.indices) else {
      throw Failure(.usage, "--arg: the arguments must be 0, 1, 2 and so on, each once")
    }
    return sorted.map(\.option)
  }
}

extension String {
  /// The parts between occurrences of `separator`.
  fileprivate func components(separatedByRange separator: String) -> [Substring] {
    guard let range = firstRange(of: separator) else { return [self[...]] }
    return [self[..<range.lowerBound], self[range.upperBound...]]
  }
}
