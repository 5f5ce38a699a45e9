// SPDX-License-Identifier: GPL-2.0-or-later
/* What the verifier says about functions as values: operands, reach, costs, capabilities. */
#include <errno.h>
#include <string.h>

#include "run.h"

/* Registers of the function under test. */
enum { F0, I0, I1, I2, T0, S0, E0, MAYBE, ANY, FMAYBE, NONE };

static const uint16_t masks[] = { AFUNCTION, AINT, AINT, AINT, ATABLE, ASTR, AEVENT, AINT | ANIL,
				  AVALUE, AFUNCTION | ANIL, ANIL, 0 };

enum { MAIN, PLAIN, VARIADIC, CLOSED, BOTH, UNDER_TEST };

/* Formats 0: one value; 1: the list. */
static struct assembly *world(uint16_t result, uint16_t flags)
{
	struct assembly *a = assembly_new();

	add_format(a, 1);
	add_list_format(a);
	add_global(a, AFUNCTION);
	add_global(a, AVALUE);
	add_table(a, AVALUE, 1, AINT, 0, 0, 0);
	add_probe(a, KTAP_PROBE_MAIN, begin(a, ANIL, 0, REGISTERS(AINT)), "", 0);
	OP(RETNIL, 0, 0, 0, 0);
	begin(a, AINT, 2, REGISTERS(AINT, AINT | ANIL)); /* PLAIN */
	OP(RET, 0, 0, 0, 0);
	begin(a, ANIL, 1, REGISTERS(AINT)); /* VARIADIC */
	set_flags(a, KTAP_FUNCTION_VARIADIC);
	OP(RETNIL, 0, 0, 0, 0);
	begin(a, ANIL, 2, REGISTERS(ATABLE, AINT)); /* CLOSED */
	set_flags(a, KTAP_FUNCTION_CLOSURE);
	OP(RETNIL, 0, 0, 0, 0);
	begin(a, ANIL, 1, REGISTERS(ATABLE)); /* BOTH */
	set_flags(a, KTAP_FUNCTION_CLOSURE | KTAP_FUNCTION_VARIADIC);
	OP(LVAR, 0, 0, 0, 0);
	OP(RETNIL, 0, 0, 0, 0);
	begin(a, result, 0, masks);
	set_flags(a, flags);
	return a;
}

static void expect(struct assembly *a, bool good, int error, const char *what)
{
	struct run *r = load(a);

	CHECK((r->program != NULL) == good, "%s: %s", what, r->diagnostic.text);
	CHECK(good || (r->diagnostic.error == error && r->diagnostic.text[0]), "%s: %d %s", what,
	      r->diagnostic.error, r->diagnostic.text);
	/* What is accepted also runs to an end. */
	if (r->program && ktap_program_info(r->program)->function_count > UNDER_TEST) {
		call(r, UNDER_TEST);
		call_probe(r, UNDER_TEST);
	}
	unload(r);
}

#define YES(what, op, ...) { what, true, KTAP_OP_##op, __VA_ARGS__ }
#define NO(what, op, ...) { what, false, KTAP_OP_##op, __VA_ARGS__ }

