// SPDX-License-Identifier: GPL-2.0-or-later
/* Closures: what they close over, how long they live, and functions that library functions call. */
#include <string.h>

#include "../../kernel/vm/pool.h"
#include "run.h"

/* Cells of the pool that are in use. */
static uint32_t used(const struct run *r)
{
	const struct ktap_pool *s = r->program->pool;

	return s->untouched - 1 - s->spare_count;
}

/* As many grace periods as the longest chain of references here needs. */
static void settle(struct run *r)
{
	for (int n = 0; n < 6; n++)
		ktap_program_reclaim(r->program);
}

enum { G_FUNCTION, G_MAYBE, G_ANY, G_EITHER };
enum { COUNTER = 1, MAKE, PLAIN };
enum { F, I, T, I2, V, B, F2 };

static uint32_t test(struct assembly *a)
{
	return begin(a, ANIL, 0, REGISTERS(AFUNCTION, AINT, ATABLE, AINT, AVALUE, ABOOL, AFUNCTION, AINT));
}

static struct assembly *world(void)
{
	struct assembly *a = assembly_new();

	a->memory = 4 << 10;
	for (uint32_t n = 0; n < 4; n++)
		add_format(a, n);
	add_global(a, AFUNCTION);
	add_global(a, AFUNCTION | ANIL);
	add_global(a, AVALUE);
	add_global(a, AFUNCTION | ATABLE);
	add_table(a, AVALUE, 1, AINT, 0, 0, 0);
	add_probe(a, KTAP_PROBE_MAIN, begin(a, ANIL, 0, REGISTERS(ANIL)), "", 0);
	OP(RETNIL, 0, 0, 0, 0);
	begin(a, AINT, 2, REGISTERS(ATABLE, AINT, AINT)); /* COUNTER(by): adds to its variable */
	set_flags(a, KTAP_FUNCTION_CLOSURE);
	OP(TADD, 0, 1, 2, 1);
	OP(TGET, 2, 0, 2, 1);
	OP(RET, 2, 0, 0, 0);
	begin(a, AFUNCTION, 0, REGISTERS(ATABLE, AFUNCTION)); /* MAKE: a new counter */
	OP(TNEW, 0, 0, 0, 0);
	OP(CLOSURE, 1, 0, 0, COUNTER);
	OP(RET, 1, 0, 0, 0);
	begin(a, AINT, 1, REGISTERS(AINT)); /* PLAIN: its argument and one */
	OP(ADDI, 0, 0, 0, 1);
	OP(RET, 0, 0, 0, 0);
	return a;
}

