// SPDX-License-Identifier: GPL-2.0-or-later
import CKtap

/// The number of an instruction in the list of kernel/include/ktap/opcodes.h.
public struct Opcode: Hashable, Sendable {
  public var rawValue: UInt8

  public init(rawValue: UInt8) { self.rawValue = rawValue }
  public init(_ op: ktap_opcode) { rawValue = UInt8(truncatingIfNeeded: op.rawValue) }

  /// The mnemonic, or nil when there is no such instruction.
  public var name: String? {
    guard let info = ktap_opcode_info(UInt32(rawValue)) else { return nil }
    return String(cString: info.pointee.name)
  }

  /// The roles of the operands, or nil when there is no such instruction.
  public var roles: ktap_opcode_info? { ktap_opcode_info(UInt32(rawValue))?.pointee }
}

/// One instruction. `imm` is in the machine's byte order; the bundle stores it little-endian.
public struct Instruction: Equatable, Sendable {
  public var op: Opcode
  public var a: UInt8
  public var b: UInt8
  public var c: UInt8
  public var imm: Int32

  public init(_ op: ktap_opcode, a: UInt8 = 0, b: UInt8 = 0, c: UInt8 = 0, imm: Int32 = 0) {
    self.init(op: Opcode(op), a: a, b: b, c: c, imm: imm)
  }

  public init(op: Opcode, a: UInt8, b: UInt8, c: UInt8, imm: Int32) {
    self.op = op
    self.a = a
    self.b = b
    self.c = c
    self.imm = imm
  }

  /// The 16-bit operand that B (low byte) and C (high byte) form, sign-extended.
  public var wide: Int16 {
    get { Int16(bitPattern: UInt16(b) | UInt16(c) << 8) }
    set {
      b = UInt8(truncatingIfNeeded: newValue)
      c = UInt8(truncatingIfNeeded: newValue >> 8)
    }
  }
}
