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

/* ktap_instance_hit() at a level that the caller knows. */
static __always_inline void ktap_instance_hit_at(struct ktap_instance *i, u32 function,
						 struct ktap_event *event, enum ktap_level level)
{
	struct ktap_counters *c;
	enum ktap_counter outcome = KTAP_COUNTER_MISSED;
	struct ktap_slot *slot;
	u64 begin = 0;
	u32 error, untimed;

	if (!ktap_instance_live(i))
		return;
	c = this_cpu_ptr(i->counters);
	if (unlikely(level == KTAP_LEVEL_NMI))
		goto out;
	slot = this_cpu_ptr(&ktap_slots[level]);
	if (unlikely(slot->busy || __this_cpu_read(ktap_locks_held)))
		goto out;
	/* Read once: an interrupt's hit in between must not take it below 0. */
	untimed = READ_ONCE(c->untimed);
	if (likely(untimed)) {
		WRITE_ONCE(c->untimed, untimed - 1);
	} else {
		begin = ktap_share_begin(c);
		if (unlikely(!begin)) {
			outcome = KTAP_COUNTER_THROTTLED;
			goto out;
		}
	}
	slot->busy = true;
	barrier();
	slot->event = event;
	ktap_exec_set_owner(slot->exec, i);
	error = ktap_run(slot->exec, i->program, function, event);
	if (unlikely(error))
		ktap_instance_fail(i, ktap_exec_error(slot->exec));
	outcome = error || ktap_exec_lost(slot->exec) ? KTAP_COUNTER_DROPPED : KTAP_COUNTER_HANDLED;
	barrier();
	slot->busy = false;
	if (unlikely(begin))
		ktap_share_end(c, begin, level);
out:
	ktap_count(&c->level[level], outcome);
}

#endif
