// SPDX-License-Identifier: GPL-2.0-or-later
import CKtap

/// Writes a program as text, one line an instruction. It knows the instructions by the roles of
/// their operands in the opcode list alone.
public struct Disassembler {
  let program: Program
  let source: [Text]

  /// - Parameter source: the script; its lines are shown above the code made from them.
  public init(_ program: Program, source: Text? = nil) {
    self.program = program
    var lines: [Text] = []
    if let source {
      for line in source.bytes.split(separator: 0x0A, omittingEmptySubsequences: false) {
        lines.append(Text(bytes: Array(line)))
      }
    }
    self.source = lines
  }

  /// Globals, table sites, probes and all functions.
  public func listing() -> String {
    var out = ""
    for (index, global) in program.globals.enumerated() {
      out += "global \(index) \(global.name.string): \(global.mask.description)\n"
    }
    for (index, table) in program.tables.enumerated() {
      var keys = ""
      for key in table.keys { keys += (keys.isEmpty ? "" : ", ") + key.description }
      out += "table \(index) [\(keys)]: \(table.value.description)\n"
    }
    for (index, field) in program.fields.enumerated() {
      out +=
        "field \(index) \(field.name.string): \(field.mask.description)\(field.isShown ? ", shown" : "")\n"
    }
    for (index, format) in program.formats.enumerated() {
      let text = format.kind == .print ? "print" : "printf \(quoted(format.text))"
      out += "format \(index) \(text), \(format.valueCount) values\n"
    }
    for probe in program.probes { out += describe(probe) + "\n" }
    for index in program.functions.indices { out += "\n" + function(index) }
    return out
  }

  /// One function: its header, its registers, its code. A star marks generic instructions.
  public func function(_ index: Int) -> String {
    guard index >= 0, index < program.functions.count else { return "" }
    let function = program.functions[index]
    var parameters = ""
    for register in 0..<min(function.parameterCount, function.registers.count) {
      parameters += (register == 0 ? "" : ", ") + "r\(register)"
    }
    var out = "function \(index) \(function.name.string)(\(parameters)): "
    out += "\(function.result.description), line \(function.line)\n"
    var registers = ""
    for (number, mask) in function.registers.enumerated() {
      registers += (number == 0 ? "  " : ", ") + "r\(number) \(mask.description)"
    }
    if !registers.isEmpty { out += registers + "\n" }
    let generic = function.genericInstructions
    let count = function.code.count
    out += "  typed: \(count - generic.count) of \(count) instructions\n"
    var line: UInt32 = 0
    for (at, instruction) in function.code.enumerated() {
      if function.lines[at] != line {
        line = function.lines[at]
        if line > 0, Int(line) <= source.count {
          out += "  ; \(line): \(source[Int(line) - 1].string)\n"
        }
      }
      let mark = instruction.isGeneric(registers: function.registers) ? "*" : " "
      out += "  \(padded(at, 4)) \(mark)\(self.instruction(instruction, at: at))\n"
    }
    return out
  }

  /// One instruction; `at` is its index in its function, for jump targets.
  public func instruction(_ instruction: Instruction, at: Int) -> String {
    guard let roles = instruction.op.roles, let name = instruction.op.name else {
      return "unknown opcode \(instruction.op.rawValue)"
    }
    var operands: [String] = []
    if !isWithoutResult(instruction) {
      append(instruction.a, role: roles.a, instruction, roles, to: &operands)
    }
    append(instruction.b, role: roles.b, instruction, roles, to: &operands)
    append(instruction.c, role: roles.c, instruction, roles, to: &operands)
    if let text = immediate(instruction, role: roles.imm, at: at) { operands.append(text) }
    var line = name
    if !operands.isEmpty {
      while line.utf8.count < 7 { line += " " }
      line += " "
      for (index, operand) in operands.enumerated() { line += (index == 0 ? "" : ", ") + operand }
    }
    return line
  }

  /// A call of a library function that gives nothing: A is no register.
  private func isWithoutResult(_ instruction: Instruction) -> Bool {
    guard instruction.op == Opcode(KTAP_OP_LIB),
      let function = LibraryFunction(rawValue: UInt32(bitPattern: instruction.imm))
    else { return false }
    return function.result == .none
  }

