// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * From a probe into the machine: every CPU has one execution context for each context level (task,
 * softirq, hardirq), shared by all programs. A hit at a level that is already in a program is
 * missed, be it that program's or another's.
 */
#include <linux/cpumask.h>
#include <linux/hash.h>
#include <linux/percpu.h>
#include <linux/sched/clock.h>

#include "instance.h"
#include "module.h"
#include "vm/port.h" /* ktap_locks_held */

struct ktap_slot {
	struct ktap_exec *exec;
	const struct ktap_event *event; /* that is being handled */
	bool busy;
};

static DEFINE_PER_CPU(struct ktap_slot[KTAP_LEVEL_RUN], ktap_slots);

DEFINE_PER_CPU(unsigned int, ktap_locks_held);

/*
 * The share is a bucket: each window of 2^20 ns units (one shift makes a 32-bit time) gives back a
 * window's share of what was used. A program that was idle, or has just begun, may so use several
 * windows' share at once: a short command is traced without a gap, while nothing
 * uses more than the share for longer.
 */
#define KTAP_WINDOW_SHIFT 20
#define KTAP_WINDOW ((u32)(KTAP_SHARE_WINDOW_MS * 1000000ull >> KTAP_WINDOW_SHIFT))

/*
 * Only one hit of so many on average is timed, for all of them, and looks at the account: reading the
 * clock twice costs as much as a small handler.
 */
#define KTAP_SHARE_EVERY 7
#define KTAP_SHARE_LONGEST (100 * NSEC_PER_MSEC) /* counted for one hit: no overflow in 32 bits */

static void ktap_share_refill(struct ktap_counters *c, u32 elapsed)
{
	const u32 windows = elapsed / KTAP_WINDOW;
	const unsigned long share = READ_ONCE(ktap_share_ns);
	const unsigned long used = local_read(&c->used);

	c->window += windows * KTAP_WINDOW;
	if (windows >= KTAP_SHARE_BURST || used <= windows * share)
		local_set(&c->used, 0);
	else
		local_sub((long)(windows * share), &c->used);
}

/* 0 .. 12, 6 on average, by lot: no handler escapes the clock by the rhythm of the events. */
static u32 ktap_share_draw(u64 now)
{
	return (u64)hash_32((u32)now, 32) * (2 * KTAP_SHARE_EVERY - 1) >> 32;
}

static bool ktap_share_timed(struct ktap_counters *c)
{
	/* Read once: an interrupt's hit in between must not take it below 0. */
	const u32 untimed = READ_ONCE(c->untimed);

	if (likely(untimed))
		WRITE_ONCE(c->untimed, untimed - 1);
	return !untimed;
}

static void ktap_share_use(struct ktap_counters *c, u64 ns)
{
	local_add((long)min_t(u64, ns, KTAP_SHARE_LONGEST) * KTAP_SHARE_EVERY, &c->used);
}

static bool ktap_throttled(struct ktap_counters *c, u64 now)
{
	const u32 elapsed = (u32)(now >> KTAP_WINDOW_SHIFT) - c->window;

	if (elapsed >= KTAP_WINDOW)
		ktap_share_refill(c, elapsed);
	return (unsigned long)local_read(&c->used) >= READ_ONCE(ktap_burst_ns);
}

void ktap_instance_hit(struct ktap_instance *i, u32 function, struct ktap_event *event)
{
	const enum ktap_level level = ktap_level();
	struct ktap_counters *c = this_cpu_ptr(i->counters);
	struct ktap_level_counters *counts = &c->level[level];
	enum ktap_counter outcome = KTAP_COUNTER_MISSED;
	struct ktap_slot *slot;
	u64 begin = 0;
	bool timed;
	u32 error;

	if (!ktap_instance_live(i))
		return;
	ktap_count(counts, KTAP_COUNTER_HITS);
	if (unlikely(level == KTAP_LEVEL_NMI))
		goto out;
	slot = this_cpu_ptr(&ktap_slots[level]);
	if (unlikely(slot->busy || __this_cpu_read(ktap_locks_held)))
		goto out;
	timed = ktap_share_timed(c);
	if (unlikely(timed)) {
		begin = sched_clock();
		WRITE_ONCE(c->untimed, ktap_share_draw(begin));
		if (unlikely(ktap_throttled(c, begin))) {
			WRITE_ONCE(c->untimed, 0);
			outcome = KTAP_COUNTER_THROTTLED;
			goto out;
		}
	}
	slot->busy = true;
	barrier();
	if (event)
		event->home = &ktap_kernel_home;
	slot->event = event;
	ktap_exec_set_owner(slot->exec, i);
	error = ktap_run(slot->exec, i->program, function, event);
	if (unlikely(error))
		ktap_instance_fail(i, ktap_exec_error(slot->exec));
	outcome = error || ktap_exec_lost(slot->exec) ? KTAP_COUNTER_DROPPED : KTAP_COUNTER_HANDLED;
	barrier();
	slot->busy = false;
	if (unlikely(timed))
		ktap_share_use(c, sched_clock() - begin);
out:
	ktap_count(counts, outcome);
}

/* In the thread of a program, which may move to another CPU meanwhile, no slot has its context. */
bool ktap_dispatch_runs(const struct ktap_exec *x)
{
	return raw_cpu_ptr(&ktap_slots[ktap_level()])->exec == x;
}

const struct ktap_event *ktap_dispatch_event(const struct ktap_exec *x)
{
	const struct ktap_slot *slot = raw_cpu_ptr(&ktap_slots[ktap_level()]);

	return slot->exec == x ? slot->event : NULL;
}

int __init ktap_dispatch_init(void)
{
	unsigned int cpu, level;

	for_each_possible_cpu (cpu)
		for (level = 0; level < KTAP_LEVEL_RUN; level++) {
			struct ktap_exec *exec = ktap_exec_new(KTAP_EXEC_PROBE);

			if (!exec) {
				ktap_dispatch_exit();
				return -ENOMEM;
			}
			per_cpu(ktap_slots, cpu)[level].exec = exec;
		}
	return 0;
}

void ktap_dispatch_exit(void)
{
	unsigned int cpu, level;

	for_each_possible_cpu (cpu)
		for (level = 0; level < KTAP_LEVEL_RUN; level++)
			if (per_cpu(ktap_slots, cpu)[level].exec)
				ktap_exec_free(per_cpu(ktap_slots, cpu)[level].exec);
}
