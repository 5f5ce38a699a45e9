// SPDX-License-Identifier: GPL-2.0-or-later
import Foundation
import Synchronization

/// Runs another program in our place: same terminal, same process group, its exit code ours.
enum ChildProcess {
  /// The child that signals are passed on to; 0: none.
  private static let running = Atomic<pid_t>(0)

  /// Starts a program, waits for its end and returns its exit code, 128+N after signal N.
  /// SIGINT, SIGTERM and SIGHUP that were sent to us alone are passed on.
  static func run(_ arguments: [String]) throws -> Int32 {
    catchSignals { signal, info, _ in
      // The terminal has sent it to the child as well; only kill() meant us alone.
      guard let info, info.pointee.si_code <= 0 else { return }
      let child = ChildProcess.running.load(ordering: .sequentiallyConsistent)
      if child > 0 { kill(child, signal) }
    }
    let child = try start(arguments)
    running.store(child, ordering: .sequentiallyConsistent)
    defer { running.store(0, ordering: .sequentiallyConsistent) }
    return try wait(for: child)
  }

  /// Starts a program.
  ///
  /// - Parameters:
  ///   - input: descriptor that becomes its standard input; nil: ours.
  ///   - isSilent: what it writes goes nowhere.
  static func start(
    _ arguments: [String], input: Int32? = nil, isSilent: Bool = false
  ) throws -> pid_t {
    var actions = posix_spawn_file_actions_t()
    posix_spawn_file_actions_init(&actions)
    defer { posix_spawn_file_actions_destroy(&actions) }
    if let input { posix_spawn_file_actions_adddup2(&actions, input, STDIN_FILENO) }
    if isSilent {
      for output in [STDOUT_FILENO, STDERR_FILENO] {
        posix_spawn_file_actions_addopen(&actions, output, "/dev/null", O_WRONLY, 0)
      }
    }
    var vector: [UnsafeMutablePointer<CChar>?] = arguments.map { strdup($0) }
    vector.append(nil)
    defer { vector.forEach { free($0) } }
    var child: pid_t = 0
    let error = posix_spawnp(&child, arguments[0], &actions, nil, vector, environ)
    guard error == 0 else {
      throw Failure(
        .usage, "\(arguments[0]) cannot be started: \(String(cString: strerror(error)))")
    }
    return child
  }

  /// Waits for the end of a child; its exit code, or 128+N after signal N.
  static func wait(for child: pid_t) throws -> Int32 {
    var status: Int32 = 0
    while waitpid(child, &status, 0) < 0 {
      guard errno == EINTR else { throw Failure(.usage, "the program that was started is lost") }
    }
    let signal = status & 0x7f
    return signal == 0 ? (status >> 8) & 0xff : 128 + signal
  }

  /// Replaces this process by another program.
  static func replace(by arguments: [String], notFound: String) throws -> Never {
    var vector: [UnsafeMutablePointer<CChar>?] = arguments.map { strdup($0) }
    vector.append(nil)
    execvp(arguments[0], vector)
    let reason = errno == ENOENT ? notFound : String(cString: strerror(errno))
    throw Failure(.unsupported, "\(arguments[0]) cannot be started: \(reason)")
  }

  /// The signals that ask a program to end.
  private static let endSignals = [SIGINT, SIGTERM, SIGHUP]

  /// Lets the signals in that ask us to end, and those whom we start: whoever started us may have
  /// blocked them, and blocked signals are inherited.
  static func unblockSignals() {
    var set = sigset_t()
    sigemptyset(&set)
    for signal in endSignals { sigaddset(&set, signal) }
    sigprocmask(SIG_UNBLOCK, &set, nil)
  }

  /// Installs a handler for SIGINT, SIGTERM and SIGHUP.
  static func catchSignals(
    _ handler:
      @escaping @convention(c) (Int32, UnsafeMutablePointer<siginfo_t>?, UnsafeMutableRawPointer?)
      -> Void
  ) {
    var action = sigaction()
    action.__sigaction_handler.sa_sigaction = handler
    action.sa_flags = SA_SIGINFO | SA_RESTART
    for signal in endSignals { sigaction(signal, &action, nil) }
  }
}
