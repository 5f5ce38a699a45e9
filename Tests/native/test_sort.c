// SPDX-License-Identifier: GPL-2.0-or-later
/* Sorted copies of tables: every kind of key, every kind of function, and that nothing is left over. */
#include <stdlib.h>
#include <string.h>

#include "run.h"

enum { T, N, A, B, V, K, S, CT, CS, CI, E0, E1, E2, F, W, REGS };

static const uint16_t masks[] = { ATABLE, AFUNCTION | ANIL, AVALUE, AVALUE, AVALUE, AINT, ASTR, ATABLE,
				  AINT, AINT, AVALUE, AVALUE, AVALUE, ABOOL, AFUNCTION, 0 };

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

/* Global 0: a table of site 0, made by function 0. Global 1: an integer for functions to count with. */
static void world(uint16_t value, uint32_t parts, uint16_t k0, uint16_t k1)
{
	a = assembly_new();
	for (uint32_t n = 0; n <= 4; n++)
		add_format(a, n);
	add_global(a, ATABLE);
	add_global(a, AINT);
	add_table(a, value, parts, k0, k1, 0, 0);
	a->memory = 256 << 10;
	add_probe(a, KTAP_PROBE_MAIN, begin(a, ANIL, 0, masks), "", 0);
	OP(TNEW, T, 0, 0, 0);
	OP(SETG, T, 0, 0, 0);
	end();
}

static void integer(uint8_t reg, int64_t value)
{
	OP(LDK, K, 0, 0, (int32_t)add_integer(a, value));
	OP(MOVV, reg, K, 0, 0);
}

/* Prints the entries of a sorted copy, `values` values each, and frees it; the function is in N. */
static void sorted_loop(uint8_t values)
{
	uint32_t jump, body;

	OP(LIB, CT, T, 2, KTAP_LIB_SORT);
	OP(ITER, CT, CT, 0, 0);
	jump = OP(JMP, 0, 0, 0, 0);
	body = OP(EMIT, 0, E0, values, values);
	patch(a, jump, a->instruction_count);
	jump = OP(NEXT, CT, E0, values, 0);
	patch(a, jump, body);
	OP(LIB, 0, CT, 1, KTAP_LIB_FREE);
	end();
}

struct key {
	uint8_t kind; /* BOOL, INT, STR */
	int64_t integer;
	const char *text;
	uint32_t length;
};

static void load_key(uint8_t reg, const struct key *k)
{
	if (k->kind == KTAP_KIND_STR) {
		OP(LDS, S, 0, 0, (int32_t)add_bytes(a, k->text, k->length));
		OP(MOVV, reg, S, 0, 0);
	} else if (k->kind == KTAP_KIND_BOOL) {
		OP(LDB, F, 0, 0, (int32_t)k->integer);
		OP(MOVV, reg, F, 0, 0);
	} else {
		integer(reg, k->integer);
	}
}

static int compare(const struct key *k, const struct key *other)
{
	uint32_t shorter = k->length < other->length ? k->length : other->length;
	int order;

	if (k->kind != other->kind)
		return k->kind < other->kind ? -1 : 1;
	if (k->kind != KTAP_KIND_STR)
		return k->integer < other->integer ? -1 : k->integer > other->integer;
	order = memcmp(k->text, other->text, shorter);
	return order ? order : k->length < other->length ? -1 : k->length > other->length;
}

#define TEXT(s) { KTAP_KIND_STR, 0, s, sizeof(s) - 1 }
#define LONG "a text that is much longer than what lies in an entry, and differs from others "

static const struct key keys[] = {
	TEXT("b"), { KTAP_KIND_INT, 7, NULL, 0 }, TEXT("abcdef"), TEXT("abcdefg"), TEXT("abcdefgh"),
	{ KTAP_KIND_BOOL, 1, NULL, 0 }, TEXT(LONG "here"), TEXT(LONG), { KTAP_KIND_INT, INT64_MIN, NULL, 0 },
	TEXT(LONG "There"), TEXT(""), TEXT("\0"), TEXT("\0\0"), TEXT("\xff"), { KTAP_KIND_INT, -1, NULL, 0 },
	{ KTAP_KIND_INT, INT64_MAX, NULL, 0 }, TEXT("a"), { KTAP_KIND_BOOL, 0, NULL, 0 }, TEXT("abcdeg"),
	{ KTAP_KIND_INT, 0, NULL, 0 }, TEXT(LONG "herf"), TEXT("abcdefghijklmn"), TEXT("abcdefghijklmo"),
};