  private func append(
    _ value: UInt8, role: UInt8, _ instruction: Instruction, _ roles: ktap_opcode_info,
    to operands: inout [String]
  ) {
    switch UInt32(role) {
    case KTAP_OPERAND_NONE.rawValue, KTAP_OPERAND_HIGH.rawValue, KTAP_OPERAND_COUNT.rawValue:
      return
    case KTAP_OPERAND_FIRST.rawValue:
      // The length of the run is either in C (COUNT) or in imm (PARTS).
      let parts = UInt32(roles.imm) == KTAP_IMM_PARTS.rawValue
      let count = parts ? Int(instruction.imm) : Int(instruction.c)
      if count == 0 {
        operands.append("()")
      } else if count == 1 {
        operands.append("(r\(value))")
      } else {
        operands.append("(r\(value)..r\(Int(value) + count - 1))")
      }
    case KTAP_OPERAND_LOW.rawValue:
      if UInt32(roles.imm) == KTAP_IMM_JUMP.rawValue, instruction.op == Opcode(KTAP_OP_JKIND) {
        operands.append(KindMask(rawValue: UInt16(bitPattern: instruction.wide)).description)
      } else {
        operands.append("\(instruction.wide)")
      }
    default: operands.append("r\(value)")
    }
  }

  private func immediate(_ instruction: Instruction, role: UInt8, at: Int) -> String? {
    let value = Int(instruction.imm)
    switch UInt32(role) {
    case KTAP_IMM_NONE.rawValue, KTAP_IMM_PARTS.rawValue: return nil
    case KTAP_IMM_JUMP.rawValue: return "-> \(padded(at + 1 + value, 4))"
    case KTAP_IMM_BOOL.rawValue: return value == 0 ? "false" : "true"
    case KTAP_IMM_INTEGER.rawValue:
      return value >= 0 && value < program.integers.count
        ? "\(program.integers[value])" : "#\(value)"
    case KTAP_IMM_STRING.rawValue:
      return value >= 0 && value < program.strings.count
        ? quoted(program.strings[value]) : "#\(value)"
    case KTAP_IMM_GLOBAL.rawValue:
      return value >= 0 && value < program.globals.count
        ? program.globals[value].name.string : "#\(value)"
    case KTAP_IMM_FUNCTION.rawValue:
      return value >= 0 && value < program.functions.count
        ? program.functions[value].name.string : "#\(value)"
    case KTAP_IMM_FIELD.rawValue:
      return value >= 0 && value < program.fields.count
        ? program.fields[value].name.string : "#\(value)"
    case KTAP_IMM_TABLE.rawValue: return "table \(value)"
    case KTAP_IMM_FORMAT.rawValue: return "format \(value)"
    case KTAP_IMM_LIBRARY.rawValue:
      return LibraryFunction(rawValue: UInt32(bitPattern: instruction.imm))?.name ?? "#\(value)"
    case KTAP_IMM_ARITHMETIC.rawValue: return Disassembler.arithmetic(value)
    case KTAP_IMM_COMPARISON.rawValue: return Disassembler.comparison(value)
    case KTAP_IMM_ERROR.rawValue:
      return "else \"\(String(cString: ktap_error_text(UInt32(bitPattern: instruction.imm))))\""
    default: return "\(value)"
    }
  }

  private static func arithmetic(_ value: Int) -> String {
    let names: [StaticText] = ["+", "-", "*", "/", "%", "&", "|", "^", "<<", ">>"]
    return value >= 0 && value < names.count ? names[value].string : "#\(value)"
  }

  private static func comparison(_ value: Int) -> String {
    let names: [StaticText] = ["==", "!=", "<", "<=", "match"]
    return value >= 0 && value < names.count ? names[value].string : "#\(value)"
  }

  private func describe(_ probe: Probe) -> String {
    var name = "#\(probe.function)"
    if Int(probe.function) < program.functions.count {
      name = program.functions[Int(probe.function)].name.string
    }
    switch probe.kind {
    case .main: return "main: \(name)"
    case .end: return "trace_end: \(name)"
    case .event: return "event \(probe.event.string): \(name)"
    case .tick: return "tick every \(probe.interval) ns: \(name)"
    }
  }

  private func padded(_ number: Int, _ width: Int) -> String {
    var text = "\(number)"
    while text.utf8.count < width { text = "0" + text }
    return text
  }

  private func quoted(_ text: Text) -> String {
    var out: [UInt8] = [0x22]
    for byte in text.bytes {
      switch byte {
      case 0x0A: out += [0x5C, 0x6E]
      case 0x09: out += [0x5C, 0x74]
      case 0x22, 0x5C: out += [0x5C, byte]
      case 0x20..<0x7F, 0x80...: out.append(byte)
      default:
        let digits = Array("0123456789abcdef".utf8)
        out += [0x5C, 0x78, digits[Int(byte >> 4)], digits[Int(byte & 15)]]
      }
    }
    out.append(0x22)
    return String(decoding: out, as: UTF8.self)
  }
}
