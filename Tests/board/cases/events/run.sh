# SPDX-License-Identifier: GPL-2.0-or-later
# Events, fields and process filters. Prints one line a test; ends with 1 when one failed.
# An emulator's CPU may stand still in the middle of an event, which the share would take for the program's.
share=/sys/module/ktapvm/parameters/cpu_share
usual=$(cat $share)
echo 100 >$share
failed=0
one="$PWD/out"

result() { # NAME STATUS [WHY]
	if [ "$2" = 0 ]; then
		echo "ok $1"
	else
		echo "not ok $1${3:+: $3}"
		sed 's/^/#   /' "$one" | head -20
		failed=1
	fi
}

run() { ktap-run -q "$@" >"$one" 2>&1; }

# NAME, what must come out line by line, ktap-run's arguments
expect() {
	name=$1 wanted=$2
	shift 2
	run "$@"
	status=$?
	if [ "$status" != 0 ]; then
		result "$name" 1 "ktap-run ended with $status"
	elif [ "$(cat "$one")" = "$wanted" ]; then
		result "$name" 0
	else
		printf '%s\n' "$wanted" | sed 's/^/#   wanted: /'
		result "$name" 1 "another output was wanted"
	fi
}

# NAME, a fixed string that some line must contain; the output stands in $one
shows() {
	grep -qF -- "$2" "$one"
	result "$1" $? "no line with: $2"
}

# NAME, sentence, BUNDLE: attaching is refused with 5 and this sentence
refused() {
	run "$3"
	status=$?
	if [ "$status" != 5 ]; then
		result "$1" 1 "ended with $status instead of 5"
	else
		shows "$1" "$2"
	fi
}

refused "misspelt event" "no event matches 'sched:sched_swich'; did you mean 'sched:sched_switch'?" bad-event.ktapb
refused "misspelt system call" "no event matches 'syscalls:sys_enter_opnat'; did you mean 'syscalls:sys_enter_openat'?" bad-call.ktapb
refused "misspelt field" "event 'sched:sched_switch' has no field 'prev_com'; did you mean 'prev_comm'?" bad-field.ktapb
refused "misspelt argument" "event 'syscalls:sys_enter_openat' has no field 'filenam'; did you mean 'filename'?" bad-argument.ktapb
refused "field of another kind" "field 'prev_comm' of 'sched:sched_switch' is a string, but the script uses it as an integer" bad-kind.ktapb
refused "argument of another kind" "field 'filename' of 'syscalls:sys_enter_openat' is a string, but the script uses it as an integer" bad-argument_kind.ktapb
refused "field number too large" "event 'sched:sched_switch' has no field number 9, counted from 0" bad-position.ktapb
refused "array" "field 'args' of 'raw_syscalls:sys_enter' is an array; a script reads its elements" bad-array.ktapb
refused "glob without events" "no event matches 'nothing:*'" bad-glob.ktapb

tab=$(printf '\t')
row() { printf '%s' "$1"; shift; for cell; do printf '%s%s' "$tab" "$cell"; done; echo; }

expect "fields of a system call" "$(
	row syscalls:sys_enter_openat -100 "/nowhere/at all" 0 -100 true 0 true
	row syscalls:sys_exit_openat true true true "/nowhere/at all"
	row syscalls:sys_enter_openat -100 /etc/passwd 0 -100 true 0 true
	row syscalls:sys_exit_openat false true true /etc/passwd
)" open_fields.ktapb -- known-calls open

run open_names.ktapb -- known-calls strings
shows "string at the end of a mapping" "name${tab}/at/end${tab}7"
grep -qxF "name${tab}${tab}0" "$one"
result "unreadable string is empty" $?
shows "string is cut at the limit" "xxx${tab}255"
! grep -qF "/run" "$one"
result "string without an end is not shown" $?
run write_data.ktapb -- known-calls strings
shows "data as long as the call says" "[four]"

