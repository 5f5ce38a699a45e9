// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Names of events and of their fields for the reader, KTAP_NR_EVENT: only of events that the
 * program is attached to. And probename, which gives the same names to the script.
 */
#include <linux/uaccess.h>

#include "events_functions.h"

/* Where fields go: the caller's array, as far as its capacity reaches. */
struct field_writer {
	struct ktap_ioc_event *io;
	struct ktap_event_field __user *to;
	int error;
};

static void write_field(struct field_writer *w, const char *name, u32 offset, u32 size,
			u32 element, u32 flags)
{
	struct ktap_event_field field = {
		.offset = offset,
		.size = size,
		.element = element,
		.flags = flags,
	};
	u32 index = w->io->field_count++;

	strscpy(field.name, name, sizeof(field.name));
	if (index < w->io->field_capacity && !w->error &&
	    copy_to_user(&w->to[index], &field, sizeof(field)))
		w->error = -EFAULT;
}

/* offset: of the first argument, in the raw entry or, at an exit, behind it. */
static void describe_arguments(struct field_writer *w, u32 slot, u32 offset)
{
	const struct ktap_syscall *call = ktap_syscall_get(slot);
	char name[8];
	u32 n, flags;

	for (n = 0; call && n < call->argument_count; n++) {
		flags = call->types[n].is_signed ? KTAP_FIELD_SIGNED : 0;
		if (call->types[n].pointer)
			flags |= KTAP_FIELD_HEX;
		if (call->types[n].text)
			flags |= KTAP_FIELD_STRING;
		write_field(w, call->arguments[n], offset + n * sizeof(u64), sizeof(u64),
			    sizeof(u64), flags);
	}
	for (n = 0; !call && !offset && n < KTAP_SYSCALL_ARGUMENTS; n++) {
		snprintf(name, sizeof(name), "arg%u", n + 1);
		write_field(w, name, n * sizeof(u64), sizeof(u64), sizeof(u64), KTAP_FIELD_HEX);
	}
}

static bool has_slot(const struct ktap_events *e, u32 slot, bool exit)
{
	u32 n;

	if (slot >= KTAP_SLOTS)
		return false;
	for (n = 0; n < e->syscall_count; n++)
		if (test_bit(slot, exit ? e->syscalls[n].exit : e->syscalls[n].enter))
			return true;
	return false;
}

static bool has_raw(const struct ktap_events *e, bool exit)
{
	u32 n;

	for (n = 0; n < e->syscall_count; n++)
		if (exit ? e->syscalls[n].raw_exit : e->syscalls[n].raw_enter)
			return true;
	return false;
}

static void describe_raw(struct field_writer *w, bool exit)
{
	write_field(w, "id", 0, sizeof(u64), sizeof(u64), KTAP_FIELD_SIGNED);
	if (exit)
		write_field(w, "ret", sizeof(u64), sizeof(u64), sizeof(u64), KTAP_FIELD_SIGNED);
	else
		write_field(w, "args", sizeof(u64), KTAP_SYSCALL_ARGUMENTS * sizeof(u64),
			    sizeof(u64), KTAP_FIELD_ARRAY | KTAP_FIELD_HEX);
}

static void describe_tracepoint(struct field_writer *w, const struct ktap_tracepoint *t)
{
	u32 n;

	for (n = 0; n < t->field_count; n++) {
		const struct ktap_field *f = &t->fields[n];

		write_field(w, f->name, f->offset, f->size, f->element, f->flags);
	}
}

static int describe_function(struct field_writer *w, const struct ktap_functions *f, u32 class,
			     u32 index)
{
	if (class == KTAP_HIT_FTRACE) {
		if (index || !f || !f->tracer_count)
			return -ENOENT;
		w->io->style = KTAP_EVENT_TRACEPOINT;
		strscpy(w->io->system, "ftrace", sizeof(w->io->system));
		strscpy(w->io->name, "function", sizeof(w->io->name));
		write_field(w, "ip", 0, sizeof(u64), sizeof(u64), KTAP_FIELD_STRING);
		write_field(w, "parent_ip", sizeof(u64), sizeof(u64), sizeof(u64), KTAP_FIELD_STRING);
		return w->error;
	}
	if (!f || index >= f->count)
		return -ENOENT;
	w->io->style = class == KTAP_HIT_FUNCTION ? KTAP_EVENT_FUNCTION : KTAP_EVENT_FUNCTION_RETURN;
	strscpy(w->io->system, "probe", sizeof(w->io->system));
	strscpy(w->io->name, f->list[index]->name, sizeof(w->io->name));
	if (class == KTAP_HIT_FUNCTION_RETURN)
		write_field(w, "retval", 0, sizeof(u64), sizeof(u64), KTAP_FIELD_HEX);
	return w->error;
}

static void describe_sample(struct field_writer *w)
{
	u32 n, flags;

	for (n = 0; n < KTAP_SAMPLE_FIELDS; n++) {
		const char *name = ktap_sample_field_name(n, &flags);

		write_field(w, name, n * sizeof(u64), sizeof(u64), sizeof(u64), flags);
	}
}

