// SPDX-License-Identifier: GPL-2.0-or-later
/* What each instruction does: small functions whose result is printed. */
#include <string.h>

#include "run.h"

#define LEAST INT64_MIN

/* r2 = r0 op r1, or r0 op imm. */
static void binary(uint8_t opcode, bool immediate, int64_t left, int64_t right, int64_t expected)
{
	struct assembly *a = assembly_new();
	bool truth = opcode == KTAP_OP_EQ || opcode == KTAP_OP_NE || opcode == KTAP_OP_LT ||
		     opcode == KTAP_OP_LE;
	struct run *r;

	add_probe(a, KTAP_PROBE_MAIN,
		  begin(a, ANIL, 0, REGISTERS(AINT, AINT, truth ? ABOOL : AINT)), "", 0);
	OP(LDK, 0, 0, 0, (int32_t)add_integer(a, left));
	OP(LDK, 1, 0, 0, (int32_t)add_integer(a, right));
	op(a, opcode, 2, 0, immediate ? 0 : 1, immediate ? (int32_t)right : 0);
	OP(EMIT, 0, 2, 1, (int32_t)add_format(a, 1));
	OP(RETNIL, 0, 0, 0, 0);
	r = must_load(a);
	CHECK(!call(r, 0) && (truth ? printed(r, 0, 0).aux : printed(r, 0, 0).integer) == expected,
	      "%s %lld %lld: %lld", ktap_opcode_info(opcode)->name, (long long)left,
	      (long long)right, (long long)printed(r, 0, 0).integer);
	/* The generic form agrees. */
	unload(r);
}

static void test_arithmetic(void)
{
	static const struct {
		uint8_t op;
		int64_t left, right, result;
	} cases[] = {
		{ KTAP_OP_ADD, 2, 3, 5 },
		{ KTAP_OP_ADD, INT64_MAX, 1, LEAST },
		{ KTAP_OP_SUB, 2, 3, -1 },
		{ KTAP_OP_SUB, LEAST, 1, INT64_MAX },
		{ KTAP_OP_MUL, -7, 6, -42 },
		{ KTAP_OP_MUL, 0x100000001, 0x100000001, 0x200000001 },
		{ KTAP_OP_DIV, 7, 2, 3 },
		{ KTAP_OP_DIV, -7, 2, -3 },
		{ KTAP_OP_DIV, 7, -2, -3 },
		{ KTAP_OP_DIV, LEAST, -1, LEAST },
		{ KTAP_OP_DIV, LEAST, 1, LEAST },
		{ KTAP_OP_DIV, LEAST, LEAST, 1 },
		{ KTAP_OP_MOD, 7, 2, 1 },
		{ KTAP_OP_MOD, -7, 2, -1 },
		{ KTAP_OP_MOD, 7, -2, 1 },
		{ KTAP_OP_MOD, LEAST, -1, 0 },
		{ KTAP_OP_MOD, LEAST, 3, -2 },
		{ KTAP_OP_AND, 12, 10, 8 },
		{ KTAP_OP_OR, 12, 10, 14 },
		{ KTAP_OP_XOR, 12, 10, 6 },
		{ KTAP_OP_SHL, 1, 63, LEAST },
		{ KTAP_OP_SHL, 3, 64, 3 },
		{ KTAP_OP_SHL, 3, -1, LEAST },
		{ KTAP_OP_SHR, -8, 1, -4 },
		{ KTAP_OP_SHR, LEAST, 63, -1 },
		{ KTAP_OP_SHR, 8, 65, 4 },
		{ KTAP_OP_EQ, 4, 4, 1 },
		{ KTAP_OP_EQ, 4, 5, 0 },
		{ KTAP_OP_NE, 4, 5, 1 },
		{ KTAP_OP_NE, 0x100000000, 0, 1 },
		{ KTAP_OP_LT, -1, 0, 1 },
		{ KTAP_OP_LT, 0, 0, 0 },
		{ KTAP_OP_LT, LEAST, INT64_MAX, 1 },
		{ KTAP_OP_LE, 0, 0, 1 },
		{ KTAP_OP_LE, 1, 0, 0 },
	};
	static const struct {
		uint8_t op;
		int64_t left, right, result;
	} immediates[] = {
		{ KTAP_OP_ADDI, INT64_MAX, 1, LEAST },
		{ KTAP_OP_ADDI, 5, -7, -2 },
		{ KTAP_OP_MULI, 5, -7, -35 },
		{ KTAP_OP_DIVI, -7, 2, -3 },
		{ KTAP_OP_DIVI, LEAST, -1, LEAST },
		{ KTAP_OP_MODI, -7, 2, -1 },
		{ KTAP_OP_MODI, LEAST, -1, 0 },
		{ KTAP_OP_ANDI, -1, -16, -16 },
		{ KTAP_OP_ORI, 1, -16, -15 },
		{ KTAP_OP_XORI, 5, -1, -6 },
		{ KTAP_OP_SHLI, 1, 40, 1ll << 40 },
		{ KTAP_OP_SHRI, LEAST, 62, -2 },
		{ KTAP_OP_NEG, LEAST, 0, LEAST },
		{ KTAP_OP_NEG, 5, 0, -5 },
		{ KTAP_OP_INV, 5, 0, -6 },
	};

	for (size_t n = 0; n < sizeof(cases) / sizeof(*cases); n++)
		binary(cases[n].op, false, cases[n].left, cases[n].right, cases[n].result);
	for (size_t n = 0; n < sizeof(immediates) / sizeof(*immediates); n++)
		binary(immediates[n].op, true, immediates[n].left, immediates[n].right,
		       immediates[n].result);
}

