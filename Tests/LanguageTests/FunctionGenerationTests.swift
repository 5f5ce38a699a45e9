// SPDX-License-Identifier: GPL-2.0-or-later
import Bytecode
import CKtap
import Language
import Testing

/// What functions, closures, lists and tail calls become.
@Suite struct FunctionGenerationTests {
  private func program(_ script: String) throws -> Program {
    let source = SourceText(name: "test.kp", text: script)
    let compilation = compile(source)
    let program = try #require(
      compilation.program, "\(DiagnosticRenderer(source: source).render(compilation.diagnostics))")
    // The machine's verifier takes it.
    _ = try ScriptRunner(program, arguments: [])
    return program
  }

  private func function(_ program: Program, _ name: String) throws -> Bytecode.Function {
    try #require(program.functions.first { $0.name == Text(name) })
  }

  private func opcodes(_ program: Program, _ name: String) throws -> [String] {
    try function(program, name).code.map { $0.op.name ?? "?" }
  }

  private func masks(_ function: Bytecode.Function) -> [KindMask] {
    Array(function.registers.prefix(function.parameterCount))
  }

  @Test func directCallsStayTyped() throws {
    let made = try program(
      """
      function add(a, b) { return a + b }
      local s = 0
      for (i = 1, 1000) s = add(s, i)
      print(s)
      """)
    let add = try function(made, "add")
    #expect(masks(add) == [.integer, .integer])
    #expect(add.result == .integer && add.flags.isEmpty)
    #expect(try opcodes(made, "add") == ["ADD", "RET"])
    let main = try opcodes(made, "main")
    #expect(main.contains("CALL") && !main.contains { $0.hasPrefix("L") && $0 != "LDI" })
    #expect(made.tables.isEmpty)
  }

  /// Functions that share locals of the top level need neither tables nor closures.
  @Test func topLevelFunctionsHaveNoMachinery() throws {
    let made = try program(
      """
      local n = 0
      local function inc(k) { n += k }
      local twice = function (k) { inc(k) inc(k) }
      trace a:b { twice(1) }
      twice(2)
      """)
    #expect(made.tables.isEmpty)
    #expect(made.functions.allSatisfy { $0.flags.isEmpty })
    #expect(try opcodes(made, "twice").prefix(1) == ["CALL"])
    #expect(try opcodes(made, "inc") == ["ADDG", "RETNIL"])
    #expect(!(try opcodes(made, "main").contains("LDF")))
  }

  @Test func plainFunctionsAreValuesWithoutClosure() throws {
    let made = try program(
      """
      function double(n) { return n * 2 }
      t = {double, function (n) { return n + 1 }}
      print(t[1](1), t[2](2))
      """)
    let main = try opcodes(made, "main")
    #expect(main.filter { $0 == "LDF" }.count == 2)
    #expect(main.filter { $0 == "CALLV" }.count == 2)
    #expect(!main.contains("CLOSURE"))
    // What is passed where the value is called is known to the function.
    #expect(masks(try function(made, "double")) == [.integer])
    #expect(try function(made, "double").result == .integer)
  }

  @Test func closuresGetTheirTable() throws {
    let made = try program(
      """
      function counter(start) {
        local n = start
        return function (by) { n += by return n }
      }
      local c = counter(5)
      print(c(1))
      """)
    let inner = try function(made, "function")
    #expect(inner.flags == .closure)
    #expect(masks(inner) == [.table, .integer])
    #expect(try opcodes(made, "function").contains("TADD"))
    #expect(made.tables == [TableSite(keys: [.integer], value: .integer, entries: 2, line: 1)])
    #expect(try opcodes(made, "counter").filter { $0 == "CLOSURE" }.count == 1)
  }

  /// A local function that is only called passes the table along; no closure is made.
  @Test func knownLocalFunctionsAreCalledDirectly() throws {
    let made = try program(
      """
      function run(n) {
        local total = 0
        local function add(k) { total += k }
        for (i = 1, n) add(i)
        return total
      }
      print(run(3))
      """)
    let run = try opcodes(made, "run")
    #expect(run.contains("CALL") && !run.contains("CLOSURE") && !run.contains("CALLV"))
    #expect(masks(try function(made, "add")) == [.table, .integer])
  }

  @Test func tailCallsReuseTheFrame() throws {
    let made = try program(
      """
      function down(n, f) {
        if (n == 0) return 0
        if (n == 1) return f(n)
        if (n == 2) return (down(n - 1, f))
        if (n == 3) return 1 + down(n - 1, f)
        return down(n - 1, f)
      }
      print(down(9, function (n) { return n }))
      trace_end { down(1, function (n) { return n }) }
      """)
    let code = try opcodes(made, "down")
    #expect(code.filter { $0 == "TCALL" }.count == 1)
    #expect(code.filter { $0 == "TCALLV" }.count == 1)
    #expect(code.filter { $0 == "CALL" }.count == 2)
    #expect(!(try opcodes(made, "trace_end").contains("TCALL")))
  }

  @Test func resultsThatOneNeedsAreOneInstruction() throws {
    let made = try program(
      """
      function one() { return 1 }
      function two() { return 1, 2 }
      local a, b = two()
      print(one())
      print(a + b, one(), (two()))
      """)
    let main = try opcodes(made, "main")
    #expect(main.filter { $0 == "CALLL" }.count == 1)
    #expect(main.filter { $0 == "LGET" }.count == 2)
    #expect(main.filter { $0 == "CALL" }.count == 3)
    #expect(!main.contains("LEMIT"))
    #expect(try opcodes(made, "two") == ["LDI", "LDI", "LSET", "RETL"])
  }

  @Test func listsGoWhereTheirLengthIsUnknown() throws {
    let made = try program(
      """
      function all(...) { return ... }
      function show(...) { print("all", ...) }
      local t = {0, all(1, 2)}
      show(all(t[1], t[2]))
      """)
    #expect(try opcodes(made, "all") == ["LVAR", "RETL"])
    #expect(try opcodes(made, "show") == ["LDS", "LVAR", "LPRE", "LEMIT", "RETNIL"])
    let main = try opcodes(made, "main")
    #expect(main.contains("LTABLE") && main.contains("LCALL"))
    #expect(try function(made, "all").flags == .variadic)
  }

  /// Functions in one table that are called by different names keep kinds of their own.
  @Test func functionsUnderNamesKeepTheirKinds() throws {
    let made = try program(
      """
      util = {
        neg = function (n) { return -n },
        shout = function (s) { return s .. "!" }
      }
      print(util.neg(1), util.shout("a"))
      """)
    let units = made.functions.filter { $0.name == "function" }
    #expect(units.map { masks($0) } == [[.integer], [.string]])
    #expect(units.map(\.result) == [.integer, .string])
  }

  /// Whatever a handler may reach by a call of a value, the compiler says it before the verifier.
  @Test(arguments: [
    "t = {function (n) { return n }} trace a:b { print(t[1](2)) }",
    "function f(n) { return n } function g() { print_hist(h) } h = {1} trace a:b { f(1) } g()",
    "function show(e) { print(e.tostring(), e.name()) } trace a:b function (e) { show(e) }",
    "function log(...) { print(...) } trace a:b function (e) { log(\"x\", e) }",
    "t = {function (e) { print(e.x) }} trace a:b function (e) { t[1](e) }",
    "trace a:b { local n = 0 local f = function () { n += 1 return n } keep = f print(f()) }",
    "trace a:b { local t = {1} for (k, v in pairs(t)) { g[k] = function () { return v } } } g = {}",
  ]) func handlersAreVerified(_ script: String) throws {
    _ = try program(script)
  }
}
