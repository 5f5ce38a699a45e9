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

#include "dispatch.h"
#include "module.h"

DEFINE_PER_CPU(struct ktap_slot[KTAP_LEVEL_RUN], ktap_slots);

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

u64 ktap_share_begin(struct ktap_counters *c)
{
	const u64 now = sched_clock();
	const u32 elapsed = (u32)(now >> KTAP_WINDOW_SHIFT) - c->window;

	if (elapsed >= KTAP_WINDOW)
		ktap_share_refill(c, elapsed);
	if ((unsigned long)local_read(&c->used) >= READ_ONCE(ktap_burst_ns)) {
		WRITE_ONCE(c->untimed, 0);
		return 0;
	}
	WRITE_ONCE(c->untimed, ktap_share_draw(now));
	return now ?: 1;
}

void ktap_share_end(struct ktap_counters *c, u64 begin, enum ktap_level level)
{
	const u32 ns = min_t(u64, sched_clock() - begin, KTAP_SHARE_LONGEST) * KTAP_SHARE_EVERY;

	local_add(ns, &c->used);
	ktap_count_many(&c->level[level], KTAP_COUNTER_NS, ns);
}

#ifndef KTAP_LOCKS_WATCHED
unsigned long ktap_lock_called(ktap_lock_t *lock)
{
	return ktap_lock_inline(lock);
}

void ktap_unlock_called(ktap_lock_t *lock, unsigned long flags)
{
	ktap_unlock_inline(lock, flags);
}

void ktap_lock_inner_called(ktap_lock_t *lock)
{
	arch_spin_lock(lock);
}

void ktap_unlock_inner_called(ktap_lock_t *lock)
{
	arch_spin_unlock(lock);
}
#endif

#ifndef CONFIG_64BIT
void ktap_instance_hit_at(struct ktap_instance *i, u32 function, struct ktap_event *event,
			  enum ktap_level level)
{
	ktap_instance_hit_inline(i, function, event, level);
}
#endif

void ktap_instance_hit(struct ktap_instance *i, u32 function, struct ktap_event *event)
{
	ktap_instance_hit_at(i, function, event, ktap_level());
}

void ktap_instance_miss(struct ktap_instance *i, u64 count)
{
	ktap_count_missed(&this_cpu_ptr(i->counters)->level[ktap_level()], count);
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
