// SPDX-License-Identifier: GPL-2.0-or-later
import CKtap

extension Bundle {
  /// The functions with their registers, code and lines, which must follow each other without gaps.
  public func functions() throws(BundleError) -> [Function] {
    let records = try records(.functions, stride: 32)
    let registers = try self.records(.registers, stride: 2)
    let code = try self.records(.code, stride: 8)
    let lines = try self.records(.lines, stride: 4)
    guard lines.count == code.count else { throw .section(Section.lines.rawValue) }
    let view = records.view
    var functions: [Function] = []
    var instruction = 0
    var register = 0
    for index in 0..<records.count {
      let at = records.at(index)
      let length = Int(view.u32(at + 12))
      let registerCount = Int(view.u16(at + 20))
      guard Int(view.u32(at + 8)) == instruction, length <= code.count - instruction,
        Int(view.u32(at + 16)) == register, registerCount <= registers.count - register,
        Int(view.u16(at + 22)) <= registerCount
      else { throw .section(Section.functions.rawValue) }
      var function = Function(
        name: try text(at: at, of: .functions), registers: [],
        parameterCount: Int(view.u16(at + 22)), result: view.mask(at + 24),
        flags: FunctionFlags(rawValue: view.u16(at + 26)), line: view.u32(at + 28), code: [],
        lines: [])
      for slot in register..<(register + registerCount) {
        function.registers.append(view.mask(registers.at(slot)))
      }
      for slot in instruction..<(instruction + length) {
        let word = code.at(slot)
        function.code.append(
          Instruction(
            op: Opcode(rawValue: view.u8(word)), a: view.u8(word + 1), b: view.u8(word + 2),
            c: view.u8(word + 3), imm: view.i32(word + 4)))
        function.lines.append(view.u32(lines.at(slot)))
      }
      functions.append(function)
      instruction += length
      register += registerCount
    }
    guard instruction == code.count else { throw .section(Section.code.rawValue) }
    guard register == registers.count else { throw .section(Section.registers.rawValue) }
    return functions
  }

  /// Everything the signed part says.
  public func program() throws(BundleError) -> Program {
    var program = Program(manifest: try manifest(), policy: try policy())
    program.integers = try integers()
    program.strings = try strings()
    program.globals = try globals()
    program.tables = try tables()
    program.functions = try functions()
    program.fields = try fields()
    program.probes = try probes()
    program.formats = try formats()
    program.source = try source()
    return program
  }
}
