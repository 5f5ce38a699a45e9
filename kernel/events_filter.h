/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Which processes' events reach a program: never those of the loading process itself, and on
 * request only one thread group, one CPU, one cgroup, or one command or process with its descendants. What it
 * holds back is not a hit. A program that traces one process ends when that, with its descendants if they are
 * traced too, has ended.
 */
#ifndef KTAP_EVENTS_FILTER_H
#define KTAP_EVENTS_FILTER_H

#include <linux/sched.h>
#include <linux/smp.h>

struct ktap_instance;
struct ktap_family;

struct ktap_filter {
	pid_t owner; /* thread group that sees no event of its own */
	bool narrow; /* one of the following is in use */
	pid_t pid; /* 0: all */
	int cpu; /* -1: all */
	struct ktap_family *family; /* the command, or the process, and its descendants; NULL: all */
	struct cgroup *cgroup; /* tasks in and below it; NULL: all */
	struct ktap_instance *ends; /* ends with pid: its exit is watched */
};

/*
 * Sets the filter up for an instance and begins to follow its command. Worker context. 0 or
 * -errno, -ESRCH when the process to be traced has ended; ktap_filter_stop() and ktap_filter_free() are due also then.
 */
int ktap_filter_init(struct ktap_filter *filter, struct ktap_instance *i);

/* Stops following. A grace period must pass before ktap_filter_free(). Worker context. */
void ktap_filter_stop(struct ktap_filter *filter);
void ktap_filter_free(struct ktap_filter *filter);

bool ktap_filter_narrow(const struct ktap_filter *filter);

/* True when events of the current task on this CPU are let in. Any context, preemption off. */
static __always_inline bool ktap_filter_pass(const struct ktap_filter *filter)
{
	if (unlikely(current->tgid == filter->owner))
		return false;
	return likely(!filter->narrow) || ktap_filter_narrow(filter);
}

#endif
