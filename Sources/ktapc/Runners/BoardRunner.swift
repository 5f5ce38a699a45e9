// SPDX-License-Identifier: GPL-2.0-or-later
import Foundation

/// Runs a bundle on an emulated board of targets/ by means of tools/board-run.
struct BoardRunner {
  let job: RunJob
  let board: String

  /// Where the bundle lies on the board.
  private static let guestPath = "/tmp/script.ktapb"

  /// Seconds: whoever traces decides when it ends.
  private static let timeout = "604800"

  /// An emulator stretches a handler's time by whatever else the host does, so that a share of it
  /// says nothing; hardware keeps the module's default. The board is thrown away: it may be changed.
  private static let moduleArguments = "cpu_share=100 allow_modify=1"

  func run() throws {
    let root = try ProjectRoot.find()
    let target = root.appendingPathComponent("targets/\(board)/board.conf")
    guard FileManager.default.fileExists(atPath: target.path) else {
      throw Failure(.usage, "there is no board '\(board)'; `ktapc target list` shows them")
    }
    let directory = try Files.makeTemporaryDirectory()
    let code: Int32
    do {
      defer { try? FileManager.default.removeItem(at: directory) }
      let files = directory.appendingPathComponent("tmp", isDirectory: true)
      try FileManager.default.createDirectory(at: files, withIntermediateDirectories: true)
      try Files.write(job.bundle, to: directory.path + BoardRunner.guestPath)
      try job.redirectOutput()
      code = try ChildProcess.run(
        [
          root.appendingPathComponent("tools/board-run").path, "--timeout", BoardRunner.timeout,
          "--insmod-args", BoardRunner.moduleArguments,
          "--files", directory.path, board, "--", "ktap-run",
        ] + job.agentArguments(bundle: BoardRunner.guestPath))
    }
    if code != 0 { exit(code) }
  }
}
