# SPDX-License-Identifier: GPL-2.0-or-later
ktap-run script.ktapb
echo "status $?"
ktap-run --check script.ktapb
echo "status $?"
ktap-run good.ktapb
