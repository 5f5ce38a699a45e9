# SPDX-License-Identifier: GPL-2.0-or-later
# A CPU goes and comes while programs trace it, and is away while one starts.
online=/sys/devices/system/cpu/cpu1/online
start() { ktap-run -v calls.ktapb >out 2>err & until grep -q . err 2>/dev/null; do sleep 0.1; done; }
finish() { kill -INT $!; wait $!; echo "status $?"; cat out; rm -f err; }
start
known-calls everywhere 100
for i in 1 2 3; do
	echo 0 >$online || echo "it stays"
	known-calls everywhere 100
	echo 1 >$online || echo "it does not come back"
	known-calls everywhere 100
done
finish
echo 0 >$online
start
known-calls everywhere 100
echo 1 >$online
known-calls everywhere 100
finish
# Attached while both were there, ended while one is away.
start
echo 0 >$online
known-calls everywhere 100
finish
echo 1 >$online
