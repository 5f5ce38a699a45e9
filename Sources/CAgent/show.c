// SPDX-License-Identifier: GPL-2.0-or-later
/* Showing what the kernel says in a file of lines. */
#include <string.h>

#include "cagent.h"

#define LONGEST 16384 /* bytes of a line; what goes beyond counts as another */

/* Whether `length` bytes match the glob: '*' any run, '?' one byte. */
static bool cagent_matches(const char *glob, const char *name, size_t length)
{
	for (; *glob != '*'; glob++, name++, length--)
		if (!length || !*glob)
			return !length && !*glob;
		else if (*glob != '?' && *glob != *name)
			return false;
	do
		if (cagent_matches(glob + 1, name, length))
			return true;
	while (name++, length--);
	return false;
}

int cagent_show(const char *path, const char *glob)
{
	static char buffer[LONGEST];
	size_t have = 0, length, name;
	int file = cagent_open(path), lines = 0, error = 0;
	int64_t got;
	char *end;

	if (file < 0)
		return file;
	while (!error && (got = cagent_read(file, buffer + have, LONGEST - have)) > 0) {
		have += (size_t)got;
		while (!error && (end = memchr(buffer, '\n', have))) {
			length = (size_t)(end - buffer) + 1;
			for (name = 0; buffer[name] != '\t' && buffer[name] != '\n';)
				name++;
			if (!glob || cagent_matches(glob, buffer, name)) {
				error = cagent_write(CAGENT_STDOUT, buffer, length);
				lines++;
			}
			have -= length;
			memmove(buffer, end + 1, have);
		}
		if (have == LONGEST)
			have = 0;
	}
	cagent_close(file);
	return error ? error : got < 0 ? (int)got : lines;
}
