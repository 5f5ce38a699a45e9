# SPDX-License-Identifier: GPL-2.0-or-later
# usage: awk -f compare.awk OURS THEIRS: lines "PID event: ..." of one program and of the whole kernel. For each of
# our processes as many of the kernel's lines must be ours, in one run: the same lines as many times. Their order may
# differ: an interrupt between the two that note an event is noted in between.
FILENAME == ARGV[1] {
	if ($1 == 0) next
	if (!($1 in lines)) first[$1] = $0
	lines[$1]++
	ours[$0]++
	total++
	kinds[$2]++
	next
}
($1 in lines) {
	theirs[$1, ++count[$1]] = $0
	if (!($1 in begun) && $0 == first[$1]) begun[$1] = count[$1]
}
# How many of the kernel's lines from this one on are not ours; says them if told so.
function differences(pid, from, say,   i, line, seen, bad) {
	bad = 0
	split("", seen)
	for (i = from; i < from + lines[pid]; i++) seen[theirs[pid, i]]++
	for (line in seen)
		if (seen[line] != ours[line]) {
			bad++
			if (say) print "the kernel " seen[line] ", we " ours[line] + 0 ": " line
		}
	return bad
}
END {
	for (pid in lines) {
		least = -1
		for (from = begun[pid]; from > 0 && from > begun[pid] - 12 && least; from--) {
			bad = differences(pid, from, 0)
			if (least < 0 || bad < least) least = bad
		}
		if (least) {
			print "process " pid " is not the same"
			if (begun[pid]) differences(pid, begun[pid], 1)
			else print "the kernel has not: " first[pid]
			wrong++
		}
	}
	for (kind in kinds) print kind, kinds[kind] >"/tmp/kinds"
	print wrong ? wrong " processes differ" : "every line is the same"
	print (total > 500 ? "many" : "few") " lines"
}
