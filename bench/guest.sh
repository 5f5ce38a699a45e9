#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-or-later
# Runs on the board: prints "NAME INSTRUCTIONS" for a getppid() alone and under each tracer.
calls() { /bench/calls 40000 500; }

insmod /lib/ktap/ktapvm.ko cpu_share=100 || exit 1
echo "none $(calls)"
for bundle in /bench/*.ktapb; do
	name=${bundle##*/}
	ktap-run "$bundle" >/tmp/out 2>&1 &
	agent=$!
	# Virtual time: the emulator skips what is idle.
	sleep 1
	kill -0 "$agent" 2>/dev/null || { cat /tmp/out >&2; exit 1; }
	echo "${name%.ktapb} $(calls)"
	kill -INT "$agent"
	wait "$agent"
done
rmmod ktapvm
insmod /lib/ktap/ktapvm.ko bench_bare=1 || exit 1
echo "bare $(calls)"
