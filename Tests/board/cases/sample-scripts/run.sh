# SPDX-License-Identifier: GPL-2.0-or-later
# Each sample traces a workload whose result is known.

# usage: traced NAME OPTIONS... -- COMMAND: its output is in ./out
traced() {
	name=$1
	shift
	ktap-run "$@" >out 2>err || { echo "$name: ended with $?"; cat err; }
}
# usage: shows PATTERN...: each is found in the output
shows() {
	missing=
	for pattern; do grep -qE -e "$pattern" out || missing="$missing  no line has: $pattern
"; done
	if [ -z "$missing" ]; then echo "ok $name"; else printf '%s%s' "FAILED $name
" "$missing"; head -40 out; fi
}
# usage: has CONDITION OF AWK: holds for some line of the output
has() {
	awk "$1 { found = 1 } END { exit !found }" out && echo "ok $name" || { echo "FAILED $name: $1"; head -40 out; }
}

echo hello >file
traced execsnoop execsnoop.ktapb -- sh -c 'known-calls getppid; known-calls getppid; exit'
shows '^[0-9]+ +[0-9]+ +known-calls +.*/known-calls$'
[ "$(grep -c 'known-calls$' out)" = 2 ] || echo "FAILED execsnoop: not two"
traced exitsnoop exitsnoop.ktapb -- sh -c 'sh -c "exit 7"; sh -c "kill -9 \$\$"; sleep 1; exit 3'
shows '^sh +[0-9]+ +[0-9]+ +[0-9]+ +7$' '^sh +[0-9]+ +[0-9]+ +[0-9]+ +signal$' ' - +3$' '^(sleep|exe|busybox) .* 1[0-9][0-9][0-9] +0$'
traced killsnoop killsnoop.ktapb -- sh -c 'kill -0 $$; kill -15 999999; exit'
shows '^sh +[0-9]+ +[0-9]+ +0 +ok$' '^sh +[0-9]+ +999999 +15 +ESRCH$'
traced setuids setuids.ktapb -- su user -c true
shows ' 0 +setuid +1000 +ok$'
traced pidpersec-known pidpersec.ktapb -- sh -c 'for n in 1 2 3 4 5 6 7; do (:); done; sleep 3'
[ "$(awk '/ new$/ { n += $2 } END { print n }' out)" = 7 ] && echo "ok $name" || { echo "FAILED $name"; cat out; }

traced statsnoop statsnoop.ktapb -- ls -d file /nowhere
shows '^[a-z]+ +[0-9]+ +ok +file$' '^[a-z]+ +[0-9]+ +ENOENT +/nowhere$'
traced opens opens.ktapb -- cat file
shows '^(cat|exe|busybox) +[0-9]+ +file$'
traced errors errors.ktapb -- cat /nowhere
shows '"(cat|exe|busybox)", 2 ?\|'
traced syscount syscount.ktapb -- known-calls getppid 100
shows '"getppid" \|.* 100$'
traced latency latency.ktapb -- known-calls getppid 100
has '$1 == "getppid" && $2 == 100 && $4 <= $3 && $3 <= $5'
traced sizes sizes.ktapb -- sh -c 'echo 1234567; exit'
shows '^sh	8	1$'
traced count_by_process count_by_process.ktapb -- known-calls getppid 100
shows '"known-calls" \|@* +1[0-9][0-9]$'
traced strace strace.ktapb -- cat file
shows 'sys_(read|sendfile64?) -> 0x6'
traced switches --all switches.ktapb -- sleep 6
shows 'after	5	s:' '"ktap-run" \|'
traced runqlat --all runqlat.ktapb -- sh -c 'sleep 1; ls / /proc'
shows '^count [1-9][0-9]*, avg [0-9]+, min [0-9]+, max [0-9]+' '^ *\[[0-9]+, [0-9]+\) \|@+ +[0-9]+'
traced timeline --all timeline.ktapb -- sh -c 'sleep 1; exit'
shows '^[01] +[0-9]+ +[0-9]+  sh +[0-9]+ +S$'
traced cpuwalk --all cpuwalk.ktapb -- sh -c 'n=0; while [ $n -lt 20000 ]; do n=$((n + 1)); done'
shows '"CPU [01]" \|@+ +[0-9]+$'

if insmod /lib/ktap/brd.ko rd_nr=1 rd_size=1024 2>/dev/null; then
	for name in bitesize biolatency; do
		traced $name --all $name.ktapb -- dd if=/dev/zero of=/dev/ram0 bs=4096 count=4 conv=fsync
		# A RAM disk has no queue of requests: nothing is issued.
		[ -s out ] && echo "$name: $(cat out)" || echo "ok $name"
	done
	rmmod brd
fi

traced kmalloc_stacks kmalloc_stacks.ktapb -- ls /proc/self
shows '^ +[a-z_]+\+0x' '\|@+ +[0-9]+$'
traced hardirqs --all hardirqs.ktapb -- sh -c 'sleep 1; ls -R /proc/sys >/dev/null'
shows '^INTERRUPT'
traced softirqs --all softirqs.ktapb -- sleep 2
has '($1 == "timer" || $1 == "rcu" || $1 == "sched") && $2 > 0 && $4 <= $5'

traced old-syscalls old-syscalls.ktapb -- cat file
shows '	(cat|exe|busybox)	sys_(read|sendfile64?) -> 0x6$' '^[0-9]+ events$'
traced old-histogram old-histogram.ktapb -- known-calls getppid 100
shows '"known-calls" \|@* +1[0-9][0-9]$'
traced old-timers old-timers.ktapb
shows '^second 3$' '^done$'
traced old-screen --duration 3s old-screen.ktapb
shows 'context switches, [1-9]'
