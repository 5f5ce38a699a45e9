// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * A run in process context gives back what it made and dropped, alone and while probes in other
 * threads use the same objects: here a grace period is that each of them has left its run once.
 */
#include <pthread.h>
#include <sched.h>
#include <stdlib.h>

#include "../../kernel/vm/pool.h"
#include "run.h"

enum { T, A, F, V, CT, CI, CF, REGS };

static const uint16_t masks[] = { ATABLE | ANIL, AVALUE, AINT, AVALUE, ATABLE, AINT, AFUNCTION, 0 };

enum { G_TABLE, G_OTHER, G_CLOSURE, G_DONE };
enum { USE = 1 }; /* the function of closures */

static struct run *shared;
static unsigned int settled;

static struct assembly *world(void)
{
	struct assembly *a = assembly_new();

	a->memory = 16 << 10;
	a->probe_fuel = 100000;
	add_global(a, ATABLE | ANIL);
	add_global(a, ATABLE | ANIL);
	add_global(a, AFUNCTION | ANIL);
	add_global(a, AINT);
	add_table(a, AVALUE, 1, AINT, 0, 0, 0);
	add_format(a, 1);
	add_probe(a, KTAP_PROBE_MAIN, begin(a, ANIL, 0, masks), "", 0);
	OP(RETNIL, 0, 0, 0, 0);
	begin(a, AINT, 1, REGISTERS(ATABLE, AINT, AVALUE)); /* USE: its variable's value, or 0 */
	set_flags(a, KTAP_FUNCTION_CLOSURE);
	OP(LDI, 1, 0, 0, 1);
	OP(TADD, 0, 1, 1, 1);
	OP(RET, 1, 0, 0, 0);
	return a;
}

/* CT = {[1] = {[1] = 5}} */
static void make_nested(struct assembly *a)
{
	OP(LDI, CI, 0, 0, 1);
	OP(MOVV, A, CI, 0, 0);
	OP(TNEW, CT, 0, 0, 0);
	OP(MOVV, T, CT, 0, 0);
	OP(TNEW, CT, 0, 0, 0);
	OP(MOVV, V, CT, 0, 0);
	OP(LDI, CI, 0, 0, 5);
	OP(TSET, CT, CI, A, 1);
	OP(CHECK, CT, T, 0, KTAP_ERROR_INDEX);
	OP(TSET, CT, V, A, 1);
	OP(LDNIL, V, 0, 0, 0);
	OP(LDNIL, T, 0, 0, 0);
}

/* A function that repeats what follows; end_loop() ends it. */
static uint32_t loop_start;

static uint32_t begin_loop(struct assembly *a)
{
	uint32_t f = begin(a, ANIL, 0, masks);

	OP(LDI, F, 0, 0, 0);
	loop_start = a->instruction_count;
	return f;
}

static void end_loop(struct assembly *a, int16_t times)
{
	OP(ADDI, F, F, 0, 1);
	op(a, KTAP_OP_JLTI, F, (uint8_t)times, (uint8_t)(times >> 8),
	   (int32_t)loop_start - (int32_t)a->instruction_count - 1);
	OP(RETNIL, 0, 0, 0, 0);
}

static void count_settled(void)
{
	settled++;
}

