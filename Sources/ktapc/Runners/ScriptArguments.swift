// SPDX-License-Identifier: GPL-2.0-or-later
import Bytecode
import Simulator

/// Words of the command line as arguments of a script.
enum ScriptArguments {
  /// Each word becomes what the bundle declares; where it declares nothing, numbers (decimal or
  /// 0x…) become integers and everything else strings.
  static func parse(_ words: [String], _ policy: Policy) -> [LoadedProgram.Argument] {
    words.enumerated().map { index, word in
      let declared = index < policy.arguments.count ? policy.arguments[index].kind : nil
      guard declared != .string, let number = integer(word) else { return .string(word) }
      return .integer(number)
    }
  }

  private static func integer(_ word: String) -> Int64? {
    let isNegative = word.hasPrefix("-")
    let digits = isNegative ? word.dropFirst() : word[...]
    guard digits.lowercased().hasPrefix("0x") else {
      return digits.first?.isNumber == true ? Int64(word) : nil
    }
    guard let magnitude = UInt64(digits.dropFirst(2), radix: 16) else { return nil }
    let value = Int64(bitPattern: magnitude)
    return isNegative ? 0 &- value : value
  }
}
