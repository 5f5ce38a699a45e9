# SPDX-License-Identifier: GPL-2.0-or-later
for b in unsigned stranger signed; do
	ktap-run $b.ktapb
	echo "$b: status $?"
done
