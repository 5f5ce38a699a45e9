# SPDX-License-Identifier: GPL-2.0-or-later
# What only a kernel can tell: strings of processes, names of addresses, stacks.
show() {
	echo "== $1"
	shift
	ktap-run -q "$@" 2>&1
	echo "status $?"
}
show user_string user_string.ktapb -- known-calls strings
show usym usym.ktapb -- known-calls strings
show ksym ksym.ktapb -- sleep 0.01
show stacks stacks.ktapb -- sh -c 'sleep 0.01; sleep 0.01; sleep 0.01'
