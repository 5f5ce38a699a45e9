# SPDX-License-Identifier: GPL-2.0-or-later
ktap-run script.ktapb -- sh -c 'ls / >/dev/null; ls / >/dev/null; head -n 1 /proc/version >/dev/null' | sort
