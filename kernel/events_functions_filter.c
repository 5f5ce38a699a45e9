// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * The filter of ftrace:function, applied before attaching: "/PATTERN PATTERN | !/" in postfix order, where a
 * pattern is true of the functions whose names it matches.
 */
#include "events_functions.h"

struct filter {
	const char *text;
	unsigned long *sites;
	u32 count;
	u32 room;
};

/* The filter's value for a function. */
static bool passes(const char *text, const char *name)
{
	char pattern[KTAP_EVENT_NAME * 2];
	u32 stack = 0; /* a bit for each value, the last one lowest */
	size_t length;

	for (text++; *text && *text != '/'; text += length) {
		if (*text == ' ') {
			length = 1;
			continue;
		}
		length = strcspn(text, " /");
		if (*text == '!')
			stack ^= 1;
		else if (*text == '&')
			stack = stack >> 2 << 1 | (stack & stack >> 1 & 1);
		else if (*text == '|')
			stack = stack >> 2 << 1 | ((stack | stack >> 1) & 1);
		else {
			strscpy(pattern, text, min(sizeof(pattern), length + 1));
			stack = stack << 1 | ktap_glob(pattern, name);
		}
	}
	return stack & 1;
}

static int visit(const struct ktap_symbol *symbol, void *context)
{
	struct filter *f = context;
	unsigned long site, *sites;

	if (!passes(f->text, symbol->name))
		return 0;
	site = ktap_function_site(symbol->address);
	if (!site)
		return 0;
	if (f->count == f->room) {
		f->room = max(2 * f->room, 256u);
		sites = kvcalloc(f->room, sizeof(*sites), GFP_KERNEL);
		if (!sites)
			return -ENOMEM;
		if (f->count)
			memcpy(sites, f->sites, f->count * sizeof(*sites));
		kvfree(f->sites);
		f->sites = sites;
	}
	f->sites[f->count++] = site;
	return 0;
}

int ktap_tracer_filter(struct ktap_tracer *t, const char *filter, struct ktap_message *m)
{
	struct filter f = { .text = filter };
	int error = ktap_symbols_walk(visit, &f);

	if (error == -EACCES)
		error = ktap_complain(m, -EOPNOTSUPP,
				      "this kernel does not list its functions (/proc/kallsyms, kernel.kptr_restrict)");
	else if (!error && !f.count)
		error = ktap_complain(m, -ENOENT, "no function passes the filter of ftrace:function");
	else if (!error)
		error = ktap_ftrace_filter(&t->ops, f.sites, f.count);
	kvfree(f.sites);
	return error ?: f.count;
}
