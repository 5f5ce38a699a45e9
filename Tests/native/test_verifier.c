// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * What the verifier accepts and refuses, in pairs: one instruction (or a few) in front of
 * RETNIL in a function with one register of each interesting mask.
 */
#include <errno.h>
#include <string.h>

#include "run.h"

/* Registers of the function under test. */
enum { I0, I1, B0, S0, T0, I2, I3, E0, MAYBE, ANY, NONE, REGISTERS_HERE };

static const uint16_t masks[] = { AINT, AINT, ABOOL, ASTR, ATABLE, AINT, AINT, AEVENT,
				  AINT | ANIL, AVALUE, ANIL, 0 };

/* Names for what the assembly below declares, each at index 0, 1, ... */
enum { G_INT, G_MAYBE, G_ANY, G_BOOL };

static struct assembly *world(void)
{
	struct assembly *a = assembly_new();

	add_integer(a, 1);
	add_string(a, "s");
	add_global(a, AINT);
	add_global(a, AINT | ANIL);
	add_global(a, AVALUE);
	add_global(a, ABOOL);
	add_table(a, AINT, 1, AINT, 0, 0, 0);
	add_field(a, "n", AINT);
	add_field(a, "s", ASTR);
	add_format(a, 2);
	add_format(a, 0);
	add_probe(a, KTAP_PROBE_MAIN, begin(a, ANIL, 0, REGISTERS(AINT)), "", 0);
	OP(RETNIL, 0, 0, 0, 0);
	/* 1: takes int and int|nil, gives int */
	begin(a, AINT, 2, REGISTERS(AINT, AINT | ANIL));
	OP(RET, 0, 0, 0, 0);
	/* 2: the one under test */
	begin(a, ANIL, 0, masks);
	return a;
}

struct one {
	const char *what;
	bool good;
	uint8_t op, a, b, c;
	int32_t imm;
};

#define YES(what, op, ...) { what, true, KTAP_OP_##op, __VA_ARGS__ }
#define NO(what, op, ...) { what, false, KTAP_OP_##op, __VA_ARGS__ }

