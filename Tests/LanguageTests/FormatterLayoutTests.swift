// SPDX-License-Identifier: GPL-2.0-or-later
import Testing

/// Where comments stand, and where lines are broken that would be too long.
@Suite struct FormatterLayoutTests {
  @Test func commentsStayWhereTheyAre() throws {
    try expectFormat(
      """
      #!/usr/bin/env ktapc

        // top
      local x=1# one

      /* block
         * starred
       */
      /* inline */ f(x /* one */,/* two */2,3) ;  // behind
      if (x) { // opening
            # first
        f()
        # last
      } /* closing */
      # end
      """,
      gives: """
        #!/usr/bin/env ktapc

        // top
        local x = 1  # one

        /* block
         * starred
         */
        /* inline */ f(x /* one */, /* two */ 2, 3)  // behind
        if (x) {  // opening
          # first
          f()
          # last
        } /* closing */
        # end

        """)
  }

  @Test func commentsWithinStatements() throws {
    try expectFormat(
      """
      f(1, # one
      2)
      x = a + # first
      b
      if (a) # why
      f()
      t = {
      # top
      a = 1, # first

      b = 2 # second
      # bottom
      }
      f(
      # only
      )
      function g(a, # one
      b) {
      # nothing
      }
      trace a:b, # first
      c:d # second
      {}
      """,
      gives: """
        f(
          1,  # one
          2
        )
        x = a +  # first
            b
        if (a)  # why
          f()
        t = {
          # top
          a = 1,  # first

          b = 2  # second
          # bottom
        }
        f(
          # only
        )
        function g(
          a,  # one
          b
        ) {
          # nothing
        }
        trace a:b,  # first
            c:d  # second
        {}

        """)
  }

  @Test func unstarredCommentsAndRawStringsAreNotTouched() throws {
    try expectFormat(
      "{\n/* a\n      b\n   c */\n  x = [[ a  \n   b ]]\n}\n",
      gives: "{\n  /* a\n      b\n   c */\n  x = [[ a  \n   b ]]\n}\n")
  }

  @Test func longCalls() throws {
    try expectFormat(
      """
      printf("%-16s %6d reads, %8d ns each\\n", program, count, time[program] / count, minimum, maximum)
      printf("%-16s %6d reads, %8d ns each\\n", program_name, count_of_reads, time[program] / count, minimum, maximum)
      call({a = "a value of some length", b = "another value of some length", c = "and yet another value"})
      """,
      gives: """
        printf("%-16s %6d reads, %8d ns each\\n", program, count, time[program] / count, minimum, maximum)
        printf(
          "%-16s %6d reads, %8d ns each\\n",
          program_name,
          count_of_reads,
          time[program] / count,
          minimum,
          maximum
        )
        call({
          a = "a value of some length",
          b = "another value of some length",
          c = "and yet another value"
        })

        """)
  }

  @Test func longChains() throws {
    let a = String(repeating: "a", count: 30)
    try expectFormat(
      """
      if (\(a) == 1 || \(a) == 2 && \(a) == 3 || \(a)) { f() }
      x = \(a) + \(a) - \(a) * \(a)
      x = \(a) == \(a) ? \(a) : \(a)
      return \(a) .. \(a) .. \(a) .. \(a)
      """,
      gives: """
        if (
          \(a) == 1 ||
          \(a) == 2 && \(a) == 3 ||
          \(a)
        ) {
          f()
        }
        x = \(a) +
            \(a) -
            \(a) * \(a)
        x = \(a) == \(a)
            ? \(a)
            : \(a)
        return \(a) ..
            \(a) ..
            \(a) ..
            \(a)

        """)
  }

  @Test func longTables() throws {
    let numbers = (100..<125).map(String.init).joined(separator: ",")
    let spaced = numbers.split(separator: ",").joined(separator: ", ")
    let first = spaced.prefix(97).dropLast(3)
    try expectFormat(
      "t={\(numbers)}",
      gives: "t = {\n  \(first)\n  \(spaced.dropFirst(first.count + 1))\n}\n")
    try expectFormat("t = {\n1,1,\n0,1,}", gives: "t = {\n  1, 1,\n  0, 1,\n}\n")
  }

  @Test func longHeads() throws {
    try expectFormat(
      """
      trace syscalls:sys_enter_openat,syscalls:sys_enter_open,syscalls:sys_enter_openat2 /pid == 1 && uid == 0/ { f() }
      trace sched:sched_switch /(prev_prio < 100 || next_prio < 100) && !(prev_comm == swapper*) && prev_pid != 0/ f
      while (contains(first_string, second_string) && contains(third_string, fourth_string)) { f() g() }
      """,
      gives: """
        trace syscalls:sys_enter_openat,
            syscalls:sys_enter_open,
            syscalls:sys_enter_openat2
            /pid == 1 && uid == 0/ { f() }
        trace sched:sched_switch
            /(prev_prio < 100 || next_prio < 100) && !(prev_comm == swapper*) && prev_pid != 0/ f
        while (contains(first_string, second_string) && contains(third_string, fourth_string)) {
          f()
          g()
        }

        """)
  }
}
