// SPDX-License-Identifier: GPL-2.0-or-later
import Bytecode
import CKtap

/// What an instruction does beside writing registers. Instructions that this file does not name
/// may do anything.
struct Effects {
  /// What the value that it writes depends on beside its operands and imm.
  enum Source {
    /// Nothing: the same operands give the same value.
    case operands
    /// The state of the tables.
    case tables
    /// The global of imm.
    case global
    /// Something that changes by itself: never the same value twice.
    case time
  }

  /// What others may read afterwards.
  enum Change {
    case nothing
    case global
    case tables
    case everything
  }

  var source: Source
  var canFail: Bool
  var change: Change

  /// It may be left out when nobody reads what it writes.
  var isRemovable: Bool {
    guard case .nothing = change else { return false }
    if case .time = source { return false }
    return !canFail
  }

  static let value = Effects(source: .operands, canFail: false, change: .nothing)
  static let failing = Effects(source: .operands, canFail: true, change: .nothing)
  static let anything = Effects(source: .time, canFail: true, change: .everything)
  /// Writes what has no memory in the program: output, the list, a fresh object.
  static let outside = Effects(source: .time, canFail: true, change: .nothing)
}

extension Instruction {
  var effects: Effects {
    switch ktap_opcode(rawValue: UInt32(op.rawValue)) {
    case KTAP_OP_LDI, KTAP_OP_LDK, KTAP_OP_LDS, KTAP_OP_LDB, KTAP_OP_LDNIL, KTAP_OP_LDF,
      KTAP_OP_MOV, KTAP_OP_MOVV, KTAP_OP_ADD, KTAP_OP_SUB, KTAP_OP_MUL, KTAP_OP_AND, KTAP_OP_OR,
      KTAP_OP_XOR, KTAP_OP_SHL, KTAP_OP_SHR, KTAP_OP_ADDI, KTAP_OP_MULI, KTAP_OP_DIVI, KTAP_OP_MODI,
      KTAP_OP_ANDI, KTAP_OP_ORI, KTAP_OP_XORI, KTAP_OP_SHLI, KTAP_OP_SHRI, KTAP_OP_NEG, KTAP_OP_INV,
      KTAP_OP_NOT, KTAP_OP_TRUTH, KTAP_OP_EQ, KTAP_OP_NE, KTAP_OP_LT, KTAP_OP_LE, KTAP_OP_EQS:
      return .value
    case KTAP_OP_DIV, KTAP_OP_MOD, KTAP_OP_ARITH, KTAP_OP_CHECK, KTAP_OP_CONCAT, KTAP_OP_EFIELD,
      KTAP_OP_EITEM:
      return .failing
    case KTAP_OP_COMPARE:
      let order = UInt32(bitPattern: imm)
      return order == KTAP_COMPARISON_EQ.rawValue || order == KTAP_COMPARISON_NE.rawValue
        ? .value : .failing
    case KTAP_OP_GETG: return Effects(source: .global, canFail: false, change: .nothing)
    case KTAP_OP_SETG, KTAP_OP_ADDG: return Effects(source: .time, canFail: true, change: .global)
    case KTAP_OP_TGET, KTAP_OP_TLEN:
      return Effects(source: .tables, canFail: true, change: .nothing)
    case KTAP_OP_TSET, KTAP_OP_TADD, KTAP_OP_TAGG, KTAP_OP_TCLEAR, KTAP_OP_LTABLE:
      return Effects(source: .time, canFail: true, change: .tables)
    case KTAP_OP_TNEW, KTAP_OP_CLOSURE, KTAP_OP_ITER, KTAP_OP_NEXT, KTAP_OP_LSET, KTAP_OP_LPRE,
      KTAP_OP_LVAR, KTAP_OP_LGET, KTAP_OP_EMIT, KTAP_OP_LEMIT:
      return .outside
    case KTAP_OP_JMP, KTAP_OP_JT, KTAP_OP_JF, KTAP_OP_JTV, KTAP_OP_JFV, KTAP_OP_JEQ, KTAP_OP_JNE,
      KTAP_OP_JLT, KTAP_OP_JLE, KTAP_OP_JEQI, KTAP_OP_JNEI, KTAP_OP_JLTI, KTAP_OP_JLEI,
      KTAP_OP_JGTI, KTAP_OP_JGEI, KTAP_OP_JEQS, KTAP_OP_JNES, KTAP_OP_JKIND:
      return Effects(source: .time, canFail: false, change: .nothing)
    case KTAP_OP_LIB: return library?.effects ?? .anything
    default: return .anything
    }
  }
}

extension LibraryFunction {
  /// Those that take a table or a function may change tables, call functions and so do anything;
  /// the others touch nothing of the program.
  var effects: Effects {
    switch ktap_library(rawValue: rawValue) {
    // What belongs to the current task, the event and the machine stays as it is while a function
    // runs; the others named here depend on nothing but their arguments.
    case KTAP_LIB_PID, KTAP_LIB_TID, KTAP_LIB_PPID, KTAP_LIB_UID, KTAP_LIB_GID, KTAP_LIB_EXECNAME,
      KTAP_LIB_PROBENAME, KTAP_LIB_NUM_CPUS, KTAP_LIB_ARCH, KTAP_LIB_KERNEL_V, KTAP_LIB_ARG,
      KTAP_LIB_ARG_COUNT, KTAP_LIB_STRLEN, KTAP_LIB_CONTAINS, KTAP_LIB_FIND, KTAP_LIB_SUBSTR,
      KTAP_LIB_TONUMBER, KTAP_LIB_ERRNAME, KTAP_LIB_IP4, KTAP_LIB_IP6, KTAP_LIB_MAC,
      KTAP_LIB_HEX:
      return .failing
    case KTAP_LIB_TOSTRING: return .outside
    default:
      let objects: KindMask = [.table, .function]
      let takesObjects = (0..<3).contains { !argument($0).isDisjoint(with: objects) }
      return takesObjects ? .anything : .outside
    }
  }
}
