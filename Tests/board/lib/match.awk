# SPDX-License-Identifier: GPL-2.0-or-later
# usage: awk -f match.awk EXPECT OUTPUT: prints why OUTPUT does not match EXPECT and ends with 1, or with 0.

function one(pattern, line) {
	if (substr(pattern, 1, 2) == "~ ")
		return line ~ ("^(" substr(pattern, 3) ")$")
	return line == pattern
}

FILENAME == ARGV[1] && /^! / { forbidden[++forbids] = substr($0, 3); next }
FILENAME == ARGV[1] { pattern[++patterns] = $0; next }
{ line[++lines] = $0 }

END {
	for (i = 1; i <= forbids; i++)
		for (j = 1; j <= lines; j++)
			if (line[j] ~ forbidden[i]) {
				print "line " j " must not be there (" forbidden[i] "): " line[j]
				exit 1
			}
	# At each pattern the set of lines that may come next; "..." keeps all behind the first.
	reach[1] = 1
	for (i = 1; i <= patterns; i++) {
		delete next_reach
		found = 0
		farthest = 0
		for (j = 1; j <= lines + 1; j++) {
			if (pattern[i] == "...") {
				if (found || (j in reach)) {
					next_reach[j] = found = 1
				}
			} else if ((j in reach)) {
				farthest = farthest ? farthest : j
				if (j <= lines && one(pattern[i], line[j]))
					next_reach[j + 1] = found = 1
			}
		}
		if (!found) {
			print "expected: " pattern[i]
			print "line " farthest ":   " (farthest > lines ? "(end of the output)" : line[farthest])
			exit 1
		}
		delete reach
		for (j in next_reach)
			reach[j] = 1
	}
	if (!((lines + 1) in reach)) {
		for (j = 1; j <= lines + 1; j++)
			if (j in reach)
				break
		print "line " j " is not expected: " line[j]
		exit 1
	}
}
