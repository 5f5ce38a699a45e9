// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * The thread of a program: top-level code, then the timers while events are let in, then, when
 * everything has stopped, trace_end. It is the one place where script code may wait: for the reader
 * to make room.
 */
#include <linux/hrtimer.h>
#include <linux/kthread.h>
#include <linux/poll.h>
#include <linux/sched/signal.h>
#include <linux/slab.h>
#include <linux/timekeeping.h>

#include "events.h"
#include "instance.h"
#include "module.h"

/* A tick probe and when it is due, by the monotonic clock. */
struct ktap_tick {
	u32 function;
	u64 interval;
	u64 due;
};

struct ktap_ticks {
	struct ktap_tick *ticks;
	u32 count;
	/* CPU share: the thread's CPU time when the window began. */
	u64 window, used;
};

static void ktap_thread_count(struct ktap_instance *i, enum ktap_counter which)
{
	preempt_disable();
	ktap_count(&this_cpu_ptr(i->counters)->level[KTAP_LEVEL_TASK], which);
	preempt_enable();
}

/* Runs a function; false when it ended with an error, which then is the program's. */
static bool ktap_thread_run(struct ktap_instance *i, u32 function)
{
	u32 code;

	mutex_lock(&i->running);
	code = ktap_run(i->exec, i->program, function, NULL);
	mutex_unlock(&i->running);
	if (code)
		ktap_instance_fail(i, ktap_exec_error(i->exec));
	return !code;
}

/* Runs the probes of a kind in their order, until one fails or the program has to end. */
static void ktap_thread_run_kind(struct ktap_instance *i, u32 kind)
{
	u32 n;

	for (n = 0; n < i->info->probe_count && !ktap_instance_must_end(i); n++) {
		const struct ktap_probe_info *probe = ktap_program_probe(i->program, n);

		if (probe->kind == kind && !ktap_thread_run(i, probe->function))
			return;
	}
}

static u32 ktap_thread_probes(struct ktap_instance *i, u32 kind)
{
	u32 n, count = 0;

	for (n = 0; n < i->info->probe_count; n++)
		count += ktap_program_probe(i->program, n)->kind == kind;
	return count;
}

static void ktap_ticks_begin(struct ktap_instance *i, struct ktap_ticks *t)
{
	u64 now = ktime_get_ns();
	u32 n, count = 0;

	for (n = 0; n < i->info->probe_count; n++) {
		const struct ktap_probe_info *probe = ktap_program_probe(i->program, n);

		if (probe->kind != KTAP_PROBE_TICK)
			continue;
		t->ticks[count++] = (struct ktap_tick){ probe->function, probe->interval,
							now + probe->interval };
	}
}

static struct ktap_tick *ktap_ticks_next(struct ktap_ticks *t)
{
	struct ktap_tick *next = NULL;
	u32 n;

	for (n = 0; n < t->count; n++)
		if (!next || t->ticks[n].due < next->due)
			next = &t->ticks[n];
	return next;
}

/* Sleeps until `due` (0: without end) or until the program is asked to stop. */
static void ktap_thread_sleep(struct ktap_instance *i, u64 due)
{
	ktime_t expires = ns_to_ktime(due);
	int left = -EINTR;

	while (left && !ktap_instance_stopping(i)) {
		set_current_state(TASK_INTERRUPTIBLE);
		if (!ktap_instance_stopping(i) && !signal_pending(current))
			left = schedule_hrtimeout(due ? &expires : NULL, HRTIMER_MODE_ABS);
		__set_current_state(TASK_RUNNING);
		if (signal_pending(current))
			ktap_instance_stop(i, KTAP_STOP_NOW);
	}
}

/* True while the thread has used up its share of the window. */
static bool ktap_ticks_throttled(struct ktap_ticks *t, u64 now)
{
	u64 used = current->se.sum_exec_runtime;

	if (now - t->window >= KTAP_SHARE_WINDOW_MS * NSEC_PER_MSEC) {
		t->window = now;
		t->used = used;
	}
	return used - t->used >= READ_ONCE(ktap_share_ns);
}

