// SPDX-License-Identifier: GPL-2.0-or-later
/* Aggregates: what is added is what is read, on one CPU and on several; the pool gets all back. */
#include <stdlib.h>
#include <string.h>

#include "run.h"

enum { T, A, V, G, N, K, S, CT, CS, CI, REGS };

static const uint16_t masks[] = { ATABLE, AINT | ASTR, AVALUE, AAGGREGATE | ANIL, AINT | ANIL, AINT,
				  ASTR, ATABLE, AINT, AINT, 0 };

#define ALL (KTAP_AGGREGATE_SQUARES | KTAP_AGGREGATE_HIST | KTAP_AGGREGATE_LHIST)

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

/* Site 0, a global table made by function 0; formats 0 .. 4 of so many values. */
static void world(uint32_t keeps, int64_t low, int64_t high, int64_t step)
{
	a = assembly_new();
	for (uint32_t n = 0; n <= 4; n++)
		add_format(a, n);
	add_global(a, ATABLE);
	add_aggregate(a, keeps, AINT | ASTR, low, high, step);
	add_probe(a, KTAP_PROBE_MAIN, begin(a, ANIL, 0, masks), "", 0);
	OP(TNEW, T, 0, 0, 0);
	OP(SETG, T, 0, 0, 0);
	end();
}

/* A function that adds these values to the entry 7. */
static uint32_t adding(const int64_t *values, uint32_t count)
{
	uint32_t f = function();

	OP(LDI, K, 0, 0, 7);
	OP(MOVV, A, K, 0, 0);
	for (uint32_t n = 0; n < count; n++) {
		OP(LDK, K, 0, 0, (int32_t)add_integer(a, values[n]));
		OP(TAGG, T, K, A, 1);
	}
	end();
	return f;
}

/* Prints a library function's answer about the entry 7. */
static uint32_t asking(uint32_t id)
{
	uint32_t f = function();

	OP(LDI, K, 0, 0, 7);
	OP(MOVV, A, K, 0, 0);
	OP(TGET, G, T, A, 1);
	OP(LIB, id == KTAP_LIB_AGGREGATE_HIST || id == KTAP_LIB_AGGREGATE_LHIST ? G : N, G, 1, (int32_t)id);
	if (id == KTAP_LIB_AGGREGATE_HIST || id == KTAP_LIB_AGGREGATE_LHIST)
		OP(EMIT, 0, G, 1, 1);
	else
		OP(EMIT, 0, N, 1, 1);
	end();
	return f;
}

/* The aggregate that the last call printed as its first value. */
static struct ktap_record_aggregate total(const struct run *r)
{
	struct ktap_record_aggregate t = { 0 };
	struct printed p = printed(r, 0, 0);

	if (p.kind == KTAP_KIND_AGGREGATE && p.length >= sizeof(t))
		memcpy(&t, p.text, sizeof(t));
	return t;
}

static struct ktap_record_bucket bucket(const struct run *r, uint32_t n)
{
	struct ktap_record_bucket b = { .index = 0x7777 };
	struct printed p = printed(r, 0, 0);

	if (p.length >= sizeof(struct ktap_record_aggregate) + (n + 1) * sizeof(b))
		memcpy(&b, p.text + sizeof(struct ktap_record_aggregate) + n * sizeof(b), sizeof(b));
	return b;
}

static void check_buckets(const struct run *r, const char *what, uint32_t view,
			  const int32_t (*expected)[2], uint32_t count)
{
	CHECK(printed(r, 0, 0).kind == KTAP_KIND_AGGREGATE && printed(r, 0, 0).aux == view &&
		      total(r).bucket_count == count,
	      "%s: %u buckets", what, total(r).bucket_count);
	for (uint32_t n = 0; n < count; n++)
		CHECK(bucket(r, n).index == expected[n][0] &&
			      bucket(r, n).count == (uint64_t)expected[n][1],
		      "%s %u: %d counts %llu", what, n, bucket(r, n).index,
		      (unsigned long long)bucket(r, n).count);
}

