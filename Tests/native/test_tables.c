// SPDX-License-Identifier: GPL-2.0-or-later
/* Tables: keys of all shapes, update, deletion, iteration, references, and the pool's end. */
#include <stdlib.h>
#include <string.h>

#include "run.h"

/* A global table of each test's own; its functions load it into register T. */
enum { T, A, B, C, D, V, S, CT, CS, CI, F, X, REGS };

static const uint16_t masks[] = { ATABLE, AVALUE, AVALUE, AVALUE, AVALUE, AVALUE, ASTR, ATABLE,
				  AINT, AINT, AINT, ATABLE | ANIL, 0 };

static struct assembly *a; /* the assembly under construction */

/* One global table, made by function 0. Index of format n: n values. */
static void world(uint16_t value, uint32_t parts, uint16_t k0, uint16_t k1, uint16_t k2,
		  uint16_t k3)
{
	a = assembly_new();
	for (uint32_t n = 0; n <= 6; n++)
		add_format(a, n);
	add_global(a, ATABLE);
	add_global(a, ATABLE | ANIL);
	add_table(a, value, parts, k0, k1, k2, k3);
	add_probe(a, KTAP_PROBE_MAIN, begin(a, ANIL, 0, masks), "", 0);
	OP(TNEW, T, 0, 0, 0);
	OP(SETG, T, 0, 0, 0);
	OP(RETNIL, 0, 0, 0, 0);
}

static uint32_t function(void)
{
	uint32_t f = begin(a, ANIL, 0, masks);

	OP(GETG, T, 0, 0, 0);
	return f;
}

static void integer(uint8_t reg, int64_t value)
{
	OP(LDK, F, 0, 0, (int32_t)add_integer(a, value));
	OP(MOVV, reg, F, 0, 0);
}

static void text(uint8_t reg, const void *bytes, size_t length)
{
	OP(LDS, S, 0, 0, (int32_t)add_bytes(a, bytes, length));
	OP(MOVV, reg, S, 0, 0);
}

static void end(void)
{
	OP(RETNIL, 0, 0, 0, 0);
}

/* A loop that prints key part 0, 1 and value of each entry. */
static uint32_t printing(uint32_t count)
{
	uint32_t f = function(), jump, body;

	OP(ITER, CT, T, 0, 0);
	jump = OP(JMP, 0, 0, 0, 0);
	body = OP(EMIT, 0, A, (uint8_t)count, (int32_t)count);
	patch(a, jump, a->instruction_count);
	jump = OP(NEXT, CT, A, (uint8_t)count, 0);
	patch(a, jump, body);
	end();
	return f;
}

static void test_integers(void)
{
	struct run *r;
	uint32_t add, get, loop, all, length, clear;

	world(AINT, 1, AINT, 0, 0, 0);
	add = function(); /* n[k] += 1 for k in 0..99, twice */
	OP(LDI, CS, 0, 0, 0);
	integer(V, 1);
	loop = OP(MOVV, A, CS, 0, 0);
	OP(LDI, F, 0, 0, 3);
	OP(TADD, T, F, A, 1);
	OP(ADDI, CS, CS, 0, 1);
	op(a, KTAP_OP_JLTI, CS, 100, 0, (int32_t)loop - (int32_t)a->instruction_count - 1);
	end();
	get = function(); /* prints n[50], n[100] */
	integer(A, 50);
	OP(TGET, B, T, A, 1);
	integer(A, 100);
	OP(TGET, C, T, A, 1);
	OP(EMIT, 0, B, 2, 2);
	end();
	all = printing(3);
	length = function();
	OP(TLEN, F, T, 0, 0);
	OP(EMIT, 0, F, 1, 1);
	end();
	clear = function();
	OP(TCLEAR, T, 0, 0, 0);
	end();
	r = must_load(a);
	CHECK(!call(r, 0) && !call(r, add) && !call_probe(r, add), "add");
	CHECK(!call(r, get) && printed(r, 0, 0).integer == 6 && printed(r, 0, 1).kind == KTAP_KIND_NIL,
	      "get");
	CHECK(!call_probe(r, length) && printed_integer(r) == 100, "length");
	CHECK(!call(r, all) && r->output->count == 100, "iteration: %u", r->output->count);
	for (uint32_t n = 0; n < r->output->count; n++)
		if (printed(r, n, 0).integer != n || printed(r, n, 1).integer != 6 ||
		    printed(r, n, 2).kind != KTAP_KIND_NIL)
			CHECK(false, "entry %u", n);
	CHECK(!call(r, clear) && !call(r, all) && !r->output->count && !call(r, length) &&
		      printed_integer(r) == 0,
	      "clear");
	/* What was cleared is used again, many times over. */
	for (int n = 0; n < 50; n++)
		if (call(r, add) || call(r, clear))
			CHECK(false, "round %d: %u", n, r->code);
	unload(r);
}

