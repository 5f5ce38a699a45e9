// SPDX-License-Identifier: GPL-2.0-or-later
import Testing

@testable import Language

@Suite struct ParserDiagnosticTests {
  @Test(arguments: [
    """
    f(1
       ^ error: expected ')' before the end of the script
     ^ note: to close this '('
    """,
    """
    f(1
       ^ error: expected ')' here
     ^ note: to close this '('
    x = t[1
           ^ error: expected ']' here
         ^ note: to close this '['
    y = {1 2}
           ^ error: expected '}', found '2'
        ^ note: to close this '{'
    z = (1;
          ^ error: expected ')', found ';'
        ^ note: to close this '('
    """,
    """
    x = 
       ^ error: expected an expression before the end of the script
    """,
    """
    x = = 1
        ^ error: expected an expression, found '='; is '==' meant?
    x = while
        ^^^^^ error: expected an expression, found the keyword 'while'
    x = function f() {}
                 ^ error: a function within an expression has no name
    x = c ? 1
             ^ error: expected ':' and the other value of '?:' here
    local if = 1
          ^^ error: 'if' is a keyword and cannot be a name after 'local'
    local 1 = 1
          ^ error: expected a name after 'local', found '1'
    x = t.1
          ^ error: expected a name, found '1'
    x = t."a"
          ^^^ error: expected a name, found a string
    x = {[1] 2}
             ^ error: expected '=' after the key, found '2'
    a, b
        ^ error: expected '=' after what is assigned to here
    x = ...
        ^^^ error: '...' stands outside of a function that takes further arguments
    """,
    """
    1 + 2
    ^^^^^ error: this value is not used
    x
    ^ error: this value is not used
    x + 1
    ^^^^^ error: this value is not used
    f() && g()
    ^^^^^^^^^^ error: this value is not used
    x == 1
      ^^ error: '==' compares and the result is not used; is '=' meant?
    print "x"
          ^^^ error: a call needs parentheses: print(…)
    f() = 1
    ^^^ error: the result of a call cannot be assigned to
    (x) += 1;
    ^^^ error: this cannot be assigned to
    ++x
    ^^ error: '++' stands behind what it changes, as in 'n++'
    """,
    """
    x = 1
    )
    ^ error: a statement cannot begin with ')'
    y = 2
    {
      * 3
      ^ error: a statement cannot begin with '*'
    }
    t = {
        ^ note: to close this '{'
      a = 1
           ^ error: expected '}' here
      b = {2}
    }
    z = )
        ^ error: expected an expression, found ')'
    """,
    """
    whlie (x) { f() }
    ^^^^^ error: unknown keyword 'whlie', did you mean 'while'?
    trcae sched:x { f() }
    ^^^^^ error: unknown keyword 'trcae', did you mean 'trace'?
    tarce "sched:x" f
    ^^^^^ error: unknown keyword 'tarce', did you mean 'trace'?
    func f() {}
    ^^^^ error: unknown keyword 'func', did you mean 'function'?
    let x = 1
    ^^^ error: unknown keyword 'let', did you mean 'local'?
    elif (x) {}
    ^^^^ error: unknown keyword 'elif', did you mean 'elseif'?
    """,
    """
    break
    ^^^^^ error: 'break' stands outside of a loop
    while (x) { f = function () { continue } }
                                  ^^^^^^^^ error: 'continue' stands outside of a loop
    while (x) { trace a:b { break } }
                            ^^^^^ error: 'break' stands outside of a loop
    else f()
    ^^^^ error: this 'else' follows no 'if'
    """,
    """
    until (x)
    ^^^^^ error: this 'until' follows no 'repeat'
    """,
    """
    and
    ^^^ error: a statement cannot begin with 'and'
    """,
    """
    f() }
        ^ error: this '}' closes nothing
    g()
    """,
    """
    if (x) {
           ^ note: to close this '{'
      f()
         ^ error: expected '}' before the end of the script
    """,
    """
    if x > 0 { f( }
       ^ error: expected '(' and a condition after 'if'
                  ^ error: expected an expression, found '}'
    if (x = 1) { f( }
          ^ error: '=' assigns and is no condition; is '==' meant?
                    ^ error: expected an expression, found '}'
    if (x > ) { f( }
            ^ error: expected an expression, found ')'
                   ^ error: expected an expression, found '}'
    while (x { f() }
             ^ error: expected ')', found '{'
          ^ note: to close this '('
    if (x) then f()
           ^^^^ error: there is no 'then'; the body stands in braces
    while (x) do f()
              ^^ error: there is no 'do'; the body stands in braces
    if (x);
          ^ warning: this ';' is all of the body of 'if'
    { while (x) }
                ^ error: expected the body of 'while', found '}'
    repeat { f() } while (x)
                   ^^^^^ error: expected 'until' after the body of 'repeat', found the keyword 'while'
    """,
    """
    for i = 1, 2 {}
        ^ error: expected '(' after 'for', found 'i'
    for (i) {}
          ^ error: expected ',' and the last value, or ';' and the condition of the loop, found ')'
        ^ note: in the loop that begins here
    for (i = 1) {}
              ^ error: expected ',' and the last value, or ';' and the condition of the loop, found ')'
        ^ note: in the loop that begins here
    for (i = 0; i < 1) {}
                     ^ error: expected ';' after the condition of the loop, found ')'
    for (i = 1, 2, 3, 4) {}
                    ^ error: expected ')', found ','
        ^ note: to close this '('
    for (a, b, c, d, e, f in pairs(t)) {}
                        ^ error: a loop over a table has five names at most: four parts of the key and the value
    for (a, b = pairs(t)) {}
              ^ error: expected 'in' and the table, as in 'in pairs(t)', found '='
    for (a, 1 in pairs(t)) {}
            ^ error: expected the name of the value, found '1'
    for (local i; i < 1; i++) {}
               ^ error: expected 'name = value', found 'i'
    """,
    """
    function () {}
    ^^^^^^^^ error: a function that is a statement needs a name
    function t.f() {}
              ^ error: a function in a table is written 't.… = function (…) {…}'
    function 1() {}
             ^ error: expected the name of the function, found '1'
    function f {}
               ^ error: expected '(' and the parameters of the function, found '{'
    function f(1) {}
               ^ error: expected a parameter, found '1'
    function f(a, if) {}
                  ^^ error: 'if' is a keyword and cannot be a parameter
    function f(..., a) {}
                  ^ error: expected ')', found ','
              ^ note: to close this '('
    function f(a, b, a) {}
                     ^ error: there are two parameters 'a'
               ^ note: the first is here
    function f() return 1
                 ^^^^^^ error: expected '{' and the body of the function, found the keyword 'return'
    """,
  ])
  func statements(_ text: String) {
    let (found, expected) = reports(text)
    #expect(found == expected)
  }

