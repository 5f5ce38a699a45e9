/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Lockdown: what differs between kernel versions. */
#ifndef KTAP_COMPAT_LOCKDOWN_H
#define KTAP_COMPAT_LOCKDOWN_H

#include <linux/security.h>
#include <linux/version.h>

#if LINUX_VERSION_CODE < KERNEL_VERSION(5, 15, 0)
#define LOCKDOWN_BPF_READ_KERNEL LOCKDOWN_BPF_READ
#endif

#endif
