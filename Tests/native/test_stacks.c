// SPDX-License-Identifier: GPL-2.0-or-later
/* Stacks: the same frames are the same value; as keys, as values, and as they leave. */
#include <stdlib.h>
#include <string.h>

#include "run.h"

enum { T, A, V, D, P, Q, R, F, K, CT, CS, CI, E0, E1, REGS };

static const uint16_t masks[] = { ATABLE, AVALUE, AVALUE, AINT, AINT, ASTACK, ASTACK, ABOOL,
				  AINT, ATABLE, AINT, AINT, AVALUE, AVALUE, 0 };

static struct assembly *a;

static uint32_t function(void)
{
	uint32_t f = begin(a, ANIL, 0, masks);

	OP(GETG, T, 0, 0, 0);
	return f;
}

static void end(void)
{
	OP(RETNIL, 0, 0, 0, 0);
}

/* The stack of `depth` frames that begin at `first` (see the tests' home) into a register. */
static void stack(uint8_t reg, uint32_t id, int32_t depth, int32_t first)
{
	OP(LDI, D, 0, 0, depth);
	OP(LDI, P, 0, 0, first);
	OP(LIB, reg, D, 2, (int32_t)id);
}

static void world(void)
{
	a = assembly_new();
	for (uint32_t n = 0; n <= 4; n++)
		add_format(a, n);
	add_global(a, ATABLE);
	add_global(a, AVALUE);
	add_global(a, ASTACK);
	add_table(a, AVALUE, 1, AVALUE & KTAP_MASK_KEY, 0, 0, 0);
	add_probe(a, KTAP_PROBE_MAIN, begin(a, ANIL, 0, masks), "", 0);
	OP(TNEW, T, 0, 0, 0);
	OP(SETG, T, 0, 0, 0);
	end();
}

static uint64_t frame(struct printed p, uint32_t n)
{
	uint64_t address = 0;

	if (p.kind == KTAP_KIND_STACK && p.length >= 8 * (n + 1))
		memcpy(&address, p.text + 8 * n, 8);
	return address;
}

/* Depths up to the limit and beyond: each comes out as it went in. */
static void test_depths(void)
{
	static const int32_t depths[] = { 0, 1, 5, 6, 7, 12, 13, 14, 20, 63, 64, 65, 100 };
	uint32_t print[13], users, hidden;
	struct run *r;

	world();
	for (int n = 0; n < 13; n++) {
		print[n] = function();
		stack(Q, KTAP_LIB_STACK, depths[n], 4096);
		OP(EMIT, 0, Q, 1, 1);
		end();
	}
	users = function();
	stack(Q, KTAP_LIB_USTACK, 2, 4096);
	stack(R, KTAP_LIB_STACK, 2, 4096);
	OP(EMIT, 0, Q, 2, 2);
	end();
	hidden = users;
	r = must_load(a);
	call(r, 0);
	for (int n = 0; n < 13; n++) {
		uint32_t count = depths[n] < 64 ? (uint32_t)depths[n] : 64, good = 0;
		struct printed p;

		CHECK(!call_probe(r, print[n]), "%d frames: %u", depths[n], r->code);
		p = printed(r, 0, 0);
		CHECK(p.kind == KTAP_KIND_STACK && p.length == 8 * count && (p.aux & 0xff) == KTAP_STACK_KERNEL,
		      "%d frames: %u bytes", depths[n], p.length);
		for (uint32_t k = 0; k < count; k++)
			good += frame(p, k) == 0xffffff8000001000ull + k * k;
		CHECK(good == count, "%d frames: %u are right", depths[n], good);
		good = 0;
		for (uint32_t k = 0; k < count; k++) {
			uint64_t address;

			if (ktap_program_frame(r->program, p.aux >> KTAP_STACK_NUMBER_SHIFT, k,
					       &address) == KTAP_STACK_KERNEL)
				good += address == 0xffffff8000001000ull + k * k;
		}
		CHECK(good == count, "%d frames: %u are found by number", depths[n], good);
	}
	CHECK(!call(r, users) && (printed(r, 0, 0).aux & 0xff) == KTAP_STACK_USER &&
		      (printed(r, 0, 1).aux & 0xff) == KTAP_STACK_KERNEL,
	      "both spaces: %u", r->code);
	/* Addresses of the kernel leave as the home says, those of users as they are. */
	hidden_addresses = 0xff;
	CHECK(!call(r, hidden) && frame(printed(r, 0, 0), 1) == 0xffffff8000001001ull &&
		      frame(printed(r, 0, 1), 0) == 0xffffff80000010ffull &&
		      frame(printed(r, 0, 1), 1) == 0xffffff80000010feull,
	      "hidden: %llx", (unsigned long long)frame(printed(r, 0, 1), 1));
	hidden_addresses = 0;
	unload(r);
}

