# SPDX-License-Identifier: GPL-2.0-or-later
ifconfig lo 127.0.0.1 up
# Short-lived, so that more than the tracing itself makes system calls.
ktap-run -q script.ktapb -- sh -c 'nc -l -p 5000 </dev/null & sleep 1; nc 127.0.0.1 5000 </dev/null; wait' 2>&1
echo "status $?"
ktap-run -q outside.ktapb -- cat /dev/null 2>&1
echo "status $?"
ktap-run -q outside-tracepoint.ktapb -- sh -c 'nc -l -p 5001 </dev/null & sleep 1; nc 127.0.0.1 5001 </dev/null; wait' 2>&1
echo "status $?"
ktap-run -q no-array.ktapb 2>&1
echo "status $?"