/* The kinds of operand of the generic instructions. */
enum operand { O_NIL, O_FALSE, O_TRUE, O_SEVEN, O_MINUS, O_AB, O_ABC, O_EMPTY, O_TABLE, O_GLOB };

static uint32_t any_table;

static void load_operand(struct assembly *a, uint8_t reg, uint8_t scratch, enum operand o)
{
	/* registers: reg any; scratch+0 bool, +1 int, +2 str, +3 table */
	switch (o) {
	case O_NIL:
		OP(LDNIL, reg, 0, 0, 0);
		return;
	case O_FALSE:
	case O_TRUE:
		OP(LDB, scratch, 0, 0, o == O_TRUE);
		OP(MOVV, reg, scratch, 0, 0);
		return;
	case O_SEVEN:
	case O_MINUS:
		OP(LDI, scratch + 1, 0, 0, o == O_SEVEN ? 7 : -2);
		OP(MOVV, reg, scratch + 1, 0, 0);
		return;
	case O_AB:
	case O_ABC:
	case O_EMPTY:
	case O_GLOB:
		OP(LDS, scratch + 2, 0, 0,
		   (int32_t)add_string(a, o == O_AB ? "ab" : o == O_ABC ? "abc" : o == O_GLOB ? "a*" : ""));
		OP(MOVV, reg, scratch + 2, 0, 0);
		return;
	case O_TABLE:
		OP(TNEW, scratch + 3, 0, 0, (int32_t)any_table);
		OP(MOVV, reg, scratch + 3, 0, 0);
		return;
	}
}

#define ANYREG (AVALUE)

static void generic(uint8_t opcode, uint16_t result, int32_t imm, enum operand left,
		    enum operand right, uint32_t code, const char *expected)
{
	struct assembly *a = assembly_new();
	struct run *r;
	const char *found;
	char number[32];

	any_table = add_table(a, AINT, 1, AINT, 0, 0, 0);
	add_probe(a, KTAP_PROBE_MAIN,
		  begin(a, ANIL, 0,
			REGISTERS(ANYREG, ANYREG, ABOOL, AINT, ASTR, ATABLE, result)),
		  "", 0);
	load_operand(a, 0, 2, left);
	load_operand(a, 1, 2, right);
	op(a, opcode, 6, 0, ktap_opcode_info(opcode)->c == KTAP_OPERAND_NONE ? 0 : 1, imm);
	OP(EMIT, 0, 6, 1, (int32_t)add_format(a, 1));
	OP(RETNIL, 0, 0, 0, 0);
	r = must_load(a);
	call(r, 0);
	found = printed_text(r);
	if (printed(r, 0, 0).kind == KTAP_KIND_BOOL)
		found = printed(r, 0, 0).aux ? "true" : "false";
	if (printed(r, 0, 0).kind == KTAP_KIND_INT) {
		snprintf(number, sizeof(number), "%lld", (long long)printed(r, 0, 0).integer);
		found = number;
	}
	CHECK(r->code == code && (code || !strcmp(found, expected)), "%s %d %d %d: code %u, %s",
	      ktap_opcode_info(opcode)->name, imm, left, right, r->code, found);
	unload(r);
}

