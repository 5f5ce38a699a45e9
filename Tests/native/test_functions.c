// SPDX-License-Identifier: GPL-2.0-or-later
/* Functions as values, several results, variable arguments, tail calls: what each instruction does. */
#include <string.h>

#include "run.h"

enum { VARIADIC = KTAP_FUNCTION_VARIADIC };

/* What `call` printed last: all values of its first record, integers but for nil and others. */
static const char *values(const struct run *r)
{
	static char text[1024];
	uint32_t n;

	text[0] = 0;
	for (n = 0; n < KTAP_MAX_LIST + 1; n++) {
		struct printed p = printed(r, 0, n);
		size_t used = strlen(text);

		if (p.kind == 0xff)
			break;
		if (p.kind == KTAP_KIND_INT)
			snprintf(text + used, sizeof(text) - used, "%s%lld", n ? " " : "",
				 (long long)p.integer);
		else if (p.kind == KTAP_KIND_STR)
			snprintf(text + used, sizeof(text) - used, "%s%.*s", n ? " " : "",
				 (int)p.length, p.text);
		else
			snprintf(text + used, sizeof(text) - used, "%s%s", n ? " " : "",
				 ktap_kind_name(p.kind));
	}
	return text;
}

static void prints(struct run *r, uint32_t function, const char *expected, const char *what)
{
	uint32_t code = call(r, function);

	CHECK(!code && !strcmp(values(r), expected), "%s: '%s' instead of '%s', error %u at %u", what,
	      values(r), expected, code, ktap_exec_error(r->main)->instruction);
	code = call_probe(r, function);
	CHECK(!code && !strcmp(values(r), expected), "%s in a probe: '%s', error %u", what, values(r),
	      code);
}

static void fails(struct run *r, uint32_t function, uint32_t code, int64_t first, int64_t second,
		  const char *what)
{
	const struct ktap_error *e = ktap_exec_error(r->main);

	call(r, function);
	CHECK(r->code == code && e->detail[0] == first && e->detail[1] == second,
	      "%s: error %u (%lld, %lld)", what, r->code, (long long)e->detail[0],
	      (long long)e->detail[1]);
}

/* Function numbers of the world: 0 is top-level code. */
enum { MAIN, SUB, PAIR, NONE, GIVE, MAYBE_INT, WORLD };

static struct assembly *world(void)
{
	struct assembly *a = assembly_new();

	add_list_format(a);
	for (uint32_t n = 1; n < 4; n++)
		add_format(a, n);
	add_string(a, "text");
	add_global(a, AFUNCTION);
	add_global(a, AFUNCTION | ANIL);
	add_global(a, AVALUE);
	add_table(a, AVALUE, 1, AINT, 0, 0, 0);
	add_probe(a, KTAP_PROBE_MAIN, begin(a, ANIL, 0, REGISTERS(ANIL)), "", 0);
	OP(RETNIL, 0, 0, 0, 0);
	begin(a, AINT, 2, REGISTERS(AINT, AINT)); /* SUB */
	OP(SUB, 0, 0, 1, 0);
	OP(RET, 0, 0, 0, 0);
	begin(a, AINT, 2, REGISTERS(AINT, AINT)); /* PAIR: both, swapped */
	OP(LSET, 0, 0, 1, 0);
	OP(LPRE, 0, 1, 1, 0);
	OP(RETL, 0, 0, 0, 0);
	begin(a, ANIL, 0, REGISTERS(ANIL)); /* NONE */
	OP(RETNIL, 0, 0, 0, 0);
	begin(a, AVALUE, 1, REGISTERS(AVALUE)); /* GIVE: its argument */
	OP(RET, 0, 0, 0, 0);
	begin(a, AINT | ANIL, 1, REGISTERS(AINT | ANIL)); /* MAYBE_INT: its argument */
	OP(RET, 0, 0, 0, 0);
	return a;
}

/* A function under test, with registers F (a function), I0 .. I2, V (anything), T (a table), S. */
enum { F, I0, I1, I2, V, T, S, M };

static uint32_t test(struct assembly *a)
{
	return begin(a, ANIL, 0,
		     REGISTERS(AFUNCTION, AINT, AINT, AINT, AVALUE, ATABLE, ASTR, AINT | ANIL));
}