/* Keys that are easily taken for each other, each with its own value. */
static void test_shapes(void)
{
	static const char long_text[] =
		"a string that is much longer than the words that lie in an entry itself, and goes on";
	char almost[sizeof(long_text)];
	struct run *r;
	uint32_t set, all;
	const struct {
		const void *text; /* NULL: integer */
		size_t length;
		int64_t integer;
	} keys[] = {
		{ NULL, 0, 0 }, { NULL, 0, 1 }, { NULL, 0, -1 }, { "", 0, 0 }, { "\0", 1, 0 },
		{ "\0\0", 2, 0 }, { "a", 1, 0 }, { "a\0", 2, 0 }, { "ab", 2, 0 }, { "abcdef", 6, 0 },
		{ "abcdefg", 7, 0 }, { "1", 1, 0 }, { long_text, sizeof(long_text) - 1, 0 },
		{ almost, sizeof(long_text) - 1, 0 }, { long_text, sizeof(long_text) - 2, 0 },
		{ long_text, 22, 0 }, { long_text, 23, 0 }, { long_text, 14, 0 }, { NULL, 0, INT64_MIN },
	};
	uint32_t count = sizeof(keys) / sizeof(*keys), seen = 0;

	memcpy(almost, long_text, sizeof(long_text));
	almost[sizeof(long_text) - 2] ^= 1;
	world(AVALUE, 2, AINT | ASTR | ABOOL, AINT | ASTR, 0, 0);
	set = function();
	for (uint32_t n = 0; n < count * count; n++) {
		for (int part = 0; part < 2; part++) {
			uint32_t k = part ? n % count : n / count;

			if (keys[k].text)
				text((uint8_t)(A + part), keys[k].text, keys[k].length);
			else
				integer((uint8_t)(A + part), keys[k].integer);
		}
		OP(LDI, F, 0, 0, (int32_t)n);
		OP(TADD, T, F, A, 2);
	}
	end();
	all = printing(3);
	a->key_limit = 256;
	a->memory = 256 << 10;
	r = must_load(a);
	CHECK(!call(r, 0) && !call(r, set) && !call(r, set), "set: %u", r->code);
	CHECK(!call(r, all) && r->output->count == count * count, "%u entries", r->output->count);
	for (uint32_t n = 0; n < r->output->count; n++) {
		bool good = printed(r, n, 2).integer == 2 * (int64_t)n;

		for (uint32_t part = 0; part < 2; part++) {
			uint32_t k = part ? n % count : n / count;
			struct printed p = printed(r, n, part);

			good &= keys[k].text ? p.kind == KTAP_KIND_STR && p.length == keys[k].length &&
						       !memcmp(p.text, keys[k].text, p.length) :
					       p.kind == KTAP_KIND_INT && p.integer == keys[k].integer;
		}
		seen += good;
	}
	CHECK(seen == count * count, "%u of %u entries as they were set", seen, count * count);
	unload(r);
}

