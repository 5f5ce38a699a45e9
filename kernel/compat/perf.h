/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Samples of perf: what differs between kernel versions. */
#ifndef KTAP_COMPAT_PERF_H
#define KTAP_COMPAT_PERF_H

#include <linux/perf_event.h>
#include <linux/version.h>

/* The address that a sample says was accessed, or 0. */
static inline u64 ktap_sample_address(const struct perf_sample_data *data)
{
#if LINUX_VERSION_CODE < KERNEL_VERSION(6, 1, 0)
	return data->addr;
#else
	return data->sample_flags & PERF_SAMPLE_ADDR ? data->addr : 0;
#endif
}

#endif
