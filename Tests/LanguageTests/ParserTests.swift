// SPDX-License-Identifier: GPL-2.0-or-later
import Testing

@testable import Language

/// Parses what must be free of errors and warnings, and returns its tree as an S-expression.
func tree(_ text: String) -> String {
  let source = SourceText(name: "test", text: text)
  let (script, diagnostics) = Parser.parse(source)
  guard diagnostics.all.isEmpty else {
    return DiagnosticRenderer(source: source).render(diagnostics)
  }
  return Dump.script(script)
}

@Suite struct ParserTests {
  @Test(arguments: [
    ("x = 1", "(= x 1)"),
    ("a, t[1], u.f = 1, 2", "(= a (index t 1) (. u f) 1 2)"),
    ("x += 2; x -= 3 x *= 4\nx /= 5", "(+= x 2)\n(-= x 3)\n(*= x 4)\n(/= x 5)"),
    ("x %= 1 x &= 1 x |= 1 x ^= 1", "(%= x 1)\n(&= x 1)\n(|= x 1)\n(^= x 1)"),
    ("x <<= 1 x >>= 1 x ..= \"a\"", "(<<= x 1)\n(>>= x 1)\n(..= x \"a\")"),
    ("n++ t[k]--", "(+= n 1)\n(-= (index t k) 1)"),
    ("s[k] <<< v s <<< 1 << 2", "(<<< (index s k) v)\n(<<< s (<< 1 2))"),
    ("f() f(1, 2).g[3](4)", "(call f)\n(call (index (. (call f 1 2) g) 3) 4)"),
    ("local a, b = 1\nvar c", "(local a b 1)\n(local c)"),
    ("{ f() ; ; g() }", "(block {(call f) (call g)})"),
    ("kdebug.trace_end(f)", "(call (. kdebug trace_end) f)"),
    ("t.in = t.trace", "(= (. t in) (. t trace))"),
    ("t[a, b] = 1", "(= (index t a b) 1)"),
    ("(f)(1)", "(call (paren f) 1)"),
    ("x = f\n(g)(1)", "(= x f)\n(call (paren g) 1)"),
    ("limit = 3 limit += tick", "(= limit 3)\n(+= limit tick)"),
    ("tick() tick--", "(call tick)\n(-= tick 1)"),
  ])
  func simpleStatements(_ text: String, _ expected: String) {
    #expect(tree(text) == expected)
  }

  @Test(arguments: [
    (
      "if (a) {f()} else if (b) {g()} elseif (c) h() else i()",
      "(if a {(call f)} b {(call g)} c {(call h)} else {(call i)})"
    ),
    ("if (a) x = 1; else y = 2", "(if a {(= x 1)} else {(= y 2)})"),
    ("if (a) if (b) f() else g()", "(if a {(if b {(call f)} else {(call g)})})"),
    ("while (i < 3) { i += 1 break continue }", "(while (< i 3) {(+= i 1) break continue})"),
    ("repeat { local d = f() } until (d)", "(repeat {(local d (call f))} d)"),
    ("for (i = 1, 10) f(i)", "(for i 1 10 {(call f i)})"),
    ("for (local i = 10, 1, -1) {}", "(for i 10 1 -1 {})"),
    ("for (i = 0; i < n; i += 1) {}", "(for (= i 0) (< i n) (+= i 1) {})"),
    ("for (var i = 0; i < n; i++) {}", "(for (local i 0) (< i n) (+= i 1) {})"),
    ("for (;;) { break }", "(for - - - {break})"),
    ("for (t.i = 0; ; f()) {}", "(for (= (. t i) 0) - (call f) {})"),
    ("for (k, v in pairs(t)) {}", "(for k v in (call pairs t) {})"),
    ("for (a, b, c, d, v in pairs(t)) {}", "(for a b c d v in (call pairs t) {})"),
    (
      "for (k in sort_pairs(t, function (a, b) { return a < b })) {}",
      "(for k in (call sort_pairs t (lambda (a b) {(return (< a b))})) {})"
    ),
  ])
  func control(_ text: String, _ expected: String) {
    #expect(tree(text) == expected)
  }