static void test_numbers(void)
{
	static const int64_t values[] = { 3, -8, 100, 7, 0, 100, INT64_MAX, INT64_MIN, 1, -1 };
	static const struct {
		uint32_t id;
		int64_t answer;
	} answers[] = {
		{ KTAP_LIB_AGGREGATE_COUNT, 10 },
		{ KTAP_LIB_AGGREGATE_SUM, 201 },
		{ KTAP_LIB_AGGREGATE_MIN, INT64_MIN },
		{ KTAP_LIB_AGGREGATE_MAX, INT64_MAX },
		{ KTAP_LIB_AGGREGATE_AVG, 20 },
		/* sqrt(10 * (2^126 + (2^63 - 1)^2 + 20124) - 201^2) / 10, the integer part */
		{ KTAP_LIB_AGGREGATE_STDDEV, 4124817371235594858 },
	};
	static const int32_t powers[][2] = { { -64, 1 }, { -4, 1 }, { -1, 1 }, { 0, 1 }, { 1, 1 },
					     { 2, 1 },	 { 3, 1 },  { 7, 2 },  { 63, 1 } };
	static const int32_t linear[][2] = { { -1, 3 }, { 0, 2 }, { 1, 1 }, { 2, 1 }, { 4, 3 } };
	uint32_t add, ask[6], hist, lhist, plain, text;
	struct run *r;

	world(ALL, 0, 10, 3);
	add = adding(values, 10);
	for (int n = 0; n < 6; n++)
		ask[n] = asking(answers[n].id);
	hist = asking(KTAP_LIB_AGGREGATE_HIST);
	lhist = asking(KTAP_LIB_AGGREGATE_LHIST);
	plain = function();
	OP(LDI, K, 0, 0, 7);
	OP(MOVV, A, K, 0, 0);
	OP(TGET, G, T, A, 1);
	OP(EMIT, 0, G, 1, 1);
	end();
	text = function();
	OP(LDI, K, 0, 0, 7);
	OP(MOVV, A, K, 0, 0);
	OP(TGET, G, T, A, 1);
	OP(LIB, S, G, 1, KTAP_LIB_TOSTRING);
	OP(EMIT, 0, S, 1, 1);
	end();
	r = must_load(a);
	CHECK(!call(r, 0), "table: %u", r->code);
	for (int n = 0; n < 6; n++) {
		bool zero = answers[n].id == KTAP_LIB_AGGREGATE_COUNT ||
			    answers[n].id == KTAP_LIB_AGGREGATE_SUM;

		CHECK(!call(r, ask[n]) && (zero ? printed_integer(r) == 0 :
						  printed(r, 0, 0).kind == KTAP_KIND_NIL),
		      "%s of nothing: %u", ktap_library_info(answers[n].id)->name, r->code);
	}
	CHECK(!call(r, hist) && printed(r, 0, 0).kind == KTAP_KIND_NIL, "hist of nothing");
	CHECK(!call(r, add), "add: %u", r->code);
	for (int n = 0; n < 6; n++)
		CHECK(!call_probe(r, ask[n]) && printed_integer(r) == answers[n].answer, "%s: %lld",
		      ktap_library_info(answers[n].id)->name, (long long)printed_integer(r));
	CHECK(!call(r, hist), "hist: %u", r->code);
	check_buckets(r, "hist", KTAP_VIEW_HIST, powers, 9);
	CHECK(!total(r).low && !total(r).step && !total(r).steps, "hist has no width");
	CHECK(!call_probe(r, lhist), "lhist: %u", r->code);
	check_buckets(r, "lhist", KTAP_VIEW_LHIST, linear, 5);
	CHECK(!total(r).low && total(r).step == 3 && total(r).steps == 4, "lhist's width");
	CHECK(!call(r, plain) && printed(r, 0, 0).aux == KTAP_VIEW_SUMMARY &&
		      printed(r, 0, 0).length == sizeof(struct ktap_record_aggregate) &&
		      total(r).count == 10 && total(r).sum == 201 && total(r).least == INT64_MIN &&
		      total(r).most == INT64_MAX && total(r).squares[1] == 0x7fffffffffffffff &&
		      total(r).squares[0] == 0x4e9d,
	      "the summary: %llx %llx", (unsigned long long)total(r).squares[1],
	      (unsigned long long)total(r).squares[0]);
	CHECK(!call(r, text) &&
		      !strcmp(printed_text(r), "count 10, avg 20, min -9223372036854775808, max 9223372036854775807"),
	      "%s", printed_text(r));
	unload(r);
}

