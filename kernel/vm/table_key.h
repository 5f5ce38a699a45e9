/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The canonical form of a key: what table.c compares and hashes. */
#ifndef KTAP_TABLE_KEY_H
#define KTAP_TABLE_KEY_H

#include "pool.h"

struct ktap_key {
	const uint64_t *words;
	uint32_t count;
	uint32_t shape;
	uint64_t hash;
};

/* table_key.c: any key; checks it against the site of the table. */
uint32_t ktap_key_make(struct ktap_exec *x, const struct ktap_table *t, uint32_t index,
		       const uint64_t *bits, const uint8_t *kinds, uint32_t parts,
		       struct ktap_key *key);
/* A key of one string. */
uint32_t ktap_key_of_string(struct ktap_exec *x, uint32_t index, uint64_t bits, struct ktap_key *key);

/* The canonical form and the hash; integers, the most common, need no call. */
static inline uint32_t ktap_key_of(struct ktap_exec *x, const struct ktap_table *t, uint32_t index,
				   const uint64_t *bits, const uint8_t *kinds, uint32_t parts,
				   struct ktap_key *key)
{
	if (parts == 1 && t->site.parts == 1 && (t->site.keys[0] >> kinds[0] & 1)) {
		if (kinds[0] == KTAP_KIND_INT) {
			const struct ktap_pool *s = x->program->pool;

			key->words = bits;
			key->count = 1;
			key->shape = KTAP_KIND_INT;
			key->hash = ktap_hash_word(s, ktap_hash_begin(s, index, KTAP_KIND_INT), 0,
						   bits[0]);
			return 0;
		}
		if (kinds[0] == KTAP_KIND_STR)
			return ktap_key_of_string(x, index, bits[0], key);
	}
	return ktap_key_make(x, t, index, bits, kinds, parts, key);
}

/*
 * Whether an entry of the same shape has this key. Keys of one shape are a prefix-free code:
 * unequal ones differ before the shorter one ends, so its length need not be known.
 */
static inline bool ktap_key_is(const struct ktap_pool *s, const struct ktap_entry *e,
			       const uint64_t *words, uint32_t count)
{
	const uint64_t *stored = e->key;
	uint32_t left = KTAP_INLINE_WORDS, link = e->link;

	while (count--) {
		if (!left--) {
			if (!link)
				return false;
			stored = s->cells[link].more.words;
			left = KTAP_MORE_WORDS - 1;
			link = s->cells[link].more.link;
		}
		if (*words++ != *stored++)
			return false;
	}
	return true;
}

#endif
