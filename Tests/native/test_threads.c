// SPDX-License-Identifier: GPL-2.0-or-later
/* Many threads in one program: atomic sums, insertion against deletion, iteration, references. */
#include <pthread.h>
#include <stdlib.h>
#include <string.h>

#include "run.h"

#define THREADS 4
#define ROUNDS 300

enum { T, A, F, V, CT, CS, CI, REGS };

static const uint16_t masks[] = { ATABLE | ANIL, AVALUE, AINT, AVALUE, ATABLE, AINT, AINT, 0 };

static struct run *shared;
static unsigned int failures;

static const uint32_t *jobs;

static void *thread(void *number)
{
	struct ktap_exec *x = ktap_exec_new(KTAP_EXEC_PROBE);
	struct output *o = output_new();
	size_t n = (size_t)number;
	uint32_t code;

	o->keep = false;
	ktap_simulate_cpu((uint32_t)n);
	ktap_exec_set_owner(x, o);
	for (int round = 0; round < ROUNDS; round++) {
		code = ktap_run(x, shared->program, jobs[n], NULL);
		if (code) {
			__atomic_add_fetch(&failures, 1, __ATOMIC_SEQ_CST);
			printf("thread %zu: error %u at instruction %u\n", n, code,
			       ktap_exec_error(x)->instruction);
			break;
		}
	}
	ktap_exec_free(x);
	output_free(o);
	return NULL;
}

static void race(const uint32_t functions[THREADS])
{
	pthread_t threads[THREADS];

	jobs = functions;
	failures = 0;
	for (size_t n = 0; n < THREADS; n++)
		if (pthread_create(&threads[n], NULL, thread, (void *)n))
			abort();
	for (size_t n = 0; n < THREADS; n++)
		pthread_join(threads[n], NULL);
	CHECK(!failures, "%u threads failed", failures);
}

/* for F = 0 .. 99: A = F, then the body. */
#define LOOP(...)                                                                                  \
	do {                                                                                       \
		uint32_t loop_start;                                                               \
		OP(LDI, F, 0, 0, 0);                                                               \
		loop_start = OP(MOVV, A, F, 0, 0);                                                 \
		__VA_ARGS__;                                                                       \
		OP(ADDI, F, F, 0, 1);                                                              \
		op(a, KTAP_OP_JLTI, F, 100, 0,                                                     \
		   (int32_t)loop_start - (int32_t)a->instruction_count - 1);                       \
		OP(RETNIL, 0, 0, 0, 0);                                                            \
	} while (0)

static uint32_t function(struct assembly *a)
{
	uint32_t f = begin(a, ANIL, 0, masks);

	OP(GETG, CT, 0, 0, 0);
	return f;
}

