# SPDX-License-Identifier: GPL-2.0-or-later
# A shell starts programs with and without a runaway script: how long that takes tells whether it can be used.
now() { sed 's/\.//; s/ .*//' /proc/uptime; }
work() { i=0; while [ $i -lt 60 ]; do ls / >/dev/null; known-calls getppid 200; i=$((i + 1)); done; }
work
begin=$(now); work; alone=$(($(now) - begin))
ktap-run calls.ktapb 2>calls.err & tracer=$!
until grep -q 'state *running$' /proc/ktap/programs; do sleep 0.1; done
work
begin=$(now); work; traced=$(($(now) - begin))
grep -E 'hits|cpu  ' /proc/ktap/programs
kill -INT $tracer; wait $tracer
cat calls.err
echo "hundredths of a second: $alone alone, $traced traced" >&2
[ $traced -le $((alone * 3 + 20)) ] && echo "usable"
