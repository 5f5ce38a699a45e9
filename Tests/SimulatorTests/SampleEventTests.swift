// SPDX-License-Identifier: GPL-2.0-or-later
import Report
import Simulator
import Testing

/// `profile-N` in virtual time: what would interrupt every CPU of a board.
@Suite struct SampleEventTests {
  private func run(_ script: String, cpus: Int, duration: UInt64) throws -> ScriptRun {
    try ScriptRun(script, duration: duration, isVerbose: true) { $0.cpus = cpus }
  }

  @Test(arguments: [1, 3]) func everyCPUIsInterruptedEachTime(_ cpus: Int) throws {
    let run = try run(
      """
      profile-10ms { n[cpu] += 1 last = nsecs all += 1 }
      trace_end {
        for (c, v in pairs(n)) print(c, v)
        print(all, last / 1ms)
      }
      """, cpus: cpus, duration: 1_000_000_000)
    let perCPU = (0..<cpus).map { "\($0)\t100\n" }.joined()
    #expect(run.output == perCPU + "\(cpus * 100)\t1000\n")
    #expect(run.diagnostics.contains("\(cpus * 100) events: \(cpus * 100) handled, 0 missed"))
  }

  @Test func aSampleHasFieldsAndAText() throws {
    let run = try run(
      """
      profile-99hz function (e) {
        print(e.name, e.period, e.ip, e.addr, e.user, e.fieldnum, e.field(2), pid, execname)
        print(e)
        if (!e.user && in_interrupt) exit()
      }
      """, cpus: 1, duration: 20_000_000)
    #expect(
      run.output == """
        profile-10101010ns	10101010	0x0	0x0	false	4	10101010	0	swapper/0
        profile-10101010ns(ip: 0x0, period: 10101010, addr: 0x0, user: false)

        """)
  }

  @Test func timersOfBothKindsRunInTheirOrder() throws {
    let run = try run(
      """
      tick-10ms { print("tick", elapsed / 1ms) }
      timer.profile(4ms, function () { print("profile", cpu, elapsed / 1ms) })
      profile-10ms { print("ten", cpu) }
      """, cpus: 2, duration: 10_000_000)
    #expect(
      run.output == """
        profile	0	4
        profile	1	4
        profile	0	8
        profile	1	8
        ten	0
        ten	1
        tick	10

        """)
  }

  @Test func aFieldThatSamplesDoNotHaveIsRefused() throws {
    let error = #expect(throws: Simulation.CannotAttach.self) {
      try ScriptRun("profile-10ms function (e) { print(e.adr) }")
    }
    #expect(error?.description == "event 'profile-10ms' has no field 'adr'; did you mean 'addr'?")
    #expect(error?.line == 1)
  }

  @Test func countersNeedAKernel() throws {
    let error = #expect(throws: Simulation.NeedsKernel.self) {
      try ScriptRun("profile-10ms { n += 1 }\ntrace perf:faults { n += 1 }\nprint(n)")
    }
    #expect(error?.event == "perf:page-faults@1")
  }
}