static void test_generic(void)
{
	static const struct {
		int32_t imm;
		const char *result; /* 7 op -2 */
	} arithmetic[KTAP_ARITHMETIC_COUNT] = {
		[KTAP_ARITHMETIC_ADD] = { 0, "5" },   [KTAP_ARITHMETIC_SUB] = { 0, "9" },
		[KTAP_ARITHMETIC_MUL] = { 0, "-14" }, [KTAP_ARITHMETIC_DIV] = { 0, "-3" },
		[KTAP_ARITHMETIC_MOD] = { 0, "1" },   [KTAP_ARITHMETIC_AND] = { 0, "6" },
		[KTAP_ARITHMETIC_OR] = { 0, "-1" },   [KTAP_ARITHMETIC_XOR] = { 0, "-7" },
		[KTAP_ARITHMETIC_SHL] = { 0, "-4611686018427387904" },
		[KTAP_ARITHMETIC_SHR] = { 0, "0" },
	};

	for (int n = 0; n < KTAP_ARITHMETIC_COUNT; n++) {
		generic(KTAP_OP_ARITH, AINT, n, O_SEVEN, O_MINUS, 0, arithmetic[n].result);
		generic(KTAP_OP_ARITH, AINT, n, O_NIL, O_SEVEN, KTAP_ERROR_ARITHMETIC, "");
		generic(KTAP_OP_ARITH, AINT, n, O_SEVEN, O_AB, KTAP_ERROR_ARITHMETIC, "");
	}
	for (int equal = 0; equal < 2; equal++) {
		int32_t imm = equal ? KTAP_COMPARISON_EQ : KTAP_COMPARISON_NE;
		const char *yes = equal ? "true" : "false", *no = equal ? "false" : "true";

		generic(KTAP_OP_COMPARE, ABOOL, imm, O_NIL, O_NIL, 0, yes);
		generic(KTAP_OP_COMPARE, ABOOL, imm, O_NIL, O_FALSE, 0, no);
		generic(KTAP_OP_COMPARE, ABOOL, imm, O_TRUE, O_TRUE, 0, yes);
		generic(KTAP_OP_COMPARE, ABOOL, imm, O_TRUE, O_FALSE, 0, no);
		generic(KTAP_OP_COMPARE, ABOOL, imm, O_SEVEN, O_SEVEN, 0, yes);
		generic(KTAP_OP_COMPARE, ABOOL, imm, O_AB, O_AB, 0, yes);
		generic(KTAP_OP_COMPARE, ABOOL, imm, O_AB, O_ABC, 0, no);
		generic(KTAP_OP_COMPARE, ABOOL, imm, O_EMPTY, O_EMPTY, 0, yes);
		generic(KTAP_OP_COMPARE, ABOOL, imm, O_TABLE, O_TABLE, 0, no); /* two tables */
		generic(KTAP_OP_COMPARE, ABOOL, imm, O_TABLE, O_SEVEN, 0, no);
	}
	generic(KTAP_OP_COMPARE, ABOOL, KTAP_COMPARISON_LT, O_MINUS, O_SEVEN, 0, "true");
	generic(KTAP_OP_COMPARE, ABOOL, KTAP_COMPARISON_LE, O_SEVEN, O_SEVEN, 0, "true");
	generic(KTAP_OP_COMPARE, ABOOL, KTAP_COMPARISON_LT, O_AB, O_ABC, 0, "true");
	generic(KTAP_OP_COMPARE, ABOOL, KTAP_COMPARISON_LT, O_ABC, O_AB, 0, "false");
	generic(KTAP_OP_COMPARE, ABOOL, KTAP_COMPARISON_LE, O_EMPTY, O_AB, 0, "true");
	generic(KTAP_OP_COMPARE, ABOOL, KTAP_COMPARISON_LT, O_AB, O_SEVEN, KTAP_ERROR_COMPARISON, "");
	generic(KTAP_OP_COMPARE, ABOOL, KTAP_COMPARISON_LE, O_NIL, O_NIL, KTAP_ERROR_COMPARISON, "");
	generic(KTAP_OP_COMPARE, ABOOL, KTAP_COMPARISON_MATCH, O_ABC, O_GLOB, 0, "true");
	generic(KTAP_OP_COMPARE, ABOOL, KTAP_COMPARISON_MATCH, O_EMPTY, O_GLOB, 0, "false");
	generic(KTAP_OP_COMPARE, ABOOL, KTAP_COMPARISON_MATCH, O_SEVEN, O_GLOB, 0, "false");
	generic(KTAP_OP_COMPARE, ABOOL, KTAP_COMPARISON_MATCH, O_AB, O_SEVEN, KTAP_ERROR_COMPARISON, "");
	generic(KTAP_OP_CONCAT, ASTR, 0, O_AB, O_ABC, 0, "ababc");
	generic(KTAP_OP_CONCAT, ASTR, 0, O_AB, O_MINUS, 0, "ab-2");
	generic(KTAP_OP_CONCAT, ASTR, 0, O_SEVEN, O_MINUS, 0, "7-2");
	generic(KTAP_OP_CONCAT, ASTR, 0, O_EMPTY, O_EMPTY, 0, "");
	generic(KTAP_OP_CONCAT, ASTR, 0, O_NIL, O_AB, KTAP_ERROR_CONCATENATION, "");
	generic(KTAP_OP_CONCAT, ASTR, 0, O_AB, O_TRUE, KTAP_ERROR_CONCATENATION, "");
	generic(KTAP_OP_TRUTH, ABOOL, 0, O_NIL, O_NIL, 0, "false");
	generic(KTAP_OP_TRUTH, ABOOL, 0, O_FALSE, O_NIL, 0, "false");
	generic(KTAP_OP_TRUTH, ABOOL, 0, O_TRUE, O_NIL, 0, "true");
	generic(KTAP_OP_TRUTH, ABOOL, 0, O_EMPTY, O_NIL, 0, "true");
	generic(KTAP_OP_TRUTH, ABOOL, 0, O_TABLE, O_NIL, 0, "true");
	generic(KTAP_OP_CHECK, AINT, KTAP_ERROR_KIND, O_SEVEN, O_NIL, 0, "7");
	generic(KTAP_OP_CHECK, AINT, KTAP_ERROR_KIND, O_NIL, O_NIL, KTAP_ERROR_KIND, "");
	generic(KTAP_OP_CHECK, AINT, KTAP_ERROR_INDEX, O_AB, O_NIL, KTAP_ERROR_INDEX, "");
	generic(KTAP_OP_CHECK, ASTR, KTAP_ERROR_KIND, O_AB, O_NIL, 0, "ab");
}

