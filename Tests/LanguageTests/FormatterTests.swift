// SPDX-License-Identifier: GPL-2.0-or-later
import Testing

@testable import Language

/// What the canonical form is, case by case.
@Suite struct FormatterTests {
  @Test(arguments: [
    ("x=1;y  =2", "x = 1\ny = 2\n"),
    ("\u{feff}x=1", "x = 1\n"),
    ("", ""),
    (" \n\n", ""),
    ("x = 1\r\ny = 2\r\n", "x = 1\ny = 2\n"),
    ("local a,b=1,2 var c", "local a, b = 1, 2\nvar c\n"),
    ("a,t[1] ,u . v=b,a,3", "a, t[1], u.v = b, a, 3\n"),
    ("n++;n--;n+=1;s..=\"x\";t[1]<<<2", "n++\nn--\nn += 1\ns ..= \"x\"\nt[1] <<< 2\n"),
    ("f ( 1,2 ) ;g( )", "f(1, 2)\ng()\n"),
    (
      "x=a+b*-c-(d..e)..'f'", "x = a + b * -c - (d .. e) .. 'f'\n"
    ),
    ("x=!a&&not b or~c", "x = !a && not b or ~c\n"),
    ("x=- -1;y=- - z;z=-(-1)", "x = - -1\ny = - -z\nz = -(-1)\n"),
    ("x=c?1:d?2:3", "x = c ? 1 : d ? 2 : 3\n"),
    ("x=0xFF+1_000+0b1+10ms", "x = 0xFF + 1_000 + 0b1 + 10ms\n"),
    ("x=t[a,b].c(1)[ [[k]] ]", "x = t[a, b].c(1)[ [[k]]]\n"),
    ("x=t[u[1]]", "x = t[u[1]]\n"),
    ("x={1,2;k=v,[e,f]=g,}y={ }", "x = {1, 2; k = v, [e, f] = g}\ny = {}\n"),
    ("x={[ [[a]] ]=1}", "x = {[ [[a]]] = 1}\n"),
    ("limit memory 4M limit fuel 50_000", "limit memory 4M\nlimit fuel 50_000\n"),
  ]) func statements(_ text: String, _ expected: String) throws {
    try expectFormat(text, gives: expected)
  }

  @Test(arguments: [
    ("if(x)f()", "if (x) f()\n"),
    ("if(x){f()}", "if (x) { f() }\n"),
    ("if (x) {\n\nf()\n\n}", "if (x) {\n  f()\n}\n"),
    ("if (x) { f() g() }", "if (x) {\n  f()\n  g()\n}\n"),
    ("if (x) { }", "if (x) {}\n"),
    ("if (x) {\n}", "if (x) {}\n"),
    ("if (x)\nf()", "if (x) f()\n"),
    ("if (x) f(); else g()", "if (x) f() else g()\n"),
    ("if (x) f()\nelse g()", "if (x) f()\nelse g()\n"),
    (
      "if (x) {f()} else if (y) {g()} elseif (z) {h()} else {i()}",
      "if (x) { f() } else if (y) { g() } elseif (z) { h() } else { i() }\n"
    ),
    (
      "if (x) {f() f()} else if (y) {g()} else h()",
      "if (x) {\n  f()\n  f()\n} else if (y) {\n  g()\n} else h()\n"
    ),
    (
      "if (x) {return 1}\nelse if (y) {return 2}\nelse {return 3}",
      "if (x) { return 1 }\nelse if (y) { return 2 }\nelse { return 3 }\n"
    ),
    ("while(x)f()", "while (x) f()\n"),
    ("while(x){n-=1}", "while (x) { n -= 1 }\n"),
    ("repeat{n-=1}until(x)", "repeat { n -= 1 } until (x)\n"),
    ("repeat n-=1;until(x)", "repeat n -= 1 until (x)\n"),
    ("for(i=1,10,2)for(j=1,3)f()", "for (i = 1, 10, 2) for (j = 1, 3) f()\n"),
    ("for(local i=1,10){}", "for (local i = 1, 10) {}\n"),
    ("for(i=0;i<3;i++)f(i)", "for (i = 0; i < 3; i++) f(i)\n"),
    ("for(;;){break;}", "for (;;) { break }\n"),
    ("for(;x;){f()}", "for (; x;) { f() }\n"),
    ("for(k,v in pairs(t)){f()}", "for (k, v in pairs(t)) { f() }\n"),
    ("{f();}", "{ f() }\n"),
  ]) func blocks(_ text: String, _ expected: String) throws {
    try expectFormat(text, gives: expected)
  }

