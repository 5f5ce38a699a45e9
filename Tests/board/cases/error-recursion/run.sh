# SPDX-License-Identifier: GPL-2.0-or-later
ktap-run script.ktapb -- sh -c 'ls / >/dev/null; sleep 1; ls / >/dev/null'
echo "status $?"
# The board goes on working, and so does the next program.
ktap-run good.ktapb
