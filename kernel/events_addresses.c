// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Kernel addresses on their way to the script and out of it. Without the capability ADDRESSES they are
 * hashed; the last ones that the script got are remembered, so that it can be told their names.
 */
#include "events_internal.h"

/* The bytes that a function which calls a tracepoint's callbacks takes at most. */
#define ITERATOR_SIZE 512u
/* Bytes at the beginning of a function in which the tracer's call or the probe returns. */
#define FUNCTION_ENTRY_SIZE 32u

uint64_t ktap_events_address(struct ktap_exec *x, uint64_t address)
{
	const struct ktap_instance *i = ktap_exec_owner(x);

	return i->events ? ktap_hide(i->events, address) : 0;
}

u64 ktap_show(struct ktap_events *e, u64 address)
{
	u64 shown = ktap_hide(e, address);

	if (shown != address)
		WRITE_ONCE(e->seen[shown % KTAP_SEEN], (unsigned long)address);
	return shown;
}

unsigned long ktap_events_seen(const struct ktap_instance *i, uint64_t value)
{
	const struct ktap_events *e = i->events;
	unsigned long address;

	if (!e || !e->hide)
		return e && value == (unsigned long)value ? value : 0;
	address = READ_ONCE(e->seen[value % KTAP_SEEN]);
	return address && ktap_hide(e, address) == value ? address : 0;
}

char *ktap_events_buffer(const struct ktap_event *event)
{
	if (event)
		ktap_hit_of(event)->capture_size = 0; /* what was measured stood in the buffer */
	return ktap_scratch();
}

/* The function's own frame comes first; at its return its caller's. */
static unsigned int function_frames(const struct ktap_hit *hit, const uint64_t *frames,
				    unsigned int count)
{
	unsigned int n;

	for (n = 0; n < count; n++)
		if ((frames[n] & ~1ull) == (hit->parent_ip & ~1ul) ||
		    frames[n] - hit->ip < FUNCTION_ENTRY_SIZE)
			return n;
	return 0;
}

unsigned int ktap_frames_above(unsigned long place, const uint64_t *frames, unsigned int count)
{
	unsigned int n = 0;

	/* Instructions of two bytes mark themselves in the lowest bit. */
	while (n < count && (frames[n] & ~1ull) != (place & ~1ul))
		n++;
	return n == count ? 0 : n;
}

/*
 * The kernel's tracing kept where it was called from. Between there and the event's place lies at most
 * the function that calls all callbacks of the tracepoint.
 */
unsigned int ktap_events_tracing_frames(const struct ktap_event *event, const uint64_t *frames,
					unsigned int count)
{
	const struct tracepoint *tracepoint;
	const struct ktap_hit *hit;
	unsigned int n = 0;

	if (!event)
		return 0;
	hit = ktap_hit_of(event);
	if (ktap_is_function(hit))
		return function_frames(hit, frames, count);
	if (hit->class == KTAP_HIT_TRACEPOINT) {
		tracepoint = hit->tracepoint->call.tp;
		n = ktap_frames_above(instruction_pointer(hit->regs), frames, count);
	} else {
		tracepoint = ktap_raw_tracepoint(hit->class);
	}
	if (n < count && frames[n] - (unsigned long)tracepoint->iterator < ITERATOR_SIZE)
		n++;
	return n;
}
