// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Calls that are more than CALL: of a function that is a value, with the list, of a variadic
 * function, in the frame of the caller, and from a library function.
 */
#include "pool.h"

/* What is called, and with what. */
struct call {
	const struct ktap_function *f;
	bool checked; /* the verifier knows number and kinds of the arguments */
	bool bound; /* parameter 0 is the table of a closure, in front of the arguments */
	uint64_t table;
	const uint64_t *bits; /* of the arguments */
	const uint8_t *kinds;
	uint32_t count;
};

static uint32_t find_value(struct ktap_exec *x, struct call *c, uint64_t function)
{
	c->f = ktap_closure_find(x->program, function, &c->table);
	if (ktap_unlikely(!c->f))
		return ktap_fail(x, KTAP_ERROR_CALL, KTAP_KIND_FUNCTION, 0);
	c->bound = (c->f->flags & KTAP_FUNCTION_CLOSURE) != 0;
	return 0;
}

/* The kinds of the arguments that parameters get; missing ones are nil. */
static uint32_t check_kinds(struct ktap_exec *x, const struct call *c)
{
	uint32_t n, code = 0;

	for (n = c->bound; n < c->f->parameter_count && !code; n++)
		code = ktap_check_kind(x, n - c->bound < c->count ? c->kinds[n - c->bound] : KTAP_KIND_NIL,
				       c->f->masks[n]);
	return code;
}

/*
 * Makes the frame: arguments beyond the parameters from register `start` on, then the function's
 * registers. The arguments may lie where it will be: they are at or above `start`.
 */
static uint32_t make_frame(struct ktap_exec *x, const struct call *c, uint32_t start,
			   uint32_t *extra)
{
	const struct ktap_function *f = c->f;
	uint32_t wanted = f->parameter_count - c->bound, given = c->count < wanted ? c->count : wanted;
	uint64_t *regs = x->registers + start, bits[KTAP_MAX_PARAMETERS];
	uint8_t *kinds = x->kinds + start, tags[KTAP_MAX_PARAMETERS];
	uint32_t code;

	*extra = f->flags & KTAP_FUNCTION_VARIADIC ? c->count - given : 0;
	if (ktap_unlikely(start + *extra + f->register_count > x->register_limit))
		return ktap_fail(x, KTAP_ERROR_REGISTERS, x->register_limit, 0);
	if (!c->checked) {
		code = check_kinds(x, c);
		if (ktap_unlikely(code))
			return code;
	}
	memcpy(bits, c->bits, given * sizeof(*bits));
	memcpy(tags, c->kinds, given);
	memmove(regs, c->bits + given, *extra * sizeof(*regs));
	memmove(kinds, c->kinds + given, *extra);
	regs += *extra;
	kinds += *extra;
	ktap_clear_frame(f, regs, kinds);
	memcpy(regs + c->bound, bits, given * sizeof(*bits));
	memcpy(kinds + c->bound, tags, given);
	if (c->bound)
		regs[0] = c->table;
	x->callee = f;
	x->base = start + *extra;
	return 0;
}

/* The results of a function that is a value must suit whoever gets them. */
static uint32_t check_result(struct ktap_exec *x, const struct call *c, uint32_t mask)
{
	uint32_t strange = c->f->result & ~mask, kind = 0;

	if (ktap_likely(!strange))
		return 0;
	while (!(strange >> kind & 1))
		kind++;
	return ktap_fail(x, KTAP_ERROR_KIND, kind, mask);
}

