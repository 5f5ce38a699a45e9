// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * What follows from who calls whom: worst cost, and what handlers of events reach. Both
 * walks keep their own stack and look at each instruction a bounded number of times. A call by
 * value may lead to every function that LDF or CLOSURE names, and cost whatever there is.
 */
#include "internal.h"

#define UNBOUNDED (~0ull)

enum colour { NEW, OPEN, DONE };

struct walk {
	struct ktap_program *p;
	uint64_t *cost; /* of each function */
	uint64_t *path; /* of each instruction of the function in hand, to its end */
	uint32_t *next; /* instruction of each open function to go on with */
	uint32_t *stack;
	uint8_t *colour;
	uint8_t *named; /* by LDF or CLOSURE */
};

static uint64_t sum(uint64_t a, uint64_t b)
{
	return a == UNBOUNDED || b == UNBOUNDED || a + b < a ? UNBOUNDED : a + b;
}

static bool jumps(const struct ktap_insn *i)
{
	return ktap_opcode_info(i->op)->imm == KTAP_IMM_JUMP;
}

static bool calls_directly(const struct ktap_insn *i)
{
	return i->op == KTAP_OP_CALL || i->op == KTAP_OP_CALLL || i->op == KTAP_OP_TCALL;
}

static bool calls_by_value(const struct ktap_insn *i)
{
	return i->op == KTAP_OP_CALLV || i->op == KTAP_OP_CALLVL || i->op == KTAP_OP_LCALL ||
	       i->op == KTAP_OP_TCALLV || i->op == KTAP_OP_LTCALL ||
	       (i->op == KTAP_OP_LIB && i->imm == KTAP_LIB_SORT);
}

/*
 * The longest path through a function whose jumps all lead forward, from its last
 * instruction to its first; what it calls is known or recursive.
 */
static uint64_t function_cost(struct walk *w, const struct ktap_function *f)
{
	uint32_t n = f->instruction_count;

	while (n--) {
		const struct ktap_insn *i = &f->code[n];
		uint64_t on = 0, own = 1;

		if (calls_directly(i))
			own = sum(1, w->cost[i->imm]);
		if (calls_by_value(i))
			own = UNBOUNDED;
		if (i->op != KTAP_OP_JMP && !ktap_op_leaves(i->op))
			on = w->path[n + 1];
		if (jumps(i)) {
			uint64_t there = i->imm < 0 ? UNBOUNDED : w->path[n + 1 + i->imm];

			if (there > on)
				on = there;
		}
		w->path[n] = sum(own, on);
	}
	return w->path[0];
}

/*
 * Costs, depth first. A call of a function that is still open closes a circle: then its
 * cost is taken as unbounded, and so becomes that of everything that reaches the circle.
 */
static void find_costs(struct walk *w, uint32_t root)
{
	uint32_t depth = 0, function;

	if (w->colour[root] != NEW)
		return;
	w->stack[depth++] = root;
	w->colour[root] = OPEN;
	while (depth) {
		const struct ktap_function *f;

		function = w->stack[depth - 1];
		f = &w->p->functions[function];
		while (w->next[function] < f->instruction_count) {
			const struct ktap_insn *i = &f->code[w->next[function]++];

			if (!calls_directly(i) || w->colour[i->imm] == DONE)
				continue;
			if (w->colour[i->imm] == OPEN) {
				w->cost[i->imm] = UNBOUNDED;
				continue;
			}
			w->colour[i->imm] = OPEN;
			w->stack[depth++] = (uint32_t)i->imm;
			break;
		}
		if (w->stack[depth - 1] != function)
			continue;
		if (w->cost[function] != UNBOUNDED)
			w->cost[function] = function_cost(w, f);
		w->colour[function] = DONE;
		depth--;
	}
}

/* Notes what one function does itself on behalf of a handler. */
static int note(struct walk *w, uint32_t function, bool event, uint8_t *fields, bool *captures,
		struct ktap_diagnostic *d)
{
	const struct ktap_function *f = &w->p->functions[function];
	uint32_t n, reg;

