// SPDX-License-Identifier: GPL-2.0-or-later
import Foundation

/// Runs a bundle on a board over ssh; the bundle goes to the agent's standard input.
struct SSHRunner {
  let job: RunJob
  let host: String
  let port: UInt16?

  func run() throws {
    let file = try MemoryFile(job.bundle)
    let remote = (["ktap-run"] + job.agentArguments(bundle: "-")).map(SSHRunner.quote)
    var arguments = ["ssh"]
    if let port { arguments += ["-p", "\(port)"] }
    arguments += [host, remote.joined(separator: " ")]
    try job.redirectOutput()
    let code = try ChildProcess.run(arguments, input: file.descriptor)
    switch code {
    case 0: return
    // What ssh itself and the remote shell end with when they cannot do it.
    case 255: throw Failure(.unsupported, "\(host) cannot be reached")
    case 127: throw Failure(.unsupported, "\(host) has no ktap-run")
    default: exit(code)
    }
  }

  /// The text as one word of a POSIX shell.
  static func quote(_ word: String) -> String {
    "'" + word.split(separator: "'", omittingEmptySubsequences: false).joined(separator: "'\\''")
      + "'"
  }
}
