// SPDX-License-Identifier: GPL-2.0-or-later
/* The insertion order of a table: iteration, and deletion from the head. */
#include "pool.h"

/* Entries that one hold of the lock passes at most. */
#define STRIDE 64u

static inline ktap_lock_t *order_lock(struct ktap_pool *s, uint32_t table)
{
	return &s->orders[table % KTAP_ORDER_LOCKS];
}

void ktap_entry_append(struct ktap_pool *s, uint32_t table, uint32_t index)
{
	struct ktap_table *t = &s->cells[table].table;
	struct ktap_entry *e = &s->cells[index].entry;

	ktap_lock_inner(order_lock(s, table));
	e->serial = ++t->serial;
	e->newer = 0;
	e->older = t->last;
	if (t->last)
		s->cells[t->last].entry.newer = index;
	else
		t->first = index;
	t->last = index;
	ktap_write_once(t->count, t->count + 1);
	ktap_write_once(e->owner, table);
	ktap_unlock_inner(order_lock(s, table));
}

void ktap_entry_remove(struct ktap_pool *s, uint32_t table, uint32_t index)
{
	struct ktap_table *t = &s->cells[table].table;
	struct ktap_entry *e = &s->cells[index].entry;

	ktap_lock_inner(order_lock(s, table));
	if (e->older)
		s->cells[e->older].entry.newer = e->newer;
	else
		t->first = e->newer;
	if (e->newer)
		s->cells[e->newer].entry.older = e->older;
	else
		t->last = e->older;
	ktap_write_once(t->count, t->count - 1);
	ktap_write_once(e->owner, 0);
	ktap_unlock_inner(order_lock(s, table));
}

uint32_t ktap_entry_key(const struct ktap_pool *s, const struct ktap_entry *e, uint64_t *words,
			uint64_t *hash)
{
	const uint64_t *stored = e->key;
	uint32_t left = KTAP_INLINE_WORDS, link = e->link, count = 0, need, part;
	uint64_t h = ktap_hash_begin(s, e->owner, e->shape);
	uint16_t length;

	for (part = 0; e->shape >> (KTAP_SHAPE_BITS * part); part++) {
		bool string = ktap_shape_kind(e->shape, part) == KTAP_KIND_STR;

		need = 1;
		do {
			if (!left--) {
				stored = s->cells[link].more.words;
				left = KTAP_MORE_WORDS - 1;
				link = s->cells[link].more.link;
			}
			if (string) {
				/* The first word of a string part tells how many there are. */
				memcpy(&length, stored, 2);
				need = (2 + length + 7) / 8;
				string = false;
			}
			h = ktap_hash_word(s, h, count, *stored);
			if (words)
				words[count] = *stored;
			stored++;
			count++;
		} while (--need);
	}
	*hash = h;
	return count;
}

/* The chain that an entry is in, or NULL when it is no longer there; the chain is locked. */
static uint32_t *find_in_chain(struct ktap_pool *s, uint64_t hash, uint32_t table, uint32_t index,
			       uint64_t serial)
{
	uint32_t *place = &s->buckets[ktap_hash_bucket(s, hash)];

	while (*place && *place != index)
		place = &s->cells[*place].entry.chain;
	if (!*place || s->cells[index].entry.owner != table ||
	    s->cells[index].entry.serial != serial)
		return NULL;
	return place;
}

bool ktap_table_shift(struct ktap_pool *s, uint32_t table, uint64_t newest, struct ktap_value *value)
{
	struct ktap_table *t = &s->cells[table].table;
	struct ktap_entry *e = NULL;
	uint32_t index, *place;
	uint64_t hash = 0, serial = 0;
	unsigned long flags;
	ktap_lock_t *chain;

	ktap_lock(order_lock(s, table), flags);
	index = t->first;
	if (index) {
		serial = s->cells[index].entry.serial;
		ktap_entry_key(s, &s->cells[index].entry, NULL, &hash);
	}
	ktap_unlock(order_lock(s, table), flags);
	if (!index || serial > newest)
		return false;

	value->kind = KTAP_KIND_NIL;
	chain = &s->chains[ktap_hash_bucket(s, hash) % KTAP_CHAIN_LOCKS];
	ktap_lock(chain, flags);
	place = find_in_chain(s, hash, table, index, serial);
	if (place) {
		e = &s->cells[index].entry;
		*place = e->chain;
		ktap_entry_remove(s, table, index);
	}
	ktap_unlock(chain, flags);
	if (e) {
		value->kind = e->kind;
		value->bits = e->bits;
		ktap_pool_give(s, index);
	}
	return true;
}

uint32_t ktap_table_clear(struct ktap_exec *x, uint64_t handle)
{
	struct ktap_pool *s = x->program->pool;
	struct ktap_table *t;
	uint32_t index, code = ktap_table_find(x, handle, &t, &index);
	struct ktap_value value;
	unsigned long flags;
	uint64_t newest;

	if (code)
		return code;
	/* What others add meanwhile stays: so this ends. */
	ktap_lock(order_lock(s, index), flags);
	newest = t->serial;
	ktap_unlock(order_lock(s, index), flags);
	while (!code && ktap_table_shift(s, index, newest, &value)) {
		ktap_value_drop(x->program, value.kind, value.bits);
		code = ktap_charge(x, 1);
	}
	return code;
}