static const struct one ones[] = {
	/* operand roles */
	YES("LDI", LDI, I0, 0, 0, -5),
	NO("LDI of a string register", LDI, S0, 0, 0, 1),
	NO("LDI of int|nil", LDI, MAYBE, 0, 0, 1),
	NO("LDI beyond the registers", LDI, REGISTERS_HERE, 0, 0, 1),
	NO("LDI of register 255", LDI, 255, 0, 0, 1),
	NO("LDI with B", LDI, I0, 1, 0, 1),
	NO("LDI with C", LDI, I0, 0, 1, 1),
	YES("LDK", LDK, I0, 0, 0, 0),
	NO("LDK beyond", LDK, I0, 0, 0, 1),
	NO("LDK negative", LDK, I0, 0, 0, -1),
	YES("LDS", LDS, S0, 0, 0, 0),
	NO("LDS beyond", LDS, S0, 0, 0, 1),
	NO("LDS into int", LDS, I0, 0, 0, 0),
	YES("LDB", LDB, B0, 0, 0, 1),
	NO("LDB 2", LDB, B0, 0, 0, 2),
	NO("LDB -1", LDB, B0, 0, 0, -1),
	YES("LDNIL", LDNIL, MAYBE, 0, 0, 0),
	YES("LDNIL of nil", LDNIL, NONE, 0, 0, 0),
	NO("LDNIL of int", LDNIL, I0, 0, 0, 0),
	NO("LDNIL with imm", LDNIL, MAYBE, 0, 0, 1),
	YES("MOV", MOV, I0, I1, 0, 0),
	NO("MOV of different kinds", MOV, I0, B0, 0, 0),
	NO("MOV of tagged ones", MOV, MAYBE, MAYBE, 0, 0),
	NO("MOV of nil", MOV, NONE, NONE, 0, 0),
	NO("MOV typed from tagged", MOV, I0, MAYBE, 0, 0),
	YES("MOVV widening", MOVV, MAYBE, I0, 0, 0),
	YES("MOVV same", MOVV, ANY, ANY, 0, 0),
	NO("MOVV narrowing", MOVV, I0, MAYBE, 0, 0),
	NO("MOVV event into any", MOVV, ANY, E0, 0, 0),
	YES("CHECK", CHECK, I0, ANY, 0, KTAP_ERROR_KIND),
	YES("CHECK INDEX", CHECK, T0, ANY, 0, KTAP_ERROR_INDEX),
	NO("CHECK that never holds", CHECK, I0, S0, 0, KTAP_ERROR_KIND),
	NO("CHECK with another error", CHECK, I0, ANY, 0, KTAP_ERROR_FUEL),
	YES("ADD", ADD, I0, I1, I2, 0),
	NO("ADD of a bool", ADD, I0, B0, I2, 0),
	NO("ADD of a string", ADD, I0, I1, S0, 0),
	NO("ADD into a tagged one", ADD, MAYBE, I1, I2, 0),
	YES("DIVI", DIVI, I0, I1, 0, -1),
	NO("DIVI by 0", DIVI, I0, I1, 0, 0),
	NO("MODI by 0", MODI, I0, I1, 0, 0),
	YES("SHLI 63", SHLI, I0, I1, 0, 63),
	NO("SHLI 64", SHLI, I0, I1, 0, 64),
	NO("SHRI -1", SHRI, I0, I1, 0, -1),
	YES("ARITH", ARITH, I0, ANY, MAYBE, KTAP_ARITHMETIC_SHR),
	NO("ARITH of no operation", ARITH, I0, ANY, MAYBE, KTAP_ARITHMETIC_COUNT),
	YES("NOT", NOT, B0, B0, 0, 0),
	NO("NOT of int", NOT, B0, I0, 0, 0),
	YES("TRUTH", TRUTH, B0, E0, 0, 0),
	YES("EQ", EQ, B0, I0, I1, 0),
	NO("EQ into int", EQ, I0, I0, I1, 0),
	YES("EQS", EQS, B0, S0, S0, 0),
	NO("EQS of int", EQS, B0, S0, I0, 0),
	YES("COMPARE", COMPARE, B0, ANY, E0, KTAP_COMPARISON_MATCH),
	NO("COMPARE of no operation", COMPARE, B0, ANY, ANY, KTAP_COMPARISON_COUNT),
	YES("CONCAT", CONCAT, S0, I0, ANY, 0),
	NO("CONCAT into any", CONCAT, ANY, S0, S0, 0),
	/* jumps: the function has this instruction at 0 and RETNIL at 1 */
	YES("JMP to the end", JMP, 0, 0, 0, 0),
	YES("JMP to itself", JMP, 0, 0, 0, -1),
	NO("JMP behind the end", JMP, 0, 0, 0, 1),
	NO("JMP before the beginning", JMP, 0, 0, 0, -2),
	NO("JMP far", JMP, 0, 0, 0, INT32_MAX),
	NO("JMP far back", JMP, 0, 0, 0, INT32_MIN),
	YES("JT", JT, B0, 0, 0, 0),
	NO("JT of int", JT, I0, 0, 0, 0),
	YES("JFV", JFV, ANY, 0, 0, 0),
	YES("JLT", JLT, I0, I1, 0, 0),
	NO("JLT with C", JLT, I0, I1, 1, 0),
	NO("JEQ of strings", JEQ, S0, S0, 0, 0),
	YES("JEQI", JEQI, I0, 255, 255, 0),
	NO("JEQI of a string", JEQI, S0, 255, 255, 0),
	YES("JEQS", JEQS, S0, S0, 0, 0),
	YES("JKIND", JKIND, ANY, 1, 0, 0),
	NO("JKIND beyond the registers", JKIND, REGISTERS_HERE, 1, 0, 0),
	/* globals */
	YES("GETG", GETG, I0, 0, 0, G_INT),
	YES("GETG wider", GETG, MAYBE, 0, 0, G_INT),
	NO("GETG narrower", GETG, I0, 0, 0, G_MAYBE),
	NO("GETG beyond", GETG, I0, 0, 0, 4),
	YES("SETG", SETG, I0, 0, 0, G_MAYBE),
	NO("SETG narrower", SETG, MAYBE, 0, 0, G_INT),
	NO("SETG of an event", SETG, E0, 0, 0, G_ANY),
	YES("ADDG", ADDG, I0, 0, 0, G_INT),
	YES("ADDG of int|nil", ADDG, I0, 0, 0, G_MAYBE),
	NO("ADDG of any", ADDG, I0, 0, 0, G_ANY),
	NO("ADDG of bool", ADDG, I0, 0, 0, G_BOOL),
	NO("ADDG by any", ADDG, ANY, 0, 0, G_INT),
	/* tables */
	YES("TNEW", TNEW, T0, 0, 0, 0),
	NO("TNEW of no site", TNEW, T0, 0, 0, 1),
	YES("TGET", TGET, ANY, T0, I0, 2),
	NO("TGET of any", TGET, ANY, ANY, I0, 1),
	NO("TGET of no parts", TGET, ANY, T0, I0, 0),
	NO("TGET of 5 parts", TGET, ANY, T0, I0, 5),
	YES("TGET of 4 parts", TGET, ANY, T0, E0, 4),
	NO("TGET of parts beyond", TGET, ANY, T0, NONE, 2),
	NO("TGET from register 255", TGET, ANY, T0, 255, 1),
	YES("TSET", TSET, T0, ANY, I0, 1),
	NO("TSET of a string", TSET, S0, ANY, I0, 1),
	YES("TADD", TADD, T0, I0, I0, 1),
	NO("TADD of any", TADD, T0, ANY, I0, 1),
	YES("TLEN", TLEN, I0, T0, 0, 0),
	YES("TCLEAR", TCLEAR, T0, 0, 0, 0),
	YES("ITER", ITER, T0, T0, 0, 0),
	NO("ITER into two integers and a string", ITER, I1, T0, 0, 0),
	NO("ITER at the end", ITER, NONE, T0, 0, 0),
	YES("NEXT", NEXT, T0, ANY, 1, 0),
	YES("NEXT without values", NEXT, T0, 0, 0, 0),
	NO("NEXT beyond", NEXT, T0, ANY, 3, 0),
	NO("NEXT with 255 values", NEXT, T0, 0, 255, 0),
	NO("NEXT of integers", NEXT, I0, ANY, 1, 0),
	NO("NEXT to nowhere", NEXT, T0, ANY, 1, 5),
	/* calls */
	YES("CALL", CALL, I0, I0, 2, 1),
	YES("CALL wider, of itself", CALL, ANY, 0, 0, 2),
	NO("CALL with too few", CALL, I0, I0, 1, 1),
	NO("CALL with a wrong kind", CALL, I0, S0, 2, 1),
	NO("CALL into a string", CALL, S0, I0, 2, 1),
	NO("CALL of no function", CALL, I0, I0, 2, 3),
	NO("CALL of a negative function", CALL, I0, I0, 2, -1),
	NO("CALL whose nil result has no place", CALL, I0, 0, 0, 2),
	YES("RET", RET, NONE, 0, 0, 0),
	NO("RET of int", RET, I0, 0, 0, 0),
	NO("RET of int|nil", RET, MAYBE, 0, 0, 0),
	/* library */
	YES("LIB pid", LIB, I0, 0, 0, KTAP_LIB_PID),
	NO("LIB pid into bool", LIB, B0, 0, 0, KTAP_LIB_PID),
	NO("LIB pid with an argument", LIB, I0, I0, 1, KTAP_LIB_PID),
	YES("LIB exit", LIB, 0, I0, 1, KTAP_LIB_EXIT),
	NO("LIB exit with a result", LIB, I1, I0, 1, KTAP_LIB_EXIT),
	NO("LIB exit of a string", LIB, 0, S0, 1, KTAP_LIB_EXIT),
	YES("LIB arg", LIB, ANY, I0, 1, KTAP_LIB_ARG),
	NO("LIB arg that may be nil into int", LIB, I0, I0, 1, KTAP_LIB_ARG),
	YES("LIB tostring", LIB, S0, E0, 1, KTAP_LIB_TOSTRING),
	NO("LIB len of int", LIB, I0, I0, 1, KTAP_LIB_STRLEN),
	NO("LIB of no function", LIB, I0, 0, 0, KTAP_LIB_COUNT),
	NO("LIB of a negative function", LIB, I0, 0, 0, -1),
	NO("LIB beyond the registers", LIB, I0, 255, 1, KTAP_LIB_STRLEN),
	YES("LIB print_table", LIB, 0, T0, 1, KTAP_LIB_PRINT_TABLE),
	/* events and output */
	YES("EFIELD", EFIELD, I0, E0, 0, 0),
	NO("EFIELD of no event", EFIELD, I0, I1, 0, 0),
	NO("EFIELD string into int", EFIELD, I0, E0, 0, 1),
	NO("EFIELD of no field", EFIELD, I0, E0, 0, 2),
	YES("EITEM", EITEM, I0, E0, I1, 0),
	NO("EITEM of no event", EITEM, I0, I1, I1, 0),
	NO("EITEM by no integer", EITEM, I0, E0, S0, 0),
	NO("EITEM into a string", EITEM, S0, E0, I1, 0),
	NO("EITEM of a string", EITEM, I0, E0, I1, 1),
	NO("EITEM of no field", EITEM, I0, E0, I1, 2),
	YES("EMIT", EMIT, 0, E0, 2, 0),
	YES("EMIT of nothing", EMIT, 0, 0, 0, 1),
	NO("EMIT of one too few", EMIT, 0, I0, 1, 0),
	NO("EMIT beyond", EMIT, 0, NONE, 2, 0),
	NO("EMIT with A", EMIT, 1, I0, 2, 0),
	NO("EMIT with no format", EMIT, 0, I0, 2, 2),
};