/* Without flags nothing is kept but the numbers. */
static void test_plain(void)
{
	static const int64_t values[] = { 5, 6 };
	uint32_t add, hist, deviation, avg;
	struct run *r;

	world(0, 0, 0, 0);
	add = adding(values, 2);
	hist = asking(KTAP_LIB_AGGREGATE_HIST);
	deviation = asking(KTAP_LIB_AGGREGATE_STDDEV);
	avg = asking(KTAP_LIB_AGGREGATE_AVG);
	r = must_load(a);
	CHECK(!call(r, 0) && !call(r, add) && !call(r, hist) && total(r).count == 2 &&
		      !total(r).bucket_count && !total(r).squares[0],
	      "hist that was not kept: %u", r->code);
	CHECK(!call(r, deviation) && printed(r, 0, 0).kind == KTAP_KIND_NIL, "nor squares");
	CHECK(!call(r, avg) && printed_integer(r) == 5, "avg truncates: %lld",
	      (long long)printed_integer(r));
	unload(r);
}

#ifdef __SIZEOF_INT128__
/* Against sums that the test makes itself, of values of all sizes. */
static void test_random(void)
{
	static const struct {
		int64_t low, high, step;
	} bounds[] = {
		{ 0, 100, 10 },	     { -5, 6, 1 },
		{ -1000, 1000, 16 }, { INT64_MIN, INT64_MAX, INT64_MAX / 60 },
		{ 0, 128, 1 },	     { INT64_MAX - 10, INT64_MAX, 7 },
		{ 0, 1, INT64_MAX }, { INT64_MIN, INT64_MIN + 1, 1 },
	};
	uint64_t state = 12345;

	for (uint32_t round = 0; round < sizeof(bounds) / sizeof(*bounds); round++) {
		uint64_t powers[129] = { 0 }, linear[130] = { 0 };
		int64_t values[400], least = INT64_MAX, most = INT64_MIN;
		uint64_t sum = 0;
		uint32_t steps = 0, add[4], hist, lhist, deviation, seen = 0;
		unsigned __int128 square = 0, root;
		struct run *r;

		for (__int128 at = bounds[round].low; at < bounds[round].high; at += bounds[round].step)
			steps++;
		for (uint32_t n = 0; n < 400; n++) {
			int power = 0;

			state = state * 6364136223846793005ull + 1442695040888963407ull;
			/* within 32 bits: then the deviation is exact in 128 bits */
			values[n] = (int64_t)(state ^ state >> 29) >> (32 + state % 32);
			if (n < 2)
				values[n] = n ? bounds[round].low : bounds[round].high;
			least = values[n] < least ? values[n] : least;
			most = values[n] > most ? values[n] : most;
			sum += (uint64_t)values[n];
			square += (unsigned __int128)((__int128)values[n] * values[n]);
			for (unsigned __int128 m = values[n] < 0 ? (unsigned __int128)-(__int128)values[n] :
								   (unsigned __int128)values[n];
			     m; m >>= 1)
				power++;
			powers[(values[n] < 0 ? -power : power) + 64]++;
			if (values[n] < bounds[round].low)
				linear[0]++;
			else if (((__int128)values[n] - bounds[round].low) / bounds[round].step >= steps)
				linear[steps + 1]++;
			else
				linear[((__int128)values[n] - bounds[round].low) / bounds[round].step + 1]++;
		}
		world(ALL, bounds[round].low, bounds[round].high, bounds[round].step);
		a->memory = 8 << 10;
		for (int cpu = 0; cpu < 4; cpu++)
			add[cpu] = adding(values + 100 * cpu, 100);
		hist = asking(KTAP_LIB_AGGREGATE_HIST);
		lhist = asking(KTAP_LIB_AGGREGATE_LHIST);
		deviation = asking(KTAP_LIB_AGGREGATE_STDDEV);
		r = must_load(a);
		call(r, 0);
		for (uint32_t cpu = 0; cpu < 4; cpu++) {
			ktap_simulate_cpu(cpu * 5);
			CHECK(!call_probe(r, add[cpu]), "CPU %u: %u", cpu, r->code);
		}
		ktap_simulate_cpu(0);
		CHECK(!call(r, hist) && total(r).count == 400 && total(r).sum == (int64_t)sum &&
			      total(r).least == least && total(r).most == most &&
			      total(r).squares[0] == (uint64_t)square &&
			      total(r).squares[1] == (uint64_t)(square >> 64),
		      "round %u: numbers", round);
		for (uint32_t n = 0; n < 129; n++)
			if (powers[n] && (bucket(r, seen).index != (int)n - 64 ||
					  bucket(r, seen++).count != powers[n]))
				CHECK(false, "round %u, power %d", round, (int)n - 64);
		CHECK(seen == total(r).bucket_count, "round %u: %u powers", round, seen);
		CHECK(!call(r, lhist) && total(r).steps == steps, "round %u: lhist %u, not %u", round,
		      total(r).steps, steps);
		seen = 0;
		for (uint32_t n = 0; n < steps + 2; n++)
			if (linear[n] && (bucket(r, seen).index != (int)n - 1 ||
					  bucket(r, seen++).count != linear[n]))
				CHECK(false, "round %u, step %d", round, (int)n - 1);
		CHECK(seen == total(r).bucket_count, "round %u: %u steps", round, seen);
		call(r, deviation);
		root = (unsigned __int128)printed_integer(r);
		if (bounds[round].high < 1 << 20 && bounds[round].low > -(1 << 20)) {
			unsigned __int128 spread =
				400 * square - (unsigned __int128)((__int128)(int64_t)sum * (int64_t)sum);

			CHECK(root * root * 400 * 400 <= spread &&
				      (root + 1) * (root + 1) * 400 * 400 > spread,
			      "round %u: stddev %lld", round, (long long)printed_integer(r));
		}
		unload(r);
	}
}
#else
static void test_random(void)
{
}
#endif

