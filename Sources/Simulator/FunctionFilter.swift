// SPDX-License-Identifier: GPL-2.0-or-later
import Events

/// The filter of `ftrace:function/PATTERN PATTERN |/`, in postfix order: the kernel module applies it when a program
/// attaches, a replay to each recorded function.
struct FunctionFilter {
  private let words: [Substring]

  /// nil: the event has no such filter.
  init?(_ event: String) {
    let parts = event.split(separator: "/", omittingEmptySubsequences: false)
    guard parts.count == 3, parts[0] == "ftrace:function" else { return nil }
    words = parts[1].split(separator: " ")
  }

  func passes(_ function: String) -> Bool {
    var values: [Bool] = []
    for word in words {
      switch word {
      case "!": values.append(!(values.popLast() ?? false))
      case "&", "|":
        let right = values.popLast() ?? false
        let left = values.popLast() ?? false
        values.append(word == "&" ? left && right : left || right)
      default: values.append(Glob.matches(function, pattern: word))
      }
    }
    return values.last ?? false
  }
}
