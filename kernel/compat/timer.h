/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Timers: what differs between kernel versions. */
#ifndef KTAP_COMPAT_TIMER_H
#define KTAP_COMPAT_TIMER_H

#include <linux/hrtimer.h>
#include <linux/timer.h>
#include <linux/version.h>

#if LINUX_VERSION_CODE < KERNEL_VERSION(6, 2, 0)
#define ktap_timer_shutdown_sync(t) del_timer_sync(t)
#else
/* Also keeps the timer from being started again. */
#define ktap_timer_shutdown_sync(t) timer_shutdown_sync(t)
#endif

#if LINUX_VERSION_CODE < KERNEL_VERSION(6, 16, 0)
#define ktap_timer_of(pointer, timer, member) from_timer(pointer, timer, member)
#else
#define ktap_timer_of(pointer, timer, member) timer_container_of(pointer, timer, member)
#endif

#if LINUX_VERSION_CODE < KERNEL_VERSION(6, 13, 0)
#define ktap_hrtimer_setup(t, callback, clock, mode)                                               \
	do {                                                                                       \
		hrtimer_init(t, clock, mode);                                                      \
		(t)->function = callback;                                                          \
	} while (0)
#else
#define ktap_hrtimer_setup(t, callback, clock, mode) hrtimer_setup(t, callback, clock, mode)
#endif

#endif
