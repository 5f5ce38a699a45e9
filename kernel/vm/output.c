// SPDX-License-Identifier: GPL-2.0-or-later
/* Records: values that a program prints, and whole tables. */
#include "pool.h"

#define HEADER ((uint32_t)sizeof(struct ktap_record_value))

/* The capture of the run's event; a run has one, however often it is printed. */
struct capture {
	uint32_t size; /* bytes */
	uint32_t id;
	const uint8_t *bytes; /* once captured */
};

static uint32_t data_length(const struct ktap_exec *x, uint8_t kind, uint64_t bits,
			    const struct capture *capture)
{
	switch (kind) {
	case KTAP_KIND_INT:
		return 8;
	case KTAP_KIND_STR:
		return ktap_str(bits)->length;
	case KTAP_KIND_EVENT:
		return capture->size;
	case KTAP_KIND_AGGREGATE:
		return ktap_snapshot_size(bits);
	case KTAP_KIND_STACK:
		return ktap_stack_size(x->program, bits);
	default:
		return 0;
	}
}

static uint32_t value_size(const struct ktap_exec *x, uint8_t kind, uint64_t bits,
			   const struct capture *capture)
{
	return HEADER + ktap_align8(data_length(x, kind, bits, capture));
}

static void put_event(struct ktap_exec *x, uint64_t bits, uint8_t *data, struct capture *capture)
{
	const struct ktap_event *event = (const struct ktap_event *)(uintptr_t)bits;

	if (capture->bytes) {
		memcpy(data, capture->bytes, capture->size);
		return;
	}
	if (capture->size)
		x->program->home->capture(x, event, data, capture->size, &capture->id);
	capture->bytes = data;
}

/* Writes a value behind `out`, padding included, and returns where the next one goes. */
static uint8_t *put_value(struct ktap_exec *x, uint8_t *out, uint8_t kind, uint64_t bits,
			  struct capture *capture)
{
	uint32_t length = data_length(x, kind, bits, capture), padded = ktap_align8(length);
	struct ktap_record_value *value = (struct ktap_record_value *)out;
	uint8_t *data = out + HEADER;

	value->kind = kind;
	value->reserved = 0;
	value->length = (uint16_t)length;
	value->aux = 0;
	if (padded)
		memset(data + padded - 8, 0, 8);
	switch (kind) {
	case KTAP_KIND_BOOL:
		value->aux = (uint32_t)bits;
		break;
	case KTAP_KIND_INT:
		memcpy(data, &bits, 8);
		break;
	case KTAP_KIND_STR:
		memcpy(data, ktap_str(bits)->bytes, length);
		break;
	case KTAP_KIND_EVENT:
		put_event(x, bits, data, capture);
		value->aux = capture->id;
		break;
	case KTAP_KIND_AGGREGATE:
		value->aux = bits & KTAP_VIEW_BITS;
		ktap_snapshot_write(bits, data);
		break;
	case KTAP_KIND_STACK:
		value->aux = ktap_stack_write(x, bits, data);
		break;
	}
	return data + padded;
}

static void *reserve(struct ktap_exec *x, uint16_t kind, uint16_t site, uint32_t length)
{
	const struct ktap_home *home = x->program->home;
	void *payload = home->reserve(x, kind, site, length, x->level == KTAP_EXEC_MAIN);

	if (!payload)
		x->head.lost = true;
	return payload;
}

uint32_t ktap_emit(struct ktap_exec *x, uint32_t site, const uint64_t *bits, const uint8_t *kinds,
		   uint32_t count)
{
	const struct ktap_home *home = x->program->home;
	struct capture capture = { 0 };
	uint32_t size = 0, n, code;
	bool measured = false;
	uint8_t *payload, *out;

	for (n = 0; n < count; n++) {
		if (kinds[n] == KTAP_KIND_EVENT && !measured) {
			if (!bits[n])
				return ktap_fail(x, KTAP_ERROR_FIELD, 0, 0);
			capture.size = home->capture(x, (const struct ktap_event *)(uintptr_t)bits[n],
						     NULL, 0, &capture.id);
			/* A value's length has 16 bits. */
			if (capture.size > 0xfff8)
				capture.size = 0;
			measured = true;
		}
		size += value_size(x, kinds[n], bits[n], &capture);
	}
	code = ktap_charge_bytes(x, size);
	if (code)
		return code;
	payload = reserve(x, KTAP_RECORD_EMIT, (uint16_t)site, size);
	if (!payload)
		return ktap_alive(x);
	for (n = 0, out = payload; n < count; n++)
		out = put_value(x, out, kinds[n], bits[n], &capture);
	home->commit(x, payload);
	return 0;
}

static bool put_border(struct ktap_exec *x, uint16_t kind, const struct ktap_table_begin *begin)
{
	void *payload = reserve(x, kind, 0, sizeof(*begin));

	if (!payload)
		return false;
	memcpy(payload, begin, sizeof(*begin));
	x->program->home->commit(x, payload);
	return true;
}

static bool put_item(struct ktap_exec *x, const struct ktap_table_begin *begin,
		     const struct ktap_item *item)
{
	struct ktap_table_entry entry = { .serial = begin->serial,
					  .index = begin->count,
					  .key_parts = item->parts };
	struct capture none = { 0 };
	uint32_t size = sizeof(entry) + value_size(x, item->value.kind, item->value.bits, &none), n;
	uint8_t *payload, *out;

	for (n = 0; n < item->parts; n++)
		size += value_size(x, item->key[n].kind, item->key[n].bits, &none);
	payload = reserve(x, KTAP_RECORD_TABLE_ENTRY, 0, size);
	if (!payload)
		return false;
	memcpy(payload, &entry, sizeof(entry));
	out = payload + sizeof(entry);
	for (n = 0; n < item->parts; n++)
		out = put_value(x, out, item->key[n].kind, item->key[n].bits, &none);
	put_value(x, out, item->value.kind, item->value.bits, &none);
	x->program->home->commit(x, payload);
	return true;
}

/* In process context only: each record waits for room. */
uint32_t ktap_print_table(struct ktap_exec *x, uint64_t handle, uint32_t mode, int64_t rows)
{
	struct ktap_table_begin begin = { .mode = mode };
	struct ktap_cursor cursor;
	uint32_t mark = x->arena_used, code;
	struct ktap_item item;
	uint64_t length = 0;
	bool found;

	code = ktap_table_length(x, handle, &length);
	if (!code)
		code = ktap_table_begin(x, handle, &cursor);
	if (code)
		return code;
	begin.serial = ktap_atomic32_add(&x->program->output_serial, 1);
	begin.count = (uint32_t)length;
	begin.rows = rows < 0 ? 0 : rows > 0xffff ? 0xffff : (uint32_t)rows;
	if (!put_border(x, KTAP_RECORD_TABLE_BEGIN, &begin))
		return ktap_alive(x);
	for (begin.count = 0;;) {
		code = ktap_table_next(x, handle, &cursor, &item, &found);
		if (code || !found)
			break;
		if (item.value.kind == KTAP_KIND_AGGREGATE)
			item.value.bits = ktap_snapshot_shown(item.value.bits);
		if (!put_item(x, &begin, &item)) {
			code = ktap_alive(x);
			if (code)
				return code;
		} else {
			begin.count++;
		}
		ktap_poison(x->arena + mark, x->arena_used - mark);
		x->arena_used = mark;
		code = ktap_charge(x, 1);
		if (code)
			break;
	}
	put_border(x, KTAP_RECORD_TABLE_END, &begin);
	return code;
}