/* Whether a jump on (r0, r1) is taken; kinds of the registers are ints, strings or any. */
static void jump(uint8_t opcode, uint16_t mask, uint8_t b, uint8_t c, enum operand left,
		 enum operand right, bool taken)
{
	struct assembly *a = assembly_new();
	struct run *r;
	uint32_t from;

	any_table = add_table(a, AINT, 1, AINT, 0, 0, 0);
	add_probe(a, KTAP_PROBE_MAIN,
		  begin(a, ANIL, 0,
			REGISTERS(ANYREG, ANYREG, ABOOL, AINT, ASTR, ATABLE, mask, mask, AINT)),
		  "", 0);
	load_operand(a, 0, 2, left);
	load_operand(a, 1, 2, right);
	OP(CHECK, 6, 0, 0, KTAP_ERROR_KIND);
	OP(CHECK, 7, 1, 0, KTAP_ERROR_KIND);
	from = op(a, opcode, 6, ktap_opcode_info(opcode)->b == KTAP_OPERAND_NONE ? 0 : b, c, 1);
	OP(LDI, 8, 0, 0, 100);
	OP(ADDI, 8, 8, 0, 1);
	patch(a, from, from + 2);
	OP(EMIT, 0, 8, 1, (int32_t)add_format(a, 1));
	OP(RETNIL, 0, 0, 0, 0);
	r = must_load(a);
	CHECK(!call(r, 0) && printed_integer(r) == (taken ? 1 : 101), "%s %d %d",
	      ktap_opcode_info(opcode)->name, left, right);
	unload(r);
}