/* Sums of all threads into the same aggregates, while others read and delete them. */
static void race_aggregates(void)
{
	static const uint16_t regs[] = { ATABLE, AINT, AINT, AAGGREGATE | ANIL, AINT | ANIL, ATABLE, AINT, AINT,
					 AINT, AAGGREGATE, ANIL, AAGGREGATE | ANIL, 0 };
	struct assembly *a = assembly_new();
	uint32_t add, read, walk, drop, total, loop, jump, body, before;

	a->probe_fuel = 100000;
	a->memory = 256 << 10;
	add_global(a, ATABLE);
	add_aggregate(a, KTAP_AGGREGATE_SQUARES | KTAP_AGGREGATE_HIST | KTAP_AGGREGATE_LHIST, AINT, -50, 50,
		      10);
	add_format(a, 1);
	add_format(a, 3);
	add_probe(a, KTAP_PROBE_MAIN, begin(a, ANIL, 0, regs), "", 0);
	OP(TNEW, 0, 0, 0, 0);
	OP(SETG, 0, 0, 0, 0);
	OP(RETNIL, 0, 0, 0, 0);
	add = begin(a, ANIL, 0, regs); /* t[v & 7] <<< v for v in -60 .. 59 */
	OP(GETG, 0, 0, 0, 0);
	OP(LDI, 1, 0, 0, -60);
	loop = OP(ANDI, 2, 1, 0, 7);
	OP(TAGG, 0, 1, 2, 1);
	OP(ADDI, 1, 1, 0, 1);
	op(a, KTAP_OP_JLTI, 1, 60, 0, (int32_t)loop - (int32_t)a->instruction_count - 1);
	OP(RETNIL, 0, 0, 0, 0);
	read = begin(a, ANIL, 0, regs);
	OP(GETG, 0, 0, 0, 0);
	OP(LDI, 2, 0, 0, 3);
	OP(TGET, 3, 0, 2, 1);
	OP(EMIT, 0, 3, 1, 0);
	OP(RETNIL, 0, 0, 0, 0);
	walk = begin(a, ANIL, 0, regs);
	OP(GETG, 0, 0, 0, 0);
	OP(ITER, 5, 0, 0, 0);
	jump = OP(JMP, 0, 0, 0, 0);
	body = OP(EMIT, 0, 9, 1, 0);
	patch(a, jump, a->instruction_count);
	jump = OP(NEXT, 5, 8, 2, 0);
	patch(a, jump, body);
	OP(RETNIL, 0, 0, 0, 0);
	drop = begin(a, ANIL, 0, regs);
	OP(GETG, 0, 0, 0, 0);
	OP(LDI, 1, 0, 0, 0);
	loop = OP(TSET, 0, 10, 1, 1);
	OP(ADDI, 1, 1, 0, 1);
	op(a, KTAP_OP_JLTI, 1, 8, 0, (int32_t)loop - (int32_t)a->instruction_count - 1);
	OP(RETNIL, 0, 0, 0, 0);
	total = begin(a, ANIL, 0, regs); /* hist and lhist of t[3], sum */
	OP(GETG, 0, 0, 0, 0);
	OP(LDI, 2, 0, 0, 3);
	OP(TGET, 3, 0, 2, 1);
	OP(LIB, 11, 3, 1, KTAP_LIB_AGGREGATE_LHIST);
	OP(EMIT, 0, 11, 1, 0);
	OP(RETNIL, 0, 0, 0, 0);

	shared = must_load(a);
	call(shared, 0);
	before = free_cells(shared);
	race((const uint32_t[]){ add, add, add, add });
	for (int round = 0; round < 2; round++) {
		struct ktap_record_aggregate t = { 0 };
		struct ktap_record_bucket b;
		uint64_t counted = 0, times = round ? 2 : 4;
		struct printed p;

		call(shared, total);
		p = printed(shared, 0, 0);
		if (p.length >= sizeof(t))
			memcpy(&t, p.text, sizeof(t));
		/* -53, -45, ... 59: fifteen values, their sum is 45 */
		CHECK(t.count == times * ROUNDS * 15 && t.sum == (int64_t)times * ROUNDS * 45 &&
			      t.least == -53 && t.most == 59 && t.bucket_count == 12,
		      "count %llu, sum %lld, %lld .. %lld, %u buckets", (unsigned long long)t.count,
		      (long long)t.sum, (long long)t.least, (long long)t.most, t.bucket_count);
		for (uint32_t n = 0; n < t.bucket_count; n++) {
			memcpy(&b, p.text + sizeof(t) + n * sizeof(b), sizeof(b));
			counted += b.count;
		}
		CHECK(counted == t.count, "%llu in buckets", (unsigned long long)counted);
		if (!round) {
			race((const uint32_t[]){ add, drop, walk, read });
			call(shared, drop);
			race((const uint32_t[]){ add, read, walk, add });
		}
	}
	call(shared, drop);
	CHECK(free_cells(shared) == before, "%u of %u cells", free_cells(shared), before);
	unload(shared);
}

