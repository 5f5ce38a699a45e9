// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * What changes the kernel. Handlers run under whatever locks the kernel holds where the event
 * happens: what they ask for goes into a queue that the instance's irq_work empties as soon as interrupts
 * are let in again; the thread of a program does it at once. The verifier sees to it that all values
 * are constants or bounded arguments, so that strings live as long as the program.
 */
#define pr_fmt(fmt) KBUILD_MODNAME ": " fmt

#include <linux/ctype.h>
#include <linux/pid.h>
#include <linux/pid_namespace.h>
#include <linux/ratelimit.h>
#include <linux/rcupdate.h>
#include <linux/sched/signal.h>
#include <linux/slab.h>

#include "compat/file.h"
#include "events.h"
#include "instance.h"
#include "library.h"
#include "module.h"
#include "vm/port.h"

#define QUEUE 16u

/* A call that waits. */
struct change {
	u32 id; /* enum ktap_library */
	u32 count;
	bool may_be_gone; /* the process signalled was the current one, which may end meanwhile */
	struct ktap_value args[3];
	struct ktap_error place;
};

struct ktap_changes {
	unsigned long used; /* functions called, a bit each */
	unsigned long logged;
	atomic_t lost; /* calls that found the queue full */
	ktap_lock_t lock; /* of the queue */
	u32 first, waiting;
	struct change queue[QUEUE];
};

int ktap_changes_new(struct ktap_instance *i)
{
	if (!(i->info->capabilities & KTAP_CAPABILITY_MODIFY))
		return 0;
	i->changes = kzalloc(sizeof(*i->changes), GFP_KERNEL_ACCOUNT);
	if (!i->changes)
		return -ENOMEM;
	ktap_lock_init(&i->changes->lock);
	return 0;
}

u32 ktap_changes_lost(const struct ktap_instance *i)
{
	return i->changes ? atomic_read(&i->changes->lost) : 0;
}

/* "text" or the number; its length. */
static int put_value(char *to, size_t size, const struct ktap_value *value)
{
	const struct ktap_string *s = (const struct ktap_string *)(unsigned long)value->bits;

	if (value->kind == KTAP_KIND_INT)
		return scnprintf(to, size, "%lld", (long long)value->bits);
	return scnprintf(to, size, "%s", s ? s->bytes : "");
}

static void change_printk(struct ktap_instance *i, const struct change *c)
{
	static DEFINE_RATELIMIT_STATE(limit, 10 * HZ, 1000);
	char text[256];
	int length = 0;
	u32 n;

	for (n = 0; n < c->count; n++) {
		if (n)
			length += scnprintf(text + length, sizeof(text) - length, " ");
		length += put_value(text + length, sizeof(text) - length, &c->args[n]);
	}
	for (n = 0; n < length; n++)
		if (!isascii(text[n]) || !isprint(text[n]))
			text[n] = text[n] == '\t' ? ' ' : '?';
	if (__ratelimit(&limit))
		pr_notice("program %s: %s\n", i->info->name.bytes, text);
}

static int change_signal(const struct change *c)
{
	s64 number = c->args[0].bits, sig = c->args[1].bits;
	struct task_struct *task;
	struct pid *pid;
	int error;

	if (sig < 1 || sig > _NSIG)
		return -EINVAL;
	rcu_read_lock();
	pid = number > 0 && number <= PID_MAX_LIMIT ? find_pid_ns(number, &init_pid_ns) : NULL;
	task = pid ? pid_task(pid, PIDTYPE_PID) : NULL;
	if (number == 0)
		error = -EPERM; /* the idle task */
	else if (!task)
		error = -ESRCH;
	else if (is_global_init(task) || task->flags & PF_KTHREAD)
		error = -EPERM;
	else
		error = kill_pid(pid, sig, 1);
	rcu_read_unlock();
	return error == -ESRCH && c->may_be_gone ? 0 : error;
}

/*
 * Writes to the file of a kernel parameter as the kernel's own command line does, in a mount of its
 * own: whether and where the board has /proc does not matter.
 */
static int write_parameter(const char *path, const char *value, size_t length)
{
	struct file_system_type *type = get_fs_type("proc");
	struct vfsmount *mount;
	struct file *file;
	loff_t position = 0;
	ssize_t written;

	if (!type)
		return -ENODEV;
	mount = kern_mount(type);
	if (IS_ERR(mount))
		return PTR_ERR(mount);
	file = ktap_open_below(mount, path, O_WRONLY);
	if (IS_ERR(file)) {
		written = PTR_ERR(file);
	} else {
		written = kernel_write(file, value, length, &position);
		filp_close(file, NULL);
	}
	kern_unmount(mount);
	return written < 0 ? written : written < length ? -EINVAL : 0;
}

/* "vm.swappiness" or "vm/swappiness": parts of letters, digits, '_' and '-'. */
static bool make_path(char *path, size_t size, const struct ktap_string *name)
{
	char *c;

	if (!name || scnprintf(path, size, "sys/%s", name->bytes) != name->length + 4)
		return false;
	for (c = path + 4; *c; c++) {
		if (*c == '.')
			*c = '/';
		if (*c != '/' && *c != '_' && *c != '-' && !(isascii(*c) && isalnum(*c)))
			return false;
		if (*c == '/' && (c[-1] == '/' || !c[1]))
			return false;
	}
	return true;
}

