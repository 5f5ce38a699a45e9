// SPDX-License-Identifier: GPL-2.0-or-later
import Bytecode
import CKtap

/// The structures ktap_ioc_argument of the script's arguments: each word becomes what the bundle declares; where
/// it declares nothing, numbers (decimal or 0x…) become integers and everything else strings. The kernel checks
/// them.
func scriptArguments(_ words: Words, _ bundle: Bundle?) -> [UInt8] {
  var arguments: [UInt8] = []
  for index in 0..<words.count {
    guard let word = words[index] else { break }
    var argument = ktap_ioc_argument()
    let wantsString = bundle?.wantsString(argument: index) ?? false
    if !wantsString, let number = wholeNumber(word) {
      argument.kind = KTAP_KIND_INT.rawValue
      argument.integer = number
    } else {
      argument.kind = KTAP_KIND_STR.rawValue
      argument.length = UInt32(length(of: word))
      argument.address = Program.address(word)
    }
    withUnsafeBytes(of: &argument) { arguments.append(contentsOf: $0) }
  }
  return arguments
}
