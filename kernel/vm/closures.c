// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Values of kind FUNCTION. A plain function is its index + 1; a closure is the handle of a
 * cell that names the function and the table of the variables it closes over. What they have
 * in common with tables, references and the end, is in table_life.c.
 */
#include "pool.h"

uint32_t ktap_closure_new(struct ktap_exec *x, uint32_t function, uint64_t table, uint64_t *handle)
{
	struct ktap_pool *s = x->program->pool;
	uint32_t index = s ? ktap_pool_take(s, 1) : 0;

	if (!index)
		return ktap_fail(x, KTAP_ERROR_MEMORY, s ? s->memory : x->program->info.memory, 0);
	s->cells[index].closure.function = function;
	s->cells[index].closure.table = table;
	*handle = ktap_object_begin(x, index, KTAP_OWNER_CLOSURE);
	return 0;
}

const struct ktap_function *ktap_closure_find(const struct ktap_program *p, uint64_t bits,
					      uint64_t *table)
{
	const struct ktap_closure *c;

	*table = 0;
	if (!(bits >> 32))
		return bits ? &p->functions[bits - 1] : NULL;
	c = &p->pool->cells[(uint32_t)bits].closure;
	/* Never so while grace periods are kept: but a stale handle must not call anything. */
	if (ktap_unlikely(ktap_read_once(c->object.owner) != KTAP_OWNER_CLOSURE ||
			  c->object.generation != (uint32_t)(bits >> 32)))
		return NULL;
	*table = c->table;
	return &p->functions[c->function];
}