static void expect(struct assembly *a, bool good, int error, const char *what)
{
	struct run *r = load(a);

	CHECK((r->program != NULL) == good, "%s: %s", what, r->diagnostic.text);
	CHECK(good || (r->diagnostic.error == error && r->diagnostic.text[0]), "%s: %d %s", what,
	      r->diagnostic.error, r->diagnostic.text);
	/* What is accepted also runs to an end. */
	if (r->program && ktap_program_info(r->program)->function_count > 2) {
		call(r, 2);
		call_probe(r, 2);
	}
	unload(r);
}

static void test_ones(void)
{
	for (size_t n = 0; n < sizeof(ones) / sizeof(*ones); n++) {
		struct assembly *a = world();

		a->main_fuel = 1000;
		op(a, ones[n].op, ones[n].a, ones[n].b, ones[n].c, ones[n].imm);
		OP(RETNIL, 0, 0, 0, 0);
		expect(a, ones[n].good, -ENOEXEC, ones[n].what);
	}
	for (int opcode = KTAP_OP_COUNT; opcode < 256; opcode++) {
		struct assembly *a = world();

		op(a, (uint8_t)opcode, 0, 0, 0, 0);
		OP(RETNIL, 0, 0, 0, 0);
		expect(a, false, -ENOEXEC, "no such opcode");
	}
}

