// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * What most accesses of handlers are: a key of one integer or one string, an entry that is there, a
 * value that is no string. Everything else goes on, from its beginning, in table.c.
 */
#include "table_key.h"

/* What hot_find() found. */
struct hot {
	struct ktap_entry *entry;
	ktap_lock_t *lock; /* held */
	unsigned long flags;
	uint32_t bytes; /* of the key */
};

/*
 * The entry of a key of one part, an integer or a string, with its chain locked. False: there is
 * none, or it takes the slow path to tell. Whether table and key agree need not be asked: an entry
 * that is there says so. Always inline, for a kind that is known there: so the key stays in
 * processor registers, and those with an integer save nothing that only strings and slow paths
 * need.
 */
static ktap_always_inline bool hot_find(struct ktap_exec *x, uint64_t handle, uint32_t kind,
					uint64_t first, struct hot *h)
{
	struct ktap_pool *s = x->program->pool;
	uint32_t table = (uint32_t)handle, count = 1, bucket, index, n;
	uint64_t hash;

	if (ktap_unlikely(!ktap_table_of(x->program, handle)))
		return false;
	if (kind == KTAP_KIND_STR) {
		const struct ktap_string *string = ktap_str(first);

		count = ktap_string_words(string);
		if (ktap_unlikely(count > KTAP_KEY_WORDS))
			return false;
		ktap_put_string(x->key, string);
		first = x->key[0];
	}
	hash = ktap_hash_word(s, ktap_hash_begin(s, table, kind), 0, first);
	for (n = 1; n < count; n++)
		hash = ktap_hash_word(s, hash, n, x->key[n]);
	bucket = ktap_hash_bucket(s, hash);
	h->bytes = count * 8;
	h->lock = &s->chains[bucket % KTAP_CHAIN_LOCKS];
	ktap_lock(h->lock, h->flags);
	for (index = s->buckets[bucket]; index; index = h->entry->chain) {
		h->entry = &s->cells[index].entry;
		if (h->entry->key[0] == first && h->entry->owner == table && h->entry->shape == kind &&
		    (count == 1 || ktap_key_is(s, h->entry, x->key, count)))
			return true;
	}
	ktap_unlock(h->lock, h->flags);
	return false;
}

/* Each of the following opens the lock, and is true when the entry is one that it can do. */
static ktap_always_inline bool hot_read(struct hot *h, struct ktap_value *value)
{
	value->kind = h->entry->kind;
	value->bits = h->entry->bits;
	ktap_unlock(h->lock, h->flags);
	return value->kind != KTAP_KIND_STR && value->kind != KTAP_KIND_AGGREGATE;
}

static ktap_always_inline bool hot_add(struct hot *h, int64_t n)
{
	bool integer = h->entry->kind == KTAP_KIND_INT;

	if (ktap_likely(integer))
		h->entry->bits += (uint64_t)n;
	ktap_unlock(h->lock, h->flags);
	return integer;
}

/* An integer in the place of an integer: nothing to refer to, nothing to drop. */
static ktap_always_inline bool hot_set(struct hot *h, uint64_t value)
{
	bool integer = h->entry->kind == KTAP_KIND_INT;

	if (ktap_likely(integer))
		h->entry->bits = value;
	ktap_unlock(h->lock, h->flags);
	return integer;
}

static ktap_always_inline bool is_one(const uint8_t *kinds, uint32_t parts, uint8_t kind)
{
	return parts == 1 && kinds[0] == kind;
}

static ktap_noinline uint32_t get_by_string(struct ktap_exec *x, uint64_t handle,
					    const uint64_t *bits, const uint8_t *kinds,
					    uint32_t parts, struct ktap_value *value)
{
	struct hot h;

	if (ktap_likely(is_one(kinds, parts, KTAP_KIND_STR) &&
			hot_find(x, handle, KTAP_KIND_STR, bits[0], &h) && hot_read(&h, value)))
		return ktap_charge_bytes(x, h.bytes);
	return ktap_table_get_slowly(x, handle, bits, kinds, parts, value);
}

uint32_t ktap_table_get(struct ktap_exec *x, uint64_t handle, const uint64_t *bits,
			const uint8_t *kinds, uint32_t parts, struct ktap_value *value)
{
	struct hot h;

	if (!is_one(kinds, parts, KTAP_KIND_INT))
		return get_by_string(x, handle, bits, kinds, parts, value);
	if (ktap_likely(hot_find(x, handle, KTAP_KIND_INT, bits[0], &h) && hot_read(&h, value)))
		return 0;
	return ktap_table_get_slowly(x, handle, bits, kinds, parts, value);
}

static ktap_noinline uint32_t add_by_string(struct ktap_exec *x, uint64_t handle,
					    const uint64_t *bits, const uint8_t *kinds,
					    uint32_t parts, int64_t n)
{
	struct hot h;

	if (ktap_likely(is_one(kinds, parts, KTAP_KIND_STR) &&
			hot_find(x, handle, KTAP_KIND_STR, bits[0], &h) && hot_add(&h, n)))
		return ktap_charge_bytes(x, h.bytes);
	return ktap_table_add_slowly(x, handle, bits, kinds, parts, n);
}

uint32_t ktap_table_add(struct ktap_exec *x, uint64_t handle, const uint64_t *bits,
			const uint8_t *kinds, uint32_t parts, int64_t n)
{
	struct hot h;

	if (!is_one(kinds, parts, KTAP_KIND_INT))
		return add_by_string(x, handle, bits, kinds, parts, n);
	if (ktap_likely(hot_find(x, handle, KTAP_KIND_INT, bits[0], &h) && hot_add(&h, n)))
		return 0;
	return ktap_table_add_slowly(x, handle, bits, kinds, parts, n);
}

static ktap_noinline uint32_t set_by_string(struct ktap_exec *x, uint64_t handle,
					    const uint64_t *bits, const uint8_t *kinds,
					    uint32_t parts, uint64_t value, uint8_t kind)
{
	struct hot h;

	if (kind == KTAP_KIND_INT && is_one(kinds, parts, KTAP_KIND_STR) &&
	    hot_find(x, handle, KTAP_KIND_STR, bits[0], &h) && ktap_likely(hot_set(&h, value)))
		return ktap_charge_bytes(x, h.bytes);
	return ktap_table_set_slowly(x, handle, bits, kinds, parts, value, kind);
}

uint32_t ktap_table_set(struct ktap_exec *x, uint64_t handle, const uint64_t *bits,
			const uint8_t *kinds, uint32_t parts, uint64_t value, uint8_t kind)
{
	struct hot h;

	if (kind != KTAP_KIND_INT || !is_one(kinds, parts, KTAP_KIND_INT))
		return set_by_string(x, handle, bits, kinds, parts, value, kind);
	if (hot_find(x, handle, KTAP_KIND_INT, bits[0], &h) && ktap_likely(hot_set(&h, value)))
		return 0;
	return ktap_table_set_slowly(x, handle, bits, kinds, parts, value, kind);
}
