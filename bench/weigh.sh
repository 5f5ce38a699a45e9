#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-or-later
# Runs on the board, beside a busy shell, once for each bundle: the most that ktap-run ever had resident (the kernel does not
# count the mapped rings there), and what the module holds for the program without its rings, as `ktap-run -v` says.
while :; do ls -lR /bin /etc >/dev/null; done &
busy=$!
for bundle in /bench/*.ktapb; do
	name=${bundle##*/}
	ktap-run -v "$bundle" >/dev/null 2>/tmp/report &
	agent=$!
	sleep 2
	peak=$(sed -n 's/^VmHWM: *\([0-9]*\) kB/\1/p' "/proc/$agent/status")
	kill -INT "$agent"
	wait "$agent"
	kernel=$(sed -n 's/.*bytes in the kernel: //p' /tmp/report)
	echo "${name%.ktapb}: ktap-run peak ${peak:?} KiB, program in the kernel ${kernel:?} bytes, $(sed -n '$s/;.*//p' /tmp/report)"
done
kill "$busy"
