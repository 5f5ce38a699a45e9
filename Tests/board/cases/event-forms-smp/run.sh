# SPDX-License-Identifier: GPL-2.0-or-later
# Known numbers of events from all CPUs at once, and from tasks and interrupts: none is lost.
fire=/sys/module/ktaptest/parameters
insmod /lib/ktap/ktaptest.ko
count() { # SCRIPT WHAT NUMBER
	ktap-run -v "$1.ktapb" >out 2>err &
	until grep -q tracing err 2>/dev/null; do sleep 0.1; done
	echo "$3" >"$fire/$2"
	kill -INT $!
	wait $!
	cat out
	grep handled err
}
count script everywhere 20000
count levels levels 2000
# The program's worker lets go of the module a little after the program's end.
until rmmod ktaptest 2>/dev/null; do sleep 0.1; done
