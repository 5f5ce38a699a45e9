// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * What most accesses of handlers are: a key of one integer or one string, an entry that is there, a
 * value that is no string. Everything else goes on, from its beginning, in table.c.
 */
#include "table_key.h"

enum access { GET, ADD, SET };

/*
 * Tries an access by a key of one part of this kind, an integer or a string. The words of the key, or 0
 * when it takes the slow path. Whether table and key agree need not be asked: an entry that is
 * there says so. Always inline, for a kind that is known there: so the key stays in processor
 * registers, and accesses by integers save nothing that only strings and slow paths need.
 * GET fills *value; ADD and SET use bits, only on integers: nothing to refer to, nothing to drop.
 */
static ktap_always_inline uint32_t try(struct ktap_exec *x, enum access access, uint64_t handle,
				       uint32_t kind, uint64_t first, struct ktap_value *value,
				       uint64_t bits)
{
	struct ktap_pool *s = x->program->pool;
	uint32_t table = (uint32_t)handle, count = 1, bucket, index, n;
	struct ktap_entry *e = NULL;
	unsigned long flags;
	ktap_lock_t *lock;
	uint64_t hash;
	bool done;

	if (ktap_unlikely(!ktap_table_of(x->program, handle)))
		return 0;
	if (kind == KTAP_KIND_STR) {
		const struct ktap_string *string = ktap_str(first);

		count = ktap_string_words(string);
		if (ktap_unlikely(count > KTAP_KEY_WORDS))
			return 0;
		ktap_put_string(x->key, string);
		first = x->key[0];
	}
	hash = ktap_hash_word(s, ktap_hash_begin(s, table, kind), 0, first);
	for (n = 1; n < count; n++)
		hash = ktap_hash_word(s, hash, n, x->key[n]);
	bucket = ktap_hash_bucket(s, hash);
	lock = &s->chains[bucket % KTAP_CHAIN_LOCKS];
	ktap_lock(lock, flags);
	for (index = s->buckets[bucket]; index; index = e->chain) {
		e = &s->cells[index].entry;
		if (e->key[0] == first && e->owner == table && e->shape == kind &&
		    (count == 1 || ktap_key_is(s, e, x->key, count)))
			break;
	}
	if (access == GET)
		done = index && e->kind != KTAP_KIND_STR && e->kind != KTAP_KIND_AGGREGATE;
	else
		done = index && e->kind == KTAP_KIND_INT;
	if (ktap_likely(done)) {
		if (access == GET) {
			value->kind = e->kind;
			value->bits = e->bits;
		} else {
			e->bits = access == ADD ? e->bits + bits : bits;
		}
	}
	ktap_unlock(lock, flags);
	return ktap_likely(done) ? count : 0;
}

static bool is_one(const uint8_t *kinds, uint32_t parts, uint8_t kind)
{
	return parts == 1 && kinds[0] == kind;
}

/* By a string: once for all accesses, of which the words are the greatest part. */
static ktap_noinline uint32_t try_string(struct ktap_exec *x, enum access access, uint64_t handle,
					 uint64_t string, struct ktap_value *value, uint64_t bits)
{
	return try(x, access, handle, KTAP_KIND_STR, string, value, bits);
}

static ktap_noinline uint32_t get_by_string(struct ktap_exec *x, uint64_t handle,
					    const uint64_t *bits, const uint8_t *kinds,
					    uint32_t parts, struct ktap_value *value)
{
	uint32_t words = 0;

	if (is_one(kinds, parts, KTAP_KIND_STR))
		words = try_string(x, GET, handle, bits[0], value, 0);
	if (ktap_likely(words))
		return ktap_charge_bytes(x, words * 8);
	return ktap_table_get_slowly(x, handle, bits, kinds, parts, value);
}

uint32_t ktap_table_get(struct ktap_exec *x, uint64_t handle, const uint64_t *bits,
			const uint8_t *kinds, uint32_t parts, struct ktap_value *value)
{
	if (!is_one(kinds, parts, KTAP_KIND_INT))
		return get_by_string(x, handle, bits, kinds, parts, value);
	if (ktap_likely(try(x, GET, handle, KTAP_KIND_INT, bits[0], value, 0)))
		return 0;
	return ktap_table_get_slowly(x, handle, bits, kinds, parts, value);
}

static ktap_noinline uint32_t add_by_string(struct ktap_exec *x, uint64_t handle,
					    const uint64_t *bits, const uint8_t *kinds,
					    uint32_t parts, int64_t n)
{
	uint32_t words = 0;

	if (is_one(kinds, parts, KTAP_KIND_STR))
		words = try_string(x, ADD, handle, bits[0], NULL, (uint64_t)n);
	if (ktap_likely(words))
		return ktap_charge_bytes(x, words * 8);
	return ktap_table_add_slowly(x, handle, bits, kinds, parts, n);
}

uint32_t ktap_table_add(struct ktap_exec *x, uint64_t handle, const uint64_t *bits,
			const uint8_t *kinds, uint32_t parts, int64_t n)
{
	if (!is_one(kinds, parts, KTAP_KIND_INT))
		return add_by_string(x, handle, bits, kinds, parts, n);
	if (ktap_likely(try(x, ADD, handle, KTAP_KIND_INT, bits[0], NULL, (uint64_t)n)))
		return 0;
	return ktap_table_add_slowly(x, handle, bits, kinds, parts, n);
}

static ktap_noinline uint32_t set_by_string(struct ktap_exec *x, uint64_t handle,
					    const uint64_t *bits, const uint8_t *kinds,
					    uint32_t parts, uint64_t value, uint8_t kind)
{
	uint32_t words = 0;

	if (kind == KTAP_KIND_INT && is_one(kinds, parts, KTAP_KIND_STR))
		words = try_string(x, SET, handle, bits[0], NULL, value);
	if (words)
		return ktap_charge_bytes(x, words * 8);
	return ktap_table_set_slowly(x, handle, bits, kinds, parts, value, kind);
}

uint32_t ktap_table_set(struct ktap_exec *x, uint64_t handle, const uint64_t *bits,
			const uint8_t *kinds, uint32_t parts, uint64_t value, uint8_t kind)
{
	if (kind != KTAP_KIND_INT || !is_one(kinds, parts, KTAP_KIND_INT))
		return set_by_string(x, handle, bits, kinds, parts, value, kind);
	if (try(x, SET, handle, KTAP_KIND_INT, bits[0], NULL, value))
		return 0;
	return ktap_table_set_slowly(x, handle, bits, kinds, parts, value, kind);
}
