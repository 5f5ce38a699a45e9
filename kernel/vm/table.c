// SPDX-License-Identifier: GPL-2.0-or-later
/* Tables: lookup, update, deletion by key; see pool.h for how they lie in memory. */
#include "table_key.h"

uint32_t ktap_table_find(struct ktap_exec *x, uint64_t handle, struct ktap_table **table,
			 uint32_t *index)
{
	*table = ktap_table_of(x->program, handle);
	*index = (uint32_t)handle;
	return ktap_likely(*table) ? 0 : ktap_fail(x, KTAP_ERROR_INDEX, KTAP_KIND_NIL, 0);
}

/* The place in the chain that names the entry, or the chain's end; the chain is locked. */
static inline uint32_t *search(struct ktap_pool *s, uint32_t table, const struct ktap_key *key,
			       uint32_t *length)
{
	uint32_t *place = &s->buckets[ktap_hash_bucket(s, key->hash)];

	for (*length = 0; *place; ++*length) {
		struct ktap_entry *e = &s->cells[*place].entry;

		if (e->owner == table && e->shape == key->shape &&
		    ktap_key_is(s, e, key->words, key->count))
			break;
		place = &e->chain;
	}
	return place;
}

static inline ktap_lock_t *chain_lock(struct ktap_pool *s, const struct ktap_key *key)
{
	return &s->chains[ktap_hash_bucket(s, key->hash) % KTAP_CHAIN_LOCKS];
}

uint32_t ktap_table_get_slowly(struct ktap_exec *x, uint64_t handle, const uint64_t *bits,
			       const uint8_t *kinds, uint32_t parts,
			       struct ktap_value *value)
{
	struct ktap_pool *s = x->program->pool;
	struct ktap_table *t;
	struct ktap_key key;
	unsigned long flags;
	uint32_t index, *place, length, code;

	code = ktap_table_find(x, handle, &t, &index);
	if (ktap_unlikely(code))
		return code;
	code = ktap_key_of(x, t, index, bits, kinds, parts, &key);
	if (ktap_unlikely(code))
		return code;
	value->kind = KTAP_KIND_NIL;
	value->bits = 0;
	ktap_lock(chain_lock(s, &key), flags);
	place = search(s, index, &key, &length);
	if (*place)
		code = ktap_entry_read(x, &s->cells[*place].entry, value);
	ktap_unlock(chain_lock(s, &key), flags);
	return code ? code : ktap_charge_bytes(x, ktap_value_bytes(value));
}

/* An entry that stands in no chain yet, or 0. */
static uint32_t make_entry(struct ktap_pool *s, const struct ktap_key *key, uint8_t kind, uint64_t bits)
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
	e->shape = (uint16_t)key->shape;
	e->bits = bits;
	for (n = 0; n < KTAP_INLINE_WORDS; n++)
		e->key[n] = left ? (left--, *words++) : 0;
	for (cell = e->link; cell; cell = s->cells[cell].more.link)
		for (n = 0; n < KTAP_MORE_WORDS; n++)
			s->cells[cell].more.words[n] = left ? (left--, *words++) : 0;
	return index;
}

enum change_kind { SET, ADD, AGGREGATE };

struct change {
	enum change_kind how;
	uint8_t kind;
	uint64_t bits; /* the new value as an entry keeps it, or what is added */
	const struct ktap_site *site; /* AGGREGATE */
	uint32_t steps; /* AGGREGATE: what it took */
	uint8_t old_kind; /* SET: what to drop afterwards */
	uint64_t old_bits;
};

/* Changes an entry whose chain is locked. An error has no details yet. */
static inline uint32_t apply(struct ktap_program *p, struct ktap_entry *e, struct change *c)
{
	if (c->how == AGGREGATE)
		return ktap_aggregate_add(p, c->site, &e->bits, (int64_t)c->bits, &c->steps) ?
			       0 :
			       KTAP_ERROR_MEMORY;
	c->old_kind = e->kind;
	c->old_bits = e->bits;
	if (c->how == ADD) {
		if (ktap_unlikely(e->kind != KTAP_KIND_INT))
			return KTAP_ERROR_ARITHMETIC;
		e->bits += c->bits;
		return 0;
	}
	e->kind = c->kind;
	e->bits = c->bits;
	return 0;
}

