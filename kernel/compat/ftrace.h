/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The function tracer and return probes: what differs between kernel versions. */
#ifndef KTAP_COMPAT_FTRACE_H
#define KTAP_COMPAT_FTRACE_H

#include <linux/ftrace.h>
#include <linux/kprobes.h>
#include <linux/version.h>

#if defined(CONFIG_DYNAMIC_FTRACE) && defined(CONFIG_DYNAMIC_FTRACE_WITH_REGS)
#define KTAP_HAS_FTRACE 1
#else
#define KTAP_HAS_FTRACE 0
#endif

/* Arguments that the tracer gives without being asked for all registers. */
#if defined(CONFIG_X86_64) && defined(CONFIG_DYNAMIC_FTRACE_WITH_ARGS) &&                          \
	LINUX_VERSION_CODE >= KERNEL_VERSION(5, 11, 0) && LINUX_VERSION_CODE < KERNEL_VERSION(6, 12, 0)
#define KTAP_FTRACE_ARGUMENTS 6u
typedef struct ftrace_regs ktap_ftrace_regs;
#define ktap_ftrace_pt_regs(r) (&(r)->regs)
#elif LINUX_VERSION_CODE >= KERNEL_VERSION(5, 11, 0)
#define KTAP_FTRACE_ARGUMENTS 0u
typedef struct ftrace_regs ktap_ftrace_regs;
#define ktap_ftrace_pt_regs(regs) ftrace_get_regs(regs)
#else
#define KTAP_FTRACE_ARGUMENTS 0u
typedef struct pt_regs ktap_ftrace_regs;
#define ktap_ftrace_pt_regs(regs) (regs)
#endif

#if LINUX_VERSION_CODE >= KERNEL_VERSION(5, 15, 0)
#define ktap_kretprobe_of(instance) get_kretprobe(instance)
#define ktap_kretprobe_caller(instance) get_kretprobe_retaddr(instance)
#else
#define ktap_kretprobe_of(instance) ((instance)->rp)
#define ktap_kretprobe_caller(instance) ((unsigned long)(instance)->ret_addr)
#endif

/* Has the tracer call for the functions at `sites` alone. 0 or -errno. */
static inline int ktap_ftrace_filter(struct ftrace_ops *ops, unsigned long *sites, unsigned int count)
{
#if !KTAP_HAS_FTRACE
	return -EOPNOTSUPP;
#elif LINUX_VERSION_CODE >= KERNEL_VERSION(5, 18, 0)
	return ftrace_set_filter_ips(ops, sites, count, 0, 0);
#else
	int error = 0;

	while (count-- && !error)
		error = ftrace_set_filter_ip(ops, sites[count], 0, 0);
	return error;
#endif
}

#endif
