// SPDX-License-Identifier: GPL-2.0-or-later

/// How ktapc ends when it does not succeed.
enum ExitStatus: Int32 {
  /// The script stopped with a run-time error.
  case runTimeError = 1
  /// Wrong usage, or a file that cannot be read or written.
  case usage = 2
  /// The script does not compile.
  case compilation = 3
  /// Verification or signature refused.
  case refused = 4
  /// The board or its kernel cannot do it.
  case unsupported = 5
}

/// Ends the program with a status and one sentence for the user.
struct Failure: Error {
  let status: ExitStatus
  /// Empty when everything has been said already.
  let message: String

  init(_ status: ExitStatus, _ message: String = "") {
    self.status = status
    self.message = message
  }
}
