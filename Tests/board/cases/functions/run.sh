# SPDX-License-Identifier: GPL-2.0-or-later
# Prints one line a test; ends with 1 when one failed.
failed=0
one="$PWD/out"

result() { # NAME STATUS [WHY]
	if [ "$2" = 0 ]; then
		echo "ok $1"
	else
		echo "not ok $1${3:+: $3}"
		sed 's/^/#   /' "$one" | head -30
		failed=1
	fi
}

run() { ktap-run -v "$@" >"$one" 2>&1; }

# NAME, a regular expression that a whole line of the output must match
shows() {
	grep -qxE -- "$2" "$one"
	result "$1" $? "no line: $2"
}

# NAME, sentence, BUNDLE: attaching is refused with 5 and this sentence
refused() {
	run "$3"
	status=$?
	grep -qF -- "$2" "$one" && [ "$status" = 5 ]
	result "refused: $1" $? "ended with $status; wanted: $2"
}

# NAME, most that may be missed: the hits are the sum of what became of them
sums() {
	grep -oE '[0-9]+ events: [0-9]+ handled, [0-9]+ missed, [0-9]+ throttled, [0-9]+ dropped' "$one" |
		tr -dc '0-9 \n' | {
		read -r hits handled missed throttled dropped
		[ -n "$hits" ] && [ "$hits" -gt 0 ] && [ "$hits" = $((handled + missed + throttled + dropped)) ] &&
			[ "$missed" -le "$2" ]
	}
	result "$1" $? "the counters"
}

tab=$(printf '\t')
row() { printf '%s' "$1"; shift; for cell; do printf '%s%s' "$tab" "$cell"; done; echo; }

refused "misspelt function" "this kernel has no function 'vfs_raed'; did you mean 'vfs_read'?" bad-nothing.ktapb
refused "pattern without functions" "no function that can be probed matches 'nothing_like_*'" bad-pattern.ktapb
refused "too many functions" "'*' matches more than 1000 functions: a longer pattern matches fewer" bad-all.ktapb
refused "ktap's own function" "function 'ktap_run' must not be probed: it is part of ktap" bad-own.ktapb
refused "function of the kernel's probes" "function 'get_kprobe' must not be probed: the kernel forbids it (noprobe)" bad-noprobe.ktapb
refused "function that is never traced" "'sched_clock' cannot be probed" bad-notrace.ktapb
refused "register that is none" "this board has no register 'nowhere'; it has %" bad-register.ktapb
refused "symbol that is none" "this kernel has no symbol 'no_such_symbol'" bad-symbol.ktapb
refused "result at the entry" "'retval' is known at the return of a function: write probe:NAME%return" bad-result.ktapb
refused "field that is none" "event 'probe:vfs_read' has no field 'filename'" bad-field.ktapb
refused "filter that lets nothing in" "no function passes the filter of ftrace:function" bad-filter.ktapb

run open.ktapb -- known-functions open 100
shows "entries and returns, latencies" "$(row calls 100 100 0 true)"
shows "arguments" "$(row dfd -100 true 100)"
shows "results" "$(row result -2 -2 -100 100)"
shows "print: fetch arguments" 'do_sys_openat2\(dfd: -100, name: "/nowhere/at all"\)'
shows "print: a result" 'do_sys_openat2\(result: -2, first: -100\) -> 0xf*fe'
sums "all hits of one function" 0

run read.ktapb -- known-functions read 500
shows "several probes on one function" "$(row reads 500 125250 500 1 1 125250)"
shows "names" "$(row name probe:ksys_read 500)"
shows "argument from the entry at the return" "$(row "as asked for" true 500)"
sums "all hits of several probes" 0
run read.ktapb -- known-functions everywhere 2000
shows "the same on two CPUs" "$(row reads 4000 4002000 4000 2 2 4002000)"
sums "all hits on two CPUs" 0

page=4096
run map.ktapb -- known-functions map 50
shows "arguments in registers and on the stack" "$(row map $((3 * page)) 1 2 50)"
shows "an address as result" "$(row mapped 50)"

case $(uname -m) in
i?86 | x86_64) run inside-x86.ktapb -- known-functions read 300 ;;
*) run inside.ktapb -- known-functions read 300 ;;
esac
shows "a place inside a function" "$(row inside 300)"
sums "all hits inside" 0

run tracer.ktapb -- known-functions read 200
shows "function tracer: filter before attaching" "$(row traced 200 200)"
shows "function tracer: names" "$(row name true 200)"
shows "function tracer: print" 'function\(ip: "vfs_read", parent_ip: "ksys_read"\)'
sums "all hits of the tracer" 0

while [ ! -e stop ]; do known-functions everywhere 300; known-functions open 300; ls -R /proc/self /sys/module >/dev/null 2>&1; done &
run --duration 4 own.ktapb
shows "functions that ktap works with" "$(row ended true true true)"
sums "what they missed is counted" 1000000000
touch stop
wait
rm -f stop

[ $failed = 0 ] && echo "all as it should be"
exit $failed
