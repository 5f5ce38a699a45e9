/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * An instance: one loaded program with its rings, counters, thread and attached events. It is
 * made by LOAD, referenced by the program's descriptor, and freed by a worker after the last
 * close.
 */
#ifndef KTAP_INSTANCE_H
#define KTAP_INSTANCE_H

#include <linux/atomic.h>
#include <linux/irq_work.h>
#include <linux/list.h>
#include <linux/mutex.h>
#include <linux/percpu.h>
#include <linux/sched.h>
#include <linux/timer.h>
#include <linux/wait.h>
#include <linux/workqueue.h>

#include <ktap/abi.h>
#include <ktapvm.h>

#include "counters.h"
#include "ring.h"

struct ktap_user;

/* How far an instance has been asked to stop; only ever raised. */
enum ktap_stop {
	KTAP_STOP_NONE,
	KTAP_STOP_GRACEFUL, /* no further events; trace_end still runs */
	KTAP_STOP_NOW /* nothing of the script runs any more */
};

/* What the irq_work of an instance is to do: bits of ktap_instance.pending. */
enum ktap_pending {
	KTAP_PENDING_READER, /* wake the reader now */
	KTAP_PENDING_FLUSH, /* wake the reader a little later */
	KTAP_PENDING_THREAD, /* wake the thread: the program stops */
	KTAP_PENDING_CHANGE, /* the program changes the kernel */
	KTAP_PENDING_RECLAIM /* table objects wait for a grace period */
};

/* The reader's state, see ring.c. */
enum ktap_reader {
	KTAP_READER_AWAKE,
	KTAP_READER_IDLE, /* waits, nothing has come yet */
	KTAP_READER_SOON /* waits, the flush timer runs */
};

struct ktap_instance {
	/* Constant from LOAD on. */
	struct ktap_program *program;
	const struct ktap_program_info *info;
	pid_t owner; /* thread group of the loading process: its threads are never traced */
	pid_t pid; /* only this thread group; 0: all. Like owner and command: initial namespace */
	int cpu; /* only this CPU; -1: all */
	pid_t command; /* only this process from its next exec on, and its descendants; 0: all */
	/* Set by NARROW, before ATTACH. */
	bool children; /* beside pid its descendants */
	struct cgroup *cgroup; /* only tasks in and below it; NULL: all */
	struct ktap_user *user;
	kuid_t uid; /* who loaded it */
	char signer[96]; /* empty: unsigned */
	char comm[TASK_COMM_LEN]; /* of the process that loaded it */
	s64 loaded; /* seconds since 1970 */
	size_t charged; /* bytes charged to user */
	struct ktap_rings rings;
	struct ktap_counters __percpu *counters;

	struct ktap_changes *changes; /* private to library_modify.c */
	void *events; /* private to events.c; freed by ktap_events_free() */

	/* True while events are let in; every probe callback looks at it first. */
	bool live;
	atomic_t stop; /* enum ktap_stop */
	bool ending; /* trace_end runs: only KTAP_STOP_NOW ends it */
	unsigned int state; /* enum ktap_state */

	/* The first run-time error: failed goes 0, 1 (being written), 2 (error may be read). */
	atomic_t failed;
	struct ktap_error error;
	atomic_t exited; /* exit_code is taken */
	int exit_code;
	bool process_ended; /* stopped because pid, or the last of its family, ended */
	u32 event_count; /* attached */
	atomic64_t over_rate; /* records above the policy's event rate */
	atomic_long_t unread; /* strings of user memory that were not resident */
	u64 started; /* ktime_get_mono_fast_ns() at START */

	/* Records a second, when the policy bounds them. */
	atomic_t rate_window; /* second of the monotonic clock */
	atomic_t rate_count;

	atomic_t reader; /* enum ktap_reader */
	unsigned long pending; /* bits of enum ktap_pending */
	struct irq_work irq_work;
	struct timer_list flush;
	wait_queue_head_t readers; /* poll() */
	wait_queue_head_t room; /* reserve() that waits for the reader */
	atomic_t polls; /* counts calls of poll(): the reader has moved */

	struct mutex lock; /* ATTACH, START, STOP */
	struct mutex running; /* held while the thread runs script code; see ktap_reclaim */
	struct task_struct *thread; /* from START on; referenced */
	struct ktap_exec *exec; /* the thread's */
	bool asked; /* STOP was called: the next one ends the program at once */
	bool attached; /* ktap_events_detach() is due: by the thread if there is one, else by destroy */
	struct work_struct reclaim;
	struct work_struct destroy;
	struct list_head list; /* all instances, RCU */
};

