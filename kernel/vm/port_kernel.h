/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The port of the virtual machine to the kernel; see port.h. */
#ifndef KTAP_PORT_KERNEL_H
#define KTAP_PORT_KERNEL_H

#include <linux/atomic.h>
#include <linux/bitops.h>
#include <linux/build_bug.h>
#include <linux/errno.h>
#include <linux/kernel.h>
#include <linux/math64.h>
#include <linux/mm.h>
#include <linux/percpu.h>
#include <linux/sched.h>
#include <linux/slab.h>
#include <linux/smp.h>
#include <linux/spinlock.h>
#include <linux/string.h>

#define INT64_MIN S64_MIN
#define INT64_MAX S64_MAX

/* Charged to the memory cgroup of the user who loads the program. */
static inline void *ktap_alloc(size_t size)
{
	return kvzalloc(size, GFP_KERNEL_ACCOUNT | __GFP_NOWARN);
}

static inline void ktap_free(void *p)
{
	kvfree(p);
}

/*
 * Locks held on this CPU, or being taken: taking one may itself be an event (lock:contention_end),
 * whose handler would wait for it for ever. The hit is missed instead, see dispatch.c.
 */
DECLARE_PER_CPU(unsigned int, ktap_locks_held);

#if defined(CONFIG_DEBUG_SPINLOCK) || defined(CONFIG_DEBUG_LOCK_ALLOC)
#define KTAP_LOCKS_WATCHED
typedef raw_spinlock_t ktap_lock_t;

/* Macros, so that lockdep sees the class of each place of use. */
#define ktap_lock_init(lock) raw_spin_lock_init(lock)
#define ktap_lock(lock, flags)                                                                     \
	do {                                                                                       \
		local_irq_save(flags);                                                             \
		__this_cpu_inc(ktap_locks_held);                                                   \
		raw_spin_lock(lock);                                                               \
	} while (0)
#define ktap_unlock(lock, flags)                                                                   \
	do {                                                                                       \
		raw_spin_unlock(lock);                                                             \
		__this_cpu_dec(ktap_locks_held);                                                   \
		local_irq_restore(flags);                                                          \
	} while (0)
/* Inside another lock of ours: interrupts are off already. */
#define ktap_lock_inner(lock) raw_spin_lock(lock)
#define ktap_unlock_inner(lock) raw_spin_unlock(lock)
#else
/*
 * What a raw spinlock consists of, inline: with interrupts off nothing can preempt its holder anyway.
 * The calls cost 14 instructions more for lock and unlock.
 */
typedef arch_spinlock_t ktap_lock_t;

#define ktap_lock_init(lock) (*(lock) = (arch_spinlock_t)__ARCH_SPIN_LOCK_UNLOCKED)

static __always_inline unsigned long ktap_lock_inline(ktap_lock_t *lock)
{
	unsigned long flags;

	local_irq_save(flags);
	__this_cpu_inc(ktap_locks_held);
	arch_spin_lock(lock);
	return flags;
}

static __always_inline void ktap_unlock_inline(ktap_lock_t *lock, unsigned long flags)
{
	arch_spin_unlock(lock);
	__this_cpu_dec(ktap_locks_held);
	local_irq_restore(flags);
}

/* dispatch.c: for all files but those of Kbuild's list `ktap-hot`. */
unsigned long ktap_lock_called(ktap_lock_t *lock);
void ktap_unlock_called(ktap_lock_t *lock, unsigned long flags);
void ktap_lock_inner_called(ktap_lock_t *lock);
void ktap_unlock_inner_called(ktap_lock_t *lock);

#ifdef KTAP_HOT
#define ktap_lock(lock, flags) ((flags) = ktap_lock_inline(lock))
#define ktap_unlock(lock, flags) ktap_unlock_inline(lock, flags)
#define ktap_lock_inner(lock) arch_spin_lock(lock)
#define ktap_unlock_inner(lock) arch_spin_unlock(lock)
#else
#define ktap_lock(lock, flags) ((flags) = ktap_lock_called(lock))
#define ktap_unlock(lock, flags) ktap_unlock_called(lock, flags)
#define ktap_lock_inner(lock) ktap_lock_inner_called(lock)
#define ktap_unlock_inner(lock) ktap_unlock_inner_called(lock)
#endif
#endif

typedef atomic64_t ktap_atomic64_t;

static inline int64_t ktap_atomic64_read(const ktap_atomic64_t *a)
{
	return atomic64_read(a);
}

static inline void ktap_atomic64_set(ktap_atomic64_t *a, int64_t value)
{
	atomic64_set(a, value);
}

static inline void ktap_atomic64_add(ktap_atomic64_t *a, int64_t value)
{
	atomic64_add(value, a);
}

static inline int64_t ktap_atomic64_exchange(ktap_atomic64_t *a, int64_t value)
{
	return atomic64_xchg(a, value);
}

typedef atomic_t ktap_atomic32_t;

static inline uint32_t ktap_atomic32_read(const ktap_atomic32_t *a)
{
	return (uint32_t)atomic_read(a);
}

static inline uint32_t ktap_atomic32_add(ktap_atomic32_t *a, uint32_t value)
{
	return (uint32_t)atomic_add_return((int)value, a);
}

static inline uint32_t ktap_atomic32_sub(ktap_atomic32_t *a, uint32_t value)
{
	return (uint32_t)atomic_sub_return((int)value, a);
}

#define ktap_read_once(x) READ_ONCE(x)
#define ktap_write_once(x, value) WRITE_ONCE(x, value)

static inline int64_t ktap_divide(int64_t a, int64_t b)
{
	return div64_s64(a, b);
}

static inline uint32_t ktap_remainder_u64(uint64_t *a, uint32_t b)
{
	uint32_t remainder;

	*a = div_u64_rem(*a, b, &remainder);
	return remainder;
}

static inline uint32_t ktap_bit_length(uint64_t value)
{
	return fls64(value);
}

static inline uint32_t ktap_cpu(void)
{
	return raw_smp_processor_id();
}

#define ktap_vsnprintf vsnprintf

/* Called in process context between slices of fuel. */
static inline void ktap_yield(void)
{
	cond_resched();
}

/* Objtool finds the targets of computed jumps through the section of their table. */
#define KTAP_JUMP_TABLE __section(".rodata..c_jump_table")

#define ktap_poison(p, size) ((void)0)
#define ktap_unpoison(p, size) ((void)0)

#endif
