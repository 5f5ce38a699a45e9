# SPDX-License-Identifier: GPL-2.0-or-later
# Exactly what a user types; the system calls of ls and its own output, nothing of the agent.
"$KTAPC" -e 'trace "syscalls:*" function (e) { print(e) }' --on "qemu:$BOARD" -- ls /
