// SPDX-License-Identifier: GPL-2.0-or-later
import Foundation

/// Standard error: diagnostics and progress.
enum Terminal {
  /// Whether diagnostics may use colours.
  static let usesColor: Bool = {
    let environment = ProcessInfo.processInfo.environment
    let isRefused = !(environment["NO_COLOR"] ?? "").isEmpty || environment["TERM"] == "dumb"
    return isatty(STDERR_FILENO) == 1 && !isRefused
  }()

  /// Writes text as it is.
  static func write(_ text: String) {
    // When it is closed there is nobody to tell.
    try? FileHandle.standardError.write(contentsOf: Data(text.utf8))
  }

  /// Says in one line why the program ends.
  static func error(_ message: String) {
    let label = usesColor ? "\u{1b}[31merror:\u{1b}[0m" : "error:"
    write("ktapc: \(label) \(message)\n")
  }

  static func warning(_ message: String) {
    let label = usesColor ? "\u{1b}[35mwarning:\u{1b}[0m" : "warning:"
    write("ktapc: \(label) \(message)\n")
  }

  /// Progress.
  static func note(_ message: String) {
    write("ktapc: \(message)\n")
  }
}
