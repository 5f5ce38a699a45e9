/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The canonical form of a key, and what else table.c and table_hot.c share. */
#ifndef KTAP_TABLE_KEY_H
#define KTAP_TABLE_KEY_H

#include "pool.h"

struct ktap_key {
	const uint64_t *words;
	uint32_t count;
	uint32_t shape;
	uint64_t hash;
};

/* The table of a handle, or NULL for the null table. Handles cannot be forged. */
static ktap_always_inline struct ktap_table *ktap_table_of(const struct ktap_program *p, uint64_t handle)
{
	struct ktap_pool *s = p->pool;
	struct ktap_table *t;

	if (ktap_unlikely(!handle))
		return NULL;
	t = &s->cells[(uint32_t)handle].table;
	/* Never so while grace periods are kept: but a stale handle must not reach an entry. */
	if (ktap_unlikely(ktap_read_once(t->object.owner) != KTAP_OWNER_TABLE ||
			  t->object.generation != (uint32_t)(handle >> 32)))
		return NULL;
	return t;
}

/* table.c: any access. */
uint32_t ktap_table_get_slowly(struct ktap_exec *x, uint64_t handle, const uint64_t *bits,
			       const uint8_t *kinds, uint32_t parts, struct ktap_value *value);
uint32_t ktap_table_add_slowly(struct ktap_exec *x, uint64_t handle, const uint64_t *bits,
			       const uint8_t *kinds, uint32_t parts, int64_t n);
uint32_t ktap_table_set_slowly(struct ktap_exec *x, uint64_t handle, const uint64_t *bits,
			       const uint8_t *kinds, uint32_t parts, uint64_t value, uint8_t kind);

/* Words that the canonical form of a string takes: its length in two bytes, its bytes, zeros. */
static ktap_always_inline uint32_t ktap_string_words(const struct ktap_string *string)
{
	return (2 + string->length + 7) / 8;
}

/*
 * Words as images of eight bytes of memory. Put together in registers: bytes that are written one
 * by one, or at other borders, make the processor wait when they are read as words.
 */
#if __BYTE_ORDER__ == __ORDER_BIG_ENDIAN__
#define KTAP_LATER(word, bytes) ((uint64_t)(word) >> 8 * (bytes)) /* zeros come in front */
#define KTAP_EARLIER(word, bytes) ((uint64_t)(word) << 8 * (bytes)) /* zeros come behind */
#define KTAP_LEADING(value, size) ((uint64_t)(value) << (64 - 8 * (size))) /* the first bytes */
#else
#define KTAP_LATER(word, bytes) ((uint64_t)(word) << 8 * (bytes))
#define KTAP_EARLIER(word, bytes) ((uint64_t)(word) >> 8 * (bytes))
#define KTAP_LEADING(value, size) ((uint64_t)(value))
#endif

static ktap_always_inline uint64_t ktap_eight(const char *bytes)
{
	uint64_t word;

	memcpy(&word, bytes, 8);
	return word;
}

/* The same of less than eight bytes. */
static ktap_always_inline uint64_t ktap_few(const char *bytes, uint32_t count)
{
	uint32_t first, last;

	if (count >= 4) {
		memcpy(&first, bytes, 4);
		memcpy(&last, bytes + count - 4, 4);
		return KTAP_LEADING(first, 4) | KTAP_LATER(KTAP_LEADING(last, 4), count - 4);
	}
	if (!count)
		return 0;
	return KTAP_LEADING((uint8_t)bytes[0], 1) |
	       KTAP_LATER(KTAP_LEADING((uint8_t)bytes[count / 2], 1), count / 2) |
	       KTAP_LATER(KTAP_LEADING((uint8_t)bytes[count - 1], 1), count - 1);
}

static ktap_always_inline void ktap_put_string(uint64_t *words, const struct ktap_string *string)
{
	const char *bytes = string->bytes;
	uint32_t length = string->length, at, n;

	words[0] = KTAP_LEADING((uint16_t)length, 2) |
		   KTAP_LATER(length < 8 ? ktap_few(bytes, length) : ktap_eight(bytes), 2);
	for (n = 1, at = 6; at + 8 <= length; n++, at += 8)
		words[n] = ktap_eight(bytes + at);
	if (at < length)
		words[n] = length < 8 ? ktap_few(bytes + at, length - at) :
					KTAP_EARLIER(ktap_eight(bytes + length - 8), 8 - (length - at));
}

/* table_key.c: any key; checks it against the site of the table. */
uint32_t ktap_key_make(struct ktap_exec *x, const struct ktap_table *t, uint32_t index,
		       const uint64_t *bits, const uint8_t *kinds, uint32_t parts,
		       struct ktap_key *key);
/* A key of one string. */
uint32_t ktap_key_of_string(struct ktap_exec *x, uint32_t index, uint64_t bits,
			    struct ktap_key *key);

/* The canonical form and the hash; integers, the most common, and the key of a lone aggregate need no call. */
static inline uint32_t ktap_key_of(struct ktap_exec *x, const struct ktap_table *t, uint32_t index,
				   const uint64_t *bits, const uint8_t *kinds, uint32_t parts,
				   struct ktap_key *key)
{
	if (parts == 1 && t->site.parts == 1 && (t->site.keys[0] >> kinds[0] & 1)) {
		if (kinds[0] == KTAP_KIND_INT || kinds[0] == KTAP_KIND_BOOL) {
			const struct ktap_pool *s = x->program->pool;

			key->words = bits;
			key->count = 1;
			key->shape = ktap_shape_code(kinds[0]);
			key->hash = ktap_hash_word(s, ktap_hash_begin(s, index, key->shape), 0,
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
static ktap_always_inline bool ktap_key_is(const struct ktap_pool *s, const struct ktap_entry *e,
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