static const struct {
	const char *what;
	bool good;
	uint8_t op, a, b, c;
	int32_t imm;
} ones[] = {
	YES("LDF", LDF, F0, 0, 0, PLAIN),
	YES("LDF of a variadic function", LDF, F0, 0, 0, VARIADIC),
	NO("LDF of a closure", LDF, F0, 0, 0, CLOSED),
	NO("LDF of a variadic closure", LDF, F0, 0, 0, BOTH),
	NO("LDF into function|nil", LDF, FMAYBE, 0, 0, PLAIN),
	NO("LDF into an integer", LDF, I0, 0, 0, PLAIN),
	NO("LDF of no function", LDF, F0, 0, 0, UNDER_TEST + 1),
	NO("LDF of a negative function", LDF, F0, 0, 0, -1),
	YES("CLOSURE", CLOSURE, F0, T0, 0, CLOSED),
	YES("CLOSURE of a variadic one", CLOSURE, F0, T0, 0, BOTH),
	NO("CLOSURE of a plain function", CLOSURE, F0, T0, 0, PLAIN),
	NO("CLOSURE over an integer", CLOSURE, F0, I0, 0, CLOSED),
	NO("CLOSURE over anything", CLOSURE, F0, ANY, 0, CLOSED),
	NO("CLOSURE into anything", CLOSURE, ANY, T0, 0, CLOSED),
	YES("MOV of functions", MOV, F0, F0, 0, 0),
	YES("MOVV of functions", MOVV, FMAYBE, F0, 0, 0),
	NO("MOVV narrowing functions", MOVV, F0, FMAYBE, 0, 0),
	YES("CHECK of functions", CHECK, F0, ANY, 0, KTAP_ERROR_CALL),
	YES("SETG of a function", SETG, F0, 0, 0, 0),
	NO("SETG of function|nil", SETG, FMAYBE, 0, 0, 0),
	YES("CALL with the table", CALL, ANY, T0, 0, UNDER_TEST),
	NO("CALL of a closure without its table", CALL, ANY, I0, 2, CLOSED),
	YES("CALL of a variadic function", CALL, ANY, I0, 5, VARIADIC),
	YES("CALL of one with no more", CALL, ANY, I0, 1, VARIADIC),
	NO("CALL of a variadic function with too few", CALL, ANY, I0, 0, VARIADIC),
	NO("CALL of a variadic function with a wrong kind", CALL, ANY, S0, 3, VARIADIC),
	NO("CALL of a variadic function beyond", CALL, ANY, I0, 11, VARIADIC),
	NO("CALL of a variadic function, far beyond", CALL, ANY, I0, 255, VARIADIC),
	YES("CALLL", CALLL, 0, I0, 2, PLAIN),
	NO("CALLL with A", CALLL, 1, I0, 2, PLAIN),
	NO("CALLL with a wrong kind", CALLL, 0, S0, 2, PLAIN),
	NO("CALLL with one too many", CALLL, 0, I0, 3, PLAIN),
	NO("CALLL of no function", CALLL, 0, I0, 2, 99),
	YES("CALLV", CALLV, I0, F0, 3, 0),
	YES("CALLV with many", CALLV, I0, F0, 11, 0),
	NO("CALLV without the function", CALLV, I0, F0, 0, 0),
	NO("CALLV of function|nil", CALLV, I0, FMAYBE, 1, 0),
	NO("CALLV of anything", CALLV, I0, ANY, 1, 0),
	NO("CALLV beyond", CALLV, I0, F0, 12, 0),
	NO("CALLV far beyond", CALLV, I0, 255, 255, 0),
	NO("CALLV with imm", CALLV, I0, F0, 1, 1),
	NO("CALLV into no register", CALLV, 11, F0, 1, 0),
	YES("CALLVL", CALLVL, 0, F0, 2, 0),
	NO("CALLVL with A", CALLVL, 1, F0, 2, 0),
	NO("CALLVL of an integer", CALLVL, 0, I0, 2, 0),
	NO("CALLVL of nothing", CALLVL, 0, 0, 0, 0),
	YES("LCALL", LCALL, F0, 0, 0, 0),
	NO("LCALL of anything", LCALL, ANY, 0, 0, 0),
	NO("LCALL with B", LCALL, F0, 1, 0, 0),
	YES("TCALL", TCALL, 0, I0, 4, VARIADIC),
	YES("TCALL of itself", TCALL, 0, 0, 0, UNDER_TEST),
	NO("TCALL of a result that is none of its own", TCALL, 0, I0, 2, PLAIN),
	NO("TCALL with A", TCALL, 1, I0, 1, VARIADIC),
	YES("TCALLV", TCALLV, 0, F0, 2, 0),
	NO("TCALLV of an event", TCALLV, 0, E0, 1, 0),
	NO("TCALLV of nothing", TCALLV, 0, F0, 0, 0),
	YES("LTCALL", LTCALL, F0, 0, 0, 0),
	NO("LTCALL of a table", LTCALL, T0, 0, 0, 0),
	YES("LSET", LSET, 0, I0, 3, 0),
	YES("LSET of an event", LSET, 0, E0, 1, 0),
	YES("LSET of nothing", LSET, 0, 200, 0, 0),
	NO("LSET beyond", LSET, 0, I0, 11, 0),
	NO("LSET of 33", LSET, 0, 0, 33, 0),
	YES("LPRE", LPRE, 0, 0, 11, 0),
	NO("LPRE beyond", LPRE, 0, 0, 12, 0),
	NO("LPRE with imm", LPRE, 0, 0, 1, 1),
	NO("LVAR in a function without", LVAR, 0, 0, 0, 0),
	YES("LGET", LGET, S0, 0, 0, 31),
	NO("LGET beyond", LGET, S0, 0, 0, 32),
	NO("LGET before", LGET, S0, 0, 0, -1),
	NO("LGET with B", LGET, S0, 1, 0, 0),
	YES("LTABLE", LTABLE, T0, I0, 0, 0),
	NO("LTABLE from any", LTABLE, T0, ANY, 0, 0),
	NO("LTABLE into any", LTABLE, ANY, I0, 0, 0),
	YES("LEMIT", LEMIT, 0, 0, 0, 1),
	NO("LEMIT with a format of values", LEMIT, 0, 0, 0, 0),
	NO("LEMIT without a format", LEMIT, 0, 0, 0, 2),
	NO("EMIT with the list's format", EMIT, 0, I0, 1, 1),
	NO("EMIT of 255 with the list's format", EMIT, 0, 0, 255, 1),
	YES("RETL", RETL, 0, 0, 0, 0),
	NO("RETL with A", RETL, 1, 0, 0, 0),
};

