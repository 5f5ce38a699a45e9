// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * References to tables and closures, and what becomes of those that have none. Counts change only
 * when a slot (a global, an entry) is written; registers do not count. So an object whose count
 * falls to 0 may still be in registers of runs under way, which may even store it again: it is
 * retired, and looked at again when all those runs have ended.
 */
#include "pool.h"

uint64_t ktap_object_begin(struct ktap_exec *x, uint32_t index, uint32_t owner)
{
	struct ktap_pool *s = x->program->pool;
	struct ktap_object *o = &s->cells[index].object;

	do
		o->generation = ktap_atomic32_add(&s->generation, 1);
	while (ktap_unlikely(!o->generation));
	o->next_retired = 0;
	o->escaped = false;
	o->retired = false;
	o->again = false;
	o->held = false;
	memset(&o->references, 0, sizeof(o->references));
	o->link = x->fresh;
	x->fresh = index;
	x->made++;
	ktap_write_once(o->owner, owner);
	return ktap_handle(index, o->generation);
}

/*
 * The object of a value, or NULL. Null values and plain functions have no generation; a handle of
 * a table that ktap_table_free() gave back is none any more.
 */
struct ktap_object *ktap_object_of(struct ktap_program *p, uint8_t kind, uint64_t bits)
{
	uint32_t owner = kind == KTAP_KIND_TABLE    ? KTAP_OWNER_TABLE :
			 kind == KTAP_KIND_FUNCTION ? KTAP_OWNER_CLOSURE :
						      0;
	struct ktap_object *o;

	if (!owner || !(bits >> 32))
		return NULL;
	o = &p->pool->cells[(uint32_t)bits].object;
	if (ktap_unlikely(ktap_read_once(o->owner) != owner ||
			  o->generation != (uint32_t)(bits >> 32)))
		return NULL;
	return o;
}

void ktap_object_hold(struct ktap_program *p, uint8_t kind, uint64_t bits)
{
	struct ktap_object *o = ktap_object_of(p, kind, bits), *table = NULL;

	if (!o)
		return;
	/*
	 * The first reference: until now only the run that made it knew it. From now on a closure
	 * keeps its table; before, both ended with the run.
	 */
	if (!ktap_read_once(o->escaped)) {
		ktap_write_once(o->escaped, true);
		if (kind == KTAP_KIND_FUNCTION)
			table = ktap_object_of(p, KTAP_KIND_TABLE,
					  p->pool->cells[(uint32_t)bits].closure.table);
	}
	ktap_atomic32_add(&o->references, 1);
	if (table) {
		ktap_write_once(table->escaped, true);
		ktap_atomic32_add(&table->references, 1);
	}
}

void ktap_object_drop(struct ktap_program *p, uint8_t kind, uint64_t bits)
{
	struct ktap_object *o = ktap_object_of(p, kind, bits);
	struct ktap_pool *s = p->pool;
	unsigned long flags;
	bool tell = false;

	if (!o || ktap_atomic32_sub(&o->references, 1))
		return;
	ktap_lock(&s->retiring, flags);
	if (o->retired) {
		o->again = true;
	} else {
		uint32_t *list = s->pending ? &s->later : &s->waiting;

		o->retired = true;
		o->next_retired = *list;
		*list = (uint32_t)bits;
		tell = !s->pending;
		s->pending = true;
	}
	ktap_unlock(&s->retiring, flags);
	if (tell && p->home->retired)
		p->home->retired(p);
}

void ktap_value_drop(struct ktap_program *p, uint8_t kind, uint64_t bits)
{
	if (kind == KTAP_KIND_STR)
		ktap_pool_give(p->pool, (uint32_t)(bits >> 32));
	else if (kind == KTAP_KIND_AGGREGATE)
		ktap_aggregate_drop(p->pool, bits);
	else
		ktap_object_drop(p, kind, bits);
}

void ktap_object_free(struct ktap_program *p, uint32_t index, bool process)
{
	union ktap_cell *cell = &p->pool->cells[index];
	uint32_t n = 0;

	if (cell->object.owner == KTAP_OWNER_CLOSURE) {
		if (cell->object.escaped)
			ktap_object_drop(p, KTAP_KIND_TABLE, cell->closure.table);
	} else {
		while (ktap_table_shift(p, index, ~0ull))
			if (++n % 256 == 0 && process)
				ktap_yield();
	}
	ktap_write_once(cell->object.owner, 0);
	cell->object.link = 0;
	ktap_pool_give(p->pool, index);
}

uint32_t ktap_table_free(struct ktap_exec *x, uint64_t handle)
{
	struct ktap_pool *s = x->program->pool;
	uint32_t *place = &x->fresh, index, steps = 0, code;
	struct ktap_table *t;

	code = ktap_table_find(x, handle, &t, &index);
	if (code || ktap_read_once(t->object.escaped))
		return code;
	while (*place && *place != index) {
		place = &s->cells[*place].object.link;
		steps++;
	}
	if (!*place)
		return 0; /* of another run */
	steps += t->count;
	*place = t->object.link;
	/* Registers, and closures that were never referred to, may still hold the handle: it is stale now. */
	t->object.generation = 0;
	ktap_object_free(x->program, index, x->level == KTAP_EXEC_MAIN);
	return ktap_charge(x, steps);
}

void ktap_objects_settle(struct ktap_exec *x)
{
	struct ktap_program *p = x->program;
	uint32_t index = x->fresh, next;

	x->fresh = 0;
	for (; index; index = next) {
		struct ktap_object *o = &p->pool->cells[index].object;

		next = o->link;
		o->link = 0;
		/* One that was ever referred to is retired, or will be, by its last reference. */
		if (!ktap_read_once(o->escaped))
			ktap_object_free(p, index, x->level == KTAP_EXEC_MAIN);
	}
}

/* Takes one object off the waiting list: its index if it is to be freed, 0 otherwise. */
static uint32_t take_waiting(struct ktap_pool *s)
{
	uint32_t index = s->waiting;
	struct ktap_object *o = &s->cells[index].object;

	s->waiting = o->next_retired;
	if (ktap_atomic32_read(&o->references)) {
		o->retired = false;
		o->again = false;
		return 0;
	}
	if (o->again) {
		/* It was in a slot again after the grace period had begun: another one. */
		o->again = false;
		o->next_retired = s->later;
		s->later = index;
		return 0;
	}
	return index;
}

void ktap_program_reclaim(struct ktap_program *p)
{
	struct ktap_pool *s = p->pool;
	unsigned long flags;
	bool more = true, tell = false;
	uint32_t index;

	if (!s)
		return;
	while (more) {
		index = 0;
		ktap_lock(&s->retiring, flags);
		if (s->waiting) {
			index = take_waiting(s);
		} else {
			more = false;
			tell = s->later != 0;
			s->waiting = s->later;
			s->later = 0;
			s->pending = tell;
		}
		ktap_unlock(&s->retiring, flags);
		if (index)
			ktap_object_free(p, index, true);
		ktap_yield();
	}
	if (tell && p->home->retired)
		p->home->retired(p);
}