static void end(struct assembly *a, int32_t first, int32_t count)
{
	OP(EMIT, 0, first, count, count);
	OP(RETNIL, 0, 0, 0, 0);
}

static void end_list(struct assembly *a)
{
	OP(LEMIT, 0, 0, 0, 0);
	OP(RETNIL, 0, 0, 0, 0);
}

static void numbers(struct assembly *a, int32_t x, int32_t y, int32_t z)
{
	OP(LDI, I0, 0, 0, x);
	OP(LDI, I1, 0, 0, y);
	OP(LDI, I2, 0, 0, z);
}

static void test_calls(void)
{
	struct assembly *a = world();
	uint32_t direct, value, global, many, one, none, list, missing, beyond, equal;
	struct run *r;

	direct = test(a);
	numbers(a, 7, 5, 0);
	OP(CALL, I2, I0, 2, SUB);
	end(a, I2, 1);
	value = test(a);
	OP(LDF, F, 0, 0, SUB);
	numbers(a, 7, 5, 0);
	OP(CALLV, I2, F, 3, 0);
	end(a, I2, 1);
	global = test(a); /* through globals and a table */
	OP(LDF, F, 0, 0, SUB);
	OP(SETG, F, 0, 0, 0);
	OP(GETG, F, 0, 0, 0);
	OP(SETG, F, 0, 0, 2);
	OP(GETG, V, 0, 0, 2);
	OP(TNEW, T, 0, 0, 0);
	OP(LDI, I0, 0, 0, 1);
	OP(TSET, T, V, I0, 1);
	OP(TGET, F, T, I0, 1);
	numbers(a, 70, 5, 0);
	OP(CALLV, I2, F, 3, 0);
	end(a, I2, 1);
	many = test(a); /* CALLVL: both results */
	OP(LDF, F, 0, 0, PAIR);
	numbers(a, 7, 5, 0);
	OP(CALLVL, 0, F, 3, 0);
	end_list(a);
	one = test(a); /* the first of several */
	numbers(a, 7, 5, 0);
	OP(CALL, I2, I0, 2, PAIR);
	OP(CALLL, 0, I0, 2, SUB);
	OP(LGET, I1, 0, 0, 0);
	OP(LGET, M, 0, 0, 1);
	OP(EMIT, 0, I1, 2, 2);
	OP(RETNIL, 0, 0, 0, 0);
	none = test(a);
	OP(CALLL, 0, 0, 0, NONE);
	end_list(a);
	list = test(a); /* LCALL: arguments and results in the list */
	OP(LDF, F, 0, 0, PAIR);
	numbers(a, 1, 2, 3);
	OP(LSET, 0, I0, 3, 0);
	OP(LCALL, F, 0, 0, 0);
	OP(LCALL, F, 0, 0, 0);
	OP(LPRE, 0, I2, 1, 0);
	end_list(a);
	missing = test(a); /* a missing argument is nil */
	OP(LDF, F, 0, 0, MAYBE_INT);
	OP(CALLV, M, F, 1, 0);
	OP(MOVV, V, M, 0, 0);
	end(a, V, 1);
	beyond = test(a); /* one too many is dropped */
	OP(LDF, F, 0, 0, SUB);
	numbers(a, 7, 5, 100);
	OP(CALLV, I2, F, 4, 0);
	end(a, I2, 1);
	equal = begin(a, ANIL, 0, REGISTERS(AFUNCTION, AFUNCTION, AFUNCTION, ABOOL, ABOOL));
	OP(LDF, 0, 0, 0, SUB);
	OP(LDF, 1, 0, 0, SUB);
	OP(LDF, 2, 0, 0, PAIR);
	OP(COMPARE, 3, 0, 1, KTAP_COMPARISON_EQ);
	OP(COMPARE, 4, 0, 2, KTAP_COMPARISON_EQ);
	OP(EMIT, 0, 3, 2, 2);
	OP(RETNIL, 0, 0, 0, 0);
	r = must_load(a);
	prints(r, direct, "2", "CALL");
	prints(r, value, "2", "CALLV");
	prints(r, global, "65", "a function in slots");
	prints(r, many, "5 7", "CALLVL");
	prints(r, one, "2 5", "one of several results");
	prints(r, none, "", "no results");
	prints(r, list, "3 1 2", "LCALL");
	prints(r, missing, "nil", "a missing argument");
	prints(r, beyond, "2", "an argument too many");
	CHECK(!call(r, equal) && printed(r, 0, 0).aux == 1 && printed(r, 0, 1).aux == 0,
	      "functions are equal when they are the same");
	unload(r);
}

