// SPDX-License-Identifier: GPL-2.0-or-later
/* Everything ends: fuel, depth, registers, arena, long strings; and stopping. */
#include <string.h>

#include "run.h"

static void test_fuel(void)
{
	struct assembly *a = assembly_new();
	struct run *r;
	uint32_t loop;

	a->probe_fuel = 1000;
	a->main_fuel = 1000000;
	a->line = 5;
	add_probe(a, KTAP_PROBE_MAIN, begin(a, ANIL, 0, REGISTERS(AINT, AINT)), "", 0);
	loop = OP(ADDI, 0, 0, 0, 1);
	a->line = 6;
	OP(ADDG, 0, 0, 0, (int32_t)add_global(a, AINT));
	OP(JMP, 0, 0, 0, (int32_t)loop - (int32_t)a->instruction_count - 1);
	begin(a, ANIL, 0, REGISTERS(AINT)); /* 1: counts to 999 and prints */
	loop = OP(ADDI, 0, 0, 0, 1);
	op(a, KTAP_OP_JLTI, 0, 999 & 255, 999 >> 8, (int32_t)loop - (int32_t)a->instruction_count - 1);
	OP(EMIT, 0, 0, 1, (int32_t)add_format(a, 1));
	OP(RETNIL, 0, 0, 0, 0);
	r = must_load(a);
	CHECK(call(r, 0) == KTAP_ERROR_FUEL && ktap_exec_error(r->main)->detail[0] == 1000000 &&
		      ktap_exec_error(r->main)->line == 6,
	      "main: %u", r->code);
	CHECK(call_probe(r, 0) == KTAP_ERROR_FUEL && ktap_exec_error(r->probe)->detail[0] == 1000,
	      "probe: %u", r->code);
	CHECK(call_probe(r, 1) == KTAP_ERROR_FUEL, "a loop of 2 * 999 with fuel 1000");
	CHECK(!call(r, 1) && printed_integer(r) == 999, "the same with more");
	r->output->stop = true;
	CHECK(!call(r, 0), "stopped without an error: %u", r->code);
	CHECK(call_probe(r, 0) == KTAP_ERROR_FUEL, "probes do not ask");
	unload(r);

	/* Exactly enough: function 4 + back edges 2 * 3. */
	for (uint32_t fuel = 8; fuel < 12; fuel++) {
		a = assembly_new();
		a->probe_fuel = fuel;
		add_probe(a, KTAP_PROBE_MAIN, begin(a, ANIL, 0, REGISTERS(AINT)), "", 0);
		OP(LDI, 0, 0, 0, 0);
		OP(ADDI, 0, 0, 0, 1);
		OP(JLTI, 0, 4, 0, -2);
		OP(RETNIL, 0, 0, 0, 0);
		r = must_load(a);
		CHECK(call_probe(r, 0) == (fuel < 10 ? KTAP_ERROR_FUEL : 0), "fuel %u: %u", fuel,
		      r->code);
		unload(r);
	}
}

/*
 * The end of a counting loop runs as one instruction: with the same fuel as its parts, with errors where
 * its parts have them, and also when a jump leads between its parts.
 */
static void test_fused_loop(void)
{
	for (uint32_t fuel = 40; fuel < 60; fuel++) {
		uint32_t needed[2] = { 0 };

		for (int apart = 0; apart < 2; apart++) {
			struct assembly *a = assembly_new();
			uint32_t body, leave, past;
			struct run *r;

			a->probe_fuel = fuel;
			add_format(a, 1);
			add_probe(a, KTAP_PROBE_MAIN, begin(a, ANIL, 0, REGISTERS(AINT, AINT, AINT)), "", 0);
			OP(LDI, 2, 0, 0, 9);
			past = OP(JMP, 0, 0, 0, 0); /* into the middle: r0 is 1 when the body begins */
			body = OP(ADD, 1, 1, 0, 0);
			leave = OP(JLE, 2, 0, 0, 0);
			if (apart)
				OP(JMP, 0, 0, 0, 0); /* keeps them from being joined */
			patch(a, past, a->instruction_count);
			OP(ADDI, 0, 0, 0, 1);
			a->line = 88;
			op(a, KTAP_OP_JMP, 0, 0, 0, (int32_t)body - (int32_t)a->instruction_count - 1);
			a->line = 1;
			patch(a, leave, a->instruction_count);
			OP(EMIT, 0, 1, 1, 0);
			OP(RETNIL, 0, 0, 0, 0);
			r = must_load(a);
			/* 8 or 9 instructions, nine times back over 3 or 4 besides the jump itself */
			needed[apart] = apart ? 9 + 9 * 5 : 8 + 9 * 4;
			call_probe(r, 0);
			CHECK(r->code == (fuel < needed[apart] ? KTAP_ERROR_FUEL : 0), "fuel %u, apart %d: %u",
			      fuel, apart, r->code);
			CHECK(r->code ? ktap_exec_error(r->probe)->line == 88 :
					printed_integer(r) == 45,
			      "fuel %u, apart %d: line %u, %lld", fuel, apart,
			      ktap_exec_error(r->probe)->line, (long long)printed_integer(r));
			unload(r);
		}
	}
}

