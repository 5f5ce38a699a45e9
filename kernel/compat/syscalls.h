/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What differs between architectures and kernels in how a system call is told. */
#ifndef KTAP_COMPAT_SYSCALLS_H
#define KTAP_COMPAT_SYSCALLS_H

#include <linux/compat.h>
#include <linux/preempt.h>
#include <linux/thread_info.h>
#include <linux/unistd.h>
#include <linux/version.h>
#include <asm/syscall.h>
#include <asm/unistd.h>

/* True when this kernel can serve another ABI than its own. */
#if defined(CONFIG_COMPAT) || defined(CONFIG_OABI_COMPAT)
#define KTAP_HAS_FOREIGN_CALLS 1
#else
#define KTAP_HAS_FOREIGN_CALLS 0
#endif

/*
 * True when the system call that the current task is in belongs to another ABI than the
 * kernel's own: its number means something else. *number loses what marks the ABI.
 */
static __always_inline bool ktap_foreign_call(long *number)
{
#if defined(CONFIG_X86_64)
	if (!in_compat_syscall())
		return false;
	*number &= ~(long)__X32_SYSCALL_BIT;
	return true;
#elif defined(CONFIG_OABI_COMPAT)
	return (current_thread_info()->abi_syscall & ~__NR_SYSCALL_MASK) == __NR_OABI_SYSCALL_BASE;
#else
	return in_compat_syscall();
#endif
}

/* From 6.13 on the callbacks of sys_enter and sys_exit run with preemption on. */
static __always_inline void ktap_syscall_callback_begin(void)
{
	if (LINUX_VERSION_CODE >= KERNEL_VERSION(6, 13, 0))
		preempt_disable_notrace();
}

static __always_inline void ktap_syscall_callback_end(void)
{
	if (LINUX_VERSION_CODE >= KERNEL_VERSION(6, 13, 0))
		preempt_enable_notrace();
}

#endif