static void test_counters(void)
{
	struct assembly *a = world();
	uint32_t two, direct, equal, print, text, none;
	struct run *r;

	two = test(a); /* one counts by 1, one by 10; the plain one has no variables */
	OP(CALL, F, 0, 0, MAKE);
	OP(CALL, F2, 0, 0, MAKE);
	OP(SETG, F2, 0, 0, G_ANY);
	OP(LDI, I, 0, 0, 10);
	OP(LSET, 0, I, 1, 0);
	OP(LCALL, F2, 0, 0, 0);
	OP(LDI, I2, 0, 0, 1);
	for (int n = 0; n < 3; n++) {
		OP(LSET, 0, I2, 1, 0);
		OP(LCALL, F, 0, 0, 0);
	}
	OP(LGET, I2, 0, 0, 0);
	OP(LSET, 0, I, 1, 0);
	OP(LCALL, F2, 0, 0, 0);
	OP(LGET, I, 0, 0, 0);
	OP(MOVV, V, I, 0, 0);
	OP(EMIT, 0, I2, 2, 2);
	OP(RETNIL, 0, 0, 0, 0);
	direct = test(a); /* the same function, called with the table by name */
	OP(TNEW, T, 0, 0, 0);
	OP(LDI, I2, 0, 0, 4);
	OP(CALL, I, T, 2, COUNTER);
	OP(CALL, I, T, 2, COUNTER);
	OP(EMIT, 0, I, 1, 1);
	OP(RETNIL, 0, 0, 0, 0);
	equal = begin(a, ANIL, 0, REGISTERS(AFUNCTION, AFUNCTION, AFUNCTION, ABOOL, ABOOL, ATABLE));
	OP(TNEW, 5, 0, 0, 0);
	OP(CLOSURE, 0, 5, 0, COUNTER);
	OP(CLOSURE, 1, 5, 0, COUNTER);
	OP(MOV, 2, 0, 0, 0);
	OP(COMPARE, 3, 0, 2, KTAP_COMPARISON_EQ);
	OP(COMPARE, 4, 0, 1, KTAP_COMPARISON_EQ);
	OP(EMIT, 0, 3, 2, 2);
	OP(RETNIL, 0, 0, 0, 0);
	print = test(a);
	OP(CALL, F, 0, 0, MAKE);
	OP(EMIT, 0, F, 1, 1);
	OP(RETNIL, 0, 0, 0, 0);
	text = begin(a, ANIL, 0, REGISTERS(AFUNCTION, ASTR));
	OP(LDF, 0, 0, 0, PLAIN);
	OP(LIB, 1, 0, 1, KTAP_LIB_TOSTRING);
	OP(EMIT, 0, 1, 1, 1);
	OP(RETNIL, 0, 0, 0, 0);
	none = test(a); /* closes over the null table: an error when it is used */
	OP(CLOSURE, F, T, 0, COUNTER);
	OP(CALLV, I, F, 2, 0);
	OP(RETNIL, 0, 0, 0, 0);
	r = must_load(a);
	CHECK(!call(r, two) && printed(r, 0, 0).integer == 3 && printed(r, 0, 1).integer == 20,
	      "two counters: error %u", r->code);
	CHECK(!call_probe(r, two) && printed(r, 0, 1).integer == 20, "in a probe: %u", r->code);
	CHECK(!call(r, direct) && printed_integer(r) == 8, "by name: %u", r->code);
	CHECK(!call(r, equal) && printed(r, 0, 0).aux == 1 && printed(r, 0, 1).aux == 0,
	      "equal to itself only");
	CHECK(!call(r, print) && printed(r, 0, 0).kind == KTAP_KIND_FUNCTION &&
		      printed(r, 0, 0).length == 0,
	      "a record of a function");
	CHECK(!call(r, text) && !strcmp(printed_text(r), "function"), "%s", printed_text(r));
	CHECK(call(r, none) == KTAP_ERROR_INDEX, "the null table: %u", r->code);
	settle(r);
	CHECK(used(r) == 3, "the last counter, its table, its variable: %u cells", used(r));
	unload(r);
}

/* Runs a function often: nothing is left of it but `left` cells. */
static void leaves(struct run *r, uint32_t function, uint32_t left, const char *what)
{
	for (int n = 0; n < 500; n++) {
		if (call(r, function) || call_probe(r, function))
			break;
		settle(r);
	}
	CHECK(!r->code && used(r) == left, "%s: error %u, %u cells", what, r->code, used(r));
}

