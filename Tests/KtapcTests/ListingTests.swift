// SPDX-License-Identifier: GPL-2.0-or-later
import Foundation
import Testing

/// What shows how well a script was compiled: the listing with its marks, `--count`, and `-O0` to compare with.
@Suite struct ListingTests {
  /// The lines of a listing from the header of a function up to the next.
  private func function(_ name: String, in listing: String) throws -> [String] {
    let lines = listing.split(separator: "\n", omittingEmptySubsequences: false).map(String.init)
    let start = try #require(lines.firstIndex { $0.hasPrefix("function ") && $0.contains(name) })
    return Array(lines[start...].prefix { !$0.isEmpty })
  }

  /// "0009 *ARITH   r1, …" is an instruction with a mark.
  private func isInstruction(_ line: String) -> Bool {
    line.hasPrefix("  ") && line.dropFirst(2).prefix(4).allSatisfy(\.isNumber)
  }

  private func isMarked(_ line: String) -> Bool { line.dropFirst(7).hasPrefix("*") }

  private func listing(_ tool: Tool, _ script: String, _ options: String...) throws -> String {
    try tool.write("s.kp", script)
    let built = try tool.ktapc(["build", "s.kp", "-o", "s.ktapb"] + options)
    #expect(built.status == 0, "\(built.errors)")
    return try tool.succeed("inspect", "--disassemble", "s.ktapb")
  }