static void test_errors(void)
{
	struct assembly *a = world();
	uint32_t null, list_null, tail_null, maybe, kind, few, result, tail, first, full, get, pair;
	struct run *r;

	null = test(a);
	OP(CALLV, V, F, 1, 0);
	OP(RETNIL, 0, 0, 0, 0);
	list_null = test(a);
	OP(LCALL, F, 0, 0, 0);
	OP(RETNIL, 0, 0, 0, 0);
	tail_null = test(a);
	OP(LTCALL, F, 0, 0, 0);
	maybe = test(a); /* nil where a function was to be */
	OP(CHECK, F, V, 0, KTAP_ERROR_CALL);
	OP(RETNIL, 0, 0, 0, 0);
	kind = test(a); /* a string for an integer */
	OP(LDF, F, 0, 0, SUB);
	OP(LDS, S, 0, 0, 0);
	OP(LSET, 0, I0, 1, 0);
	OP(LPRE, 0, S, 1, 0);
	OP(LCALL, F, 0, 0, 0);
	OP(RETNIL, 0, 0, 0, 0);
	few = test(a); /* nil for an integer */
	OP(LDF, F, 0, 0, SUB);
	OP(CALLV, V, F, 2, 0);
	OP(RETNIL, 0, 0, 0, 0);
	result = test(a); /* the result might be nil */
	OP(LDF, F, 0, 0, MAYBE_INT);
	OP(CALLV, I0, F, 2, 0);
	OP(RETNIL, 0, 0, 0, 0);
	tail = test(a); /* the result might be an integer, this function's may not */
	OP(LDF, F, 0, 0, SUB);
	OP(TCALLV, 0, F, 3, 0);
	first = begin(a, AINT, 0, REGISTERS(ASTR, AINT)); /* a string in front of the list */
	OP(LSET, 0, 0, 1, 0);
	OP(RETL, 0, 0, 0, 0);
	full = test(a);
	OP(LSET, 0, I0, 3, 0);
	for (int n = 0; n < 9; n++)
		OP(LPRE, 0, I0, 3, 0);
	OP(LPRE, 0, I0, 2, 0);
	OP(LEMIT, 0, 0, 0, 0);
	OP(LPRE, 0, I0, 1, 0);
	OP(RETNIL, 0, 0, 0, 0);
	get = test(a); /* nothing there */
	OP(LGET, I0, 0, 0, 31);
	OP(RETNIL, 0, 0, 0, 0);
	pair = begin(a, AINT, 0, REGISTERS(AINT)); /* an empty list where an integer is promised */
	OP(RETL, 0, 0, 0, 0);
	r = must_load(a);
	fails(r, null, KTAP_ERROR_CALL, KTAP_KIND_FUNCTION, 0, "the null function");
	fails(r, list_null, KTAP_ERROR_CALL, KTAP_KIND_FUNCTION, 0, "the null function with the list");
	fails(r, tail_null, KTAP_ERROR_CALL, KTAP_KIND_FUNCTION, 0, "a tail call of the null function");
	fails(r, maybe, KTAP_ERROR_CALL, KTAP_KIND_NIL, 0, "nil");
	fails(r, kind, KTAP_ERROR_KIND, KTAP_KIND_STR, AINT, "an argument's kind");
	fails(r, few, KTAP_ERROR_KIND, KTAP_KIND_NIL, AINT, "a missing argument");
	fails(r, result, KTAP_ERROR_KIND, KTAP_KIND_NIL, AINT, "a result's kind");
	fails(r, tail, KTAP_ERROR_KIND, KTAP_KIND_INT, ANIL, "a tail call's result");
	fails(r, first, KTAP_ERROR_KIND, KTAP_KIND_STR, AINT, "the first of the list");
	fails(r, full, KTAP_ERROR_LIST, KTAP_MAX_LIST + 1, KTAP_MAX_LIST, "a full list");
	CHECK(r->output->count == 1 && printed(r, 0, KTAP_MAX_LIST - 1).kind == KTAP_KIND_INT,
	      "a list of the greatest length");
	fails(r, get, KTAP_ERROR_KIND, KTAP_KIND_NIL, AINT, "an element that is not there");
	fails(r, pair, KTAP_ERROR_KIND, KTAP_KIND_NIL, AINT, "an empty list");
	unload(r);
}