static void test_ones(void)
{
	struct assembly *a;

	for (size_t n = 0; n < sizeof(ones) / sizeof(*ones); n++) {
		a = world(ANIL, 0);
		a->main_fuel = 1000;
		op(a, ones[n].op, ones[n].a, ones[n].b, ones[n].c, ones[n].imm);
		OP(RETNIL, 0, 0, 0, 0);
		expect(a, ones[n].good, -ENOEXEC, ones[n].what);
	}
	a = world(ANIL, KTAP_FUNCTION_VARIADIC);
	OP(LVAR, 0, 0, 0, 0);
	OP(RETNIL, 0, 0, 0, 0);
	expect(a, true, 0, "LVAR");
	a = world(AINT, 0);
	OP(RETL, 0, 0, 0, 0);
	expect(a, true, 0, "RETL is looked at when it runs");
	a = world(AINT | ANIL, 0);
	OP(TCALL, 0, I0, 2, PLAIN);
	expect(a, true, 0, "TCALL as the last instruction");
	a = world(ANIL, 0);
	OP(TCALLV, 0, F0, 1, 0);
	expect(a, true, 0, "TCALLV as the last instruction");
	a = world(ANIL, 0);
	OP(LTCALL, F0, 0, 0, 0);
	expect(a, true, 0, "LTCALL as the last instruction");
	a = world(ANIL, 0);
	OP(LCALL, F0, 0, 0, 0);
	expect(a, false, -ENOEXEC, "LCALL as the last instruction");
	a = world(ANIL, 4);
	OP(RETNIL, 0, 0, 0, 0);
	expect(a, false, -EBADMSG, "an unknown flag");
	a = world(ANIL, KTAP_FUNCTION_CLOSURE);
	OP(RETNIL, 0, 0, 0, 0);
	expect(a, false, -EBADMSG, "a closure without parameters");
	a = world(ANIL, 0);
	OP(RETNIL, 0, 0, 0, 0);
	begin(a, ANIL, 1, REGISTERS(ATABLE | ANIL));
	set_flags(a, KTAP_FUNCTION_CLOSURE);
	OP(RETNIL, 0, 0, 0, 0);
	expect(a, false, -EBADMSG, "a closure whose parameter is perhaps a table");
	a = world(ANIL, 0);
	OP(RETNIL, 0, 0, 0, 0);
	add_probe(a, KTAP_PROBE_EVENT, CLOSED, "a:b", 0);
	expect(a, false, -ENOEXEC, "a closure as a handler");
}

