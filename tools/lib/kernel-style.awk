# SPDX-License-Identifier: GPL-2.0-or-later
# usage: awk -f kernel-style.awk FILE...: what differs from the kernel's coding style, as far as lines tell. Ends with 1 if
# anything does.

function say(what) {
	print FILENAME ":" FNR ": " what
	bad = 1
}

{
	columns = 0
	for (i = 1; i <= length($0); i++)
		columns += substr($0, i, 1) == "\t" ? 8 - columns % 8 : 1
}
# A text that users look for with grep is not broken.
columns > 120 && !/"/ { say("longer than 120 columns") }
/^ +\t/ { say("blanks before a tab") }
/^        / { say("indented with blanks") }
/(^|[^a-zA-Z_])(if|for|while|switch)\(/ && !/^[ \t]*[*\/]/ { say("no blank behind a keyword") }
/^[ \t]*}[ \t]*$/ { closed = FNR }
/^[ \t]*else/ && closed == FNR - 1 && FNR > 1 { say("else on a line of its own behind }") }
/^[ \t]*\/\// && FNR > 1 { say("a // comment") }
/^[a-z].*\)[ \t]*{$/ && !/(struct|union|enum|define|=)/ { say("a function's { on the line of its name") }

END { exit bad }