static void test_depth(void)
{
	struct assembly *a = assembly_new();
	struct run *r;
	uint16_t many[KTAP_MAX_REGISTERS + 1] = { 0 };

	add_probe(a, KTAP_PROBE_MAIN, begin(a, ANIL, 0, REGISTERS(ANIL)), "", 0);
	OP(CALL, 0, 0, 0, 0);
	OP(RETNIL, 0, 0, 0, 0);
	/* 1: calls itself r0 times, then prints */
	begin(a, ANIL, 1, REGISTERS(AINT, AINT, ANIL));
	OP(JGTI, 0, 0, 0, 2);
	OP(EMIT, 0, 0, 1, (int32_t)add_format(a, 1));
	OP(RETNIL, 0, 0, 0, 0);
	OP(ADDI, 1, 0, 0, -1);
	OP(CALL, 2, 1, 1, 1);
	OP(RETNIL, 0, 0, 0, 0);
	for (uint32_t n = 0; n < 4; n++) { /* 2 .. 5 */
		static const int depths[] = { KTAP_PROBE_DEPTH - 1, KTAP_PROBE_DEPTH,
					      KTAP_MAIN_DEPTH - 1, KTAP_MAIN_DEPTH };

		begin(a, ANIL, 0, REGISTERS(AINT, ANIL));
		OP(LDI, 0, 0, 0, depths[n]);
		OP(CALL, 1, 0, 1, 1);
		OP(RETNIL, 0, 0, 0, 0);
	}
	for (int n = 0; n < KTAP_MAX_REGISTERS; n++)
		many[n] = ANIL;
	begin(a, ANIL, 0, many); /* 6 */
	OP(CALL, 0, 0, 0, 6);
	OP(RETNIL, 0, 0, 0, 0);
	r = must_load(a);
	CHECK(call(r, 0) == KTAP_ERROR_DEPTH && ktap_exec_error(r->main)->detail[0] == KTAP_MAIN_DEPTH,
	      "main");
	CHECK(call_probe(r, 0) == KTAP_ERROR_DEPTH &&
		      ktap_exec_error(r->probe)->detail[0] == KTAP_PROBE_DEPTH,
	      "probe");
	CHECK(!call_probe(r, 2) && printed_integer(r) == 0, "just deep enough: %u", r->code);
	CHECK(call_probe(r, 3) == KTAP_ERROR_DEPTH, "one too deep");
	CHECK(!call(r, 4) && printed_integer(r) == 0, "just deep enough: %u", r->code);
	CHECK(call(r, 5) == KTAP_ERROR_DEPTH, "one too deep");
	CHECK(call_probe(r, 6) == KTAP_ERROR_REGISTERS &&
		      ktap_exec_error(r->probe)->detail[0] == KTAP_PROBE_REGISTERS,
	      "registers");
	CHECK(call(r, 6) == KTAP_ERROR_REGISTERS, "registers");
	unload(r);
}

