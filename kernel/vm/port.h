/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The port: everything the machine takes from the place it runs in. Both implementations
 * define
 *
 *   ktap_alloc, ktap_free         zeroed memory, process context
 *   ktap_lock_t, ktap_lock_init,  a spinlock that is held with interrupts off;
 *   ktap_lock, ktap_unlock        `flags` is an unsigned long of the caller
 *   ktap_atomic64_t and           64 bits in one piece, also on 32-bit machines
 *   ktap_atomic64_read/set/add/exchange
 *   ktap_atomic32_t and           32 bits; add and sub return the new value
 *   ktap_atomic32_read/add/sub
 *   ktap_read_once, ktap_write_once  words that others write without our lock
 *   ktap_divide                   signed 64-bit division; neither 0 nor INT64_MIN / -1
 *   ktap_remainder_u64            the quotient in place, the remainder as result
 *   ktap_cpu                      the number of this CPU; it may change at any time
 *   ktap_vsnprintf, ktap_yield
 */
#ifndef KTAP_PORT_H
#define KTAP_PORT_H

#include "ktapvm.h"

#ifdef __KERNEL__
#include "port_kernel.h"
#else
#include "port_user.h"
#endif

/* The kernel takes inline for a hint only. */
#define ktap_always_inline inline __attribute__((__always_inline__))
#define ktap_noinline __attribute__((__noinline__))
#define ktap_likely(x) __builtin_expect(!!(x), 1)
#define ktap_unlikely(x) __builtin_expect(!!(x), 0)

#endif
