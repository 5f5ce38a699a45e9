// SPDX-License-Identifier: GPL-2.0-or-later
import Bytecode
import CKtap
import Language
import Testing

/// The program of a script that must compile.
private func program(
  _ script: String, options: CompileOptions = CompileOptions()
) throws -> Program {
  let source = SourceText(name: "dir/test.kp", text: script)
  let compilation = compile(source, options: options)
  return try #require(
    compilation.program, "\(DiagnosticRenderer(source: source).render(compilation.diagnostics))")
}

/// The instructions of a function by name, without header, numbers and registers.
private func body(_ program: Program, _ name: String) throws -> [String] {
  let index = try #require(program.functions.firstIndex { $0.name == Text(name) })
  let disassembler = Disassembler(program)
  return program.functions[index].code.enumerated().map { at, instruction in
    disassembler.instruction(instruction, at: at).split(separator: " ").joined(separator: " ")
  }
}

@Suite struct GenerationTests {
  @Test func countingProbeIsMinimal() throws {
    let made = try program("trace raw_syscalls:sys_enter { n[execname] += 1 }")
    #expect(
      try body(made, "trace raw_syscalls:sys_enter") == [
        "GETG r0, n", "LIB r1, (), execname", "LDI r2, 1", "TADD r0, r2, (r1)", "RETNIL",
      ])
    #expect(try body(made, "main") == ["TNEW r0, table 0", "SETG r0, n", "RETNIL"])
    #expect(made.globals[0].mask == .table)
    #expect(made.tables == [TableSite(keys: [.string], value: .integer, line: 1)])
  }

  @Test func globalsAreUpdatedAtomically() throws {
    let made = try program(
      "n = 0\ntrace a:b { n += 2 }\ntrace a:c { n = n + 1 }\ntrace a:d { n = 3 + n }\n"
        + "trace a:e { n -= pid }\ntrace a:f { n-- }\ntrace a:g { n = n - 1 }")
    #expect(try body(made, "trace a:b") == ["LDI r0, 2", "ADDG r0, n", "RETNIL"])
    #expect(try body(made, "trace a:c") == ["LDI r0, 1", "ADDG r0, n", "RETNIL"])
    #expect(try body(made, "trace a:d") == ["LDI r0, 3", "ADDG r0, n", "RETNIL"])
    #expect(
      try body(made, "trace a:e") == [
        "LIB r0, (), pid", "NEG r0, r0", "ADDG r0, n", "RETNIL",
      ])
    #expect(try body(made, "trace a:f") == ["LDI r0, -1", "ADDG r0, n", "RETNIL"])
    #expect(try body(made, "trace a:g") == ["LDI r0, -1", "ADDG r0, n", "RETNIL"])
    #expect(made.globals == [Global(name: "n", mask: .integer, line: 1)])
  }

  @Test func filterIsAnEarlyExit() throws {
    let made = try program("trace a:b /common_pid != 1 && comm == \"sh\"/ { n += 1 }")
    #expect(
      try body(made, "trace a:b") == [
        "EFIELD r1, r0, common_pid", "JEQI r1, 1, -> 0007", "EFIELD r2, r0, comm", "LDS r3, \"sh\"",
        "JNES r2, r3, -> 0007", "LDI r1, 1", "ADDG r1, n", "RETNIL",
      ])
  }

  @Test func loopsJumpOncePerRound() throws {
    let made = try program("local i = 0\nwhile (i < 10) { i += 1 }")
    #expect(
      try body(made, "main") == ["ADDI r0, r0, 1", "JLTI r0, 10, -> 0000", "RETNIL"])
  }

  @Test func printingAnEventIsOneInstruction() throws {
    let made = try program(#"trace "syscalls:*" function (e) { print(e) }"#)
    #expect(try body(made, "trace syscalls:*") == ["EMIT (r0), format 0", "RETNIL"])
    #expect(made.policy.memory == 0)
    #expect(made.policy.capabilities == [.observe, .userData])
    #expect(made.probes.map(\.kind) == [.main, .event])
    #expect(made.probes[1].event == "syscalls:*")
  }

  @Test func constantsAreFoldedAndShared() throws {
    let made = try program(
      #"print(2 * 3 + 4, "a" .. "b", 1 << 40, !true, 3 < 2)"# + "\n" + #"print("ab", 1 << 40)"#)
    #expect(made.strings == ["ab"])
    #expect(made.integers == [1 << 40])
    #expect(
      try body(made, "main").prefix(4) == [
        "LDI r0, 10", "LDS r1, \"ab\"", "LDK r2, 1099511627776", "EMIT (r0..r4), format 0",
      ])
  }

  @Test func kindsAreKnown() throws {
    let made = try program(
      "function add(a, b) { return a + b }\nlocal t = {}\nt[1] = add(1, 2)\nprint(t[1] || 0)")
    let add = try #require(made.functions.first { $0.name == "add" })
    #expect(add.registers.allSatisfy { $0 == .integer })
    #expect(add.result == .integer)
    #expect(try body(made, "add") == ["ADD r0, r0, r1", "RET r0"])
  }

  @Test func unreachableFunctionsAreLeftOut() throws {
    let made = try program("function unused() { print(1) }\nprint(2)")
    #expect(made.functions.map(\.name) == ["main"])
  }

  @Test func linesFollowTheScript() throws {
    let made = try program("\nprint(1)\n\nprint(\n  2 + pid)\n")
    #expect(made.functions[0].lines.first == 2)
    #expect(made.functions[0].lines.dropLast().contains(5))
  }

  @Test func capabilitiesAreWhatIsUsed() throws {
    #expect(try program("print(1)").policy.capabilities == [])
    #expect(try program("trace a:b { n += arg0 + 1 }").policy.capabilities == .observe)
    #expect(
      try program("trace a:b { print(args.filename) }").policy.capabilities == [
        .observe, .userData,
      ])
    var options = CompileOptions()
    options.capabilities = .addresses
    #expect(try program("print(1)", options: options).policy.capabilities == .addresses)
  }

  @Test func memoryIsReservedWhenNeeded() throws {
    #expect(try program("n = 1").policy.memory == 0)
    #expect(try program("s = \"x\"").policy.memory == KTAP_DEFAULT_MEMORY)
    #expect(try program("t = {}").policy.memory == KTAP_DEFAULT_MEMORY)
    #expect(try program("limit memory 2M\nt = {}").policy.memory == 2 << 20)
  }

  @Test func callerOverridesLimits() throws {
    var options = CompileOptions()
    options.limits.fuel = 77
    let isKnown = options.limits.set("ring", to: 8192)
    let isUnknown = !options.limits.set("rings", to: 8192)
    #expect(isKnown && isUnknown)
    let made = try program("limit fuel 50_000\nlimit key 256\nlimit rate 10\n", options: options)
    #expect(made.policy.probeFuel == 77)
    #expect(made.policy.keyLimit == 256)
    #expect(made.policy.eventRate == 10)
    #expect(made.policy.ring == 8192)
    options.limits.ring = 5000
    let refused = compile(SourceText(name: "x", text: "print(1)"), options: options)
    #expect(refused.program == nil)
    #expect(refused.diagnostics.all.map(\.message) == ["limit ring must be a power of two"])
  }

  @Test func manifestAndArguments() throws {
    var options = CompileOptions()
    options.version = "2.1"
    options.sequence = 9
    options.notBefore = 5
    options.notAfter = 10
    options.arguments = [
      .integer(1...60), .stringChoice(["on", "off"]), .integerChoice([3, 5]), .string,
    ]
    let made = try program("print(arg[0], \"on\")", options: options)
    #expect(
      made.manifest
        == Manifest(
          name: "test", version: "2.1", sourceName: "test.kp", sequence: 9, notBefore: 5,
          notAfter: 10))
    #expect(made.policy.arguments.map(\.kind) == [.integer, .string, .integer, .string])
    let choice = made.policy.arguments[1]
    #expect(made.strings[Int(choice.firstChoice)...].prefix(2) == ["on", "off"])
    let numbers = made.policy.arguments[2]
    #expect(made.integers[Int(numbers.firstChoice)...].prefix(2) == [3, 5])
    // The virtual machine takes the declarations.
    _ = try ScriptRunner(made)
  }

  @Test(arguments: [
    ("<command line>", "script"), ("my tool.kp", "my_tool"), ("a/b.c/count.kp", "count"),
    (".kp", ".kp"), ("", "script"),
  ]) func nameComesFromTheFile(_ file: String, _ name: String) throws {
    let compilation = compile(SourceText(name: file, text: "print(1)"))
    #expect(try #require(compilation.program).manifest.name.string == name)
  }

  @Test func badNameIsRefused() {
    var options = CompileOptions()
    options.name = "with space"
    #expect(compile(SourceText(name: "x", text: "print(1)"), options: options).program == nil)
  }

  @Test func tooManyRegistersAreReported() {
    let names = (0..<250).map { "v\($0)" }
    let script =
      names.map { "local \($0) = pid" }.joined(separator: "\n")
      + "\nprint(" + names.prefix(2).joined(separator: ",") + ")"
    let compilation = compile(SourceText(name: "x", text: script))
    #expect(compilation.program == nil)
    #expect(
      compilation.diagnostics.all.filter { $0.severity == .error }.map(\.message) == [
        "top-level code has too many locals (at most 240 registers): make some global, or move parts "
          + "into functions"
      ])
  }

  @Test func deepNestingCompiles() throws {
    let sum = (0..<480).map { _ in "pid" }.joined(separator: " + ")
    let join = (0..<480).map { _ in "pid" }.joined(separator: " .. ")
    let blocks =
      String(repeating: "if (pid == 1) { ", count: 150) + "print(1)"
      + String(repeating: " }", count: 150)
    _ = try program("print(\(sum))\n\(blocks)")
    // Right-associative: every operand waits in a register.
    #expect(compile(SourceText(name: "x", text: "print(\(join))")).program == nil)
  }
}
