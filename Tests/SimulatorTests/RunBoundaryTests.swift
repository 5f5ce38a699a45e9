// SPDX-License-Identifier: GPL-2.0-or-later
import Bytecode
import CKtap
import Events
import Language
import Report
import Simulator
import TestSupport
import Testing

/// What is decided when a script runs: at the limit it ends well; one past it there is a run-time error that names the limit.
@Suite struct RunBoundaryTests {
  static let boundaries = [
    Boundary(
      name: "calls within calls", most: 256,
      message: "test.kp:1: run-time error: calls nested too deep (at most 256 calls)"
    ) { "function f(n) { if (n == 0) return 0 return 1 + f(n - 1) }\nprint(f(\($0 - 1)))\n" },
    Boundary(
      name: "values of a list", most: 31,
      message: "test.kp:1: run-time error: too many arguments or results (at most 32 values)",
      output: (1...31).map(String.init).joined(separator: "\t") + "\n"
    ) {
      // The last call has the number itself and all from it down.
      "function more(n, ...) { if (n == 0) return ... return more(n - 1, n, ...) }\n"
        + "print(more(\($0)))\n"
    },
    Boundary(
      name: "values of a list that another begins", most: 31,
      message: "test.kp:1: run-time error: too many arguments or results (at most 32 values)",
      output: "0\n"
    ) { count in
      "function g(...) { return 0, ... }\n function f() { return \(list(count) { "\($0)" }) }\n"
        + "local a = g(f())\nprint(a)\n"
    },
    Boundary(
      name: "length of a string", most: 255,
      message: "test.kp:3: run-time error: string too long (256 bytes) (limit string: 255 bytes)",
      output: "255\n"
    ) {
      "local s = \"x\"\nlocal n = 0\nwhile (n < \($0 - 1)) { s ..= \"y\" n++ }\nprint(len(s))\n"
    },
    Boundary(
      name: "length of a string of its greatest limit", most: 4096,
      message: "run-time error: string too long (4097 bytes) (limit string: 4096 bytes)",
      output: "4096\n"
    ) {
      "limit string 4096\nlocal s = \"x\"\nlocal n = 0\n"
        + "while (n < \($0 - 1)) { s ..= \"y\" n++ }\nprint(len(s))\n"
    },
    Boundary(
      name: "registers of all calls", most: 5,
      message: "calls need too many registers (at most 8192 registers)",
      isLeast: true
    ) { count in
      // A function of some 190 registers calls itself.
      "function f(n, p) {\n" + lines(180) { "local a\($0) = p + \($0)" }
        + "if (n > 0) p = f(n - 1, p)\n" + lines(180) { "p += a\($0)" } + "return p\n}\n"
        + "print(f(\(count), 1))\n"
    },
    Boundary(
      name: "string memory of a run", most: 4,
      message: "string memory of one event used up (at most 65536 bytes)", isLeast: true
    ) { count in
      // Strings that live at the same time.
      "limit string 4096\nlocal s = \"0123456789abcdef\"\nfor (i = 1, 7) s ..= s\nlocal n = len(arg)\n"
        + lines(count) { "local a\($0) = s .. (n + \($0))" }
        + lines(count) { "n += len(a\($0))" } + "print(n)\n"
    },
  ]

  @Test(arguments: boundaries) func run(_ boundary: Boundary) throws { try boundary.check() }

