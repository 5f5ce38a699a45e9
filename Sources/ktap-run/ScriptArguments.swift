// SPDX-License-Identifier: GPL-2.0-or-later
import Bytecode
import CKtap

/// Each word becomes what the bundle declares; where it declares nothing, numbers (decimal or 0x…)
/// become integers and everything else strings. The kernel checks them.
func scriptArguments(_ words: [CText], _ declared: [ArgumentDeclaration]) -> [ktap_ioc_argument] {
  var arguments: [ktap_ioc_argument] = []
  for index in 0..<words.count {
    var argument = ktap_ioc_argument()
    let wantsString = index < declared.count && declared[index].kind == .string
    if !wantsString, let number = wholeNumber(words[index]) {
      argument.kind = KTAP_KIND_INT.rawValue
      argument.integer = number
    } else {
      argument.kind = KTAP_KIND_STR.rawValue
      argument.length = UInt32(length(of: words[index]))
      argument.address = Program.address(words[index])
    }
    arguments.append(argument)
  }
  return arguments
}