/* What is dropped within a run comes back within it, and how often the home has to wait. */
static void test_alone(void)
{
	struct assembly *a = world();
	uint32_t nested, hold, large, closures, drop, before;
	struct run *r;

	nested = begin_loop(a);
	make_nested(a);
	OP(SETG, CT, 0, 0, G_TABLE);
	end_loop(a, 10000);
	hold = begin_loop(a); /* the list holds a table that no global has any more */
	make_nested(a);
	OP(SETG, CT, 0, 0, G_TABLE);
	OP(JEQI, F, 1, 0, 1);
	OP(JMP, 0, 0, 0, 1);
	OP(LSET, 0, CT, 1, 0);
	OP(ADDI, F, F, 0, 1);
	op(a, KTAP_OP_JLTI, F, 1000 & 0xff, 1000 >> 8,
	   (int32_t)loop_start - (int32_t)a->instruction_count - 1);
	OP(LGET, A, 0, 0, 0);
	OP(CHECK, CT, A, 0, KTAP_ERROR_INDEX);
	OP(LDI, CI, 0, 0, 1);
	OP(MOVV, A, CI, 0, 0);
	OP(TGET, V, CT, A, 1);
	OP(CHECK, CT, V, 0, KTAP_ERROR_INDEX);
	OP(TGET, V, CT, A, 1);
	OP(EMIT, 0, V, 1, 0);
	OP(RETNIL, 0, 0, 0, 0);
	large = begin_loop(a); /* one table at a time, of 100 entries: 240 cells are there */
	OP(MOVV, A, F, 0, 0);
	OP(ANDI, CI, F, 0, 127);
	OP(JNEI, CI, 0, 0, 2);
	OP(TNEW, CT, 0, 0, 0);
	OP(SETG, CT, 0, 0, G_TABLE);
	OP(GETG, T, 0, 0, G_TABLE);
	OP(CHECK, CT, T, 0, KTAP_ERROR_INDEX);
	OP(LDNIL, T, 0, 0, 0);
	OP(TSET, CT, CI, A, 1);
	end_loop(a, 1280);
	closures = begin_loop(a);
	OP(TNEW, CT, 0, 0, 0);
	OP(CLOSURE, CF, CT, 0, USE);
	OP(SETG, CF, 0, 0, G_CLOSURE);
	OP(CALLV, CI, CF, 1, 0);
	end_loop(a, 5000);
	drop = begin(a, ANIL, 0, masks);
	OP(LDNIL, T, 0, 0, 0);
	OP(SETG, T, 0, 0, G_TABLE);
	OP(LDNIL, V, 0, 0, 0);
	OP(LDNIL, A, 0, 0, 0);
	OP(RETNIL, 0, 0, 0, 0);

	r = must_load(a);
	before = free_cells(r);
	test_settle = count_settled;
	settled = 0;
	CHECK(!call(r, nested), "nested: %u", r->code);
	/* Each time at least half of what was free is used up: 240 cells, 4 of them in each turn. */
	CHECK(settled > 100 && settled <= 10000 * 4 / 60, "settled %u times", settled);
	CHECK(!call(r, hold) && printed_integer(r) == 5, "held: %u, %lld", r->code,
	      (long long)printed_integer(r));
	settled = 0;
	CHECK(!call(r, large) && settled >= 5 && settled <= 20, "large: %u, settled %u times", r->code,
	      settled);
	CHECK(!call(r, closures), "closures: %u", r->code);
	CHECK(!call(r, drop), "drop: %u", r->code);
	for (int n = 0; n < 4; n++)
		ktap_program_reclaim(r->program);
	/* All but the closure and its variables. */
	CHECK(before - free_cells(r) == 3, "%u cells are left", before - free_cells(r));
	/* In a probe nothing is waited for: there the pool ends. */
	settled = 0;
	CHECK(call_probe(r, closures) == KTAP_ERROR_MEMORY && !settled, "probe: %u, %u", r->code, settled);
	test_settle = NULL;
	unload(r);
}

#define THREADS 3

static uint32_t jobs[THREADS];
static unsigned int sections[THREADS]; /* odd: it is in a run */
static unsigned int failures;
static bool over;

/* Waits until each thread has left the run it is in. */
static void wait_for_threads(void)
{
	settled++;
	for (int n = 0; n < THREADS; n++) {
		unsigned int now = __atomic_load_n(&sections[n], __ATOMIC_SEQ_CST);

		while (now & 1 && __atomic_load_n(&sections[n], __ATOMIC_SEQ_CST) == now)
			sched_yield();
	}
}

static void *probe(void *number)
{
	struct ktap_exec *x = ktap_exec_new(KTAP_EXEC_PROBE);
	struct output *o = output_new();
	size_t n = (size_t)number;
	uint32_t code = 0;

	o->keep = false;
	ktap_exec_set_owner(x, o);
	while (!code && !__atomic_load_n(&over, __ATOMIC_SEQ_CST)) {
		__atomic_add_fetch(&sections[n], 1, __ATOMIC_SEQ_CST);
		code = ktap_run(x, shared->program, jobs[n], NULL);
		__atomic_add_fetch(&sections[n], 1, __ATOMIC_SEQ_CST);
		sched_yield();
	}
	if (code) {
		__atomic_add_fetch(&failures, 1, __ATOMIC_SEQ_CST);
		printf("thread %zu: error %u at instruction %u\n", n, code, ktap_exec_error(x)->instruction);
	}
	ktap_exec_free(x);
	output_free(o);
	return NULL;
}

