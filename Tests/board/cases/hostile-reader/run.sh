# SPDX-License-Identifier: GPL-2.0-or-later
while :; do ls / >/dev/null; done & work=$!
ktap-mmap script.ktapb
echo "status $?"
kill $work