/* Variable arguments: behind the parameters, as many as there are. */
static void test_variadic(void)
{
	struct assembly *a = world();
	uint32_t all, last, sum, direct, none, some, tail, wide, table, deep;
	uint16_t forty[41] = { 0 };
	struct run *r;

	all = begin(a, AVALUE, 0, REGISTERS(ANIL)); /* gives all its arguments back */
	set_flags(a, VARIADIC);
	OP(LVAR, 0, 0, 0, 0);
	OP(RETL, 0, 0, 0, 0);
	last = begin(a, AINT | ANIL, 2, REGISTERS(AINT | ANIL, AINT | ANIL, AINT | ANIL));
	set_flags(a, VARIADIC); /* its second parameter and all behind */
	OP(LVAR, 0, 0, 0, 0);
	OP(LPRE, 0, 1, 1, 0);
	OP(RETL, 0, 0, 0, 0);
	/* sum(n, ...): the first argument, and a tail call with those behind */
	sum = begin(a, AINT, 2, REGISTERS(AINT, AINT | ANIL, AINT, AFUNCTION));
	set_flags(a, VARIADIC);
	OP(JKIND, 1, ANIL, 0, 6);
	OP(CHECK, 2, 1, 0, KTAP_ERROR_KIND);
	OP(ADD, 2, 0, 2, 0);
	OP(LVAR, 0, 0, 0, 0);
	OP(LPRE, 0, 2, 1, 0);
	OP(LDF, 3, 0, 0, (int32_t)sum);
	OP(LTCALL, 3, 0, 0, 0);
	OP(RET, 0, 0, 0, 0);
	direct = test(a);
	numbers(a, 1, 2, 3);
	OP(CALLL, 0, I0, 3, (int32_t)last);
	end_list(a);
	none = test(a);
	OP(CALLL, 0, 0, 0, (int32_t)all);
	end_list(a);
	some = test(a);
	numbers(a, 1, 2, 3);
	OP(LDF, F, 0, 0, (int32_t)all);
	OP(CALLVL, 0, F, 4, 0);
	OP(LPRE, 0, I2, 1, 0);
	OP(LDF, F, 0, 0, (int32_t)sum);
	OP(LCALL, F, 0, 0, 0);
	OP(LPRE, 0, I0, 3, 0);
	end_list(a);
	tail = begin(a, AVALUE, 3, REGISTERS(AINT, AINT, AINT)); /* extras out of the frame they go to */
	set_flags(a, VARIADIC);
	OP(TCALL, 0, 0, 3, (int32_t)last);
	wide = begin(a, ANIL, 0, REGISTERS(AINT, AINT, AINT, AINT, AFUNCTION));
	OP(LDI, 0, 0, 0, 4);
	OP(LDI, 1, 0, 0, 5);
	OP(LDI, 2, 0, 0, 6);
	OP(LDI, 3, 0, 0, 7);
	OP(CALLL, 0, 0, 4, (int32_t)tail);
	OP(LPRE, 0, 3, 1, 0); /* the frame is still itself */
	end_list(a);
	table = test(a); /* LTABLE: from 3 on, nil left out */
	OP(LSET, 0, M, 1, 0);
	OP(LDI, I0, 0, 0, 3);
	OP(LPRE, 0, I0, 1, 0);
	OP(LPRE, 0, M, 1, 0);
	OP(LDS, S, 0, 0, 0);
	OP(LPRE, 0, S, 1, 0);
	OP(TNEW, T, 0, 0, 0);
	OP(LTABLE, T, I0, 0, 0);
	OP(TLEN, I1, T, 0, 0);
	OP(LDI, I2, 0, 0, 5);
	OP(TGET, I2, T, I2, 1);
	OP(TGET, V, T, I0, 1);
	end(a, I1, 3);
	for (int n = 0; n < 40; n++)
		forty[n] = AINT;
	deep = begin(a, ANIL, 0, forty); /* more than the list holds */
	OP(CALL, 0, 0, 0, (int32_t)deep + 1);
	OP(CALLL, 0, 0, 33, (int32_t)all);
	OP(RETNIL, 0, 0, 0, 0);
	begin(a, AINT, 0, forty);
	OP(CALLL, 0, 0, 32, (int32_t)all);
	OP(LEMIT, 0, 0, 0, 0);
	OP(RET, 0, 0, 0, 0);
	r = must_load(a);
	prints(r, direct, "2 3", "a variadic function");
	prints(r, none, "", "no arguments at all");
	prints(r, some, "1 2 3 9", "sums by tail calls");
	prints(r, wide, "7 5 6", "a variadic tail call of a variadic function");
	prints(r, table, "2 3 text", "LTABLE");
	fails(r, deep, KTAP_ERROR_LIST, 33, KTAP_MAX_LIST, "33 variable arguments");
	CHECK(r->output->count == 1, "32 variable arguments");
	unload(r);
}

