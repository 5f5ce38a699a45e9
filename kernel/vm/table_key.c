// SPDX-License-Identifier: GPL-2.0-or-later
/* Makes the canonical form of keys; integers alone are made in table_key.h. */
#include "table_key.h"

static void hash_key(const struct ktap_pool *s, uint32_t table, struct ktap_key *key)
{
	uint64_t h = ktap_hash_begin(s, table, key->shape);
	uint32_t n;

	for (n = 0; n < key->count; n++)
		h = ktap_hash_word(s, h, n, key->words[n]);
	key->hash = h;
}

uint32_t ktap_key_make(struct ktap_exec *x, const struct ktap_table *t, uint32_t index,
		       const uint64_t *bits, const uint8_t *kinds, uint32_t parts,
		       struct ktap_key *key)
{
	uint32_t limit = x->program->info.key_limit, count = 0, shape = 0, part, more;

	for (part = 0; part < parts; part++) {
		uint8_t kind = kinds[part];

		if (ktap_unlikely(part >= t->site.parts || !(t->site.keys[part] >> kind & 1)))
			return ktap_fail(x, KTAP_ERROR_KEY_KIND, kind, 0);
		shape |= ktap_shape_code(kind) << (KTAP_SHAPE_BITS * part);
		if (kind == KTAP_KIND_STR) {
			const struct ktap_string *string = ktap_str(bits[part]);

			more = ktap_string_words(string);
			if (ktap_unlikely((count + more) * 8 > limit))
				return ktap_fail(x, KTAP_ERROR_KEY, (count + more) * 8, limit);
			ktap_put_string(x->key + count, string);
			count += more;
		} else {
			if (ktap_unlikely((count + 1) * 8 > limit))
				return ktap_fail(x, KTAP_ERROR_KEY, (count + 1) * 8, limit);
			x->key[count++] = bits[part];
		}
	}
	if (ktap_unlikely(parts != t->site.parts))
		return ktap_fail(x, KTAP_ERROR_KEY_KIND, KTAP_KIND_NIL, 0);
	key->words = x->key;
	key->count = count;
	key->shape = shape;
	hash_key(x->program->pool, index, key);
	return ktap_charge_bytes(x, count * 8);
}

/* What most tables of traces have. */
uint32_t ktap_key_of_string(struct ktap_exec *x, uint32_t index, uint64_t bits,
			    struct ktap_key *key)
{
	const struct ktap_string *string = ktap_str(bits);
	const struct ktap_program *p = x->program;
	uint32_t count = ktap_string_words(string);

	if (ktap_unlikely(count * 8 > p->info.key_limit))
		return ktap_fail(x, KTAP_ERROR_KEY, count * 8, p->info.key_limit);
	ktap_put_string(x->key, string);
	key->words = x->key;
	key->count = count;
	key->shape = KTAP_KIND_STR;
	hash_key(p->pool, index, key);
	return ktap_charge_bytes(x, count * 8);
}
