/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Fixed-width integers for every home of these headers: kernel, musl, glibc, Swift. */
#ifndef KTAP_TYPES_H
#define KTAP_TYPES_H

#ifdef __KERNEL__
#include <linux/types.h>
#include <linux/stddef.h>
#else
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#endif

#endif
