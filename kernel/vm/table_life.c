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
	o->shared = false;
	o->listed = true;
	o->retired = false;
	o->again = false;
	o->held = false;
	memset(&o->references, 0, sizeof(o->references));
	o->link = x->fresh;
	x->fresh = index;
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

static void refer(struct ktap_object *o)
{
	if (ktap_read_once(o->escaped))
		ktap_write_once(o->shared, true);
	else
		ktap_write_once(o->escaped, true);
	ktap_atomic32_add(&o->references, 1);
}

void ktap_object_hold(struct ktap_program *p, uint8_t kind, uint64_t bits)
{
	struct ktap_object *o = ktap_object_of(p, kind, bits), *table;

	if (!o)
		return;
	/*
	 * The first reference: until now only the run that made it knew it. From now on a closure
	 * keeps its table; before, both ended with the run.
	 */
	if (kind == KTAP_KIND_FUNCTION && !ktap_read_once(o->escaped)) {
		table = ktap_object_of(p, KTAP_KIND_TABLE, p->pool->cells[(uint32_t)bits].closure.table);
		if (table)
			refer(table);
	}
	refer(o);
}

/* Lets an object wait for the next grace period; true when the home is to be told. Lock retiring. */
static bool retire(struct ktap_pool *s, uint32_t index)
{
	struct ktap_object *o = &s->cells[index].object;
	uint32_t *list = s->pending ? &s->later : &s->waiting;
	bool tell = !s->pending;

	o->retired = true;
	o->again = false;
	o->next_retired = *list;
	*list = index;
	s->pending = true;
	return tell;
}

static void tell_home(struct ktap_program *p, bool tell)
{
	if (tell && p->home->retired)
		p->home->retired(p);
}

void ktap_object_drop(struct ktap_program *p, uint8_t kind, uint64_t bits)
{
	struct ktap_object *o = ktap_object_of(p, kind, bits);
	struct ktap_pool *s = p->pool;
	unsigned long flags;
	bool tell = false;

	if (!o)
		return;
	/* Under the lock: whoever finds no reference there finds also that it was the last one. */
	ktap_lock(&s->retiring, flags);
	if (!ktap_atomic32_sub(&o->references, 1)) {
		if (o->retired)
			o->again = true;
		else
			tell = retire(s, (uint32_t)bits);
	}
	ktap_unlock(&s->retiring, flags);
	tell_home(p, tell);
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

/*
 * Drops what an object referred to that nobody can reach. Who never was in another slot was
 * reached only through it: unless a register of the run that collects holds it, it goes the same way.
 */
static void drop_with(struct ktap_program *p, uint8_t kind, uint64_t bits, uint32_t *chain)
{
	struct ktap_object *o = ktap_object_of(p, kind, bits);

	if (!o || !chain || ktap_read_once(o->shared) || o->held || o->listed) {
		ktap_value_drop(p, kind, bits);
		return;
	}
	o->next_retired = *chain;
	*chain = (uint32_t)bits;
}

/* What it alone referred to goes into the chain, or, without one, is dropped as ever. */
static void free_object(struct ktap_program *p, uint32_t index, uint32_t *chain, bool process)
{
	union ktap_cell *cell = &p->pool->cells[index];
	struct ktap_value value;
	uint32_t n = 0;

	if (cell->object.owner == KTAP_OWNER_CLOSURE) {
		if (cell->object.escaped)
			drop_with(p, KTAP_KIND_TABLE, cell->closure.table, chain);
	} else {
		while (ktap_table_shift(p->pool, index, ~0ull, &value)) {
			drop_with(p, value.kind, value.bits, chain);
			if (++n % 256 == 0 && process)
				ktap_yield();
		}
	}
	ktap_write_once(cell->object.owner, 0);
	cell->object.link = 0;
	ktap_pool_give(p->pool, index);
}

uint32_t ktap_objects_free(struct ktap_program *p, uint32_t chain, bool process)
{
	uint32_t index, n = 0;

	while ((index = chain) != 0) {
		chain = p->pool->cells[index].object.next_retired;
		free_object(p, index, &chain, process);
		if (++n % 256 == 0 && process)
			ktap_yield();
	}
	return n;
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
	free_object(x->program, index, NULL, x->level == KTAP_EXEC_MAIN);
	return ktap_charge(x, steps);
}

void ktap_objects_settle(struct ktap_exec *x)
{
	struct ktap_program *p = x->program;
	uint32_t index = x->fresh, doomed = 0, next;

	x->fresh = 0;
	for (; index; index = next) {
		struct ktap_object *o = &p->pool->cells[index].object;

		next = o->link;
		o->link = 0;
		o->listed = false;
		/* One that was ever referred to is retired, or will be, by its last reference. */
		if (!ktap_read_once(o->escaped)) {
			o->next_retired = doomed;
			doomed = index;
		}
	}
	ktap_objects_free(p, doomed, x->level == KTAP_EXEC_MAIN);
}

/*
 * An object whose grace period is over: true when nobody can reach it. Else it is in a slot, or it
 * was there meanwhile and waits for another one, or the run that collects holds it. Lock retiring.
 */
static bool is_over(struct ktap_pool *s, uint32_t index, bool *tell)
{
	struct ktap_object *o = &s->cells[index].object;

	if (ktap_atomic32_read(&o->references)) {
		o->retired = false;
		o->again = false;
		return false;
	}
	if (o->again || o->held) {
		*tell |= retire(s, index);
		return false;
	}
	return true;
}

/* Looks at each object of a list that is out of the pool's; the number of those that became free. */
static uint32_t free_retired(struct ktap_program *p, uint32_t index)
{
	struct ktap_pool *s = p->pool;
	uint32_t next, n = 0;
	unsigned long flags;
	bool tell = false, over;

	for (; index; index = next) {
		struct ktap_object *o = &s->cells[index].object;

		ktap_lock(&s->retiring, flags);
		next = o->next_retired;
		over = is_over(s, index, &tell);
		ktap_unlock(&s->retiring, flags);
		if (over) {
			o->next_retired = 0;
			n += ktap_objects_free(p, index, true);
		}
		ktap_yield();
	}
	tell_home(p, tell);
	return n;
}

uint32_t ktap_program_settle(struct ktap_program *p)
{
	struct ktap_pool *s = p->pool;
	uint32_t waiting, later;
	unsigned long flags;

	ktap_lock(&s->retiring, flags);
	waiting = s->waiting;
	later = s->later;
	s->waiting = 0;
	s->later = 0;
	ktap_unlock(&s->retiring, flags);
	if (!waiting && !later)
		return 0;
	if (p->home->settle)
		p->home->settle();
	return free_retired(p, waiting) + free_retired(p, later);
}

void ktap_program_reclaim(struct ktap_program *p)
{
	struct ktap_pool *s = p->pool;
	uint32_t waiting;
	unsigned long flags;
	bool tell;

	if (!s)
		return;
	ktap_lock(&s->retiring, flags);
	waiting = s->waiting;
	s->waiting = 0;
	ktap_unlock(&s->retiring, flags);
	free_retired(p, waiting);
	/* What was retired since then waits for another one. */
	ktap_lock(&s->retiring, flags);
	tell = s->later != 0;
	s->waiting = s->later;
	s->later = 0;
	s->pending = tell;
	ktap_unlock(&s->retiring, flags);
	tell_home(p, tell);
}
