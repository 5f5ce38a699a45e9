#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-or-later
# Runs on the board, for bench/attach.
load() { insmod /lib/ktap/ktapvm.ko cpu_share=100 || exit 1; }

for bundle in first_event syscalls everything functions; do
	[ -e "/bench/$bundle.ktapb" ] || continue
	# Once before, for what the kernel has to read or to compute only once.
	load
	/bench/start ktap-run -q "/bench/$bundle.ktapb" >/dev/null || exit 1
	load
	/bench/start ktap-run -q "/bench/$bundle.ktapb" | sed "s/^/$bundle /"
done

# usage: flood CALLS PREFIX: how many records of so many arrive at an agent that the commands behind PREFIX stop meanwhile
flood() {
	calls=$1
	shift
	ktap-run -q /bench/flood.ktapb >/tmp/lines &
	agent=$!
	sleep 1
	"$@" kill -STOP "$agent"
	/bench/calls openfail "$calls" 500 >/dev/null
	"$@" kill -CONT "$agent"
	sleep 1
	kill -INT "$agent"
	wait "$agent"
	grep -c "^calls /etc/hostname" /tmp/lines
}
load
echo "flood 100000 $(flood 100000 :)"
echo "stopped 100000 $(flood 100000 command)"