static void test_jumps(void)
{
	static const struct {
		uint8_t op;
		bool less, same, more; /* r0 against r1 or the constant */
	} ordered[] = {
		{ KTAP_OP_JEQ, 0, 1, 0 }, { KTAP_OP_JNE, 1, 0, 1 },
		{ KTAP_OP_JLT, 1, 0, 0 }, { KTAP_OP_JLE, 1, 1, 0 },
	};
	static const struct {
		uint8_t op;
		bool less, same, more;
	} immediate[] = {
		{ KTAP_OP_JEQI, 0, 1, 0 }, { KTAP_OP_JNEI, 1, 0, 1 }, { KTAP_OP_JLTI, 1, 0, 0 },
		{ KTAP_OP_JLEI, 1, 1, 0 }, { KTAP_OP_JGTI, 0, 0, 1 }, { KTAP_OP_JGEI, 0, 1, 1 },
	};

	for (size_t n = 0; n < sizeof(ordered) / sizeof(*ordered); n++) {
		jump(ordered[n].op, AINT, 7, 0, O_MINUS, O_SEVEN, ordered[n].less);
		jump(ordered[n].op, AINT, 7, 0, O_SEVEN, O_SEVEN, ordered[n].same);
		jump(ordered[n].op, AINT, 7, 0, O_SEVEN, O_MINUS, ordered[n].more);
	}
	for (size_t n = 0; n < sizeof(immediate) / sizeof(*immediate); n++) {
		jump(immediate[n].op, AINT, 8, 0, O_SEVEN, O_SEVEN, immediate[n].less);
		jump(immediate[n].op, AINT, 0xfe, 0xff, O_MINUS, O_SEVEN, immediate[n].same);
		jump(immediate[n].op, AINT, 0x00, 0x80, O_SEVEN, O_SEVEN, immediate[n].more);
	}
	jump(KTAP_OP_JEQS, ASTR, 7, 0, O_AB, O_AB, true);
	jump(KTAP_OP_JEQS, ASTR, 7, 0, O_AB, O_ABC, false);
	jump(KTAP_OP_JNES, ASTR, 7, 0, O_AB, O_ABC, true);
	jump(KTAP_OP_JNES, ASTR, 7, 0, O_EMPTY, O_EMPTY, false);
	jump(KTAP_OP_JT, ABOOL, 0, 0, O_TRUE, O_TRUE, true);
	jump(KTAP_OP_JT, ABOOL, 0, 0, O_FALSE, O_TRUE, false);
	jump(KTAP_OP_JF, ABOOL, 0, 0, O_FALSE, O_TRUE, true);
	jump(KTAP_OP_JF, ABOOL, 0, 0, O_TRUE, O_TRUE, false);
	jump(KTAP_OP_JTV, ANYREG, 0, 0, O_NIL, O_NIL, false);
	jump(KTAP_OP_JTV, ANYREG, 0, 0, O_FALSE, O_NIL, false);
	jump(KTAP_OP_JTV, ANYREG, 0, 0, O_EMPTY, O_NIL, true);
	jump(KTAP_OP_JFV, ANYREG, 0, 0, O_NIL, O_NIL, true);
	jump(KTAP_OP_JFV, ANYREG, 0, 0, O_FALSE, O_NIL, true);
	jump(KTAP_OP_JFV, ANYREG, 0, 0, O_SEVEN, O_NIL, false);
	jump(KTAP_OP_JKIND, ANYREG, AINT | ASTR, 0, O_SEVEN, O_NIL, true);
	jump(KTAP_OP_JKIND, ANYREG, AINT | ASTR, 0, O_NIL, O_NIL, false);
	jump(KTAP_OP_JKIND, ANYREG, ANIL, 0xff, O_NIL, O_NIL, true);
}

