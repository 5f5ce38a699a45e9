// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Names of events: globs, suggestions for misspelt ones, and the walk over the kernel's list.
 *
 * The head of that list and its locks are not exported. The walk starts at an event that it
 * holds and copies every node with reads that cannot fault, so that neither the head (which is no
 * event) nor a module that goes meanwhile can hurt. Nothing found here is trusted: before
 * an event is used, trace_get_event_file() must give the same one for its name, which
 * also holds its module.
 */
#include <linux/ctype.h>
#include <linux/uaccess.h>

#include "events_internal.h"

#define WALK_LIMIT 65536u /* nodes: event ids have 16 bits */
#define WORST_DISTANCE 1000u

bool ktap_glob(const char *pattern, const char *name)
{
	const char *retry_pattern = NULL, *retry_name = NULL;

	for (;;) {
		if (*pattern == '*') {
			retry_pattern = ++pattern;
			retry_name = name;
		} else if (*name && (*pattern == '?' || *pattern == *name)) {
			pattern++;
			name++;
		} else if (!*name && !*pattern) {
			return true;
		} else if (retry_pattern && *retry_name) {
			pattern = retry_pattern;
			name = ++retry_name;
		} else {
			return false;
		}
	}
}

void ktap_suggestion_init(struct ktap_suggestion *s, const char *wanted)
{
	s->wanted = wanted;
	s->distance = WORST_DISTANCE;
	s->best[0] = '\0';
}

/* Edits (insert, delete, replace, swap of neighbours counted as two) between two names. */
static unsigned int edit_distance(const char *a, const char *b)
{
	u8 row[2 * KTAP_EVENT_NAME + 1];
	size_t n = strnlen(b, sizeof(row)), i, j;

	if (n >= sizeof(row) || strnlen(a, sizeof(row)) >= sizeof(row))
		return WORST_DISTANCE;
	for (j = 0; j <= n; j++)
		row[j] = j;
	for (i = 0; a[i]; i++) {
		u8 diagonal = row[0];

		row[0] = i + 1;
		for (j = 0; j < n; j++) {
			u8 replace = diagonal + (a[i] != b[j]);

			diagonal = row[j + 1];
			row[j + 1] = min3(replace, (u8)(row[j] + 1), (u8)(diagonal + 1));
		}
	}
	return row[n];
}

void ktap_suggestion_offer(struct ktap_suggestion *s, const char *name)
{
	unsigned int distance = edit_distance(s->wanted, name);

	/* More than a third of the letters wrong is another word. */
	if (distance >= s->distance || 3 * distance > strlen(s->wanted) + 2)
		return;
	s->distance = distance;
	strscpy(s->best, name, sizeof(s->best));
}

const char *ktap_suggestion_text(const struct ktap_suggestion *s, char *text, size_t size)
{
	text[0] = '\0';
	if (s->best[0])
		snprintf(text, size, "; did you mean '%s'?", s->best);
	return text;
}

static bool read_name(char *to, const void *from)
{
	const char *c;

	if (ktap_kernel_string(to, from, KTAP_EVENT_NAME) <= 0)
		return false;
	for (c = to; *c; c++)
		if (!isalnum(*c) && *c != '_' && *c != '-' && *c != '.')
			return false;
	return true;
}

/* Fills the names from found->copy; false when this is no event. */
static bool read_names(struct ktap_call_name *found)
{
	const void *system, *name = found->copy.name;

	/* struct trace_event_class and struct tracepoint begin with the address of their name. */
	if (copy_from_kernel_nofault(&system, &found->copy.class->system, sizeof(system)))
		return false;
	if ((found->copy.flags & TRACE_EVENT_FL_TRACEPOINT) &&
	    copy_from_kernel_nofault(&name, &found->copy.tp->name, sizeof(name)))
		return false;
	return read_name(found->system, system) && read_name(found->name, name);
}

static struct trace_event_file *walk_start(void)
{
	struct trace_event_file *file = trace_get_event_file(NULL, "sched", "sched_switch");

	if (IS_ERR(file))
		file = trace_get_event_file(NULL, "raw_syscalls", "sys_enter");
	return file;
}

int ktap_calls_walk(int (*visit)(const struct ktap_call_name *name, void *context), void *context)
{
	struct trace_event_file *start = walk_start();
	struct ktap_call_name *found;
	struct list_head *node, *back;
	unsigned int n;
	int result = 0;

	if (IS_ERR(start))
		return -EOPNOTSUPP;
	found = kmalloc(sizeof(*found), GFP_KERNEL);
	if (!found) {
		trace_put_event_file(start);
		return -ENOMEM;
	}
	node = &start->event_call->list;
	for (n = 0; n < WALK_LIMIT && !result; n++) {
		found->call = list_entry(node, struct trace_event_call, list);
		if (!copy_from_kernel_nofault(&found->copy, found->call, sizeof(found->copy))) {
			if (read_names(found))
				result = visit(found, context);
		} else if (copy_from_kernel_nofault(&found->copy.list, node, sizeof(*node))) {
			result = -EAGAIN; /* its module has gone */
		}
		if (result)
			break;
		back = node;
		node = found->copy.list.next;
		if (node == &start->event_call->list)
			break;
		if (copy_from_kernel_nofault(&found->copy.list, node, sizeof(*node)) ||
		    found->copy.list.prev != back)
			result = -EAGAIN;
	}
	trace_put_event_file(start);
	kfree(found);
	return n == WALK_LIMIT ? -EAGAIN : result;
}