#define KEYS (sizeof(keys) / sizeof(*keys))

static bool is_key(struct printed p, const struct key *k)
{
	if (p.kind != k->kind)
		return false;
	if (k->kind == KTAP_KIND_STR)
		return p.length == k->length && !memcmp(p.text, k->text, k->length);
	return k->kind == KTAP_KIND_BOOL ? p.aux == k->integer : p.integer == k->integer;
}

static const uint32_t *ranks;

static int by_keys(const void *one, const void *other)
{
	uint32_t m = *(const uint32_t *)one, n = *(const uint32_t *)other;
	int order = compare(&keys[m / KEYS], &keys[n / KEYS]);

	return order ? order : compare(&keys[m % KEYS], &keys[n % KEYS]);
}

/* All pairs of keys, by their order. */
static void test_keys(void)
{
	uint32_t expected[KEYS * KEYS], fill, sort, before, good = 0;
	struct run *r;

	world(AVALUE, 2, AVALUE & KTAP_MASK_KEY, AVALUE & KTAP_MASK_KEY);
	fill = function();
	for (uint32_t n = 0; n < KEYS * KEYS; n++) {
		uint32_t m = n * 101 % (KEYS * KEYS); /* all of them, in another order */

		load_key(A, &keys[m / KEYS]);
		load_key(B, &keys[m % KEYS]);
		integer(V, m);
		OP(TSET, T, V, A, 2);
		expected[n] = n;
	}
	end();
	sort = function();
	sorted_loop(3);
	a->key_limit = 256;
	r = must_load(a);
	CHECK(!call(r, 0) && !call(r, sort) && !r->output->count, "nothing to sort: %u", r->code);
	CHECK(!call(r, fill), "fill: %u", r->code);
	before = free_cells(r);
	for (int round = 0; round < 3; round++)
		CHECK(!call(r, sort) && free_cells(r) == before, "sort: %u, %u of %u cells", r->code,
		      free_cells(r), before);
	ranks = expected;
	qsort(expected, KEYS * KEYS, sizeof(*expected), by_keys);
	CHECK(r->output->count == KEYS * KEYS, "%u entries", r->output->count);
	for (uint32_t n = 0; n < r->output->count; n++)
		good += is_key(printed(r, n, 0), &keys[expected[n] / KEYS]) &&
			is_key(printed(r, n, 1), &keys[expected[n] % KEYS]) &&
			printed(r, n, 2).integer == expected[n];
	CHECK(good == KEYS * KEYS, "%u of %zu in their places", good, KEYS * KEYS);
	unload(r);
}

/* Counts from 0 to 1000 entries of integers; k is (n * 617) % 1009, the value n. */
static void test_counts(void)
{
	static const uint32_t counts[] = { 0, 1, 2, 3, 4, 5, 7, 8, 9, 31, 32, 33, 1000 };

	for (uint32_t c = 0; c < sizeof(counts) / sizeof(*counts); c++) {
		uint32_t fill, sort, loop, good = 0;
		int64_t last = -1;
		struct run *r;

		world(AINT, 1, AINT, 0);
		fill = function();
		OP(LDI, CS, 0, 0, 0);
		OP(LDI, CI, 0, 0, (int32_t)counts[c]);
		OP(JMP, 0, 0, 0, 5);
		loop = OP(MULI, K, CS, 0, 617);
		OP(MODI, K, K, 0, 1009);
		OP(MOVV, A, K, 0, 0);
		OP(TSET, T, CS, A, 1);
		OP(ADDI, CS, CS, 0, 1);
		op(a, KTAP_OP_JLT, CS, CI, 0, (int32_t)loop - (int32_t)a->instruction_count - 1);
		end();
		sort = function();
		sorted_loop(2);
		r = must_load(a);
		CHECK(!call(r, 0) && !call(r, fill) && !call(r, sort) && r->output->count == counts[c],
		      "%u: %u, %u entries", counts[c], r->code, r->output->count);
		for (uint32_t n = 0; n < r->output->count; n++) {
			good += printed(r, n, 0).integer > last &&
				printed(r, n, 0).integer == printed(r, n, 1).integer * 617 % 1009;
			last = printed(r, n, 0).integer;
		}
		CHECK(good == counts[c], "%u: %u in their places", counts[c], good);
		unload(r);
	}
}

