// SPDX-License-Identifier: GPL-2.0-or-later
import Bytecode
import CKtap
import Language
import Testing

/// `count` lines, of which each knows its number.
func lines(_ count: Int, _ line: (Int) -> String) -> String {
  (0..<count).map { line($0) + "\n" }.joined()
}

/// `count` items with commas between.
func list(_ count: Int, _ item: (Int) -> String) -> String {
  (0..<count).map(item).joined(separator: ", ")
}

/// What is decided when a script is compiled: at the limit it compiles, loads and runs; one past it the error
/// names the limit.
@Suite struct CompileBoundaryTests {
  static let counts = [
    Boundary(
      name: "functions, with the top-level code", most: 1023,
      message: "the script has 1025 functions and handlers, but a program can have 1024",
      output: "1022\n"
    ) { count in
      lines(count) { "function f\($0)(a) { return a }\nlast = f\($0)(\($0))" } + "print(last)\n"
    },
    Boundary(
      name: "globals", most: 1024,
      message: "the script has 1025 globals, but a program can have 1024", output: "1024\n"
    ) { count in lines(count) { "g\($0) = \($0)" } + "print(g\(count - 1) + 1)\n" },
    Boundary(
      name: "table constructors", most: 1024,
      message: "the script has 1025 places that make tables, but a program can have 1024",
      output: "1023\n"
    ) { count in lines(count) { "t = {\($0)}" } + "print(t[1])\n" },
    Boundary(
      name: "formats", most: 1024,
      message: "the script has 1025 output formats, but a program can have 1024"
    ) { count in lines(count) { "printf(\"\($0) %d\\n\", 1)" } },
    Boundary(
      name: "integer constants", most: 16384,
      message: "the script has 16385 integer constants, but a program can have 16384"
    ) { count in lines(count) { "x = \(5_000_000_000 + $0)" } },
    Boundary(
      name: "string constants", most: 16384,
      message: "the script has 16385 string constants, but a program can have 16384"
    ) { count in lines(count) { "x = \"s\($0)\"" } },
    Boundary(
      name: "probes, with the top-level code", most: 255,
      message: "the script has 257 probes, but a program can have 256"
    ) { count in lines(count) { "trace_end { n += \($0) }" } + "n = 0\n" },
    Boundary(
      name: "probes that share a handler", most: 255,
      message: "the script has 257 probes, but a program can have 256", isRun: false
    ) { count in "trace \(list(count) { "sched:sched_\($0)" }) { n += 1 }\n" },
    Boundary(
      name: "event fields", most: 1024,
      message: "the script has 1025 event fields, but a program can have 1024", isRun: false
    ) { count in
      lines(count / 32 + 1) { part in
        let fields = list(min(32, count - part * 32)) { "e.f\(part * 32 + $0)" }
        return "trace sched:sched_switch function (e) { print(\(fields)) }"
      }
    },
    Boundary(
      name: "parameters", most: 16, message: "a function can have 16 parameters", output: "136\n"
    ) { count in
      "function f(\(list(count) { "p\($0)" })) { return "
        + (0..<count).map { "p\($0)" }.joined(separator: " + ") + " }\n"
        + "print(f(\(list(count) { "\($0 + 1)" })))\n"
    },
    Boundary(
      name: "values of print", most: 32, message: "'print' takes 32 values at most",
      output: (0..<32).map(String.init).joined(separator: "\t") + "\n"
    ) { count in "print(\(list(count) { "\($0)" }))\n" },
    Boundary(
      name: "values of printf", most: 32, message: "'printf' takes 32 values at most",
      output: (0..<32).map(String.init).joined() + "\n"
    ) { count in
      "printf(\"\(String(repeating: "%d", count: count))\\n\", \(list(count) { "\($0)" }))\n"
    },
    Boundary(
      name: "values of a call", most: 32, message: "a call takes 32 values at most",
      output: "31\n"
    ) { count in
      "function f(...) { local last = nil for (k, v in pairs({...})) last = v return last }\n"
        + "print(f(\(list(count) { "\($0)" })))\n"
    },
    Boundary(
      name: "results of a function", most: 32, message: "'return' gives 32 values at most",
      output: (0..<32).map(String.init).joined(separator: "\t") + "\n"
    ) { count in "function f() { return \(list(count) { "\($0)" }) }\nprint(f())\n" },
    Boundary(
      name: "buckets of lhist", most: 128, message: "'lhist' can have 128 buckets"
    ) { count in "s <<< 3\nprint(lhist(s, -5, \(count * 7 - 5), 7))\n" },
    Boundary(
      name: "frames of a stack", most: 64, message: "the depth of a stack must be from 1 to 64",
      isRun: false
    ) { count in "trace sched:sched_switch { print(stack(\(count))) }\n" },
    Boundary(
      name: "frames of a user stack", most: 64,
      message: "the depth of a stack must be from 1 to 64", isRun: false
    ) { count in "trace sched:sched_switch { print(ustack(\(count))) }\n" },
    Boundary(
      name: "frames that a stack leaves out", most: 64,
      message: "the frames to leave out must be from 0 to 64", isRun: false
    ) { count in "trace sched:sched_switch { print(stack(1, \(count))) }\n" },
    Boundary(
      name: "parts of a key", most: 4, message: "a table key can have at most 4 parts",
      output: "7\n"
    ) { count in "t[\(list(count) { "\($0)" })] = 7\nprint(t[\(list(count) { "\($0)" })])\n" },
    Boundary(
      name: "length of a string constant", most: 255,
      message: "a string constant has 256 bytes, but the limit is 255: set 'limit string'",
      output: "255\n"
    ) { count in "print(len(\"\(String(repeating: "x", count: count))\"))\n" },
    Boundary(
      name: "comparisons of a filter", most: 200,
      message: "this filter has more than 200 comparisons", isRun: false
    ) { count in
      let filter = (0..<count).map { "a == \($0)" }.joined(separator: " || ")
      return "trace sched:sched_switch /\(filter)/ { n += 1 }\n"
    },
  ]

