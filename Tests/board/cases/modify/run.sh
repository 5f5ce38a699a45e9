# SPDX-License-Identifier: GPL-2.0-or-later
dmesg -c >/dev/null
echo "# return values"
ktap-run -q retval.ktapb -- known-calls results
ktap-run -q enter.ktapb -- known-calls results; echo "enter $?"
echo "# signals"
ktap-run kill.ktapb -- sh -c 'known-calls results >/dev/null 2>&1; echo "killed $?"' 2>&1
sleep 100 & victim=$!
ktap-run number.ktapb $victim 0 -- true; wait $victim; echo "victim $?"
sleep 100 & victim=$!
ktap-run number.ktapb $victim 1 -- known-calls results >/dev/null; wait $victim; echo "victim $?"
ktap-run number.ktapb 1 0 -- true; echo "init $?"
ktap-run number.ktapb 2 0 -- true; echo "kernel thread $?"
ktap-run number.ktapb 1 1 -- sh -c 'known-calls results >/dev/null; sleep 1'; echo "init by a handler $?"
ktap-run number.ktapb 4000000 0 -- true; echo "nobody $?"
ktap-run number.ktapb 5000000 0 -- true; echo "beyond the policy $?"
echo "# parameters"
ktap-run parameter.ktapb; echo "set $?"
cat /proc/sys/kernel/panic /proc/sys/kernel/core_pattern /proc/sys/kernel/panic_on_oops /proc/sys/vm/swappiness
ktap-run missing.ktapb; echo "missing $?"
ktap-run bad-value.ktapb; echo "bad value $?"
echo "# the log"
dmesg -c >/dev/null
ktap-run log.ktapb -- known-calls results >/dev/null
dmesg | grep 'program log' | sed 's/^[^k]*//; s/serial [0-9a-f]*/serial/'
ktap-run chosen.ktapb two
dmesg | grep 'program chosen: ' | sed 's/^[^k]*//'
echo "# tracing"
mount -t tracefs tracefs /sys/kernel/tracing 2>/dev/null
cat /sys/kernel/tracing/tracing_on
ktap-run tracing.ktapb -- sh -c 'known-calls results >/dev/null; cat /sys/kernel/tracing/tracing_on'
cat /sys/kernel/tracing/tracing_on
