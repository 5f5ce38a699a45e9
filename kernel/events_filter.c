// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * The filter by process. A command and its descendants are a set of thread group ids that
 * follows fork, exec and exit: a fixed table of small buckets, read without a lock by every event,
 * written under a lock by the rare changes. Children whose parent ends stay in it.
 */
#include <linux/binfmts.h>
#include <linux/hash.h>
#include <linux/mm.h>
#include <linux/sched/signal.h>
#include <linux/tracepoint.h>

#include "events_internal.h"

#define FAMILY_BITS 9
#define FAMILY_WAYS 8 /* slots of a bucket: half a cache line */

struct ktap_family {
	pid_t command;
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

/* Puts `to` where `from` stands in the bucket of tgid; 0 is a free slot. */
static bool family_replace(struct ktap_family *family, pid_t tgid, pid_t from, pid_t to)
{
	pid_t *bucket = family->members[hash_32(tgid, FAMILY_BITS)];
	bool done = false;
	unsigned long flags;
	unsigned int way;

	raw_spin_lock_irqsave(&family->lock, flags);
	for (way = 0; way < FAMILY_WAYS && !done; way++) {
		if (bucket[way] != from)
			continue;
		WRITE_ONCE(bucket[way], to);
		done = true;
	}
	raw_spin_unlock_irqrestore(&family->lock, flags);
	return done;
}

static void family_add(struct ktap_family *family, pid_t tgid)
{
	if (!family_has(family, tgid) && !family_replace(family, tgid, 0, tgid))
		family->lost++;
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
	if (atomic_read(&task->signal->live) == 0 && family_has(family, task->tgid))
		family_replace(family, task->tgid, task->tgid, 0);
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

int ktap_filter_init(struct ktap_filter *filter, const struct ktap_instance *i)
{
	struct ktap_family *family;
	unsigned int n;
	int error;

	filter->owner = i->owner;
	filter->pid = i->pid;
	filter->cpu = i->cpu;
	filter->narrow = i->pid || i->cpu >= 0 || i->command;
	if (!i->command)
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
	return 0;
}

void ktap_filter_stop(struct ktap_filter *filter)
{
	struct ktap_family *family = filter->family;
	unsigned int n;

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
		pr_warn("ktapvm: %u processes of command %d were not followed: too many at once\n",
			family->lost, family->command);
}

void ktap_filter_free(struct ktap_filter *filter)
{
	kvfree(filter->family);
	filter->family = NULL;
}

bool ktap_filter_narrow(const struct ktap_filter *filter)
{
	if (filter->pid && current->tgid != filter->pid)
		return false;
	if (filter->cpu >= 0 && raw_smp_processor_id() != filter->cpu)
		return false;
	return !filter->family || family_has(filter->family, current->tgid);
}
