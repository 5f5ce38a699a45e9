// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Loading: who may run what. The bundle is copied once, before anything looks at it; then envelope,
 * signature, contents and bytecode, capabilities, arguments, and what the caller narrows. Each refusal
 * has one errno, one sentence for the caller, and one line in the log.
 */
#define pr_fmt(fmt) KBUILD_MODNAME ": " fmt

#include <linux/capability.h>
#include <linux/cpumask.h>
#include <linux/cred.h>
#include <linux/ctype.h>
#include <linux/log2.h>
#include <linux/pid.h>
#include <linux/printk.h>
#include <linux/ratelimit.h>
#include <linux/sched/signal.h>
#include <linux/slab.h>
#include <linux/timekeeping.h>
#include <linux/uaccess.h>
#include <linux/vmalloc.h>

#include "compat/lockdown.h"
#include "instance.h"
#include "module.h"

/* A bundle under examination. */
struct ktap_loading {
	struct ktap_ioc_load io;
	void *bundle;
	struct ktap_envelope envelope;
	struct ktap_instance template;
	u32 ring;
	struct ktap_diagnostic diagnostic;
};

static __printf(3, 4) int ktap_load_refuse(struct ktap_loading *l, int error, const char *format,
					   ...)
{
	va_list args;

	va_start(args, format);
	vscnprintf(l->diagnostic.text, sizeof(l->diagnostic.text), format, args);
	va_end(args);
	l->diagnostic.error = error;
	return error;
}

/* One line a refusal; the burst is far above what tests do, below what would flood a log. */
static void ktap_log_refusal(struct ktap_loading *l)
{
	static DEFINE_RATELIMIT_STATE(limit, 10 * HZ, 1000);
	char *c;

	/* Names may come from the bundle. */
	for (c = l->diagnostic.text; *c; c++)
		if (!isascii(*c) || !isprint(*c))
			*c = '?';
	if (__ratelimit(&limit))
		pr_notice("bundle of uid %u refused: %s\n",
			  from_kuid_munged(&init_user_ns, current_uid()), l->diagnostic.text);
}

static int ktap_load_copy(struct ktap_loading *l)
{
	u64 length = l->io.bundle_length;

	if (l->io.flags & ~(u32)KTAP_LOAD_CHECK || l->io.message.reserved)
		return ktap_load_refuse(l, -EINVAL, "unknown flags");
	if (length == 0 || length > KTAP_MAX_BUNDLE)
		return ktap_load_refuse(l, -EBADMSG, "a bundle has 1 to %u bytes, this has %llu",
					KTAP_MAX_BUNDLE, length);
	l->bundle = vmalloc(length);
	if (!l->bundle)
		return ktap_load_refuse(l, -ENOMEM, "no memory for the bundle");
	if (copy_from_user(l->bundle, u64_to_user_ptr(l->io.bundle), length))
		return -EFAULT;
	return 0;
}

/* Who signed it, and whether that lets the caller run it. */
static int ktap_load_trust(struct ktap_loading *l)
{
	const char *why = "";
	int error = ktap_bundle_open(l->bundle, l->io.bundle_length, &l->envelope, &l->diagnostic);

	if (error)
		return l->diagnostic.error = error;
	if (l->envelope.cms) {
		error = ktap_signature_check(l->bundle, &l->envelope, &why);
		if (error)
			return ktap_load_refuse(l, error, "%s", why);
		ktap_signature_signer(&l->envelope, l->template.signer,
				      sizeof(l->template.signer));
	} else if (READ_ONCE(ktap_enforce)) {
		return ktap_load_refuse(l, -EPERM, "the bundle is unsigned and enforce=1");
	} else if (!capable(CAP_SYS_ADMIN)) {
		return ktap_load_refuse(l, -EPERM,
					"the bundle is unsigned, only CAP_SYS_ADMIN may run it");
	}
	if (security_locked_down(LOCKDOWN_TRACEFS))
		return ktap_load_refuse(l, -EPERM, "the kernel is locked down");
	return 0;
}