  @Test(arguments: counts) func count(_ boundary: Boundary) throws { try boundary.check() }

  /// Blocks, parentheses, tables and calls within each other.
  static let nesting: [Boundary] = [
    Boundary(
      name: "blocks", most: 150, message: "this is nested more than 200 levels deep", isLeast: true
    ) { "\(String(repeating: "{", count: $0))print(1)\(String(repeating: "}", count: $0))\n" },
    Boundary(
      name: "parentheses", most: 150, message: "this is nested more than 200 levels deep",
      isLeast: true
    ) {
      "x = 1\nprint(\(String(repeating: "(", count: $0))x\(String(repeating: ")", count: $0)))\n"
    },
    Boundary(
      name: "constructors", most: 90,
      message: "top-level code has too many locals (at most 240 registers): make some global, "
        + "or move parts into functions",
      isLeast: true
    ) { "t = \(String(repeating: "{", count: $0))\(String(repeating: "}", count: $0))\n" },
    Boundary(
      name: "conditions", most: 90, message: "this is nested more than 200 levels deep",
      isLeast: true
    ) { "x = 1\n\(String(repeating: "if (x == 1) ", count: $0))print(x)\n" },
    Boundary(
      name: "operators", most: 450,
      message: "this expression is too long; split it into several statements", isLeast: true
    ) { "x = 1\nprint(x\(String(repeating: " + x", count: $0)))\n" },
    Boundary(
      name: "joined strings", most: 150, message: "this is nested more than 200 levels deep",
      isLeast: true
    ) { "x = \"\"\nprint(x\(String(repeating: " .. x", count: $0)))\n" },
    Boundary(
      name: "nested filters", most: 90,
      message: "this filter is nested more than 100 levels deep", isLeast: true, isRun: false
    ) {
      "trace sched:sched_switch /\(String(repeating: "(", count: $0))a == 1"
        + "\(String(repeating: ")", count: $0))/ { n += 1 }\n"
    },
  ]

  @Test(arguments: nesting) func depth(_ boundary: Boundary) throws { try boundary.check() }

  /// Variables that live at the same time; some of the 240 registers are needed for intermediate values.
  static let registers: [Boundary] = [
    Boundary(
      name: "locals of a function", most: 200,
      message: "'f' needs more than 240 registers: split it", isLeast: true
    ) { count in
      "function f(p) {\n" + lines(count) { "local a\($0) = p + \($0)" }
        + "p = 0\n" + lines(count) { "p += a\($0)" } + "return p\n}\nprint(f(arg[0] || 1))\n"
    },
    Boundary(
      name: "locals of the top level", most: 200,
      message: "top-level code has too many locals (at most 240 registers): make some global, "
        + "or move parts into functions", isLeast: true
    ) { count in
      "local p = len(arg)\n" + lines(count) { "local a\($0) = p + \($0)" }
        + lines(count) { "p += a\($0)" } + "print(p)\n"
    },
  ]

  @Test(arguments: registers) func register(_ boundary: Boundary) throws { try boundary.check() }

  /// The number of instructions that a statement takes is the compiler's business.
  @Test func instructions() throws {
    func script(_ count: Int) -> String { "x = 0\n" + lines(count) { _ in "x -= 1" } }
    func size(_ count: Int) throws -> Int {
      let program = try #require(compile(SourceText(name: "t.kp", text: script(count))).program)
      return program.functions.map(\.code.count).reduce(0, +)
    }
    let fixed = try size(10)
    let each = try size(11) - fixed
    let most = 10 + (Int(KTAP_MAX_INSNS) - fixed) / each
    #expect(try ending(of: script(most)).isFine)
    #expect(try ending(of: script(most + 1)).says("but a program can have 65536"))
  }

  /// 4 MiB. Text is what makes a bundle large.
  @Test func bundle() throws {
    func script(_ count: Int) -> String {
      let filler = String(repeating: "x", count: 4080)
      return "limit string 4096\n" + lines(count) { "x = \"\(filler)\($0 + 10000)\"" }
    }
    func size(_ count: Int) throws -> Int {
      let source = SourceText(name: "test.kp", text: script(count))
      let program = try #require(compile(source).program)
      let digest = [UInt8](repeating: 0, count: 32)
      return try Bundle.assemble(signedPart: program.encode { _ in digest }).count
    }
    let fixed = try size(8)
    let each = (try size(16) - fixed) / 8
    let most = 8 + (Int(KTAP_MAX_BUNDLE) - fixed) / each
    #expect(try ending(of: script(most)).isFine)
    #expect(try ending(of: script(most + 1)).says("too many or too large: bytes of the bundle"))
  }

  /// The arguments that a bundle declares.
  @Test func declaredArguments() throws {
    func ending16(_ count: Int) throws -> Ending {
      var options = CompileOptions()
      options.arguments = Array(repeating: .integer(0...9), count: count)
      return try ending(
        of: "print(len(arg))", options: options,
        arguments: Array(repeating: .integer(1), count: min(16, count)))
    }
    #expect(try ending16(16) == .ran(output: "16\n", error: nil))
    #expect(
      try ending16(17).says("the script has 17 arguments, but a program can have 16"))
  }
}
