// SPDX-License-Identifier: GPL-2.0-or-later
import Foundation

/// Files as the commands read and write them; `-` is standard input or output.
enum Files {
  static func read(_ path: String) throws -> [UInt8] {
    let descriptor = path == "-" ? dup(STDIN_FILENO) : open(path, O_RDONLY | O_CLOEXEC)
    guard descriptor >= 0 else { throw failure(path, "read") }
    defer { close(descriptor) }
    var bytes: [UInt8] = []
    var chunk = [UInt8](repeating: 0, count: 1 << 16)
    while true {
      let count = Foundation.read(descriptor, &chunk, chunk.count)
      if count > 0 {
        bytes += chunk[..<count]
      } else if count == 0 {
        return bytes
      } else if errno != EINTR {
        throw failure(path, "read")
      }
    }
  }

  /// Replaces a file in one step, so that a reader sees the old or the new content. What is no
  /// regular file, such as a pipe or a device, is written to.
  static func write(_ bytes: [UInt8], to path: String) throws {
    if path == "-" { return try write(bytes, descriptor: STDOUT_FILENO, path) }
    var status = stat()
    let exists = stat(path, &status) == 0
    if exists && status.st_mode & S_IFMT != S_IFREG {
      let descriptor = open(path, O_WRONLY | O_CLOEXEC)
      guard descriptor >= 0 else { throw failure(path, "written") }
      defer { close(descriptor) }
      return try write(bytes, descriptor: descriptor, path)
    }
    // A link stays one; its file is replaced.
    let target = exists ? resolve(path) : path
    var name = Array((target + ".XXXXXX").utf8CString)
    let descriptor = mkstemp(&name)
    guard descriptor >= 0 else { throw failure(path, "written") }
    do {
      defer { close(descriptor) }
      try write(bytes, descriptor: descriptor, path)
      guard fchmod(descriptor, exists ? status.st_mode & 0o777 : newFileMode()) == 0,
        rename(name, target) == 0
      else { throw failure(path, "written") }
    } catch {
      unlink(name)
      throw error
    }
  }

  /// Makes a directory for temporary files, readable by its owner alone.
  static func makeTemporaryDirectory() throws -> URL {
    let base = FileManager.default.temporaryDirectory
    var template = Array(base.appendingPathComponent("ktapc.XXXXXX").path.utf8CString)
    guard mkdtemp(&template) != nil else {
      throw Failure(
        .usage, "\(base.path): no directory can be made: \(String(cString: strerror(errno)))")
    }
    let path = String(decoding: template.dropLast().map { UInt8(bitPattern: $0) }, as: UTF8.self)
    return URL(fileURLWithPath: path, isDirectory: true)
  }

  /// Writes what print() has buffered; throws when standard output cannot take it.
  static func flushOutput() throws(Failure) {
    guard fflush(nil) == 0 else { throw failure("-", "written") }
  }

  /// Why a file cannot be `done`, "read" or "written", from errno.
  static func failure(_ path: String, _ done: String) -> Failure {
    let reason = String(cString: strerror(errno))
    let standard = done == "read" ? "standard input" : "standard output"
    let name = path == "-" ? standard : path
    return Failure(
      .usage, "\(name): cannot be \(done): \(reason.prefix(1).lowercased())\(reason.dropFirst())")
  }

  /// Writes all bytes; `path` is for the message.
  static func write(_ bytes: [UInt8], descriptor: Int32, _ path: String) throws {
    var rest = bytes[...]
    while !rest.isEmpty {
      let count = rest.withUnsafeBytes { Foundation.write(descriptor, $0.baseAddress, $0.count) }
      if count >= 0 {
        rest = rest.dropFirst(count)
      } else if errno != EINTR {
        throw failure(path, "written")
      }
    }
  }

  private static func resolve(_ path: String) -> String {
    guard let resolved = realpath(path, nil) else { return path }
    defer { free(resolved) }
    return String(cString: resolved)
  }

  private static func newFileMode() -> mode_t {
    let mask = umask(0o022)
    umask(mask)
    return 0o666 & ~mask
  }
}