static void test_lives(void)
{
	struct assembly *a = world();
	uint32_t temporary, global, clear, nested, either, entry, loop, both, body, back;
	struct run *r;

	temporary = test(a); /* neither table nor closure is ever referred to */
	OP(CALL, F, 0, 0, MAKE);
	OP(LDI, I, 0, 0, 2);
	OP(CALLV, I, F, 2, 0);
	OP(RETNIL, 0, 0, 0, 0);
	global = test(a);
	OP(CALL, F, 0, 0, MAKE);
	OP(SETG, F, 0, 0, G_FUNCTION);
	OP(SETG, F, 0, 0, G_MAYBE);
	OP(GETG, F2, 0, 0, G_FUNCTION);
	OP(LDI, I, 0, 0, 2);
	OP(CALLV, I, F2, 2, 0);
	OP(RETNIL, 0, 0, 0, 0);
	clear = test(a);
	OP(LDF, F, 0, 0, PLAIN);
	OP(SETG, F, 0, 0, G_FUNCTION);
	OP(SETG, F, 0, 0, G_EITHER);
	OP(LDNIL, V, 0, 0, 0);
	OP(SETG, V, 0, 0, G_ANY);
	OP(RETNIL, 0, 0, 0, 0);
	begin(a, AFUNCTION, 1, REGISTERS(ATABLE, ATABLE, AFUNCTION, AINT)); /* closes over its table's table */
	set_flags(a, KTAP_FUNCTION_CLOSURE);
	OP(TNEW, 1, 0, 0, 0);
	OP(TSET, 1, 0, 3, 1);
	OP(CLOSURE, 2, 1, 0, COUNTER);
	OP(RET, 2, 0, 0, 0);
	nested = test(a); /* a closure over a table with a table with a closure */
	OP(TNEW, T, 0, 0, 0);
	OP(CALL, F, 0, 0, MAKE);
	OP(TSET, T, F, I, 1);
	OP(CLOSURE, F, T, 0, (int32_t)nested - 1);
	OP(CALLV, F, F, 1, 0);
	OP(SETG, F, 0, 0, G_ANY);
	OP(RETNIL, 0, 0, 0, 0);
	either = test(a); /* a global that is a table, then a function */
	OP(TNEW, T, 0, 0, 0);
	OP(SETG, T, 0, 0, G_EITHER);
	OP(CALL, F, 0, 0, MAKE);
	OP(SETG, F, 0, 0, G_EITHER);
	OP(RETNIL, 0, 0, 0, 0);
	entry = test(a); /* a table of closures, cleared, shifted and overwritten */
	OP(TNEW, T, 0, 0, 0);
	body = OP(CALL, F, 0, 0, MAKE);
	OP(TSET, T, F, I, 1);
	OP(CALL, F, 0, 0, MAKE);
	OP(TSET, T, F, I, 1);
	OP(ADDI, I, I, 0, 1);
	back = OP(JLTI, I, 3, 0, 0);
	patch(a, back, body);
	OP(LDI, I, 0, 0, 1);
	OP(TGET, F, T, I, 1);
	OP(TSET, T, V, I, 1);
	OP(LDI, I, 0, 0, 7);
	OP(CALLV, I, F, 2, 0);
	OP(TCLEAR, T, 0, 0, 0);
	OP(RETNIL, 0, 0, 0, 0);
	loop = test(a); /* many in one run: what is forgotten is given back */
	body = OP(CALL, F, 0, 0, MAKE);
	OP(JMP, 0, 0, 0, -2);
	both = test(a); /* the closure goes, its table stays in a global */
	OP(TNEW, T, 0, 0, 0);
	OP(SETG, T, 0, 0, G_EITHER);
	OP(CLOSURE, F, T, 0, COUNTER);
	OP(SETG, F, 0, 0, G_ANY);
	OP(SETG, I, 0, 0, G_ANY);
	OP(LDI, I, 0, 0, 7);
	OP(CALLV, I, F, 2, 0);
	OP(RETNIL, 0, 0, 0, 0);
	r = must_load(a);
	leaves(r, temporary, 0, "a closure of one run");
	leaves(r, global, 3, "closures in globals");
	leaves(r, nested, 3 + 7, "closures that refer to closures");
	leaves(r, either, 10 + 2, "a global of either kind");
	leaves(r, entry, 12, "closures in tables");
	CHECK(call(r, loop) == KTAP_ERROR_FUEL, "made and forgotten: %u", r->code);
	settle(r);
	CHECK(used(r) == 12, "after a run that failed: %u", used(r));
	leaves(r, both, 3 + 1 + 1, "a table outlives its closure");
	call(r, global);
	call(r, clear);
	settle(r);
	CHECK(used(r) == 3, "G_MAYBE holds one still: %u", used(r));
	unload(r);
}