/* Equal when they are the same, wherever they come from; and never equal to anything else. */
static void test_equality(void)
{
	static const struct {
		uint32_t id;
		int32_t depth, first;
		bool same;
	} cases[] = {
		{ KTAP_LIB_STACK, 10, 0, true },   { KTAP_LIB_STACK, 9, 0, false },
		{ KTAP_LIB_STACK, 11, 0, false },  { KTAP_LIB_STACK, 10, 1, false },
		{ KTAP_LIB_USTACK, 10, 0, false }, { KTAP_LIB_STACK, 0, 0, false },
	};
	uint32_t equal[6], kept, other, before;
	struct run *r;

	world();
	for (int n = 0; n < 6; n++) {
		equal[n] = function();
		stack(Q, KTAP_LIB_STACK, 10, 0);
		stack(R, cases[n].id, cases[n].depth, cases[n].first);
		OP(COMPARE, F, Q, R, KTAP_COMPARISON_EQ);
		OP(EMIT, 0, F, 1, 1);
		end();
	}
	kept = function(); /* through globals and entries */
	stack(Q, KTAP_LIB_STACK, 30, 7);
	OP(SETG, Q, 0, 0, 1);
	OP(SETG, Q, 0, 0, 2);
	OP(LDI, K, 0, 0, 1);
	OP(MOVV, A, K, 0, 0);
	OP(TSET, T, Q, A, 1);
	OP(TGET, V, T, A, 1);
	OP(GETG, R, 0, 0, 2);
	OP(COMPARE, F, V, R, KTAP_COMPARISON_EQ);
	OP(JF, F, 0, 0, 2);
	OP(GETG, V, 0, 0, 1);
	OP(COMPARE, F, V, Q, KTAP_COMPARISON_EQ);
	OP(EMIT, 0, F, 1, 1);
	end();
	other = function(); /* its payload as an integer is something else */
	stack(Q, KTAP_LIB_STACK, 10, 0);
	OP(LDI, K, 0, 0, 0);
	OP(MOVV, V, K, 0, 0);
	OP(LDI, K, 0, 0, 0);
	OP(COMPARE, F, V, Q, KTAP_COMPARISON_NE);
	OP(EMIT, 0, F, 1, 1);
	end();
	r = must_load(a);
	call(r, 0);
	for (int n = 0; n < 6; n++)
		CHECK(!call(r, equal[n]) && printed(r, 0, 0).aux == cases[n].same, "case %d: %u", n, r->code);
	before = free_cells(r);
	CHECK(!call(r, equal[0]) && free_cells(r) == before, "a stack that is known takes nothing");
	CHECK(!call(r, kept) && printed(r, 0, 0).aux, "kept: %u", r->code);
	CHECK(!call(r, other) && printed(r, 0, 0).aux, "another kind: %u", r->code);
	unload(r);
}

