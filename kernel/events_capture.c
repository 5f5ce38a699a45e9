// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Whole events as print(e) sends them: struct ktap_capture, the raw entry, and the strings that
 * fields point to. Strings are read once, when the capture is measured, and wait in the scratch
 * buffer for the buffer of the measured size.
 */
#include <ktap/recording.h>

#include "compat/unaligned.h"
#include "events_functions.h"

/* Bytes of texts in "#call": what else is in it and a string's longest length leave so much. */
#define CALL_TEXTS                                                                                 \
	(KTAP_MAX_STRING - sizeof(struct ktap_recording_call) - sizeof(struct ktap_capture) -      \
	 KTAP_SYSCALL_ARGUMENTS * (2 * sizeof(u64) + sizeof(struct ktap_capture_string)))

static u32 padded(u32 bytes)
{
	return ALIGN(bytes, 8);
}

static bool is_raw_enter(const struct ktap_hit *hit)
{
	return hit->class == KTAP_HIT_RAW_ENTER;
}

/* Bytes of the raw entry. Of a tracepoint: without its dynamic part, whose strings are captured. */
static u32 raw_length(const struct ktap_hit *hit)
{
	switch (hit->class) {
	case KTAP_HIT_ENTER:
		return KTAP_SYSCALL_ARGUMENTS * sizeof(u64);
	case KTAP_HIT_EXIT:
		return sizeof(u64);
	case KTAP_HIT_RAW_ENTER:
		return (1 + KTAP_SYSCALL_ARGUMENTS) * sizeof(u64);
	case KTAP_HIT_RAW_EXIT:
	case KTAP_HIT_FTRACE:
		return 2 * sizeof(u64);
	case KTAP_HIT_FUNCTION:
		return 0;
	case KTAP_HIT_FUNCTION_RETURN:
		return sizeof(u64);
	case KTAP_HIT_PERF:
	case KTAP_HIT_PROFILE:
		return KTAP_SAMPLE_FIELDS * sizeof(u64);
	default:
		return min_t(u32, hit->tracepoint->fixed_size, hit->raw_size);
	}
}

static void keep_string(struct ktap_hit *hit, u32 field, const char *bytes, long length)
{
	struct ktap_hit_string *s = &hit->strings[hit->string_count++];

	s->field = field;
	s->bytes = bytes;
	s->length = length < 0 ? KTAP_CAPTURE_UNREADABLE : length;
}

static void read_syscall_strings(struct ktap_hit *hit, u32 room)
{
	const struct ktap_syscall *call = ktap_syscall_get(hit->slot);
	unsigned long arguments[KTAP_SYSCALL_ARGUMENTS];
	char *scratch = ktap_scratch();
	long length;
	u32 n;

	if (!call)
		return;
	ktap_syscall_arguments(hit, arguments);
	for (n = 0; n < call->argument_count; n++) {
		if (!call->types[n].text)
			continue;
		length = ktap_syscall_text(call, n, arguments, scratch,
					   min(hit->events->string_limit, room));
		keep_string(hit, n, scratch, length);
		if (length > 0) {
			scratch += length;
			room -= length;
		}
	}
}

static void read_tracepoint_strings(struct ktap_hit *hit)
{
	const struct ktap_tracepoint *t = hit->tracepoint;
	char *scratch = ktap_scratch();
	u32 room = KTAP_SCRATCH - 1, n;
	const char *bytes;
	long length;

	for (n = 0; n < t->field_count; n++) {
		const struct ktap_field *f = &t->fields[n];

		u32 limit = min(hit->events->string_limit, room);

		if (!(f->flags & (KTAP_FIELD_STRING | KTAP_FIELD_SHOWN)))
			continue;
		bytes = scratch;
		if (f->offset + f->size > hit->raw_size)
			length = -EFAULT;
		else if (f->names)
			length = ktap_value_name(f, hit->raw, scratch, limit);
		else if (f->form == KTAP_FORM_ARRAY)
			length = ktap_array_text(hit->events, f, hit->raw, hit->raw_size, scratch,
						 limit);
		else
			length = ktap_field_text(f, hit->raw, hit->raw_size, scratch, limit, &bytes);
		if (length < 0 && (f->flags & KTAP_FIELD_SHOWN))
			continue; /* its number is shown */
		keep_string(hit, n, bytes, length);
		if (length > 0 && bytes == scratch) {
			scratch += length;
			room -= length;
		}
	}
}