int ktap_events_describe(struct ktap_instance *i, struct ktap_ioc_event *io)
{
	const struct ktap_events *e = smp_load_acquire(&i->events);
	u32 class = io->id >> KTAP_EVENT_ID_SHIFT, index = io->id & 0xffff;
	struct field_writer w = { .io = io, .to = u64_to_user_ptr(io->fields) };
	bool exit = class == KTAP_HIT_EXIT || class == KTAP_HIT_RAW_EXIT;
	char name[KTAP_EVENT_NAME];

	if (!e)
		return -ENOENT;
	io->field_count = 0;
	memset(io->name, 0, sizeof(io->name));
	memset(io->system, 0, sizeof(io->system));
	switch (class) {
	case KTAP_HIT_ENTER:
	case KTAP_HIT_EXIT:
		if (!has_slot(e, index, exit))
			return -ENOENT;
		io->style = exit ? KTAP_EVENT_SYSCALL_EXIT : KTAP_EVENT_SYSCALL_ENTER;
		strscpy(io->system, "syscalls", sizeof(io->system));
		strscpy(io->name, ktap_syscall_name(index, name), sizeof(io->name));
		if (exit)
			write_field(&w, "ret", 0, sizeof(u64), sizeof(u64),
				    KTAP_FIELD_SIGNED | KTAP_FIELD_HEX);
		describe_arguments(&w, index, exit ? sizeof(u64) : 0);
		return w.error;
	case KTAP_HIT_RAW_ENTER:
	case KTAP_HIT_RAW_EXIT:
		if (index || !has_raw(e, exit))
			return -ENOENT;
		io->style = KTAP_EVENT_TRACEPOINT;
		strscpy(io->system, "raw_syscalls", sizeof(io->system));
		strscpy(io->name, exit ? "sys_exit" : "sys_enter", sizeof(io->name));
		describe_raw(&w, exit);
		return w.error;
	case KTAP_HIT_TRACEPOINT:
		if (index >= e->tracepoint_count)
			return -ENOENT;
		io->style = KTAP_EVENT_TRACEPOINT;
		strscpy(io->system, e->tracepoints[index]->system, sizeof(io->system));
		strscpy(io->name, e->tracepoints[index]->name, sizeof(io->name));
		describe_tracepoint(&w, e->tracepoints[index]);
		return w.error;
	case KTAP_HIT_FUNCTION:
	case KTAP_HIT_FUNCTION_RETURN:
	case KTAP_HIT_FTRACE:
		return describe_function(&w, e->functions, class, index);
	case KTAP_HIT_PERF:
	case KTAP_HIT_PROFILE:
		if (index >= e->sampler_count || e->samplers[index]->class != class)
			return -ENOENT;
		io->style = KTAP_EVENT_TRACEPOINT;
		strscpy(io->system, class == KTAP_HIT_PERF ? "perf" : "profile", sizeof(io->system));
		strscpy(io->name, e->samplers[index]->name, sizeof(io->name));
		describe_sample(&w);
		return w.error;
	}
	return -ENOENT;
}

/* Joins up to three pieces to a string value. */
static u32 join(struct ktap_exec *x, const char *a, const char *b, const char *c,
		struct ktap_value *out)
{
	size_t la = strlen(a), lb = strlen(b), lc = strlen(c);
	struct ktap_string *string = ktap_exec_string(x, la + lb + lc);

	if (!string)
		return KTAP_ERROR_ARENA;
	memcpy(string->bytes, a, la);
	memcpy(string->bytes + la, b, lb);
	memcpy(string->bytes + la + lb, c, lc);
	out->kind = KTAP_KIND_STR;
	out->bits = (unsigned long)string;
	return 0;
}

uint32_t ktap_events_probename(struct ktap_exec *x, const struct ktap_event *event,
			       struct ktap_value *out)
{
	const struct ktap_hit *hit = ktap_hit_of(event);
	const struct ktap_tracepoint *t;
	const struct ktap_syscall *call;
	char name[KTAP_EVENT_NAME];

	switch (hit->class) {
	case KTAP_HIT_ENTER:
	case KTAP_HIT_EXIT:
		call = ktap_syscall_get(hit->slot);
		return join(x, "syscalls:",
			    hit->class == KTAP_HIT_ENTER ? "sys_enter_" : "sys_exit_",
			    call ? call->name : ktap_syscall_name(hit->slot, name), out);
	case KTAP_HIT_RAW_ENTER:
		return join(x, "raw_syscalls:", "sys_enter", "", out);
	case KTAP_HIT_RAW_EXIT:
		return join(x, "raw_syscalls:", "sys_exit", "", out);
	case KTAP_HIT_FUNCTION:
		return join(x, "probe:", hit->function->name, "", out);
	case KTAP_HIT_FUNCTION_RETURN:
		return join(x, "probe:", hit->function->name, "%return", out);
	case KTAP_HIT_FTRACE:
		return join(x, "ftrace:", "function", "", out);
	case KTAP_HIT_PERF:
		return join(x, "perf:", hit->sampler->name, "", out);
	case KTAP_HIT_PROFILE:
		return join(x, hit->sampler->name, "", "", out);
	default:
		t = hit->tracepoint;
		return join(x, t->system, ":", t->name, out);
	}
}
