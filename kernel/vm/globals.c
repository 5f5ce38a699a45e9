// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Globals that are no atomic word: cells under a lock, with room of their own for a string.
 * (The interpreter reads and adds to atomic ones itself.)
 */
#include "pool.h"

uint32_t ktap_global_get(struct ktap_exec *x, struct ktap_global *g, uint64_t *bits, uint8_t *kind)
{
	unsigned long flags;
	uint32_t code = 0;

	ktap_lock(&g->lock, flags);
	*kind = g->kind;
	*bits = g->bits;
	if (g->kind == KTAP_KIND_STR && g->bits)
		code = ktap_str_copy(x, g->string->bytes, g->string->length, bits);
	ktap_unlock(&g->lock, flags);
	if (code || *kind != KTAP_KIND_STR)
		return code;
	return ktap_charge_bytes(x, ktap_str(*bits)->length);
}

uint32_t ktap_global_set(struct ktap_exec *x, struct ktap_global *g, uint64_t bits, uint8_t kind)
{
	const struct ktap_string *string = NULL;
	uint8_t old_kind;
	uint64_t old;
	unsigned long flags;
	uint32_t code;

	if (g->object) {
		/* The old object is dropped by whoever took it out. */
		ktap_object_hold(x->program, kind, bits);
		ktap_object_drop(x->program, g->kind,
				 (uint64_t)ktap_atomic64_exchange(&g->word, (int64_t)bits));
		return 0;
	}
	if (g->atomic) {
		ktap_atomic64_set(&g->word, (int64_t)bits);
		return 0;
	}
	if (kind == KTAP_KIND_STR) {
		string = ktap_str(bits);
		if (string->length > x->program->info.string_limit)
			return ktap_fail(x, KTAP_ERROR_STRING, string->length,
					 x->program->info.string_limit);
		code = ktap_charge_bytes(x, string->length);
		if (code)
			return code;
		bits = string->length ? ktap_str_bits(g->string) : 0;
	} else {
		ktap_object_hold(x->program, kind, bits);
	}
	ktap_lock(&g->lock, flags);
	old_kind = g->kind;
	old = g->bits;
	g->kind = kind;
	g->bits = bits;
	if (string && bits) {
		g->string->length = string->length;
		memcpy(g->string->bytes, string->bytes, string->length);
	}
	ktap_unlock(&g->lock, flags);
	ktap_object_drop(x->program, old_kind, old);
	return 0;
}

void ktap_global_add(struct ktap_global *g, int64_t n)
{
	unsigned long flags;

	ktap_lock(&g->lock, flags);
	g->bits = (g->kind == KTAP_KIND_INT ? g->bits : 0) + (uint64_t)n;
	g->kind = KTAP_KIND_INT;
	ktap_unlock(&g->lock, flags);
}
