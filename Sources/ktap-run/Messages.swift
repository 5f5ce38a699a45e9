// SPDX-License-Identifier: GPL-2.0-or-later
import CAgent
import Report

/// What the agent's exit status says.
enum ExitCode {
  static var success: Int32 { 0 }
  static var runTimeError: Int32 { 1 }
  static var usage: Int32 { 2 }
  static var refused: Int32 { 4 }
  static var unsupported: Int32 { 5 }

  static func signal(_ number: Int32) -> Int32 { 128 + number }
}

/// Why a command line cannot be followed.
struct UsageProblem {
  enum Kind {
    case help, version, unknownOption, noValue, badNumber, badDuration, noBundle, noEvent, noCommand
  }

  let kind: Kind
  let word: CText?

  init(_ kind: Kind, _ word: CText?) {
    self.kind = kind
    self.word = word
  }

  /// Says it on stderr and returns the exit code.
  func report() -> Int32 {
    var message = Message()
    switch kind {
    case .help, .version, .unknownOption: message.text.append("unknown option ")
    case .noValue: message.text.append("a value is missing behind ")
    case .badNumber: message.text.append("not a number that is possible here: ")
    case .badDuration: message.text.append("not a time such as 10s or 500ms: ")
    case .noBundle: message.text.append("which bundle?")
    case .noEvent: message.text.append("which events?")
    case .noCommand: message.text.append("a command is missing behind ")
    }
    if let word { message.text.append(bytes(of: word)) }
    message.text.append("\nktap-run: try 'ktap-run --help'")
    message.say()
    return ExitCode.usage
  }
}

/// A line for stderr that begins with the program's name.
struct Message {
  var text = ByteBuffer()

  init() {
    text.append("ktap-run: ")
  }

  init(_ sentence: StaticString) {
    self.init()
    text.append(sentence)
  }

  /// Writes it.
  func say() {
    var line = text
    line.append(0x0A)
    _ = writeAll(line.bytes, to: CAGENT_STDERR)
  }
}

/// 0, or a negative errno.
func writeAll(_ bytes: [UInt8], to file: Int32) -> Int32 {
  bytes.withUnsafeBytes { cagent_write(file, $0.baseAddress, $0.count) }
}

/// Writes `sentence` with a file's name before it and an errno's text behind.
func report(_ sentence: StaticString, file: CText?, error: Int32) {
  var message = Message()
  if let file {
    message.text.append(bytes(of: file))
    message.text.append(": ")
  }
  message.text.append(sentence)
  message.text.append(cString: cagent_error_text(error))
  message.say()
}