static void test_tail_calls(void)
{
	struct assembly *a = world();
	uint32_t million, mutual, value, count, odd, by_list, deep, deeper, wide, mixed, args;
	uint16_t many[KTAP_MAX_REGISTERS + 1] = { 0 };
	struct run *r;

	count = begin(a, AINT, 2, REGISTERS(AINT, AINT)); /* counts r0 down and r1 up */
	OP(JGTI, 0, 0, 0, 1);
	OP(RET, 1, 0, 0, 0);
	OP(ADDI, 0, 0, 0, -1);
	OP(ADDI, 1, 1, 0, 1);
	OP(TCALL, 0, 0, 2, (int32_t)count);
	odd = begin(a, AINT, 2, REGISTERS(AINT, AINT, AINT, AFUNCTION, AINT, AINT)); /* and its counterpart */
	OP(JGTI, 0, 0, 0, 1);
	OP(RET, 1, 0, 0, 0);
	OP(ADDI, 5, 0, 0, -1);
	OP(ADDI, 4, 1, 0, 1);
	OP(LSET, 0, 4, 1, 0);
	OP(LPRE, 0, 5, 1, 0);
	OP(LDF, 3, 0, 0, (int32_t)odd + 1);
	OP(LTCALL, 3, 0, 0, 0);
	begin(a, AINT, 2, REGISTERS(AINT, AINT, AFUNCTION, AINT, AINT));
	OP(JGTI, 0, 0, 0, 1);
	OP(RET, 1, 0, 0, 0);
	OP(ADDI, 3, 0, 0, -1);
	OP(ADDI, 4, 1, 0, 1);
	OP(LDF, 2, 0, 0, (int32_t)odd);
	OP(TCALLV, 0, 2, 3, 0);
	million = test(a);
	numbers(a, 1000000, 0, 0);
	OP(CALL, I0, I0, 2, (int32_t)count);
	end(a, I0, 1);
	mutual = test(a);
	numbers(a, 1000001, 0, 0);
	OP(CALLL, 0, I0, 2, (int32_t)odd);
	end_list(a);
	by_list = begin(a, ANIL, 0, REGISTERS(AFUNCTION, AINT, AINT)); /* top-level code ends so */
	OP(LDI, 1, 0, 0, 9);
	OP(EMIT, 0, 1, 1, 1);
	OP(LDF, 0, 0, 0, NONE);
	OP(LTCALL, 0, 0, 0, 0);
	/* deep: calls itself to the limit, all results through the list */
	deep = begin(a, AINT, 1, REGISTERS(AINT, AINT));
	OP(JGTI, 0, 0, 0, 1);
	OP(RET, 0, 0, 0, 0);
	OP(ADDI, 1, 0, 0, -1);
	OP(CALLL, 0, 1, 1, (int32_t)deep);
	OP(LPRE, 0, 0, 1, 0);
	OP(LGET, 1, 0, 0, 0);
	OP(RET, 1, 0, 0, 0);
	value = begin(a, AINT, 1, REGISTERS(AINT, AFUNCTION, AINT));
	OP(ADDI, 2, 0, 0, 1);
	OP(LDF, 1, 0, 0, (int32_t)value);
	OP(CALLV, 0, 1, 2, 0);
	OP(RET, 0, 0, 0, 0);
	deeper = test(a);
	numbers(a, 0, 0, 0);
	OP(CALL, I0, I0, 1, (int32_t)value);
	OP(RETNIL, 0, 0, 0, 0);
	for (int n = 0; n < KTAP_MAX_REGISTERS; n++)
		many[n] = ANIL;
	/* wide: every frame has arguments in front; the limit counts them */
	wide = begin(a, ANIL, 0, many);
	set_flags(a, VARIADIC);
	OP(CALL, 0, 0, 200, (int32_t)wide);
	OP(RETNIL, 0, 0, 0, 0);
	/* mixed: arguments change their places; r2 is one that goes behind the parameters */
	mixed = begin(a, AINT, 3, REGISTERS(AINT, AINT, AINT, AINT, AINT, AINT, AINT | ANIL));
	set_flags(a, VARIADIC);
	OP(LVAR, 0, 0, 0, 0);
	OP(LGET, 6, 0, 0, 0);
	OP(JGTI, 0, 0, 0, 2);
	OP(LPRE, 0, 0, 3, 0);
	OP(RETL, 0, 0, 0, 0);
	OP(ADDI, 3, 0, 0, -1);
	OP(MOV, 4, 2, 0, 0);
	OP(MOV, 5, 1, 0, 0);
	OP(TCALL, 0, 3, 4, (int32_t)mixed); /* (r0 - 1, r2, r1, r6) */
	args = test(a);
	numbers(a, 4, 5, 6);
	OP(MOVV, M, I0, 0, 0);
	OP(CALLL, 0, I0, 3, (int32_t)mixed);
	end_list(a);
	r = must_load(a);
	CHECK(!call(r, million) && printed_integer(r) == 1000000, "a million tail calls: %u", r->code);
	CHECK(!call(r, mutual) && printed_integer(r) == 1000001, "a million and one: %u", r->code);
	CHECK(call_probe(r, million) == KTAP_ERROR_FUEL, "in a probe: %u", r->code);
	CHECK(!call(r, by_list) && printed_integer(r) == 9, "top-level code: %u", r->code);
	CHECK(call(r, deeper) == KTAP_ERROR_DEPTH &&
		      ktap_exec_error(r->main)->detail[0] == KTAP_MAIN_DEPTH,
	      "calls by value to the limit: %u", r->code);
	CHECK(call_probe(r, deeper) == KTAP_ERROR_DEPTH, "in a probe: %u", r->code);
	CHECK(call(r, wide) == KTAP_ERROR_REGISTERS &&
		      ktap_exec_error(r->main)->detail[0] == KTAP_MAIN_REGISTERS,
	      "registers: %u", r->code);
	CHECK(call_probe(r, wide) == KTAP_ERROR_REGISTERS, "in a probe: %u", r->code);
	prints(r, args, "0 5 6 nil", "arguments that change places");
	unload(r);

	/* The register limit of a probe is 512: 240 + 200 + 72, and one more. */
	for (uint32_t more = 0; more < 2; more++) {
		a = assembly_new();
		add_probe(a, KTAP_PROBE_MAIN, begin(a, ANIL, 0, many), "", 0);
		OP(CALL, 0, 0, 200, 1);
		OP(RETNIL, 0, 0, 0, 0);
		many[72 + more] = 0;
		begin(a, ANIL, 0, many);
		set_flags(a, VARIADIC);
		OP(RETNIL, 0, 0, 0, 0);
		many[72 + more] = ANIL;
		r = must_load(a);
		CHECK(call_probe(r, 0) == (more ? KTAP_ERROR_REGISTERS : 0), "%u more: %u", more,
		      r->code);
		unload(r);
	}
}