/* The same stacks taken by all threads at once are each kept once. */
static void race_stacks(void)
{
	struct assembly *a = assembly_new();
	uint32_t take, before, loop;

	a->memory = 256 << 10;
	a->probe_fuel = 100000;
	add_global(a, ASTACK);
	add_probe(a, KTAP_PROBE_MAIN, begin(a, ANIL, 0, masks), "", 0);
	OP(RETNIL, 0, 0, 0, 0);
	take = begin(a, ANIL, 0, REGISTERS(AINT, AINT, ASTACK));
	loop = OP(LDI, 0, 0, 0, 30);
	OP(LIB, 2, 0, 2, KTAP_LIB_STACK);
	OP(SETG, 2, 0, 0, 0);
	OP(GETG, 2, 0, 0, 0);
	OP(ADDI, 1, 1, 0, 1);
	op(a, KTAP_OP_JLTI, 1, 100, 0, (int32_t)loop - (int32_t)a->instruction_count - 1);
	OP(RETNIL, 0, 0, 0, 0);
	shared = must_load(a);
	before = free_cells(shared);
	race((const uint32_t[]){ take, take, take, take });
	/* 30 frames are 1 + 4 cells */
	CHECK(before - free_cells(shared) == 100 * 5, "%u cells", before - free_cells(shared));
	unload(shared);
}

