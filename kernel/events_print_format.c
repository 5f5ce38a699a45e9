// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * What an event's print format tells about a field: many events keep addresses in fields of an
 * integer type or of a typedef; those are printed by %p and must not leave as numbers either.
 */
#include <linux/ctype.h>

#include "events_internal.h"

/* Where the format's string literals end and the arguments begin, or NULL. */
static const char *find_arguments(const char *format)
{
	while (*format == '"') {
		for (format++; *format && *format != '"'; format++)
			if (*format == '\\' && format[1])
				format++;
		if (!*format)
			return NULL;
		format = skip_spaces(format + 1);
	}
	return *format == ',' ? format + 1 : NULL;
}

/* The end of an argument: a comma outside all brackets and strings, or the end of the text. */
static const char *argument_end(const char *at)
{
	bool quoted = false;
	int depth = 0;

	for (; *at; at++) {
		if (quoted && *at == '\\' && at[1]) {
			at++;
		} else if (*at == '"') {
			quoted = !quoted;
		} else if (!quoted) {
			if (*at == ',' && !depth)
				break;
			depth += strchr("([{", *at) != NULL;
			depth -= strchr(")]}", *at) != NULL;
		}
	}
	return at;
}

/* The argument behind one; at the end of the text, nothing. */
static const char *skip_argument(const char *at)
{
	at = argument_end(at);
	return *at ? at + 1 : at;
}

static bool mentions(const char *at, const char *end, const char *field)
{
	static const char access[] = "REC->";
	size_t length = strlen(field);

	while ((at = strnstr(at, access, end - at))) {
		at += strlen(access);
		if (!strncmp(at, field, length) && !isalnum(at[length]) && at[length] != '_')
			return true;
	}
	return false;
}

bool ktap_printed_as_address(const char *print_format, const char *field)
{
	const char *arguments, *at, *argument, *end;

	arguments = print_format ? find_arguments(print_format) : NULL;
	if (!arguments)
		return false;
	argument = arguments;
	for (at = print_format; at < arguments; at++) {
		if (*at != '%')
			continue;
		if (*++at == '%')
			continue;
		/* Flags, width and precision; a '*' takes an argument of its own. */
		for (; at < arguments && !isalpha(*at); at++)
			if (*at == '*')
				argument = skip_argument(argument);
		end = argument_end(argument);
		if (*at == 'p' && mentions(argument, end, field))
			return true;
		argument = skip_argument(argument);
	}
	return false;
}
