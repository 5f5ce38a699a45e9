// SPDX-License-Identifier: GPL-2.0-or-later
/* Tables: lookup, update, deletion by key; see pool.h for how they lie in memory. */
#include "pool.h"

struct table_key {
	const uint64_t *words;
	uint32_t count;
	uint32_t shape;
	uint64_t hash;
};

/* The table of a handle, or NULL for the null table. Handles cannot be forged. */
static inline struct ktap_table *find(const struct ktap_program *p, uint64_t handle)
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

uint32_t ktap_table_find(struct ktap_exec *x, uint64_t handle, struct ktap_table **table,
			 uint32_t *index)
{
	*table = find(x->program, handle);
	*index = (uint32_t)handle;
	return ktap_likely(*table) ? 0 : ktap_fail(x, KTAP_ERROR_INDEX, KTAP_KIND_NIL, 0);
}

/* A string part: its length in two bytes, its bytes, zeros up to the next word. */
static void put_string(uint64_t *words, uint32_t count, const struct ktap_string *string)
{
	uint16_t length = (uint16_t)string->length;

	words[count - 1] = 0;
	memcpy(words, &length, 2);
	memcpy((char *)words + 2, string->bytes, string->length);
}

static void hash_key(const struct ktap_pool *s, uint32_t table, struct table_key *key)
{
	uint64_t h = ktap_hash_begin(s, table, key->shape);
	uint32_t n;

	for (n = 0; n < key->count; n++)
		h = ktap_hash_word(s, h, n, key->words[n]);
	key->hash = h;
}

static uint32_t make_long_key(struct ktap_exec *x, const struct ktap_table *t, uint32_t index,
			      const uint64_t *bits, const uint8_t *kinds, uint32_t parts,
			      struct table_key *key)
{
	uint32_t limit = x->program->info.key_limit, count = 0, shape = 0, part, more;