	for (n = 0; n < f->instruction_count; n++) {
		const struct ktap_insn *i = &f->code[n];

		if (i->op == KTAP_OP_EFIELD || i->op == KTAP_OP_EITEM)
			fields[i->imm / 8] |= (uint8_t)(1 << i->imm % 8);
		if (i->op == KTAP_OP_EMIT)
			for (reg = 0; reg < i->c; reg++)
				*captures |= (f->masks[i->b + reg] & KTAP_MASK_EVENT) != 0;
		if (i->op == KTAP_OP_LEMIT)
			*captures |= w->p->list_events;
		if (event && i->op == KTAP_OP_LIB &&
		    (ktap_library_info((uint32_t)i->imm)->flags & KTAP_LIBRARY_PROCESS))
			return ktap_refuse(d, -ENOEXEC,
					   "line %u: an event's handler reaches %s, which may only be called from top-level code, timers and trace_end",
					   w->p->lines[f->first_instruction + n],
					   ktap_library_info((uint32_t)i->imm)->name);
	}
	return 0;
}

static void reach(struct walk *w, uint32_t function, uint32_t *count)
{
	if (w->colour[function] != NEW)
		return;
	w->colour[function] = OPEN;
	w->stack[(*count)++] = function;
}

static void reach_named(struct walk *w, uint32_t *count)
{
	uint32_t n;

	for (n = 0; n < w->p->info.function_count; n++)
		if (w->named[n])
			reach(w, n, count);
}

/* All functions that a handler reaches, each once. */
static int find_reach(struct walk *w, uint32_t probe, struct ktap_diagnostic *d)
{
	struct ktap_handler *handler = &w->p->handlers[probe];
	uint32_t count = 0, at, n;
	bool by_value = false;

	memset(w->colour, NEW, w->p->info.function_count);
	reach(w, w->p->probes[probe].function, &count);
	for (at = 0; at < count; at++) {
		const struct ktap_function *f = &w->p->functions[w->stack[at]];

		if (note(w, w->stack[at], w->p->probes[probe].kind == KTAP_PROBE_EVENT,
			 (uint8_t *)(uintptr_t)handler->fields, &handler->captures, d))
			return d->error;
		for (n = 0; n < f->instruction_count; n++) {
			if (calls_directly(&f->code[n]))
				reach(w, (uint32_t)f->code[n].imm, &count);
			if (calls_by_value(&f->code[n]) && !by_value) {
				by_value = true;
				reach_named(w, &count);
			}
		}
	}
	return 0;
}

/* An earlier probe with the same function and kind has the same reach: it is copied. */
static bool copy_reach(struct ktap_program *p, uint32_t probe)
{
	uint32_t n;

	for (n = 0; n < probe; n++) {
		if (p->probes[n].function != p->probes[probe].function ||
		    p->probes[n].kind != p->probes[probe].kind)
			continue;
		p->handlers[probe] = p->handlers[n];
		return true;
	}
	return false;
}

static void set_cost(struct ktap_program *p, struct ktap_probe_info *probe, uint64_t cost)
{
	bool event = probe->kind == KTAP_PROBE_EVENT;
	uint64_t fuel = event ? p->info.probe_fuel : p->info.main_fuel;

	probe->cost_is_fuel = cost > fuel;
	probe->cost = cost > fuel ? fuel : cost;
	if (event && probe->cost >= p->info.worst_cost) {
		p->info.worst_cost = probe->cost;
		p->info.worst_cost_is_fuel |= probe->cost_is_fuel;
	}
}

int ktap_verify_reach(struct ktap_program *p, struct ktap_diagnostic *d)
{
	uint32_t functions = p->info.function_count, most = 0, n;
	struct walk w = { .p = p };
	int error = 0;
	void *memory;

	for (n = 0; n < functions; n++)
		if (p->functions[n].instruction_count > most)
			most = p->functions[n].instruction_count;
	memory = ktap_alloc((size_t)functions * (8 + 4 + 4 + 1 + 1) + (size_t)most * 8);
	if (!memory)
		return ktap_refuse(d, -ENOMEM, "out of memory");
	w.cost = memory;
	w.path = w.cost + functions;
	w.next = (uint32_t *)(w.path + most);
	w.stack = w.next + functions;
	w.colour = (uint8_t *)(w.stack + functions);
	w.named = w.colour + functions;
	for (n = 0; n < p->info.instruction_count; n++)
		if (p->code[n].op == KTAP_OP_LDF || p->code[n].op == KTAP_OP_CLOSURE)
			w.named[p->code[n].imm] = true;
	for (n = 0; n < p->info.probe_count; n++)
		find_costs(&w, p->probes[n].function);
	for (n = 0; n < p->info.probe_count && !error; n++) {
		set_cost(p, &p->probes[n], w.cost[p->probes[n].function]);
		if (!copy_reach(p, n))
			error = find_reach(&w, n, d);
		ktap_yield();
	}
	ktap_free(memory);
	return error;
}