  @Test(arguments: [
    ("function f(a,b,...){return a,...}", "function f(a, b, ...) { return a, ... }\n"),
    ("local function f( ){}", "local function f() {}\n"),
    ("x=function(a){return a}", "x = function (a) { return a }\n"),
    (
      "s(t,function(a,b){\nreturn a>b})",
      "s(t, function (a, b) {\n  return a > b\n})\n"
    ),
    ("s(t,{a=1},{\nb=2})", "s(t, {a = 1}, {\n  b = 2\n})\n"),
    (
      "trace   syscalls:*,sched:x/pid==5&&!(comm~\"a  b\"||x&1)/{f()}",
      "trace syscalls:*, sched:x /pid == 5 && !(comm ~ \"a  b\" || x & 1)/ { f() }\n"
    ),
    (
      "trace \"a:b  /x==1/\"on_e trace 'a:b',c:d on_e",
      "trace \"a:b  /x==1/\" on_e\ntrace 'a:b', c:d on_e\n"
    ),
    (
      "trace probe:/bin/sh:main%return   a=%di  b=+4($stack) /a>0/function(e){}",
      "trace probe:/bin/sh:main%return a=%di b=+4($stack) /a > 0/ function (e) {}\n"
    ),
    ("trace tick-5ms f;tick-1s{f()}", "trace tick-5ms f\ntick-1s { f() }\n"),
    ("profile-99hz function(){}", "profile-99hz function () {}\n"),
    ("trace_end{\nf()}", "trace_end {\n  f()\n}\n"),
    ("trace_end f", "trace_end f\n"),
  ]) func functionsAndProbes(_ text: String, _ expected: String) throws {
    try expectFormat(text, gives: expected)
  }

  @Test func emptyLines() throws {
    try expectFormat(
      "\n\nf()\n\n\n\ng()\n{\n\nh()\n\n\n# x\n\n}\n\n",
      gives: "f()\n\ng()\n{\n  h()\n\n  # x\n}\n")
  }

  @Test func emptyBodiesStay() throws {
    let source = SourceText(name: "test.kp", text: "while (f()) ;\n")
    let bytes = try #require(format(source).bytes)
    #expect(String(decoding: bytes, as: UTF8.self) == "while (f());\n")
  }

  @Test func nothingIsSaidOrDoneAboutAScriptWithErrors() {
    let result = format(SourceText(name: "test.kp", text: "x = = 1"))
    #expect(result.bytes == nil)
    #expect(
      result.diagnostics.all.map(\.message) == ["expected an expression, found '='; is '==' meant?"]
    )
  }

  /// A mistake of the formatter would be noticed.
  @Test func whatWouldBeAnotherProgramIsRefused() {
    let result = format(SourceText(name: "test.kp", text: "x = 1")) { _ in Array("x = 2".utf8) }
    #expect(result.bytes == nil)
    let found = result.diagnostics.all.map { "^ \($0.severity.rawValue): \($0.message)" }
    #expect(
      found == [
        "^ error: the formatter would change what this script does: please report this"
      ])
  }

  @Test(arguments: [
    ("x = f (1)", "x = f(1)", true), ("x = 1; y = 2;", "x = 1\ny = 2", true),
    ("x = {1,}", "x = {1}", true), ("x = {1, 2}", "x = {1}", false),
    ("x = f\n(y)()", "x = f(y)()", false), ("return\nf()", "return f()", false),
    ("while (x); f()", "while (x) f()", false), ("f() # a", "f() # b", false),
    ("f() # a", "f()", false), ("f() /* a\n  b */", "f() /* a\nb */", true),
    ("x = 1", "x =", false), ("trace a:b /x==1/ f", "trace a:b /x == 1/ f", true),
  ]) func comparison(_ left: String, _ right: String, _ expected: Bool) {
    let sources = [left, right].map { SourceText(name: "test", text: $0) }
    #expect(ScriptComparison.areSame(sources[0], sources[1]) == expected)
  }
}
