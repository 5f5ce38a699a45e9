// SPDX-License-Identifier: GPL-2.0-or-later
import Bytecode
import Report
import Simulator
import Testing

@Suite struct SimulationTests {
  @Test func eventsNeedAKernel() throws {
    let error = #expect(throws: Simulation.NeedsKernel.self) {
      try ScriptRun("print(1)\ntrace syscalls:sys_enter_openat { print(execname) }\n")
    }
    #expect(error?.event == "syscalls:sys_enter_openat")
    #expect(error?.line == 2)
  }

  @Test func stopRequestEndsALoopAndTraceEndRuns() throws {
    let program = try LoadedProgram(
      signedPart: try signedPart(of: "while (true) {}\ntrace_end { print(\"end\") }\n"))
    var questions = 0
    var records = 0
    var simulation = Simulation()
    simulation.stopRequested = {
      questions += 1
      return questions > 10
    }
    let outcome = try simulation.run(program) { _ in records += 1 }
    #expect(outcome == .exited(0))
    #expect(records == 1)
  }

  @Test func timersRunInVirtualTime() throws {
    let run = try ScriptRun(
      "tick-3600s { print(elapsed / 3600s) }\n", duration: 3 * 3_600_000_000_000)
    #expect(run.output == "1\n2\n3\n")
  }

  @Test func outputIsSeenBeforeTheClockIsWaitedFor() throws {
    let part = try signedPart(of: "print(1)\ntick-10ms { n += 1 print(2) if (n == 2) exit() }\n")
    let bundle = try Bundle(Bundle.assemble(signedPart: part))
    var simulation = Simulation()
    simulation.pace = .realTime
    var parts: [String] = []
    _ = try simulation.run(
      LoadedProgram(file: bundle.bytes), bundle: bundle, options: ReportOptions()
    ) { bytes, _ in parts.append(String(decoding: bytes, as: UTF8.self)) }
    #expect(parts == ["1\n", "2\n", "2\n"])
  }

  @Test func argumentsAreCheckedAgainstThePolicy() throws {
    let part = try signedPart(of: "print(arg[0])\n")
    let program = try LoadedProgram(signedPart: part)
    #expect(throws: LoadError.self) {
      try program.setArguments([.integer(1)], declaredOnly: true)
    }
    try program.setArguments([], declaredOnly: true)
    try program.setArguments([.integer(1), .string("x")], declaredOnly: false)
  }

  @Test func jsonEndsWithTheSummary() throws {
    var options = ReportOptions()
    options.json = true
    let run = try ScriptRun("print(\"a\")\nexit(3)\n", options: options)
    let lines = run.output.split(separator: "\n")
    #expect(lines.count == 2)
    #expect(lines.last?.contains("\"type\":\"end\",\"exit\":3") == true)
    #expect(run.outcome == .exited(3))
  }

  @Test func summaryNamesProbesAndCosts() throws {
    let script = """
      n = {}
      trace syscalls:sys_enter_openat { n[execname] += 1 }
      tick-10ms { print(1) }
      trace_end { for (k, v in pairs(n)) { print(k, v) } }
      """
    let summary = try LoadedProgram(signedPart: try signedPart(of: script)).summary
    #expect(
      Set(summary.probes.map(\.name)) == [
        "top-level code", "syscalls:sys_enter_openat", "tick-10ms", "trace_end",
      ])
    #expect(summary.capabilities.contains(.observe))
    #expect(summary.worstEvent.instructions > 0 && summary.worstEvent.instructions < 100)
    #expect(!summary.worstEvent.isFuelLimit)
    #expect(summary.memory > 0)
  }

  @Test(arguments: [
    ("10s", 10_000_000_000), ("5", 5_000_000_000), ("250ms", 250_000_000), ("7us", 7000),
    ("9ns", 9), ("2m", 120_000_000_000), ("1h", 3_600_000_000_000),
  ])
  func timeSpans(_ text: String, _ nanoseconds: UInt64) {
    #expect(TimeUnit.nanoseconds(text) == nanoseconds)
  }

  @Test(arguments: [
    "", "s", "-1s", "1.5s", "1 s", "99999999999999999999s", "18446744073709551615h",
  ])
  func badTimeSpans(_ text: String) {
    #expect(TimeUnit.nanoseconds(text) == nil)
  }
}