/* Whatever ends an aggregate gives all of its cells back. */
static void test_cells(void)
{
	int64_t values[140];
	uint32_t add, drop, clear, whole, before;
	struct run *r;

	for (int n = 0; n < 140; n++)
		values[n] = n < 64 ? (int64_t)(1ull << n) : n - 70;
	world(ALL, -70, 58, 1);
	add = adding(values, 140);
	drop = function();
	OP(LDI, K, 0, 0, 7);
	OP(MOVV, A, K, 0, 0);
	OP(LDNIL, V, 0, 0, 0);
	OP(TSET, T, V, A, 1);
	end();
	clear = function();
	OP(TCLEAR, T, 0, 0, 0);
	end();
	whole = begin(a, ANIL, 0, masks); /* a table that ends with the run */
	OP(TNEW, T, 0, 0, 0);
	for (int n = 0; n < 9; n++) {
		OP(LDI, K, 0, 0, 1 << n);
		OP(MOVV, A, K, 0, 0);
		OP(TAGG, T, K, A, 1);
	}
	end();
	r = must_load(a);
	call(r, 0);
	before = free_cells(r);
	for (int round = 0; round < 3; round++) {
		for (uint32_t cpu = 0; cpu < 8; cpu++) {
			ktap_simulate_cpu(cpu);
			CHECK(!call(r, add), "add: %u", r->code);
		}
		/* the entry, 8 parts, the powers -64 and -3 .. 63, the steps -1 and 64 .. 128, by sixes */
		CHECK(before - free_cells(r) == 1 + 8 + 13 + 13, "%u cells", before - free_cells(r));
		CHECK(!call(r, round ? clear : drop) && free_cells(r) == before, "%u of %u cells",
		      free_cells(r), before);
		CHECK(!call(r, whole) && free_cells(r) == before, "%u of %u cells", free_cells(r), before);
	}
	ktap_simulate_cpu(0);
	unload(r);
}

