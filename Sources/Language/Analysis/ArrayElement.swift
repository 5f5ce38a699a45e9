// SPDX-License-Identifier: GPL-2.0-or-later

extension Expr {
  /// `e.name[3]`: an element of a field that is an array, which the event's kind tells from an
  /// entry of a table.
  struct ArrayElement {
    let event: Expr
    let name: String
    /// nil when it is no constant.
    let index: Int64?

    /// How the field section names it.
    var fieldName: String { "\(name)[\(index ?? 0)]" }
  }

  var arrayElement: ArrayElement? {
    guard case .index(let base, let keys) = op, keys.count == 1 else { return nil }
    var index: Int64?
    if case .integer(let number) = keys[0].op { index = number }
    switch base.op {
    case .field(let event, let name):
      return ArrayElement(event: event, name: name, index: index)
    case .member(let event, let name) where event.mask.contains(.event):
      return ArrayElement(event: event, name: name.text, index: index)
    default: return nil
    }
  }
}
