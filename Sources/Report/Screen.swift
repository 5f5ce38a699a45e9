// SPDX-License-Identifier: GPL-2.0-or-later

extension ByteBuffer {
  /// What `ansi.clear_screen()` of a script writes.
  private static var clearScreen: StaticString { "\u{1B}[2J\u{1B}[1;1H" }

  /// Makes the picture that was drawn last, if a script drew one, replace the one on the terminal without an empty screen
  /// between, which flickers: the cursor goes home, each line clears what is left of the old one behind it, and the last one
  /// what is below. What was drawn before it would not be seen any more and goes.
  mutating func refreshScreen() {
    let clear = ByteBuffer.clearScreen
    let length = clear.utf8CodeUnitCount
    var start = count - length
    while start >= 0 {
      var matched = 0
      while matched < length, bytes[start + matched] == clear.utf8Start[matched] { matched += 1 }
      if matched == length { break }
      start -= 1
    }
    guard start >= 0 else { return }
    var screen = ByteBuffer()
    screen.append("\u{1B}[1;1H")
    var next = start + length
    while next < count {
      if bytes[next] == 0x0A { screen.append("\u{1B}[K") }
      screen.append(bytes[next])
      next += 1
    }
    screen.append("\u{1B}[J")
    self = screen
  }
}
