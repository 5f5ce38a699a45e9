# SPDX-License-Identifier: GPL-2.0-or-later
# usage: awk -f compare.awk OURS THEIRS: lines "PID event: ..." of one program and of the whole kernel. For each of
# our processes the kernel's lines, from the first to the last that we have, must be ours, as many times.
FILENAME == ARGV[1] {
	if ($1 == 0) next
	if (!($1 in first)) first[$1] = $0
	last[$1] = $0
	ours[$0]++
	lines++
	kinds[$2]++
	next
}
($1 in first) {
	if (!($1 in begun) && $0 == first[$1]) begun[$1] = 1
	if (!($1 in begun)) next
	pending[$1, ++count[$1]] = $0
	if ($0 == last[$1]) {
		for (i = 1; i <= count[$1]; i++) theirs[pending[$1, i]]++
		count[$1] = 0
	}
}
END {
	for (line in ours) if (ours[line] != theirs[line]) { if (bad++ < 8) print "we " ours[line] + 0 ", the kernel " theirs[line] + 0 ": " line }
	for (line in theirs) if (!(line in ours)) { if (bad++ < 16) print "only the kernel: " line }
	for (kind in kinds) print kind, kinds[kind] >"/tmp/kinds"
	print bad ? bad " lines differ" : "every line is the same"
	print (lines > 1000 ? "many" : "few") " lines"
}
