// SPDX-License-Identifier: GPL-2.0-or-later

extension Expr {
  /// `e.name[3]`: an element of a field that is an array, which the event's kind tells from an
  /// entry of a table.
  struct ArrayElement {
    let event: Expr
    let name: String
    let index: Expr
    /// The index when it is known.
    let constant: Int64?

    /// How the field section names it: `name[3]`, or `name[]` for the array of an index that the script computes.
    var fieldName: String { "\(name)[\(constant.map(String.init) ?? "")]" }
  }

  var arrayElement: ArrayElement? {
    guard case .index(let base, let keys) = op, keys.count == 1 else { return nil }
    var constant: Int64?
    if case .integer(let number) = keys[0].op { constant = number }
    switch base.op {
    case .field(let event, let name):
      return ArrayElement(event: event, name: name, index: keys[0], constant: constant)
    case .member(let event, let name) where event.mask.contains(.event):
      return ArrayElement(event: event, name: name.text, index: keys[0], constant: constant)
    default: return nil
    }
  }
}