/* Functions of the script: parameters k1, k2, v1, v2. */
static void test_comparing(void)
{
	enum { ENTRIES = 200 };
	static const uint16_t regs[] = { AINT, AINT, ASTR | AINT, ASTR | AINT, ABOOL, AINT, ATABLE, ANIL | AFUNCTION,
					 AVALUE, 0 };
	uint32_t fill, falling, values, always, never, swinging, failing, deleting, nested, deeper, odd;
	uint32_t loop, sorts[10], before, count = 0;
	struct run *r;

	world(AINT | ASTR, 1, AINT, 0);
	falling = begin(a, ABOOL, 4, regs); /* k1 > k2 */
	OP(LT, 4, 1, 0, 0);
	OP(RET, 4, 0, 0, 0);
	values = begin(a, ABOOL, 4, regs); /* v1 .. "" < v2 .. "", long strings */
	OP(COMPARE, 4, 2, 3, KTAP_COMPARISON_LT);
	OP(RET, 4, 0, 0, 0);
	always = begin(a, AINT, 4, regs); /* an integer is true, 0 too */
	OP(RET, 5, 0, 0, 0);
	never = begin(a, ANIL, 4, regs);
	OP(RETNIL, 0, 0, 0, 0);
	swinging = begin(a, ABOOL, 4, regs); /* true and false, whatever is asked */
	OP(LDI, 5, 0, 0, 1);
	OP(ADDG, 5, 0, 0, 1);
	OP(GETG, 5, 0, 0, 1);
	OP(MULI, 5, 5, 0, 77);
	OP(ANDI, 5, 5, 0, 64);
	OP(LDI, 0, 0, 0, 0);
	OP(LT, 4, 0, 5, 0);
	OP(RET, 4, 0, 0, 0);
	failing = begin(a, ABOOL, 4, regs); /* k1 / 0 within 100 questions */
	OP(LDI, 5, 0, 0, 1);
	OP(ADDG, 5, 0, 0, 1);
	OP(GETG, 5, 0, 0, 1);
	OP(MODI, 5, 5, 0, 100);
	OP(DIV, 5, 0, 5, 0);
	OP(RET, 4, 0, 0, 0);
	deleting = begin(a, ABOOL, 4, regs); /* empties the table that is sorted */
	OP(GETG, 6, 0, 0, 0);
	OP(TCLEAR, 6, 0, 0, 0);
	OP(LT, 4, 1, 0, 0);
	OP(RET, 4, 0, 0, 0);
	nested = begin(a, ABOOL, 4, regs); /* sorts by keys meanwhile */
	OP(GETG, 6, 0, 0, 0);
	OP(LIB, 6, 6, 2, KTAP_LIB_SORT);
	OP(LT, 4, 1, 0, 0);
	OP(LIB, 0, 6, 1, KTAP_LIB_FREE);
	OP(RET, 4, 0, 0, 0);
	deeper = begin(a, ABOOL, 4, REGISTERS(AINT, AINT, AVALUE, AVALUE, ATABLE, AFUNCTION, ABOOL));
	OP(GETG, 4, 0, 0, 0);
	OP(LDF, 5, 0, 0, (int32_t)falling);
	OP(LIB, 4, 4, 2, KTAP_LIB_SORT);
	OP(RET, 6, 0, 0, 0);
	odd = begin(a, ABOOL, 2, REGISTERS(ASTR, ASTR, ABOOL)); /* parameters that the keys are not */
	OP(RET, 2, 0, 0, 0);
	fill = function();
	OP(LDI, CS, 0, 0, 0);
	loop = OP(MULI, K, CS, 0, 617);
	OP(MODI, K, K, 0, 1009);
	OP(MOVV, A, K, 0, 0);
	OP(LDS, S, 0, 0, (int32_t)add_bytes(a, LONG LONG, 2 * sizeof(LONG) - 2));
	OP(CONCAT, S, S, K, 0);
	OP(TSET, T, S, A, 1);
	OP(ADDI, CS, CS, 0, 1);
	op(a, KTAP_OP_JLTI, CS, (uint8_t)ENTRIES, 0, (int32_t)loop - (int32_t)a->instruction_count - 1);
	end();
	{
		const uint32_t functions[10] = { falling, values, always, never, swinging, failing, nested,
						deeper, odd, deleting };

		for (int n = 0; n < 10; n++) {
			sorts[n] = function();
			OP(LDF, W, 0, 0, (int32_t)functions[n]);
			OP(MOVV, N, W, 0, 0);
			sorted_loop(2);
		}
	}
	r = must_load(a);
	CHECK(!call(r, 0) && !call(r, fill), "fill: %u", r->code);
	before = free_cells(r);

	CHECK(!call(r, sorts[0]) && r->output->count == ENTRIES, "falling: %u", r->code);
	for (uint32_t n = 1; n < r->output->count; n++)
		count += printed(r, n, 0).integer < printed(r, n - 1, 0).integer;
	CHECK(count == ENTRIES - 1, "%u fall", count);
	CHECK(!call(r, sorts[1]) && r->output->count == ENTRIES, "values: %u", r->code);
	for (uint32_t n = 1; n < r->output->count; n++) {
		struct printed p = printed(r, n - 1, 1), q = printed(r, n, 1);
		uint32_t shorter = p.length < q.length ? p.length : q.length;
		int order = memcmp(p.text, q.text, shorter);

		count += order < 0 || (!order && p.length < q.length);
	}
	CHECK(count == 2 * (ENTRIES - 1), "%u rise", count);
	/* Whatever the others do, all entries are there once, and all memory is back. */
	for (int n = 2; n < 7; n++) {
		bool seen[1009] = { false };

		count = 0;
		if (n == 5) {
			CHECK(call(r, sorts[n]) == KTAP_ERROR_DIVISION && free_cells(r) == before,
			      "failing: %u, %u of %u cells", r->code, free_cells(r), before);
			continue;
		}
		CHECK(!call(r, sorts[n]) && r->output->count == ENTRIES && free_cells(r) == before,
		      "function %d: %u at %u, %u entries, %u of %u cells", n, r->code,
		      ktap_exec_error(r->main)->instruction, r->output->count, free_cells(r), before);
		for (uint32_t m = 0; m < r->output->count; m++) {
			uint32_t k = (uint32_t)printed(r, m, 0).integer % 1009;

			count += !seen[k];
			seen[k] = true;
		}
		CHECK(count == ENTRIES, "function %d: %u different ones", n, count);
		if (n == 3) /* stable: as they were put in */
			CHECK(printed(r, 1, 0).integer == 617 && printed(r, 2, 0).integer == 1234 % 1009,
			      "never first: %lld", (long long)printed(r, 1, 0).integer);
	}
	CHECK(call(r, sorts[7]) == KTAP_ERROR_DEPTH && free_cells(r) == before, "deeper: %u", r->code);
	CHECK(call(r, sorts[8]) == KTAP_ERROR_KIND && free_cells(r) == before, "other parameters: %u", r->code);
	CHECK(!call(r, sorts[9]) && r->output->count == ENTRIES, "deleting: %u", r->code);
	unload(r);
}