run all_calls.ktapb -- known-calls strings
shows "print: a string in quotes" 'sys_openat(dfd: -100, filename: "/at/end", flags: 0, mode: 0)'
shows "print: an unreadable string as its address" "sys_openat(dfd: -100, filename: 0x10, flags: 0, mode: 0)"
run all_calls.ktapb -- known-calls open
shows "print: a result" "sys_close -> 0x0"
! grep -q ktap "$one"
result "print: nothing of the agent" $?

expect "each event once for each probe" "$(row getppid 1000 1000 2000)" getppid.ktapb -- known-calls getppid 1000
expect "a child's events" "$(row getppid 20 20 40)" getppid.ktapb -- known-calls children 20
expect "an orphan's events" "$(row getppid 5 5 10)" getppid.ktapb -- known-calls orphan 5
expect "what follows exec" "$(row getppid 3 3 6)" getppid.ktapb -- known-calls exec
expect "raw and named events agree" "$(row counts true true 0)" raw_and_named.ktapb -- known-calls open

known-calls foreign 7
if [ $? != 77 ]; then
	expect "calls of another ABI" "$(
		row syscalls:sys_enter_compat_64 64 11 22
		row syscalls:sys_enter_compat_64 64 11 22
		row syscalls:sys_enter_compat_64 64 11 22
		row foreign 0 3 3
	)" foreign.ktapb -- known-calls foreign 3
	run foreign_all.ktapb -- known-calls foreign 1
	shows "print: a call of another ABI" "sys_compat_64(arg1: 0xb, arg2: 0x16"
fi

run tracepoints.ktapb -- sh -c 'known-calls children 1; true'
shows "tracepoint: __data_loc string and integers" "$(row exec /bin/known-calls true true)"
shows "tracepoint: char array" "$(row rename known-calls true)"
shows "tracepoint: fork" "$(row fork known-calls true true true)"
run sched_globs.ktapb -- known-calls children 10
shows "tracepoint: globs on both sides" "$(row exits 11 true true)"

last=$(($(grep -c ^processor /proc/cpuinfo) - 1))
expect "only one CPU" "$(row cpu $last 10)" -C $last calls_by_cpu.ktapb -- known-calls everywhere 10

# 300 processes that live at once, their shell, and all of them followed to their ends.
# shellcheck disable=SC2016 # for the other shell
expect "many children at once" "$(row exits 301)" exits.ktapb -- \
	sh -c 'n=0; while [ $n -lt 300 ]; do (sleep 1) & n=$((n + 1)); done; wait'

# A thread group of its own, and everybody else's calls held back.
( while [ ! -e stop ]; do known-calls getppid 10; done ) &
sh -c 'echo $$ >pid; while [ ! -e stop ]; do read -r line </proc/uptime; done' &
sleep 0.3
run --duration 1 -p "$(cat pid)" who.ktapb
grep -qxF "who${tab}sh" "$one" && ! grep -qF known-calls "$one"
result "only one thread group" $?
run --duration 1 who.ktapb
grep -qxF "who${tab}known-calls" "$one" && ! grep -qF ktap-run "$one"
result "everybody but the agent" $?
touch stop
wait
rm -f stop pid

run hidden.ktapb
first=$(sort -u "$one" | tr '\n' ' ')
run hidden.ktapb
second=$(sort -u "$one" | tr '\n' ' ')
result "addresses are hashed, per load" "$([ -n "$first" ] && [ "$first" != "$second" ]; echo $?)" "$first"
for address in $first $second; do
	if grep -q "^0*$address " /proc/kallsyms; then
		result "no kernel address leaves" 1 "$address"
	fi
done

run everything.ktapb -- known-calls children 20
shows "every event of the kernel" "$(row events true)"
run everything_printed.ktapb -- known-calls open
[ "$(grep -c "^[a-z_]*(" "$one")" -gt 100 ]
result "every event printed" $?

echo "$usual" >$share
[ $failed = 0 ] && echo "all as it should be"
exit $failed