/* The names of the function and its caller. */
static void read_function_strings(struct ktap_hit *hit)
{
	char *scratch = ktap_scratch();
	u32 length;

	if (hit->class != KTAP_HIT_FTRACE)
		return;
	length = ktap_function_name(scratch, hit->ip);
	keep_string(hit, 0, scratch, length);
	keep_string(hit, 1, scratch + length, ktap_function_name(scratch + length, hit->parent_ip));
}

/* room: bytes that the texts of a system call may take. */
static void measure(struct ktap_hit *hit, u32 room)
{
	u32 size = sizeof(struct ktap_capture) + padded(raw_length(hit)), n;

	hit->string_count = 0;
	if (hit->class == KTAP_HIT_TRACEPOINT)
		read_tracepoint_strings(hit);
	else if (ktap_is_function(hit))
		read_function_strings(hit);
	else if (hit->class == KTAP_HIT_ENTER)
		read_syscall_strings(hit, room);
	for (n = 0; n < hit->string_count; n++) {
		size += sizeof(struct ktap_capture_string);
		if (hit->strings[n].length != KTAP_CAPTURE_UNREADABLE)
			size += padded(hit->strings[n].length);
	}
	hit->capture_size = size;
}

static void write_syscall(const struct ktap_hit *hit, void *to, u32 length)
{
	const struct ktap_syscall *call = is_raw_enter(hit) ? NULL : ktap_syscall_get(hit->slot);
	unsigned long arguments[KTAP_SYSCALL_ARGUMENTS];
	u64 values[1 + KTAP_SYSCALL_ARGUMENTS], *value = values;
	unsigned int n;

	if (hit->class == KTAP_HIT_RAW_ENTER || hit->class == KTAP_HIT_RAW_EXIT)
		*value++ = (s64)hit->number;
	if (hit->class == KTAP_HIT_EXIT || hit->class == KTAP_HIT_RAW_EXIT) {
		*value = (s64)hit->result;
	} else {
		ktap_syscall_arguments(hit, arguments);
		for (n = 0; n < KTAP_SYSCALL_ARGUMENTS; n++)
			*value++ = ktap_syscall_value(call, n, arguments[n]);
	}
	memcpy(to, values, length);
}

/*
 * Field by field, texts up to their NUL: between and behind them stands what the kernel's buffer
 * held before, addresses perhaps.
 */
static void write_tracepoint(const struct ktap_hit *hit, void *to, u32 length)
{
	const struct ktap_tracepoint *t = hit->tracepoint;
	unsigned long address;
	u32 n;

	memset(to, 0, length);
	memcpy(to, hit->raw, sizeof(struct trace_entry));
	/* In the entry stands our own type, see events_tracepoints.c. */
	((struct trace_entry *)to)->type = t->file->event_call->event.type;
	for (n = 0; n < t->field_count; n++) {
		const struct ktap_field *f = &t->fields[n];

		if (f->offset + f->size > length)
			continue;
		memcpy(to + f->offset, hit->raw + f->offset,
		       f->form == KTAP_FORM_CHARS ? strnlen(hit->raw + f->offset, f->size) :
						    f->size);
		if (!(f->flags & KTAP_FIELD_HEX) || f->size != sizeof(address))
			continue;
		address = get_unaligned((unsigned long *)(to + f->offset));
		put_unaligned((unsigned long)ktap_hide(hit->events, address),
			      (unsigned long *)(to + f->offset));
	}
}

