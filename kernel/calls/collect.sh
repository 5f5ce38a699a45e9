#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-or-later
# usage: collect.sh NUMBERS PROTOTYPES
#
# Makes the table of system calls from what the kernel's headers say. NUMBERS: the macros of asm/unistd.h, as
# `cc -E -dM` prints them; PROTOTYPES: linux/syscalls.h, preprocessed. Prints C: an array of numbers, and a text with
# for each of them the name, then type and name of each argument, then an empty one, all with a NUL behind.
set -eu
awk '
# "const char *filename" into type and name; an argument without a name gets none.
function argument(text, n,    name) {
	gsub(/^ +| +$/, "", text)
	gsub(/ +/, " ", text)
	if (text == "void" || text == "") return ""
	if (match(text, /[A-Za-z_0-9]+$/) && RSTART > 1 && text !~ /^(unsigned|const|struct) [a-z_]+$/) {
		name = substr(text, RSTART)
		text = substr(text, 1, RSTART - 1)
		sub(/ $/, "", text)
		# "unsigned long" is a type without a name
		if (name ~ /^(int|long|char|short|size_t)$/) { text = text " " name; name = "arg" n }
	} else {
		name = "arg" n
	}
	return text "\\0" name "\\0"
}
FILENAME == ARGV[1] {
	if ($1 == "#define" && $2 ~ /^__NR_[a-z_0-9]+$/ && $3 != "") names[++count] = substr($2, 6)
	next
}
/^#/ { next }
{ text = text " " $0 }
END {
	n = split(text, statements, ";")
	for (i = 1; i <= n; i++) {
		s = statements[i]
		if (!match(s, /long sys_[a-z_0-9]+\(/)) continue
		name = substr(s, RSTART + 9, RLENGTH - 10)
		s = substr(s, RSTART + RLENGTH)
		sub(/\)[^)]*$/, "", s)
		if (name in arguments || s ~ /[(]/) continue
		parts = split(s, part, ",")
		list = ""
		for (j = 1; j <= parts; j++) list = list argument(part[j], j)
		arguments[name] = list
	}
	# Names of numbers that are not those of their functions, by which the kernel tells of its calls.
	other["umount"] = "oldumount"; other["umount2"] = "umount"; other["_newselect"] = "select"; other["_llseek"] = "llseek"
	split("stat lstat fstat uname", renewed, " ")
	for (i in renewed) other[renewed[i]] = "new" renewed[i]
	for (i = 1; i <= count; i++) {
		macro = name = names[i]
		if (name ~ /^(syscalls|syscall_compat_max|arch_specific_syscall|sync_file_range2)$/) continue
		# Numbers of another ABI of the same kernel.
		if (name ~ /^(ia32|x32|compat)_/) continue
		if (name in other && other[name] in arguments) name = other[name]
		numbers = numbers "\t__NR_" macro ",\n"
		texts = texts "\t\"" name "\\0" arguments[name] "\\0\"\n"
		calls++
	}
	if (calls < 100) { print "too few system calls in the headers: " calls >"/dev/stderr"; exit 1 }
	print "static const u16 call_numbers[] __initconst = {\n" numbers "};\n"
	print "static const char call_texts[] __initconst =\n" texts ";"
}' "$1" "$2"