/* Keys of one string of every length: made, found again, read, replaced, iterated. */
static void test_lengths(void)
{
	enum { MOST = 126 }; /* with its length the key limit of 128 */
	char bytes[MOST + 1];
	uint32_t set, get, all, good = 0;
	struct run *r;

	for (uint32_t n = 0; n <= MOST; n++)
		bytes[n] = (char)(n * 37 + 129);
	world(AVALUE, 1, ASTR, 0, 0, 0);
	set = function();
	for (uint32_t n = 0; n <= MOST; n++) {
		text(A, bytes, n);
		OP(LDI, F, 0, 0, (int32_t)n);
		OP(TADD, T, F, A, 1);
		OP(TADD, T, F, A, 1);
	}
	end();
	get = function(); /* adds one to each by reading and setting */
	for (uint32_t n = 0; n <= MOST; n++) {
		text(A, bytes, n);
		OP(TGET, F, T, A, 1);
		OP(ADDI, F, F, 0, 1);
		OP(TSET, T, F, A, 1);
	}
	text(A, bytes, MOST + 1);
	OP(TADD, T, F, A, 1);
	end();
	all = printing(2);
	a->memory = 64 << 10;
	r = must_load(a);
	CHECK(!call(r, 0) && !call(r, set), "set: %u", r->code);
	CHECK(call(r, get) == KTAP_ERROR_KEY, "one too long: %u", r->code);
	CHECK(!call(r, all) && r->output->count == MOST + 1, "%u entries", r->output->count);
	for (uint32_t n = 0; n < r->output->count; n++) {
		struct printed key = printed(r, n, 0);

		good += key.length == n && !memcmp(key.text, bytes, n) &&
			printed(r, n, 1).integer == 2 * (int64_t)n + 1;
	}
	CHECK(good == MOST + 1, "%u good ones", good);
	unload(r);
}

static void test_values(void)
{
	static char big[200];
	struct run *r;
	uint32_t set, all, narrow, replace;

	memset(big, 'x', sizeof(big));
	world(AVALUE, 1, AINT, 0, 0, 0);
	set = function();
	integer(A, 1);
	text(V, big, sizeof(big));
	OP(TSET, T, V, A, 1);
	integer(A, 2);
	OP(LDNIL, V, 0, 0, 0);
	OP(TSET, T, V, A, 1); /* deletes what is not there */
	integer(A, 3);
	OP(TSET, T, T, A, 1); /* the table itself */
	integer(A, 4);
	text(V, "", 0);
	OP(TSET, T, V, A, 1);
	integer(A, 5);
	integer(V, 7);
	OP(TSET, T, V, A, 1);
	end();
	all = printing(2);
	narrow = begin(a, ANIL, 0, REGISTERS(ATABLE, AINT, AINT));
	OP(GETG, 0, 0, 0, 0);
	OP(LDI, 1, 0, 0, 1);
	OP(TGET, 2, 0, 1, 1); /* a string into an integer register */
	end();
	replace = function(); /* many times: the cells of the old value come back */
	integer(A, 1);
	text(V, big, sizeof(big));
	for (int n = 0; n < 100; n++)
		OP(TSET, T, V, A, 1);
	end();
	a->memory = 4096;
	r = must_load(a);
	CHECK(!call(r, 0) && !call(r, set) && !call(r, all) && r->output->count == 4, "set: %u, %u",
	      r->code, r->output->count);
	CHECK(printed(r, 0, 1).length == sizeof(big) && !memcmp(printed(r, 0, 1).text, big, sizeof(big)),
	      "a long string");
	CHECK(printed(r, 1, 1).kind == KTAP_KIND_TABLE && printed(r, 2, 1).kind == KTAP_KIND_STR &&
		      printed(r, 2, 1).length == 0 && printed(r, 3, 1).integer == 7,
	      "the others");
	CHECK(call(r, narrow) == KTAP_ERROR_KIND && ktap_exec_error(r->main)->detail[0] == KTAP_KIND_STR,
	      "a kind that the register may not have");
	for (int n = 0; n < 10; n++)
		CHECK(!call(r, replace), "replace: %u", r->code);
	unload(r);
}

