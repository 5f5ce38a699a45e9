# SPDX-License-Identifier: GPL-2.0-or-later
ktap-run script.ktapb -- ktap-calls 20
echo "status $?"
