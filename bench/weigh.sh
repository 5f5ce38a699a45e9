#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-or-later
# Runs on the board: the resident memory of ktap-run without its ring mappings, in KiB, and the bytes that the
# module holds for the program, as `ktap-run -v` reports them.
ktap-run -v /bench/hello.ktapb >/tmp/out 2>/tmp/report &
agent=$!
sleep 2
awk '/^VmHWM/ { peak = $2 } /^RssShmem|^RssFile/ { } END { print "peak_rss_kib", peak }' "/proc/$agent/status"
awk '/\/dev\/ktap|anon_inode/ { ring = 1; next } /^[0-9a-f]+-/ { ring = 0 } /^Rss:/ && !ring { rss += $2 } /^Rss:/ && ring { mapped += $2 }
	END { print "rss_without_rings_kib", rss; print "rings_kib", mapped + 0 }' "/proc/$agent/smaps"
kill -INT "$agent"
wait "$agent"
cat /tmp/report