static void test_errors(void)
{
	struct run *r;
	uint32_t kind, parts, value, null, arithmetic, long_key, iterate;
	static char huge[300];

	memset(huge, 'k', sizeof(huge));
	world(AINT | ASTR, 1, AINT | ASTR, 0, 0, 0);
	kind = function(); /* a key that is nil */
	OP(LDI, F, 0, 0, 1);
	OP(TADD, T, F, A, 1);
	end();
	parts = function();
	integer(A, 1);
	integer(B, 1);
	OP(TGET, C, T, A, 2);
	end();
	value = function(); /* a value that is a table */
	integer(A, 1);
	OP(TSET, T, T, A, 1);
	end();
	null = begin(a, ANIL, 0, masks);
	integer(A, 1);
	OP(TGET, C, T, A, 1);
	end();
	arithmetic = function();
	integer(A, 1);
	text(V, "one", 3);
	OP(TSET, T, V, A, 1);
	OP(LDI, F, 0, 0, 1);
	OP(TADD, T, F, A, 1);
	end();
	long_key = function();
	text(A, huge, 127);
	OP(LDI, F, 0, 0, 1);
	OP(TADD, T, F, A, 1);
	end();
	iterate = begin(a, ANIL, 0, masks);
	OP(ITER, CT, T, 0, 0);
	end();
	r = must_load(a);
	call(r, 0);
	CHECK(call(r, kind) == KTAP_ERROR_KEY_KIND, "%u", r->code);
	CHECK(call(r, parts) == KTAP_ERROR_KEY_KIND, "%u", r->code);
	CHECK(call(r, value) == KTAP_ERROR_VALUE_KIND &&
		      ktap_exec_error(r->main)->detail[0] == KTAP_KIND_TABLE, "%u", r->code);
	CHECK(call(r, null) == KTAP_ERROR_INDEX, "%u", r->code);
	CHECK(call(r, arithmetic) == KTAP_ERROR_ARITHMETIC, "%u", r->code);
	CHECK(call(r, long_key) == KTAP_ERROR_KEY && ktap_exec_error(r->main)->detail[1] == 128,
	      "%u", r->code);
	CHECK(call(r, iterate) == KTAP_ERROR_INDEX, "%u", r->code);
	unload(r);

	/* A program whose policy has no memory for tables. */
	world(AINT, 1, AINT, 0, 0, 0);
	a->memory = 0;
	r = must_load(a);
	CHECK(call(r, 0) == KTAP_ERROR_MEMORY, "%u", r->code);
	unload(r);
}

/* The pool's end, from 0 bytes on, is an error and nothing else. */
static void test_memory_limit(void)
{
	for (uint32_t memory = 0; memory < 3000; memory += 40) {
		struct run *r;
		uint32_t fill, loop, clear;

		world(AINT | ASTR, 1, AINT | ASTR, 0, 0, 0);
		fill = function();
		OP(LDI, CS, 0, 0, 0);
		text(B, "some string that needs more than one cell, and then some more", 61);
		loop = OP(MOVV, A, CS, 0, 0);
		OP(TSET, T, A, A, 1);
		OP(TSET, T, B, A, 1);
		OP(TSET, T, B, B, 1);
		OP(ADDI, CS, CS, 0, 1);
		OP(JMP, 0, 0, 0, (int32_t)loop - (int32_t)a->instruction_count - 1);
		end();
		clear = function();
		OP(TCLEAR, T, 0, 0, 0);
		end();
		a->memory = memory;
		r = must_load(a);
		if (!call(r, 0)) {
			for (int n = 0; n < 3; n++) {
				CHECK(call(r, fill) == KTAP_ERROR_MEMORY &&
					      ktap_exec_error(r->main)->detail[0] == memory,
				      "%u bytes: %u", memory, r->code);
				CHECK(!call(r, clear), "clear: %u", r->code);
			}
		}
		unload(r);
	}
}