/* The copy of aggregates is merged, histograms and all. */
static void test_aggregates_too(void)
{
	struct ktap_record_aggregate total;
	uint32_t add, sort, before;
	struct run *r;

	a = assembly_new();
	for (uint32_t n = 0; n <= 4; n++)
		add_format(a, n);
	add_global(a, ATABLE);
	add_aggregate(a, KTAP_AGGREGATE_SQUARES | KTAP_AGGREGATE_HIST | KTAP_AGGREGATE_LHIST, AINT, 0, 100, 1);
	add_probe(a, KTAP_PROBE_MAIN, begin(a, ANIL, 0, masks), "", 0);
	OP(TNEW, T, 0, 0, 0);
	OP(SETG, T, 0, 0, 0);
	end();
	add = function();
	for (int n = 0; n < 60; n++) {
		integer(A, -(n % 3));
		OP(LDI, K, 0, 0, n * 2 - 10);
		OP(TAGG, T, K, A, 1);
	}
	end();
	sort = begin(a, ANIL, 0, REGISTERS(ATABLE, ANIL, ATABLE, AINT, AINT, AINT, AAGGREGATE | ANIL,
					   AAGGREGATE | ANIL, AINT | ANIL));
	OP(GETG, 0, 0, 0, 0);
	OP(LIB, 2, 0, 2, KTAP_LIB_SORT);
	OP(ITER, 2, 2, 0, 0);
	OP(JMP, 0, 0, 0, 4);
	OP(LIB, 7, 6, 1, KTAP_LIB_AGGREGATE_LHIST);
	OP(LIB, 8, 6, 1, KTAP_LIB_AGGREGATE_STDDEV);
	OP(LIB, 6, 6, 1, KTAP_LIB_AGGREGATE_HIST);
	OP(EMIT, 0, 5, 4, 4);
	OP(NEXT, 2, 5, 2, -5);
	OP(LIB, 0, 2, 1, KTAP_LIB_FREE);
	end();
	r = must_load(a);
	call(r, 0);
	for (uint32_t cpu = 0; cpu < 3; cpu++) {
		ktap_simulate_cpu(cpu);
		CHECK(!call(r, add), "add: %u", r->code);
	}
	ktap_simulate_cpu(0);
	before = free_cells(r);
	CHECK(!call(r, sort) && r->output->count == 3 && free_cells(r) == before,
	      "sort: %u at %u, %u entries, %u of %u cells", r->code, ktap_exec_error(r->main)->instruction,
	      r->output->count, free_cells(r), before);
	for (uint32_t n = 0; n < r->output->count; n++) {
		/* -2 has -6, 0, 6 ... 108; -1 has -8, -2 ... 106; 0 has -10, -4 ... 104 */
		int64_t first = -10 + 2 * (2 - (int64_t)n);

		CHECK(printed(r, n, 0).integer == (int64_t)n - 2, "entry %u: %lld", n,
		      (long long)printed(r, n, 0).integer);
		memcpy(&total, printed(r, n, 1).text, sizeof(total));
		CHECK(total.count == 60 && total.least == first && total.most == first + 114 &&
			      total.sum == 60 * (first + 57) && printed(r, n, 1).aux == KTAP_VIEW_HIST &&
			      total.bucket_count >= 6,
		      "entry %u: %llu from %lld, sum %lld, %u buckets", n, (unsigned long long)total.count,
		      (long long)total.least, (long long)total.sum, total.bucket_count);
		memcpy(&total, printed(r, n, 2).text, sizeof(total));
		CHECK(total.steps == 100 && total.bucket_count >= 17, "entry %u: %u steps", n, total.bucket_count);
		CHECK(printed(r, n, 3).integer == 34, "entry %u: stddev %lld", n,
		      (long long)printed(r, n, 3).integer);
	}
	unload(r);
}