/* The rest: moves, calls, division by zero with its place. */
static void test_calls(void)
{
	struct assembly *a = assembly_new();
	struct run *r;
	uint32_t fib, back;

	add_probe(a, KTAP_PROBE_MAIN, begin(a, ANIL, 0, REGISTERS(AINT, AINT | ANIL)), "", 0);
	OP(LDI, 0, 0, 0, 20);
	OP(CALL, 1, 0, 1, 1);
	OP(EMIT, 0, 1, 1, (int32_t)add_format(a, 1));
	OP(RETNIL, 0, 0, 0, 0);
	fib = begin(a, AINT, 1, REGISTERS(AINT, AINT, AINT));
	back = OP(JGTI, 0, 1, 0, 1);
	OP(RET, 0, 0, 0, 0);
	(void)back;
	OP(ADDI, 1, 0, 0, -1);
	OP(CALL, 1, 1, 1, 1);
	OP(ADDI, 2, 0, 0, -2);
	OP(CALL, 2, 2, 1, 1);
	OP(ADD, 1, 1, 2, 0);
	OP(RET, 1, 0, 0, 0);
	begin(a, ANIL, 0, REGISTERS(AINT, AINT));
	a->line = 77;
	OP(DIV, 0, 0, 1, 0);
	OP(RETNIL, 0, 0, 0, 0);
	begin(a, ANIL, 0, REGISTERS(AINT, AINT));
	OP(MOD, 0, 0, 1, 0);
	OP(RETNIL, 0, 0, 0, 0);
	/* registers start as nil where they may, else as zero of their lowest kind */
	begin(a, ANIL, 0, REGISTERS(AINT | ANIL, ABOOL | AINT, ASTR, ABOOL, ASTR | ATABLE));
	OP(EMIT, 0, 0, 5, (int32_t)add_format(a, 5));
	OP(RETNIL, 0, 0, 0, 0);
	r = must_load(a);
	CHECK(!call(r, 0) && printed_integer(r) == 6765, "fib(20) %lld",
	      (long long)printed_integer(r));
	CHECK(call(r, 2) == KTAP_ERROR_DIVISION && ktap_exec_error(r->main)->line == 77 &&
		      ktap_exec_error(r->main)->function == 2 &&
		      ktap_exec_error(r->main)->instruction == 12,
	      "line %u", ktap_exec_error(r->main)->line);
	CHECK(call(r, 3) == KTAP_ERROR_DIVISION, "modulo");
	CHECK(!call(r, 4) && printed(r, 0, 0).kind == KTAP_KIND_NIL &&
		      printed(r, 0, 1).kind == KTAP_KIND_BOOL && printed(r, 0, 1).aux == 0 &&
		      printed(r, 0, 2).kind == KTAP_KIND_STR && printed(r, 0, 2).length == 0 &&
		      printed(r, 0, 3).kind == KTAP_KIND_BOOL &&
		      printed(r, 0, 4).kind == KTAP_KIND_STR,
	      "initial registers");
	CHECK(call(r, 99) == KTAP_ERROR_INTERNAL, "no such function");
	(void)fib;
	unload(r);
}

