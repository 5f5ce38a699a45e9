// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Stacks: each different one is kept once, for as long as the program lives, so that a value and a
 * part of a key is the number of its cell.
 */
#include "pool.h"

struct stack {
	const uint64_t *frames;
	uint32_t count;
	uint8_t space;
	uint64_t hash;
};

static void hash_stack(const struct ktap_pool *s, struct stack *stack)
{
	uint64_t h = ktap_hash_begin(s, 0, stack->count << 1 | stack->space);
	uint32_t n;

	for (n = 0; n < stack->count; n++)
		h = ktap_hash_word(s, h, n, stack->frames[n]);
	stack->hash = h;
}

/* Copies the frames of a stack; their number. */
static uint32_t copy_frames(const struct ktap_pool *s, const struct ktap_stack *stack,
			    uint64_t *frames)
{
	const uint64_t *words = stack->frames;
	uint32_t left = KTAP_STACK_WORDS, link = stack->link, n;

	for (n = 0; n < stack->count; n++) {
		if (!left--) {
			words = s->cells[link].more.words;
			left = KTAP_MORE_WORDS - 1;
			link = s->cells[link].more.link;
		}
		frames[n] = *words++;
	}
	return n;
}

static bool is_same(const struct ktap_pool *s, const struct ktap_stack *kept,
		    const struct stack *stack)
{
	const uint64_t *words = kept->frames;
	uint32_t left = KTAP_STACK_WORDS, link = kept->link, n;

	if (kept->count != stack->count || kept->space != stack->space)
		return false;
	for (n = 0; n < stack->count; n++) {
		if (!left--) {
			words = s->cells[link].more.words;
			left = KTAP_MORE_WORDS - 1;
			link = s->cells[link].more.link;
		}
		if (*words++ != stack->frames[n])
			return false;
	}
	return true;
}

/* The place in the chain that names the stack, or the chain's end; the chain is locked. */
static uint32_t *search(struct ktap_pool *s, const struct stack *stack, uint32_t *length)
{
	uint32_t *place = &s->buckets[ktap_hash_bucket(s, stack->hash)];

	for (*length = 0; *place; ++*length) {
		union ktap_cell *cell = &s->cells[*place];

		if (cell->head.owner == KTAP_OWNER_STACK && is_same(s, &cell->stack, stack))
			break;
		_Static_assert(offsetof(struct ktap_stack, chain) == offsetof(struct ktap_entry, chain),
			       "entries and stacks share chains");
		place = &cell->entry.chain;
	}
	return place;
}

/* A stack that stands in no chain yet, or 0. */
static uint32_t make(struct ktap_pool *s, const struct stack *stack)
{
	uint32_t extra = stack->count > KTAP_STACK_WORDS ? stack->count - KTAP_STACK_WORDS : 0;
	uint32_t index = ktap_pool_take(s, 1 + (extra + KTAP_MORE_WORDS - 1) / KTAP_MORE_WORDS);
	uint32_t left = KTAP_STACK_WORDS, cell, n;
	uint64_t *words;

	if (!index)
		return 0;
	s->cells[index].stack.chain = 0;
	s->cells[index].stack.count = (uint16_t)stack->count;
	s->cells[index].stack.space = stack->space;
	words = s->cells[index].stack.frames;
	cell = s->cells[index].stack.link;
	for (n = 0; n < stack->count; n++) {
		if (!left--) {
			words = s->cells[cell].more.words;
			left = KTAP_MORE_WORDS - 1;
			cell = s->cells[cell].more.link;
		}
		*words++ = stack->frames[n];
	}
	return index;
}

uint32_t ktap_exec_stack(struct ktap_exec *x, enum ktap_stack_space space, const uint64_t *frames,
			 uint32_t count, struct ktap_value *out)
{
	struct stack stack = { frames, count < KTAP_MAX_FRAMES ? count : KTAP_MAX_FRAMES, (uint8_t)space, 0 };
	struct ktap_pool *s = x->program->pool;
	uint32_t *place, length, index, code;
	unsigned long flags;
	ktap_lock_t *chain;

	out->kind = KTAP_KIND_STACK;
	out->bits = 0;
	if (!count)
		return 0;
	if (!s)
		return ktap_fail(x, KTAP_ERROR_STACKS, x->program->info.memory, 0);
	code = ktap_charge_bytes(x, stack.count * 8);
	if (code)
		return code;
	hash_stack(s, &stack);
	chain = &s->chains[ktap_hash_bucket(s, stack.hash) % KTAP_CHAIN_LOCKS];
	ktap_lock(chain, flags);
	out->bits = *search(s, &stack, &length);
	ktap_unlock(chain, flags);
	if (out->bits)
		return 0;

	index = make(s, &stack);
	if (index) {
		ktap_lock(chain, flags);
		place = search(s, &stack, &length);
		if (!*place && length < KTAP_CHAIN_MOST) {
			ktap_write_once(s->cells[index].head.owner, KTAP_OWNER_STACK);
			*place = index;
			index = 0;
		}
		out->bits = *place;
		ktap_unlock(chain, flags);
		/* Another CPU was faster, or the chain is full. */
		ktap_pool_give(s, index);
	}
	return out->bits ? 0 : ktap_fail(x, KTAP_ERROR_STACKS, s->memory, 0);
}

uint32_t ktap_stack_size(const struct ktap_program *p, uint64_t bits)
{
	return bits ? p->pool->cells[bits].stack.count * 8u : 0;
}

uint32_t ktap_stack_write(struct ktap_exec *x, uint64_t bits, uint8_t *out)
{
	const struct ktap_home *home = x->program->home;
	const struct ktap_pool *s = x->program->pool;
	uint64_t *frames = (uint64_t *)out;
	uint32_t count, n;

	if (!bits)
		return KTAP_STACK_KERNEL;
	count = copy_frames(s, &s->cells[bits].stack, frames);
	if (s->cells[bits].stack.space == KTAP_STACK_KERNEL && home->address)
		for (n = 0; n < count; n++)
			frames[n] = home->address(x, frames[n]);
	return (uint32_t)bits << KTAP_STACK_NUMBER_SHIFT | s->cells[bits].stack.space;
}

int ktap_program_frame(const struct ktap_program *program, uint32_t stack, uint32_t frame,
		       uint64_t *address)
{
	const struct ktap_pool *s = program->pool;
	uint64_t frames[KTAP_MAX_FRAMES];

	if (!s || !stack || stack >= s->cell_count ||
	    ktap_read_once(s->cells[stack].head.owner) != KTAP_OWNER_STACK ||
	    frame >= s->cells[stack].stack.count)
		return -1;
	copy_frames(s, &s->cells[stack].stack, frames);
	*address = frames[frame];
	return s->cells[stack].stack.space;
}