static void write_function(const struct ktap_hit *hit, void *to)
{
	u64 values[2];

	if (hit->class == KTAP_HIT_FUNCTION_RETURN) {
		values[0] = ktap_function_result(hit);
		memcpy(to, values, sizeof(u64));
	} else if (hit->class == KTAP_HIT_FTRACE) {
		values[0] = ktap_show(hit->events, hit->ip);
		values[1] = ktap_show(hit->events, hit->parent_ip);
		memcpy(to, values, sizeof(values));
	}
}

/* The buffer may lie at any address: strings do. */
static void write_capture(const struct ktap_hit *hit, void *buffer)
{
	struct ktap_capture capture = { raw_length(hit), hit->string_count };
	u32 length = capture.raw_length, n;
	void *to = buffer + sizeof(capture);

	memcpy(buffer, &capture, sizeof(capture));
	memset(to + round_down(length, 8), 0, padded(length) - round_down(length, 8));
	if (hit->class == KTAP_HIT_TRACEPOINT)
		write_tracepoint(hit, to, length);
	else if (ktap_is_function(hit))
		write_function(hit, to);
	else if (ktap_is_sample(hit))
		ktap_sample_values(hit, to);
	else
		write_syscall(hit, to, length);
	to += padded(length);
	for (n = 0; n < hit->string_count; n++) {
		const struct ktap_hit_string *s = &hit->strings[n];
		struct ktap_capture_string header = { s->field, s->length };

		memcpy(to, &header, sizeof(header));
		to += sizeof(header);
		if (s->length == KTAP_CAPTURE_UNREADABLE)
			continue;
		memcpy(to, s->bytes, s->length);
		memset(to + s->length, 0, padded(s->length) - s->length);
		to += padded(s->length);
	}
}

static u32 event_id(const struct ktap_hit *hit)
{
	u32 index = 0;

	if (hit->class == KTAP_HIT_TRACEPOINT)
		index = hit->tracepoint->index;
	else if (ktap_is_sample(hit))
		index = hit->sampler->index;
	else if (ktap_is_function(hit))
		index = hit->function ? hit->function->index : 0;
	else if (hit->class <= KTAP_HIT_EXIT)
		index = hit->slot;
	return KTAP_EVENT_ID(hit->class, index);
}

uint32_t ktap_events_capture(struct ktap_exec *x, const struct ktap_event *event, void *buffer,
			     uint32_t size, uint32_t *id)
{
	struct ktap_hit *hit = ktap_hit_of(event);

	*id = event_id(hit);
	/* print(e, e) measures twice and then writes twice: one measure serves all. */
	if (!hit->capture_size)
		measure(hit, KTAP_SCRATCH);
	if (!buffer)
		return hit->capture_size;
	if (size < hit->capture_size)
		return 0;
	write_capture(hit, buffer);
	return hit->capture_size;
}

u32 ktap_syscall_call(struct ktap_exec *x, struct ktap_hit *hit, struct ktap_value *out)
{
	struct ktap_recording_call call = { .number = hit->number };
	unsigned long arguments[KTAP_SYSCALL_ARGUMENTS];
	enum ktap_hit_class class = hit->class;
	struct ktap_string *string;
	u32 size = sizeof(call), n;

	ktap_syscall_arguments(hit, arguments);
	for (n = 0; n < KTAP_SYSCALL_ARGUMENTS; n++)
		call.registers[n] = arguments[n];
	hit->capture_size = 0;
	if (class == KTAP_HIT_EXIT && ktap_syscall_get(hit->slot)) {
		hit->class = KTAP_HIT_ENTER;
		measure(hit, CALL_TEXTS);
		size += hit->capture_size;
	}
	string = ktap_exec_string(x, size);
	if (string) {
		memcpy(string->bytes, &call, sizeof(call));
		if (hit->capture_size)
			write_capture(hit, string->bytes + sizeof(call));
		out->kind = KTAP_KIND_STR;
		out->bits = (unsigned long)string;
	}
	hit->class = class;
	hit->capture_size = 0; /* what was measured is not what print(e) shows */
	return string ? 0 : KTAP_ERROR_ARENA;
}
