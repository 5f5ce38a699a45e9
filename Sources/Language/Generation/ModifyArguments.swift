// SPDX-License-Identifier: GPL-2.0-or-later
import Bytecode
import CKtap

/// Script arguments with which the kernel is changed must be declared with the values that they may
/// have: only then the bundle says what it may do.
extension ProgramGenerator {
  func checkModifyArguments() {
    for unit in script.units where unit.changesKernel {
      for statement in unit.body {
        for call in statement.expressions {
          for argument in call.children { checkModifyArgument(argument) }
        }
      }
    }
  }

  private func checkModifyArgument(_ argument: Expr) {
    guard case .library(LibraryFunction(KTAP_LIB_ARG), let index) = argument.op,
      case .integer(let number)? = index.first?.op
    else { return }
    let problem: String
    switch options.arguments.indices.contains(Int(number)) ? options.arguments[Int(number)] : nil {
    case nil: problem = "is not declared"
    case .integer(let range) where range == .min ... .max: problem = "may be any integer"
    case .string: problem = "may be any string"
    case .integer, .integerChoice, .stringChoice: return
    }
    diagnostics.error(
      "the kernel is changed with arg[\(number)], which \(problem)", at: argument.range,
      notes: [
        Diagnostic.Note(
          "declare what it may be, such as --arg \(number)=int:1..60 or "
            + "\(number)=str:off,on")
      ])
  }
}
