// SPDX-License-Identifier: GPL-2.0-or-later
/* What a handler may change of its event: the value that a call returns. */
#include "compat/registers.h"
#include "compat/syscalls.h"
#include "events_internal.h"

/* ERESTARTSYS .. ERESTART_RESTARTBLOCK: the kernel's own, which would start the call again. */
#define FIRST_RESTART (-516)
#define LAST_RESTART (-512)

static u32 set_call(struct ktap_exec *x, const struct ktap_hit *hit, s64 value)
{
	if (value != (long)value || (value >= FIRST_RESTART && value <= LAST_RESTART))
		return ktap_exec_fail(x, KTAP_ERROR_ARGUMENT, 1, 0);
	/* On the way out user space gets what stands in the registers now. */
	syscall_set_return_value(current, hit->regs, IS_ERR_VALUE((long)value) ? (int)value : 0,
				 (long)value);
	return 0;
}

uint32_t ktap_events_set_retval(struct ktap_exec *x, const struct ktap_event *event, int64_t value)
{
	const struct ktap_hit *hit = ktap_hit_of(event);

	switch (hit->class) {
	case KTAP_HIT_EXIT:
	case KTAP_HIT_RAW_EXIT:
		return set_call(x, hit, value);
	case KTAP_HIT_FUNCTION_RETURN:
		if (value != (long)value)
			return ktap_exec_fail(x, KTAP_ERROR_ARGUMENT, 1, 0);
		ktap_set_result(hit->regs, value);
		return 0;
	default:
		return ktap_exec_fail(x, KTAP_ERROR_UNAVAILABLE, KTAP_LIB_SET_RETVAL, 0);
	}
}
