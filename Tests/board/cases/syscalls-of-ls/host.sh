# SPDX-License-Identifier: GPL-2.0-or-later
# Exactly what a user types; the system calls of ls and its own output, nothing of the agent.
# Progress of the build goes to stderr and is none of its output.
"$KTAPC" -e 'trace "syscalls:*" function (e) { print(e) }' --on "qemu:$BOARD" -- ls / 2>"$OUT/progress" || {
	status=$?
	cat "$OUT/progress"
	exit $status
}
