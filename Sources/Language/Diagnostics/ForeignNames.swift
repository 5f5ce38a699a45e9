// SPDX-License-Identifier: GPL-2.0-or-later

/// Names of other languages, for suggestions where the spelling is not near.
enum ForeignNames {
  /// Constants.
  static let constants: [String: String] = [
    "null": "nil", "NULL": "nil", "None": "nil", "nullptr": "nil", "undefined": "nil",
    "NIL": "nil", "Nil": "nil", "True": "true", "TRUE": "true", "False": "false", "FALSE": "false",
  ]

  /// Functions of the library.
  static let functions: [String: String] = [
    "strlen": "len", "length": "len", "size": "len", "sizeof": "len", "println": "print",
    "puts": "print", "echo": "print", "say": "print", "strstr": "find", "indexOf": "find",
    "index": "find", "includes": "contains", "substring": "substr", "str": "tostring",
    "int": "tonumber", "atoi": "tonumber", "strtol": "tonumber", "kstack": "stack",
    "buf": "kernel_string", "kstr": "kernel_string", "ustr": "user_string", "clear": "delete",
    "strerror": "errname", "ntop": "ip4", "macaddr": "mac", "quantize": "hist",
  ]
}
