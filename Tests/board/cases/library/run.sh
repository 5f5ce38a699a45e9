# SPDX-License-Identifier: GPL-2.0-or-later
# What only a kernel can tell: strings of processes, names of addresses, sockets, stacks.
show() {
	echo "== $1"
	shift
	ktap-run -q "$@" 2>&1
	echo "status $?"
}
show user_string user_string.ktapb -- known-calls strings
show usym usym.ktapb -- known-calls strings
show ksym ksym.ktapb -- sleep 0.01
ifconfig lo 127.0.0.1 up
show sockets sockets.ktapb -- sh -c 'nc -l -p 5000 </dev/null & sleep 1; nc 127.0.0.1 5000 </dev/null; wait'
show stacks stacks.ktapb -- sh -c 'sleep 0.01; sleep 0.01; sleep 0.01'
