// SPDX-License-Identifier: GPL-2.0-or-later
import Foundation

/// Files as the commands read and write them; `-` is standard input or output.
enum Files {
  static func read(_ path: String) throws -> [UInt8] {
    do {
      if path == "-" {
        return Array(try FileHandle.standardInput.readToEnd() ?? Data())
      }
      // Data(contentsOf:) refuses pipes and devices, such as a shell's <(…).
      let descriptor = open(path, O_RDONLY | O_CLOEXEC)
      guard descriptor >= 0 else {
        throw NSError(domain: NSPOSIXErrorDomain, code: Int(errno))
      }
      let file = FileHandle(fileDescriptor: descriptor, closeOnDealloc: true)
      return Array(try file.readToEnd() ?? Data())
    } catch {
      throw Failure(.usage, "\(path): cannot be read: \(reason(error))")
    }
  }

  /// Replaces a file in one step, so that a reader sees the old or the new content.
  static func write(_ bytes: [UInt8], to path: String) throws {
    do {
      if path == "-" {
        try FileHandle.standardOutput.write(contentsOf: Data(bytes))
      } else {
        try Data(bytes).write(to: URL(fileURLWithPath: path), options: .atomic)
      }
    } catch {
      throw Failure(.usage, "\(path): cannot be written: \(reason(error))")
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

  /// Why reading or writing failed, in a few words.
  static func reason(_ error: any Error) -> String {
    let underlying = (error as NSError).userInfo[NSUnderlyingErrorKey] as? NSError
    for candidate in [underlying, error as NSError] {
      if let candidate, candidate.domain == NSPOSIXErrorDomain {
        switch Int32(candidate.code) {
        case ENOENT: return "no such file"
        case EACCES: return "permission denied"
        case EISDIR: return "it is a directory"
        case let code: return String(cString: strerror(code))
        }
      }
    }
    return switch (error as? CocoaError)?.code {
    case .fileReadNoSuchFile?, .fileNoSuchFile?: "no such file"
    case .fileReadNoPermission?, .fileWriteNoPermission?: "permission denied"
    default: error.localizedDescription
    }
  }
}
