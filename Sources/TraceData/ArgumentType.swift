// SPDX-License-Identifier: GPL-2.0-or-later
import CKtap

/// The C type of a system call's argument, as kernel/events_syscalls.c takes it.
struct ArgumentType {
  /// Bytes of the register that count.
  let size: Int
  let isSigned: Bool
  /// enum ktap_field_flags of the argument.
  let flags: UInt32

  /// What is not here is an unsigned long.
  private static let scalars: [String: (size: Int, isSigned: Bool)] = [
    "int": (4, true), "unsigned int": (4, false), "unsigned": (4, false), "long": (0, true),
    "short": (2, true), "unsigned short": (2, false), "char": (1, true),
    "unsigned char": (1, false), "u8": (1, false), "u16": (2, false), "u32": (4, false),
    "__u32": (4, false), "uint32_t": (4, false), "s32": (4, true), "__s32": (4, true),
    "int32_t": (4, true), "ssize_t": (0, true), "off_t": (0, true), "loff_t": (0, true),
    "pid_t": (4, true), "uid_t": (4, false), "gid_t": (4, false), "qid_t": (4, false),
    "old_uid_t": (2, false), "old_gid_t": (2, false), "mode_t": (4, false), "umode_t": (2, false),
    "key_t": (4, true), "key_serial_t": (4, true), "mqd_t": (4, true), "timer_t": (4, true),
    "clockid_t": (4, true), "rwf_t": (4, true),
  ]

  init(_ type: String, longSize: Int) {
    if type.contains("*") {
      let isText = type == "const char *"
      size = longSize
      isSigned = false
      flags = KTAP_FIELD_HEX.rawValue | (isText ? KTAP_FIELD_STRING.rawValue : 0)
      return
    }
    let base = type.hasPrefix("const ") ? String(type.dropFirst(6)) : type
    let scalar = ArgumentType.scalars[base] ?? (0, false)
    size = scalar.size == 0 ? longSize : scalar.size
    isSigned = scalar.isSigned
    flags = isSigned ? KTAP_FIELD_SIGNED.rawValue : 0
  }

  /// The argument that a register holds.
  func value(of register: Int64) -> Int64 {
    switch (size, isSigned) {
    case (1, true): Int64(Int8(truncatingIfNeeded: register))
    case (1, false): Int64(UInt8(truncatingIfNeeded: register))
    case (2, true): Int64(Int16(truncatingIfNeeded: register))
    case (2, false): Int64(UInt16(truncatingIfNeeded: register))
    case (4, true): Int64(Int32(truncatingIfNeeded: register))
    case (4, false): Int64(UInt32(truncatingIfNeeded: register))
    default: register
    }
  }
}