/* The bundle's validity times, which say nothing on a board that has no clock or lost its battery. */
static int ktap_load_validity(struct ktap_loading *l)
{
	const struct ktap_program_info *info = l->template.info;
	s64 now = ktime_get_real_seconds();

	if (now < KTAP_BUILD_EPOCH)
		return 0;
	if (info->not_before && now < info->not_before)
		return ktap_load_refuse(l, -EPERM,
					"the bundle is not valid yet by this board's clock");
	if (info->not_after && now > info->not_after)
		return ktap_load_refuse(l, -EPERM,
					"the bundle is no longer valid by this board's clock");
	return 0;
}

static int ktap_load_verify(struct ktap_loading *l)
{
	u32 capabilities;

	l->template.program = ktap_program_load(l->bundle, l->envelope.signed_length,
						&ktap_kernel_home, &l->diagnostic);
	if (!l->template.program)
		return l->diagnostic.error;
	l->template.info = ktap_program_info(l->template.program);
	capabilities = l->template.info->capabilities;
	if (capabilities & KTAP_CAPABILITY_MODIFY && !ktap_allow_modify)
		return ktap_load_refuse(l, -EPERM,
					"the program changes the kernel and allow_modify is 0");
	if (capabilities & KTAP_CAPABILITY_MEMORY && security_locked_down(LOCKDOWN_BPF_READ_KERNEL))
		return ktap_load_refuse(
			l, -EPERM, "the program reads kernel memory and the kernel is locked down");
	return ktap_load_validity(l);
}

static int ktap_load_arguments(struct ktap_loading *l)
{
	const struct ktap_ioc_argument __user *from = u64_to_user_ptr(l->io.arguments);
	struct ktap_argument arguments[KTAP_MAX_ARGUMENTS] = {};
	u32 count = l->io.argument_count, n;
	int error = 0;

	if (count > KTAP_MAX_ARGUMENTS)
		return ktap_load_refuse(l, -EINVAL, "at most %u arguments, these are %u",
					KTAP_MAX_ARGUMENTS, count);
	for (n = 0; n < count && !error; n++) {
		struct ktap_ioc_argument a;

		if (copy_from_user(&a, &from[n], sizeof(a))) {
			error = -EFAULT;
			break;
		}
		arguments[n].kind = a.kind;
		arguments[n].integer = a.integer;
		if (a.kind != KTAP_KIND_STR)
			continue;
		if (a.length > KTAP_MAX_STRING) {
			error = ktap_load_refuse(l, -EINVAL, "arg[%u] has more than %u bytes",
						 n, KTAP_MAX_STRING);
			break;
		}
		arguments[n].length = a.length;
		arguments[n].bytes = memdup_user_nul(u64_to_user_ptr(a.address), a.length);
		if (IS_ERR(arguments[n].bytes)) {
			error = PTR_ERR(arguments[n].bytes);
			arguments[n].bytes = NULL;
		}
	}
	if (!error) {
		/* Also without any: the policy may want some. */
		error = ktap_program_set_arguments(l->template.program, arguments, count,
						   l->envelope.cms, &l->diagnostic);
	}
	for (n = 0; n < count; n++)
		kfree(arguments[n].bytes);
	return error;
}

/* A process id as the caller sees it, as the initial namespace does. */
static int ktap_load_pid(struct ktap_loading *l, s32 number, pid_t *out)
{
	struct task_struct *task;
	struct pid *pid;
	pid_t leader = 0;

	*out = 0;
	if (number == 0)
		return 0;
	pid = number > 0 ? find_get_pid(number) : NULL;
	if (!pid)
		return ktap_load_refuse(l, -EINVAL, "there is no process %d", number);
	*out = pid_nr(pid);
	rcu_read_lock();
	task = pid_task(pid, PIDTYPE_PID);
	if (task && !thread_group_leader(task))
		leader = task_tgid_vnr(task);
	rcu_read_unlock();
	put_pid(pid);
	if (leader)
		return ktap_load_refuse(l, -EINVAL, "%d is a thread of process %d", number, leader);
	return 0;
}