  @Test(arguments: [
    """
    trace { f() }
          ^ error: expected an event, such as 'sched:sched_switch'
    trace function (e) { f() }
          ^^^^^^^^ error: expected an event, such as 'sched:sched_switch'
    trace "" f
           ^ error: expected an event, such as 'sched:sched_switch'
    trace a:b, { f() }
               ^ error: expected an event, such as 'sched:sched_switch'
    """,
    """
    trace open { f( }
          ^^^^ error: 'open' is no event; events are written SYSTEM:EVENT
                    ^ error: expected an expression, found '}'
    trace "a:, :b" f
           ^^ error: 'a:' is no event; events are written SYSTEM:EVENT
               ^^ error: ':b' is no event; events are written SYSTEM:EVENT
    """,
    """
    trace "a:b pid != 1" f
               ^^^ error: expected a filter between slashes, or an argument to fetch such as 'x=$arg1'
    trace "a:b /x == 1/ y" f
                        ^ error: unexpected text behind the events to trace
    trace "a:b /x == 1/" /y == 1/ f
                          ^^^^^^ error: there can be one filter only
    trace a:b /x == 1/, c:d { f() }
                      ^ error: the filter stands behind the last event and is for all of them
    """,
    """
    trace a:b
             ^ error: expected a handler of 'a:b': '{', 'function' or the name of a function here
    trace a:b print(1)
              ^^^^^ error: expected a handler of 'a:b': '{', 'function' or the name of a function
    trace "a:b", "c:d" 1
                       ^ error: expected a handler of 'a:b': '{', 'function' or the name of a function, found '1'
    trace a:b function g(e) {}
                       ^ error: a handler in place has no name
    trace_end 1
              ^ error: expected a handler of 'trace_end': '{', 'function' or the name of a function, found '1'
    """,
    """
    trace a:b // { f() }
    x = 1
    ^ error: expected a handler of 'a:b': '{', 'function' or the name of a function
    """,
    """
    tick-1x { f( }
    ^^^^^^^ error: unknown unit 'x' of a timer; there are s, ms, us and hz
                 ^ error: expected an expression, found '}'
    tick-1 {}
    ^^^^^^ error: a timer needs a unit: s, ms, us or hz
    tick-s {}
    ^^^^^^ error: a timer has a number and a unit, as in 'tick-1s' or 'profile-99hz'
    tick-0s {}
    ^^^^^^^ error: this timer's period must lie between 1 ns and 292 years
    profile-2000000000hz {}
    ^^^^^^^^^^^^^^^^^^^^ error: this timer's period must lie between 1 ns and 292 years
    tick-9999999999999s {}
    ^^^^^^^^^^^^^^^^^^^ error: this timer's period must lie between 1 ns and 292 years
    tick-99999999999999999999s {}
    ^^^^^^^^^^^^^^^^^^^^^^^^^^ error: this timer's number does not fit in 64 bits
    trace tick-1s, a:b {}
          ^^^^^^^ error: a timer stands alone, without further events, arguments or a filter
    trace "tick-1s /x == 1/" f
           ^^^^^^^ error: a timer stands alone, without further events, arguments or a filter
    """,
    """
    limit memory
                ^ error: expected the value of the limit 'memory', such as 100 or 4M before the end of the script
    """,
    """
    limit memory = 4
                 ^ error: expected the value of the limit 'memory', such as 100 or 4M, found '='
    limit memory 0xffffffffffffffff
                 ^^^^^^^^^^^^^^^^^^ error: this number does not fit in 64 bits
    { limit memory 4M }
      ^^^^^ error: a limit stands at the top of the script, outside of blocks
    """,
  ])
  func tracing(_ text: String) {
    let (found, expected) = reports(text)
    #expect(found == expected)
  }

