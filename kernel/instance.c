// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Instances: making them, the calls on their descriptor, stopping, and giving everything back.
 * Whatever may be asked for in a probe goes through an irq_work, since waking anybody directly could
 * take the runqueue lock that the probe was called under.
 */
#include <linux/cgroup.h>
#include <linux/kthread.h>
#include <linux/poll.h>
#include <linux/rculist.h>
#include <linux/slab.h>
#include <linux/spinlock.h>
#include <linux/timekeeping.h>

#include "compat/timer.h"
#include "events.h"
#include "instance.h"
#include "library.h"
#include "module.h"

#define KTAP_FLUSH_MS 20 /* how long a lonely record waits for company */

struct workqueue_struct *ktap_workers;

static LIST_HEAD(ktap_instances);
static DEFINE_SPINLOCK(ktap_instances_lock);

struct ktap_instance *ktap_instance_of(const struct ktap_program *program)
{
	struct ktap_instance *i;

	list_for_each_entry_rcu (i, &ktap_instances, list, rcu_read_lock_any_held())
		if (i->program == program)
			return i;
	return NULL;
}

void ktap_instance_kick(struct ktap_instance *i, enum ktap_pending what)
{
	if (!test_and_set_bit(what, &i->pending))
		irq_work_queue(&i->irq_work);
}

static void ktap_wake_reader(struct ktap_instance *i)
{
	atomic_set(&i->reader, KTAP_READER_AWAKE);
	wake_up_poll(&i->readers, EPOLLIN | EPOLLRDNORM | EPOLLHUP);
}

static void ktap_instance_irq_work(struct irq_work *work)
{
	struct ktap_instance *i = container_of(work, struct ktap_instance, irq_work);
	unsigned long pending = xchg(&i->pending, 0);
	struct task_struct *thread = smp_load_acquire(&i->thread);

	if (pending & BIT(KTAP_PENDING_THREAD) && thread) {
		wake_up_process(thread);
		wake_up(&i->room);
	}
	if (pending & BIT(KTAP_PENDING_CHANGE))
		ktap_changes_run(i);
	if (pending & BIT(KTAP_PENDING_RECLAIM))
		queue_work(system_highpri_wq, &i->reclaim);
	if (pending & BIT(KTAP_PENDING_READER))
		ktap_wake_reader(i);
	else if (pending & BIT(KTAP_PENDING_FLUSH))
		mod_timer(&i->flush, jiffies + msecs_to_jiffies(KTAP_FLUSH_MS));
}

static void ktap_instance_flush(struct timer_list *timer)
{
	ktap_wake_reader(ktap_timer_of((struct ktap_instance *)NULL, timer, flush));
}

/* Table objects are reused when every run that may hold one has ended: the thread's and all probes'. */
static void ktap_instance_reclaim(struct work_struct *work)
{
	struct ktap_instance *i = container_of(work, struct ktap_instance, reclaim);

	/* Interruptible only in name: the thread may wait for its reader as long as that pleases. */
	if (mutex_lock_interruptible(&i->running) == 0)
		mutex_unlock(&i->running);
	/*
	 * Expedited: tables that each event makes and drops fill the pool in milliseconds. Real-time
	 * kernels turn it into the ordinary wait.
	 */
	synchronize_rcu_expedited();
	ktap_program_reclaim(i->program);
}

void ktap_instance_stop(struct ktap_instance *i, enum ktap_stop how)
{
	int old = atomic_read(&i->stop);

	while (old < (int)how && !atomic_try_cmpxchg(&i->stop, &old, how))
		;
	WRITE_ONCE(i->live, false);
	cmpxchg(&i->state, KTAP_STATE_RUNNING, KTAP_STATE_STOPPING);
	ktap_instance_kick(i, KTAP_PENDING_THREAD);
}

void ktap_instance_fail(struct ktap_instance *i, const struct ktap_error *error)
{
	if (atomic_cmpxchg(&i->failed, 0, 1) == 0) {
		i->error = *error;
		atomic_set_release(&i->failed, 2);
	}
	ktap_instance_stop(i, KTAP_STOP_GRACEFUL);
}

void ktap_instance_exit(struct ktap_instance *i, int code)
{
	if (atomic_cmpxchg(&i->exited, 0, 1) == 0)
		WRITE_ONCE(i->exit_code, code);
	ktap_instance_stop(i, KTAP_STOP_GRACEFUL);
}

void ktap_instance_process_ended(struct ktap_instance *i)
{
	if (ktap_instance_stopping(i))
		return;
	WRITE_ONCE(i->process_ended, true);
	ktap_instance_stop(i, KTAP_STOP_GRACEFUL);
}

static void ktap_instance_free(struct ktap_instance *i)
{
	if (i->exec)
		ktap_exec_free(i->exec);
#ifdef CONFIG_CGROUPS
	if (i->cgroup)
		cgroup_put(i->cgroup);
#endif
	kfree(i->changes);
	free_percpu(i->counters);
	ktap_rings_free(&i->rings);
	kfree(i);
}

