# SPDX-License-Identifier: GPL-2.0-or-later
# What is sampled: profile-N and the counters of perf, their fields, their stacks. Prints one line a test.
failed=0
one="$PWD/out"
cpus=$(grep -c ^processor /proc/cpuinfo)
echo 0 >/proc/sys/kernel/randomize_va_space

result() { # NAME STATUS [WHY]
	if [ "$2" = 0 ]; then
		echo "ok $1"
	else
		echo "not ok $1${3:+: $3}"
		sed 's/^/#   /' "$one" | head -30
		failed=1
	fi
}

# Without the counts, which -q shows when there are others than handled.
run() {
	ktap-run -q "$@" >"$one" 2>err
	ended=$?
	grep -v ' events: .*; [0-9]* records lost$' err >>"$one"
	return $ended
}

# NAME, what must come out, ktap-run's arguments
expect() {
	name=$1 wanted=$2
	shift 2
	run "$@"
	status=$?
	[ "$status" = 0 ] && [ "$(cat "$one")" = "$wanted" ]
	result "$name" $? "status $status, wanted: $wanted"
}

# NAME, PATTERN: the output has such a line
shows() {
	grep -Eq -- "$2" "$one"
	result "$1" $? "no line like: $2"
}

# NAME, SENTENCE, BUNDLE: attaching is refused with 5 and this sentence
refused() {
	run "$3"
	status=$?
	[ $status = 5 ] && grep -qF -- "$2" "$one"
	result "$1" $? "status $status, wanted: $2"
}

# A member of the last line of --json
total() { tail -n 1 "$one" | sed "s/.*\"$1\":\"*\([0-9]*\).*/\1/"; }

adds_up() { # NAME
	[ "$(total hits)" = $(($(total handled) + $(total missed) + $(total throttled) + $(total dropped))) ]
	result "$1: hits = handled + missed + throttled + dropped" $?
}

refused "no such counter on this board" "this board has no counter of cpu-cycles; the software ones (cpu-clock, page-faults, ...) work" bad-hardware.ktapb
refused "no such cache counter" "this board has no counter of LLC-load-misses; the software ones" bad-cache.ktapb
refused "timer too fast" "profile-10us: its period is 10000 ns, and this board allows no less than 100000 ns (module parameter sample_min_us)" bad-timer.ktapb
refused "clock too fast" "perf:task-clock@50000: this board allows no period of less than 100000 ns (module parameter sample_min_us)" bad-clock.ktapb
refused "period too short" "perf:instructions@100: this board allows no period of less than 10000" bad-period.ktapb
refused "misspelt field" "event 'profile-10ms' has no field 'adr'; did you mean 'addr'?" bad-field.ktapb

# Pages: the command's own, and exactly so many more as it touches.
known-samples touch 1000
run faults.ktapb -- known-samples touch 0
before=$(cut -f 1 "$one")
expect "page faults" "$((before + 1000))	1000	1000	1000" faults.ktapb -- known-samples touch 1000
expect "page faults again" "$((before + 7))	7	7	7" faults.ktapb -- known-samples touch 7
run --json faults.ktapb -- known-samples touch 500
adds_up "page faults"
[ "$(total missed)$(total throttled)$(total dropped)" = 000 ]
result "no page fault is lost" $?
run fault.ktapb -- known-samples touch 3
shows "a fault's fields" '^page-faults@1\(ip: 0x[0-9a-f]+, period: 1, addr: 0x60000000, user: true\)	perf:page-faults@1	true$'

expect "context switches" "true	true" switches.ktapb -- known-samples pingpong 500
if [ "$cpus" = 1 ]; then
	expect "no migration with one CPU" "moved	nil" migrations.ktapb -- known-samples pingpong 3
fi

# The timers of all CPUs, by the clock of the same run: none is made up for, all are counted but those
# that interrupted the agent.
run --json --duration 2 profile.ktapb
periods=$(sed -n 's/.*"periods",\([0-9]*\).*/\1/p' "$one")
hits=$(total hits)
[ "$periods" -gt 150 ] && [ "$hits" -ge $((cpus * (periods - 20))) ] && [ "$hits" -le $((cpus * (periods + 20))) ]
result "profile-10ms on every CPU" $? "$hits of $cpus * $periods"
adds_up "profile-10ms"
run event.ktapb
shows "a sample's text" '^profile-5ms\(ip: 0x[0-9a-f]+, period: 5000000, addr: 0x0, user: (true|false)\)$'
shows "a sample's fields" '^profile-5ms	5000000	0	4	[^	]+	(true|false)	true$'
expect "user or kernel mode" "true	true" user.ktapb -- sh -c 'known-samples spin 500; known-samples calls 500'