	for (part = 0; part < parts; part++) {
		uint8_t kind = kinds[part];

		if (ktap_unlikely(part >= t->site.parts || !(t->site.keys[part] >> kind & 1)))
			return ktap_fail(x, KTAP_ERROR_KEY_KIND, kind, 0);
		shape |= (uint32_t)kind << (2 * part);
		if (kind == KTAP_KIND_STR) {
			const struct ktap_string *string = ktap_str(bits[part]);

			more = (2 + string->length + 7) / 8;
			if (ktap_unlikely((count + more) * 8 > limit))
				return ktap_fail(x, KTAP_ERROR_KEY, (count + more) * 8, limit);
			put_string(x->key + count, more, string);
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

/* One string: what most tables of traces have. */
static inline uint32_t make_string_key(struct ktap_exec *x, uint32_t index, uint64_t bits,
				       struct table_key *key)
{
	const struct ktap_string *string = ktap_str(bits);
	const struct ktap_program *p = x->program;
	uint32_t count = (2 + string->length + 7) / 8;

	if (ktap_unlikely(count * 8 > p->info.key_limit))
		return ktap_fail(x, KTAP_ERROR_KEY, count * 8, p->info.key_limit);
	put_string(x->key, count, string);
	key->words = x->key;
	key->count = count;
	key->shape = KTAP_KIND_STR;
	hash_key(p->pool, index, key);
	return ktap_charge_bytes(x, count * 8);
}

/* The canonical form of a key, and its hash. */
static inline uint32_t make_key(struct ktap_exec *x, const struct ktap_table *t, uint32_t index,
				const uint64_t *bits, const uint8_t *kinds, uint32_t parts,
				struct table_key *key)
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
			return make_string_key(x, index, bits[0], key);
	}
	return make_long_key(x, t, index, bits, kinds, parts, key);
}

/*
 * Whether an entry of the same shape has this key. Keys of one shape are a prefix-free code:
 * unequal ones differ before the shorter one ends, so its length need not be known.
 */
static inline bool same_key(const struct ktap_pool *s, const struct ktap_entry *e,
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

/* The place in the chain that names the entry, or the chain's end; the chain is locked. */
static inline uint32_t *search(struct ktap_pool *s, uint32_t table, const struct table_key *key,
			       uint32_t *length)
{
	uint32_t *place = &s->buckets[ktap_hash_bucket(s, key->hash)];

	for (*length = 0; *place; ++*length) {
		struct ktap_entry *e = &s->cells[*place].entry;

		if (e->owner == table && e->shape == key->shape &&
		    same_key(s, e, key->words, key->count))
			break;
		place = &e->chain;
	}
	return place;
}

static inline ktap_lock_t *chain_lock(struct ktap_pool *s, const struct table_key *key)
{
	return &s->chains[ktap_hash_bucket(s, key->hash) % KTAP_CHAIN_LOCKS];
}

uint32_t ktap_entry_read(struct ktap_exec *x, const struct ktap_entry *e, struct ktap_value *value)
{
	const struct ktap_pool *s = x->program->pool;
	uint32_t length = (uint32_t)e->bits, cell = (uint32_t)(e->bits >> 32), n, code;
	struct ktap_string *string;

	value->kind = e->kind;
	value->bits = e->bits;
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

uint32_t ktap_table_get(struct ktap_exec *x, uint64_t handle, const uint64_t *bits,
			const uint8_t *kinds, uint32_t parts, struct ktap_value *value)
{
	struct ktap_pool *s = x->program->pool;
	struct ktap_table *t;
	struct table_key key;
	unsigned long flags;
	uint32_t index, *place, length, code;

	code = ktap_table_find(x, handle, &t, &index);
	if (ktap_unlikely(code))
		return code;
	code = make_key(x, t, index, bits, kinds, parts, &key);
	if (ktap_unlikely(code))
		return code;
	value->kind = KTAP_KIND_NIL;
	value->bits = 0;
	ktap_lock(chain_lock(s, &key), flags);
	place = search(s, index, &key, &length);
	if (*place)
		code = ktap_entry_read(x, &s->cells[*place].entry, value);
	ktap_unlock(chain_lock(s, &key), flags);
	if (code || value->kind != KTAP_KIND_STR)
		return code;
	return ktap_charge_bytes(x, ktap_str(value->bits)->length);
}

static uint32_t no_memory(struct ktap_exec *x)
{
	const struct ktap_pool *s = x->program->pool;

	return ktap_fail(x, KTAP_ERROR_MEMORY, s ? s->memory : x->program->info.memory, 0);
}

/* Turns a payload into what an entry keeps: strings are copied, objects referred to. */
static uint32_t keep_value(struct ktap_exec *x, uint8_t kind, uint64_t *bits)
{
	struct ktap_pool *s = x->program->pool;
	const struct ktap_string *string;
	uint32_t limit = x->program->info.string_limit, cell, first, n, code;

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
		return no_memory(x);
	for (n = 0, cell = first; cell; cell = s->cells[cell].more.link) {
		uint32_t left = string->length - n;
		uint32_t bytes = left < 8 * KTAP_MORE_WORDS ? left : 8 * KTAP_MORE_WORDS;

		memcpy(s->cells[cell].more.words, string->bytes + n, bytes);
		n += bytes;
	}
	*bits = (uint64_t)first << 32 | string->length;
	return 0;
}

/* An entry that stands in no chain yet, or 0. */
static uint32_t make_entry(struct ktap_pool *s, const struct table_key *key, uint8_t kind, uint64_t bits)
{
	uint32_t extra = key->count > KTAP_INLINE_WORDS ? key->count - KTAP_INLINE_WORDS : 0;
	uint32_t index = ktap_pool_take(s, 1 + (extra + KTAP_MORE_WORDS - 1) / KTAP_MORE_WORDS);
	uint32_t left = key->count, n, cell;
	const uint64_t *words = key->words;
	struct ktap_entry *e;

	if (!index)
		return 0;
	e = &s->cells[index].entry;
	e->kind = kind;
	e->shape = (uint8_t)key->shape;
	e->bits = bits;
	for (n = 0; n < KTAP_INLINE_WORDS; n++)
		e->key[n] = left ? (left--, *words++) : 0;
	for (cell = e->link; cell; cell = s->cells[cell].more.link)
		for (n = 0; n < KTAP_MORE_WORDS; n++)
			s->cells[cell].more.words[n] = left ? (left--, *words++) : 0;
	return index;
}

struct change {
	uint64_t bits; /* the new value as an entry keeps it, or what is added */
	uint8_t kind;
	bool add;
	uint8_t old_kind; /* what to drop afterwards */
	uint64_t old_bits;
};

/* Changes an entry whose chain is locked. An error has no details yet. */
static inline uint32_t apply(struct ktap_entry *e, struct change *c)
{
	c->old_kind = KTAP_KIND_NIL;
	if (c->add) {
		c->old_kind = e->kind;
		if (ktap_unlikely(e->kind != KTAP_KIND_INT))
			return KTAP_ERROR_ARITHMETIC;
		e->bits += c->bits;
		return 0;
	}
	c->old_kind = e->kind;
	c->old_bits = e->bits;
	e->kind = c->kind;
	e->bits = c->bits;
	return 0;
}

/* What apply() leaves to do when the lock is open again. */
static inline uint32_t applied(struct ktap_exec *x, const struct change *c, uint32_t code)
{
	if (ktap_unlikely(code))
		return ktap_fail(x, code, c->old_kind, KTAP_KIND_INT);
	if (!c->add)
		ktap_value_drop(x->program, c->old_kind, c->old_bits);
	return 0;
}

/* No entry had the key: makes one, outside of the lock, and looks again. */
static uint32_t insert(struct ktap_exec *x, uint32_t table, const struct table_key *key,
		       struct change *c)
{
	struct ktap_pool *s = x->program->pool;
	uint32_t *place, length, code = 0, index = make_entry(s, key, c->kind, c->bits);
	unsigned long flags;

	if (!index) {
		if (!c->add)
			ktap_value_drop(x->program, c->kind, c->bits);
		return no_memory(x);
	}
	ktap_lock(chain_lock(s, key), flags);
	place = search(s, table, key, &length);
	if (*place) {
		code = apply(&s->cells[*place].entry, c);
	} else if (length >= KTAP_CHAIN_MOST) {
		code = KTAP_ERROR_MEMORY;
	} else {
		s->cells[index].entry.chain = 0;
		*place = index;
		ktap_entry_append(s, table, index);
		index = 0;
		c->old_kind = KTAP_KIND_NIL;
	}
	ktap_unlock(chain_lock(s, key), flags);
	ktap_pool_give(s, index);
	if (ktap_unlikely(code == KTAP_ERROR_MEMORY)) {
		if (!c->add)
			ktap_value_drop(x->program, c->kind, c->bits);
		return no_memory(x);
	}
	return applied(x, c, code);
}

static uint32_t update(struct ktap_exec *x, uint32_t table, const struct table_key *key,
			      struct change *c)
{
	struct ktap_pool *s = x->program->pool;
	ktap_lock_t *lock = chain_lock(s, key);
	uint32_t *place, length, code;
	unsigned long flags;

	ktap_lock(lock, flags);
	place = search(s, table, key, &length);
	if (ktap_likely(*place)) {
		code = apply(&s->cells[*place].entry, c);
		ktap_unlock(lock, flags);
		return applied(x, c, code);
	}
	ktap_unlock(lock, flags);
	return insert(x, table, key, c);
}

/* The entry was not there, or is no integer. */
static uint32_t add_slowly(struct ktap_exec *x, uint32_t table, const struct table_key *key,
			   int64_t n)
{
	struct change c = { .bits = (uint64_t)n, .kind = KTAP_KIND_INT, .add = true };

	return update(x, table, key, &c);
}

uint32_t ktap_table_add(struct ktap_exec *x, uint64_t handle, const uint64_t *bits,
			const uint8_t *kinds, uint32_t parts, int64_t n)
{
	struct ktap_pool *s = x->program->pool;
	struct ktap_table *t = find(x->program, handle);
	uint32_t table = (uint32_t)handle, index, code;
	struct table_key key;
	ktap_lock_t *lock;
	unsigned long flags;

	if (ktap_unlikely(!t))
		return ktap_fail(x, KTAP_ERROR_INDEX, KTAP_KIND_NIL, 0);
	if (ktap_unlikely(!(t->site.value & KTAP_MASK_INT)))
		return ktap_fail(x, KTAP_ERROR_VALUE_KIND, KTAP_KIND_INT, 0);
	code = make_key(x, t, table, bits, kinds, parts, &key);
	if (ktap_unlikely(code))
		return code;
	/* The hot path: an entry that is there and holds an integer. */
	lock = chain_lock(s, &key);
	ktap_lock(lock, flags);
	for (index = s->buckets[ktap_hash_bucket(s, key.hash)]; index;
	     index = s->cells[index].entry.chain) {
		struct ktap_entry *e = &s->cells[index].entry;

		if (e->key[0] == key.words[0] && e->owner == table && e->shape == key.shape &&
		    same_key(s, e, key.words, key.count)) {
			if (ktap_unlikely(e->kind != KTAP_KIND_INT))
				break;
			e->bits += (uint64_t)n;
			ktap_unlock(lock, flags);
			return 0;
		}
	}
	ktap_unlock(lock, flags);
	return add_slowly(x, table, &key, n);
}

static uint32_t delete(struct ktap_exec *x, uint32_t table, const struct table_key *key)
{
	struct ktap_pool *s = x->program->pool;
	struct ktap_entry *e = NULL;
	uint32_t *place, length, index;
	unsigned long flags;

	ktap_lock(chain_lock(s, key), flags);
	place = search(s, table, key, &length);
	index = *place;
	if (index) {
		e = &s->cells[index].entry;
		*place = e->chain;
		ktap_entry_remove(s, table, index);
	}
	ktap_unlock(chain_lock(s, key), flags);
	if (e) {
		ktap_value_drop(x->program, e->kind, e->bits);
		ktap_pool_give(s, index);
	}
	return 0;
}

uint32_t ktap_table_set(struct ktap_exec *x, uint64_t handle, const uint64_t *bits,
			const uint8_t *kinds, uint32_t parts, uint64_t value, uint8_t kind)
{
	struct change c = { .bits = value, .kind = kind };
	struct ktap_table *t;
	struct table_key key;
	uint32_t index, code;

	code = ktap_table_find(x, handle, &t, &index);
	if (ktap_unlikely(code))
		return code;
	if (kind != KTAP_KIND_NIL && ktap_unlikely(!(t->site.value >> kind & 1)))
		return ktap_fail(x, KTAP_ERROR_VALUE_KIND, kind, 0);
	code = make_key(x, t, index, bits, kinds, parts, &key);
	if (ktap_unlikely(code))
		return code;
	if (kind == KTAP_KIND_NIL)
		return delete(x, index, &key);
	code = keep_value(x, kind, &c.bits);
	if (ktap_unlikely(code))
		return code;
	return update(x, index, &key, &c);
}

uint32_t ktap_table_new(struct ktap_exec *x, uint32_t site, uint64_t *handle)
{
	struct ktap_program *p = x->program;
	struct ktap_pool *s = p->pool;
	uint32_t index = s ? ktap_pool_take(s, 1) : 0;

	if (!index)
		return no_memory(x);
	memset((char *)&s->cells[index] + sizeof(struct ktap_object), 0,
	       sizeof(struct ktap_table) - sizeof(struct ktap_object));
	s->cells[index].table.site = p->sites[site];
	*handle = ktap_object_begin(x, index, KTAP_OWNER_TABLE);
	return 0;
}

uint32_t ktap_table_length(struct ktap_exec *x, uint64_t handle, uint64_t *length)
{
	struct ktap_table *t;
	uint32_t index, code = ktap_table_find(x, handle, &t, &index);

	if (!code)
		*length = ktap_read_once(t->count);
	return code;
}