/* A closure whose cell was reused, as if a register had kept it over a grace period. */
static void test_generations(void)
{
	struct assembly *a = world();
	uint32_t store, load, drop;
	uint64_t stale, table;
	struct run *r;

	store = test(a);
	OP(CALL, F, 0, 0, MAKE);
	OP(SETG, F, 0, 0, G_FUNCTION);
	OP(RETNIL, 0, 0, 0, 0);
	load = test(a);
	OP(GETG, F, 0, 0, G_FUNCTION);
	OP(CALLV, I, F, 2, 0);
	OP(RETNIL, 0, 0, 0, 0);
	drop = test(a);
	OP(SETG, F, 0, 0, G_FUNCTION);
	OP(RETNIL, 0, 0, 0, 0);
	r = must_load(a);
	r->program->pool->generation.value = UINT32_MAX; /* the counter passes 0 */
	call(r, store);
	stale = (uint64_t)ktap_atomic64_read(&r->program->globals[G_FUNCTION].word);
	CHECK(stale >> 32 && ktap_closure_find(r->program, stale, &table) == &r->program->functions[COUNTER],
	      "a living closure");
	call(r, drop);
	settle(r);
	CHECK(used(r) == 0 && !ktap_closure_find(r->program, stale, &table), "a freed cell");
	call(r, store);
	CHECK(!ktap_closure_find(r->program, stale, &table), "a cell used again");
	CHECK(!ktap_closure_find(r->program, stale + (1ull << 32), &table), "a table is no closure");
	CHECK(!call(r, drop), "%u", r->code);
	ktap_atomic64_set(&r->program->globals[G_FUNCTION].word, (int64_t)stale);
	CHECK(call(r, load) == KTAP_ERROR_CALL, "calling it: %u", r->code);
	ktap_atomic64_set(&r->program->globals[G_FUNCTION].word, 0);
	unload(r);
}

/* Hooks: what the home's function does with the functions it is told to call. */
static uint64_t called;
static uint32_t give_count, answer;
static struct ktap_value given[3];

static uint32_t call_it(struct ktap_exec *x, uint32_t id, const struct ktap_value *args,
			uint32_t count, struct ktap_value *result)
{
	(void)id, (void)args, (void)count;
	answer = ktap_call_value(x, called, given, give_count, result);
	if (answer)
		return answer;
	if (result->kind != KTAP_KIND_INT)
		result->kind = KTAP_KIND_NIL;
	return 0;
}

static uint32_t call_often(struct ktap_exec *x, uint32_t id, const struct ktap_value *args,
			   uint32_t count, struct ktap_value *result)
{
	uint32_t code = 0;
	int64_t sum = 0;

	for (int n = 0; n < 200 && !code; n++) {
		struct ktap_string *string = ktap_exec_string(x, 1000);

		if (!string)
			return KTAP_ERROR_ARENA;
		memset(string->bytes, 'a' + n % 26, 1000);
		given[0] = (struct ktap_value){ ktap_str_bits(string), KTAP_KIND_STR };
		code = call_it(x, id, args, count, result);
		sum += (int64_t)result->bits;
	}
	result->bits = (uint64_t)sum;
	return code;
}

