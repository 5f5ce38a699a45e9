// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * From a probe into the machine: every CPU has one execution context for each context level (task,
 * softirq, hardirq), shared by all programs. A hit at a level that is already in a program is
 * missed, be it that program's or another's.
 */
#include <linux/cpumask.h>
#include <linux/percpu.h>
#include <linux/sched/clock.h>

#include "instance.h"
#include "module.h"

struct ktap_slot {
	struct ktap_exec *exec;
	bool busy;
};

static DEFINE_PER_CPU(struct ktap_slot[KTAP_LEVEL_RUN], ktap_slots);

/* The share is kept over windows of 2^20 ns units: one shift makes a 32-bit time. */
#define KTAP_WINDOW_SHIFT 20
#define KTAP_WINDOW ((u32)(KTAP_SHARE_WINDOW_MS * 1000000ull >> KTAP_WINDOW_SHIFT))

static bool ktap_throttled(struct ktap_counters *c, u64 now)
{
	u32 time = now >> KTAP_WINDOW_SHIFT;

	if (time - c->window >= KTAP_WINDOW) {
		c->window = time;
		local_set(&c->used, 0);
	}
	return (unsigned long)local_read(&c->used) >= READ_ONCE(ktap_share_ns);
}

void ktap_instance_hit(struct ktap_instance *i, u32 function, struct ktap_event *event)
{
	const enum ktap_level level = ktap_level();
	struct ktap_counters *c = this_cpu_ptr(i->counters);
	struct ktap_level_counters *counts = &c->level[level];
	enum ktap_counter outcome = KTAP_COUNTER_MISSED;
	struct ktap_slot *slot;
	u64 begin;
	u32 error;

	if (!ktap_instance_live(i))
		return;
	ktap_count(counts, KTAP_COUNTER_HITS);
	if (unlikely(level == KTAP_LEVEL_NMI))
		goto out;
	slot = this_cpu_ptr(&ktap_slots[level]);
	if (unlikely(slot->busy))
		goto out;
	begin = sched_clock();
	if (unlikely(ktap_throttled(c, begin))) {
		outcome = KTAP_COUNTER_THROTTLED;
		goto out;
	}
	slot->busy = true;
	barrier();
	if (event)
		event->home = &ktap_kernel_home;
	ktap_exec_set_owner(slot->exec, i);
	error = ktap_run(slot->exec, i->program, function, event);
	if (unlikely(error))
		ktap_instance_fail(i, ktap_exec_error(slot->exec));
	outcome = error || ktap_exec_lost(slot->exec) ? KTAP_COUNTER_DROPPED : KTAP_COUNTER_HANDLED;
	barrier();
	slot->busy = false;
	local_add((long)(sched_clock() - begin), &c->used);
out:
	ktap_count(counts, outcome);
}

int __init ktap_dispatch_init(void)
{
	unsigned int cpu, level;

	for_each_possible_cpu(cpu)
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

	for_each_possible_cpu(cpu)
		for (level = 0; level < KTAP_LEVEL_RUN; level++)
			if (per_cpu(ktap_slots, cpu)[level].exec)
				ktap_exec_free(per_cpu(ktap_slots, cpu)[level].exec);
}
