// SPDX-License-Identifier: GPL-2.0-or-later
/* The kernel as a home of the virtual machine: ring space, the clock, the current task. */
#include <crypto/hash.h>
#include <linux/cgroup.h>
#include <linux/cpumask.h>
#include <linux/cred.h>
#include <linux/random.h>
#include <linux/rcupdate.h>
#include <linux/sched/signal.h>
#include <linux/timekeeping.h>
#include <linux/utsname.h>

#include "events.h"
#include "instance.h"
#include "library.h"
#include "module.h"

/* True when the policy's event rate forbids another record in this second. */
static bool ktap_over_rate(struct ktap_instance *i)
{
	int second;

	if (!i->info->event_rate)
		return false;
	second = ktime_get_mono_fast_ns() >> 30; /* 1.07 s, for the price of a shift */
	if (atomic_read(&i->rate_window) != second) {
		atomic_set(&i->rate_window, second);
		atomic_set(&i->rate_count, 0);
	}
	return (u32)atomic_inc_return(&i->rate_count) > i->info->event_rate;
}

/* Waits a little for the reader to make room; poll() ends the wait early. */
static void ktap_wait_for_room(struct ktap_instance *i)
{
	int seen = atomic_read(&i->polls);

	ktap_instance_kick(i, KTAP_PENDING_READER);
	wait_event_interruptible_timeout(
		i->room, atomic_read(&i->polls) != seen || ktap_instance_must_end(i),
		msecs_to_jiffies(20));
	if (signal_pending(current))
		ktap_instance_stop(i, KTAP_STOP_NOW);
}

static void *ktap_home_reserve(struct ktap_exec *x, uint16_t kind, uint16_t site,
			       uint32_t payload_length, bool wait)
{
	struct ktap_instance *i = ktap_exec_owner(x);
	bool never = false;
	void *payload;

	if (!wait && ktap_over_rate(i)) {
		atomic64_inc(&i->over_rate);
		ktap_ring_lose(&i->rings);
		return NULL;
	}
	for (;;) {
		payload = ktap_ring_reserve(&i->rings, kind, site, payload_length, &never);
		if (payload)
			return payload;
		if (!wait || never || ktap_instance_must_end(i))
			break;
		ktap_wait_for_room(i);
	}
	ktap_ring_lose(&i->rings);
	return NULL;
}

/*
 * Wakes a reader that waits in poll(): at once when the ring is filling, else a little later, so
 * that one wake-up serves many records.
 */
static void ktap_reader_wake(struct ktap_instance *i, bool filling)
{
	int reader;

	/* Pairs with the one in poll(): the reader sees the record, or we see that it waits. */
	smp_mb();
	reader = atomic_read(&i->reader);
	if (likely(reader == KTAP_READER_AWAKE))
		return;
	if (filling) {
		if (atomic_cmpxchg(&i->reader, reader, KTAP_READER_AWAKE) == reader)
			ktap_instance_kick(i, KTAP_PENDING_READER);
	} else if (reader == KTAP_READER_IDLE) {
		if (atomic_cmpxchg(&i->reader, reader, KTAP_READER_SOON) == reader)
			ktap_instance_kick(i, KTAP_PENDING_FLUSH);
	}
}

static void ktap_home_commit(struct ktap_exec *x, void *payload)
{
	struct ktap_instance *i = ktap_exec_owner(x);

	ktap_reader_wake(i, ktap_ring_commit(&i->rings, payload));
}

static bool ktap_home_stopping(struct ktap_exec *x)
{
	struct ktap_instance *i = ktap_exec_owner(x);

	if (signal_pending(current))
		ktap_instance_stop(i, KTAP_STOP_NOW);
	return ktap_instance_must_end(i);
}

static void ktap_home_retired(struct ktap_program *program)
{
	struct ktap_instance *i;

	rcu_read_lock();
	i = ktap_instance_of(program);
	if (i)
		ktap_instance_kick(i, KTAP_PENDING_RECLAIM);
	rcu_read_unlock();
}

static int ktap_home_sha256(const void *data, size_t length, uint8_t digest[32])
{
	struct crypto_shash *hash = crypto_alloc_shash("sha256", 0, 0);
	int error;

	if (IS_ERR(hash))
		return PTR_ERR(hash);
	error = crypto_shash_tfm_digest(hash, data, length, digest);
	crypto_free_shash(hash);
	return error;
}

static uint64_t ktap_home_seed(void)
{
	uint64_t seed;

	get_random_bytes(&seed, sizeof(seed));
	return seed;
}

static u32 ktap_home_string(struct ktap_exec *x, const char *bytes, size_t length,
			    struct ktap_value *result)
{
	struct ktap_string *s = ktap_exec_string(x, length);

	if (!s)
		return KTAP_ERROR_ARENA;
	memcpy(s->bytes, bytes, length);
	result->kind = KTAP_KIND_STR;
	result->bits = (unsigned long)s;
	return 0;
}

static pid_t ktap_home_ppid(void)
{
	pid_t ppid;

	rcu_read_lock();
	ppid = task_tgid_nr(rcu_dereference(current->real_parent));
	rcu_read_unlock();
	return ppid;
}

static u64 ktap_home_cgroup(void)
{
#ifdef CONFIG_CGROUPS
	u64 id;

	rcu_read_lock();
	id = cgroup_id(task_dfl_cgroup(current));
	rcu_read_unlock();
	return id;
#else
	return 0;
#endif
}

