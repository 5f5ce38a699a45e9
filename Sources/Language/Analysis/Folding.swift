// SPDX-License-Identifier: GPL-2.0-or-later

/// Arithmetic as the virtual machine does it, for constants.
enum Folding {
  /// The result, or nil when the machine would stop with an error.
  static func apply(_ op: Arithmetic, _ left: Int64, _ right: Int64) -> Int64? {
    switch op {
    case .add: left &+ right
    case .subtract: left &- right
    case .multiply: left &* right
    case .divide: right == 0 ? nil : left.dividedReportingOverflow(by: right).partialValue
    case .modulo: right == 0 ? nil : right == -1 ? 0 : left % right
    case .and: left & right
    case .or: left | right
    case .xor: left ^ right
    case .shiftLeft: left << (right & 63)
    case .shiftRight: left >> (right & 63)
    }
  }

  static func compare(_ comparison: Comparison, _ left: Int64, _ right: Int64) -> Bool {
    switch comparison {
    case .equal: left == right
    case .notEqual: left != right
    case .less: left < right
    case .lessOrEqual: left <= right
    case .greater: left > right
    case .greaterOrEqual: left >= right
    }
  }
}
