// SPDX-License-Identifier: GPL-2.0-or-later
import Bytecode
import CKtap

/// Reads what the disassembler writes, so that tests of passes show instructions.
struct Assembler {
  struct Failure: Error, CustomStringConvertible {
    let description: String
  }

  var program: Program

  init(_ program: Program) { self.program = program }

  /// `r0 event, r1 nil|integer`, or the same with other names.
  static func masks(_ text: Substring) throws -> [(name: String, mask: KindMask)] {
    try text.split(separator: ",").map { part in
      let words = part.split(separator: " ")
      guard words.count == 2 else { throw Failure(description: "'\(part)' is no name and kinds") }
      return (String(words[0]), try mask(words[1]))
    }
  }

  private static func mask(_ text: Substring) throws -> KindMask {
    try text.split(separator: "|").reduce(into: KindMask()) { mask, name in
      for number in UInt8(0)..<16 {
        if let kind = Kind(rawValue: number), kind.name == name {
          mask.insert(KindMask(kind))
          return
        }
      }
      throw Failure(description: "there is no kind '\(name)'")
    }
  }

  /// One instruction, for the place `at` in its function.
  mutating func instruction(_ line: Substring, at: Int) throws -> Instruction {
    let words = line.split(separator: " ", maxSplits: 1)
    let number = (0..<UInt8(KTAP_OP_COUNT.rawValue)).first {
      Opcode(rawValue: $0).name.map { $0 == words[0] } ?? false
    }
    guard let number, let roles = Opcode(rawValue: number).roles else {
      throw Failure(description: "there is no instruction '\(line)'")
    }
    var rest = Operands(words.count > 1 ? words[1] : "")
    var result = Instruction(op: Opcode(rawValue: number), a: 0, b: 0, c: 0, imm: 0)
    let isCall = UInt32(roles.imm) == KTAP_IMM_LIBRARY.rawValue
    if !isCall || !rest.beginsWithRun { result.a = try rest.operand(roles.a, &result, roles) }
    let b = try rest.operand(roles.b, &result, roles)
    if UInt32(roles.b) != KTAP_OPERAND_LOW.rawValue, UInt32(roles.b) != 0 { result.b = b }
    let c = try rest.operand(roles.c, &result, roles)
    if UInt32(roles.c) == KTAP_OPERAND_FIRST.rawValue || isRegister(roles.c) { result.c = c }
    if UInt32(roles.imm) != KTAP_IMM_NONE.rawValue, UInt32(roles.imm) != KTAP_IMM_PARTS.rawValue {
      result.imm = try immediate(rest.next(), roles.imm, at)
    }
    return result
  }

  private func isRegister(_ role: UInt8) -> Bool {
    ![KTAP_OPERAND_NONE, KTAP_OPERAND_COUNT, KTAP_OPERAND_LOW, KTAP_OPERAND_HIGH]
      .map(\.rawValue).contains(UInt32(role))
  }

  private mutating func immediate(_ text: Substring, _ role: UInt8, _ at: Int) throws -> Int32 {
    func index(_ found: Int?) throws -> Int32 {
      guard let found else { throw Failure(description: "what is '\(text)'?") }
      return Int32(found)
    }
    switch UInt32(role) {
    case KTAP_IMM_JUMP.rawValue: return try index(Int(text.dropFirst(3))) - Int32(at) - 1
    case KTAP_IMM_BOOL.rawValue: return text == "true" ? 1 : 0
    case KTAP_IMM_INTEGER.rawValue:
      guard let value = Int64(text) else { throw Failure(description: "'\(text)' is no number") }
      if !program.integers.contains(value) { program.integers.append(value) }
      return try index(program.integers.firstIndex(of: value))
    case KTAP_IMM_STRING.rawValue:
      let string = Text(String(text.dropFirst().dropLast()))
      if !program.strings.contains(string) { program.strings.append(string) }
      return try index(program.strings.firstIndex(of: string))
    case KTAP_IMM_GLOBAL.rawValue:
      return try index(program.globals.firstIndex { $0.name.string == text })
    case KTAP_IMM_FIELD.rawValue:
      return try index(program.fields.firstIndex { $0.name.string == text })
    case KTAP_IMM_FUNCTION.rawValue:
      return try index(program.functions.firstIndex { $0.name.string == text })
    case KTAP_IMM_LIBRARY.rawValue:
      return try index(LibraryFunction.all.first { $0.name == text }.map { Int($0.rawValue) })
    case KTAP_IMM_ARITHMETIC.rawValue:
      return try index(["+", "-", "*", "/", "%", "&", "|", "^", "<<", ">>"].firstIndex(of: text))
    case KTAP_IMM_COMPARISON.rawValue:
      return try index(["==", "!=", "<", "<=", "match"].firstIndex(of: text))
    case KTAP_IMM_ERROR.rawValue: return Int32(KTAP_ERROR_KIND.rawValue)
    default: return try index(Int(text.split(separator: " ").last ?? ""))
    }
  }
}

/// The operands of an instruction, taken one by one.
private struct Operands {
  private var parts: [Substring]

  init(_ text: Substring) {
    parts = text.split(separator: ",").map { part in
      part.drop { $0 == " " }
    }
  }

  var beginsWithRun: Bool { parts.first?.hasPrefix("(") ?? false }

  mutating func next() throws -> Substring {
    guard !parts.isEmpty else { throw Assembler.Failure(description: "an operand is missing") }
    return parts.removeFirst()
  }

  /// The operand of a role; runs and wide numbers go straight into the instruction.
  mutating func operand(
    _ role: UInt8, _ instruction: inout Instruction, _ roles: ktap_opcode_info
  ) throws -> UInt8 {
    switch UInt32(role) {
    case KTAP_OPERAND_NONE.rawValue, KTAP_OPERAND_COUNT.rawValue, KTAP_OPERAND_HIGH.rawValue:
      return 0
    case KTAP_OPERAND_FIRST.rawValue:
      let registers = try next().dropFirst().dropLast().split(separator: ".").map(register)
      let count = registers.first.map { (registers.last ?? $0) - $0 + 1 } ?? 0
      if UInt32(roles.imm) == KTAP_IMM_PARTS.rawValue {
        instruction.imm = Int32(count)
      } else {
        instruction.c = count
      }
      return registers.first ?? 0
    case KTAP_OPERAND_LOW.rawValue:
      let text = try next()
      if let number = Int16(text) {
        instruction.wide = number
      } else {
        let mask = try Assembler.masks("x \(text)")[0].mask
        instruction.wide = Int16(bitPattern: mask.rawValue)
      }
      return 0
    default: return try register(next())
    }
  }

  private func register(_ text: Substring) throws -> UInt8 {
    guard text.hasPrefix("r"), let number = UInt8(text.dropFirst()) else {
      throw Assembler.Failure(description: "'\(text)' is no register")
    }
    return number
  }
}
