// SPDX-License-Identifier: GPL-2.0-or-later
import Bytecode
import CKtap
import Language
import Testing

/// What calls of the library and the older forms of declarations are compiled to.
@Suite struct LibraryGenerationTests {
  private func program(_ script: String) throws -> Program {
    let source = SourceText(name: "test.kp", text: script)
    var options = CompileOptions()
    options.optimizes = false
    let compilation = compile(source, options: options)
    return try #require(
      compilation.program, "\(DiagnosticRenderer(source: source).render(compilation.diagnostics))")
  }

  private func body(_ program: Program, _ name: String) throws -> [String] {
    let index = try #require(program.functions.firstIndex { $0.name == Text(name) })
    let disassembler = Disassembler(program)
    return program.functions[index].code.enumerated().map { at, instruction in
      disassembler.instruction(instruction, at: at).split(separator: " ").joined(separator: " ")
    }
  }

  /// The parts of the aggregates of each table site.
  private func parts(_ script: String) throws -> [AggregateParts] {
    try program(script).tables.map(\.aggregate)
  }

  @Test func addingIsOneInstruction() throws {
    let made = try program("trace a:b { s[execname, cpu] <<< arg0 }")
    let opcodes = try body(made, "trace a:b").suffix(3).map { $0.prefix { $0 != " " } }
    #expect(opcodes == ["EFIELD", "TAGG", "RETNIL"])
    #expect(made.tables == [TableSite(keys: [.string, .integer], value: .aggregate, line: 1)])
  }

  @Test func aggregatesKeepWhatIsAskedOfThem() throws {
    #expect(try parts("s[1] <<< 2 print(count(s[1]), avg(s[1]), min(s[1]))") == [[]])
    #expect(try parts("trace_end { print(stddev(s)) } s <<< 2") == [.squares])
    #expect(try parts("s[1] <<< 2 hist(s[1])") == [.hist])
    #expect(try parts("s[1] <<< 2 print_hist(s)") == [.hist])
    #expect(try parts("s <<< 2 histogram(s)") == [.hist])
    #expect(
      try parts("s[1] <<< 2 for (k, v in pairs(s)) { show(v) } function show(v) { hist(v) }")
        == [.hist])
    #expect(
      try parts("local a\na <<< 1\ns[1] <<< 2\nlocal v = a\nv = s[1]\nprint(stddev(v))")
        == [.squares, .squares])
  }

  @Test func linearHistogramStandsInItsSite() throws {
    let made = try program("s <<< 2\nlhist(s, -10, 5 * 10, 10)\nprint(stddev(s))")
    #expect(
      made.tables == [
        TableSite(
          keys: [.boolean], value: .aggregate, line: 1, aggregate: [.lhist, .squares], low: -10,
          high: 50, step: 10)
      ])
  }

  @Test func sortedCopiesAreGivenBack() throws {
    let made = try program(
      """
      t[1] = 2
      function first() { for (k, v in sort_pairs(t)) { for (l in sort_pairs(t)) return l } }
      first()
      for (k in sort_pairs(t)) { if (k == 1) break if (k == 2) continue print(k) }
      """)
    let free = try body(made, "first").filter { $0.hasSuffix("free") }
    // Both before the return, and each behind its loop.
    #expect(free.count == 4)
    #expect(try body(made, "main").suffix(2) == ["LIB (r0), free", "RETNIL"])
  }

  @Test func olderDeclarationsMeanTheSame() throws {
    let old = try program(
      """
      kdebug.trace_by_name("sched:sched_switch /prev_pid != 0/", f)
      kdebug.trace_end(function () { print(2) })
      timer.ms(10, g)
      function f(e) { print(e) }
      function g() { print(1) }
      """)
    let new = try program(
      """
      trace sched:sched_switch /prev_pid != 0/ f
      trace_end function () { print(2) }
      tick-10ms g
      function f(e) { print(e) }
      function g() { print(1) }
      """)
    #expect(old.probes == new.probes)
    #expect(old.functions.map(\.code) == new.functions.map(\.code))
  }

  @Test func intervalsOfTimers() throws {
    let made = try program(
      "timer.s(2, f) timer.sec(1, f) timer.ms(3, f) timer.msec(4, f) timer.us(5, f)\n"
        + "timer.usec(2 * 3, f)\nfunction f() { print(1) }")
    #expect(
      made.probes.dropFirst().map(\.interval) == [
        2_000_000_000, 1_000_000_000, 3_000_000, 4_000_000, 5000, 6000,
      ])
  }

  @Test func elementsOfArraysAreFields() throws {
    let made = try program(
      "trace raw_syscalls:sys_enter { print(args.args[2]) n += arg1[3] }\n"
        + "trace a:b function (e) { help(e) }\nfunction help(e) { print(e.list[0], e.fieldnum) }")
    #expect(made.fields.map(\.name) == ["list[0]", "fieldnum", "args[2]", "#1[3]"])
    #expect(made.fields.allSatisfy { $0.mask == .integer })
  }

  @Test func stacksHaveDefaults() throws {
    let made = try program("trace a:b { n[stack()] += 1 n[ustack(5)] += 1 }")
    #expect(made.tables[0].keys == [.stack])
    let code = try body(made, "trace a:b")
    #expect(code.contains { $0.hasPrefix("LDI") && $0.hasSuffix(", 32") })
    #expect(code.filter { $0.hasPrefix("LIB") }.count == 2)
    #expect(made.policy.memory == KTAP_DEFAULT_MEMORY)
  }
}