static void test_long_strings(void)
{
	struct assembly *a = assembly_new();
	struct run *r;
	uint32_t loop;
	static char big[KTAP_MAX_STRING];

	a->string_limit = 1000;
	memset(big, 'b', sizeof(big));
	add_bytes(a, "0123456789", 10);
	add_bytes(a, big, 1001);
	add_format(a, 1);
	add_format(a, 4);
	add_global(a, ASTR);
	add_probe(a, KTAP_PROBE_MAIN, begin(a, ANIL, 0, REGISTERS(ASTR, ASTR)), "", 0);
	OP(LDS, 1, 0, 0, 0); /* 0: longer and longer, never stored: up to the limit */
	loop = OP(CONCAT, 0, 0, 1, 0);
	OP(JMP, 0, 0, 0, (int32_t)loop - (int32_t)a->instruction_count - 1);
	begin(a, ANIL, 0, REGISTERS(ASTR, ASTR)); /* 1: a constant longer than a global's slot */
	OP(LDS, 0, 0, 0, 1);
	OP(SETG, 0, 0, 0, 0);
	OP(RETNIL, 0, 0, 0, 0);
	/* 2: 100,000 strings, of which four live on; one register holds another's */
	begin(a, ANIL, 0, REGISTERS(ASTR, AINT, ASTR, ASTR, ASTR, AINT | ASTR));
	OP(LDS, 0, 0, 0, 0);
	OP(CONCAT, 2, 0, 0, 0);
	OP(CONCAT, 3, 2, 2, 0);
	OP(MOV, 4, 3, 0, 0);
	OP(MOVV, 5, 3, 0, 0);
	loop = OP(CONCAT, 0, 3, 1, 0);
	OP(ADDI, 1, 1, 0, 1);
	OP(LDI, 1, 0, 0, 0);
	OP(ADDG, 1, 0, 0, (int32_t)add_global(a, AINT));
	OP(LDI, 1, 0, 0, 1);
	OP(ADDG, 1, 0, 0, 1);
	OP(GETG, 1, 0, 0, 1);
	OP(DIVI, 1, 1, 0, 10);
	op(a, KTAP_OP_JLTI, 1, 10000 & 255, 10000 >> 8, (int32_t)loop - (int32_t)a->instruction_count - 1);
	OP(MOV, 4, 3, 0, 0);
	OP(EMIT, 0, 2, 4, 1);
	OP(EMIT, 0, 0, 1, 0);
	OP(RETNIL, 0, 0, 0, 0);
	r = must_load(a);
	CHECK(call(r, 0) == KTAP_ERROR_STRING && ktap_exec_error(r->main)->detail[0] == 1010 &&
		      ktap_exec_error(r->main)->detail[1] == 1000,
	      "string: %u", r->code);
	/* 8 KiB of one event hold fewer: 10 + 20 + 30 + ... */
	CHECK(call_probe(r, 0) == KTAP_ERROR_ARENA &&
		      ktap_exec_error(r->probe)->detail[0] == KTAP_PROBE_ARENA,
	      "arena: %u", r->code);
	CHECK(call(r, 1) == KTAP_ERROR_STRING, "too long for a global: %u", r->code);
	CHECK(call_probe(r, 2) == KTAP_ERROR_ARENA, "too many strings for a probe: %u", r->code);
	CHECK(!call(r, 2) && printed(r, 0, 0).length == 20 && printed(r, 0, 1).length == 40 &&
		      printed(r, 0, 2).length == 40 && printed(r, 0, 3).length == 40 &&
		      !memcmp(printed(r, 0, 3).text, "0123456789012345678901234567890123456789", 40) &&
		      printed(r, 1, 0).length == 44,
	      "strings that outlive others in top-level code: %u", r->code);
	unload(r);

	/* More living strings than the arena holds are an error in process context too. */
	a = assembly_new();
	a->string_limit = 4096;
	a->key_limit = 512;
	a->memory = 1 << 20;
	add_bytes(a, big, 4000);
	add_probe(a, KTAP_PROBE_MAIN, begin(a, ANIL, 0, REGISTERS(ASTR, ANIL)), "", 0);
	OP(LDS, 0, 0, 0, 0);
	OP(CONCAT, 0, 0, 1, 0);
	OP(RETNIL, 0, 0, 0, 0);
	begin(a, ANIL, 1, REGISTERS(AINT, ASTR, AINT, ANIL)); /* keeps one string a frame */
	OP(LDS, 1, 0, 0, 0);
	OP(CONCAT, 1, 1, 0, 0);
	OP(CALL, 3, 0, 1, 1);
	OP(RETNIL, 0, 0, 0, 0);
	r = must_load(a);
	CHECK(call(r, 0) == KTAP_ERROR_CONCATENATION, "nil: %u", r->code);
	CHECK(call(r, 1) == KTAP_ERROR_ARENA, "living strings: %u", r->code);
	unload(r);
}

void test_limits(void)
{
	test_fuel();
	test_fused_loop();
	test_depth();
	test_long_strings();
}