/*
 * True while events are let in. Any context. What a probe callback asks first: when false the
 * hit is not counted.
 */
static inline bool ktap_instance_live(const struct ktap_instance *i)
{
	return likely(READ_ONCE(i->live));
}

/*
 * Runs a handler for an event: counts the hit, guards against recursion, keeps the CPU share,
 * counts how it went, starts stopping on an error. Preemption is off. event->home need not
 * be set; event may be NULL when the handler takes none. Any context, NMI included (counted as missed).
 */
void ktap_instance_hit(struct ktap_instance *i, u32 function, struct ktap_event *event);

/* Counts hits that no handler can have. As above. */
void ktap_instance_miss(struct ktap_instance *i, u64 count);

/*
 * Asks the program to stop. Any context but NMI. KTAP_STOP_GRACEFUL lets trace_end run.
 */
void ktap_instance_stop(struct ktap_instance *i, enum ktap_stop how);

/* Keeps the first run-time error, which stops the program. Any context but NMI. */
void ktap_instance_fail(struct ktap_instance *i, const struct ktap_error *error);

/* exit(): the first code given counts. Any context but NMI. */
void ktap_instance_exit(struct ktap_instance *i, int code);

/* Has the irq_work do something: a bit of enum ktap_pending. Any context, runqueue locks held included. */
void ktap_instance_kick(struct ktap_instance *i, enum ktap_pending what);

/* Stops the program because whom it traces is gone. Any context but NMI. */
void ktap_instance_process_ended(struct ktap_instance *i);

/* NARROW. 0, or -errno with a sentence. */
int ktap_instance_narrow(struct ktap_instance *i, const struct ktap_ioc_narrow *io, char *message,
			 size_t size);

/* Nanoseconds of CPU time that the program has used, handlers by samples. RCU read side or a reference. */
u64 ktap_instance_time(const struct ktap_instance *i);

/* Visits all instances in the order of LOAD, in an RCU read-side section. */
void ktap_instances_visit(void (*visit)(struct ktap_instance *i, void *context), void *context);

/* The instance of a program. RCU read side (preemption off suffices); NULL when it is being freed. */
struct ktap_instance *ktap_instance_of(const struct ktap_program *program);

static inline enum ktap_stop ktap_instance_stopping(const struct ktap_instance *i)
{
	return atomic_read(&i->stop);
}

/* True when script code of the thread must end now. */
static inline bool ktap_instance_must_end(const struct ktap_instance *i)
{
	return ktap_instance_stopping(i) >=
	       (READ_ONCE(i->ending) ? KTAP_STOP_NOW : KTAP_STOP_GRACEFUL);
}

/*
 * Wraps a loaded program, which is then the instance's, like the user's slot and charge. Process
 * context. The caller has set what is constant in *template but rings and counters. Returns NULL
 * without memory, when all is still the caller's. ring: bytes a CPU, a power of two, whole pages.
 */
struct ktap_instance *ktap_instance_new(const struct ktap_instance *template, u32 ring);

/* Gives the instance up: stops it without trace_end and has a worker free it. Process context. */
void ktap_instance_release(struct ktap_instance *i);

/* The calls on a program's descriptor. Process context; 0 or a negative errno. */
int ktap_instance_attach(struct ktap_instance *i, struct ktap_ioc_attach *io, char *message,
			 size_t size);
int ktap_instance_start(struct ktap_instance *i);
int ktap_instance_end(struct ktap_instance *i); /* STOP */
void ktap_instance_status(struct ktap_instance *i, struct ktap_ioc_status *status);

/* The body of the thread, thread.c. */
int ktap_thread(void *instance);

/* Work queue of all workers of the module; flushed before the module goes. */
extern struct workqueue_struct *ktap_workers;

/* Module init and exit. */
int ktap_instances_init(void);
void ktap_instances_exit(void);

/*
 * The event sources (events.c), for reference:
 *   int ktap_events_init(void); void ktap_events_exit(void);
 *   int ktap_events_attach(struct ktap_instance *i, struct ktap_ioc_attach *io, char *message,
 *                          size_t size);      worker; on failure nothing stays attached
 *   void ktap_events_detach(struct ktap_instance *i);  worker; no handler runs any more afterwards
 *   void ktap_events_free(struct ktap_instance *i);    worker; after detach, frees i->events.
 *                          Between detach and free KTAP_NR_EVENT must still be answered
 *   int ktap_events_describe(struct ktap_instance *i, struct ktap_ioc_event *event);
 *                          caller's context; io->fields is a user address; in parallel
 *                          with detach
 */

#endif