/* For every opcode and every operand with a role: a register that is not there is refused. */
static void test_all_roles(void)
{
	for (int opcode = 0; opcode < KTAP_OP_COUNT; opcode++) {
		const struct ktap_opcode_info *info = ktap_opcode_info(opcode);
		const uint8_t roles[3] = { info->a, info->b, info->c };

		for (int which = 0; which < 3; which++) {
			struct assembly *a;
			uint8_t r[3] = { 0, 0, 0 };

			/* A run of length 0 has no first register. */
			if (roles[which] == KTAP_OPERAND_LOW || roles[which] == KTAP_OPERAND_HIGH ||
			    (roles[which] == KTAP_OPERAND_FIRST && info->c == KTAP_OPERAND_COUNT))
				continue;
			a = world();
			r[which] = 200;
			op(a, (uint8_t)opcode, r[0], r[1], r[2], 0);
			OP(RETNIL, 0, 0, 0, 0);
			expect(a, false, -ENOEXEC, info->name);
		}
	}
}

static void test_ends(void)
{
	static const uint8_t ends[] = { KTAP_OP_LDI, KTAP_OP_JT, KTAP_OP_LIB };
	struct assembly *a;

	for (size_t n = 0; n < sizeof(ends); n++) {
		a = world();
		op(a, ends[n], ends[n] == KTAP_OP_JT ? B0 : I0, 0, 0,
		   ends[n] == KTAP_OP_JT ? -1 : ends[n] == KTAP_OP_LIB ? KTAP_LIB_PID : 1);
		expect(a, false, -ENOEXEC, "a function that runs out at its end");
	}
	a = world();
	a->main_fuel = 1000;
	OP(JMP, 0, 0, 0, -1);
	expect(a, true, 0, "a function that ends with JMP");
	a = world();
	OP(RET, NONE, 0, 0, 0);
	expect(a, true, 0, "a function that ends with RET");
	a = world();
	begin(a, AINT, 0, REGISTERS(AINT));
	OP(RETNIL, 0, 0, 0, 0);
	expect(a, false, -EBADMSG, "a function without instructions, RETNIL in another");
	a = world();
	OP(RETNIL, 0, 0, 0, 0);
	begin(a, AINT, 0, REGISTERS(AINT));
	OP(RETNIL, 0, 0, 0, 0);
	expect(a, false, -ENOEXEC, "RETNIL where the result is int");
}

