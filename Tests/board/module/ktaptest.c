// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * A source of known events for the board tests. Written to a parameter in /sys/module/ktaptest/parameters,
 * a number N makes N events; the write returns when all have been made.
 *   forms       each event with a field of every form, in the caller's context
 *   levels      `level` from the task, from a soft and from a hard interrupt, one after the other
 *   everywhere  `first` and `second` on every CPU at once
 */
#include <linux/cpu.h>
#include <linux/hrtimer.h>
#include <linux/interrupt.h>
#include <linux/irq_work.h>
#include <linux/kthread.h>
#include <linux/module.h>
#include <linux/completion.h>

enum ktaptest_colour { KTAPTEST_RED = 1, KTAPTEST_GREEN, KTAPTEST_BLUE };

#define CREATE_TRACE_POINTS
#include "ktaptest_trace.h"

static void fire_forms(unsigned int n)
{
	char text[24];

	snprintf(text, sizeof(text), "text %u", n);
	trace_integers(n);
	trace_gaps(n);
	trace_texts(n, text, NULL);
#if LINUX_VERSION_CODE >= KERNEL_VERSION(5, 17, 0)
	trace_relative(n, text);
#endif
	trace_arrays(n);
	trace_dynamic(n);
	trace_names(n);
	trace_first(n);
	trace_second(n);
}

static DECLARE_COMPLETION(fired);
static unsigned int interrupt_n;

static void fire_soft(unsigned long unused)
{
	trace_level(1, interrupt_n);
	complete(&fired);
}

static void fire_hard(struct irq_work *work)
{
	trace_level(2, interrupt_n);
	complete(&fired);
}

static DECLARE_TASKLET_OLD(soft, fire_soft);
static struct irq_work hard;

static void fire_levels(unsigned int n)
{
	interrupt_n = n;
	trace_level(0, n);
	tasklet_schedule(&soft);
	wait_for_completion(&fired);
	irq_work_queue(&hard);
	wait_for_completion(&fired);
}

static int fire_thread(void *count)
{
	unsigned int n;

	for (n = 0; n < (unsigned long)count; n++) {
		trace_first(n);
		trace_second(n);
		cond_resched();
	}
	complete(&fired);
	return 0;
}

static int fire_everywhere(unsigned int count)
{
	unsigned int cpu, started = 0, n;

	cpus_read_lock();
	for_each_online_cpu(cpu) {
		struct task_struct *thread = kthread_create(fire_thread,
							    (void *)(unsigned long)count,
							    "ktaptest/%u", cpu);

		if (IS_ERR(thread))
			continue;
		kthread_bind(thread, cpu);
		wake_up_process(thread);
		started++;
	}
	cpus_read_unlock();
	for (n = 0; n < started; n++)
		wait_for_completion(&fired);
	return started ? 0 : -ENOMEM;
}

static DEFINE_MUTEX(lock);

static int fire(const char *text, const struct kernel_param *kp)
{
	const char *what = kp->arg;
	unsigned int count, n;
	int error = kstrtouint(text, 0, &count);

	if (error)
		return error;
	mutex_lock(&lock);
	if (!strcmp(what, "everywhere"))
		error = fire_everywhere(count);
	else
		for (n = 0; n < count; n++) {
			if (!strcmp(what, "forms"))
				fire_forms(n);
			else
				fire_levels(n);
			cond_resched();
		}
	mutex_unlock(&lock);
	return error;
}

static const struct kernel_param_ops fire_ops = { .set = fire };

module_param_cb(forms, &fire_ops, "forms", 0200);
module_param_cb(levels, &fire_ops, "levels", 0200);
module_param_cb(everywhere, &fire_ops, "everywhere", 0200);

static int __init ktaptest_init(void)
{
	init_irq_work(&hard, fire_hard);
	return 0;
}

static void __exit ktaptest_exit(void)
{
	tasklet_kill(&soft);
	irq_work_sync(&hard);
}

module_init(ktaptest_init);
module_exit(ktaptest_exit);
MODULE_DESCRIPTION("ktap: a source of known events for tests");
MODULE_LICENSE("GPL");
