/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Counters of one program on one CPU, one set for each context level, so that no writer is
 * ever interrupted by another of the same set: plain 64-bit increments are enough.
 */
#ifndef KTAP_COUNTERS_H
#define KTAP_COUNTERS_H

#include <linux/hardirq.h>
#include <linux/preempt.h>
#include <linux/seqlock.h>
#include <asm/local.h>

#include "compat/context.h"

enum ktap_level {
	KTAP_LEVEL_TASK,
	KTAP_LEVEL_SOFTIRQ,
	KTAP_LEVEL_HARDIRQ,
	KTAP_LEVEL_RUN, /* number of levels that run programs */
	KTAP_LEVEL_NMI = KTAP_LEVEL_RUN,
	KTAP_LEVEL_COUNT
};

/* How a hit went: exactly one of them, so that the hits are their sum. */
enum ktap_counter {
	KTAP_COUNTER_HANDLED,
	KTAP_COUNTER_MISSED,
	KTAP_COUNTER_THROTTLED,
	KTAP_COUNTER_DROPPED,
	KTAP_COUNTER_COUNT,
	KTAP_COUNTER_NS = KTAP_COUNTER_COUNT /* no hits: the time of the handlers, by samples */
};

struct ktap_level_counters {
	u64 value[KTAP_COUNTER_NS + 1];
#if BITS_PER_LONG == 32
	seqcount_t seq; /* readers must not see half an increment */
#endif
};

struct ktap_counters {
	struct ktap_level_counters level[KTAP_LEVEL_COUNT];
	/* CPU share: ns used since `window`, which counts units of 2^20 ns. */
	local_t used;
	u32 window;
	u32 untimed; /* hits until the next one is timed */
};

/* The level of the running code. Preemption is off. */
static inline enum ktap_level ktap_level(void)
{
	if (in_nmi())
		return KTAP_LEVEL_NMI;
	if (in_hardirq())
		return KTAP_LEVEL_HARDIRQ;
	return in_serving_softirq() ? KTAP_LEVEL_SOFTIRQ : KTAP_LEVEL_TASK;
}

/* Adds n at the level of the caller, who owns the set: same CPU, preemption off. */
static inline void ktap_count_many(struct ktap_level_counters *c, unsigned int which, u64 n)
{
#if BITS_PER_LONG == 32
	raw_write_seqcount_begin(&c->seq);
#endif
	WRITE_ONCE(c->value[which], c->value[which] + n);
#if BITS_PER_LONG == 32
	raw_write_seqcount_end(&c->seq);
#endif
}

static inline void ktap_count(struct ktap_level_counters *c, unsigned int which)
{
	ktap_count_many(c, which, 1);
}

/*
 * A hit that found its level taken: it may be inside of the owner's own counting, or come from an
 * interrupt whose entry is not yet told apart from what it interrupts.
 */
static inline void ktap_count_missed(struct ktap_level_counters *c, u64 n)
{
	unsigned long flags;

	raw_local_irq_save(flags);
	ktap_count_many(c, KTAP_COUNTER_MISSED, n);
	raw_local_irq_restore(flags);
}

/* Reads a counter of another CPU. Not for NMI. */
static inline u64 ktap_counter_read(const struct ktap_level_counters *c, unsigned int which)
{
#if BITS_PER_LONG == 32
	unsigned int seq;
	u64 value;

	do {
		seq = raw_read_seqcount_begin(&c->seq);
		value = c->value[which];
	} while (read_seqcount_retry(&c->seq, seq));
	return value;
#else
	return READ_ONCE(c->value[which]);
#endif
}

#endif