static void test_capabilities(void)
{
	static const struct {
		const char *what;
		uint32_t declared;
		bool event, string, emit, good;
	} cases[] = {
		{ "none needed", 0, false, false, false, true },
		{ "an event without OBSERVE", 0, true, false, false, false },
		{ "an event", KTAP_CAPABILITY_OBSERVE, true, false, false, true },
		{ "a string field without USER_DATA", KTAP_CAPABILITY_OBSERVE, true, true, false, false },
		{ "a string field", KTAP_CAPABILITY_OBSERVE | KTAP_CAPABILITY_USER_DATA, true, true,
		  false, true },
		{ "a whole event without USER_DATA", KTAP_CAPABILITY_OBSERVE, true, false, true, false },
		{ "a whole event", KTAP_CAPABILITY_OBSERVE | KTAP_CAPABILITY_USER_DATA, true, false,
		  true, true },
		{ "more than needed", KTAP_CAPABILITY_ALL, false, false, false, true },
	};

	for (size_t n = 0; n < sizeof(cases) / sizeof(*cases); n++) {
		struct assembly *a = assembly_new();

		a->capabilities = cases[n].declared;
		add_probe(a, KTAP_PROBE_MAIN, begin(a, ANIL, 0, REGISTERS(AINT)), "", 0);
		OP(RETNIL, 0, 0, 0, 0);
		begin(a, ANIL, 1, REGISTERS(AEVENT, ASTR));
		if (cases[n].event)
			add_probe(a, KTAP_PROBE_EVENT, 1, "a:b", 0);
		if (cases[n].string)
			OP(EFIELD, 1, 0, 0, (int32_t)add_field(a, "s", ASTR));
		if (cases[n].emit)
			OP(EMIT, 0, 0, 1, (int32_t)add_format(a, 1));
		OP(RETNIL, 0, 0, 0, 0);
		expect(a, cases[n].good, -ENOEXEC, cases[n].what);
	}
}

