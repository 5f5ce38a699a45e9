# SPDX-License-Identifier: GPL-2.0-or-later
ktap-run --duration 1s script.ktapb
echo "status $?"
ktap-run script.ktapb -- sh -c "sleep 1; exit 3"
echo "status $?"
