# SPDX-License-Identifier: GPL-2.0-or-later
ktap-run script.ktapb & agent=$!
sleep 1
ls / >/dev/null
kill -INT $agent
wait $agent
echo "status $?"