static void test_probes(void)
{
	static const struct {
		const char *what;
		uint32_t first, kind, function;
		const char *event;
		uint64_t interval;
		int error;
	} cases[] = {
		{ "tick", KTAP_PROBE_MAIN, KTAP_PROBE_TICK, 0, "", 1000, 0 },
		{ "tick without interval", KTAP_PROBE_MAIN, KTAP_PROBE_TICK, 0, "", 0, -EBADMSG },
		{ "tick with an event", KTAP_PROBE_MAIN, KTAP_PROBE_TICK, 0, "a:b", 9, -EBADMSG },
		{ "end", KTAP_PROBE_MAIN, KTAP_PROBE_END, 0, "", 0, 0 },
		{ "end with interval", KTAP_PROBE_MAIN, KTAP_PROBE_END, 0, "", 9, -EBADMSG },
		{ "event", KTAP_PROBE_MAIN, KTAP_PROBE_EVENT, 0, "a:b", 0, 0 },
		{ "event with a parameter", KTAP_PROBE_MAIN, KTAP_PROBE_EVENT, 1, "a:b", 0, 0 },
		{ "event without name", KTAP_PROBE_MAIN, KTAP_PROBE_EVENT, 0, "", 0, -EBADMSG },
		{ "event with a control character", KTAP_PROBE_MAIN, KTAP_PROBE_EVENT, 0, "a:\n", 0,
		  -EBADMSG },
		{ "event that is no UTF-8", KTAP_PROBE_MAIN, KTAP_PROBE_EVENT, 0, "a:\xc0\x80", 0,
		  -EBADMSG },
		{ "event with an int parameter", KTAP_PROBE_MAIN, KTAP_PROBE_EVENT, 2, "a:b", 0,
		  -ENOEXEC },
		{ "end with a parameter", KTAP_PROBE_MAIN, KTAP_PROBE_END, 1, "", 0, -ENOEXEC },
		{ "no such function", KTAP_PROBE_MAIN, KTAP_PROBE_END, 3, "", 0, -EBADMSG },
		{ "no such kind", KTAP_PROBE_MAIN, 5, 0, "", 0, -EBADMSG },
		{ "kind 0", KTAP_PROBE_MAIN, 0, 0, "", 0, -EBADMSG },
		{ "two top levels", KTAP_PROBE_MAIN, KTAP_PROBE_MAIN, 0, "", 0, -EBADMSG },
		{ "no top level", KTAP_PROBE_END, KTAP_PROBE_MAIN, 0, "", 0, -EBADMSG },
	};
	struct assembly *a;

	for (size_t n = 0; n < sizeof(cases) / sizeof(*cases); n++) {
		a = assembly_new();
		begin(a, ANIL, 0, REGISTERS(AINT));
		OP(RETNIL, 0, 0, 0, 0);
		begin(a, ANIL, 1, REGISTERS(AEVENT));
		OP(RETNIL, 0, 0, 0, 0);
		begin(a, ANIL, 1, REGISTERS(AINT));
		OP(RETNIL, 0, 0, 0, 0);
		add_probe(a, cases[n].first, 0, "", 0);
		add_probe(a, cases[n].kind, cases[n].function, cases[n].event, cases[n].interval);
		expect(a, !cases[n].error, cases[n].error, cases[n].what);
	}
	a = assembly_new();
	begin(a, ANIL, 0, REGISTERS(AINT));
	OP(RETNIL, 0, 0, 0, 0);
	expect(a, false, -EBADMSG, "no probes at all");
}

