// SPDX-License-Identifier: GPL-2.0-or-later
import Bytecode
import CKtap
import Testing

/// Library functions that only a kernel has end the simulator's run and say what to do.
@Suite struct BoardLibraryTests {
  @Test(arguments: [
    ("user_string(5)", "user_string"), ("kernel_string(5)", "kernel_string"),
    ("kernel_bytes(5, 6)", "kernel_bytes"), ("ksym(5)", "ksym"), ("usym(5)", "usym"),
    ("net.ip_sock_saddr(5)", "ip_sock_saddr"), ("net.ip_sock_daddr(5)", "ip_sock_daddr"),
    ("stack()", "stack"), ("ustack(3)", "ustack"), ("kernel_int(5, 4)", "kernel_int"),
    ("user_int(5, -4)", "user_int"),
  ]) func runEndsWithASentence(_ call: String, _ name: String) throws {
    let run = try ScriptRun("print(1)\nlocal x = \(call)\nprint(2)\ntrace_end { print(\"end\") }")
    #expect(run.output == "1\nend\n")
    #expect(
      run.diagnostics
        == "test.kp:2: run-time error: \(name) needs a board: run it with --on qemu:NAME, "
        + "ssh:USER@HOST or local\n")
  }

  @Test(arguments: [
    ("sysctl.set(\"kernel.panic\", 1)", "sysctl.set"), ("signal(77, \"TERM\")", "signal"),
    ("printk(1)", "printk"), ("tracing_on()", "tracing_on"), ("tracing_off()", "tracing_off"),
  ]) func changesOfTheKernelNeedABoard(_ call: String, _ name: String) throws {
    let run = try ScriptRun("print(1)\n\(call)\nprint(2)\ntrace_end { print(\"end\") }")
    #expect(run.output == "1\nend\n")
    #expect(
      run.diagnostics
        == "test.kp:2: run-time error: \(name) needs a board: run it with --on qemu:NAME, "
        + "ssh:USER@HOST or local\n")
  }

  /// Each function of the list that a kernel alone has is tested above.
  @Test func allAreKnown() {
    let count = (0..<UInt32(KTAP_LIB_COUNT.rawValue)).filter { id in
      let flags = ktap_library_info(id).map { UInt32($0.pointee.flags) } ?? 0
      return flags & UInt32(KTAP_LIBRARY_BOARD.rawValue) != 0
    }
    // set_retval needs the event of a board on top.
    #expect(count.count == 17)
  }
}
