// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * The filter by process. A command and its descendants are a set of thread group ids that
 * follows fork, exec and exit: a fixed table of small buckets, read without a lock by every event,
 * written under a lock by the rare changes. Children whose parent ends stay in it.
 */
#include <linux/binfmts.h>
#include <linux/cgroup.h>
#include <linux/hash.h>
#include <linux/mm.h>
#include <linux/pid_namespace.h>
#include <linux/sched/signal.h>
#include <linux/tracepoint.h>

#include "events_internal.h"

#define FAMILY_BITS 9
#define FAMILY_WAYS 8 /* slots of a bucket: half a cache line */

struct ktap_family {
	pid_t command;
	struct ktap_instance *ends; /* when no member is left; NULL: goes on */
	int count;
	raw_spinlock_t lock;
	bool registered[3];
	unsigned int lost; /* processes that found their bucket full and are not followed */
	pid_t members[1 << FAMILY_BITS][FAMILY_WAYS];
};

static bool family_has(const struct ktap_family *family, pid_t tgid)
{
	const pid_t *bucket = family->members[hash_32(tgid, FAMILY_BITS)];
	unsigned int way;

	for (way = 0; way < FAMILY_WAYS; way++)
		if (READ_ONCE(bucket[way]) == tgid)
			return true;
	return false;
}

/* Puts `to` where `from` stands in the bucket of tgid; 0 is a free slot. Under the lock. */
static bool family_replace(struct ktap_family *family, pid_t tgid, pid_t from, pid_t to)
{
	pid_t *bucket = family->members[hash_32(tgid, FAMILY_BITS)];
	unsigned int way;

	for (way = 0; way < FAMILY_WAYS; way++) {
		if (bucket[way] != from)
			continue;
		WRITE_ONCE(bucket[way], to);
		family->count += to ? 1 : -1;
		return true;
	}
	return false;
}

static void family_add(struct ktap_family *family, pid_t tgid)
{
	unsigned long flags;

	raw_spin_lock_irqsave(&family->lock, flags);
	if (!family_has(family, tgid) && !family_replace(family, tgid, 0, tgid))
		family->lost++;
	raw_spin_unlock_irqrestore(&family->lock, flags);
}

/* True when nobody is left. */
static bool family_remove(struct ktap_family *family, pid_t tgid)
{
	unsigned long flags;
	bool last;

	raw_spin_lock_irqsave(&family->lock, flags);
	last = family_replace(family, tgid, tgid, 0) && !family->count;
	raw_spin_unlock_irqrestore(&family->lock, flags);
	return last;
}

static void family_forked(void *data, struct task_struct *parent, struct task_struct *child)
{
	struct ktap_family *family = data;

	if (child->tgid != parent->tgid && family_has(family, parent->tgid))
		family_add(family, child->tgid);
}

static void family_executed(void *data, struct task_struct *task, pid_t old_pid,
			    struct linux_binprm *binprm)
{
	struct ktap_family *family = data;

	if (task->tgid == family->command)
		family_add(family, task->tgid);
}

static void family_exited(void *data, struct task_struct *task)
{
	struct ktap_family *family = data;

	/* The thread group ends with its last thread, whichever that is. */
	if (atomic_read(&task->signal->live) != 0 || !family_has(family, task->tgid))
		return;
	if (family_remove(family, task->tgid) && family->ends)
		ktap_instance_process_ended(family->ends);
}

static void process_exited(void *data, struct task_struct *task)
{
	struct ktap_filter *filter = data;

	if (task->tgid == filter->pid && atomic_read(&task->signal->live) == 0)
		ktap_instance_process_ended(filter->ends);
}

static bool descends_from(struct task_struct *task, pid_t ancestor)
{
	for (; task->tgid > 1; task = rcu_dereference(task->real_parent))
		if (task->tgid == ancestor)
			return true;
	return false;
}

/* Takes in a process that runs, and the descendants that it has. False: it has ended. */
static bool adopt(struct ktap_family *family, pid_t root)
{
	struct task_struct *task;

	rcu_read_lock();
	for_each_process (task) {
		if (!atomic_read(&task->signal->live) || !descends_from(task, root))
			continue;
		family_add(family, task->tgid);
		/* It may have ended before it was a member. */
		if (!atomic_read(&task->signal->live))
			family_remove(family, task->tgid);
	}
	rcu_read_unlock();
	return family->count;
}

