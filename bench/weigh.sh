#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-or-later
# Runs on the board, once for each script of bench/weight: what ktap-run has resident without its ring mappings, and what the
# module holds for the program without its rings, as `ktap-run -v` says.
for bundle in /bench/*.ktapb; do
	name=${bundle##*/}
	ktap-run -v "$bundle" >/tmp/out 2>/tmp/report &
	agent=$!
	sleep 2
	resident=$(awk '/^[0-9a-f]+-/ { ring = /anon_inode/ } /^Rss:/ && !ring { sum += $2 } END { print sum * 1024 }' \
		"/proc/$agent/smaps")
	kill -INT "$agent"
	wait "$agent"
	kernel=$(sed -n 's/.*bytes in the kernel: //p' /tmp/report)
	echo "${name%.ktapb}: ktap-run resident $resident bytes, program in the kernel ${kernel:?not reported} bytes"
done
