// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * The counters of perf: one perf event on every CPU, and a sample whenever it has counted a period.
 *
 * CPUs that go take their perf events out of action; a worker makes new ones when they come back, since
 * making one needs locks that are held while a CPU comes.
 */
#include <linux/cpu.h>
#include <linux/irq_work.h>
#include <linux/moduleparam.h>
#include <linux/ptrace.h>

#include "compat/perf.h"
#include "events_internal.h"
#include "library.h"
#include "module.h"

/* What a sampler has of each CPU. */
struct ktap_counter_cpu {
	struct perf_event *event;
	bool stale; /* the CPU went and came: the event does nothing any more */

	/* The way out of NMI: what was there is kept for the irq_work that runs the handler. */
	struct irq_work work;
	struct ktap_sampler *sampler;
	bool full;
	struct task_struct *task; /* compared only, not held */
	struct pt_regs regs;
	struct ktap_sample sample;
	u64 frames[KTAP_STACK_ROOM];
};

static bool defer;
module_param_named(perf_defer, defer, bool, 0644);
MODULE_PARM_DESC(perf_defer,
		 "have all samples of perf take the way of those that arrive in NMI, for tests (default: 0)");

/* Any context. A slot that is in use loses the sample. */
static void keep(struct ktap_sampler *s, struct pt_regs *regs, const struct ktap_sample *sample)
{
	struct ktap_counter_cpu *c = this_cpu_ptr(s->counters);

	if (READ_ONCE(c->full)) {
		ktap_instance_miss(s->events->instance, 1);
		return;
	}
	c->regs = *regs;
	c->sample = *sample;
	c->sample.frames = c->frames;
	/* By the time that the work runs, the place may have been left. */
	c->sample.frame_count =
		sample->user ? 0 : ktap_stack_from(regs, c->frames);
	c->task = current;
	barrier();
	WRITE_ONCE(c->full, true);
	irq_work_queue(&c->work);
}

static void deliver_kept(struct irq_work *work)
{
	struct ktap_counter_cpu *c = container_of(work, struct ktap_counter_cpu, work);
	struct ktap_instance *i = c->sampler->events->instance;

	/* What a script may ask of the task is asked of the current one. */
	if (likely(c->task == current))
		ktap_sample_deliver(c->sampler, &c->regs, &c->sample);
	else if (ktap_instance_live(i))
		ktap_instance_miss(i, 1);
	barrier();
	WRITE_ONCE(c->full, false);
}

static void on_overflow(struct perf_event *event, struct perf_sample_data *data,
			struct pt_regs *regs)
{
	struct ktap_sampler *s = event->overflow_handler_context;
	struct ktap_sample sample = {
		.ip = instruction_pointer(regs),
		.period = data->period,
		.address = ktap_sample_address(data),
		.user = user_mode(regs),
	};

	if (!ktap_instance_live(s->events->instance) || !ktap_filter_pass(&s->events->filter))
		return;
	if (unlikely(in_nmi() || READ_ONCE(defer)))
		keep(s, regs, &sample);
	else
		ktap_sample_deliver(s, regs, &sample);
}

static int open_counter(struct ktap_sampler *s, unsigned int cpu)
{
	struct ktap_counter_cpu *c = per_cpu_ptr(s->counters, cpu);
	struct perf_event_attr attr = {
		.type = s->type,
		.config = s->config,
		.size = sizeof(attr),
		.sample_period = s->period,
		.pinned = 1, /* always counting, or not at all */
		/* The clock of a CPU's tasks; idling is none. */
		.exclude_idle = s->type == PERF_TYPE_SOFTWARE &&
				s->config == PERF_COUNT_SW_TASK_CLOCK,
	};
	struct perf_event *event;

	event = perf_event_create_kernel_counter(&attr, cpu, NULL, on_overflow, s);
	if (IS_ERR(event))
		return PTR_ERR(event);
	if (event->state == PERF_EVENT_STATE_ERROR) {
		perf_event_release_kernel(event);
		return -EBUSY;
	}
	c->stale = false;
	c->event = event;
	return 0;
}

static void close_counter(struct ktap_sampler *s, unsigned int cpu)
{
	struct ktap_counter_cpu *c = per_cpu_ptr(s->counters, cpu);

	if (c->event)
		perf_event_release_kernel(c->event);
	c->event = NULL;
}

static void renew(struct work_struct *work)
{
	struct ktap_sampler *s = container_of(work, struct ktap_sampler, renew);
	unsigned int cpu;
	int error;

	for_each_online_cpu (cpu) {
		struct ktap_counter_cpu *c = per_cpu_ptr(s->counters, cpu);

		if (c->event && !READ_ONCE(c->stale))
			continue;
		close_counter(s, cpu);
		error = open_counter(s, cpu);
		if (error && error != -ENODEV)
			pr_warn("ktapvm: perf:%s does not count on CPU %u: error %d\n", s->name,
				cpu, -error);
	}
}

void ktap_counter_cpu_comes(struct ktap_sampler *s, unsigned int cpu)
{
	struct ktap_counter_cpu *c = per_cpu_ptr(s->counters, cpu);

	/* Being told of the CPUs begins with those that are there, and have just got theirs. */
	if (!READ_ONCE(s->active) && c->event)
		return;
	WRITE_ONCE(c->stale, true);
	queue_work(ktap_workers, &s->renew);
}

static int complain_open(const struct ktap_sampler *s, int error, struct ktap_message *m)
{
	int length = strcspn(s->name, "@");

	if (error == -EBUSY)
		return ktap_complain(m, error, "perf:%s: all of this board's counters are in use",
				     s->name);
	if (s->type != PERF_TYPE_SOFTWARE)
		return ktap_complain(m, -EOPNOTSUPP,
				     "this board has no counter of %.*s; the software ones (cpu-clock, page-faults, ...) work",
				     length, s->name);
	return ktap_complain(m, error, "perf:%s cannot be counted: error %d", s->name, -error);
}

int ktap_counter_register(struct ktap_sampler *s, struct ktap_message *m)
{
	unsigned int cpu;
	int error;

	INIT_WORK(&s->renew, renew);
	s->counters = alloc_percpu(struct ktap_counter_cpu);
	if (!s->counters)
		return ktap_complain(m, -ENOMEM, "out of memory");
	for_each_possible_cpu (cpu) {
		struct ktap_counter_cpu *c = per_cpu_ptr(s->counters, cpu);

		c->sampler = s;
		c->work = IRQ_WORK_INIT_HARD(deliver_kept);
	}
	for_each_online_cpu (cpu) {
		error = open_counter(s, cpu);
		if (error && error != -ENODEV) /* that CPU has just gone */
			return complain_open(s, error, m);
	}
	return 0;
}

void ktap_counter_unregister(struct ktap_sampler *s)
{
	unsigned int cpu;

	if (!s->counters)
		return;
	cancel_work_sync(&s->renew);
	for_each_possible_cpu (cpu)
		close_counter(s, cpu);
}

void ktap_counter_free(struct ktap_sampler *s)
{
	unsigned int cpu;

	if (!s->counters)
		return;
	for_each_possible_cpu (cpu)
		irq_work_sync(&per_cpu_ptr(s->counters, cpu)->work);
	free_percpu(s->counters);
}
