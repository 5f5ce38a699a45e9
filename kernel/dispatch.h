/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The way from a probe into the machine, for callbacks that run so often and do so little that a
 * call would tell: as part of the callback of system calls, whose level is known, it takes 20
 * instructions less. All others call ktap_instance_hit().
 */
#ifndef KTAP_DISPATCH_H
#define KTAP_DISPATCH_H

#include "instance.h"
#include "vm/port.h" /* ktap_locks_held */

struct ktap_slot {
	struct ktap_exec *exec;
	const struct ktap_event *event; /* that is being handled */
	bool busy;
};

DECLARE_PER_CPU(struct ktap_slot[KTAP_LEVEL_RUN], ktap_slots);

/* Begins a hit that is timed: the time, or 0 when the share is used up. */
u64 ktap_share_begin(struct ktap_counters *c);
/* Ends it: charges the account. */
void ktap_share_end(struct ktap_counters *c, u64 begin, enum ktap_level level);

/*
 * ktap_instance_hit() at a level that the caller knows. Whatever the kernel has a function for, and be it
 * the clock, is called and counted only while the level is taken: that function may be an event too.
 */
static __always_inline void ktap_instance_hit_inline(struct ktap_instance *i, u32 function,
						     struct ktap_event *event, enum ktap_level level)
{
	struct ktap_counters *c;
	enum ktap_counter outcome = KTAP_COUNTER_THROTTLED;
	struct ktap_slot *slot;
	u64 begin = 0;
	u32 error, untimed;

	if (!ktap_instance_live(i))
		return;
	c = this_cpu_ptr(i->counters);
	if (unlikely(level == KTAP_LEVEL_NMI))
		goto missed;
	slot = this_cpu_ptr(&ktap_slots[level]);
	if (unlikely(slot->busy || __this_cpu_read(ktap_locks_held)))
		goto missed;
	slot->busy = true;
	barrier();
	/* Read once: an interrupt's hit in between must not take it below 0. */
	untimed = READ_ONCE(c->untimed);
	if (likely(untimed)) {
		WRITE_ONCE(c->untimed, untimed - 1);
	} else {
		begin = ktap_share_begin(c);
		if (unlikely(!begin))
			goto out;
	}
	slot->event = event;
	ktap_exec_set_owner(slot->exec, i);
	error = ktap_run(slot->exec, i->program, function, event);
	if (unlikely(error))
		ktap_instance_fail(i, ktap_exec_error(slot->exec));
	outcome = error || ktap_exec_lost(slot->exec) ? KTAP_COUNTER_DROPPED : KTAP_COUNTER_HANDLED;
	if (unlikely(begin))
		ktap_share_end(c, begin, level);
out:
	ktap_count(&c->level[level], outcome);
	barrier();
	slot->busy = false;
	return;
missed:
	ktap_count_missed(&c->level[level], 1);
}

/* ktap_instance_hit() at a level that the caller knows. Inline where memory is not short. */
#ifdef CONFIG_64BIT
#define ktap_instance_hit_at ktap_instance_hit_inline
#else
void ktap_instance_hit_at(struct ktap_instance *i, u32 function, struct ktap_event *event,
			  enum ktap_level level);
#endif

#endif