static void test_callbacks(void)
{
	struct assembly *a = world();
	uint32_t run, list, keep, text, again, deep, fails, stops, pair, none;
	struct run *r;

	add_list_format(a); /* 4 */
	add_string(a, "kept");
	run = begin(a, ANIL, 0, REGISTERS(AINT, AINT | ANIL));
	OP(LIB, 1, 0, 1, KTAP_LIB_IP_SOCK_SADDR);
	OP(EMIT, 0, 1, 1, 1);
	OP(RETNIL, 0, 0, 0, 0);
	list = begin(a, AINT, 1, REGISTERS(AINT)); /* overwrites the list */
	OP(LSET, 0, 0, 1, 0);
	OP(LPRE, 0, 0, 1, 0);
	OP(RETL, 0, 0, 0, 0);
	keep = begin(a, ANIL, 0, REGISTERS(AINT, AINT | ANIL, ASTR, ASTR)); /* a list with strings of the arena */
	OP(LDS, 3, 0, 0, 0);
	OP(CONCAT, 2, 3, 0, 0);
	OP(CONCAT, 3, 2, 0, 0);
	OP(LSET, 0, 2, 2, 0);
	OP(LIB, 1, 0, 1, KTAP_LIB_IP_SOCK_SADDR);
	OP(LPRE, 0, 1, 3, 0);
	OP(LEMIT, 0, 0, 0, 4);
	OP(RETNIL, 0, 0, 0, 0);
	text = begin(a, AINT, 1, REGISTERS(ASTR, AINT, ASTR)); /* the length of its argument, after work */
	OP(CONCAT, 2, 0, 1, 0);
	OP(LIB, 1, 0, 1, KTAP_LIB_STRLEN);
	OP(RET, 1, 0, 0, 0);
	again = begin(a, AINT | ANIL, 0, REGISTERS(AINT, AINT | ANIL)); /* calls the library once more */
	OP(LIB, 1, 0, 1, KTAP_LIB_IP_SOCK_SADDR);
	OP(RET, 1, 0, 0, 0);
	deep = begin(a, ANIL, 0, REGISTERS(ANIL));
	OP(CALL, 0, 0, 0, (int32_t)deep);
	OP(RETNIL, 0, 0, 0, 0);
	a->line = 77;
	fails = begin(a, AINT, 0, REGISTERS(AINT, AINT));
	OP(DIV, 0, 0, 1, 0);
	OP(RET, 0, 0, 0, 0);
	a->line = 1;
	stops = begin(a, AINT, 0, REGISTERS(AINT));
	OP(LIB, 0, 0, 1, KTAP_LIB_EXIT);
	OP(RET, 0, 0, 0, 0);
	pair = begin(a, AINT, 1, REGISTERS(AINT, AINT, AFUNCTION)); /* a tail call, several results */
	OP(ADDI, 0, 0, 0, 3);
	OP(LDF, 2, 0, 0, (int32_t)list);
	OP(LSET, 0, 0, 1, 0);
	OP(LTCALL, 2, 0, 0, 0);
	none = begin(a, ANIL, 0, REGISTERS(ANIL));
	OP(RETNIL, 0, 0, 0, 0);
	a->string_limit = 4096;
	r = must_load(a);
	test_hook = call_it;
	give_count = 1;
	given[0] = (struct ktap_value){ 41, KTAP_KIND_INT };
	called = PLAIN + 1;
	CHECK(!call(r, run) && printed_integer(r) == 42, "a plain function: %u", r->code);
	called = pair + 1;
	CHECK(!call(r, run) && printed_integer(r) == 44, "a tail call: %u", r->code);
	called = none + 1;
	CHECK(!call(r, run) && printed(r, 0, 0).kind == KTAP_KIND_NIL, "no result: %u", r->code);
	called = list + 1;
	CHECK(!call(r, keep) && r->output->count == 1 && printed(r, 0, 0).integer == 41 &&
		      printed(r, 0, 1).length == 5 && printed(r, 0, 3).length == 5 &&
		      !memcmp(printed(r, 0, 3).text, "kept0", 5) && printed(r, 0, 4).length == 6 &&
		      printed(r, 0, 5).kind == 0xff,
	      "the list survives: %u", r->code);
	CHECK(call_probe(r, run) == KTAP_ERROR_INTERNAL, "in a probe: %u", r->code);
	called = 0;
	CHECK(call(r, run) == KTAP_ERROR_CALL, "the null function: %u", r->code);
	called = again + 1;
	CHECK(call(r, run) == KTAP_ERROR_DEPTH && ktap_exec_error(r->main)->detail[0] == 1,
	      "a second level: %u", r->code);
	called = deep + 1;
	CHECK(call(r, run) == KTAP_ERROR_DEPTH &&
		      ktap_exec_error(r->main)->detail[0] == KTAP_MAIN_DEPTH,
	      "deep calls: %u", r->code);
	called = fails + 1;
	CHECK(call(r, run) == KTAP_ERROR_DIVISION && ktap_exec_error(r->main)->line == 77 &&
		      ktap_exec_error(r->main)->function == fails,
	      "the place of an error: line %u", ktap_exec_error(r->main)->line);
	called = stops + 1;
	call(r, run);
	CHECK(!r->output->count && answer == KTAP_STOPPED, "exit: %u", answer);
	called = PLAIN + 1;
	CHECK(!call(r, run) && printed_integer(r) == 42, "after all that: %u", r->code);
	given[0].kind = KTAP_KIND_NIL;
	CHECK(call(r, run) == KTAP_ERROR_KIND, "a wrong argument: %u", r->code);
	test_hook = call_often;
	called = text + 1;
	CHECK(!call(r, run) && printed_integer(r) == 200 * 1000, "strings: %u", r->code);
	CHECK(!call(r, keep) && printed(r, 0, 0).integer == 200 * 1000 &&
		      !memcmp(printed(r, 0, 4).text, "kept00", 6),
	      "strings in the list: %u", r->code);
	test_hook = NULL;
	unload(r);
}

void test_closures(void)
{
	test_counters();
	test_lives();
	test_generations();
	test_callbacks();
}