static int change_sysctl(const struct change *c)
{
	const struct ktap_string *value = (const struct ktap_string *)(unsigned long)c->args[1].bits;
	char path[128], number[24];
	int length;

	if (!make_path(path, sizeof(path),
		       (const struct ktap_string *)(unsigned long)c->args[0].bits))
		return -EINVAL;
	if (c->args[1].kind == KTAP_KIND_STR)
		return write_parameter(path, value ? value->bytes : "", value ? value->length : 0);
	length = put_value(number, sizeof(number), &c->args[1]);
	return write_parameter(path, number, length);
}

static int make_change(struct ktap_instance *i, const struct change *c)
{
	switch (c->id) {
	case KTAP_LIB_PRINTK:
		change_printk(i, c);
		return 0;
	case KTAP_LIB_SIGNAL:
		return change_signal(c);
	default:
		return change_sysctl(c);
	}
}

static void log_use(const struct ktap_instance *i, unsigned int function)
{
	pr_notice("program %s of uid %u, %s%s, changes the kernel: %s\n", i->info->name.bytes,
		  from_kuid_munged(&init_user_ns, i->uid), i->signer[0] ? "signed by " : "unsigned",
		  i->signer, ktap_library_info(KTAP_LIB_SET_RETVAL + function)->name);
}

static bool take_change(struct ktap_changes *changes, struct change *out)
{
	unsigned long flags;
	bool taken;

	ktap_lock(&changes->lock, flags);
	taken = changes->waiting;
	if (taken) {
		*out = changes->queue[changes->first];
		changes->first = (changes->first + 1) % QUEUE;
		changes->waiting--;
	}
	ktap_unlock(&changes->lock, flags);
	return taken;
}

void ktap_changes_run(struct ktap_instance *i)
{
	struct ktap_changes *changes = i->changes;
	unsigned int function;
	struct change change;
	int error;

	for (function = 0; function <= KTAP_LIB_TRACING_OFF - KTAP_LIB_SET_RETVAL; function++)
		if (test_bit(function, &changes->used) &&
		    !test_and_set_bit(function, &changes->logged))
			log_use(i, function);
	while (take_change(changes, &change)) {
		error = make_change(i, &change);
		if (!error)
			continue;
		change.place.code = KTAP_ERROR_REFUSED;
		change.place.detail[0] = change.id;
		change.place.detail[1] = -error;
		ktap_instance_fail(i, &change.place);
	}
}

static void fill_change(struct ktap_exec *x, u32 id, const struct ktap_value *args, u32 count,
			struct change *c)
{
	c->id = id;
	c->count = count;
	memcpy(c->args, args, count * sizeof(*args));
	c->may_be_gone = false;
	memset(&c->place, 0, sizeof(c->place));
	ktap_exec_place(x, &c->place);
}

/* From a handler: nothing is done before interrupts are let in again. */
static void queue_change(struct ktap_instance *i, struct ktap_exec *x, u32 id,
			 const struct ktap_value *args, u32 count)
{
	struct ktap_changes *changes = i->changes;
	struct change *c = NULL;
	unsigned long flags;

	ktap_lock(&changes->lock, flags);
	if (changes->waiting < QUEUE) {
		c = &changes->queue[(changes->first + changes->waiting++) % QUEUE];
		fill_change(x, id, args, count, c);
		c->may_be_gone = id == KTAP_LIB_SIGNAL &&
				 ((pid_t)args[0].bits == task_tgid_nr(current) ||
				  (pid_t)args[0].bits == task_pid_nr(current));
	}
	ktap_unlock(&changes->lock, flags);
	if (!c) {
		atomic_inc(&changes->lost);
		ktap_exec_lose(x);
	}
	ktap_instance_kick(i, KTAP_PENDING_CHANGE);
}

u32 ktap_library_change(struct ktap_exec *x, u32 id, const struct ktap_value *args, u32 count)
{
	struct ktap_instance *i = ktap_exec_owner(x);
	struct change change;
	int error;

	if (!test_and_set_bit(id - KTAP_LIB_SET_RETVAL, &i->changes->used))
		ktap_instance_kick(i, KTAP_PENDING_CHANGE);
	switch (id) {
	case KTAP_LIB_SET_RETVAL:
		return ktap_events_set_retval(
			x, (const struct ktap_event *)(unsigned long)args[0].bits, args[1].bits);
	case KTAP_LIB_TRACING_ON:
		tracing_on();
		return 0;
	case KTAP_LIB_TRACING_OFF:
		tracing_off();
		return 0;
	}
	if (ktap_dispatch_runs(x)) {
		queue_change(i, x, id, args, count);
		return 0;
	}
	fill_change(x, id, args, count, &change);
	error = make_change(i, &change);
	return error ? ktap_exec_fail(x, KTAP_ERROR_REFUSED, id, -error) : 0;
}