/* Runs a tick that is due. Periods that have passed meanwhile are counted, not made up for. */
static void ktap_thread_tick(struct ktap_instance *i, struct ktap_ticks *t, struct ktap_tick *tick)
{
	u64 now = ktime_get_ns(), passed = 1;

	if (ktap_ticks_throttled(t, now)) {
		ktap_thread_count(i, KTAP_COUNTER_THROTTLED);
		/* Nothing comes of looking again within this window. */
		now = t->window + KTAP_SHARE_WINDOW_MS * NSEC_PER_MSEC;
	} else {
		bool done = ktap_thread_run(i, tick->function);

		ktap_thread_count(i, done && !ktap_exec_lost(i->exec) ? KTAP_COUNTER_HANDLED
								      : KTAP_COUNTER_DROPPED);
		now = ktime_get_ns();
	}
	if (now > tick->due)
		passed = div64_u64(now - tick->due, tick->interval) + 1;
	tick->due += passed * tick->interval;
	if (passed > 1) {
		preempt_disable();
		ktap_count_many(&this_cpu_ptr(i->counters)->level[KTAP_LEVEL_TASK],
				KTAP_COUNTER_MISSED, passed - 1);
		preempt_enable();
	}
}

/* Lets the events in and serves the timers until the program is asked to stop. */
static void ktap_thread_serve(struct ktap_instance *i)
{
	struct ktap_ticks t = { .count = ktap_thread_probes(i, KTAP_PROBE_TICK) };
	struct ktap_error error = { .code = KTAP_ERROR_INTERNAL };

	if (!t.count && !ktap_thread_probes(i, KTAP_PROBE_EVENT))
		return;
	t.ticks = kcalloc(t.count, sizeof(*t.ticks), GFP_KERNEL);
	if (!t.ticks) {
		ktap_instance_fail(i, &error);
		return;
	}
	WRITE_ONCE(i->live, true);
	/* Pairs with ktap_instance_stop(): whoever comes second takes the events out again. */
	smp_mb();
	if (ktap_instance_stopping(i))
		WRITE_ONCE(i->live, false);
	ktap_ticks_begin(i, &t);
	while (!ktap_instance_stopping(i)) {
		struct ktap_tick *next = ktap_ticks_next(&t);

		if (next && next->due <= ktime_get_ns())
			ktap_thread_tick(i, &t, next);
		else
			ktap_thread_sleep(i, next ? next->due : 0);
		cond_resched();
	}
	kfree(t.ticks);
}

/* Writes the error record, once the reader has room for it. */
static void ktap_thread_report(struct ktap_instance *i)
{
	struct ktap_error *record;

	if (atomic_read_acquire(&i->failed) != 2)
		return;
	record = ktap_kernel_home.reserve(i->exec, KTAP_RECORD_ERROR, 0, sizeof(*record), true);
	if (!record)
		return;
	*record = i->error;
	ktap_kernel_home.commit(i->exec, record);
}

int ktap_thread(void *instance)
{
	struct ktap_instance *i = instance;
	bool reported;

	allow_signal(SIGKILL);
	ktap_thread_run_kind(i, KTAP_PROBE_MAIN);
	if (!ktap_instance_stopping(i))
		ktap_thread_serve(i);
	WRITE_ONCE(i->live, false);
	cmpxchg(&i->state, KTAP_STATE_RUNNING, KTAP_STATE_STOPPING);
	/* Handlers run with preemption off: after this none does, whatever is still registered. */
	synchronize_rcu();
	/* What they have asked for is done, and its failure known. */
	irq_work_sync(&i->irq_work);
	WRITE_ONCE(i->ending, true);
	reported = atomic_read(&i->failed) != 0;
	ktap_thread_report(i);
	ktap_thread_run_kind(i, KTAP_PROBE_END);
	if (!reported)
		ktap_thread_report(i);
	smp_store_release(&i->state, KTAP_STATE_ENDED);
	ktap_instance_kick(i, KTAP_PENDING_READER);
	/* Unregistering many events takes its time; nobody has to wait for it. */
	ktap_events_detach(i);
	i->attached = false;
	return 0;
}