/* The main function makes and drops what the probes use meanwhile. */
static void race(uint32_t main, const uint32_t functions[THREADS])
{
	pthread_t threads[THREADS];

	failures = 0;
	settled = 0;
	over = false;
	for (size_t n = 0; n < THREADS; n++) {
		jobs[n] = functions[n];
		if (pthread_create(&threads[n], NULL, probe, (void *)n))
			abort();
	}
	for (int n = 0; n < 3; n++)
		CHECK(!call(shared, main), "the main run: %u", shared->code);
	__atomic_store_n(&over, true, __ATOMIC_SEQ_CST);
	for (size_t n = 0; n < THREADS; n++)
		pthread_join(threads[n], NULL);
	CHECK(!failures, "%u threads failed", failures);
	CHECK(settled > 3, "settled %u times", settled);
}

/* What is in a global, if anything: T, and CT. */
static void take(struct assembly *a, uint32_t global)
{
	OP(GETG, T, 0, 0, (int32_t)global);
	OP(JTV, T, 0, 0, 1);
	OP(RETNIL, 0, 0, 0, 0);
	OP(CHECK, CT, T, 0, KTAP_ERROR_INDEX);
}

static void test_race(void)
{
	struct assembly *a = world();
	uint32_t swap, swap_closure, look, keep, forget, use;

	a->memory = 64 << 10;
	swap = begin_loop(a);
	make_nested(a);
	OP(SETG, CT, 0, 0, G_TABLE);
	end_loop(a, 3000);
	swap_closure = begin_loop(a);
	OP(TNEW, CT, 0, 0, 0);
	OP(CLOSURE, CF, CT, 0, USE);
	OP(SETG, CF, 0, 0, G_CLOSURE);
	end_loop(a, 3000);
	look = begin(a, ANIL, 0, masks); /* adds to the inner table of whatever is there, a few times */
	take(a, G_TABLE);
	OP(LDI, CI, 0, 0, 1);
	OP(MOVV, A, CI, 0, 0);
	OP(TGET, V, CT, A, 1);
	OP(CHECK, CT, V, 0, KTAP_ERROR_INDEX);
	for (int n = 0; n < 8; n++)
		OP(TADD, CT, CI, A, 1);
	OP(RETNIL, 0, 0, 0, 0);
	keep = begin(a, ANIL, 0, masks); /* into another global, from where others take it */
	take(a, G_TABLE);
	OP(LDI, CI, 0, 0, 1);
	OP(MOVV, A, CI, 0, 0);
	OP(TGET, V, CT, A, 1);
	OP(CHECK, CT, V, 0, KTAP_ERROR_INDEX);
	OP(SETG, CT, 0, 0, G_OTHER);
	OP(RETNIL, 0, 0, 0, 0);
	forget = begin(a, ANIL, 0, masks); /* takes it out, uses it, and perhaps puts it back */
	take(a, G_OTHER);
	OP(LDNIL, T, 0, 0, 0);
	OP(SETG, T, 0, 0, G_OTHER);
	OP(LDI, CI, 0, 0, 1);
	OP(MOVV, A, CI, 0, 0);
	OP(TADD, CT, CI, A, 1);
	OP(TGET, V, CT, A, 1);
	OP(CHECK, CI, V, 0, KTAP_ERROR_KIND);
	OP(ANDI, CI, CI, 0, 1);
	OP(JEQI, CI, 0, 0, 1);
	OP(SETG, CT, 0, 0, G_OTHER);
	OP(RETNIL, 0, 0, 0, 0);
	use = begin(a, ANIL, 0, REGISTERS(AFUNCTION | ANIL, AFUNCTION, AINT));
	OP(GETG, 0, 0, 0, G_CLOSURE);
	OP(JTV, 0, 0, 0, 1);
	OP(RETNIL, 0, 0, 0, 0);
	OP(CHECK, 1, 0, 0, KTAP_ERROR_CALL);
	for (int n = 0; n < 4; n++)
		OP(CALLV, 2, 1, 1, 0);
	OP(RETNIL, 0, 0, 0, 0);

	shared = must_load(a);
	test_settle = wait_for_threads;
	race(swap, (const uint32_t[]){ look, look, look });
	race(swap, (const uint32_t[]){ look, keep, forget });
	race(swap, (const uint32_t[]){ keep, forget, forget });
	race(swap_closure, (const uint32_t[]){ use, use, look });
	test_settle = NULL;
	unload(shared);
}

void test_collect(void)
{
	test_alone();
	test_race();
}