/* What apply() leaves to do when the lock is open again. */
static inline uint32_t applied(struct ktap_exec *x, const struct change *c, uint32_t code)
{
	if (ktap_unlikely(code == KTAP_ERROR_MEMORY))
		return ktap_no_memory(x);
	if (ktap_unlikely(code))
		return ktap_fail(x, code, c->old_kind, KTAP_KIND_INT);
	if (c->how == SET)
		ktap_value_drop(x->program, c->old_kind, c->old_bits);
	return c->steps > 1 ? ktap_charge(x, c->steps - 1) : 0;
}

/* An entry with the new value that stands in no chain yet, or 0. */
static uint32_t make_changed(struct ktap_program *p, const struct ktap_key *key, struct change *c)
{
	bool aggregate = c->how == AGGREGATE;
	uint32_t index = make_entry(p->pool, key, c->kind, aggregate ? 0 : c->bits);
	struct ktap_entry *e = &p->pool->cells[index].entry;

	if (!index || !aggregate || !apply(p, e, c))
		return index;
	ktap_aggregate_drop(p->pool, e->bits);
	ktap_pool_give(p->pool, index);
	return 0;
}

/* No entry had the key: makes one, outside of the lock, and looks again. */
static uint32_t insert(struct ktap_exec *x, uint32_t table, const struct ktap_key *key,
		       struct change *c)
{
	struct ktap_program *p = x->program;
	struct ktap_pool *s = p->pool;
	uint32_t *place, length, code = 0, index = make_changed(p, key, c);
	bool inserted = false;
	unsigned long flags;

	if (!index) {
		code = KTAP_ERROR_MEMORY;
	} else {
		ktap_lock(chain_lock(s, key), flags);
		place = search(s, table, key, &length);
		if (*place) {
			code = apply(p, &s->cells[*place].entry, c);
		} else if (length >= KTAP_CHAIN_MOST) {
			code = KTAP_ERROR_MEMORY;
		} else {
			s->cells[index].entry.chain = 0;
			*place = index;
			ktap_entry_append(s, table, index);
			inserted = true;
			c->old_kind = KTAP_KIND_NIL;
		}
		ktap_unlock(chain_lock(s, key), flags);
		if (!inserted) {
			if (c->how == AGGREGATE)
				ktap_aggregate_drop(s, s->cells[index].entry.bits);
			ktap_pool_give(s, index);
		}
	}
	if (ktap_unlikely(code == KTAP_ERROR_MEMORY) && c->how == SET)
		ktap_value_drop(p, c->kind, c->bits);
	return applied(x, c, code);
}

static uint32_t update(struct ktap_exec *x, uint32_t table, const struct ktap_key *key,
		       struct change *c)
{
	struct ktap_pool *s = x->program->pool;
	ktap_lock_t *lock = chain_lock(s, key);
	uint32_t *place, length, code;
	unsigned long flags;

	ktap_lock(lock, flags);
	place = search(s, table, key, &length);
	if (ktap_likely(*place)) {
		code = apply(x->program, &s->cells[*place].entry, c);
		ktap_unlock(lock, flags);
		return applied(x, c, code);
	}
	ktap_unlock(lock, flags);
	return insert(x, table, key, c);
}

uint32_t ktap_table_add_slowly(struct ktap_exec *x, uint64_t handle, const uint64_t *bits,
			       const uint8_t *kinds, uint32_t parts, int64_t n)
{
	struct change c = { .how = ADD, .kind = KTAP_KIND_INT, .bits = (uint64_t)n };
	struct ktap_table *t;
	struct ktap_key key;
	uint32_t index, code;

	code = ktap_table_find(x, handle, &t, &index);
	if (ktap_unlikely(code))
		return code;
	if (ktap_unlikely(!(t->site.value & KTAP_MASK_INT)))
		return ktap_fail(x, KTAP_ERROR_VALUE_KIND, KTAP_KIND_INT, 0);
	code = ktap_key_of(x, t, index, bits, kinds, parts, &key);
	if (ktap_unlikely(code))
		return code;
	return update(x, index, &key, &c);
}

