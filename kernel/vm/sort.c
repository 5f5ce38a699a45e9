// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * sort_pairs: a copy of a table whose insertion order is the sorted one. Until it is finished no
 * register holds the copy: so its order needs no lock. The list of its entries is merged in
 * place, so that a function that contradicts itself can do no harm but a strange order.
 */
#include "pool.h"

/* Room in the arena for one entry's strings and its value. */
#define ITEM_ROOM (KTAP_MAX_KEY + KTAP_MAX_STRING + 256u)

struct sorting {
	struct ktap_exec *x;
	struct ktap_pool *s;
	bool by_function;
	uint64_t function;
	uint32_t code; /* the first error; from then on nothing is compared */
};

static uint32_t copy_entries(struct ktap_exec *x, uint64_t from, uint64_t to)
{
	struct ktap_cursor cursor;
	uint32_t mark = x->arena_used, code = ktap_table_begin(x, from, &cursor);
	struct ktap_item item;
	bool found = true;

	while (!code && found) {
		code = ktap_table_next(x, from, &cursor, &item, &found);
		if (!code && found)
			code = ktap_table_copy(x, to, &item);
		ktap_poison(x->arena + mark, x->arena_used - mark);
		x->arena_used = mark;
		if (!code)
			code = ktap_charge(x, 1);
	}
	return code;
}

/* The words of an entry's key, one after the other. */
struct reader {
	const struct ktap_pool *s;
	const uint64_t *words;
	uint32_t left, link;
};

static struct reader read_key(const struct ktap_pool *s, uint32_t index)
{
	const struct ktap_entry *e = &s->cells[index].entry;

	return (struct reader){ s, e->key, KTAP_INLINE_WORDS, e->link };
}

static uint64_t next_word(struct reader *r)
{
	if (!r->left) {
		r->words = r->s->cells[r->link].more.words;
		r->left = KTAP_MORE_WORDS;
		r->link = r->s->cells[r->link].more.link;
	}
	r->left--;
	return *r->words++;
}

/* Two strings: the length in the first two bytes, then the bytes. */
static int compare_texts(struct reader *a, struct reader *b, uint32_t *words)
{
	uint64_t one = next_word(a), other = next_word(b);
	uint32_t shorter, at = 2, n;
	uint16_t lengths[2];
	int order;

	memcpy(&lengths[0], &one, 2);
	memcpy(&lengths[1], &other, 2);
	shorter = 2u + (lengths[0] < lengths[1] ? lengths[0] : lengths[1]);
	for (;;) {
		n = shorter < 8 ? shorter - at : 8 - at;
		order = memcmp((const char *)&one + at, (const char *)&other + at, n);
		if (order)
			return order;
		if (shorter <= 8)
			return lengths[0] < lengths[1] ? -1 : lengths[0] > lengths[1];
		shorter -= 8;
		at = 0;
		++*words;
		one = next_word(a);
		other = next_word(b);
	}
}

/* By the parts of the keys; of different kinds the shape's code decides. */
static int compare_keys(const struct ktap_pool *s, uint32_t one, uint32_t other, uint32_t *words)
{
	struct reader a = read_key(s, one), b = read_key(s, other);
	uint32_t shapes[2] = { s->cells[one].entry.shape, s->cells[other].entry.shape };
	uint32_t part;

	for (part = 0; shapes[0] >> (KTAP_SHAPE_BITS * part); part++) {
		uint8_t kind = ktap_shape_kind(shapes[0], part);
		uint32_t codes[2] = { ktap_shape_code(kind),
				      ktap_shape_code(ktap_shape_kind(shapes[1], part)) };
		int64_t values[2];
		int order;

		if (codes[0] != codes[1])
			return codes[0] < codes[1] ? -1 : 1;
		++*words;
		if (kind == KTAP_KIND_STR) {
			order = compare_texts(&a, &b, words);
		} else {
			values[0] = (int64_t)next_word(&a);
			values[1] = (int64_t)next_word(&b);
			order = values[0] < values[1] ? -1 : values[0] > values[1];
		}
		if (order)
			return order;
	}
	return 0;
}

