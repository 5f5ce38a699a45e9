#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-or-later
# Runs on the board, for bench/costs: prints "NAME INSTRUCTIONS" for each line of /bench/lines, and "NAME floor INSTRUCTIONS".
# With a name, only the calls for bench/profile.
calls() { /bench/calls "$1" 40000 500; }

# usage: traced SCRIPT COMMAND...
traced() {
	insmod /lib/ktap/ktapvm.ko cpu_share=100 || exit 1
	ktap-run -q "/bench/$1.ktapb" >/dev/null 2>/tmp/errors &
	agent=$!
	shift
	# Virtual time: the emulator skips what is idle.
	sleep 1
	kill -0 "$agent" 2>/dev/null || { cat /tmp/errors >&2; exit 1; }
	"$@"
	kill -INT "$agent"
	wait "$agent"
	rmmod ktapvm
}

if [ $# -gt 0 ]; then
	kind=$(awk -v name="$1" '$1 == name { print $2 }' /bench/lines)
	# The first calls are not like the others.
	traced "$1" sh -c "/bench/calls $kind 1000 500 >/dev/null; /bench/calls -m $kind 1000 500 >/dev/null; cat /proc/kallsyms"
	exit
fi
for kind in getppid openfail signal; do
	echo "alone $kind $(calls "$kind")"
done
# The lines end with what their comments do not.
sed '/^#/d' /bench/lines | while read -r script kind floor rest; do
	echo "$script traced $(traced "$script" calls "$kind")"
	[ "$floor" != - ] || continue
	insmod /bench/floor.ko what="$floor" || exit 1
	echo "$script floor $(calls "$kind")"
	rmmod floor
done
