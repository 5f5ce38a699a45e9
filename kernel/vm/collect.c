// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * What a long run in process context makes and drops is given back while it goes on, when memory
 * gets short. Tables and closures that no slot ever referred to are known to this run alone: none
 * of its registers holds them. Those that slots referred to and no longer do may be in registers of
 * others as well: of runs in probes, whose end the home waits for, and of no other run in process
 * context, since a program has one. Events are short: what they make is given back at their end.
 */
#include "pool.h"

static uint32_t free_cells(const struct ktap_pool *s)
{
	return ktap_read_once(s->spare_count) + s->cell_count - ktap_read_once(s->untouched);
}

static void mark(struct ktap_program *p, uint8_t kind, uint64_t bits, bool held)
{
	struct ktap_object *o = ktap_object_of(p, kind, bits);

	if (!o)
		return;
	o->held = held;
	/* A closure that no slot referred to holds no reference to its table. */
	if (kind == KTAP_KIND_FUNCTION)
		mark(p, KTAP_KIND_TABLE, p->pool->cells[(uint32_t)bits].closure.table, held);
}

static void mark_all(struct ktap_exec *x, uint32_t registers, bool held)
{
	uint32_t n;

	for (n = 0; n < registers; n++)
		mark(x->program, x->kinds[n], x->registers[n], held);
	for (n = 0; n < x->list_count; n++)
		mark(x->program, x->list_kinds[n], x->list[n], held);
	mark(x->program, KTAP_KIND_TABLE, x->pinned, held);
}

/* Of the objects that the run made: frees what nobody knows. Others, once known, are others' too. */
static uint32_t sweep(struct ktap_exec *x, uint32_t *steps)
{
	struct ktap_program *p = x->program;
	uint32_t *place = &x->fresh, index, doomed = 0;

	for (; (index = *place) != 0; ++*steps) {
		struct ktap_object *o = &p->pool->cells[index].object;

		if (!o->escaped && o->held) {
			place = &o->link;
			continue;
		}
		*place = o->link;
		o->link = 0;
		o->listed = false;
		if (!o->escaped) {
			o->next_retired = doomed;
			doomed = index;
		}
	}
	return ktap_objects_free(p, doomed, true);
}

/* Returns how many objects became free. */
static uint32_t collect(struct ktap_exec *x, uint32_t registers, bool all, uint32_t *steps)
{
	struct ktap_pool *s = x->program->pool;
	uint32_t freed, left;

	*steps = registers / 16;
	mark_all(x, registers, true);
	freed = sweep(x, steps);
	/* Waiting for others costs far more. */
	if (all || free_cells(s) < s->collect_below)
		freed += ktap_program_settle(x->program);
	mark_all(x, registers, false);
	/* Next when half of what is left is used: so the work stays a small part of what is made. */
	left = free_cells(s);
	s->collect_below = (left < s->cell_count ? left : s->cell_count) / 2;
	*steps += freed;
	return freed;
}

uint32_t ktap_collect(struct ktap_exec *x, uint32_t registers)
{
	const struct ktap_pool *s = x->program->pool;
	uint32_t steps;

	if (x->level != KTAP_EXEC_MAIN || !s || free_cells(s) >= s->collect_below)
		return 0;
	collect(x, registers, false, &steps);
	return ktap_charge(x, steps);
}

/* Instructions that change nothing when memory is used up, or the same when they are repeated. */
static bool is_repeatable(uint8_t op)
{
	return op == KTAP_OP_TNEW || op == KTAP_OP_CLOSURE || op == KTAP_OP_TSET || op == KTAP_OP_TADD ||
	       op == KTAP_OP_TAGG || op == KTAP_OP_LTABLE;
}

uint32_t ktap_recover(struct ktap_exec *x, uint8_t op, uint32_t registers)
{
	uint32_t round, steps;

	if (x->level != KTAP_EXEC_MAIN || !x->program->pool || !is_repeatable(op))
		return KTAP_ERROR_MEMORY;
	/* What was referred to again while it waited takes two rounds. */
	for (round = 0; round < 2; round++) {
		if (!collect(x, registers, true, &steps))
			continue;
		x->error.code = KTAP_ERROR_NONE;
		return ktap_charge(x, steps);
	}
	return KTAP_ERROR_MEMORY;
}