/* Deleting while iterating, and cursors that a program made up. */
static void test_iteration(void)
{
	struct run *r;
	uint32_t fill, loop, jump, body, each, other, next_one, grow, forged, all;

	world(AINT, 1, AINT, 0, 0, 0);
	fill = function();
	OP(LDI, CS, 0, 0, 0);
	loop = OP(MOVV, A, CS, 0, 0);
	OP(TSET, T, CS, A, 1);
	OP(ADDI, CS, CS, 0, 1);
	op(a, KTAP_OP_JLTI, CS, 300 & 255, 300 >> 8, (int32_t)loop - (int32_t)a->instruction_count - 1);
	end();
	all = printing(2);
	/* deletes each entry that it visits */
	each = function();
	OP(ITER, CT, T, 0, 0);
	OP(LDNIL, V, 0, 0, 0);
	jump = OP(JMP, 0, 0, 0, 0);
	body = OP(TSET, T, V, A, 1);
	OP(EMIT, 0, A, 1, 1);
	patch(a, jump, a->instruction_count);
	jump = OP(NEXT, CT, A, 1, 0);
	patch(a, jump, body);
	end();
	/* deletes the next five entries: the cursor's own among them */
	next_one = function();
	OP(ITER, CT, T, 0, 0);
	OP(LDNIL, V, 0, 0, 0);
	jump = OP(JMP, 0, 0, 0, 0);
	body = OP(EMIT, 0, A, 1, 1);
	OP(CHECK, F, A, 0, KTAP_ERROR_KIND);
	for (int n = 0; n < 5; n++) {
		OP(ADDI, F, F, 0, 1);
		OP(MOVV, B, F, 0, 0);
		OP(TSET, T, V, B, 1);
	}
	patch(a, jump, a->instruction_count);
	jump = OP(NEXT, CT, A, 1, 0);
	patch(a, jump, body);
	end();
	/* deletes everything in the first step */
	other = function();
	OP(ITER, CT, T, 0, 0);
	jump = OP(JMP, 0, 0, 0, 0);
	body = OP(TCLEAR, T, 0, 0, 0);
	OP(EMIT, 0, A, 1, 1);
	patch(a, jump, a->instruction_count);
	jump = OP(NEXT, CT, A, 1, 0);
	patch(a, jump, body);
	end();
	/* adds an entry for each that it visits: ends by fuel or memory, or may just end */
	grow = function();
	OP(ITER, CT, T, 0, 0);
	jump = OP(JMP, 0, 0, 0, 0);
	body = OP(CHECK, F, A, 0, KTAP_ERROR_KIND);
	OP(ADDI, F, F, 0, 1000);
	OP(MOVV, B, F, 0, 0);
	OP(TSET, T, F, B, 1);
	patch(a, jump, a->instruction_count);
	jump = OP(NEXT, CT, A, 1, 0);
	patch(a, jump, body);
	end();
	/* a cursor of rubbish, 5000 times */
	forged = function();
	OP(LDI, F, 0, 0, 0);
	loop = OP(ITER, CT, T, 0, 0);
	OP(MULI, CS, F, 0, 77777);
	OP(MULI, CI, F, 0, 12345);
	OP(ANDI, CS, CS, 0, 511);
	OP(ANDI, CI, CI, 0, 2047);
	OP(NEXT, CT, A, 2, 0);
	OP(MULI, CI, F, 0, 0x7654321);
	OP(NEXT, CT, A, 2, 0);
	OP(LDI, CS, 0, 0, -1);
	OP(NEXT, CT, A, 2, 0);
	OP(ADDI, F, F, 0, 1);
	op(a, KTAP_OP_JLTI, F, 5000 & 255, 5000 >> 8, (int32_t)loop - (int32_t)a->instruction_count - 1);
	end();
	r = must_load(a);
	call(r, 0);
	CHECK(!call(r, fill) && !call(r, each) && r->output->count == 300, "each: %u", r->output->count);
	CHECK(!call(r, all) && !r->output->count, "nothing left");
	CHECK(!call(r, fill) && !call(r, next_one) && r->output->count == 50 &&
		      printed(r, 49, 0).integer == 294, "next: %u", r->output->count);
	CHECK(!call(r, all) && r->output->count == 50, "what was not deleted");
	CHECK(!call(r, fill) && !call(r, other) && r->output->count == 1, "all: %u", r->output->count);
	CHECK(!call(r, fill) && (!call(r, grow) || r->code == KTAP_ERROR_MEMORY), "grow: %u", r->code);
	CHECK(!call(r, forged), "forged: %u", r->code);
	unload(r);
}

