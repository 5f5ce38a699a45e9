// SPDX-License-Identifier: GPL-2.0-or-later
/* Execution contexts: registers, frames, arena, fuel, the error of the last run. */
#include "pool.h"

/* Fuel between two looks at whether a program in process context should go on. */
#define SLICE 65536

/* Room that one instruction's strings may take: what compaction leaves free if it can. */
#define ARENA_HEADROOM (2u * (KTAP_MAX_STRING + 16u))

struct sizes {
	uint32_t registers, depth, arena;
	uint32_t arenas; /* process context has a second one of the same size to compact into */
};

static struct sizes sizes_of(enum ktap_exec_level level)
{
	const struct sizes probe = { KTAP_PROBE_REGISTERS, KTAP_PROBE_DEPTH, KTAP_PROBE_ARENA, 1 };
	const struct sizes main = { KTAP_MAIN_REGISTERS, KTAP_MAIN_DEPTH, KTAP_MAIN_ARENA, 2 };

	return level == KTAP_EXEC_PROBE ? probe : main;
}

size_t ktap_exec_size(enum ktap_exec_level level)
{
	const struct sizes s = sizes_of(level);

	return ktap_align8(sizeof(struct ktap_exec)) +
	       (s.registers + KTAP_FRAME_SLACK) * sizeof(uint64_t) + (size_t)s.arena * s.arenas +
	       (s.depth + 1) * sizeof(struct ktap_frame) + s.registers + KTAP_FRAME_SLACK;
}

struct ktap_exec *ktap_exec_new(enum ktap_exec_level level)
{
	const struct sizes s = sizes_of(level);
	struct ktap_exec *x = ktap_alloc(ktap_exec_size(level));
	uint8_t *p;

	if (!x)
		return NULL;
	p = (uint8_t *)x + ktap_align8(sizeof(*x));
	x->registers = (uint64_t *)p;
	p += (s.registers + KTAP_FRAME_SLACK) * sizeof(uint64_t);
	x->arena = p;
	p += (size_t)s.arena * s.arenas;
	x->frames = (struct ktap_frame *)p;
	x->kinds = p + (s.depth + 1) * sizeof(struct ktap_frame);
	x->register_limit = s.registers;
	x->depth_limit = s.depth;
	x->arena_size = s.arena;
	x->arena_soft = s.arena;
	x->level = level;
	ktap_poison(x->arena, s.arena);
	if (s.arenas > 1) {
		x->arena_soft -= ARENA_HEADROOM;
		x->arena_spare = x->arena + s.arena;
		ktap_poison(x->arena_spare, s.arena);
	}
	return x;
}

void ktap_exec_free(struct ktap_exec *x)
{
	if (!x)
		return;
	ktap_unpoison(x->arena, x->arena_size);
	if (x->arena_spare)
		ktap_unpoison(x->arena_spare, x->arena_size);
	ktap_free(x);
}

/* Called with negative fuel: takes the next slice, in process context, or ends the run. */
uint32_t ktap_refill(struct ktap_exec *x)
{
	const struct ktap_program_info *info = &x->program->info;
	bool probe = x->level == KTAP_EXEC_PROBE;

	while (x->fuel < 0 && x->fuel_left) {
		int32_t slice = x->fuel_left < SLICE ? (int32_t)x->fuel_left : SLICE;

		x->fuel += slice;
		x->fuel_left -= slice;
	}
	if (x->fuel < 0)
		return ktap_fail(x, KTAP_ERROR_FUEL,
				 (int64_t)(probe ? info->probe_fuel : info->main_fuel), 0);
	ktap_yield();
	return ktap_alive(x);
}

uint32_t ktap_fail(struct ktap_exec *x, uint32_t code, int64_t first, int64_t second)
{
	x->error.code = code;
	x->error.detail[0] = first;
	x->error.detail[1] = second;
	return code;
}

