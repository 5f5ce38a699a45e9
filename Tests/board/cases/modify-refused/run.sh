# SPDX-License-Identifier: GPL-2.0-or-later
# Without allow_modify=1 nothing of the program runs.
ktap-run script.ktapb; echo "status $?"
ktap-run --check script.ktapb; echo "check $?"
[ "$(cat /proc/sys/kernel/panic)" = 7 ] || echo "unchanged"
