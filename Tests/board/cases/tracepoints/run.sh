# SPDX-License-Identifier: GPL-2.0-or-later
ktap-run script.ktapb -- sh -c '/bin/true; cat /nosuch'
echo "status $?"