static bool is_alive(pid_t tgid)
{
	struct task_struct *task;
	bool alive;

	rcu_read_lock();
	task = pid_task(find_pid_ns(tgid, &init_pid_ns), PIDTYPE_TGID);
	alive = task && atomic_read(&task->signal->live);
	rcu_read_unlock();
	return alive;
}

/*
 * A program's own probes on these tracepoints have the default priority: the exec and fork
 * that make a member come after it has become one, its exit while it still is one.
 */
static const struct {
	const char *name;
	void *probe;
	int priority;
} follow[3] = {
	{ "sched_process_fork", family_forked, TRACEPOINT_DEFAULT_PRIO + 1 },
	{ "sched_process_exec", family_executed, TRACEPOINT_DEFAULT_PRIO + 1 },
	{ "sched_process_exit", family_exited, TRACEPOINT_DEFAULT_PRIO - 1 },
};

/* One process without its descendants: only its end is waited for. */
static int watch(struct ktap_filter *filter, struct ktap_instance *i)
{
	struct tracepoint *tp = ktap_find_tracepoint("sched_process_exit");
	int error = tp ? tracepoint_probe_register_prio(tp, process_exited, filter,
							TRACEPOINT_DEFAULT_PRIO - 1) :
			 -EOPNOTSUPP;

	if (error)
		return error;
	filter->ends = i;
	/* Only now: whoever ends from here on is seen. */
	return is_alive(i->pid) ? 0 : -ESRCH;
}

int ktap_filter_init(struct ktap_filter *filter, struct ktap_instance *i)
{
	const bool follows_pid = i->pid && i->children;
	struct ktap_family *family;
	unsigned int n;
	int error;

	filter->owner = i->owner;
	filter->pid = follows_pid ? 0 : i->pid;
	filter->cpu = i->cpu;
	filter->cgroup = i->cgroup;
	filter->narrow = i->pid || i->cpu >= 0 || i->command || i->cgroup;
	if (filter->pid) {
		error = watch(filter, i);
		if (error)
			return error;
	}
	if (!i->command && !follows_pid)
		return 0;
	family = kvzalloc(sizeof(*family), GFP_KERNEL);
	if (!family)
		return -ENOMEM;
	family->command = i->command;
	raw_spin_lock_init(&family->lock);
	filter->family = family;
	for (n = 0; n < ARRAY_SIZE(follow); n++) {
		struct tracepoint *tp = ktap_find_tracepoint(follow[n].name);

		error = tp ? tracepoint_probe_register_prio(tp, follow[n].probe, family,
							    follow[n].priority) :
			     -EOPNOTSUPP;
		if (error)
			return error;
		family->registered[n] = true;
	}
	if (follows_pid) {
		family->ends = i;
		return adopt(family, i->pid) ? 0 : -ESRCH;
	}
	return 0;
}

void ktap_filter_stop(struct ktap_filter *filter)
{
	struct ktap_family *family = filter->family;
	unsigned int n;

	if (filter->ends)
		tracepoint_probe_unregister(ktap_find_tracepoint("sched_process_exit"),
					    process_exited, filter);
	filter->ends = NULL;
	if (!family)
		return;
	for (n = 0; n < ARRAY_SIZE(follow); n++) {
		if (!family->registered[n])
			continue;
		tracepoint_probe_unregister(ktap_find_tracepoint(follow[n].name), follow[n].probe,
					    family);
		family->registered[n] = false;
	}
	if (family->lost)
		pr_warn("ktapvm: %u processes were not followed: too many at once\n",
			family->lost);
}

void ktap_filter_free(struct ktap_filter *filter)
{
	kvfree(filter->family);
	filter->family = NULL;
}

static bool in_cgroup(struct cgroup *cgroup)
{
#ifdef CONFIG_CGROUPS
	bool in;

	rcu_read_lock();
	in = cgroup_is_descendant(task_dfl_cgroup(current), cgroup);
	rcu_read_unlock();
	return in;
#else
	return false;
#endif
}

bool ktap_filter_narrow(const struct ktap_filter *filter)
{
	if (filter->pid && current->tgid != filter->pid)
		return false;
	if (filter->cpu >= 0 && raw_smp_processor_id() != filter->cpu)
		return false;
	if (filter->family && !family_has(filter->family, current->tgid))
		return false;
	return !filter->cgroup || in_cgroup(filter->cgroup);
}