/* Asks the script's function; it gets all parts of both keys, then both values. */
static bool ask(struct sorting *o, uint32_t one, uint32_t other)
{
	struct ktap_value args[2 * KTAP_MAX_KEY_PARTS + 2], result;
	struct ktap_exec *x = o->x;
	struct ktap_item item;
	uint32_t parts = 0, n, k;

	/* Strings of earlier questions lie about. */
	if (x->arena_spare && x->arena_size - x->arena_used < 2 * ITEM_ROOM)
		o->code = ktap_compact(x, x->top);
	for (n = 0; n < 2 && !o->code; n++) {
		o->code = ktap_entry_item(x, n ? other : one, &item);
		if (o->code)
			break;
		parts = item.parts;
		for (k = 0; k < parts; k++)
			args[n * parts + k] = item.key[k];
		args[2 * parts + n] = item.value;
	}
	if (!o->code)
		o->code = ktap_call_value(x, o->function, args, 2 * parts + 2, &result);
	return !o->code && result.kind != KTAP_KIND_NIL &&
	       (result.kind != KTAP_KIND_BOOL || result.bits);
}

/* Whether an entry must come before one that stands in front of it. */
static bool precedes(struct sorting *o, uint32_t one, uint32_t other)
{
	uint32_t words = 0;
	bool before;

	if (o->code)
		return false;
	before = o->by_function ? ask(o, one, other) : compare_keys(o->s, one, other, &words) < 0;
	if (!o->code)
		o->code = ktap_charge(o->x, 1 + words / 2);
	return before;
}

static uint32_t *next_of(const struct sorting *o, uint32_t index)
{
	return &o->s->cells[index].entry.newer;
}

/* Merges each two neighbouring runs of `width` entries; true when there was more than one run. */
static bool merge_runs(struct sorting *o, uint32_t *first, uint32_t width)
{
	uint32_t left = *first, *tail = first, pairs = 0;
	bool merged = false;

	for (; left; pairs++) {
		uint32_t right = left, lefts = 0, rights = width, taken;

		while (lefts < width && right) {
			right = *next_of(o, right);
			lefts++;
		}
		while (lefts || (rights && right)) {
			if (lefts && (!rights || !right || !precedes(o, right, left))) {
				taken = left;
				left = *next_of(o, left);
				lefts--;
			} else {
				taken = right;
				right = *next_of(o, right);
				rights--;
				merged = true;
			}
			*tail = taken;
			tail = next_of(o, taken);
		}
		left = right;
	}
	*tail = 0;
	return pairs > 1 || merged;
}

/* Brings the rest of the order into line with the sorted list. */
static void renumber(struct ktap_pool *s, struct ktap_table *t)
{
	uint32_t index = t->first, older = 0;
	uint64_t serial = 0;

	for (; index; older = index, index = s->cells[index].entry.newer) {
		s->cells[index].entry.older = older;
		s->cells[index].entry.serial = ++serial;
	}
	t->last = older;
	t->serial = serial;
}

uint32_t ktap_table_sort(struct ktap_exec *x, uint64_t handle, const struct ktap_value *function,
			 uint64_t *sorted)
{
	struct sorting o = { x, x->program->pool, function->kind != KTAP_KIND_NIL, function->bits, 0 };
	struct ktap_table *t;
	uint32_t index, width = 1;

	o.code = ktap_table_find(x, handle, &t, &index);
	if (!o.code)
		o.code = ktap_collect(x, x->top);
	if (!o.code)
		o.code = ktap_table_new(x, t->site.index, sorted);
	if (o.code)
		return o.code;
	o.code = copy_entries(x, handle, *sorted);
	t = &o.s->cells[(uint32_t)*sorted].table;
	/* A function of the script calls no other: so nobody else pins one. */
	if (o.by_function)
		x->pinned = *sorted;
	while (!o.code && merge_runs(&o, &t->first, width))
		width *= 2;
	if (o.by_function)
		x->pinned = 0;
	renumber(o.s, t);
	return o.code;
}
