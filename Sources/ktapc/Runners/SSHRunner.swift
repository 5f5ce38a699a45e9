// SPDX-License-Identifier: GPL-2.0-or-later
import Foundation
import Synchronization

/// Runs a bundle on a board over ssh.
///
/// The bundle goes through ssh's standard input, which then stays open: when it closes, by Ctrl-C
/// here or because the connection broke, the board's agent is asked to end. So trace_end is seen,
/// and no trace is left running on the board.
struct SSHRunner {
  let job: RunJob
  let host: String
  let port: UInt16?

  /// The writing end of ssh's standard input; -1: closed.
  private static let lifeline = Atomic<Int32>(-1)

  func run() throws {
    var arguments = ["ssh"]
    if let port { arguments += ["-p", "\(port)"] }
    arguments += ["-T", host, remoteCommand]
    try job.redirectOutput()

    var ends: [Int32] = [0, 0]
    guard pipe(&ends) == 0 else {
      throw Failure(.usage, "no pipe can be made: \(String(cString: strerror(errno)))")
    }
    // ssh must not hold the writing end itself.
    for end in ends { _ = fcntl(end, F_SETFD, FD_CLOEXEC) }
    // Ignored signals stay ignored in ssh, which would otherwise die of Ctrl-C.
    for number in [SIGINT, SIGPIPE] { signal(number, SIG_IGN) }
    let child = try ChildProcess.start(arguments, input: ends[0])
    close(ends[0])
    SSHRunner.lifeline.store(ends[1], ordering: .sequentiallyConsistent)
    ChildProcess.catchSignals { number, _, _ in
      let end = SSHRunner.lifeline.exchange(-1, ordering: .sequentiallyConsistent)
      guard end < 0 else {
        close(end)
        return
      }
      // The second one ends at once.
      signal(number, SIG_DFL)
      raise(number)
    }
    // An ssh that has ended says why by its exit code.
    try? FileHandle(fileDescriptor: ends[1]).write(contentsOf: Data(job.bundle))
    let code = try ChildProcess.wait(for: child)
    switch code {
    case 0: return
    // What ssh itself and the remote shell end with when they cannot do it.
    case 255: throw Failure(.unsupported, "\(host) cannot be reached")
    case 127: throw Failure(.unsupported, "\(host) has no ktap-run")
    default: exit(code)
    }
  }

  /// For any POSIX shell: keeps the bundle in a file, runs the agent, watches standard input.
  private var remoteCommand: String {
    let head = job.agent.agentArguments.map(SSHRunner.quote).joined(separator: " ")
    let tail = job.words.map(SSHRunner.quote).joined(separator: " ")
    return """
      umask 077; f=$(mktemp) || exit 5; exec 3<&0; \
      head -c \(job.bundle.count) <&3 >"$f"; \
      ktap-run \(head) "$f" \(tail) </dev/null & p=$!; \
      { cat; kill -TERM $p; } <&3 >/dev/null 2>&1 & \
      wait $p; r=$?; rm -f "$f"; kill $! 2>/dev/null; exit $r
      """
  }

  /// The text as one word of a POSIX shell.
  static func quote(_ word: String) -> String {
    "'" + word.split(separator: "'", omittingEmptySubsequences: false).joined(separator: "'\\''")
      + "'"
  }
}
