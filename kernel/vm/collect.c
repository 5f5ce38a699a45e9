// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * What a long run in process context makes and forgets: tables and closures that no slot ever
 * referred to are known to this run alone, so those that none of its registers holds can be given
 * back at once. Events are short: what they make is given back at their end.
 */
#include "pool.h"

/* Less is free than one cell of so many: then it is worth looking. */
#define LOW 2

static bool is_low(const struct ktap_pool *s)
{
	return ktap_read_once(s->spare_count) + s->cell_count - ktap_read_once(s->untouched) <
	       s->cell_count / LOW;
}

/* An object that a slot refers to, or did, is not for this run to judge. */
static void hold(struct ktap_program *p, uint8_t kind, uint64_t bits)
{
	struct ktap_object *o = ktap_object_of(p, kind, bits);

	if (!o || ktap_read_once(o->escaped))
		return;
	o->held = true;
	if (kind == KTAP_KIND_FUNCTION)
		hold(p, KTAP_KIND_TABLE, p->pool->cells[(uint32_t)bits].closure.table);
}

static uint32_t sweep(struct ktap_exec *x)
{
	struct ktap_program *p = x->program;
	uint32_t *place = &x->fresh, index, steps = 0;

	for (; (index = *place) != 0; steps++) {
		struct ktap_object *o = &p->pool->cells[index].object;

		if (!o->escaped && o->held) {
			o->held = false;
			place = &o->link;
			continue;
		}
		*place = o->link;
		o->link = 0;
		if (!o->escaped)
			ktap_object_free(p, index, true);
	}
	return steps;
}

/*
 * Called before an instruction that makes an object, when there were some since the last time; the
 * first `registers` registers are in use. While a function of the script runs on behalf of a library
 * function, that one may hold what no register does.
 */
uint32_t ktap_collect(struct ktap_exec *x, uint32_t registers)
{
	uint32_t n;

	if (x->level != KTAP_EXEC_MAIN || x->floor || !x->program->pool || !is_low(x->program->pool))
		return 0;
	for (n = 0; n < registers; n++)
		hold(x->program, x->kinds[n], x->registers[n]);
	for (n = 0; n < x->list_count; n++)
		hold(x->program, x->list_kinds[n], x->list[n]);
	x->made = 0;
	return ktap_charge(x, registers / 16 + sweep(x));
}