  @Test(arguments: [
    ("function f(a, b) { return a, b }", "(function f (a b) {(return a b)})"),
    ("local function f(a, ...) { return ... }", "(local-function f (a ...) {(return ...)})"),
    (
      "function f(...) { return f(...), (f(...)) }",
      "(function f (...) {(return (call f ...) (paren (call f ...)))})"
    ),
    (
      "f = function () { return function (x) {} }",
      "(= f (lambda () {(return (lambda (x) {}))}))"
    ),
    ("function f() { return\nf() }", "(function f () {(return) (call f)})"),
    (
      "function f() { if (x) return; return 1; }",
      "(function f () {(if x {(return)}) (return 1)})"
    ),
    ("timer.s(1, function () { n = 0 })", "(call (. timer s) 1 (lambda () {(= n 0)}))"),
  ])
  func functions(_ text: String, _ expected: String) {
    #expect(tree(text) == expected)
  }

  @Test(arguments: [
    ("x = {}", "(= x (table))"),
    ("x = {1, 2; k = v, [e] = v,}", "(= x (table 1 2 (= k v) (= [e] v)))"),
    ("x = {[a, b] = {c}, {d}; in = 1}", "(= x (table (= [a b] (table c)) (table d) (= in 1)))"),
    ("x = {a == b, f(c)}", "(= x (table (== a b) (call f c)))"),
    ("x = nil y = true z = false", "(= x nil)\n(= y true)\n(= z false)"),
    ("x = c ? a : d ? e : f", "(= x (? c a (? d e f)))"),
    ("x = c ? a ? 1 : 2 : 3", "(= x (? c (? a 1 2) 3))"),
    ("x = a and not b or c", "(= x (|| (&& a (! b)) c))"),
    ("x = - -1 y = -x[1] z = !~-a", "(= x (- -1))\n(= y (- (index x 1)))\n(= z (! (~ (- a))))"),
    ("x = -9223372036854775808", "(= x -9223372036854775808)"),
    ("x = 0xffffffffffffffff", "(= x -1)"),
    ("x = a .. b .. c", "(= x (.. a (.. b c)))"),
    ("x = a - b - c", "(= x (- (- a b) c))"),
    ("x = 1..2", "(= x (.. 1 2))"),
    ("x = [[a]b]] .. t[t[1]]", "(= x (.. \"a]b\" (index t (index t 1))))"),
  ])
  func expressions(_ text: String, _ expected: String) {
    #expect(tree(text) == expected)
  }

