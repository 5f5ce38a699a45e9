// SPDX-License-Identifier: GPL-2.0-or-later
import CAgent
import Report

/// Where the report goes. After the first failure nothing more is written.
struct Output: ReportHost {
  let program: Program
  let file: Int32
  /// A negative errno of the first write that failed; 0: none.
  private(set) var error: Int32 = 0

  init(program: Program, file: Int32) {
    self.program = program
    self.file = file
  }

  mutating func write(_ bytes: UnsafeRawBufferPointer, to stream: ReportStream) {
    guard stream == .output else {
      // Nobody can be told when that fails.
      _ = cagent_write(CAGENT_STDERR, bytes.baseAddress, bytes.count)
      return
    }
    if error == 0 { error = cagent_write(file, bytes.baseAddress, bytes.count) }
  }

  func describe(event id: UInt32) -> EventDescription? {
    program.describe(event: id)
  }

  func symbol(stack: UInt32, frame: UInt32) -> [UInt8]? {
    program.symbol(stack: stack, frame: frame)
  }
}
