// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * The table of system calls: number, name, names and types of arguments, from the metadata that
 * the kernel keeps for its own system-call events, and from the headers that the module was built
 * with. Made once, when the module is loaded.
 */
#include <trace/syscall.h>

#include "compat/syscalls.h"
#include "events_internal.h"

static struct ktap_syscall table[KTAP_SYSCALLS];

/* Types that are not as wide as a register, or signed. What is not here is an unsigned long. */
static const struct {
	const char *name;
	u8 size;
	bool is_signed;
} scalar_types[] = {
	{ "int", 4, true },
	{ "unsigned int", 4, false },
	{ "unsigned", 4, false },
	{ "long", sizeof(long), true },
	{ "short", 2, true },
	{ "unsigned short", 2, false },
	{ "char", 1, true },
	{ "unsigned char", 1, false },
	{ "u8", 1, false },
	{ "u16", 2, false },
	{ "u32", 4, false },
	{ "__u32", 4, false },
	{ "uint32_t", 4, false },
	{ "s32", 4, true },
	{ "__s32", 4, true },
	{ "int32_t", 4, true },
	{ "ssize_t", sizeof(long), true },
	{ "off_t", sizeof(long), true },
	{ "loff_t", sizeof(long), true },
	{ "pid_t", 4, true },
	{ "uid_t", 4, false },
	{ "gid_t", 4, false },
	{ "qid_t", 4, false },
	{ "old_uid_t", 2, false },
	{ "old_gid_t", 2, false },
	{ "mode_t", 4, false },
	{ "umode_t", 2, false },
	{ "key_t", 4, true },
	{ "key_serial_t", 4, true },
	{ "mqd_t", 4, true },
	{ "timer_t", 4, true },
	{ "clockid_t", 4, true },
	{ "rwf_t", 4, true },
};

static struct ktap_type parse_type(const char *text)
{
	struct ktap_type type = { .size = sizeof(long) };
	bool constant = str_has_prefix(text, "const ");
	const char *base = constant ? text + strlen("const ") : text;
	const char *star = strchr(base, '*');
	unsigned int n;

	if (star) {
		type.pointer = true;
		type.text = constant && str_has_prefix(base, "char ") && !star[1];
		return type;
	}
	for (n = 0; n < ARRAY_SIZE(scalar_types); n++) {
		if (strcmp(base, scalar_types[n].name))
			continue;
		type.size = scalar_types[n].size;
		type.is_signed = scalar_types[n].is_signed;
	}
	return type;
}

void ktap_syscall_add(u32 number, const char *name, unsigned int count, const char *const *types,
		      const char *const *arguments, void *own)
{
	struct ktap_syscall *call = &table[number];
	unsigned int n;

	if (call->name)
		return;
	call->name = name;
	call->argument_count = min_t(unsigned int, count, KTAP_SYSCALL_ARGUMENTS);
	call->arguments = arguments;
	call->own = own;
	for (n = 0; n < call->argument_count; n++) {
		call->types[n] = parse_type(types[n]);
		call->types[n].bounded = call->types[n].text && n + 1 < call->argument_count &&
					 !strcmp(types[n + 1], "size_t");
	}
}

static int visit_call(const struct ktap_call_name *found, void *enter_class)
{
	const struct syscall_metadata *meta = found->copy.data;
	const char *name = found->name;

	if (found->copy.class != enter_class || strcmp(found->system, "syscalls"))
		return 0;
	/* Built into the kernel, so that the pointers stay good; the list's head has no such class. */
	if (meta->enter_event != found->call || !str_has_prefix(name, "sys_enter_"))
		return 0;
	if (meta->syscall_nr < 0 || meta->syscall_nr >= min_t(u32, NR_syscalls, KTAP_SYSCALLS))
		return 0;
	ktap_syscall_add(meta->syscall_nr, meta->enter_event->name + strlen("sys_enter_"), meta->nb_args,
			 (const char *const *)meta->types, (const char *const *)meta->args, NULL);
	return 0;
}

/* System calls whose entry is in assembly or an architecture's wrapper: no metadata. */
static void add_architecture(void)
{
#ifdef CONFIG_ARM
	static const char *const mmap2_types[] = { "unsigned long", "unsigned long",
						   "unsigned long", "unsigned long",
						   "unsigned long", "unsigned long" };
	static const char *const mmap2[] = { "addr", "len", "prot", "flags", "fd", "pgoff" };
	static const char *const statfs64_types[] = { "const char *", "size_t", "struct statfs64 *" };
	static const char *const statfs64[] = { "pathname", "sz", "buf" };
	static const char *const fstatfs64_types[] = { "unsigned int", "size_t",
						       "struct statfs64 *" };
	static const char *const fstatfs64[] = { "fd", "sz", "buf" };

	ktap_syscall_add(__NR_mmap2, "mmap2", 6, mmap2_types, mmap2, NULL);
	ktap_syscall_add(__NR_statfs64, "statfs64", 3, statfs64_types, statfs64, NULL);
	table[__NR_statfs64].types[0].bounded = false;
	ktap_syscall_add(__NR_fstatfs64, "fstatfs64", 3, fstatfs64_types, fstatfs64, NULL);
	ktap_syscall_add(__NR_sigreturn, "sigreturn", 0, NULL, NULL, NULL);
	ktap_syscall_add(__NR_rt_sigreturn, "rt_sigreturn", 0, NULL, NULL, NULL);
#endif
}

static int add_metadata(void)
{
	struct trace_event_file *file = trace_get_event_file(NULL, "syscalls", "sys_enter_close");
	unsigned int tries;
	int error = -EAGAIN;

	if (IS_ERR(file)) {
		pr_notice("ktapvm: this kernel keeps no metadata of its system calls\n");
		return 0;
	}
	for (tries = 0; error == -EAGAIN && tries < 10; tries++)
		error = ktap_calls_walk(visit_call, file->event_call->class);
	trace_put_event_file(file);
	return error;
}

int __init ktap_syscalls_init(void)
{
	int error = 0;

	BUILD_BUG_ON(NR_syscalls > KTAP_SYSCALLS);
	if (!ktap_call_table_only)
		error = add_metadata();
	if (!error) {
		add_architecture();
		error = ktap_call_table_add();
	}
	return error;
}

void ktap_syscalls_exit(void)
{
	u32 number;

	for (number = 0; number < KTAP_SYSCALLS; number++)
		kfree(table[number].own);
}

const struct ktap_syscall *ktap_syscall_get(u32 slot)
{
	return slot < KTAP_SYSCALLS && table[slot].name ? &table[slot] : NULL;
}

const char *ktap_syscall_name(u32 slot, char text[KTAP_EVENT_NAME])
{
	const struct ktap_syscall *call = ktap_syscall_get(slot);

	if (call)
		strscpy(text, call->name, KTAP_EVENT_NAME);
	else if (slot < KTAP_SYSCALLS)
		snprintf(text, KTAP_EVENT_NAME, "%u", slot);
	else
		snprintf(text, KTAP_EVENT_NAME, "compat_%u", slot - KTAP_SYSCALLS);
	return text;
}

bool ktap_syscall_exists(u32 slot)
{
	return slot < NR_syscalls ||
	       (KTAP_HAS_FOREIGN_CALLS && slot >= KTAP_SYSCALLS && slot < KTAP_SLOTS);
}
