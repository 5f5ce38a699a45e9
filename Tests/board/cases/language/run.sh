# SPDX-License-Identifier: GPL-2.0-or-later
# Runs each bundle of the list; what they printed and how they ended goes out as one archive.
while read -r id arguments; do
	# shellcheck disable=SC2086 # several words
	timeout -s KILL 200 ktap-run "$id.ktapb" $arguments >"$id.out" 2>"$id.err" </dev/null
	echo $? >"$id.status"
done <list
tar cf - -- *.out *.err *.status