/* FREE gives back what nobody else can hold, and makes other handles of it stale. */
static void test_free(void)
{
	uint32_t loop, fill, again, kept, closure, null, before;
	struct run *r;

	world(AVALUE, 1, AINT, 0);
	a->memory = 4096;
	add_global(a, AVALUE); /* 2 */
	add_global(a, AVALUE); /* 3 */
	fill = function();
	OP(LDI, CS, 0, 0, 0);
	loop = OP(MOVV, A, CS, 0, 0);
	OP(TSET, T, CS, A, 1);
	OP(ADDI, CS, CS, 0, 1);
	op(a, KTAP_OP_JLTI, CS, 5, 0, (int32_t)loop - (int32_t)a->instruction_count - 1);
	end();
	again = begin(a, ANIL, 0, REGISTERS(ATABLE, ANIL, ATABLE, AINT, AVALUE, ATABLE));
	OP(GETG, 0, 0, 0, 0);
	OP(LDI, 3, 0, 0, 0);
	OP(LIB, 2, 0, 2, KTAP_LIB_SORT);
	OP(TLEN, 3, 2, 0, 0);
	OP(LIB, 0, 2, 1, KTAP_LIB_FREE);
	OP(MOVV, 4, 2, 0, 0);
	OP(SETG, 4, 0, 0, 2); /* the stale handle into a global, an entry, and out again */
	OP(LDI, 3, 0, 0, 100);
	OP(TSET, 0, 4, 3, 1);
	OP(TNEW, 5, 0, 0, 0); /* takes the cell anew */
	OP(GETG, 4, 0, 0, 2);
	OP(SETG, 3, 0, 0, 2);
	OP(LDI, 3, 0, 0, 100);
	OP(TSET, 0, 1, 3, 1);
	OP(TLEN, 3, 5, 0, 0);
	OP(LIB, 0, 5, 1, KTAP_LIB_FREE);
	OP(TLEN, 3, 2, 0, 0); /* INDEX */
	end();
	kept = begin(a, ANIL, 0, REGISTERS(ATABLE, ANIL, ATABLE, AINT)); /* one that a global has stays */
	OP(GETG, 0, 0, 0, 0);
	OP(LIB, 2, 0, 2, KTAP_LIB_SORT);
	OP(SETG, 2, 0, 0, 3);
	OP(LIB, 0, 2, 1, KTAP_LIB_FREE);
	OP(TLEN, 3, 2, 0, 0);
	OP(EMIT, 0, 3, 1, 1);
	end();
	begin(a, AINT, 1, REGISTERS(ATABLE, AINT)); /* a closure's body: len of what it captured */
	set_flags(a, KTAP_FUNCTION_CLOSURE);
	OP(TLEN, 1, 0, 0, 0);
	OP(RET, 1, 0, 0, 0);
	closure = begin(a, ANIL, 0, REGISTERS(ATABLE, ANIL, ATABLE, AFUNCTION, AVALUE, ATABLE, AVALUE));
	OP(GETG, 0, 0, 0, 0);
	OP(LIB, 2, 0, 2, KTAP_LIB_SORT);
	OP(CLOSURE, 3, 2, 0, (int32_t)closure - 1);
	OP(LIB, 0, 2, 1, KTAP_LIB_FREE);
	OP(TNEW, 5, 0, 0, 0);
	OP(MOVV, 4, 3, 0, 0);
	OP(SETG, 4, 0, 0, 2); /* keeps the closure, whose table is gone */
	OP(CALLV, 6, 3, 1, 0); /* INDEX */
	end();
	null = begin(a, ANIL, 0, REGISTERS(ATABLE));
	OP(LIB, 0, 0, 1, KTAP_LIB_FREE);
	end();
	r = must_load(a);
	CHECK(!call(r, 0) && !call(r, fill), "fill: %u", r->code);
	before = free_cells(r);
	for (int n = 0; n < 50; n++)
		CHECK(call(r, again) == KTAP_ERROR_INDEX && free_cells(r) == before,
		      "again: %u at %u, %u of %u cells", r->code, ktap_exec_error(r->main)->instruction,
		      free_cells(r), before);
	for (int n = 0; n < 3; n++) {
		CHECK(!call(r, kept) && printed_integer(r) == 5, "kept: %u, %lld", r->code,
		      (long long)printed_integer(r));
		ktap_program_reclaim(r->program);
		ktap_program_reclaim(r->program);
		CHECK(before - free_cells(r) == 6, "kept: %u cells", before - free_cells(r));
	}
	before = free_cells(r);
	for (int n = 0; n < 3; n++) {
		CHECK(call(r, closure) == KTAP_ERROR_INDEX, "closure: %u at %u", r->code,
		      ktap_exec_error(r->main)->instruction);
		ktap_program_reclaim(r->program);
		ktap_program_reclaim(r->program);
		CHECK(before - free_cells(r) == 1, "closure: %u cells", before - free_cells(r));
	}
	CHECK(call(r, null) == KTAP_ERROR_INDEX, "null: %u", r->code);
	unload(r);
}

