// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Names of values: an event's print format may show a field by __print_symbolic() or __print_flags().
 * What these list is read once, when a program that prints the event attaches. The texts stay where
 * they are, in the format. A list that is not of constants gives no names: the number is shown.
 */
#include <linux/ctype.h>

#include "events_internal.h"

/* Of one field. */
struct ktap_value_names {
	const char *delimiter; /* of flags; NULL: symbols */
	u32 delimiter_length;
	u32 count;
	bool wide; /* compared as 64 bits, else as an unsigned long */
	struct {
		u64 value;
		const char *text;
		u32 length;
	} names[];
};

#define DEPTH 24 /* of brackets in an expression: a kernel's stack is small */

/* Where reading stands; at becomes NULL when what stands there is not understood. */
struct reader {
	const char *at;
	unsigned int depth;
};

static u64 read_or(struct reader *r);

static void skip(struct reader *r, const char *what)
{
	if (!r->at)
		return;
	r->at = skip_spaces(r->at);
	if (str_has_prefix(r->at, what))
		r->at += strlen(what);
	else
		r->at = NULL;
}

static bool next_is(struct reader *r, const char *what)
{
	if (!r->at)
		return false;
	r->at = skip_spaces(r->at);
	return str_has_prefix(r->at, what);
}

/* The end of a cast, "(unsigned long)", that begins here, or NULL. */
static const char *cast_end(const char *at)
{
	if (*at != '(')
		return NULL;
	at = skip_spaces(at + 1);
	if (!isalpha(*at) && *at != '_')
		return NULL;
	while (isalnum(*at) || *at == '_' || *at == ' ' || *at == '*')
		at++;
	return *at == ')' ? at + 1 : NULL;
}

static u64 read_number(struct reader *r)
{
	char *end;
	u64 value = simple_strtoull(r->at, &end, 0);

	if (end == r->at || !isdigit(*r->at)) {
		r->at = NULL;
		return 0;
	}
	while (*end == 'u' || *end == 'U' || *end == 'l' || *end == 'L')
		end++;
	r->at = isalnum(*end) || *end == '_' ? NULL : end;
	return value;
}

static u64 read_unary(struct reader *r)
{
	u64 value = 0;

	if (r->depth >= DEPTH)
		r->at = NULL;
	if (!r->at)
		return 0;
	r->depth++;
	r->at = skip_spaces(r->at);
	if (*r->at == '~') {
		r->at++;
		value = ~read_unary(r);
	} else if (*r->at == '-') {
		r->at++;
		value = -read_unary(r);
	} else if (cast_end(r->at)) {
		r->at = cast_end(r->at);
		value = read_unary(r);
	} else if (*r->at == '(') {
		r->at++;
		value = read_or(r);
		skip(r, ")");
	} else {
		value = read_number(r);
	}
	r->depth--;
	return value;
}

static u64 read_sum(struct reader *r)
{
	u64 value = read_unary(r);

	for (;;) {
		if (next_is(r, "+")) {
			r->at++;
			value += read_unary(r);
		} else if (next_is(r, "-")) {
			r->at++;
			value -= read_unary(r);
		} else {
			return value;
		}
	}
}

static u64 read_shift(struct reader *r)
{
	u64 value = read_sum(r), by;

	while (next_is(r, "<<")) {
		r->at += 2;
		by = read_sum(r);
		value = by < 64 ? value << by : 0;
	}
	return value;
}

static u64 read_and(struct reader *r)
{
	u64 value = read_shift(r);

	while (next_is(r, "&") && !next_is(r, "&&")) {
		r->at++;
		value &= read_shift(r);
	}
	return value;
}

static u64 read_or(struct reader *r)
{
	u64 value = read_and(r);

	while (next_is(r, "|") && !next_is(r, "||")) {
		r->at++;
		value |= read_and(r);
	}
	return value;
}

static const char *read_literal(struct reader *r, u32 *length)
{
	const char *text;

	*length = 0;
	skip(r, "\"");
	if (!r->at)
		return NULL;
	text = r->at;
	*length = strcspn(text, "\"\\");
	r->at += *length;
	skip(r, "\"");
	return text;
}

/* The plain field that stands here, within casts and brackets at most: its name, or NULL. */
static const char *read_field(struct reader *r, u32 *length)
{
	unsigned int brackets = 0;
	const char *name;

	for (r->at = skip_spaces(r->at); *r->at == '('; r->at = skip_spaces(r->at)) {
		if (cast_end(r->at)) {
			r->at = cast_end(r->at);
		} else {
			r->at++;
			brackets++;
		}
	}
	skip(r, "REC->");
	if (!r->at)
		return NULL;
	name = r->at;
	while (isalnum(*r->at) || *r->at == '_')
		r->at++;
	*length = r->at - name;
	while (brackets--)
		skip(r, ")");
	return next_is(r, ",") ? name : NULL;
}