static void test_globals(void)
{
	struct assembly *a = assembly_new();
	uint32_t one, three;
	struct run *r;
	int32_t number = (int32_t)add_global(a, AINT), maybe = (int32_t)add_global(a, AINT | ANIL),
		text = (int32_t)add_global(a, ASTR), any = (int32_t)add_global(a, AVALUE),
		table = (int32_t)add_global(a, ATABLE | ANIL), flag = (int32_t)add_global(a, ABOOL);

	one = add_format(a, 1);
	three = add_format(a, 6);
	add_table(a, AINT, 1, AINT, 0, 0, 0);
	add_probe(a, KTAP_PROBE_MAIN,
		  begin(a, ANIL, 0, REGISTERS(AINT, AINT | ANIL, ASTR, AVALUE, ATABLE | ANIL, ABOOL)),
		  "", 0);
	OP(GETG, 0, 0, 0, number);
	OP(GETG, 1, 0, 0, maybe);
	OP(GETG, 2, 0, 0, text);
	OP(GETG, 3, 0, 0, any);
	OP(GETG, 4, 0, 0, table);
	OP(GETG, 5, 0, 0, flag);
	OP(EMIT, 0, 0, 6, (int32_t)three);
	OP(RETNIL, 0, 0, 0, 0);
	begin(a, ANIL, 0, REGISTERS(AINT, ASTR, ATABLE, ABOOL)); /* 1: set */
	OP(LDI, 0, 0, 0, 40);
	OP(SETG, 0, 0, 0, number);
	OP(LDI, 0, 0, 0, 2);
	OP(ADDG, 0, 0, 0, number);
	OP(ADDG, 0, 0, 0, maybe); /* nil counts as 0 */
	OP(ADDG, 0, 0, 0, maybe);
	OP(LDS, 1, 0, 0, (int32_t)add_string(a, "hello"));
	OP(SETG, 1, 0, 0, text);
	OP(SETG, 1, 0, 0, any);
	OP(TNEW, 2, 0, 0, 0);
	OP(SETG, 2, 0, 0, table);
	OP(SETG, 2, 0, 0, any);
	OP(LDB, 3, 0, 0, 1);
	OP(SETG, 3, 0, 0, flag);
	OP(RETNIL, 0, 0, 0, 0);
	begin(a, ANIL, 0, REGISTERS(ASTR, ASTR)); /* 2: strings are copied */
	OP(LDS, 0, 0, 0, 0);
	OP(SETG, 0, 0, 0, text);
	OP(GETG, 1, 0, 0, text);
	OP(LDS, 0, 0, 0, (int32_t)add_string(a, ""));
	OP(SETG, 0, 0, 0, text);
	OP(EMIT, 0, 1, 1, (int32_t)one);
	OP(GETG, 1, 0, 0, text);
	OP(EMIT, 0, 1, 1, (int32_t)one);
	OP(RETNIL, 0, 0, 0, 0);
	begin(a, ANIL, 0, REGISTERS(ANIL)); /* 3: nil */
	OP(SETG, 0, 0, 0, table);
	OP(SETG, 0, 0, 0, any);
	OP(RETNIL, 0, 0, 0, 0);
	r = must_load(a);
	CHECK(!call(r, 0) && printed(r, 0, 0).kind == KTAP_KIND_INT && !printed(r, 0, 0).integer &&
		      printed(r, 0, 1).kind == KTAP_KIND_NIL &&
		      printed(r, 0, 2).kind == KTAP_KIND_STR && !printed(r, 0, 2).length &&
		      printed(r, 0, 3).kind == KTAP_KIND_NIL &&
		      printed(r, 0, 4).kind == KTAP_KIND_NIL &&
		      printed(r, 0, 5).kind == KTAP_KIND_BOOL,
	      "what globals start as");
	CHECK(!call(r, 1), "set");
	CHECK(!call(r, 0) && printed(r, 0, 0).integer == 42 && printed(r, 0, 1).integer == 4 &&
		      printed(r, 0, 2).length == 5 && !memcmp(printed(r, 0, 2).text, "hello", 5) &&
		      printed(r, 0, 3).kind == KTAP_KIND_TABLE &&
		      printed(r, 0, 4).kind == KTAP_KIND_TABLE && printed(r, 0, 5).aux == 1,
	      "what they were set to");
	CHECK(!call(r, 2) && !strcmp(printed_text(r), "hello") && printed(r, 1, 0).length == 0,
	      "copies");
	test_retired = 0;
	CHECK(!call(r, 3) && test_retired == 1, "the table is retired once: %u", test_retired);
	ktap_program_reclaim(r->program);
	CHECK(!call(r, 0) && printed(r, 0, 4).kind == KTAP_KIND_NIL, "nil again");
	unload(r);
}

