// SPDX-License-Identifier: GPL-2.0-or-later
import Bytecode
import CKtap

extension ByteBuffer {
  /// What went wrong, with the details that errors.h gives each code; without the place.
  mutating func append(message error: ktap_error, _ program: ProgramText) {
    #if !hasFeature(Embedded)
      // Where there is no board; the agent runs on one.
      if error.code == KTAP_ERROR_UNAVAILABLE.rawValue,
        let function = ktap_library_info(UInt32(truncatingIfNeeded: error.detail.0))
      {
        append(cString: function.pointee.name)
        append(" needs a board: run it with --on qemu:NAME, ssh:USER@HOST or local")
        return
      }
    #endif
    append(cString: ktap_error_text(error.code))
    let first = UInt64(bitPattern: error.detail.0)
    let second = UInt64(bitPattern: error.detail.1)
    switch ktap_error_code(rawValue: error.code) {
    case KTAP_ERROR_ARITHMETIC, KTAP_ERROR_COMPARISON, KTAP_ERROR_CONCATENATION:
      append(" (")
      append(kind: first)
      append(" and ")
      append(kind: second)
      append(0x29)
    case KTAP_ERROR_KIND:
      append(" (")
      append(kind: first)
      append(" where ")
      append(kinds: second)
      append(" is expected)")
    case KTAP_ERROR_INDEX, KTAP_ERROR_CALL, KTAP_ERROR_KEY_KIND, KTAP_ERROR_VALUE_KIND:
      append(" (")
      append(kind: first)
      append(0x29)
    case KTAP_ERROR_DEPTH: append(limit: "at most ", first, " calls")
    case KTAP_ERROR_REGISTERS: append(limit: "at most ", first, " registers")
    case KTAP_ERROR_FUEL: append(limit: "limit fuel: ", first, " instructions")
    case KTAP_ERROR_MEMORY: append(limit: "limit memory: ", first, " bytes")
    case KTAP_ERROR_ARENA: append(limit: "at most ", first, " bytes")
    case KTAP_ERROR_STRING:
      append(limit: "", first, " bytes")
      append(limit: "limit string: ", second, " bytes")
    case KTAP_ERROR_KEY:
      append(limit: "", first, " bytes")
      append(limit: "limit key: ", second, " bytes")
    case KTAP_ERROR_FIELD:
      guard let name = program.fieldName(Int(clamping: first)) else { break }
      append(" (")
      program.bytes.withUnsafeBytes { append(UnsafeRawBufferPointer(rebasing: $0[name])) }
      append(0x29)
    case KTAP_ERROR_LIST: append(limit: "at most ", second, " values")
    case KTAP_ERROR_ITEM: append(limit: "", second, " elements, from 0 on")
    case KTAP_ERROR_ARGUMENT: append(limit: "argument ", first, "")
    case KTAP_ERROR_REFUSED: append(limit: "error ", second, "")
    default: break
    }
  }

  private mutating func append(limit name: StaticString, _ value: UInt64, _ unit: StaticString) {
    append(" (")
    append(name)
    append(unsigned: value)
    append(unit)
    append(0x29)
  }

  private mutating func append(kind: UInt64) {
    append(cString: ktap_kind_name(UInt32(truncatingIfNeeded: kind)))
  }

  private mutating func append(kinds mask: UInt64) {
    var isFirst = true
    for kind in 0..<UInt64(KTAP_KIND_COUNT.rawValue) where mask & (1 << kind) != 0 {
      if !isFirst { append(" or ") }
      append(kind: kind)
      isFirst = false
    }
  }
}