/* Keys: beside those of other kinds, walked and sorted. */
static void test_keys(void)
{
	uint32_t fill, walk, sort, jump, body, text, print;
	struct run *r;

	world();
	fill = function();
	for (int n = 0; n < 12; n++) {
		stack(Q, n % 2 ? KTAP_LIB_USTACK : KTAP_LIB_STACK, 1 + n / 2, 100);
		OP(MOVV, A, Q, 0, 0);
		OP(LDI, K, 0, 0, n + 1);
		OP(TADD, T, K, A, 1);
		OP(TADD, T, K, A, 1);
		OP(MOVV, A, K, 0, 0);
		OP(TADD, T, K, A, 1);
	}
	end();
	walk = function();
	OP(ITER, CT, T, 0, 0);
	jump = OP(JMP, 0, 0, 0, 0);
	body = OP(EMIT, 0, E0, 2, 2);
	patch(a, jump, a->instruction_count);
	jump = OP(NEXT, CT, E0, 2, 0);
	patch(a, jump, body);
	end();
	sort = begin(a, ANIL, 0, REGISTERS(ATABLE, ANIL, ATABLE, AINT, AINT, AVALUE, AVALUE));
	OP(GETG, 0, 0, 0, 0);
	OP(LIB, 2, 0, 2, KTAP_LIB_SORT);
	OP(ITER, 2, 2, 0, 0);
	OP(JMP, 0, 0, 0, 1);
	OP(EMIT, 0, 5, 2, 2);
	OP(NEXT, 2, 5, 2, -2);
	end();
	text = begin(a, ANIL, 0, REGISTERS(ASTACK, ASTR));
	OP(LIB, 1, 0, 1, KTAP_LIB_TOSTRING);
	OP(EMIT, 0, 0, 2, 2);
	end();
	print = function();
	OP(LIB, 0, T, 1, KTAP_LIB_PRINT_TABLE);
	end();
	r = must_load(a);
	CHECK(!call(r, 0) && !call(r, fill) && !call(r, walk) && r->output->count == 24, "fill: %u, %u entries",
	      r->code, r->output->count);
	for (uint32_t n = 0; n < r->output->count; n++) {
		struct printed p = printed(r, n, 0);

		CHECK(n % 2 ? p.kind == KTAP_KIND_INT && p.integer == n / 2 + 1 :
			      p.kind == KTAP_KIND_STACK && (p.aux & 0xff) == n / 2 % 2 && p.length == 8 * (n / 4 + 1) &&
				      frame(p, 0) == 0xffffff8000000064ull,
		      "key %u: kind %u", n, p.kind);
		CHECK(printed(r, n, 1).integer == (n % 2 ? n / 2 + 1 : 2 * (n / 2 + 1)), "value %u: %lld", n,
		      (long long)printed(r, n, 1).integer);
	}
	CHECK(!call(r, sort) && r->output->count == 24, "sort: %u", r->code);
	for (uint32_t n = 0; n < r->output->count; n++)
		CHECK(printed(r, n, 0).kind == (n < 12 ? KTAP_KIND_INT : KTAP_KIND_STACK), "%u: kind %u", n,
		      printed(r, n, 0).kind);
	CHECK(!call(r, text) && printed(r, 0, 0).length == 0 && printed(r, 0, 1).length == 5, "no stack: %u",
	      r->code);
	CHECK(!call(r, print) && r->output->count == 26 && printed(r, 1, 0).kind == KTAP_KIND_STACK &&
		      printed(r, 1, 0).length == 8,
	      "print_table: %u", r->code);
	unload(r);
}

/* The store is part of the program's memory, and its end is an error of its own. */
static void test_limit(void)
{
	uint32_t loop, fill, known;
	struct run *r;

	for (uint32_t memory = 0; memory <= 4096; memory += 512) {
		world();
		fill = begin(a, ANIL, 0, masks);
		OP(LDI, K, 0, 0, 0);
		OP(LDI, D, 0, 0, 40);
		loop = OP(ADDI, P, P, 0, 1);
		OP(LIB, Q, D, 2, KTAP_LIB_STACK);
		OP(JMP, 0, 0, 0, (int32_t)loop - (int32_t)a->instruction_count - 1);
		known = begin(a, ANIL, 0, masks); /* the first one is still there, the empty one always */
		stack(Q, KTAP_LIB_STACK, 0, 1);
		if (memory >= 1024)
			stack(Q, KTAP_LIB_STACK, 40, 1);
		end();
		a->memory = memory;
		r = must_load(a);
		for (int n = 0; n < 3; n++)
			CHECK(call(r, fill) == KTAP_ERROR_STACKS &&
				      ktap_exec_error(r->main)->detail[0] == memory,
			      "%u bytes: %u", memory, r->code);
		CHECK(!call(r, known), "%u bytes, known: %u", memory, r->code);
		unload(r);
	}
	/* Without a table, too. */
	a = assembly_new();
	add_format(a, 1);
	add_probe(a, KTAP_PROBE_MAIN, begin(a, ANIL, 0, masks), "", 0);
	stack(Q, KTAP_LIB_STACK, 3, 5);
	OP(EMIT, 0, Q, 1, 0);
	end();
	r = must_load(a);
	CHECK(!call(r, 0) && printed(r, 0, 0).length == 24, "no table: %u", r->code);
	unload(r);
}

void test_stacks(void)
{
	test_depths();
	test_equality();
	test_keys();
	test_limit();
}
