// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * System calls by the headers that the module was built with: names and arguments of what the kernel itself
 * does not tell, which is every call when it was built without CONFIG_FTRACE_SYSCALLS.
 */
#include <linux/module.h>
#include <linux/unistd.h>

#include "compat/syscalls.h"
#include "events_internal.h"

#include "call_table.h"

bool ktap_call_table_only;
module_param_named(call_table, ktap_call_table_only, bool, 0444);
MODULE_PARM_DESC(call_table, "take the names of system calls from the module's own table even if the kernel "
			     "tells them (default: 0)");

/* A call of the table, kept. */
struct own_call {
	const char *arguments[KTAP_SYSCALL_ARGUMENTS];
	char text[];
};

/* The end of a list of texts: behind the empty one. */
static const char *__init list_end(const char *at)
{
	while (*at)
		at += strlen(at) + 1;
	return at + 1;
}

static int __init add_call(u32 number, const char *text, size_t length)
{
	struct own_call *own = kmalloc(struct_size(own, text, length), GFP_KERNEL);
	const char *types[KTAP_SYSCALL_ARGUMENTS], *at;
	unsigned int count = 0;

	if (!own)
		return -ENOMEM;
	memcpy(own->text, text, length);
	at = own->text + strlen(own->text) + 1;
	while (*at && count < KTAP_SYSCALL_ARGUMENTS) {
		types[count] = at;
		at += strlen(at) + 1;
		own->arguments[count++] = at;
		at += strlen(at) + 1;
	}
	ktap_syscall_add(number, own->text, count, types, own->arguments, own);
	return 0;
}

int __init ktap_call_table_add(void)
{
	const char *text = call_texts, *next;
	unsigned int n;
	int error = 0;

	for (n = 0; n < ARRAY_SIZE(call_numbers) && !error; n++, text = next) {
		next = list_end(text);
		if (call_numbers[n] < min_t(u32, NR_syscalls, KTAP_SYSCALLS) &&
		    !ktap_syscall_get(call_numbers[n]))
			error = add_call(call_numbers[n], text, next - text);
	}
	return error;
}