/* Reads "{ value, "name" }, ..." up to the closing bracket; counts them, with `to` also keeps them. */
static int read_list(struct reader r, struct ktap_value_names *to)
{
	const char *text;
	int count = 0;
	u32 length;
	u64 value;

	while (next_is(&r, ",")) {
		skip(&r, ",");
		skip(&r, "{");
		value = read_or(&r);
		skip(&r, ",");
		text = read_literal(&r, &length);
		skip(&r, "}");
		/* Some lists end with { -1, NULL }, or with a comma. */
		if (!r.at)
			return count;
		if (to) {
			to->names[count].value = value;
			to->names[count].text = text;
			to->names[count].length = length;
		}
		count++;
	}
	return next_is(&r, ")") ? count : 0;
}

static struct ktap_field *find_field(const struct ktap_tracepoint *t, const char *name, u32 length)
{
	u32 n;

	for (n = 0; n < t->field_count; n++)
		if (!strncmp(t->fields[n].name, name, length) && !t->fields[n].name[length])
			return &t->fields[n];
	return NULL;
}

/* at: behind the call's opening bracket. 0 or -ENOMEM. */
static int read_call(struct ktap_tracepoint *t, const char *at, bool flags, bool wide)
{
	struct reader r = { .at = at };
	const char *name, *delimiter = NULL;
	struct ktap_value_names *names;
	struct ktap_field *f;
	u32 length, delimiter_length = 0;
	int count;

	name = read_field(&r, &length);
	f = name ? find_field(t, name, length) : NULL;
	if (!f || f->form != KTAP_FORM_INTEGER || f->names)
		return 0;
	if (flags) {
		skip(&r, ",");
		delimiter = read_literal(&r, &delimiter_length);
	}
	count = r.at ? read_list(r, NULL) : 0;
	if (!count)
		return 0;
	names = kvzalloc(struct_size(names, names, count), GFP_KERNEL);
	if (!names)
		return -ENOMEM;
	names->delimiter = delimiter;
	names->delimiter_length = delimiter_length;
	names->wide = wide;
	names->count = count;
	read_list(r, names);
	f->names = names;
	f->flags |= KTAP_FIELD_SHOWN;
	t->shown++;
	return 0;
}

int ktap_value_names_read(struct ktap_tracepoint *t)
{
	static const struct {
		const char *call;
		bool flags, wide;
	} calls[] = {
		{ "__print_symbolic(", false, false },
		{ "__print_symbolic_u64(", false, true },
		{ "__print_flags(", true, false },
		{ "__print_flags_u64(", true, true },
	};
	const char *at = t->file->event_call->print_fmt;
	unsigned int n;
	int error = 0;

	while (at && (at = strstr(at, "__print_")) && t->shown < KTAP_EVENT_STRINGS) {
		for (n = 0; n < ARRAY_SIZE(calls); n++)
			if (str_has_prefix(at, calls[n].call))
				error = read_call(t, at + strlen(calls[n].call), calls[n].flags,
						  calls[n].wide);
		if (error)
			return error;
		at += strlen("__print_");
	}
	return 0;
}

void ktap_value_names_free(struct ktap_tracepoint *t)
{
	u32 n;

	for (n = 0; t->fields && n < t->field_count; n++)
		kvfree(t->fields[n].names);
}

static u32 put(char *to, u32 done, u32 limit, const char *text, u32 length)
{
	length = min(length, limit - done);
	memcpy(to + done, text, length);
	return done + length;
}

static long flags_text(const struct ktap_value_names *names, u64 value, char *to, u32 limit)
{
	u32 done = 0, n;
	char rest[24];

	for (n = 0; n < names->count && value; n++) {
		const u64 mask = names->wide ? names->names[n].value :
					       (unsigned long)names->names[n].value;

		if ((value & mask) != mask)
			continue;
		value &= ~mask;
		if (done)
			done = put(to, done, limit, names->delimiter, names->delimiter_length);
		done = put(to, done, limit, names->names[n].text, names->names[n].length);
	}
	if (!done)
		return -ENOENT; /* the number says more */
	if (!value)
		return done;
	done = put(to, done, limit, names->delimiter, names->delimiter_length);
	return put(to, done, limit, rest, scnprintf(rest, sizeof(rest), "0x%llx", value));
}

long ktap_value_name(const struct ktap_field *f, const void *raw, char *to, u32 limit)
{
	const struct ktap_value_names *names = f->names;
	u64 value = ktap_field_integer(f, raw + f->offset), name;
	u32 n;

	if (!names->wide)
		value = (unsigned long)value;
	if (names->delimiter)
		return flags_text(names, value, to, limit);
	for (n = 0; n < names->count; n++) {
		name = names->names[n].value;
		if (value == (names->wide ? name : (unsigned long)name))
			return put(to, 0, limit, names->names[n].text, names->names[n].length);
	}
	return -ENOENT;
}