# Stacks: the way of read() is known, and nothing of the timer or of this module stands above it.
stacks() { # NAME
	shows "$1: the whole way" '^known-samples;(ret_fast_syscall|entry_SYSCALL_64[a-z_]*;do_syscall_64|[^;]*(;[^;]*)*);(__x64_sys_read;)?ksys_read;vfs_read;read_zero(;[^ ]*)? [0-9]+$'
	! grep -Eq 'on_timer|on_overflow|deliver|stack_trace|ktapvm|hrtimer_interrupt|irq_work' "$one"
	result "$1: nothing of the tracing" $?
}
run calls.ktapb -- known-samples calls 500
stacks "profile"
run clock.ktapb -- known-samples calls 500
stacks "cpu-clock"
run clock.ktapb -- known-samples spin 500
shows "user mode has no stack of the kernel" '^known-samples [0-9]+$'
echo 1 >/sys/module/ktapvm/parameters/perf_defer
run clock.ktapb -- known-samples calls 500
stacks "cpu-clock, by the way out of NMI"
run --json clock.ktapb -- known-samples calls 200
adds_up "by the way out of NMI"
run switches.ktapb -- known-samples pingpong 500
shows "context switches, by the way out of NMI" '^(true|false)	true$'
echo 0 >/sys/module/ktapvm/parameters/perf_defer
run ustacks.ktapb -- known-samples spin 300
shows "user stacks, folded" '^(0x[0-9a-f]+;)*0x[0-9a-f]+ [0-9]+$'
shows "sums, folded" '^known-samples [0-9]*[02468]$'

# The sample that makes flame graphs: each line is a stack and a number, and dd reads.
run flames.ktapb -- dd if=/dev/zero of=/dev/null bs=1M count=400
sed -i '/records in$/d; /records out$/d; / copied, /d' "$one"
shows "profile.kp: dd reads" '^dd;.*;vfs_read(;.*)? [0-9]+$'
! grep -Evq '^[^;]+(;[^;]+)* [0-9]+$' "$one"
result "profile.kp: stacks and numbers" $?

# The same stack as the kernel's own tracing takes it of the same event.
mount -t tracefs none /sys/kernel/tracing 2>/dev/null
trigger=/sys/kernel/tracing/events/sched/sched_process_exec/trigger
echo stacktrace >$trigger
echo >/sys/kernel/tracing/trace
run exec.ktapb -- known-samples touch 0
echo '!stacktrace' >$trigger
ours=$(sed 's/ 1$//' "$one")
theirs=$(awk '/known-samples-/ { stack = ""; taking = 1; next } /^ => / && taking { stack = $2 (stack == "" ? "" : ";" stack); next } { taking = 0 } END { print stack }' /sys/kernel/tracing/trace)
# Above the event theirs has the functions that took it; where theirs ends early, ours goes on.
case "$theirs;" in "$ours;"*) same=0 ;; *) case "$ours;" in "$theirs;"*) same=0 ;; *) same=1 ;; esac ;; esac
[ -n "$theirs" ] && [ $same = 0 ]
result "the kernel takes the same stack" $? "theirs: $theirs"

# A CPU goes and comes back while it is sampled.
online=/sys/devices/system/cpu/cpu1/online
if [ -w $online ]; then
	ktap-run -q --duration 6 hotplug.ktapb >"$one" 2>&1 &
	sleep 1.5
	echo 0 >$online
	sleep 1.5
	echo 1 >$online
	wait
	awk '$1 == "cpus" && $2 == 1 { if (!away) { timers = $3; clocks = $4 } away = 1; last_timers = $3; last_clocks = $4 }
		$1 == "cpus" && $2 == 2 { timers_end = $3; clocks_end = $4; if (!away) { before = 1 } }
		END { exit !(before && away && last_timers - timers <= 1 && last_clocks - clocks <= 1 && \
			timers_end > last_timers + 20 && clocks_end > last_clocks + 20) }' "$one"
	result "a CPU goes and comes back" $?
fi

[ $failed = 0 ] && echo "all as it should be"
exit $failed
