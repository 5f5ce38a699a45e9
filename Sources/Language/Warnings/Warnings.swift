// SPDX-License-Identifier: GPL-2.0-or-later

/// What is probably not meant although it is allowed, as far as the syntax tree tells.
enum Warnings {
  static func report(_ script: Script, to diagnostics: inout Diagnostics) {
    Reachability.report(script, to: &diagnostics)
    MistypedEvents.report(script, to: &diagnostics)
    // What is not used may be what an error is about.
    if !diagnostics.hasErrors { UnusedNames.report(script, to: &diagnostics) }
  }
}
