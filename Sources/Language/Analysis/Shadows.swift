// SPDX-License-Identifier: GPL-2.0-or-later

/// Warnings about names that hide what the language gives.
extension Resolver {
  /// A local, parameter or loop variable was declared.
  func noteShadow(_ name: Name) {
    if Builtins.isVariable(name.text) {
      diagnostics.warning(
        "'\(name.text)' hides the built-in variable of that name", at: name.range)
    } else if Builtins.isFunction(name.text) {
      shadows.append((name.text, name.range))
    }
  }

  /// A local named like a library function confuses only where the script calls that one too.
  func reportShadows() {
    for (name, range) in shadows {
      guard let call = calledFunctions[name] else { continue }
      diagnostics.warning(
        "'\(name)' hides the library function of that name", at: range,
        notes: [Diagnostic.Note("the library function is called here", at: call)])
    }
  }
}