uint32_t ktap_table_aggregate(struct ktap_exec *x, uint64_t handle, const uint64_t *bits,
			      const uint8_t *kinds, uint32_t parts, int64_t n)
{
	struct change c = { .how = AGGREGATE, .kind = KTAP_KIND_AGGREGATE, .bits = (uint64_t)n };
	struct ktap_table *t;
	struct ktap_key key;
	uint32_t index, code;

	code = ktap_table_find(x, handle, &t, &index);
	if (ktap_unlikely(code))
		return code;
	if (ktap_unlikely(t->site.value != KTAP_MASK_AGGREGATE))
		return ktap_fail(x, KTAP_ERROR_VALUE_KIND, KTAP_KIND_AGGREGATE, 0);
	code = ktap_key_of(x, t, index, bits, kinds, parts, &key);
	if (ktap_unlikely(code))
		return code;
	c.site = &t->site;
	return update(x, index, &key, &c);
}

static uint32_t delete(struct ktap_exec *x, uint32_t table, const struct ktap_key *key)
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

/* Stores a value of a kind that the site allows. */
static uint32_t store(struct ktap_exec *x, const struct ktap_table *t, uint32_t index,
		      const uint64_t *bits, const uint8_t *kinds, uint32_t parts, uint64_t value,
		      uint8_t kind)
{
	struct change c = { .how = SET, .kind = kind, .bits = value };
	struct ktap_key key;
	uint32_t code = ktap_key_of(x, t, index, bits, kinds, parts, &key);

	if (ktap_unlikely(code))
		return code;
	if (kind == KTAP_KIND_NIL)
		return delete(x, index, &key);
	code = ktap_value_keep(x, kind, &c.bits);
	if (ktap_unlikely(code))
		return code;
	return update(x, index, &key, &c);
}

uint32_t ktap_table_set_slowly(struct ktap_exec *x, uint64_t handle, const uint64_t *bits,
			       const uint8_t *kinds, uint32_t parts, uint64_t value,
			       uint8_t kind)
{
	struct ktap_table *t;
	uint32_t index, code = ktap_table_find(x, handle, &t, &index);
	uint32_t allowed;

	if (ktap_unlikely(code))
		return code;
	/* Aggregates come about by TAGG alone. */
	allowed = (t->site.value & KTAP_MASK_STORABLE) | KTAP_MASK_NIL;
	if (ktap_unlikely(!(allowed >> kind & 1)))
		return ktap_fail(x, KTAP_ERROR_VALUE_KIND, kind, 0);
	return store(x, t, index, bits, kinds, parts, value, kind);
}

uint32_t ktap_table_copy(struct ktap_exec *x, uint64_t handle, const struct ktap_item *item)
{
	uint64_t bits[KTAP_MAX_KEY_PARTS];
	uint8_t kinds[KTAP_MAX_KEY_PARTS];
	struct ktap_table *t;
	uint32_t index, n, code = ktap_table_find(x, handle, &t, &index);

	if (code)
		return code;
	for (n = 0; n < item->parts; n++) {
		bits[n] = item->key[n].bits;
		kinds[n] = item->key[n].kind;
	}
	return store(x, t, index, bits, kinds, item->parts, item->value.bits, item->value.kind);
}

uint32_t ktap_table_new(struct ktap_exec *x, uint32_t site, uint64_t *handle)
{
	struct ktap_program *p = x->program;
	struct ktap_pool *s = p->pool;
	uint32_t index = s ? ktap_pool_take(s, 1) : 0;

	if (!index)
		return ktap_no_memory(x);
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