static void test_events(void)
{
	struct assembly *a = assembly_new();
	struct run *r;
	int32_t fd = (int32_t)add_field(a, "fd", AINT), name = (int32_t)add_field(a, "filename", ASTR);

	add_probe(a, KTAP_PROBE_MAIN, begin(a, ANIL, 0, REGISTERS(AEVENT, AINT)), "", 0);
	OP(EFIELD, 1, 0, 0, fd); /* the null event */
	OP(RETNIL, 0, 0, 0, 0);
	add_probe(a, KTAP_PROBE_EVENT, begin(a, ANIL, 1, REGISTERS(AEVENT, AINT, ASTR | ANIL)),
		  "syscalls:sys_enter_openat", 0);
	OP(EFIELD, 1, 0, 0, fd);
	OP(EFIELD, 2, 0, 0, name);
	OP(EMIT, 0, 1, 2, (int32_t)add_format(a, 2));
	OP(RETNIL, 0, 0, 0, 0);
	begin(a, ANIL, 0, REGISTERS(AEVENT, ASTR)); /* 2: a library function and the null event */
	OP(LIB, 1, 0, 1, KTAP_LIB_PROBENAME);
	OP(RETNIL, 0, 0, 0, 0);
	begin(a, ANIL, 0, REGISTERS(AEVENT)); /* 3: printing it */
	OP(EMIT, 0, 0, 1, (int32_t)add_format(a, 1));
	OP(RETNIL, 0, 0, 0, 0);
	begin(a, ANIL, 0, REGISTERS(AINT, ASTR)); /* 4: library */
	OP(LIB, 0, 0, 0, KTAP_LIB_PID);
	OP(LIB, 1, 0, 0, KTAP_LIB_EXECNAME);
	OP(EMIT, 0, 0, 2, 0);
	OP(LIB, 0, 0, 1, KTAP_LIB_EXIT);
	OP(EMIT, 0, 0, 2, 0);
	OP(RETNIL, 0, 0, 0, 0);
	r = must_load(a);
	CHECK(call(r, 0) == KTAP_ERROR_FIELD && ktap_exec_error(r->main)->detail[0] == fd, "null event");
	CHECK(!call_probe(r, 1) && printed_integer(r) == 42 &&
		      !memcmp(printed(r, 0, 1).text, "file-1", 6), "fields");
	CHECK(call(r, 2) == KTAP_ERROR_FIELD, "null event in the library");
	CHECK(call(r, 3) == KTAP_ERROR_FIELD, "null event printed");
	CHECK(!call(r, 4) && r->output->count == 1 && r->output->exit_code == 1000 + KTAP_LIB_PID,
	      "exit ends the run");
	unload(r);
}

/* A home that answers with an error, with a kind that it must not give, with rubbish. */
static void test_bad_answers(void)
{
	static const struct {
		uint32_t code;
		uint8_t kind;
		uint32_t expected;
	} cases[] = {
		{ KTAP_ERROR_FIELD, 0, KTAP_ERROR_FIELD },
		{ KTAP_ERROR_ARENA, 0, KTAP_ERROR_ARENA },
		{ KTAP_ERROR_COUNT, 0, KTAP_ERROR_INTERNAL },
		{ 0x10000, 0, KTAP_ERROR_INTERNAL },
		{ 0, KTAP_KIND_STR, KTAP_ERROR_INTERNAL },
		{ 0, KTAP_KIND_COUNT, KTAP_ERROR_INTERNAL },
	};
	struct assembly *a = assembly_new();
	struct run *r;

	add_probe(a, KTAP_PROBE_MAIN, begin(a, ANIL, 0, REGISTERS(ANIL)), "", 0);
	OP(RETNIL, 0, 0, 0, 0);
	begin(a, ANIL, 1, REGISTERS(AEVENT, AINT));
	OP(EFIELD, 1, 0, 0, (int32_t)add_field(a, "n", AINT));
	OP(RETNIL, 0, 0, 0, 0);
	begin(a, ANIL, 0, REGISTERS(AINT));
	OP(LIB, 0, 0, 0, KTAP_LIB_PID);
	OP(RETNIL, 0, 0, 0, 0);
	begin(a, ANIL, 0, REGISTERS(AINT));
	OP(LIB, 0, 0, 1, KTAP_LIB_EXIT);
	OP(RETNIL, 0, 0, 0, 0);
	r = must_load(a);
	for (size_t n = 0; n < sizeof(cases) / sizeof(*cases); n++) {
		bad_answer.code = cases[n].code;
		bad_answer.kind = cases[n].kind;
		CHECK(call_probe(r, 1) == cases[n].expected, "field %zu: %u", n, r->code);
		CHECK(call_probe(r, 2) == cases[n].expected, "library %zu: %u", n, r->code);
		CHECK(!cases[n].code || call(r, 3) == cases[n].expected, "exit %zu: %u", n, r->code);
	}
	bad_answer = (struct bad_answer){ 0, 0 };
	unload(r);
}

void test_instructions(void)
{
	test_bad_answers();
	test_arithmetic();
	test_generic();
	test_jumps();
	test_calls();
	test_globals();
	test_events();
}