static int ktap_load_narrow(struct ktap_loading *l)
{
	int error = ktap_load_pid(l, l->io.pid, &l->template.pid);

	if (!error)
		error = ktap_load_pid(l, l->io.command, &l->template.command);
	if (error)
		return error;
	if (l->io.cpu < -1 || l->io.cpu >= (int)nr_cpu_ids ||
	    (l->io.cpu >= 0 && !cpu_possible(l->io.cpu)))
		return ktap_load_refuse(l, -EINVAL, "there is no CPU %d", l->io.cpu);
	if (l->io.cpu >= 0 && !cpu_online(l->io.cpu))
		return ktap_load_refuse(l, -EINVAL, "CPU %d is offline", l->io.cpu);
	l->template.cpu = l->io.cpu;
	l->ring = l->template.info->ring;
	if (l->io.ring) {
		if (!is_power_of_2(l->io.ring) || l->io.ring < 4096)
			return ktap_load_refuse(
				l, -EINVAL, "a ring has a power of two of bytes, at least 4096");
		if (l->io.ring > l->ring)
			return ktap_load_refuse(l, -EINVAL, "the bundle permits rings of %u bytes",
						l->ring);
		l->ring = l->io.ring;
	}
	/* Pages of the rings are mapped: no smaller than one, whatever a page is here. */
	l->ring = max_t(u32, l->ring, PAGE_SIZE);
	return 0;
}

static int ktap_load_instance(struct ktap_loading *l)
{
	size_t bytes = ktap_program_memory(l->template.program) +
		       ktap_exec_size(KTAP_EXEC_MAIN) + ktap_rings_bytes(l->ring);
	struct ktap_instance *i;
	int fd;

	if (ktap_user_charge(l->template.user, bytes))
		return ktap_load_refuse(
			l, -ERANGE, "%zu bytes for the program and its rings: max_memory is %lu",
			bytes, READ_ONCE(ktap_max_memory));
	l->template.charged = bytes;
	l->template.owner = task_tgid_nr(current);
	l->template.uid = current_uid();
	l->template.loaded = ktime_get_real_seconds();
	get_task_comm(l->template.comm, current);
	i = ktap_instance_new(&l->template, l->ring);
	if (!i)
		return ktap_load_refuse(l, -ENOMEM, "no memory for the program's rings");
	/* From here on all is the instance's. */
	l->template.program = NULL;
	l->template.user = NULL;
	fd = ktap_program_descriptor(i);
	if (fd < 0) {
		ktap_instance_release(i);
		return ktap_load_refuse(l, fd, "no descriptor for the program");
	}
	return fd;
}

static int ktap_load_all(struct ktap_loading *l)
{
	int error;

	l->template.user = ktap_user_get(current_uid());
	if (IS_ERR(l->template.user)) {
		error = PTR_ERR(l->template.user);
		return ktap_load_refuse(l, error, "%s",
					error == -ENOMEM ?
						"no memory to load a program" :
						"this user has max_programs programs already");
	}
	error = ktap_load_copy(l);
	if (!error)
		error = ktap_load_trust(l);
	if (!error)
		error = ktap_load_verify(l);
	if (!error)
		error = ktap_load_arguments(l);
	if (!error)
		error = ktap_load_narrow(l);
	if (!error && !(l->io.flags & KTAP_LOAD_CHECK))
		error = ktap_load_instance(l);
	if (l->template.program)
		ktap_program_free(l->template.program);
	if (l->template.user)
		ktap_user_put(l->template.user, l->template.charged);
	vfree(l->bundle);
	return error;
}

long ktap_load(void __user *argument)
{
	struct ktap_loading *l = kzalloc(sizeof(*l), GFP_KERNEL);
	int result;

	if (!l)
		return -ENOMEM;
	if (copy_from_user(&l->io, argument, sizeof(l->io)))
		result = -EFAULT;
	else
		result = ktap_load_all(l);
	if (result < 0 && l->diagnostic.text[0]) {
		ktap_log_refusal(l);
		ktap_message(&l->io.message, l->diagnostic.text);
	}
	kfree(l);
	return result;
}