uint32_t ktap_arena_string(struct ktap_exec *x, uint32_t length, struct ktap_string **result)
{
	*result = ktap_arena_take(x, length);
	return *result ? 0 : KTAP_ERROR_ARENA;
}

uint32_t ktap_exec_fail(struct ktap_exec *x, uint32_t code, int64_t first, int64_t second)
{
	return ktap_fail(x, code, first, second);
}

void ktap_exec_place(const struct ktap_exec *x, struct ktap_error *error)
{
	const struct ktap_program *p = x->program;
	uint32_t at = (uint32_t)(x->at - p->code), n = p->info.function_count;

	while (n > 1 && p->functions[n - 1].first_instruction > at)
		n--;
	error->function = n - 1;
	error->instruction = at;
	error->line = p->lines[at];
}

struct ktap_string *ktap_exec_string(struct ktap_exec *x, uint32_t length)
{
	return length <= KTAP_MAX_STRING ? ktap_arena_take(x, length) : NULL;
}

/*
 * A string, or a snapshot, that has moved: the length says so, the new address stands at the next
 * word.
 */
#define MOVED 0xffffffffu

static uint64_t move(struct ktap_exec *x, uint8_t *from, uint32_t used, uint64_t bits)
{
	uint64_t view = bits & KTAP_VIEW_BITS; /* of an aggregate; strings have none */
	uint8_t *place = (uint8_t *)(uintptr_t)(bits - view);
	struct ktap_string *old, *new;
	uint64_t address;

	if (!place || place < from || place >= from + used)
		return bits;
	old = (struct ktap_string *)place;
	if (old->length != MOVED) {
		/* There is room: all that lives came from an arena of this size. */
		if (ktap_arena_string(x, old->length, &new))
			return 0;
		memcpy(new->bytes, old->bytes, old->length);
		address = ktap_str_bits(new);
		old->length = MOVED;
		ktap_unpoison(place, KTAP_STRING_LEAST);
		memcpy(place + 8, &address, 8);
	}
	memcpy(&address, place + 8, 8);
	return address + view;
}

static bool moves(uint8_t kind)
{
	return kind == KTAP_KIND_STR || kind == KTAP_KIND_AGGREGATE;
}

/*
 * Moves the strings and snapshots that registers and the list hold to the other arena. Only in
 * process context, where a run may last, and only between two instructions, where nothing else
 * refers to strings.
 * What it takes is bounded by the registers and the arena, and paid for in fuel.
 */
uint32_t ktap_compact(struct ktap_exec *x, uint32_t registers)
{
	uint8_t *from = x->arena;
	uint32_t used = x->arena_used, n;

	x->arena = x->arena_spare;
	x->arena_spare = from;
	x->arena_used = 0;
	for (n = 0; n < registers; n++)
		if (moves(x->kinds[n]))
			x->registers[n] = move(x, from, used, x->registers[n]);
	for (n = 0; n < x->list_count; n++)
		if (moves(x->list_kinds[n]))
			x->list[n] = move(x, from, used, x->list[n]);
	ktap_poison(from, used);
	return ktap_charge(x, registers / 16 + x->arena_used / 16);
}

const struct ktap_error *ktap_exec_error(const struct ktap_exec *x)
{
	return &x->error;
}

struct ktap_program *ktap_exec_program(const struct ktap_exec *x)
{
	return x->program;
}

uint64_t ktap_exec_fuel_used(const struct ktap_exec *x)
{
	const struct ktap_program_info *info = &x->program->info;
	uint64_t limit = x->level == KTAP_EXEC_PROBE ? info->probe_fuel : info->main_fuel;

	/* What is left may be less than nothing when it ran out. */
	return limit - x->fuel_left - (uint64_t)(int64_t)x->fuel;
}

uint64_t ktap_exec_instructions(const struct ktap_exec *x)
{
#ifdef KTAP_COUNT_INSTRUCTIONS
	return x->instructions;
#else
	(void)x;
	return 0;
#endif
}
