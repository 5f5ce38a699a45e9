/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The port of the virtual machine to user space: ktapc, tests, fuzzers; see port.h. */
#ifndef KTAP_PORT_USER_H
#define KTAP_PORT_USER_H

#include <errno.h>
#include <sched.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* While a process has one thread, locks and atomic operations are plain stores. */
#if __has_include(<sys/single_threaded.h>)
#include <sys/single_threaded.h>
#define ktap_alone() __builtin_expect(__libc_single_threaded, 1)
#else
#define ktap_alone() 0
#endif

#ifdef KTAP_HOSTILE
/* The tests' own allocator: counts, fills with rubbish behind, and fails when told to. */
void *ktap_hostile_alloc(size_t size);
void ktap_hostile_free(void *p);
#define ktap_alloc ktap_hostile_alloc
#define ktap_free ktap_hostile_free
#else
static inline void *ktap_alloc(size_t size)
{
	return calloc(1, size);
}

static inline void ktap_free(void *p)
{
	free(p);
}
#endif

typedef struct {
	int held;
} ktap_lock_t;

static inline void ktap_lock_init(ktap_lock_t *lock)
{
	__atomic_store_n(&lock->held, 0, __ATOMIC_RELAXED);
}

static inline void ktap_lock_inner(ktap_lock_t *lock)
{
	unsigned int spins = 0;

	if (ktap_alone()) {
		__atomic_store_n(&lock->held, 1, __ATOMIC_RELAXED);
		return;
	}
	while (__atomic_exchange_n(&lock->held, 1, __ATOMIC_ACQUIRE))
		if (++spins % 64 == 0)
			sched_yield();
}

static inline void ktap_unlock_inner(ktap_lock_t *lock)
{
	__atomic_store_n(&lock->held, 0, __ATOMIC_RELEASE);
}

#define ktap_lock(lock, flags) ((flags) = 0, ktap_lock_inner(lock))
#define ktap_unlock(lock, flags) ((void)(flags), ktap_unlock_inner(lock))

typedef struct {
	int64_t value;
} ktap_atomic64_t;

static inline int64_t ktap_atomic64_read(const ktap_atomic64_t *a)
{
	return __atomic_load_n(&a->value, __ATOMIC_ACQUIRE);
}

static inline void ktap_atomic64_set(ktap_atomic64_t *a, int64_t value)
{
	__atomic_store_n(&a->value, value, __ATOMIC_RELAXED);
}

static inline void ktap_atomic64_add(ktap_atomic64_t *a, int64_t value)
{
	if (ktap_alone())
		__atomic_store_n(&a->value, (int64_t)((uint64_t)a->value + (uint64_t)value),
				 __ATOMIC_RELAXED);
	else
		__atomic_fetch_add(&a->value, value, __ATOMIC_RELAXED);
}

static inline int64_t ktap_atomic64_exchange(ktap_atomic64_t *a, int64_t value)
{
	return __atomic_exchange_n(&a->value, value, __ATOMIC_ACQ_REL);
}

typedef struct {
	uint32_t value;
} ktap_atomic32_t;

static inline uint32_t ktap_atomic32_read(const ktap_atomic32_t *a)
{
	return __atomic_load_n(&a->value, __ATOMIC_ACQUIRE);
}

static inline uint32_t ktap_atomic32_add(ktap_atomic32_t *a, uint32_t value)
{
	return __atomic_add_fetch(&a->value, value, __ATOMIC_SEQ_CST);
}

static inline uint32_t ktap_atomic32_sub(ktap_atomic32_t *a, uint32_t value)
{
	return __atomic_sub_fetch(&a->value, value, __ATOMIC_SEQ_CST);
}

#define ktap_read_once(x) __atomic_load_n(&(x), __ATOMIC_RELAXED)
#define ktap_write_once(x, v) __atomic_store_n(&(x), (v), __ATOMIC_RELAXED)

static inline int64_t ktap_divide(int64_t a, int64_t b)
{
	return a / b;
}

static inline uint32_t ktap_remainder_u64(uint64_t *a, uint32_t b)
{
	uint32_t remainder = (uint32_t)(*a % b);

	*a /= b;
	return remainder;
}

static inline uint32_t ktap_bit_length(uint64_t value)
{
	return value ? 64 - (uint32_t)__builtin_clzll(value) : 0;
}

static inline uint32_t ktap_cpu(void)
{
	return ktap_simulated_cpu;
}

#define ktap_vsnprintf vsnprintf

static inline void ktap_yield(void)
{
}

#define KTAP_JUMP_TABLE

/* Under the address sanitizer the free part of an arena is out of bounds. */
#if defined(__has_feature)
#if __has_feature(address_sanitizer)
#define KTAP_ASAN 1
#endif
#endif
#if defined(__SANITIZE_ADDRESS__) || defined(KTAP_ASAN)
void __asan_poison_memory_region(void const volatile *p, size_t size);
void __asan_unpoison_memory_region(void const volatile *p, size_t size);
#define ktap_poison(p, size) __asan_poison_memory_region(p, size)
#define ktap_unpoison(p, size) __asan_unpoison_memory_region(p, size)
#else
#define ktap_poison(p, size) ((void)0)
#define ktap_unpoison(p, size) ((void)0)
#endif

#endif
