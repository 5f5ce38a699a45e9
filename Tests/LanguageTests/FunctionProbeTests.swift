// SPDX-License-Identifier: GPL-2.0-or-later
import Bytecode
import CKtap
import Language
import Testing

/// What probes of kernel functions become in the bundle.
@Suite struct FunctionProbeTests {
  private func program(_ script: String) throws -> Program {
    let source = SourceText(name: "test.kp", text: script)
    let compilation = compile(source, options: CompileOptions())
    return try #require(
      compilation.program, "\(DiagnosticRenderer(source: source).render(compilation.diagnostics))")
  }

  private func events(_ script: String) throws -> [String] {
    try program(script).probes.filter { $0.kind == .event }.map { $0.event.string }
  }

  @Test(arguments: [
    ("probe:vfs_read", "probe:vfs_read"), ("kprobe:vfs_read", "probe:vfs_read"),
    ("kretprobe:vfs_read", "probe:vfs_read%return"),
    ("probe:vfs_read%return", "probe:vfs_read%return"),
    ("kretprobe:vfs_*%return", "probe:vfs_*%return"), ("probe:vfs_read+16", "probe:vfs_read+0x10"),
    ("kprobe:a.isra.0+0x8", "probe:a.isra.0+0x8"), ("probe:vfs_read+0", "probe:vfs_read"),
    ("ftrace:function", "ftrace:function"),
    ("ftrace:function /ip == mutex*/", "ftrace:function/mutex*/"),
    ("ftrace:function /ip ~ \"a?\" && ip != b/", "ftrace:function/a? b ! &/"),
    ("ftrace:function /ip == a || !(ip == b && ip == c)/", "ftrace:function/a b c & ! |/"),
    ("ftrace:function /ip == a && parent_ip == b/", "ftrace:function/a/"),
    ("ftrace:function /ip == a || parent_ip == b/", "ftrace:function"),
  ])
  func event(_ written: String, _ made: String) throws {
    #expect(try events("trace \(written) { n += 1 }") == [made])
    #expect(try events("trace '\(written)' function (e) { n += 1 }") == [made])
  }

  /// The fields that the board has to know, and what else the program needs.
  private func fields(_ arguments: String, _ use: String) throws -> [String] {
    try program("trace probe:f \(arguments) { \(use) }").fields.map { $0.name.string }
  }

  @Test func onlyPlacesAreLeftToTheBoard() throws {
    #expect(try fields("a=$arg1", "n += args.a") == ["$arg1"])
    #expect(try fields("a=%DI b=%si:u8", "n += args.a + args.b") == ["%di", "%si"])
    #expect(try fields("a=+8(-0x10($arg2)):s16", "n += args.a") == ["$arg2"])
    #expect(
      try fields("a=@jiffies+4:u32 b=$stack3 c=$stack", "n += args.a + args.b + args.c")
        == ["@jiffies+4", "$stack3", "$stack"])
    #expect(try fields("a=\\42 b=$comm", "n += args.a t[args.b] = 1") == [])
    #expect(try fields("$arg3 x=$arg4", "n += args.arg1") == ["$arg3"])
    #expect(try fields("", "n += arg0 + arg9") == ["#0", "#9"])
    #expect(try fields("a=$arg1", "n += 1") == [])
  }

  @Test func memoryNeedsACapability() throws {
    let plain = try program("trace probe:f a=$arg1:s32 { n += args.a }")
    let kernel = try program("trace probe:f a=+0($arg1) { n += args.a }")
    let user = try program("trace probe:f a=+0($arg1):ustring b=+u0($arg2) { t[args.a] = args.b }")
    let text = try program("trace probe:f a=+0($arg1):string { t[args.a] = 1 }")
    #expect(!plain.policy.capabilities.contains(.memory))
    #expect(kernel.policy.capabilities.contains(.memory))
    #expect(text.policy.capabilities.contains(.memory))
    #expect(user.policy.capabilities.contains(.userData))
    #expect(!user.policy.capabilities.contains(.memory))
  }

  /// Probes that fetch otherwise have a handler of their own, from the same text.
  @Test func eachProbeHasItsOwnArguments() throws {
    let made = try program(
      "trace probe:f a=$arg1, probe:g a=$arg2, probe:h a=$arg1 { n[args.a] += 1 }")
    let functions = made.probes.filter { $0.kind == .event }.map(\.function)
    #expect(functions[0] != functions[2])
    #expect(Set(functions).count == 2)
    #expect(Set(made.fields.map { $0.name.string }) == ["$arg1", "$arg2"])
  }
}