void test_threads(void)
{
	struct assembly *a = assembly_new();
	uint32_t add, text, flip, walk, clear, swap, fetch, total, jump, body, swap_closure, call_closure;

	a->probe_fuel = 100000;
	a->memory = 256 << 10;
	add_global(a, ATABLE); /* 0: the table */
	add_global(a, AINT); /* 1: a sum */
	add_global(a, AINT | ANIL); /* 2: another, under a lock */
	add_global(a, ASTR | AINT); /* 3 */
	add_global(a, ATABLE | ANIL); /* 4: tables come and go */
	add_global(a, AFUNCTION | ANIL); /* 5, 6: closures come and go */
	add_global(a, AFUNCTION | ANIL);
	add_global(a, AVALUE); /* 7: the same, under a lock */
	add_table(a, AVALUE, 1, AINT | ASTR, 0, 0, 0);
	add_format(a, 3);
	add_string(a, "a string that is longer than an entry's words, so that cells are chained");
	add_string(a, "another");
	add_probe(a, KTAP_PROBE_MAIN, begin(a, ANIL, 0, masks), "", 0);
	OP(TNEW, CT, 0, 0, 0);
	OP(SETG, CT, 0, 0, 0);
	OP(RETNIL, 0, 0, 0, 0);

	add = function(a);
	OP(LDI, CS, 0, 0, 1);
	LOOP(OP(TADD, CT, CS, A, 1); OP(ADDG, CS, 0, 0, 1); OP(ADDG, CS, 0, 0, 2));
	text = begin(a, ANIL, 0, REGISTERS(ASTR, ASTR | AINT, AINT));
	for (int n = 0; n < 50; n++) {
		OP(LDS, 0, 0, 0, n % 2);
		OP(SETG, 0, 0, 0, 3);
		OP(GETG, 1, 0, 0, 3);
	}
	OP(RETNIL, 0, 0, 0, 0);
	flip = function(a); /* sets and deletes, with string values */
	LOOP(OP(ADDI, CS, F, 0, 1000); OP(MOVV, A, CS, 0, 0); OP(LIB, CI, 0, 0, KTAP_LIB_CPU);
	     OP(TSET, CT, CS, A, 1); OP(TGET, V, CT, A, 1); OP(LDNIL, V, 0, 0, 0);
	     OP(TSET, CT, V, A, 1));
	walk = begin(a, ANIL, 0, masks);
	OP(GETG, T, 0, 0, 0);
	OP(CHECK, CT, T, 0, KTAP_ERROR_INDEX);
	OP(ITER, CT, CT, 0, 0);
	jump = OP(JMP, 0, 0, 0, 0);
	body = OP(MOVV, V, A, 0, 0);
	patch(a, jump, a->instruction_count);
	jump = OP(NEXT, CT, A, 1, 0);
	patch(a, jump, body);
	OP(RETNIL, 0, 0, 0, 0);
	clear = function(a);
	OP(TCLEAR, CT, 0, 0, 0);
	OP(RETNIL, 0, 0, 0, 0);
	swap = begin(a, ANIL, 0, masks); /* a new table into the global, every time */
	OP(TNEW, CT, 0, 0, 0);
	OP(LDI, F, 0, 0, 1);
	OP(MOVV, A, F, 0, 0);
	OP(TSET, CT, F, A, 1);
	OP(SETG, CT, 0, 0, 4);
	OP(RETNIL, 0, 0, 0, 0);
	fetch = begin(a, ANIL, 0, masks); /* uses whatever table is there */
	OP(GETG, T, 0, 0, 4);
	OP(JFV, T, 0, 0, 4);
	OP(CHECK, CT, T, 0, KTAP_ERROR_INDEX);
	OP(LDI, F, 0, 0, 1);
	OP(MOVV, A, F, 0, 0);
	OP(TADD, CT, F, A, 1);
	OP(RETNIL, 0, 0, 0, 0);
	begin(a, AINT, 1, REGISTERS(ATABLE, AINT, AINT)); /* total - 3: what the closures do */
	set_flags(a, KTAP_FUNCTION_CLOSURE);
	OP(LDI, 1, 0, 0, 1);
	OP(TADD, 0, 1, 2, 1);
	OP(RET, 1, 0, 0, 0);
	swap_closure = begin(a, ANIL, 0, REGISTERS(ATABLE, AFUNCTION, AFUNCTION | ANIL));
	OP(TNEW, 0, 0, 0, 0);
	OP(CLOSURE, 1, 0, 0, (int32_t)swap_closure - 1);
	OP(SETG, 1, 0, 0, 5);
	OP(GETG, 2, 0, 0, 5);
	OP(SETG, 2, 0, 0, 6); /* perhaps another thread's */
	OP(RETNIL, 0, 0, 0, 0);
	call_closure = begin(a, ANIL, 0, REGISTERS(AFUNCTION | ANIL, AFUNCTION, AINT));
	OP(GETG, 0, 0, 0, 6);
	OP(JFV, 0, 0, 0, 3);
	OP(CHECK, 1, 0, 0, KTAP_ERROR_CALL);
	OP(CALLV, 2, 1, 1, 0);
	OP(SETG, 0, 0, 0, 7);
	OP(RETNIL, 0, 0, 0, 0);
	total = begin(a, ANIL, 0, REGISTERS(AINT, AINT | ANIL, AVALUE, ATABLE, AINT, AVALUE));
	OP(GETG, 0, 0, 0, 1);
	OP(GETG, 1, 0, 0, 2);
	OP(GETG, 3, 0, 0, 0);
	OP(LDI, 4, 0, 0, 50);
	OP(MOVV, 5, 4, 0, 0);
	OP(TGET, 2, 3, 5, 1);
	OP(EMIT, 0, 0, 3, 0);
	OP(RETNIL, 0, 0, 0, 0);

	shared = must_load(a);
	call(shared, 0);
	race((const uint32_t[]){ add, add, add, add });
	call(shared, total);
	CHECK(printed(shared, 0, 0).integer == THREADS * ROUNDS * 100 &&
		      printed(shared, 0, 1).integer == THREADS * ROUNDS * 100 &&
		      printed(shared, 0, 2).integer == THREADS * ROUNDS,
	      "sums %lld %lld %lld", (long long)printed(shared, 0, 0).integer,
	      (long long)printed(shared, 0, 1).integer, (long long)printed(shared, 0, 2).integer);
	race((const uint32_t[]){ text, text, text, text });
	race((const uint32_t[]){ add, flip, flip, walk });
	race((const uint32_t[]){ clear, flip, walk, add });
	race((const uint32_t[]){ walk, walk, clear, add });
	test_retired = 0;
	race((const uint32_t[]){ swap, fetch, fetch, swap });
	CHECK(test_retired == 1, "told once: %u", test_retired);
	/* All runs have ended: what is retired may be reused, in two rounds at most. */
	ktap_program_reclaim(shared->program);
	ktap_program_reclaim(shared->program);
	for (int n = 0; n < 1000; n++) {
		if (call(shared, swap))
			break;
		ktap_program_reclaim(shared->program);
	}
	CHECK(!shared->code, "swapping with grace: %u", shared->code);
	race((const uint32_t[]){ swap_closure, call_closure, call_closure, swap_closure });
	for (int n = 0; n < 4000; n++) {
		if (call(shared, swap_closure) || call(shared, call_closure))
			break;
		ktap_program_reclaim(shared->program);
	}
	CHECK(!shared->code, "swapping closures with grace: %u", shared->code);
	unload(shared);
	race_aggregates();
	race_stacks();
}
