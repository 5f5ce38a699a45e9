// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * The floor of all measurements: with bench_bare=1 a bare callback on sys_enter that only counts,
 * without any program.
 */
#include <linux/module.h>
#include <linux/percpu.h>

#include "events_internal.h"

static bool bench_bare;
module_param(bench_bare, bool, 0444);
MODULE_PARM_DESC(bench_bare, "count system calls by a bare callback, for measurements");

static DEFINE_PER_CPU(unsigned long, calls);
static bool registered;

static void count(void *data, struct pt_regs *regs, long number)
{
	this_cpu_inc(calls);
}

int ktap_bench_init(void)
{
	struct tracepoint *enter = ktap_find_tracepoint("sys_enter");
	int error;

	if (!bench_bare)
		return 0;
	if (!enter)
		return -EOPNOTSUPP;
	error = tracepoint_probe_register(enter, count, NULL);
	registered = !error;
	return error;
}

void ktap_bench_exit(void)
{
	unsigned long sum = 0;
	unsigned int cpu;

	if (!registered)
		return;
	tracepoint_probe_unregister(ktap_find_tracepoint("sys_enter"), count, NULL);
	tracepoint_synchronize_unregister();
	for_each_possible_cpu(cpu)
		sum += per_cpu(calls, cpu);
	pr_info("ktapvm: bench_bare: %lu system calls\n", sum);
}