/* The pool's end at every cell: an error, and nothing is lost. */
static void test_memory_limit(void)
{
	static const int64_t values[] = { 1, 1000, 1000000, -5, 1ll << 60, -(1ll << 60), 77 };

	for (uint32_t memory = 256; memory < 1600; memory += 64) {
		uint32_t add, clear, before;
		struct run *r;

		world(ALL, 0, 100, 1);
		add = adding(values, 7);
		clear = function();
		OP(TCLEAR, T, 0, 0, 0);
		end();
		a->memory = memory;
		r = must_load(a);
		CHECK(!call(r, 0), "table: %u", r->code);
		before = free_cells(r);
		for (uint32_t cpu = 0; cpu < 3; cpu++) {
			ktap_simulate_cpu(cpu);
			if (call(r, add))
				CHECK(r->code == KTAP_ERROR_MEMORY &&
					      ktap_exec_error(r->main)->detail[0] == memory,
				      "%u bytes: %u", memory, r->code);
		}
		CHECK(!call(r, clear) && free_cells(r) == before, "%u bytes: %u of %u", memory,
		      free_cells(r), before);
		ktap_simulate_cpu(0);
		unload(r);
	}
}

static void test_errors(void)
{
	uint32_t other, store, sum, key, null;
	struct run *r;

	world(0, 0, 0, 0);
	add_table(a, AVALUE, 1, AINT, 0, 0, 0);
	other = begin(a, ANIL, 0, masks); /* <<< on a table of values */
	OP(TNEW, T, 0, 0, 1);
	OP(MOVV, A, K, 0, 0);
	OP(TAGG, T, K, A, 1);
	end();
	store = function(); /* an integer into a table of aggregates */
	OP(MOVV, A, K, 0, 0);
	OP(MOVV, V, K, 0, 0);
	OP(TSET, T, V, A, 1);
	end();
	sum = function();
	OP(MOVV, A, K, 0, 0);
	OP(TADD, T, K, A, 1);
	end();
	key = function(); /* two parts */
	OP(MOVV, A, K, 0, 0);
	OP(TAGG, T, K, A, 2);
	end();
	null = begin(a, ANIL, 0, masks);
	OP(MOVV, A, K, 0, 0);
	OP(TAGG, T, K, A, 1);
	end();
	r = must_load(a);
	call(r, 0);
	CHECK(call(r, other) == KTAP_ERROR_VALUE_KIND, "%u", r->code);
	CHECK(call(r, store) == KTAP_ERROR_VALUE_KIND, "%u", r->code);
	CHECK(call(r, sum) == KTAP_ERROR_VALUE_KIND, "%u", r->code);
	CHECK(call(r, key) == KTAP_ERROR_KEY_KIND, "%u", r->code);
	CHECK(call(r, null) == KTAP_ERROR_INDEX, "%u", r->code);
	unload(r);
}

/* A stored aggregate is refused even to code that no compiler would write. */
static void test_stored(void)
{
	struct run *r;
	uint32_t store;

	world(0, 0, 0, 0);
	store = begin(a, ANIL, 0, REGISTERS(ATABLE, AINT, AAGGREGATE));
	OP(GETG, 0, 0, 0, 0);
	OP(TSET, 0, 2, 1, 1);
	end();
	r = must_load(a);
	call(r, 0);
	CHECK(call(r, store) == KTAP_ERROR_VALUE_KIND &&
		      ktap_exec_error(r->main)->detail[0] == KTAP_KIND_AGGREGATE,
	      "%u", r->code);
	unload(r);
}