/* Top-level code may reach what an event's handler may not, however deep. */
static void test_reach(void)
{
	for (int event = 0; event < 2; event++) {
		struct assembly *a = assembly_new();
		struct run *r;

		add_table(a, AINT, 1, AINT, 0, 0, 0);
		add_probe(a, KTAP_PROBE_MAIN, begin(a, ANIL, 0, REGISTERS(ANIL)), "", 0);
		OP(CALL, 0, 0, 0, 1);
		OP(RETNIL, 0, 0, 0, 0);
		if (event)
			add_probe(a, KTAP_PROBE_EVENT, 1, "a:b", 0);
		for (int n = 1; n < 100; n++) {
			begin(a, ANIL, 0, REGISTERS(ANIL));
			OP(CALL, 0, 0, 0, n + 1);
			OP(CALL, 0, 0, 0, n); /* recursion on the way */
			OP(RETNIL, 0, 0, 0, 0);
		}
		begin(a, ANIL, 0, REGISTERS(ATABLE));
		a->line = 321;
		OP(LIB, 0, 0, 1, KTAP_LIB_PRINT_TABLE);
		OP(RETNIL, 0, 0, 0, 0);
		r = load(a);
		CHECK((r->program == NULL) == event, "%s", r->diagnostic.text);
		CHECK(!event || (strstr(r->diagnostic.text, "print_table") &&
				 strstr(r->diagnostic.text, "321")),
		      "%s", r->diagnostic.text);
		unload(r);
	}
}

/* Worst costs: straight, branching, calling, looping, recursive. */
static void test_costs(void)
{
	struct assembly *a = assembly_new();
	struct run *r;
	static const struct {
		uint64_t cost;
		bool fuel;
	} expected[] = { { 2, false }, { 6, false }, { 15, false }, { 10000, true },
			 { 10000, true }, { 10000, true }, { 10000, true }, { 5, false } };

	add_probe(a, KTAP_PROBE_MAIN, begin(a, ANIL, 0, REGISTERS(AINT)), "", 0);
	OP(LDI, 0, 0, 0, 0);
	OP(RETNIL, 0, 0, 0, 0);
	begin(a, ANIL, 0, REGISTERS(ABOOL, AINT)); /* 1: longest of two branches: 6 */
	OP(JF, 0, 0, 0, 2);
	OP(LDI, 1, 0, 0, 1);
	OP(JMP, 0, 0, 0, 3);
	OP(LDI, 1, 0, 0, 1);
	OP(LDI, 1, 0, 0, 1);
	OP(LDI, 1, 0, 0, 1);
	OP(LDI, 1, 0, 0, 1);
	OP(RETNIL, 0, 0, 0, 0);
	begin(a, ANIL, 0, REGISTERS(ANIL)); /* 2: calls 1 twice: 2 + 12 + 1 */
	OP(CALL, 0, 0, 0, 1);
	OP(CALL, 0, 0, 0, 1);
	OP(RETNIL, 0, 0, 0, 0);
	begin(a, ANIL, 0, REGISTERS(ABOOL)); /* 3: a loop */
	OP(JF, 0, 0, 0, -1);
	OP(RETNIL, 0, 0, 0, 0);
	begin(a, ANIL, 0, REGISTERS(ANIL)); /* 4: calls a loop */
	OP(CALL, 0, 0, 0, 3);
	OP(RETNIL, 0, 0, 0, 0);
	begin(a, ANIL, 0, REGISTERS(ANIL)); /* 5, 6: call each other */
	OP(CALL, 0, 0, 0, 6);
	OP(RETNIL, 0, 0, 0, 0);
	begin(a, ANIL, 0, REGISTERS(ANIL));
	OP(CALL, 0, 0, 0, 5);
	OP(RETNIL, 0, 0, 0, 0);
	begin(a, ANIL, 0, REGISTERS(AINT)); /* 7: a loop that nothing reaches */
	OP(LDI, 0, 0, 0, 1);
	OP(JMP, 0, 0, 0, 1);
	OP(JMP, 0, 0, 0, -2);
	OP(LDI, 0, 0, 0, 1);
	OP(LDI, 0, 0, 0, 1);
	OP(RETNIL, 0, 0, 0, 0);
	for (uint32_t n = 0; n < 8; n++)
		add_probe(a, KTAP_PROBE_EVENT, n, "a:b", 0);
	r = must_load(a);
	for (uint32_t n = 0; n < 8; n++) {
		const struct ktap_probe_info *probe = ktap_program_probe(r->program, n + 1);

		CHECK(probe->cost == expected[n].cost && probe->cost_is_fuel == expected[n].fuel,
		      "function %u costs %llu", n, (unsigned long long)probe->cost);
	}
	CHECK(ktap_program_info(r->program)->worst_cost == 10000 &&
		      ktap_program_info(r->program)->worst_cost_is_fuel,
	      "worst");
	unload(r);

	/* Doubling at each of 200 levels must not overflow to something small. */
	a = assembly_new();
	add_probe(a, KTAP_PROBE_MAIN, begin(a, ANIL, 0, REGISTERS(ANIL)), "", 0);
	OP(RETNIL, 0, 0, 0, 0);
	for (int n = 1; n <= 200; n++) {
		begin(a, ANIL, 0, REGISTERS(ANIL));
		OP(CALL, 0, 0, 0, n < 200 ? n + 1 : 0);
		OP(CALL, 0, 0, 0, n < 200 ? n + 1 : 0);
		OP(RETNIL, 0, 0, 0, 0);
	}
	add_probe(a, KTAP_PROBE_EVENT, 1, "a:b", 0);
	r = must_load(a);
	CHECK(ktap_program_probe(r->program, 1)->cost_is_fuel, "doubling");
	CHECK(call_probe(r, 1) == KTAP_ERROR_DEPTH || r->code == KTAP_ERROR_FUEL, "doubling runs");
	unload(r);
}