/* A handler that calls by value reaches what LDF or CLOSURE names anywhere; others do not. */
static void test_reach(void)
{
	static const uint8_t calls[] = { KTAP_OP_RETNIL, KTAP_OP_CALLV, KTAP_OP_CALLVL, KTAP_OP_LCALL,
					 KTAP_OP_TCALLV, KTAP_OP_LTCALL };

	for (size_t n = 0; n < sizeof(calls); n++) {
		for (int named = 0; named < 2; named++) {
			struct assembly *a = assembly_new();
			bool by_value = n > 0, run = calls[n] != KTAP_OP_LCALL && calls[n] != KTAP_OP_LTCALL;
			struct run *r;

			add_table(a, AINT, 1, AINT, 0, 0, 0);
			add_field(a, "n", AINT);
			add_probe(a, KTAP_PROBE_MAIN, begin(a, ANIL, 0, REGISTERS(AFUNCTION, ATABLE)), "", 0);
			if (named)
				OP(LDF, 0, 0, 0, 3);
			OP(RETNIL, 0, 0, 0, 0);
			begin(a, ANIL, 1, REGISTERS(AEVENT, AFUNCTION, ANIL)); /* 1: the handler */
			OP(CALL, 2, 0, 1, 2);
			OP(RETNIL, 0, 0, 0, 0);
			begin(a, ANIL, 1, REGISTERS(AEVENT, AFUNCTION, ANIL));
			if (n)
				op(a, calls[n], run ? calls[n] == KTAP_OP_CALLV ? 2 : 0 : 1, run ? 1 : 0,
				   run ? 1 : 0, 0);
			OP(RETNIL, 0, 0, 0, 0);
			begin(a, ANIL, 0, REGISTERS(ATABLE, ANIL)); /* 3: named, or not */
			OP(CALL, 1, 0, 0, 4);
			OP(RETNIL, 0, 0, 0, 0);
			begin(a, ANIL, 0, REGISTERS(ATABLE));
			OP(LIB, 0, 0, 1, KTAP_LIB_PRINT_TABLE);
			OP(RETNIL, 0, 0, 0, 0);
			add_probe(a, KTAP_PROBE_EVENT, 1, "a:b", 0);
			r = load(a);
			CHECK((r->program == NULL) == (by_value && named), "%zu: %s", n, r->diagnostic.text);
			CHECK(r->program || strstr(r->diagnostic.text, "print_table"), "%s",
			      r->diagnostic.text);
			if (r->program)
				CHECK(ktap_program_probe(r->program, 1)->cost_is_fuel == by_value,
				      "%zu: %llu", n,
				      (unsigned long long)ktap_program_probe(r->program, 1)->cost);
			unload(r);
		}
	}
}

