// SPDX-License-Identifier: GPL-2.0-or-later

/// A run of elements whose number never changes. It stands where `Array` would bring its code for growing and
/// copying along, once for each type of element: the board's agent has no room for that. Copies share the elements.
final class FixedArray<Element> {
  private let elements: UnsafeMutableBufferPointer<Element>

  init(repeating element: Element, count: Int) {
    elements = .allocate(capacity: count)
    elements.initialize(repeating: element)
  }

  deinit {
    elements.deinitialize()
    elements.deallocate()
  }

  var count: Int { elements.count }

  /// In place: nothing is copied.
  subscript(index: Int) -> Element {
    unsafeAddress { UnsafePointer(address(of: index)) }
    unsafeMutableAddress { address(of: index) }
  }

  private func address(of index: Int) -> UnsafeMutablePointer<Element> {
    guard index >= 0, index < elements.count, let first = elements.baseAddress else {
      fatalError("no such element")
    }
    return first + index
  }
}
