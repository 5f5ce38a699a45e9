// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * References to tables, and what becomes of tables that have none. Counts change only when
 * a slot (a global, an entry) is written; registers do not count. So a table whose count
 * falls to 0 may still be in registers of runs under way, which may even store it again: it is
 * retired, and looked at again when all those runs have ended.
 */
#include "pool.h"

static struct ktap_table *table_of(struct ktap_program *p, uint64_t handle)
{
	return &p->pool->cells[(uint32_t)handle].table;
}

void ktap_table_hold(struct ktap_program *p, uint64_t handle)
{
	struct ktap_table *t;

	if (!handle)
		return;
	t = table_of(p, handle);
	ktap_write_once(t->escaped, true);
	ktap_atomic32_add(&t->references, 1);
}

void ktap_table_drop(struct ktap_program *p, uint64_t handle)
{
	struct ktap_pool *s = p->pool;
	struct ktap_table *t;
	unsigned long flags;
	bool tell = false;

	if (!handle)
		return;
	t = table_of(p, handle);
	if (ktap_atomic32_sub(&t->references, 1))
		return;
	ktap_lock(&s->retiring, flags);
	if (t->retired) {
		t->again = true;
	} else {
		uint32_t *list = s->pending ? &s->later : &s->waiting;

		t->retired = true;
		t->next_retired = *list;
		*list = (uint32_t)handle;
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
	else if (kind == KTAP_KIND_TABLE)
		ktap_table_drop(p, bits);
	else if (kind == KTAP_KIND_AGGREGATE)
		ktap_aggregate_drop(p->pool, bits);
}

/* Nobody can reach the table any more. In process context others get a turn meanwhile. */
static void free_table(struct ktap_program *p, uint32_t index, bool process)
{
	struct ktap_table *t = &p->pool->cells[index].table;
	uint32_t n = 0;

	while (ktap_table_shift(p, index, ~0ull))
		if (++n % 256 == 0 && process)
			ktap_yield();
	ktap_write_once(t->owner, 0);
	t->link = 0;
	ktap_pool_give(p->pool, index);
}

void ktap_tables_settle(struct ktap_exec *x)
{
	struct ktap_program *p = x->program;
	uint32_t index = x->fresh, next;

	x->fresh = 0;
	for (; index; index = next) {
		struct ktap_table *t = &p->pool->cells[index].table;

		next = t->link;
		t->link = 0;
		/* One that was ever referred to is retired, or will be, by its last reference. */
		if (!ktap_read_once(t->escaped))
			free_table(p, index, x->level == KTAP_EXEC_MAIN);
	}
}

/* Takes one table off the waiting list: its index if it is to be freed, 0 otherwise. */
static uint32_t take_waiting(struct ktap_pool *s)
{
	uint32_t index = s->waiting;
	struct ktap_table *t = &s->cells[index].table;

	s->waiting = t->next_retired;
	if (ktap_atomic32_read(&t->references)) {
		t->retired = false;
		t->again = false;
		return 0;
	}
	if (t->again) {
		/* It was in a slot again after the grace period had begun: another one. */
		t->again = false;
		t->next_retired = s->later;
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
			free_table(p, index, true);
		ktap_yield();
	}
	if (tell && p->home->retired)
		p->home->retired(p);
}