static void test_uses(void)
{
	struct assembly *a = assembly_new();
	struct run *r;

	for (int n = 0; n < 20; n++)
		add_field(a, "n", AINT);
	add_probe(a, KTAP_PROBE_MAIN, begin(a, ANIL, 0, REGISTERS(ANIL)), "", 0);
	OP(RETNIL, 0, 0, 0, 0);
	begin(a, ANIL, 1, REGISTERS(AEVENT, AINT, ANIL)); /* 1 -> 2 <-> 3 */
	OP(EFIELD, 1, 0, 0, 3);
	OP(CALL, 2, 0, 1, 2);
	OP(RETNIL, 0, 0, 0, 0);
	begin(a, ANIL, 1, REGISTERS(AEVENT, AINT, ANIL));
	OP(CALL, 2, 0, 1, 3);
	OP(EFIELD, 1, 0, 0, 9);
	OP(RETNIL, 0, 0, 0, 0);
	begin(a, ANIL, 1, REGISTERS(AEVENT, AINT, ANIL));
	OP(CALL, 2, 0, 1, 2);
	OP(EFIELD, 1, 0, 0, 17);
	OP(EMIT, 0, 0, 1, (int32_t)add_format(a, 1));
	OP(RETNIL, 0, 0, 0, 0);
	begin(a, ANIL, 1, REGISTERS(AEVENT, AINT)); /* 4 */
	OP(EFIELD, 1, 0, 0, 5);
	OP(RETNIL, 0, 0, 0, 0);
	add_probe(a, KTAP_PROBE_EVENT, 1, "a:b", 0);
	add_probe(a, KTAP_PROBE_EVENT, 4, "a:b", 0);
	add_probe(a, KTAP_PROBE_EVENT, 4, "a:c", 0);
	r = must_load(a);
	for (uint32_t n = 0; n < 21; n++) {
		CHECK(ktap_program_uses_field(r->program, 1, n) == (n == 3 || n == 9 || n == 17),
		      "field %u", n);
		CHECK(ktap_program_uses_field(r->program, 4, n) == (n == 5), "field %u", n);
	}
	CHECK(ktap_program_captures(r->program, 1) && !ktap_program_captures(r->program, 4),
	      "captures");
	unload(r);
}

void test_verifier(void)
{
	test_ones();
	test_all_roles();
	test_ends();
	test_capabilities();
	test_probes();
	test_reach();
	test_costs();
	test_uses();
}
