// SPDX-License-Identifier: GPL-2.0-or-later
import Foundation

/// A file without a name that another program can inherit or open.
struct MemoryFile {
  /// Open for reading at the beginning; inherited by programs that are started.
  let descriptor: Int32

  init(_ contents: [UInt8]) throws {
    let directory = FileManager.default.temporaryDirectory.path
    var template = Array((directory + "/ktapc.XXXXXX").utf8CString)
    descriptor = mkstemp(&template)
    guard descriptor >= 0 else {
      throw Failure(.usage, "\(directory): cannot be written: \(String(cString: strerror(errno)))")
    }
    unlink(template)
    do {
      try FileHandle(fileDescriptor: descriptor).write(contentsOf: Data(contents))
    } catch {
      throw Failure(.usage, "\(directory): cannot be written: \(error.localizedDescription)")
    }
    lseek(descriptor, 0, SEEK_SET)
  }

  /// A path under which programs that inherit the descriptor can open the file.
  var path: String { "/proc/self/fd/\(descriptor)" }
}
