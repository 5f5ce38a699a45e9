// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * The floor of the measurements: what a module without any program, written for one purpose, takes for
 * the same as a script. One of them at a time, chosen by what=:
 *   count     system calls in one counter
 *   command   system calls by command
 *   latency   time between entry and exit of getppid(), in powers of two
 *   record    command and file name of openat() into a buffer
 *   function  calls of a function by process
 */
#include <linux/ftrace.h>
#include <linux/hash.h>
#include <linux/kprobes.h>
#include <linux/module.h>
#include <linux/percpu.h>
#include <linux/sched.h>
#include <linux/slab.h>
#include <linux/timekeeping.h>
#include <linux/tracepoint.h>
#include <linux/uaccess.h>

#include <asm/unistd.h>

static char *what = "count";
module_param(what, charp, 0444);

#define SLOTS 256
#define RECORDS 16384

struct slot {
	u64 key[2];
	u64 count;
};

struct area {
	unsigned long calls;
	u64 begun;
	u64 times[65];
	u32 position;
	struct slot slots[SLOTS];
	char records[RECORDS + 128];
};

static struct area __percpu *areas;
static struct tracepoint *enter, *leave;

static __always_inline void count_key(u64 first, u64 second)
{
	struct area *a = this_cpu_ptr(areas);
	u32 at = hash_64(first ^ second * GOLDEN_RATIO_64, 8);

	for (;; at = (at + 1) % SLOTS) {
		struct slot *s = &a->slots[at];

		if (s->count && (s->key[0] != first || s->key[1] != second))
			continue;
		s->key[0] = first;
		s->key[1] = second;
		s->count++;
		return;
	}
}

static void on_count(void *data, struct pt_regs *regs, long number)
{
	this_cpu_inc(areas->calls);
}

static void on_command(void *data, struct pt_regs *regs, long number)
{
	const u64 *name = (const u64 *)current->comm;

	count_key(name[0], name[1]);
}

static void on_enter(void *data, struct pt_regs *regs, long number)
{
	if (number == __NR_getppid)
		this_cpu_write(areas->begun, ktime_get_mono_fast_ns());
}

static void on_leave(void *data, struct pt_regs *regs, long result)
{
	struct area *a = this_cpu_ptr(areas);

	if (regs->orig_ax == __NR_getppid)
		a->times[fls64(ktime_get_mono_fast_ns() - a->begun)]++;
}

static void on_open(void *data, struct pt_regs *regs, long number)
{
	struct area *a = this_cpu_ptr(areas);
	char *record;
	long length;

	if (number != __NR_openat)
		return;
	record = a->records + a->position % RECORDS;
	memcpy(record + 8, current->comm, TASK_COMM_LEN);
	pagefault_disable();
	length = strncpy_from_user(record + 24, (const char __user *)regs->si, 64);
	pagefault_enable();
	*(u64 *)record = max(length, 0L);
	a->position += 24 + ALIGN(max(length, 0L), 8);
}

static void on_function(unsigned long ip, unsigned long caller, struct ftrace_ops *ops,
			struct ftrace_regs *regs)
{
	count_key(current->tgid, 0);
}

static struct ftrace_ops function_ops = { .func = on_function };

static const struct {
	const char *name;
	void *enter, *leave;
} tracers[] = {
	{ "count", on_count, NULL },
	{ "command", on_command, NULL },
	{ "latency", on_enter, on_leave },
	{ "record", on_open, NULL },
	{ "function", NULL, NULL },
};
static int chosen = -1;

static void find(struct tracepoint *tp, void *data)
{
	if (!strcmp(tp->name, "sys_enter"))
		enter = tp;
	if (!strcmp(tp->name, "sys_exit"))
		leave = tp;
}

static int register_function(void)
{
	struct kprobe probe = { .symbol_name = "__x64_sys_getppid" };
	int error = register_kprobe(&probe);

	if (error)
		return error;
	unregister_kprobe(&probe);
	error = ftrace_set_filter_ip(&function_ops, (unsigned long)probe.addr, 0, 0);
	return error ?: register_ftrace_function(&function_ops);
}

static int __init floor_init(void)
{
	int n, error = 0;

	for (n = 0; n < ARRAY_SIZE(tracers); n++)
		if (!strcmp(tracers[n].name, what))
			chosen = n;
	if (chosen < 0)
		return -EINVAL;
	areas = alloc_percpu(struct area);
	if (!areas)
		return -ENOMEM;
	for_each_kernel_tracepoint(find, NULL);
	if (tracers[chosen].enter)
		error = tracepoint_probe_register(enter, tracers[chosen].enter, NULL);
	else
		error = register_function();
	if (!error && tracers[chosen].leave)
		error = tracepoint_probe_register(leave, tracers[chosen].leave, NULL);
	return error;
}

static void __exit floor_exit(void)
{
	if (tracers[chosen].leave)
		tracepoint_probe_unregister(leave, tracers[chosen].leave, NULL);
	if (tracers[chosen].enter)
		tracepoint_probe_unregister(enter, tracers[chosen].enter, NULL);
	else
		unregister_ftrace_function(&function_ops);
	tracepoint_synchronize_unregister();
	free_percpu(areas);
}

module_init(floor_init);
module_exit(floor_exit);
MODULE_LICENSE("GPL");
MODULE_DESCRIPTION("What measuring costs at least");