  @Test func genericInstructionsAreMarkedAndCounted() throws {
    let tool = try Tool()
    let text = try listing(
      tool,
      """
      mixed = {1, "a", true}
      function pick(n) { return mixed[n] }
      trace_end {
        local a = pick(1)
        local b = pick(2)
        print(a + 1)
        print(a < b)
        print(b .. "x")
        if (pick(3)) print(1)
      }
      tick-1s { local n = 1 for (i = 1, 5) { n = n * i + 2 if (n > 7) n -= 1 } print(n .. "x") exit() }
      """)
    let generic = try function("trace_end", in: text).filter(isInstruction)
    let marked = generic.filter(isMarked)
    for name in ["ARITH", "COMPARE", "CONCAT"] {
      #expect(marked.contains { $0.contains("*\(name)") }, "\(name)")
    }
    #expect(marked.contains { $0.contains("*JFV") || $0.contains("*JTV") || $0.contains("*TRUTH") })
    #expect(
      try function("trace_end", in: text).contains(
        "  typed: \(generic.count - marked.count) of \(generic.count) instructions"))
    let typed = try function("tick-1s", in: text)
    let count = typed.filter(isInstruction).count
    #expect(count > 8)
    #expect(!typed.contains { isInstruction($0) && isMarked($0) })
    #expect(typed.contains("  typed: \(count) of \(count) instructions"))
  }

  @Test func jsonCountsThemToo() throws {
    let tool = try Tool()
    let script = "t = {1, \"a\"}\nfunction f(n) { return t[n] + 1 }\nprint(f(1))\n"
    let text = try listing(tool, script)
    let lines = try function(" f(", in: text).filter(isInstruction)
    let json = try tool.succeed("inspect", "--json", "s.ktapb")
    let object = try JSONSerialization.jsonObject(with: Data(json.utf8)) as? [String: Any]
    let functions = try #require(object?["functions"] as? [[String: Any]])
    let own = try #require(functions.first { $0["name"] as? String == "f" })
    #expect(own["instructions"] as? Int == lines.count)
    #expect(own["typed"] as? Int == lines.filter { !isMarked($0) }.count)
    #expect(lines.filter(isMarked).count == 1)
  }

  private static let work = """
    local total = 0
    function add(n) { return n + 2 * 3 }
    tick-1s {
      for (i = 1, 10) { total = add(total) * 1 }
      if (1 == 2) print("never")
      if (total > 1000) { print(total) exit() }
    }
    """

  /// The same output with fewer instructions, which `--count` tells.
  @Test func withoutOptimiserTheSameTakesMore() throws {
    let tool = try Tool()
    try tool.write("s.kp", Self.work)
    let plain = try tool.ktapc("--on", "sim", "-O0", "--count", "s.kp")
    let optimised = try tool.ktapc("--on", "sim", "--count", "s.kp")
    #expect(plain.text == "1020\n" && optimised.text == "1020\n")
    let (before, after) = (try counts(plain.errors), try counts(optimised.errors))
    let (slow, fast) = (try #require(before["tick-1s"]), try #require(after["tick-1s"]))
    #expect(slow.runs == 17 && fast.runs == 17)
    #expect(fast.instructions < slow.instructions)
    #expect(
      try tool.ktapc("--on", "sim", "--no-optimize", "--count", "s.kp").errors == plain.errors)
    let full = try listing(tool, Self.work)
    let bare = try listing(tool, Self.work, "-O0")
    #expect(bare.split(separator: "\n").count > full.split(separator: "\n").count)
    // A bundle is what it is.
    #expect(try tool.ktapc("--on", "sim", "-O0", "s.ktapb").status == 2)
  }

  /// Runs, instructions, fuel, instructions of one run.
  private func counts(_ table: String) throws -> [String: (runs: Int, instructions: Int)] {
    var counts: [String: (runs: Int, instructions: Int)] = [:]
    let lines = table.split(separator: "\n").map { $0.split(separator: "\t") }
    #expect(lines.first == ["runs", "instructions", "fuel", "a run", "function"])
    for line in lines.dropFirst() {
      try #require(line.count == 5)
      let runs = try #require(Int(line[0]))
      let instructions = try #require(Int(line[1]))
      #expect(try #require(Int(line[2])) > 0)
      #expect(line[3] == String(format: "%.2f", Double(instructions) / Double(runs)))
      counts[String(line[4])] = (runs, instructions)
    }
    return counts
  }

  /// Straight code is counted to the instruction: each of the listing runs once.
  @Test func countIsExact() throws {
    let tool = try Tool()
    let text = try listing(
      tool, "print(1, arg[0])\ntrace_end { print(2) }\ntick-1s { n += 1 exit() }\n")
    let run = try tool.ktapc("--on", "sim", "--count", "s.ktapb")
    #expect(run.text == "1\tnil\n2\n")
    let counted = try counts(run.errors)
    #expect(counted.count == 3)
    for name in ["main", "trace_end"] {
      let length = try function(" \(name)(", in: text).filter(isInstruction).count
      #expect(counted[name]?.instructions == length, "\(name)")
      #expect(counted[name]?.runs == 1)
    }
    #expect(try tool.ktapc("--on", "sim", "s.ktapb").errors == "")
  }

  /// Of the tests that `&&` joins numbers come first, then strings, then patterns; with -O0 they stay, and so does what
  /// `||` joins.
  @Test func cheapTestsOfAFilterComeFirst() throws {
    let tool = try Tool()
    func order(_ filter: String, _ options: String...) throws -> [String] {
      let script = "trace sched:sched_switch /\(filter)/ { n += 1 }\n"
      try tool.write("s.kp", script)
      let built = try tool.ktapc(["build", "s.kp", "-o", "s.ktapb"] + options)
      #expect(built.status == 0, "\(built.errors)")
      let text = try tool.succeed("inspect", "--disassemble", "s.ktapb")
      let lines = try function("sched_switch", in: text).filter(isInstruction)
      return lines.compactMap { line in
        if line.contains("match") { return "pattern" }
        guard line.contains("EFIELD") else { return nil }
        return line.split(separator: " ").last.map(String.init)
      }
    }
    let filter = "next_comm ~ \"s*\" && prev_comm == \"sh\" && prev_pid == 1 && next_pid > 2"
    #expect(try order(filter) == ["prev_pid", "next_pid", "prev_comm", "next_comm", "pattern"])
    #expect(
      try order(filter, "-O0") == ["next_comm", "pattern", "prev_comm", "prev_pid", "next_pid"])
    #expect(
      try order("next_comm == \"a\" || prev_pid == 1") == ["next_comm", "prev_pid"])
    #expect(
      try order("(next_comm == \"a\" || prev_pid == 1) && next_pid == 3")
        == ["next_pid", "next_comm", "prev_pid"])
  }

  /// Where an event may lack a field the order is the script's: what is tested first protects what follows.
  @Test func testsOfSeveralEventsStayInOrder() throws {
    let tool = try Tool()
    let text = try listing(
      tool, "trace sched:sched_* /prev_comm == \"sh\" && prev_pid == 1/ { n += 1 }\n")
    let lines = try function("sched_", in: text).filter { $0.contains("EFIELD") }
    #expect(lines.map { $0.contains("prev_comm") } == [true, false])
  }
}