/* The numbers: whatever needs no string. */
static s64 ktap_home_number(struct ktap_instance *i, u32 id)
{
	switch (id) {
	case KTAP_LIB_CPU:
		return raw_smp_processor_id();
	case KTAP_LIB_PID:
		return task_tgid_nr(current);
	case KTAP_LIB_TID:
		return task_pid_nr(current);
	case KTAP_LIB_PPID:
		return ktap_home_ppid();
	case KTAP_LIB_UID:
		return from_kuid_munged(&init_user_ns, current_uid());
	case KTAP_LIB_GID:
		return from_kgid_munged(&init_user_ns, current_gid());
	case KTAP_LIB_PRIO:
		return current->prio;
	case KTAP_LIB_CGROUP:
		return ktap_home_cgroup();
	case KTAP_LIB_NSECS:
		return ktime_get_mono_fast_ns();
	case KTAP_LIB_ELAPSED:
		return ktime_get_mono_fast_ns() - i->started;
	case KTAP_LIB_GETTIMEOFDAY_NS:
		return ktime_get_real_fast_ns();
	default:
		return num_online_cpus();
	}
}

/* What only a kernel can tell. */
static u32 ktap_home_board(struct ktap_exec *x, u32 id, const struct ktap_value *args, u32 count,
			   struct ktap_value *result)
{
	switch (id) {
	case KTAP_LIB_USER_STRING:
		return ktap_library_user_string(x, args[0].bits, result);
	case KTAP_LIB_KERNEL_STRING:
		return ktap_library_kernel_string(x, args[0].bits, result);
	case KTAP_LIB_KERNEL_BYTES:
		return ktap_library_kernel_bytes(x, args[0].bits, args[1].bits, result);
	case KTAP_LIB_KERNEL_INT:
	case KTAP_LIB_USER_INT:
		return ktap_library_int(x, args[0].bits, args[1].bits, id == KTAP_LIB_USER_INT,
					result);
	case KTAP_LIB_IP_SOCK_SADDR:
	case KTAP_LIB_IP_SOCK_DADDR:
		return ktap_library_sock_address(args[0].bits, id == KTAP_LIB_IP_SOCK_SADDR, result);
	case KTAP_LIB_KSYM:
		return ktap_library_ksym(x, args[0].bits, result);
	case KTAP_LIB_USYM:
		return ktap_library_usym(x, args[0].bits, result);
	case KTAP_LIB_STACK:
		return ktap_library_stack(x, args[0].bits, args[1].bits, result);
	case KTAP_LIB_SET_RETVAL:
	case KTAP_LIB_SYSCTL_SET:
	case KTAP_LIB_SIGNAL:
	case KTAP_LIB_PRINTK:
	case KTAP_LIB_TRACING_ON:
	case KTAP_LIB_TRACING_OFF:
		return ktap_library_change(x, id, args, count);
	case KTAP_LIB_USTACK:
		return ktap_library_ustack(x, args[0].bits, args[1].bits, result);
	default:
		return KTAP_ERROR_INTERNAL;
	}
}

static uint32_t ktap_home_library(struct ktap_exec *x, uint32_t id, const struct ktap_value *args,
				  uint32_t count, struct ktap_value *result)
{
	struct ktap_instance *i = ktap_exec_owner(x);

	switch (id) {
	case KTAP_LIB_EXECNAME:
		return ktap_home_string(x, current->comm, strnlen(current->comm, TASK_COMM_LEN - 1),
					result);
	case KTAP_LIB_ARCH:
		return ktap_home_string(x, init_utsname()->machine, strlen(init_utsname()->machine),
					result);
	case KTAP_LIB_KERNEL_V:
		return ktap_home_string(x, init_utsname()->release, strlen(init_utsname()->release),
					result);
	case KTAP_LIB_PROBENAME:
		return ktap_events_probename(x, (struct ktap_event *)(unsigned long)args[0].bits,
					     result);
	case KTAP_LIB_EXIT:
		ktap_instance_exit(i, (int)args[0].bits);
		return 0;
	case KTAP_LIB_IN_INTERRUPT:
		result->kind = KTAP_KIND_BOOL;
		result->bits = in_hardirq() || in_serving_softirq();
		return 0;
	case KTAP_LIB_IN_IOWAIT:
		result->kind = KTAP_KIND_BOOL;
		result->bits = current->in_iowait;
		return 0;
	case KTAP_LIB_CPU:
	case KTAP_LIB_PID:
	case KTAP_LIB_TID:
	case KTAP_LIB_PPID:
	case KTAP_LIB_UID:
	case KTAP_LIB_GID:
	case KTAP_LIB_PRIO:
	case KTAP_LIB_CGROUP:
	case KTAP_LIB_NSECS:
	case KTAP_LIB_ELAPSED:
	case KTAP_LIB_GETTIMEOFDAY_NS:
	case KTAP_LIB_NUM_CPUS:
		result->kind = KTAP_KIND_INT;
		result->bits = ktap_home_number(i, id);
		return 0;
	default:
		return ktap_home_board(x, id, args, count, result);
	}
}

const struct ktap_home ktap_kernel_home = {
	.reserve = ktap_home_reserve,
	.commit = ktap_home_commit,
	.field = ktap_events_field,
	.capture = ktap_events_capture,
	.library = ktap_home_library,
	.stopping = ktap_home_stopping,
	.retired = ktap_home_retired,
	/* Probes run with preemption off. Expedited, as for the worker of the instance. */
	.settle = synchronize_rcu_expedited,
	.sha256 = ktap_home_sha256,
	.seed = ktap_home_seed,
	.address = ktap_events_address,
};
