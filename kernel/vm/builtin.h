/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The built-in variables that scripts ask for at nearly every event, without the way through the
 * home (an indirect call, a search for the number, calls for the string). Only the kernel has them; all
 * others, and all homes in user space, are asked by call.
 */
#ifndef KTAP_BUILTIN_H
#define KTAP_BUILTIN_H

#include "internal.h"

#ifdef __KERNEL__
#include <linux/timekeeping.h>

#include <asm/word-at-a-time.h>

/* The command of the current task. Another task may be changing it: what is measured is a copy. */
static ktap_always_inline bool ktap_builtin_execname(struct ktap_exec *x, uint64_t *bits)
{
	const struct word_at_a_time constants = WORD_AT_A_TIME_CONSTANTS;
	unsigned long word, zeros;
	struct ktap_string *string = ktap_arena_take(x, TASK_COMM_LEN - 1);
	uint32_t n;

	if (ktap_unlikely(!string))
		return false;
	memcpy(string->bytes, current->comm, TASK_COMM_LEN);
	string->bytes[TASK_COMM_LEN - 1] = 0;
	barrier();
	/* By words: a loop over the bytes takes 4 instructions for each, this 20 for 8 of them. */
	for (n = 0; n < TASK_COMM_LEN; n += sizeof(word)) {
		memcpy(&word, string->bytes + n, sizeof(word));
		if (!has_zero(word, &zeros, &constants))
			continue;
		zeros = create_zero_mask(prep_zero_mask(word, zeros, &constants));
		string->length = n + find_zero(zeros);
		break;
	}
	*bits = ktap_str_bits(string);
	return true;
}

/* False when the home must be asked. */
static ktap_always_inline bool ktap_builtin(struct ktap_exec *x, uint32_t id, uint64_t *bits,
					 uint8_t *kind)
{
	if (id == KTAP_LIB_EXECNAME) {
		if (ktap_unlikely(!ktap_builtin_execname(x, bits)))
			return false;
		*kind = KTAP_KIND_STR;
		return true;
	}
	if (id == KTAP_LIB_PID)
		*bits = task_tgid_nr(current);
	else if (id == KTAP_LIB_TID)
		*bits = task_pid_nr(current);
	else if (id == KTAP_LIB_NSECS)
		*bits = ktime_get_mono_fast_ns();
	else if (id == KTAP_LIB_CPU)
		*bits = raw_smp_processor_id();
	else
		return false;
	*kind = KTAP_KIND_INT;
	return true;
}
#else
static inline bool ktap_builtin(struct ktap_exec *x, uint32_t id, uint64_t *bits, uint8_t *kind)
{
	(void)x, (void)id, (void)bits, (void)kind;
	return false;
}
#endif

#endif
