// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * The list of events: "system:event", then for each field a tab, its name, a blank and its type, as
 * the kernel's formats say it. System calls stand behind the tracepoints.
 */
#include <linux/sched/signal.h>
#include <linux/seq_file.h>

#include "events_internal.h"

static void list_fields(struct seq_file *seq, const struct trace_event_call *call)
{
	const struct trace_event_fields *f;

	for (f = call->class->fields_array; f && f->type && f->type != TRACE_FUNCTION_TYPE; f++)
		seq_printf(seq, "\t%s %s", f->name, f->type);
}

static int list_event(const struct ktap_call_name *found, void *context)
{
	struct trace_event_file *file;
	struct seq_file *seq = context;

	if (fatal_signal_pending(current))
		return -EINTR;
	cond_resched();
	/* Those of system calls come by another way, those of ftrace itself cannot be traced. */
	if (!(found->copy.flags & TRACE_EVENT_FL_TRACEPOINT) || !strcmp(found->system, "syscalls"))
		return 0;
	file = trace_get_event_file(NULL, found->system, found->name);
	if (IS_ERR(file))
		return 0;
	seq_printf(seq, "%s:%s", found->system, found->name);
	list_fields(seq, file->event_call);
	seq_putc(seq, '\n');
	trace_put_event_file(file);
	return seq_has_overflowed(seq);
}

static const char *type_name(const struct ktap_type *type)
{
	if (type->text)
		return "const char *";
	if (type->pointer)
		return "void *";
	switch (type->size) {
	case 1:
		return type->is_signed ? "s8" : "u8";
	case 2:
		return type->is_signed ? "s16" : "u16";
	case 4:
		return type->is_signed ? "s32" : "u32";
	default:
		return type->is_signed ? "s64" : "u64";
	}
}

static void list_calls(struct seq_file *seq)
{
	u32 slot, n;

	for (slot = 0; slot < KTAP_SYSCALLS && !seq_has_overflowed(seq); slot++) {
		const struct ktap_syscall *call = ktap_syscall_get(slot);

		if (!call)
			continue;
		seq_printf(seq, "syscalls:sys_enter_%s", call->name);
		for (n = 0; n < call->argument_count; n++)
			seq_printf(seq, "\t%s %s", call->arguments[n], type_name(&call->types[n]));
		seq_printf(seq, "\nsyscalls:sys_exit_%s\tret long\n", call->name);
	}
}

int ktap_events_list(struct seq_file *seq)
{
	int result = ktap_calls_walk(list_event, seq);

	if (result < 0)
		return result;
	/* 1: there is more than fits; seq_file comes again with more room. */
	if (!result)
		list_calls(seq);
	return 0;
}