uint32_t ktap_table_begin(struct ktap_exec *x, uint64_t handle, struct ktap_cursor *cursor)
{
	struct ktap_pool *s = x->program->pool;
	struct ktap_table *t;
	uint32_t index, code = ktap_table_find(x, handle, &t, &index);
	unsigned long flags;

	if (code)
		return code;
	ktap_lock(order_lock(s, index), flags);
	cursor->index = t->first;
	cursor->serial = t->first ? s->cells[t->first].entry.serial : 0;
	ktap_unlock(order_lock(s, index), flags);
	return 0;
}

/*
 * The first entry at or behind the cursor, which programs may have filled with anything and
 * whose entry may be gone: then it is searched from the head. Sets *cursor to the entry and
 * returns true, or after STRIDE steps to where to go on. The order is locked.
 */
static bool settle(struct ktap_pool *s, uint32_t table, uint64_t least, struct ktap_cursor *cursor)
{
	uint32_t index = cursor->index, steps;
	const struct ktap_entry *e;

	if (index >= s->cell_count || ktap_read_once(s->cells[index].head.owner) != table ||
	    s->cells[index].entry.serial != cursor->serial)
		index = s->cells[table].table.first;
	for (steps = 0; index; steps++) {
		e = &s->cells[index].entry;
		cursor->index = index;
		cursor->serial = e->serial;
		if (e->serial >= least)
			return true;
		if (steps == STRIDE)
			return false;
		index = e->newer;
	}
	cursor->index = 0;
	cursor->serial = 0;
	return true;
}

/* Values of the key parts from the words in x->key. */
static uint32_t read_parts(struct ktap_exec *x, uint32_t shape, struct ktap_item *item)
{
	const uint64_t *words = x->key;
	uint32_t part, code;
	uint16_t length;

	for (part = 0; shape >> (KTAP_SHAPE_BITS * part); part++) {
		struct ktap_value *value = &item->key[part];

		value->kind = ktap_shape_kind(shape, part);
		value->bits = *words;
		if (value->kind == KTAP_KIND_STR) {
			memcpy(&length, words, 2);
			code = ktap_str_copy(x, (const char *)words + 2, length, &value->bits);
			if (code)
				return code;
			words += (2 + length + 7) / 8;
		} else {
			words++;
		}
	}
	item->parts = part;
	return 0;
}

/* Reads the entry at the cursor. *found is false when it is gone. */
static uint32_t read_item(struct ktap_exec *x, uint32_t table, const struct ktap_cursor *at,
			  uint64_t hash, struct ktap_item *item, bool *found)
{
	struct ktap_pool *s = x->program->pool;
	ktap_lock_t *chain = &s->chains[ktap_hash_bucket(s, hash) % KTAP_CHAIN_LOCKS];
	uint32_t code = 0, shape = 0, words = 0;
	unsigned long flags;

	ktap_lock(chain, flags);
	*found = find_in_chain(s, hash, table, at->index, at->serial);
	if (*found) {
		const struct ktap_entry *e = &s->cells[at->index].entry;

		shape = e->shape;
		words = ktap_entry_key(s, e, x->key, &hash);
		code = ktap_entry_read(x, e, &item->value);
	}
	ktap_unlock(chain, flags);
	if (!*found || code)
		return code;
	code = read_parts(x, shape, item);
	if (!code)
		words += ktap_value_bytes(&item->value) / 8;
	return code ? code : ktap_charge_bytes(x, words * 8);
}

uint32_t ktap_entry_item(struct ktap_exec *x, uint32_t index, struct ktap_item *item)
{
	const struct ktap_entry *e = &x->program->pool->cells[index].entry;
	uint64_t hash;
	uint32_t words = ktap_entry_key(x->program->pool, e, x->key, &hash);
	uint32_t code = ktap_entry_read(x, e, &item->value);

	if (!code)
		code = read_parts(x, e->shape, item);
	return code ? code : ktap_charge_bytes(x, words * 8 + ktap_value_bytes(&item->value));
}

uint32_t ktap_table_next(struct ktap_exec *x, uint64_t handle, struct ktap_cursor *cursor,
			 struct ktap_item *item, bool *found)
{
	struct ktap_pool *s = x->program->pool;
	struct ktap_cursor at = *cursor;
	struct ktap_table *t;
	uint64_t hash = 0, least = at.serial;
	uint32_t table, code = ktap_table_find(x, handle, &t, &table);
	unsigned long flags;
	bool settled;

	*found = false;
	if (code)
		return code;
	while (at.index) {
		ktap_lock(order_lock(s, table), flags);
		settled = settle(s, table, least, &at);
		if (settled && at.index) {
			const struct ktap_entry *e = &s->cells[at.index].entry;

			ktap_entry_key(s, e, NULL, &hash);
			cursor->index = e->newer;
			cursor->serial = e->newer ? s->cells[e->newer].entry.serial : 0;
		}
		ktap_unlock(order_lock(s, table), flags);
		if (settled && at.index) {
			code = read_item(x, table, &at, hash, item, found);
			if (code || *found)
				return code;
			/* Deleted meanwhile: the next one. */
			at = *cursor;
			least = at.serial;
		}
		code = ktap_charge(x, settled ? 1 : STRIDE);
		if (code)
			return code;
	}
	cursor->index = 0;
	cursor->serial = 0;
	return 0;
}