/* Fuel and memory end a sort anywhere; nothing is lost. */
static void test_ends(void)
{
	for (int64_t fuel = 40; fuel < 3000; fuel += 37) {
		uint32_t fill, sort, before;
		struct run *r;

		world(AVALUE, 1, AINT, 0);
		a->main_fuel = 3000;
		fill = function();
		for (int n = 0; n < 60; n++) {
			integer(A, n * 37 % 61);
			OP(TSET, T, A, A, 1);
		}
		end();
		sort = function();
		sorted_loop(1);
		a->main_fuel = (uint64_t)(fuel > 300 ? fuel : 300);
		a->memory = fuel > 300 ? 64 << 10 : 4096 + 256 * (uint32_t)(fuel / 37);
		r = must_load(a);
		call(r, 0);
		CHECK(!call(r, fill), "fill: %u", r->code);
		before = free_cells(r);
		call(r, sort);
		CHECK(r->code == 0 || r->code == KTAP_ERROR_FUEL || r->code == KTAP_ERROR_MEMORY, "fuel %lld: %u",
		      (long long)fuel, r->code);
		CHECK(fuel < 2900 || !r->code, "enough fuel: %u", r->code);
		CHECK(fuel > 100 || r->code, "too little");
		CHECK(free_cells(r) == before, "fuel %lld: %u of %u cells", (long long)fuel, free_cells(r), before);
		unload(r);
	}
}

void test_sort(void)
{
	test_keys();
	test_counts();
	test_comparing();
	test_aggregates_too();
	test_free();
	test_ends();
}