/* Strings in the list and among variable arguments outlive many others. */
static void test_compaction(void)
{
	struct assembly *a = world();
	uint32_t churn, keep, start, loop;
	struct run *r;

	churn = begin(a, AINT, 0, REGISTERS(ASTR, AINT)); /* 5,000 strings of 12 bytes and more */
	loop = OP(CONCAT, 0, 0, 1, 0);
	OP(LDS, 0, 0, 0, 0);
	OP(ADDI, 1, 1, 0, 1);
	OP(CONCAT, 0, 0, 1, 0);
	OP(CONCAT, 0, 0, 0, 0);
	op(a, KTAP_OP_JLTI, 1, 5000 & 255, 5000 >> 8, (int32_t)loop - (int32_t)a->instruction_count - 1);
	OP(RET, 1, 0, 0, 0);
	keep = begin(a, AVALUE, 1, REGISTERS(ASTR, ASTR, AINT)); /* (its argument, those behind) */
	set_flags(a, VARIADIC);
	OP(LDI, 2, 0, 0, 5);
	OP(CONCAT, 1, 0, 2, 0);
	OP(LSET, 0, 0, 2, 0);
	OP(CALL, 2, 0, 0, (int32_t)churn);
	OP(LEMIT, 0, 0, 0, 0);
	OP(LVAR, 0, 0, 0, 0);
	OP(CALL, 2, 0, 0, (int32_t)churn);
	OP(LPRE, 0, 0, 2, 0);
	OP(LEMIT, 0, 0, 0, 0);
	OP(RETL, 0, 0, 0, 0);
	start = begin(a, ANIL, 0, REGISTERS(ASTR, ASTR, ASTR, AINT));
	OP(LDS, 0, 0, 0, 0);
	for (int n = 1; n < 3; n++) {
		OP(LDI, 3, 0, 0, n);
		op(a, KTAP_OP_CONCAT, (uint8_t)n, 0, 3, 0);
	}
	OP(CONCAT, 0, 0, 3, 0);
	OP(CALLL, 0, 0, 3, (int32_t)keep);
	OP(LPRE, 0, 0, 2, 0);
	OP(LEMIT, 0, 0, 0, 0);
	OP(RETNIL, 0, 0, 0, 0);
	r = must_load(a);
	CHECK(!call(r, start) && r->output->count == 3, "error %u", r->code);
	CHECK(!strcmp(values(r), "text2 text25"), "the list: %s", values(r));
	for (uint32_t n = 0; n < 6; n++) {
		static const char *const texts[] = { "text2", "text1", "text2", "text25", "text1", "text2" };
		struct printed p = printed(r, 2, n);

		CHECK(p.kind == KTAP_KIND_STR && p.length == strlen(texts[n]) &&
			      !memcmp(p.text, texts[n], p.length),
		      "%u: %.*s", n, (int)p.length, p.kind == KTAP_KIND_STR ? p.text : "");
	}
	unload(r);
}

