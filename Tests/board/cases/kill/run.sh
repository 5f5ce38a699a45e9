# SPDX-License-Identifier: GPL-2.0-or-later
# The agent dies during a heavy trace: within a second no script code runs, within 30 s the module can go.
# The function tracer is the witness. It does not see the module's own functions; it sees one of the kernel that every
# run of the handler calls, and nobody else.
tracing=/sys/kernel/tracing
# Tracing is paused for the count: a reader that is slower than the writers would never see the end.
traced() {
	echo 0 >"$tracing/tracing_on"
	grep -c "copy_from_user_nofault <-" "$tracing/trace"
}
for i in 1 2; do
	while :; do ls -lR /bin /etc >/dev/null; done &
	work="$work $!"
done
ktap-run script.ktapb >/dev/null &
agent=$!
sleep 2
echo copy_from_user_nofault >"$tracing/set_ftrace_filter"
echo function >"$tracing/current_tracer"
sleep 0.3
[ "$(traced)" -gt 0 ] && echo "script code runs"
kill -9 $agent
sleep 1
echo >"$tracing/trace"
echo 1 >"$tracing/tracing_on"
sleep 2
echo "calls of the handler after a second: $(traced)"
echo nop >"$tracing/current_tracer"
echo >"$tracing/set_ftrace_filter"
i=0
until rmmod ktapvm 2>/dev/null; do
	i=$((i + 1))
	[ $i -lt 30 ] || { echo "still in use after 30 s"; break; }
	sleep 1
done
[ -e /dev/ktap ] || echo "unloaded"
insmod /lib/ktap/ktapvm.ko && echo "loaded again"
chgrp ktap /dev/ktap; chmod 660 /dev/ktap
kill $work