  @Test(arguments: [
    (
      "trace \"syscalls:*\" function (e) { print(e) }",
      "(trace syscalls:* (lambda (e) {(call print e)}))"
    ),
    (
      "trace \"syscalls:sys_enter_* /common_pid != 1/\" function (e) { print(e) }",
      "(trace syscalls:sys_enter_* /(!= common_pid 1)/ (lambda (e) {(call print e)}))"
    ),
    ("trace \"probe:vfs_read%return\" on_return", "(trace probe:vfs_read%return on_return)"),
    (
      "trace syscalls:sys_enter_openat /common_pid != 1/ { print(execname, arg2) }",
      "(trace syscalls:sys_enter_openat /(!= common_pid 1)/ {(call print execname arg2)})"
    ),
    (
      "trace probe:do_filp_open, probe:vfs_open { n[probename] += 1 }",
      "(trace probe:do_filp_open probe:vfs_open {(+= (index n probename) 1)})"
    ),
    ("trace *:* {} trace s?:x* h", "(trace *:* {})\n(trace s?:x* h)"),
    ("trace syscalls:*/pid==1/{}", "(trace syscalls:* /(== pid 1)/ {})"),
    ("trace \"ftrace:function /ip == mutex*/\" f", "(trace ftrace:function /(== ip mutex*)/ f)"),
    (
      "trace probe:/usr/lib/libc.so.6:malloc /comm ~ \"a/b*\"/ {}",
      "(trace probe:/usr/lib/libc.so.6:malloc /(~ comm \"a/b*\")/ {})"
    ),
    (
      "trace probe:/bin/a:0x10%return, sdt:/bin/*:p:m {}",
      "(trace probe:/bin/a:0x10%return sdt:/bin/*:p:m {})"
    ),
    (
      "trace perf:cpu-cycles@1000000 { n += 1 }",
      "(trace perf:cpu-cycles@1000000 {(+= n 1)})"
    ),
    (
      "trace probe:f+8 a=%di b=+4($stack) %ax c=$arg1 d=+0(+8($arg1)):string e=@s:b4@2/32 {}",
      "(trace (probe:f+8 a=%di b=+4($stack) %ax c=$arg1 d=+0(+8($arg1)):string e=@s:b4@2/32) {})"
    ),
    (
      "trace \"probe:f a=$arg1, probe:g b=$retval /a > 0x10/\" h",
      "(trace (probe:f a=$arg1) (probe:g b=$retval) /(> a 16)/ h)"
    ),
    ("trace \"a:b\", 'c:d', e:f, [[g:h]] {}", "(trace a:b c:d e:f g:h {})"),
    ("trace \"a:b\" /x & 3/ {}", "(trace a:b /(& x 3)/ {})"),
    (
      "trace a:b, // one\n  c:d /* two, */, # three\n  \"e:f\"\n  /x == 1/\n{}",
      "(trace a:b c:d e:f /(== x 1)/ {})"
    ),
    ("trace a:b h\nx = 1", "(trace a:b h)\n(= x 1)"),
    (
      "trace_end function () { print_hist(n) }",
      "(trace_end (lambda () {(call print_hist n)}))"
    ),
    (
      "trace_end { print_hist(n) } trace_end f",
      "(trace_end {(call print_hist n)})\n(trace_end f)"
    ),
    ("tick-1s { f() } profile-10ms g", "(tick 1000000000 {(call f)})\n(profile 10000000 g)"),
    (
      "tick-100hz {} tick-5us {} profile-1sec {}",
      "(tick 10000000 {})\n(tick 5000 {})\n(profile 1000000000 {})"
    ),
    ("trace \"tick-1s\" f trace profile-2s {}", "(tick 1000000000 f)\n(profile 2000000000 {})"),
    ("if (x) { trace a:b {} }", "(if x {(trace a:b {})})"),
    (
      "limit memory 4M limit fuel 50_000\nlimit rate 3K limit string 0x10",
      "(limit memory 4194304)\n(limit fuel 50000)\n(limit rate 3072)\n(limit string 16)"
    ),
  ])
  func tracing(_ text: String, _ expected: String) {
    #expect(tree(text) == expected)
  }

  @Test(arguments: [
    ("a==1&&b!=2||c<3", "(|| (&& (== a 1) (!= b 2)) (< c 3))"),
    ("a == 1 || b <= 2 && c >= 3", "(|| (== a 1) (&& (<= b 2) (>= c 3)))"),
    ("(a > 1 || b & 4) && c ~ x?y*", "(&& (|| (> a 1) (& b 4)) (~ c x?y*))"),
    ("!a == 1 && !(b == 2)", "(&& (! (== a 1)) (! (== b 2)))"),
    ("a == -1 || a == 0x7f || a == 010", "(|| (|| (== a -1) (== a 127)) (== a 8))"),
    ("a == 18446744073709551615", "(== a -1)"),
    ("comm == bash || comm == 'a b'", "(|| (== comm bash) (== comm \"a b\"))"),
    ("comm ~ 7*", "(~ comm 7*)"),
    ("ip == 9p_*", "(== ip 9p_*)"),
  ])
  func filters(_ text: String, _ expected: String) {
    #expect(tree("trace a:b /\(text)/ {}") == "(trace a:b /\(expected)/ {})")
    #expect(tree("trace \"a:b /\(text)/\" f") == "(trace a:b /\(expected)/ f)")
    #expect(
      tree("trace 'a:b / \(text.replacing("'", with: "\\'")) /' f") == "(trace a:b /\(expected)/ f)"
    )
  }

  @Test func filterInEscapedString() {
    #expect(
      tree("trace \"a:b /c == \\\"x\\x2fy\\\"/\" f") == "(trace a:b /(== c \"x/y\")/ f)")
  }
}
