// SPDX-License-Identifier: GPL-2.0-or-later
/* The values of entries: from a payload to what an entry keeps, and back. */
#include "pool.h"

uint32_t ktap_no_memory(struct ktap_exec *x)
{
	const struct ktap_pool *s = x->program->pool;

	return ktap_fail(x, KTAP_ERROR_MEMORY, s ? s->memory : x->program->info.memory, 0);
}

uint32_t ktap_entry_read(struct ktap_exec *x, const struct ktap_entry *e, struct ktap_value *value)
{
	const struct ktap_pool *s = x->program->pool;
	uint32_t length = (uint32_t)e->bits, cell = (uint32_t)(e->bits >> 32), n, code;
	struct ktap_string *string;

	value->kind = e->kind;
	value->bits = e->bits;
	if (ktap_unlikely(e->kind == KTAP_KIND_AGGREGATE))
		return ktap_aggregate_read(x, &s->cells[e->owner].table.site, e->bits, value);
	if (ktap_likely(e->kind != KTAP_KIND_STR))
		return 0;
	value->bits = 0;
	if (!length)
		return 0;
	code = ktap_arena_string(x, length, &string);
	if (code)
		return code;
	for (n = 0; n < length; n += 8 * KTAP_MORE_WORDS, cell = s->cells[cell].more.link) {
		uint32_t left = length - n;

		memcpy(string->bytes + n, s->cells[cell].more.words,
		       left < 8 * KTAP_MORE_WORDS ? left : 8 * KTAP_MORE_WORDS);
	}
	value->bits = ktap_str_bits(string);
	return 0;
}

uint32_t ktap_value_bytes(const struct ktap_value *value)
{
	switch (value->kind) {
	case KTAP_KIND_STR:
		return ktap_str(value->bits)->length;
	case KTAP_KIND_AGGREGATE:
		return ktap_snapshot(value->bits)->length;
	default:
		return 0;
	}
}

uint32_t ktap_value_keep(struct ktap_exec *x, uint8_t kind, uint64_t *bits)
{
	struct ktap_pool *s = x->program->pool;
	const struct ktap_string *string;
	uint32_t limit = x->program->info.string_limit, cell, first, n, code;

	if (kind == KTAP_KIND_AGGREGATE)
		return ktap_aggregate_keep(x, bits);
	if (kind != KTAP_KIND_STR) {
		ktap_object_hold(x->program, kind, *bits);
		return 0;
	}
	string = ktap_str(*bits);
	if (string->length > limit)
		return ktap_fail(x, KTAP_ERROR_STRING, string->length, limit);
	*bits = 0;
	if (!string->length)
		return 0;
	code = ktap_charge_bytes(x, string->length);
	if (code)
		return code;
	n = (string->length + 8 * KTAP_MORE_WORDS - 1) / (8 * KTAP_MORE_WORDS);
	first = ktap_pool_take(s, n);
	if (!first)
		return ktap_no_memory(x);
	for (n = 0, cell = first; cell; cell = s->cells[cell].more.link) {
		uint32_t left = string->length - n;
		uint32_t bytes = left < 8 * KTAP_MORE_WORDS ? left : 8 * KTAP_MORE_WORDS;

		memcpy(s->cells[cell].more.words, string->bytes + n, bytes);
		n += bytes;
	}
	*bits = (uint64_t)first << 32 | string->length;
	return 0;
}