static void test_costs(void)
{
	static const struct {
		uint64_t cost;
		bool fuel;
	} expected[] = { { 3, false }, { 6, false }, { 10000, true }, { 10000, true }, { 4, false } };
	struct assembly *a = assembly_new();
	struct run *r;

	add_probe(a, KTAP_PROBE_MAIN, begin(a, ANIL, 0, REGISTERS(ANIL)), "", 0);
	OP(RETNIL, 0, 0, 0, 0);
	begin(a, ANIL, 0, REGISTERS(AINT)); /* 1: 3 */
	OP(LSET, 0, 0, 1, 0);
	OP(LPRE, 0, 0, 1, 0);
	OP(RETL, 0, 0, 0, 0);
	begin(a, ANIL, 0, REGISTERS(ABOOL)); /* 2: 1 + 1 + the callee's 3 and 1 */
	OP(JF, 0, 0, 0, 2);
	OP(CALLL, 0, 0, 0, 1);
	OP(RETNIL, 0, 0, 0, 0);
	OP(TCALL, 0, 0, 0, 1);
	begin(a, ANIL, 0, REGISTERS(AINT)); /* 3, 4: a circle of tail calls */
	OP(TCALL, 0, 0, 0, 4);
	begin(a, ANIL, 0, REGISTERS(AINT));
	OP(TCALL, 0, 0, 0, 3);
	begin(a, ANIL, 0, REGISTERS(ABOOL)); /* 5: what stands behind a tail call is not added */
	OP(TCALL, 0, 0, 0, 1);
	OP(LDB, 0, 0, 0, 0);
	OP(LDB, 0, 0, 0, 0);
	OP(RETNIL, 0, 0, 0, 0);
	for (uint32_t n = 0; n < 5; n++)
		add_probe(a, KTAP_PROBE_EVENT, n + 1, "a:b", 0);
	r = must_load(a);
	for (uint32_t n = 0; n < 5; n++) {
		const struct ktap_probe_info *probe = ktap_program_probe(r->program, n + 1);

		CHECK(probe->cost == expected[n].cost && probe->cost_is_fuel == expected[n].fuel,
		      "function %u costs %llu", n + 1, (unsigned long long)probe->cost);
	}
	CHECK(call_probe(r, 3) == KTAP_ERROR_FUEL, "the circle ends: %u", r->code);
	unload(r);
}

/* An event in the list is a captured event: it needs USER_DATA, and is prepared for. */
static void test_list_events(void)
{
	for (int way = 0; way < 8; way++) {
		for (int allowed = 0; allowed < 2; allowed++) {
			bool event = way > 1;
			struct assembly *a = assembly_new();
			struct run *r;

			a->capabilities = KTAP_CAPABILITY_OBSERVE |
					  (allowed ? KTAP_CAPABILITY_USER_DATA : 0);
			add_list_format(a);
			add_probe(a, KTAP_PROBE_MAIN, begin(a, ANIL, 0, REGISTERS(ANIL)), "", 0);
			OP(RETNIL, 0, 0, 0, 0);
			begin(a, ANIL, 1, REGISTERS(AEVENT, AINT, AFUNCTION, AEVENT, AEVENT, ANIL));
			switch (way) {
			case 1: /* only a number */
				OP(LSET, 0, 1, 1, 0);
				break;
			case 2:
				OP(LSET, 0, 0, 2, 0);
				break;
			case 3:
				OP(LPRE, 0, 0, 1, 0);
				break;
			case 4: /* as a result */
				OP(CALLL, 0, 0, 1, 2);
				break;
			case 5: /* as a variable argument */
				OP(CALLL, 0, 1, 3, 3);
				break;
			case 6: /* as one of a call by value */
				OP(CALLVL, 0, 2, 2, 0);
				break;
			case 7:
				OP(CALL, 5, 1, 4, 3);
				break;
			}
			OP(LEMIT, 0, 0, 0, 0);
			OP(RETNIL, 0, 0, 0, 0);
			begin(a, AEVENT, 1, REGISTERS(AEVENT)); /* 2: its argument */
			if (way == 4)
				OP(RET, 0, 0, 0, 0);
			else
				OP(JMP, 0, 0, 0, -1);
			begin(a, ANIL, 1, REGISTERS(AINT)); /* 3: (number, ...) */
			set_flags(a, KTAP_FUNCTION_VARIADIC);
			OP(LVAR, 0, 0, 0, 0);
			OP(RETNIL, 0, 0, 0, 0);
			add_probe(a, KTAP_PROBE_EVENT, 1, "a:b", 0);
			r = load(a);
			CHECK((r->program != NULL) == (allowed || !event), "way %d: %s", way,
			      r->diagnostic.text);
			if (r->program)
				CHECK(ktap_program_captures(r->program, 1) == event, "way %d", way);
			unload(r);
		}
	}
}

void test_verifier_calls(void)
{
	test_ones();
	test_reach();
	test_costs();
	test_list_events();
}
