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

  /// Characters of a line of standard output: what COLUMNS says, else the terminal itself; 0: it is none.
  static var columns: Int {
    if let said = ProcessInfo.processInfo.environment["COLUMNS"].flatMap({ Int($0) }),
      said > 0, said < 100_000
    {
      return said
    }
    var size = winsize()
    return ioctl(STDOUT_FILENO, UInt(TIOCGWINSZ), &size) == 0 ? Int(size.ws_col) : 0
  }

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