static void ktap_instance_destroy(struct work_struct *work)
{
	struct ktap_instance *i = container_of(work, struct ktap_instance, destroy);

	if (i->thread)
		kthread_stop(i->thread);
	if (i->attached)
		ktap_events_detach(i);
	ktap_events_free(i);
	irq_work_sync(&i->irq_work);
	ktap_timer_shutdown_sync(&i->flush);
	cancel_work_sync(&i->reclaim);
	spin_lock(&ktap_instances_lock);
	list_del_rcu(&i->list);
	spin_unlock(&ktap_instances_lock);
	synchronize_rcu();
	/* The last reclaim may have asked for another. */
	irq_work_sync(&i->irq_work);
	cancel_work_sync(&i->reclaim);
	if (i->thread)
		put_task_struct(i->thread);
	ktap_program_free(i->program);
	ktap_user_put(i->user, i->charged);
	ktap_instance_free(i);
}

static void ktap_counters_init(struct ktap_counters __percpu *counters)
{
#if BITS_PER_LONG == 32
	unsigned int cpu, level;

	for_each_possible_cpu (cpu)
		for (level = 0; level < KTAP_LEVEL_COUNT; level++)
			seqcount_init(&per_cpu_ptr(counters, cpu)->level[level].seq);
#endif
}

struct ktap_instance *ktap_instance_new(const struct ktap_instance *template, u32 ring)
{
	struct ktap_instance *i = kmemdup(template, sizeof(*i), GFP_KERNEL_ACCOUNT);

	if (!i)
		return NULL;
	i->counters = alloc_percpu(struct ktap_counters);
	i->exec = ktap_exec_new(KTAP_EXEC_MAIN);
	if (!i->counters || !i->exec || ktap_changes_new(i) || ktap_rings_new(&i->rings, ring)) {
		ktap_instance_free(i);
		return NULL;
	}
	ktap_counters_init(i->counters);
	ktap_exec_set_owner(i->exec, i);
	i->state = KTAP_STATE_LOADED;
	init_irq_work(&i->irq_work, ktap_instance_irq_work);
	timer_setup(&i->flush, ktap_instance_flush, 0);
	init_waitqueue_head(&i->readers);
	init_waitqueue_head(&i->room);
	mutex_init(&i->lock);
	mutex_init(&i->running);
	INIT_WORK(&i->reclaim, ktap_instance_reclaim);
	INIT_WORK(&i->destroy, ktap_instance_destroy);
	spin_lock(&ktap_instances_lock);
	list_add_tail_rcu(&i->list, &ktap_instances);
	spin_unlock(&ktap_instances_lock);
	return i;
}

void ktap_instance_release(struct ktap_instance *i)
{
	ktap_instance_stop(i, KTAP_STOP_NOW);
	queue_work(ktap_workers, &i->destroy);
}

int ktap_instance_narrow(struct ktap_instance *i, const struct ktap_ioc_narrow *io, char *message,
			 size_t size)
{
	struct cgroup *cgroup = NULL;
	int error = 0;

	if (io->flags & ~(u32)KTAP_NARROW_CHILDREN || io->cgroup < -1) {
		snprintf(message, size, "unknown flags");
		return -EINVAL;
	}
	if (io->flags & KTAP_NARROW_CHILDREN && (!i->pid || i->command)) {
		snprintf(message, size, "whose children? One process, and no command, is needed");
		return -EINVAL;
	}
	if (io->cgroup >= 0) {
#ifdef CONFIG_CGROUPS
		cgroup = cgroup_get_from_fd(io->cgroup);
#else
		cgroup = ERR_PTR(-EOPNOTSUPP);
#endif
		if (IS_ERR(cgroup)) {
			snprintf(message, size,
				 "this is no directory of the unified cgroup hierarchy (cgroup2)");
			return PTR_ERR(cgroup) == -EOPNOTSUPP ? -EOPNOTSUPP : -EINVAL;
		}
	}
	mutex_lock(&i->lock);
	if (i->state != KTAP_STATE_LOADED) {
		snprintf(message, size, "the program is attached already");
		error = -EBUSY;
	} else if (cgroup && i->cgroup) {
		snprintf(message, size, "the program has its cgroup already");
		error = -EBUSY;
	} else {
		i->children |= io->flags & KTAP_NARROW_CHILDREN;
		if (cgroup)
			i->cgroup = cgroup;
	}
	mutex_unlock(&i->lock);
#ifdef CONFIG_CGROUPS
	if (error && cgroup)
		cgroup_put(cgroup);
#endif
	return error;
}

/* Attaching needs the kernel's credentials: a worker does it for the caller. */
struct ktap_attaching {
	struct work_struct work;
	struct ktap_instance *instance;
	struct ktap_ioc_attach *io;
	char *message;
	size_t size;
	int error;
};

static void ktap_attach_work(struct work_struct *work)
{
	struct ktap_attaching *a = container_of(work, struct ktap_attaching, work);

	a->error = ktap_events_attach(a->instance, a->io, a->message, a->size);
}