  /// The key limit counts a key as it is stored: a string with its length, in words of 8 bytes.
  @Test func key() throws {
    for limit in [16, 64, 128, 512] {
      func script(_ count: Int) -> String {
        "limit key \(limit)\nlimit string 1024\nlocal k = \"\"\n"
          + "for (i = 1, \(count)) k ..= \"k\"\nt[k] = 1\nprint(len(t))\n"
      }
      let most = try greatest(1...limit) { try ending(of: script($0)).isFine }
      #expect(most >= limit - 8)
      #expect(
        try ending(of: script(most + 1)).says("(limit key: \(limit) bytes)"), "limit \(limit)")
    }
  }

  /// Each limit that a script can state takes its least and greatest value and refuses the next ones.
  @Test(arguments: [
    ("memory", 4096, 67_108_864), ("fuel", 1, 100_000), ("string", 16, 4096), ("key", 16, 512),
    ("rate", 0, 4_294_967_295), ("ring", 4096, 16_777_216),
  ]) func statedLimits(_ name: String, _ least: Int, _ most: Int) throws {
    #expect(try ending(of: "limit \(name) \(least)\n").isFine)
    #expect(try ending(of: "limit \(name) \(most)\n").isFine)
    let message = "limit \(name) must be from \(least) to \(most)"
    #expect(try ending(of: "limit \(name) \(most + 1)\n").says(message))
    if least > 0 { #expect(try ending(of: "limit \(name) \(least - 1)\n").says(message)) }
  }

  /// Exactly the instructions that it takes are enough.
  @Test func fuel() throws {
    func run(_ fuel: Int) throws -> Ending {
      try ending(of: "local n = 0\nfor (i = 1, 1000) n += i\nprint(n)\n") {
        $0.policy.mainFuel = UInt64(fuel)
      }
    }
    var fuel = 100_000
    while try run(fuel - 1).isFine {
      fuel -= 1
      // Bisect: most runs are well above what is needed.
      let half = fuel / 2
      if try run(half).isFine { fuel = half }
    }
    #expect(fuel > 1000)
    #expect(try run(fuel) == .ran(output: "500500\n", error: nil))
    #expect(
      try run(fuel - 1).says(
        "run-time error: ran too long (limit fuel: \(fuel - 1) instructions)"))
  }

  /// What one event may cost, which is less than what top-level code may, to the instruction.
  @Test func fuelOfAProbe() throws {
    func run(_ fuel: Int, _ rounds: Int) throws -> ScriptRun {
      let script = """
        limit fuel \(fuel)
        trace sched:sched_switch { local n = 0 for (i = 1, \(rounds)) n += i print(n) }
        """
      return try ScriptRun(script) {
        $0.recording = try RecordingReader.read(RecordingBuilder.sample())
      }
    }
    let least =
      try 100_001
      - greatest(1...100_000) {
        try run(100_001 - $0, 100).outcome == .exited(0)
      }
    #expect(least > 100)
    #expect(try run(least, 100).output == "5050\n")
    let short = try run(least - 1, 100)
    #expect(short.outcome == .failed)
    #expect(
      short.diagnostics.contains("ran too long (limit fuel: \(least - 1) instructions)\n"),
      "\(short.diagnostics)")
    #expect(short.output.isEmpty)
    // The most that a script may ask for is not enough for everything.
    let endless = try run(100_000, 10_000_000)
    #expect(endless.diagnostics.contains("ran too long (limit fuel: 100000 instructions)\n"))
  }

  /// Top-level code has as much as a bundle may give it, and ends there.
  @Test func fuelOfEndlessCode() throws {
    let end = try ending(of: "while (true) { x = 1 }\n") { $0.policy.mainFuel = 1_000_000 }
    #expect(end.says("run-time error: ran too long (limit fuel: 1000000 instructions)"))
  }

  /// Entries until the memory is used up; the entry before is the last one that fits.
  @Test(arguments: [4096, 65536, 1 << 20]) func memory(_ bytes: Int) throws {
    func script(_ count: Int) -> String {
      "limit memory \(bytes)\nlocal t = {}\nfor (i = 1, \(count)) t[i] = i\nprint(len(t))\n"
    }
    let most = try greatest(1...bytes) { try ending(of: script($0)).isFine }
    #expect(most > bytes / 128)
    #expect(try ending(of: script(most)) == .ran(output: "\(most)\n", error: nil))
    #expect(
      try ending(of: script(most + 1)).says(
        "test.kp:3: run-time error: table memory used up (limit memory: \(bytes) bytes)"))
  }

  /// A table of 100,000 integers has its price.
  @Test func memoryOfManyEntries() throws {
    let script = "local t = {}\nfor (i = 1, 100000) t[i] = i\nprint(len(t))\n"
    #expect(try ending(of: "limit memory 32M\n" + script) == .ran(output: "100000\n", error: nil))
    #expect(try ending(of: "limit memory 2M\n" + script).says("(limit memory: 2097152 bytes)"))
  }

  @Test func scriptArguments() throws {
    func run(_ count: Int) throws -> Ending {
      try ending(
        of: "print(len(arg), arg[0], arg[15])\n",
        arguments: Array(repeating: .integer(3), count: count))
    }
    #expect(try run(16) == .ran(output: "16\t3\t3\n", error: nil))
    #expect(!(try run(17).isFine))
  }
}
