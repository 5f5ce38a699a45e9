// SPDX-License-Identifier: GPL-2.0-or-later
import Foundation

/// The checkout of ktap with its boards and tools, which `--on qemu:` and `target` need.
enum ProjectRoot {
  /// `$KTAP_HOME`, or the nearest parent of the program or of the working directory.
  static func find() throws -> URL {
    if let home = ProcessInfo.processInfo.environment["KTAP_HOME"], !home.isEmpty {
      let root = URL(fileURLWithPath: home, isDirectory: true)
      guard isRoot(root) else {
        throw Failure(.usage, "KTAP_HOME: \(home) has no targets/ and tools/board-run")
      }
      return root
    }
    let program = try? FileManager.default.destinationOfSymbolicLink(atPath: "/proc/self/exe")
    for start in [program, FileManager.default.currentDirectoryPath] {
      guard let start else { continue }
      var directory = URL(fileURLWithPath: start, isDirectory: true)
      while directory.path != "/" {
        if isRoot(directory) { return directory }
        directory.deleteLastPathComponent()
      }
    }
    throw Failure(
      .usage, "the ktap project with its boards is not here; set KTAP_HOME to its directory")
  }

  private static func isRoot(_ directory: URL) -> Bool {
    let files = FileManager.default
    return files.isExecutableFile(
      atPath: directory.appendingPathComponent("tools/board-run").path)
      && files.fileExists(atPath: directory.appendingPathComponent("targets").path)
  }
}