int ktap_instance_attach(struct ktap_instance *i, struct ktap_ioc_attach *io, char *message,
			 size_t size)
{
	struct ktap_attaching a = { .instance = i, .io = io, .message = message, .size = size };
	int error = -EBUSY;

	mutex_lock(&i->lock);
	if (i->state == KTAP_STATE_LOADED) {
		INIT_WORK_ONSTACK(&a.work, ktap_attach_work);
		queue_work(ktap_workers, &a.work);
		flush_work(&a.work);
		destroy_work_on_stack(&a.work);
		error = a.error;
		if (!error) {
			i->attached = true;
			i->event_count = io->events;
			WRITE_ONCE(i->state, KTAP_STATE_ATTACHED);
		}
	} else {
		snprintf(message, size, "the program is attached already");
	}
	mutex_unlock(&i->lock);
	return error;
}

int ktap_instance_start(struct ktap_instance *i)
{
	struct task_struct *thread;
	int error = -EBUSY;

	mutex_lock(&i->lock);
	if (i->state != KTAP_STATE_ATTACHED)
		goto out;
	thread = kthread_create(ktap_thread, i, "ktap/%.10s", i->info->name.bytes);
	if (IS_ERR(thread)) {
		error = PTR_ERR(thread);
		goto out;
	}
	get_task_struct(thread);
	i->started = ktime_get_mono_fast_ns();
	WRITE_ONCE(i->state, KTAP_STATE_RUNNING);
	/* Release: who stops the program from now on finds the thread and a running state. */
	smp_store_release(&i->thread, thread);
	wake_up_process(thread);
	error = 0;
out:
	mutex_unlock(&i->lock);
	return error;
}

int ktap_instance_end(struct ktap_instance *i)
{
	mutex_lock(&i->lock);
	if (i->thread) {
		ktap_instance_stop(i, i->asked ? KTAP_STOP_NOW : KTAP_STOP_GRACEFUL);
		i->asked = true;
	} else if (i->state != KTAP_STATE_ENDED) {
		/* It never ran: nothing of the script is left to do. The events go at the close. */
		ktap_instance_stop(i, KTAP_STOP_NOW);
		smp_store_release(&i->state, KTAP_STATE_ENDED);
		ktap_wake_reader(i);
	}
	mutex_unlock(&i->lock);
	return 0;
}

void ktap_instance_status(struct ktap_instance *i, struct ktap_ioc_status *status)
{
	u64 sum[KTAP_COUNTER_COUNT] = {};
	unsigned int cpu, level, n;

	memset(status, 0, sizeof(*status));
	/* First: when this says ended, the counters are final. */
	status->state = smp_load_acquire(&i->state);
	for_each_possible_cpu (cpu)
		for (level = 0; level < KTAP_LEVEL_COUNT; level++)
			for (n = 0; n < KTAP_COUNTER_COUNT; n++)
				sum[n] += ktap_counter_read(
					&per_cpu_ptr(i->counters, cpu)->level[level], n);
	status->over_rate = atomic64_read(&i->over_rate);
	status->flags = READ_ONCE(i->process_ended) ? KTAP_STATUS_PROCESS_ENDED : 0;
	status->lost_changes = ktap_changes_lost(i);
	status->unread = atomic_long_read(&i->unread);
	status->live = ktap_instance_live(i);
	status->exit_code = READ_ONCE(i->exit_code);
	status->handled = sum[KTAP_COUNTER_HANDLED];
	status->missed = sum[KTAP_COUNTER_MISSED] + ktap_events_missed(i);
	status->throttled = sum[KTAP_COUNTER_THROTTLED];
	status->dropped = sum[KTAP_COUNTER_DROPPED];
	status->hits = status->handled + status->missed + status->throttled + status->dropped;
	status->lost_records = ktap_rings_lost(&i->rings);
	status->memory = ktap_program_memory(i->program) + ktap_exec_size(KTAP_EXEC_MAIN);
	status->worst_cost = i->info->worst_cost;
	if (atomic_read_acquire(&i->failed) == 2)
		status->error = i->error;
}

u64 ktap_instance_time(const struct ktap_instance *i)
{
	const struct task_struct *thread = smp_load_acquire(&i->thread);
	u64 sum = thread ? thread->se.sum_exec_runtime : 0;
	unsigned int cpu, level;

	for_each_possible_cpu (cpu)
		for (level = 0; level < KTAP_LEVEL_RUN; level++)
			sum += ktap_counter_read(&per_cpu_ptr(i->counters, cpu)->level[level],
						 KTAP_COUNTER_NS);
	return sum;
}

void ktap_instances_visit(void (*visit)(struct ktap_instance *i, void *context), void *context)
{
	struct ktap_instance *i;

	rcu_read_lock();
	list_for_each_entry_rcu (i, &ktap_instances, list)
		visit(i, context);
	rcu_read_unlock();
}

int __init ktap_instances_init(void)
{
	ktap_workers = alloc_workqueue("ktap", WQ_UNBOUND, 0);
	return ktap_workers ? 0 : -ENOMEM;
}

void ktap_instances_exit(void)
{
	destroy_workqueue(ktap_workers);
}