/* Snapshots are moved when room is made: many more are read than the arena holds. */
static void test_moving(void)
{
	int64_t values[140];
	uint32_t add, many, loop, jump, body;
	struct run *r;

	for (int n = 0; n < 140; n++)
		values[n] = n < 64 ? (int64_t)(1ull << n) : n - 70;
	world(ALL, -70, 58, 1);
	add = adding(values, 140);
	many = begin(a, ANIL, 0, REGISTERS(ATABLE, AINT, AAGGREGATE | ANIL, AAGGREGATE | ANIL, AINT | ANIL,
					   AINT, ATABLE, AINT, AINT, AINT, AAGGREGATE));
	OP(GETG, 0, 0, 0, 0);
	OP(LDI, 1, 0, 0, 7);
	OP(TGET, 2, 0, 1, 1);
	OP(LIB, 2, 2, 1, KTAP_LIB_AGGREGATE_HIST); /* one that lives on */
	loop = OP(TGET, 3, 0, 1, 1);
	OP(ITER, 6, 0, 0, 0);
	jump = OP(JMP, 0, 0, 0, 0);
	body = OP(LIB, 3, 3, 1, KTAP_LIB_AGGREGATE_LHIST);
	patch(a, jump, a->instruction_count);
	jump = OP(NEXT, 6, 9, 2, 0);
	patch(a, jump, body);
	OP(ADDI, 5, 5, 0, 1);
	op(a, KTAP_OP_JLTI, 5, 100, 0, (int32_t)loop - (int32_t)a->instruction_count - 1);
	OP(LIB, 4, 2, 1, KTAP_LIB_AGGREGATE_COUNT);
	OP(EMIT, 0, 2, 3, 3);
	end();
	r = must_load(a);
	CHECK(!call(r, 0) && !call(r, add) && !call(r, many), "many: %u", r->code);
	CHECK(printed(r, 0, 0).aux == KTAP_VIEW_HIST && total(r).count == 140 &&
		      total(r).bucket_count == 68 && bucket(r, 0).index == -64 &&
		      printed(r, 0, 1).aux == KTAP_VIEW_LHIST && printed(r, 0, 2).integer == 140,
	      "what is left of them: %u buckets from %d", total(r).bucket_count, bucket(r, 0).index);
	unload(r);
}

static void test_sites(void)
{
	static const struct {
		const char *what;
		uint32_t keeps;
		int64_t low, high, step;
		bool good;
	} cases[] = {
		{ "plain", 0, 0, 0, 0, true },
		{ "an unknown flag", 8, 0, 0, 0, false },
		{ "a width without the flag", KTAP_AGGREGATE_HIST, 0, 0, 1, false },
		{ "no width", KTAP_AGGREGATE_LHIST, 0, 10, 0, false },
		{ "a width below 0", KTAP_AGGREGATE_LHIST, 0, 10, -1, false },
		{ "low is high", KTAP_AGGREGATE_LHIST, 10, 10, 1, false },
		{ "low above high", KTAP_AGGREGATE_LHIST, 11, 10, 1, false },
		{ "as many buckets as may be", KTAP_AGGREGATE_LHIST, 0, KTAP_MAX_BUCKETS, 1, true },
		{ "one more", KTAP_AGGREGATE_LHIST, 0, KTAP_MAX_BUCKETS + 1, 1, false },
		{ "one more of two", KTAP_AGGREGATE_LHIST, 0, 2 * KTAP_MAX_BUCKETS + 1, 2, false },
		{ "the last one cut", KTAP_AGGREGATE_LHIST, 0, 2 * KTAP_MAX_BUCKETS - 1, 2, true },
		{ "everything", ALL, INT64_MIN, INT64_MAX, INT64_MAX / 32, true },
		{ "everything by ones", ALL, INT64_MIN, INT64_MAX, 1, false },
	};
	struct run *r;

	for (uint32_t n = 0; n < sizeof(cases) / sizeof(*cases); n++) {
		world(cases[n].keeps, cases[n].low, cases[n].high, cases[n].step);
		r = load(a);
		CHECK((r->program != NULL) == cases[n].good, "%s: %s", cases[n].what, r->diagnostic.text);
		unload(r);
	}
	/* Flags on other kinds of values, and aggregates beside other kinds. */
	for (int n = 0; n < 3; n++) {
		uint8_t *file;

		world(0, 0, 0, 0);
		file = a->section[KTAP_SECTION_TABLES].data;
		file[offsetof(struct ktap_file_table, value)] =
			n == 0 ? KTAP_MASK_INT : n == 1 ? KTAP_MASK_AGGREGATE | KTAP_MASK_NIL : KTAP_MASK_INT;
		file[offsetof(struct ktap_file_table, aggregate)] = n == 0 ? KTAP_AGGREGATE_HIST : 0;
		r = load(a);
		CHECK((r->program != NULL) == (n == 2), "mask %d: %s", n, r->diagnostic.text);
		unload(r);
	}
}

void test_aggregates(void)
{
	test_numbers();
	test_plain();
	test_random();
	test_cells();
	test_memory_limit();
	test_errors();
	test_stored();
	test_moving();
	test_sites();
}