  @Test(arguments: [
    """
    trace a:b /x = 1/ { f( }
                 ^ error: unknown operator '=' in a filter, did you mean '=='?
                           ^ error: expected an expression, found '}'
    trace "a:b /x = 1/" f
                  ^ error: unknown operator '=' in a filter, did you mean '=='?
    """,
    #"""
    trace "a:b /\x78 == \"é\" && y = 1/" f
                                   ^ error: unknown operator '=' in a filter, did you mean '=='?
    trace "a:b /x == \"y/" f
                     ^^ error: this string is not closed
    trace a:b /x == "\q"/ { f() }
                     ^^ error: unknown escape '\q'; a backslash is written '\\'
    """#,
    """
    trace "a:b //" f
               ^^ error: this filter is empty
    trace "a:b / /" f
               ^^^ error: this filter is empty
    trace a:b /x == 1 { f() }
              ^ error: this filter is not closed by '/'
    trace "a:b /x == 1" f
               ^ error: this filter is not closed by '/'
    trace a:b /x == 1
              ^ error: this filter is not closed by '/'
    f()
    ^ error: expected a handler of 'a:b': '{', 'function' or the name of a function
    """,
    """
    trace a:b /== 1/ {}
               ^ error: expected the name of a field
    trace a:b /x/ {}
                ^ error: expected a comparison of 'x', such as '!= 0'
    trace a:b /x && y/ {}
                 ^ error: expected a comparison of 'x', such as '!= 0'
    trace a:b /x + 1/ {}
                 ^ error: expected an operator of a filter: == != < <= > >= & ~
    trace a:b /x == / {}
                    ^ error: expected a value after '=='; one with other signs than letters, digits and * stands in quotes
    trace a:b /x == 12x/ {}
                    ^^^ error: '12x' is no number that fits in 64 bits; a string that begins with a digit stands in quotes
    trace a:b /x == 99999999999999999999/ {}
                    ^^^^^^^^^^^^^^^^^^^^ error: '99999999999999999999' is no number that fits in 64 bits; a string that begins with a digit stands in quotes
    trace a:b /(x == 1/ {}
                      ^ error: expected ')'
               ^ note: to close this '('
    trace a:b /x == 1)/ {}
                     ^ error: this ')' closes nothing
    trace a:b /x == 1 | y == 2/ {}
                      ^ error: expected '/', '&&' or '||', did you mean '||'?
    trace a:b /x == 1 & y == 2/ {}
                      ^ error: expected '/', '&&' or '||', did you mean '&&'?
    trace a:b /x == 1 2/ {}
                      ^ error: expected '/', '&&' or '||' in this filter
    """,
  ])
  func filters(_ text: String) {
    let (found, expected) = reports(text)
    #expect(found == expected)
  }

  @Test func fixItsMendTheScript() {
    for (wrong, right) in [
      ("if (x = 1) {}", "if (x == 1) {}"), ("x == 1", "x = 1"), ("whlie (x) {}", "while (x) {}"),
      ("if (x ~= 1) {}", "if (x != 1) {}"), ("trace a:b /x = 1/ {}", "trace a:b /x == 1/ {}"),
      ("x = '\\q'", "x = '\\\\q'"), ("trace \"a:b /x = 1/\" f", "trace \"a:b /x == 1/\" f"),
    ] {
      let source = SourceText(name: "test", text: wrong)
      let fixIt = Parser.parse(source).diagnostics.all.first?.fixIt
      guard let fixIt else {
        Issue.record("no fix for \(wrong)")
        continue
      }
      var bytes = source.bytes
      bytes.replaceSubrange(fixIt.range.start..<fixIt.range.end, with: fixIt.replacement.utf8)
      #expect(String(decoding: bytes, as: UTF8.self) == right)
    }
  }

  @Test func manyErrorsEndInOne() {
    let text = String(repeating: "x = )\n", count: 1000)
    let found = Parser.parse(SourceText(name: "test", text: text)).diagnostics.all
    #expect(found.count == Lexer.maximumErrors + 1)
    #expect(found.last?.message == "too many errors; the rest is not checked")
  }
}
