// SPDX-License-Identifier: GPL-2.0-or-later
import Events
import Report
import Simulator
import TestSupport
import Testing

/// Scripts on the hand-made recording, which a board of either byte order might have made.
@Suite struct ReplayTests {
  /// What a script prints; the byte order of the board must not matter.
  private func output(_ script: String, options: ReportOptions = ReportOptions()) throws -> String {
    let little = try replay(script, options: options)
    let big = try replay(script, RecordingBuilder.sample(isBigEndian: true), options: options)
    #expect(little.transcript == big.transcript)
    #expect(
      little.transcript
        == (try replay(script, options: options)).transcript,
      "a second run")
    return little.transcript
  }

  private func replay(
    _ script: String, _ file: [UInt8] = RecordingBuilder.sample(),
    options: ReportOptions = ReportOptions(), isVerbose: Bool = false,
    configure: (inout Simulation) throws -> Void = { _ in }
  ) throws -> ScriptRun {
    try ScriptRun(script, options: options, isVerbose: isVerbose) {
      $0.recording = try RecordingReader.read(file)
      try configure(&$0)
    }
  }

  /// Why the script cannot attach to the recording.
  private func refusal(_ script: String) throws -> Simulation.CannotAttach? {
    #expect(throws: Simulation.CannotAttach.self) { try replay(script) }
  }

  @Test func wholeEventsArePrintedAsOnTheBoard() throws {
    let lines = try output("trace *:* function (e) { print(e) }").split(separator: "\n")
    #expect(
      lines == [
        "sys_openat(dfd: -100, filename: \"/etc/passwd\", flags: 524288, mode: 0)",
        "sys_openat(dfd: -100, filename: 0xbeef0000, flags: 524288, mode: 0)",
        "sys_openat -> 0xfffffffffffffffe", "sys_openat -> 0x3",
        "sched_switch(prev_comm: \"sh\", prev_pid: 101, prev_prio: -120, preempt: true, "
          + "rq: 0xc0123456, slots: [1, 2], class: \"cfs rq\")",
        "sys_enter(id: 39, args: [0x1, 0x2, 0x3, 0x4, 0x5, 0xffffffff])",
      ])
  }

  @Test func fieldsHaveTheirKindsAndSigns() throws {
    #expect(
      try output(
        """
        trace sched:sched_switch function (e) {
          print(e.prev_comm, e.prev_pid, e.prev_prio, e.class, e.common_pid, arg0, arg2, e.name)
        }
        """) == "sh\t101\t-120\tcfs rq\t101\tsh\t-120\tsched:sched_switch\n")
  }

  /// Addresses in hex; a field that is computed with is a number, and so is what is kept.
  @Test func printShowsFieldsAsTheEventDoes() throws {
    #expect(
      try output(
        """
        trace sched:sched_switch function (e) { print(e.rq, e.prev_pid, e.prev_prio) print(arg4) }
        trace sched:sched_switch function (e) { print(e.rq) print(e.rq + 1) }
        trace sched:sched_switch function (e) { local kept = e.rq print(kept) printf("%s\\n", e.rq) }
        """) == """
          0xc0123456\t101\t-120
          0xc0123456
          3222418518
          3222418519
          3222418518
          3222418518

          """)
  }

  @Test func elementsOfArraysAreFields() throws {
    #expect(
      try output(
        """
        trace sched:sched_switch function (e) { print(e.slots[0], e.slots[1], e.fieldnum) }
        trace raw_syscalls:sys_enter function (e) { print(e.args[0], e.args[5], e.fieldnum) }
        trace syscalls:*_openat function (e) { print(e.fieldnum) }
        """) == "4\n4\n1\n1\n1\t2\t7\n1\t4294967295\t2\n")
  }

  @Test func elementsByAnIndexThatTheScriptComputes() throws {
    #expect(
      try output(
        """
        trace sched:sched_switch function (e) { for (i = 0, 1) print(i, e.slots[i], e.slots[1 - i]) }
        trace raw_syscalls:sys_enter function (e) {
          local sum = 0
          for (i = 0; i < 6; i += 1) sum += args.args[i]
          print(sum, arg1[len(arg) + 5], e.args[e.id - 39])
        }
        """) == "0\t1\t2\n1\t2\t1\n4294967310\t4294967295\t1\n")
  }

  @Test(arguments: [
    ("sched:sched_switch", "e.slots[e.prev_pid - 99]", 2),
    ("sched:sched_switch", "e.slots[0 - len(e.prev_comm)]", 2),
    ("raw_syscalls:sys_enter", "e.args[e.id - 33]", 6),
    ("raw_syscalls:sys_enter", "e.args[e.id << 57]", 6),
  ]) func elementsThatAreNotThere(_ event: String, _ element: String, _ count: Int) throws {
    let run = try replay("trace \(event) function (e) { print(1)\nprint(\(element)) }")
    #expect(run.output == "1\n")
    #expect(run.outcome == .failed)
    #expect(
      run.diagnostics.hasPrefix(
        "test.kp:2: run-time error: the event's array has no such element (\(count) elements, from 0 on)\n"
      ),
      "\(run.diagnostics)")
  }

  @Test func aFieldThatIsNoArrayHasNoElements() throws {
    let found = try refusal("trace sched:sched_switch function (e) { print(e.prev_pid[pid]) }")
    #expect("\(try #require(found))".contains("is no array of integers"))
  }

  @Test func systemCallsHaveArgumentsRegistersAndResults() throws {
    #expect(
      try output(
        """
        trace syscalls:sys_enter_openat /COMM == sh/ function (e) {
          print(e.dfd, e.filename, arg2, e.sc_arg1, e.sc_arg6, e.sc_nr, e.sc_is_enter == true, e.retval)
        }
        trace syscalls:sys_exit_openat function (e) {
          print(probename, e.ret, e.retval, arg0, e.dfd, e.filename, e.sc_arg1)
        }
        trace raw_syscalls:sys_enter function (e) { print(e.id, arg0, e.sc_arg6) }
        """) == """
          -100	/etc/passwd	524288	4294967196	78	322	true	0
          syscalls:sys_exit_openat	-2	-2	-2	-100	/root/notes	4294967196
          syscalls:sys_exit_openat	3	3	3	-100	/etc/passwd	4294967196
          39	39	4294967295

          """)
  }

  @Test func builtInVariablesAreThoseOfTheRecordedTask() throws {
    #expect(
      try output(
        """
        print(arch == "ppc" || arch == "armv7l", kernel_v, num_cpus, execname, pid, uid, cpu, prio)
        trace syscalls:sys_enter_openat {
          print(cpu, pid, tid, ppid, uid, gid, execname, prio, cgroup, in_interrupt, in_iowait)
        }
        trace_end { print(execname, pid, uid, cpu) }
        """) == """
          true	6.1.0-test	2	ktap/test	0	0	0	120
          0	100	101	1	1000	1000	sh	120	8	false	false
          1	200	200	1	0	1000	vi	120	7	false	false
          ktap/test	0	0	0

          """)
  }

  @Test func theClockIsTheRecordings() throws {
    #expect(
      try output(
        """
        print(nsecs, elapsed, gettimeofday_ns)
        trace syscalls:sys_exit_openat { print(nsecs, elapsed, gettimeofday_ns) }
        trace_end { print(nsecs, elapsed) }
        """) == """
          1000000000	0	1700000000000000000
          1250000000	250000000	1700000000250000000
          1300000000	300000000	1700000000300000000
          2000000000	1000000000

          """)
  }

  @Test func timersInterleaveUntilTheRecordingEnds() throws {
    #expect(
      try output(
        """
        tick-200ms { print("tick", elapsed / 1ms, cpu) }
        trace syscalls:*, sched:* { print(elapsed / 1ms, cpu) }
        """) == """
          100	0
          200	1
          tick	200	0
          250	1
          300	0
          400	0
          tick	400	0
          tick	600	0
          tick	800	0
          tick	1000	0

          """)
  }

  /// Tables are hashed with a random seed; it must not show.
  @Test func theSeedOfHashesDoesNotShow() throws {
    let script = """
      limit fuel 100_000
      trace *:* { for (i = 0, 300) { t[(i * 7919) % 1000, execname] += i } }
      trace_end { print(t) for (k, c, v in pairs(t)) { s = (s == nil ? v : s * 31 + v) } print(s) }
      """
    let first = try replay(script)
    #expect(first.output.split(separator: "\n").count > 500)
    for _ in 0..<5 { #expect(try replay(script).transcript == first.transcript) }
  }

  @Test func aHandlerOfSeveralEventsRunsOnceForEach() throws {
    #expect(
      try output(
        """
        trace syscalls:*, syscalls:sys_*_openat, *:sys_enter_openat { n += 1 }
        trace *:sys_enter_openat { m += 1 }
        trace_end { print(n, m) }
        """) == "4\t2\n")
  }

  @Test func onlyOneProcessOrProcessor() throws {
    let script = "trace *:* { n += 1 } trace_end { print(n) }"
    #expect(try replay(script) { $0.pid = 200 }.output == "3\n")
    #expect(try replay(script) { $0.cpu = 0 }.output == "3\n")
    #expect(
      try replay(script) {
        $0.cpu = 1
        $0.pid = 100
      }.output == "nil\n")
  }

  @Test func moreProcessorsThanThereWere() throws {
    #expect(try replay("print(num_cpus)") { $0.cpus = 8 }.output == "8\n")
    #expect(try ScriptRun("print(num_cpus, cpu)").output == "1\t0\n")
    #expect(try ScriptRun("print(num_cpus)") { $0.cpus = 4 }.output == "4\n")
  }

  @Test func aDurationEndsTheReplay() throws {
    let script = "trace *:* { n += 1 } tick-1ms { t += 1 } trace_end { print(n, t, elapsed) }"
    #expect(try replay(script) { $0.duration = 250_000_000 }.output == "3\t250\t250000000\n")
    #expect(try replay(script) { $0.duration = 0 }.output == "nil\tnil\t0\n")
  }

  @Test func realTimeWaits() throws {
    let start = ContinuousClock.now
    let run = try replay("trace *:* { n += 1 } trace_end { print(n) }") {
      $0.pace = .realTime
      $0.duration = 250_000_000
    }
    #expect(run.output == "3\n")
    #expect(ContinuousClock.now - start >= .milliseconds(240))
  }

  // MARK: - Ends

  @Test func exitInAHandlerEndsTheReplay() throws {
    let run = try replay(
      "trace *:* { n += 1 if (n == 2) exit(3) } trace_end { print(n, elapsed / 1ms) }")
    #expect(run.transcript == "2\t200\n=== exit 3\n")
  }

  @Test func anErrorInAHandlerEndsTheReplay() throws {
    let run = try replay(
      """
      trace *:* function (e) { print(e.filename) }
      trace_end { print("end") }
      """)
    #expect(run.outcome == .failed)
    #expect(run.output == "/etc/passwd\n\n/root/notes\n/etc/passwd\nend\n")
    #expect(
      run.diagnostics == """
        test.kp:1: run-time error: the event has no such field (filename)
        5 events: 4 handled, 0 missed, 0 throttled, 1 dropped; 0 records lost

        """)
  }

  @Test func handlersHaveTheFuelOfProbes() throws {
    let run = try replay("trace *:* { while (true) { n += 1 } }")
    #expect(run.diagnostics.contains("ran too long (limit fuel: 10000 instructions)"))
  }

  @Test func hitsAreCounted() throws {
    let run = try replay("trace *:* { n += 1 } tick-500ms { n += 1 }", isVerbose: true)
    #expect(
      run.diagnostics
        == "8 events: 8 handled, 0 missed, 0 throttled, 0 dropped; 0 records lost\n")
  }

  @Test func theEventRateLimitsRecords() throws {
    let run = try replay("limit rate 2\ntrace *:* { print(elapsed) }\ntrace_end { print(9) }")
    #expect(run.output.split(separator: "\n").count == 3)
    #expect(run.diagnostics.hasSuffix("4 dropped; 4 records lost\n"))
  }

  @Test func stringsAreCutAtTheScriptsLimit() throws {
    let run = try replay(
      """
      limit string 16
      trace syscalls:sys_enter_openat /filename ~ "xxxx*"/ function (e) {
        print(e)
        print(e.filename)
      }
      trace syscalls:sys_exit_openat /filename ~ "xxxx*"/ function (e) { print(e.filename) }
      """, RecordingCaseTests.bytes("armhf.rec"))
    #expect(
      run.output == """
        sys_openat(dfd: -100, filename: "xxxxxxxxxxxxxxxx", flags: 0, mode: 0)
        xxxxxxxxxxxxxxxx
        xxxxxxxxxxxxxxxx

        """)
  }

  @Test func jsonHasTheEventsProcessor() throws {
    var options = ReportOptions()
    options.json = true
    let text = try output(
      "trace raw_syscalls:sys_enter function (e) { print(e) }", options: options)
    #expect(
      text.hasPrefix(
        #"{"type":"print","ts":1500000000,"cpu":1,"values":[{"event":"sys_enter","fields":{"id":39,"#
      ))
    #expect(text.contains(#""events":{"hits":1,"handled":1,"#))
  }

  // MARK: - What cannot be attached

  @Test func eventsThatWereNotRecordedAreRefused() throws {
    let error = try refusal("print(1)\ntrace irq:irq_handler_entry { print(1) }")
    #expect(error?.line == 2)
    #expect(
      error?.description
        == "no event of the recording matches 'irq:irq_handler_entry'; "
        + "it is of 'syscalls:*', 'sched:*', 'raw_syscalls:*'")
    #expect(
      try refusal("trace raw_syscals:sys_enter { print(1) }")?.description.hasPrefix(
        "no event of the recording matches 'raw_syscals:sys_enter'; "
          + "did you mean 'raw_syscalls:sys_enter'?") == true)
  }

  /// What was looked for and did not happen is no error.
  @Test func eventsThatDidNotHappenAreNoError() throws {
    #expect(
      try output("trace sched:sched_wakeup function (e) { print(e.comm) } trace_end { print(1) }")
        == "1\n")
  }

  @Test(arguments: [
    (
      "sched:sched_switch", "prev_com",
      "event 'sched:sched_switch' has no field 'prev_com'; did you mean 'prev_comm'?"
    ),
    (
      "syscalls:sys_enter_openat", "filenam",
      "event 'syscalls:sys_enter_openat' has no field 'filenam'; did you mean 'filename'?"
    ),
    ("*:*", "nothing", "no event of '*:*' has a field 'nothing'"),
    (
      "sched:sched_switch", "prev_comm + 1",
      "field 'prev_comm' of 'sched:sched_switch' is a string, but the script uses it as an integer"
    ),
    (
      "syscalls:sys_exit_openat", "filename + 1",
      "field 'filename' of 'syscalls:sys_exit_openat' is a string, but the script uses it as an integer"
    ),
    (
      "sched:sched_switch", "slots",
      "field 'slots' of 'sched:sched_switch' is an array; a script reads its elements"
    ),
    (
      "sched:sched_switch", "slots[2]",
      "field 'slots' of 'sched:sched_switch' has 2 elements, from 0 on"
    ),
    ("sched:sched_switch", "rq[0]", "field 'rq' of 'sched:sched_switch' is no array of integers"),
    (
      "raw_syscalls:sys_enter", "args[6]",
      "field 'args' of 'raw_syscalls:sys_enter' has 6 elements, from 0 on"
    ),
    (
      "raw_syscalls:sys_enter", "args",
      "field 'args' of 'raw_syscalls:sys_enter' is an array; a script reads its elements"
    ),
  ])
  func fieldsAreResolvedAsOnTheBoard(_ event: String, _ use: String, _ sentence: String) throws {
    #expect(
      try refusal("trace \(event) function (e) { print(e.\(use)) }")?.description == sentence)
  }

  @Test func positionsAreResolvedAsOnTheBoard() throws {
    #expect(
      try refusal("trace syscalls:sys_enter_openat { print(arg4) }")?.description
        == "event 'syscalls:sys_enter_openat' has no field number 4, counted from 0")
    #expect(
      try refusal("trace syscalls:sys_exit_* { print(arg1) }")?.description
        == "no event of 'syscalls:sys_exit_*' has a field number 1, counted from 0")
  }
}
