# SPDX-License-Identifier: GPL-2.0-or-later
# The same work is seen by a script and recorded.
ktap-run -v live.ktapb >live.out 2>live.err &
live=$!
until grep -q tracing live.err 2>/dev/null; do sleep 0.1; done
sleep 0.5
ktap-run --record work.rec 'syscalls:*' 'raw_syscalls:sys_*' 'sched:sched_process_*' -- sh -c '
	known-calls everywhere 300
	known-calls strings
	known-calls open
	known-calls children 5
	known-calls orphan 3
' 2>record.err
echo "record $?"
kill -INT $live
wait $live
echo "live $?"
cat record.err live.err live.out
echo "@recording"
base64 work.rec
