// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * System calls by raw dispatch: one callback on each of the kernel's raw tracepoints sys_enter and
 * sys_exit for an instance, however many system calls its probes are for; a bitmap by
 * number says which handler a call is for.
 */
#include "compat/syscalls.h"
#include "dispatch.h"
#include "events_internal.h"

static struct tracepoint *enter_tracepoint, *exit_tracepoint;

static __always_inline u32 slot_of(long number)
{
	bool foreign = KTAP_HAS_FOREIGN_CALLS && ktap_foreign_call(&number);
	unsigned long n = number;

	if (unlikely(foreign))
		return n < KTAP_SYSCALLS ? KTAP_SYSCALLS + n : KTAP_SLOT_NONE;
	return n < NR_syscalls ? n : KTAP_SLOT_NONE;
}

/* Delivers a hit once for each of `classes`, a bit for each enum ktap_hit_class. */
static __always_inline void deliver(struct ktap_hit *hit, u32 function, unsigned long classes)
{
	while (classes) {
		hit->class = __ffs(classes);
		classes &= classes - 1;
		hit->capture_size = 0;
		ktap_instance_hit_at(hit->events->instance, function, &hit->event, KTAP_LEVEL_TASK);
	}
}

static __always_inline void enter(struct ktap_events *e, struct pt_regs *regs, long number)
{
	struct ktap_hit hit KTAP_UNINITIALIZED;
	const struct ktap_syscall_probe *p = e->syscalls, *end = p + e->syscall_count;

	hit.events = e;
	hit.slot = slot_of(number);
	hit.number = number;
	hit.result = 0;
	hit.regs = regs;
	for (; p != end; p++)
		deliver(&hit, p->function,
			(unsigned long)test_bit(hit.slot, p->enter) << KTAP_HIT_ENTER |
				(unsigned long)p->raw_enter << KTAP_HIT_RAW_ENTER);
}

static __always_inline void leave(struct ktap_events *e, struct pt_regs *regs, long result)
{
	struct ktap_hit hit KTAP_UNINITIALIZED;
	const struct ktap_syscall_probe *p = e->syscalls, *end = p + e->syscall_count;

	hit.events = e;
	hit.number = syscall_get_nr(current, regs);
	hit.slot = slot_of(hit.number);
	hit.result = result;
	hit.regs = regs;
	for (; p != end; p++)
		deliver(&hit, p->function,
			(unsigned long)test_bit(hit.slot, p->exit) << KTAP_HIT_EXIT |
				(unsigned long)p->raw_exit << KTAP_HIT_RAW_EXIT);
}

/* Whether events are let in at all is looked at in ktap_instance_hit(). */
static void on_enter(void *data, struct pt_regs *regs, long number)
{
	struct ktap_events *e = data;

	ktap_syscall_callback_begin();
	if (ktap_filter_pass(&e->filter))
		enter(e, regs, number);
	ktap_syscall_callback_end();
}

static void on_exit(void *data, struct pt_regs *regs, long result)
{
	struct ktap_events *e = data;

	ktap_syscall_callback_begin();
	if (ktap_filter_pass(&e->filter))
		leave(e, regs, result);
	ktap_syscall_callback_end();
}

int ktap_raw_init(void)
{
	enter_tracepoint = ktap_find_tracepoint("sys_enter");
	exit_tracepoint = ktap_find_tracepoint("sys_exit");
	return enter_tracepoint && exit_tracepoint ? 0 : -EOPNOTSUPP;
}

const struct tracepoint *ktap_raw_tracepoint(enum ktap_hit_class class)
{
	return class == KTAP_HIT_ENTER || class == KTAP_HIT_RAW_ENTER ? enter_tracepoint :
									exit_tracepoint;
}

/* Sets the slots whose event (prefix and name) matches. The number of those with a name. */
static unsigned int match_slots(unsigned long *slots, const char *prefix, const char *pattern)
{
	unsigned int named = 0, nameless = 0;
	char event[KTAP_EVENT_NAME + 16], name[KTAP_EVENT_NAME];
	u32 slot;

	for (slot = 0; slot < KTAP_SLOTS; slot++) {
		if (!ktap_syscall_exists(slot))
			continue;
		snprintf(event, sizeof(event), "%s%s", prefix, ktap_syscall_name(slot, name));
		if (!ktap_glob(pattern, event))
			continue;
		__set_bit(slot, slots);
		if (ktap_syscall_get(slot))
			named++;
		else
			nameless++;
	}
	return named ?: nameless;
}

int ktap_raw_match(struct ktap_syscall_probe *probe, const char *system, const char *event)
{
	int count = 0;

	if (ktap_glob(system, "raw_syscalls")) {
		probe->raw_enter = ktap_glob(event, "sys_enter");
		probe->raw_exit = ktap_glob(event, "sys_exit");
		count += probe->raw_enter + probe->raw_exit;
	}
	if (ktap_glob(system, "syscalls")) {
		count += match_slots(probe->enter, "sys_enter_", event);
		count += match_slots(probe->exit, "sys_exit_", event);
	}
	return count;
}

void ktap_raw_suggest(struct ktap_suggestion *s)
{
	char event[2 * KTAP_EVENT_NAME];
	u32 slot;

	for (slot = 0; slot < KTAP_SYSCALLS; slot++) {
		const struct ktap_syscall *call = ktap_syscall_get(slot);

		if (!call)
			continue;
		snprintf(event, sizeof(event), "syscalls:sys_enter_%s", call->name);
		ktap_suggestion_offer(s, event);
		snprintf(event, sizeof(event), "syscalls:sys_exit_%s", call->name);
		ktap_suggestion_offer(s, event);
	}
}

int ktap_raw_register(struct ktap_events *e, struct ktap_message *m)
{
	bool enter = false, exit = false;
	int error = 0;
	u32 n;

	for (n = 0; n < e->syscall_count; n++) {
		const struct ktap_syscall_probe *p = &e->syscalls[n];

		enter |= p->raw_enter || !bitmap_empty(p->enter, KTAP_SLOTS);
		exit |= p->raw_exit || !bitmap_empty(p->exit, KTAP_SLOTS);
	}
	if (enter) {
		error = tracepoint_probe_register(enter_tracepoint, on_enter, e);
		e->on_enter = !error;
	}
	if (exit && !error) {
		error = tracepoint_probe_register(exit_tracepoint, on_exit, e);
		e->on_exit = !error;
	}
	return error ? ktap_complain(m, error, "cannot attach to system calls: error %d", -error) :
		       0;
}

void ktap_raw_unregister(struct ktap_events *e)
{
	if (e->on_enter)
		tracepoint_probe_unregister(enter_tracepoint, on_enter, e);
	if (e->on_exit)
		tracepoint_probe_unregister(exit_tracepoint, on_exit, e);
	e->on_enter = false;
	e->on_exit = false;
}