/* Nested tables: references, retirement, reuse after the grace period, circles. */
static void test_references(void)
{
	struct run *r;
	uint32_t nest, drop, loop, temporary, circle, swap;

	world(ATABLE | AINT, 1, AINT, 0, 0, 0);
	nest = function(); /* t[1] = {[1] = 5} */
	OP(TNEW, CT, 0, 0, 0);
	integer(A, 1);
	integer(V, 5);
	OP(TSET, CT, V, A, 1);
	OP(TSET, T, CT, A, 1);
	end();
	drop = function();
	integer(A, 1);
	OP(LDNIL, V, 0, 0, 0);
	OP(TSET, T, V, A, 1);
	end();
	temporary = function(); /* tables that live as long as the run */
	OP(LDI, F, 0, 0, 0);
	loop = OP(TNEW, CT, 0, 0, 0);
	OP(MOVV, A, F, 0, 0);
	OP(TSET, CT, F, A, 1);
	OP(ADDI, F, F, 0, 1);
	op(a, KTAP_OP_JLTI, F, 10, 0, (int32_t)loop - (int32_t)a->instruction_count - 1);
	end();
	circle = begin(a, ANIL, 0, masks); /* a table that holds itself and is forgotten */
	OP(TNEW, CT, 0, 0, 0);
	integer(A, 1);
	OP(TSET, CT, CT, A, 1);
	end();
	swap = function(); /* takes it out, and puts it back while it is retired */
	integer(A, 1);
	OP(TGET, B, T, A, 1);
	OP(LDNIL, V, 0, 0, 0);
	OP(TSET, T, V, A, 1);
	OP(TSET, T, B, A, 1);
	end();
	a->memory = 4096;
	r = must_load(a);
	call(r, 0);
	for (int n = 0; n < 100; n++) {
		test_retired = 0;
		CHECK(!call(r, nest) && !call(r, drop), "nest: %u", r->code);
		CHECK(test_retired == 1, "retired %u", test_retired);
		ktap_program_reclaim(r->program);
	}
	for (int n = 0; n < 100; n++)
		CHECK(!call_probe(r, temporary), "temporary: %u", r->code);
	call(r, nest);
	for (int n = 0; n < 20; n++) {
		CHECK(!call(r, swap), "swap: %u", r->code);
		ktap_program_reclaim(r->program);
	}
	for (int n = 0; n < 10; n++) {
		CHECK(!call(r, circle), "circle: %u", r->code);
		ktap_program_reclaim(r->program);
	}
	CHECK(!call(r, swap), "still there: %u", r->code);
	/* Put back and taken out while it waits: that takes another grace period. */
	CHECK(!call(r, swap) && !call(r, drop), "swap and drop: %u", r->code);
	test_retired = 0;
	ktap_program_reclaim(r->program);
	CHECK(test_retired == 1, "told again: %u", test_retired);
	ktap_program_reclaim(r->program);
	CHECK(test_retired == 1, "and then no more: %u", test_retired);
	/* Without a grace period nothing is reused, and probes do not wait for one: then the pool ends. */
	for (int n = 0; n < 100 && !r->code; n++)
		(void)(call_probe(r, nest) || call_probe(r, drop));
	CHECK(r->code == KTAP_ERROR_MEMORY, "no reuse without grace: %u", r->code);
	unload(r);
}

void test_tables(void)
{
	test_integers();
	test_shapes();
	test_lengths();
	test_values();
	test_errors();
	test_memory_limit();
	test_iteration();
	test_references();
}