uint32_t ktap_enter(struct ktap_exec *x, const struct ktap_function *f, const struct ktap_insn *i,
		    uint64_t *regs, uint8_t *kinds)
{
	uint32_t start = (uint32_t)(regs - x->registers), mask = KTAP_MASK_ANY, extra, code = 0;
	struct call c = { 0 };
	bool tail = false;

	switch (i->op) {
	case KTAP_OP_TCALL:
	case KTAP_OP_TCALLV:
	case KTAP_OP_LTCALL:
		tail = true;
		start -= x->frames[x->depth].extra;
		mask = f->result;
		break;
	default:
		start += f->register_count;
		if (i->op == KTAP_OP_CALLV)
			mask = f->masks[i->a];
		if (ktap_unlikely(x->depth == x->depth_limit))
			return ktap_fail(x, KTAP_ERROR_DEPTH, x->depth_limit, 0);
	}
	switch (i->op) {
	case KTAP_OP_LCALL:
	case KTAP_OP_LTCALL:
		code = find_value(x, &c, regs[i->a]);
		c.bits = x->list;
		c.kinds = x->list_kinds;
		c.count = x->list_count;
		break;
	case KTAP_OP_CALLV:
	case KTAP_OP_CALLVL:
	case KTAP_OP_TCALLV:
		code = find_value(x, &c, regs[i->b]);
		c.bits = regs + i->b + 1;
		c.kinds = kinds + i->b + 1;
		c.count = i->c - 1u;
		break;
	default:
		c.f = &x->program->functions[i->imm];
		c.checked = true;
		c.bits = regs + i->b;
		c.kinds = kinds + i->b;
		c.count = i->c;
	}
	if (!code && !c.checked)
		code = check_result(x, &c, mask);
	if (!code)
		code = make_frame(x, &c, start, &extra);
	if (!code)
		code = ktap_charge_bytes(x, extra * sizeof(uint64_t));
	if (ktap_unlikely(code))
		return code;
	if (!tail)
		x->depth++;
	x->frames[x->depth].extra = extra;
	return ktap_charge(x, c.f->instruction_count);
}

/* Puts the list and the arguments above the registers in use: there compaction finds them. */
static uint32_t save(struct ktap_exec *x, const struct ktap_value *args, uint32_t count)
{
	uint32_t top = x->top, lists = x->list_count, n;

	if (ktap_unlikely(top + lists + count > x->register_limit))
		return ktap_fail(x, KTAP_ERROR_REGISTERS, x->register_limit, 0);
	memcpy(x->registers + top, x->list, lists * sizeof(*x->list));
	memcpy(x->kinds + top, x->list_kinds, lists);
	top += lists;
	for (n = 0; n < count; n++) {
		x->registers[top + n] = args[n].bits;
		x->kinds[top + n] = args[n].kind;
	}
	return 0;
}

uint32_t ktap_call_value(struct ktap_exec *x, uint64_t function, const struct ktap_value *args,
			 uint32_t count, struct ktap_value *result)
{
	uint32_t top = x->top, lists = x->list_count, start = top + lists, code;
	struct call c = { 0 };

	if (ktap_unlikely(x->level != KTAP_EXEC_MAIN))
		return ktap_fail(x, KTAP_ERROR_INTERNAL, 0, 0);
	if (ktap_unlikely(x->floor || x->depth == x->depth_limit))
		return ktap_fail(x, KTAP_ERROR_DEPTH, x->floor ? 1 : x->depth_limit, 0);
	code = find_value(x, &c, function);
	if (!code)
		code = save(x, args, count);
	if (!code && x->arena_used > x->arena_soft)
		code = ktap_compact(x, start + count);
	if (ktap_unlikely(code))
		return code;
	c.bits = x->registers + start;
	c.kinds = x->kinds + start;
	c.count = count;
	code = make_frame(x, &c, start, &x->frames[x->depth + 1].extra);
	if (ktap_unlikely(code))
		return code;
	x->floor = ++x->depth;
	code = ktap_run(x, x->program, (uint32_t)(c.f - x->program->functions), NULL);
	x->floor = 0;
	if (ktap_unlikely(code))
		return code; /* the run ends */
	x->depth--;
	x->top = top;
	memcpy(x->list, x->registers + top, lists * sizeof(*x->list));
	memcpy(x->list_kinds, x->kinds + top, lists);
	x->list_count = lists;
	*result = x->value;
	return 0;
}