/* What one run leaves in the list the next one does not find; nor what a handler was given. */
static void test_fresh_list(void)
{
	struct assembly *a = world();
	uint32_t leave, look, event;
	struct run *r;

	leave = test(a);
	numbers(a, 1, 2, 3);
	OP(LSET, 0, I0, 3, 0);
	OP(RETNIL, 0, 0, 0, 0);
	look = test(a);
	end_list(a);
	event = begin(a, ANIL, 1, REGISTERS(AEVENT, AINT));
	OP(LDI, 1, 0, 0, 3);
	OP(LSET, 0, 0, 2, 0);
	OP(LEMIT, 0, 0, 0, 0);
	OP(RETNIL, 0, 0, 0, 0);
	add_probe(a, KTAP_PROBE_EVENT, event, "a:b", 0);
	r = must_load(a);
	call(r, leave);
	CHECK(!call(r, look) && r->output->count == 1 && r->output->records[0].length == 0,
	      "an empty list");
	CHECK(!call_probe(r, event) && printed(r, 0, 0).kind == KTAP_KIND_EVENT &&
		      printed(r, 0, 0).length == 24 && printed(r, 0, 1).integer == 3,
	      "an event in the list");
	CHECK(!call_probe(r, look) && r->output->records[0].length == 0, "the event is gone");
	unload(r);
}

void test_functions(void)
{
	test_tail_calls();
	test_compaction();
	test_fresh_list();
	test_calls();
	test_errors();
	test_variadic();
}
