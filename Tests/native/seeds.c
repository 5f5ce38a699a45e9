// SPDX-License-Identifier: GPL-2.0-or-later
#include "seeds.h"

enum { T, A, B, C, D, I, J, S, U, F, CT, CS, CI, E, G, REGS };

static const uint16_t masks[] = { ATABLE, AVALUE, AVALUE, AVALUE, AVALUE, AINT, AINT, ASTR,
				  ASTR, ABOOL, ATABLE, AINT, AINT, AEVENT, AINT | ANIL, 0 };

static struct assembly *start(void)
{
	struct assembly *a = assembly_new();

	a->memory = 16 << 10;
	a->key_limit = 200;
	a->main_fuel = 3000;
	a->probe_fuel = 1000;
	for (int n = 0; n < 4; n++)
		add_integer(a, n * 0x123456789abll - 2);
	add_string(a, "hello");
	add_string(a, "*l?");
	add_string(a, "a string that does not fit into the words of an entry, with more behind it");
	add_string(a, "42");
	add_global(a, AINT);
	add_global(a, ATABLE);
	add_global(a, AVALUE);
	add_global(a, ASTR);
	add_table(a, AINT, 1, AINT, 0, 0, 0);
	add_table(a, AVALUE, 2, AINT | ASTR | ABOOL, AINT | ASTR, 0, 0);
	add_table(a, AVALUE, 4, ASTR, ASTR, AINT, ABOOL);
	for (uint32_t n = 0; n <= 4; n++)
		add_format(a, n);
	add_field(a, "fd", AINT);
	add_field(a, "filename", ASTR);
	return a;
}

/* Arithmetic, comparisons, jumps. */
static struct assembly *numbers(void)
{
	struct assembly *a = start();

	add_probe(a, KTAP_PROBE_MAIN, begin(a, ANIL, 0, masks), "", 0);
	OP(LDI, I, 0, 0, 1000);
	for (int n = 0; n < 4; n++) {
		OP(LDK, J, 0, 0, n);
		for (int opcode = KTAP_OP_ADD; opcode <= KTAP_OP_SHR; opcode++)
			if ((opcode != KTAP_OP_DIV && opcode != KTAP_OP_MOD) || n)
				op(a, (uint8_t)opcode, CS, I, J, 0);
		for (int opcode = KTAP_OP_ADDI; opcode <= KTAP_OP_SHRI; opcode++)
			op(a, (uint8_t)opcode, CI, CS, 0, n + 1);
		OP(NEG, CS, CI, 0, 0);
		OP(INV, CI, CS, 0, 0);
		for (int opcode = KTAP_OP_EQ; opcode <= KTAP_OP_LE; opcode++)
			op(a, (uint8_t)opcode, F, CS, CI, 0);
		for (int opcode = KTAP_OP_JEQ; opcode <= KTAP_OP_JLE; opcode++)
			op(a, (uint8_t)opcode, I, J, 0, n % 2);
		for (int opcode = KTAP_OP_JEQI; opcode <= KTAP_OP_JGEI; opcode++)
			op(a, (uint8_t)opcode, J, 5, 0, n % 2);
		OP(NOT, F, F, 0, 0);
		OP(JT, F, 0, 0, 1);
		OP(JF, F, 0, 0, 1);
		OP(MOVV, A, I, 0, 0);
		OP(MOVV, B, J, 0, 0);
		OP(ARITH, CS, A, B, n);
		OP(COMPARE, F, A, B, n);
	}
	OP(ADDI, I, I, 0, -100);
	OP(JGTI, I, 0, 0, -6);
	OP(EMIT, 0, A, 2, 2);
	OP(RETNIL, 0, 0, 0, 0);
	return a;
}

/* Strings and the library. */
static struct assembly *strings(void)
{
	struct assembly *a = start();

	add_probe(a, KTAP_PROBE_MAIN, begin(a, ANIL, 0, masks), "", 0);
	OP(LDS, S, 0, 0, 0);
	OP(LDS, U, 0, 0, 2);
	OP(EQS, F, S, U, 0);
	OP(CONCAT, S, S, U, 0);
	OP(CONCAT, U, S, I, 0);
	OP(LIB, I, S, 1, KTAP_LIB_STRLEN);
	OP(LIB, F, S, 2, KTAP_LIB_CONTAINS);
	OP(LIB, G, S, 2, KTAP_LIB_FIND);
	OP(MOVV, A, S, 0, 0);
	OP(LIB, U, A, 1, KTAP_LIB_TOSTRING);
	OP(LDS, S, 0, 0, 3);
	OP(LIB, G, S, 1, KTAP_LIB_TONUMBER);
	OP(LIB, B, J, 1, KTAP_LIB_ARG);
	OP(LIB, I, 0, 0, KTAP_LIB_ARG_COUNT);
	OP(LIB, S, 0, 0, KTAP_LIB_EXECNAME);
	OP(JEQS, S, U, 0, 1);
	OP(JNES, S, U, 0, 0);
	OP(LDS, U, 0, 0, 1);
	OP(MOVV, A, S, 0, 0);
	OP(MOVV, B, U, 0, 0);
	OP(COMPARE, F, A, B, KTAP_COMPARISON_MATCH);
	OP(COMPARE, F, A, B, KTAP_COMPARISON_LT);
	OP(SETG, S, 0, 0, 3);
	OP(SETG, A, 0, 0, 2);
	OP(GETG, S, 0, 0, 3);
	OP(GETG, A, 0, 0, 2);
	OP(TRUTH, F, A, 0, 0);
	OP(JTV, A, 0, 0, 1);
	OP(JFV, A, 0, 0, 0);
	OP(JKIND, A, ASTR, 0, 0);
	OP(EMIT, 0, A, 3, 3);
	OP(CALL, A, A, 2, 1);
	OP(LIB, 0, I, 1, KTAP_LIB_EXIT);
	OP(RETNIL, 0, 0, 0, 0);
	begin(a, AINT | ANIL, 2, REGISTERS(AVALUE, AVALUE, AINT, AINT | ANIL));
	OP(JKIND, 0, AINT, 0, 1);
	OP(RETNIL, 0, 0, 0, 0);
	OP(CHECK, 2, 0, 0, KTAP_ERROR_KIND);
	OP(CALL, 3, 0, 2, 1);
	OP(RET, 2, 0, 0, 0);
	return a;
}

/* Tables. */
static struct assembly *tables(void)
{
	struct assembly *a = start();
	uint32_t jump, body;

	add_probe(a, KTAP_PROBE_MAIN, begin(a, ANIL, 0, masks), "", 0);
	OP(TNEW, T, 0, 0, 0);
	OP(SETG, T, 0, 0, 1);
	body = OP(MOVV, A, J, 0, 0);
	OP(TADD, T, I, A, 1);
	OP(ADDI, J, J, 0, 1);
	op(a, KTAP_OP_JLTI, J, 20, 0, (int32_t)body - (int32_t)a->instruction_count - 1);
	OP(TNEW, CT, 0, 0, 1);
	OP(LDS, S, 0, 0, 2);
	OP(MOVV, A, S, 0, 0);
	OP(MOVV, B, S, 0, 0);
	OP(TSET, CT, T, A, 2);
	OP(TGET, C, CT, A, 2);
	OP(MOVV, B, J, 0, 0);
	OP(TSET, CT, S, A, 2);
	OP(TSET, CT, CT, A, 2);
	OP(TLEN, J, CT, 0, 0);
	OP(MOV, T, CT, 0, 0);
	OP(ITER, CT, T, 0, 0);
	jump = OP(JMP, 0, 0, 0, 0);
	body = OP(EMIT, 0, A, 3, 3);
	OP(LDNIL, D, 0, 0, 0);
	OP(TSET, T, D, A, 2);
	patch(a, jump, a->instruction_count);
	jump = OP(NEXT, CT, A, 3, 0);
	patch(a, jump, body);
	OP(GETG, T, 0, 0, 1);
	OP(LIB, 0, T, 1, KTAP_LIB_PRINT_TABLE);
	OP(TCLEAR, T, 0, 0, 0);
	OP(RETNIL, 0, 0, 0, 0);
	begin(a, ANIL, 0, masks);
	OP(TNEW, T, 0, 0, 2);
	OP(LDS, S, 0, 0, 2);
	OP(LDB, F, 0, 0, 1);
	OP(MOVV, A, S, 0, 0);
	OP(MOVV, B, S, 0, 0);
	OP(MOVV, C, I, 0, 0);
	OP(MOVV, D, F, 0, 0);
	OP(TSET, T, D, A, 4);
	OP(TSET, T, S, A, 4);
	OP(TGET, D, T, A, 4);
	OP(RETNIL, 0, 0, 0, 0);
	add_probe(a, KTAP_PROBE_TICK, 1, "", 1000000000);
	return a;
}

/* An event's handler. */
static struct assembly *events(void)
{
	struct assembly *a = start();

	a->source = true;
	add_argument(a, KTAP_KIND_INT, -5, 5, 0, 2);
	add_argument(a, KTAP_KIND_STR, 0, 0, 0, 0);
	add_probe(a, KTAP_PROBE_MAIN, begin(a, ANIL, 0, masks), "", 0);
	OP(TNEW, T, 0, 0, 1);
	OP(SETG, T, 0, 0, 1);
	OP(RETNIL, 0, 0, 0, 0);
	add_probe(a, KTAP_PROBE_EVENT,
		  begin(a, ANIL, 1, REGISTERS(AEVENT, AINT, ASTR, AVALUE, AVALUE, ATABLE, AINT)),
		  "syscalls:sys_enter_*", 0);
	OP(EFIELD, 1, 0, 0, 0);
	OP(JLTI, 1, 0, 0, 9);
	OP(EFIELD, 2, 0, 0, 1);
	OP(LIB, 2, 0, 1, KTAP_LIB_PROBENAME);
	OP(MOVV, 3, 2, 0, 0);
	OP(MOVV, 4, 1, 0, 0);
	OP(GETG, 5, 0, 0, 1);
	OP(LDI, 6, 0, 0, 1);
	OP(TADD, 5, 6, 3, 2);
	OP(ADDG, 6, 0, 0, 0);
	OP(EMIT, 0, 0, 3, 3);
	OP(RETNIL, 0, 0, 0, 0);
	add_probe(a, KTAP_PROBE_END, begin(a, ANIL, 0, REGISTERS(ATABLE, AINT)), "", 0);
	OP(GETG, 0, 0, 0, 1);
	OP(LIB, 0, 0, 2, KTAP_LIB_PRINT_HIST);
	OP(RETNIL, 0, 0, 0, 0);
	return a;
}

/* Functions as values, closures, the list, tail calls. */
static struct assembly *functions(void)
{
	enum { FN, N, X, Y, ANYTHING, TEXT, VARS, MAYBE };
	static const uint16_t kinds[] = { AFUNCTION, AINT, AINT, AINT, AVALUE, ASTR, ATABLE, AINT | ANIL, 0 };
	struct assembly *a = start();
	uint32_t list, global, site, body;

	site = add_table(a, AVALUE, 1, AINT, 0, 0, 0);
	list = add_list_format(a);
	global = add_global(a, AFUNCTION | ANIL);
	add_probe(a, KTAP_PROBE_MAIN, begin(a, AVALUE, 0, kinds), "", 0);
	OP(LDI, N, 0, 0, 5);
	OP(LDI, X, 0, 0, 3);
	OP(LDF, FN, 0, 0, 1);
	OP(CALLV, X, FN, 3, 0);
	OP(CALLVL, 0, FN, 3, 0);
	OP(LGET, MAYBE, 0, 0, 1);
	OP(CALLL, 0, N, 3, 2);
	OP(LEMIT, 0, 0, 0, (int32_t)list);
	OP(LDS, TEXT, 0, 0, 2);
	OP(CONCAT, TEXT, TEXT, N, 0);
	OP(LSET, 0, N, 5, 0);
	OP(LPRE, 0, N, 2, 0);
	OP(LDF, FN, 0, 0, 2);
	OP(LCALL, FN, 0, 0, 0);
	OP(TNEW, VARS, 0, 0, (int32_t)site);
	OP(LTABLE, VARS, X, 0, 0);
	OP(CLOSURE, FN, VARS, 0, 3);
	OP(SETG, FN, 0, 0, (int32_t)global);
	OP(SETG, FN, 0, 0, 2);
	body = OP(CALLVL, 0, FN, 2, 0);
	OP(LGET, X, 0, 0, 0);
	OP(CALLL, 0, X, 1, 4);
	OP(LGET, N, 0, 0, 0);
	op(a, KTAP_OP_JLTI, X, 8, 0, (int32_t)body - (int32_t)a->instruction_count - 1);
	OP(GETG, ANYTHING, 0, 0, 2);
	OP(JKIND, ANYTHING, ANIL, 0, 1);
	OP(CHECK, FN, ANYTHING, 0, KTAP_ERROR_CALL);
	OP(LSET, 0, N, 1, 0);
	OP(CALL, MAYBE, VARS, 2, 3);
	OP(LTCALL, FN, 0, 0, 0);
	begin(a, AINT, 2, REGISTERS(AINT, AINT, AINT | ANIL)); /* 1: two results */
	OP(ADD, 0, 0, 1, 0);
	OP(LSET, 0, 0, 3, 0);
	OP(RETL, 0, 0, 0, 0);
	begin(a, AVALUE, 1, REGISTERS(AVALUE, ASTR, AINT)); /* 2: variadic: turns its arguments round */
	set_flags(a, KTAP_FUNCTION_VARIADIC);
	OP(CONCAT, 1, 1, 2, 0);
	OP(LVAR, 0, 0, 0, 0);
	OP(LPRE, 0, 0, 2, 0);
	OP(RETL, 0, 0, 0, 0);
	/* 3: a closure: counts, may end in a tail call */
	begin(a, ANIL | AINT, 2, REGISTERS(ATABLE, AINT | ANIL, AINT, AINT, AFUNCTION, AINT));
	set_flags(a, KTAP_FUNCTION_CLOSURE);
	OP(LDI, 2, 0, 0, 1);
	OP(TADD, 0, 2, 3, 1);
	OP(TGET, 2, 0, 3, 1);
	OP(JLTI, 2, 9, 0, 2);
	OP(LDF, 4, 0, 0, 4);
	OP(TCALLV, 0, 4, 2, 0);
	OP(RET, 2, 0, 0, 0);
	begin(a, AINT, 1, REGISTERS(AINT, AINT)); /* 4: tail calls, through 5 with more arguments */
	OP(JGTI, 0, 0, 0, 1);
	OP(RET, 0, 0, 0, 0);
	OP(ADDI, 0, 0, 0, -1);
	OP(TCALL, 0, 0, 2, 5);
	begin(a, AINT, 1, REGISTERS(AINT));
	set_flags(a, KTAP_FUNCTION_VARIADIC);
	OP(ADDI, 0, 0, 0, -1);
	OP(TCALL, 0, 0, 1, 4);
	add_probe(a, KTAP_PROBE_TICK, 6, "", 1000000000);
	begin(a, ANIL, 0, REGISTERS(AFUNCTION | ANIL, AFUNCTION, AINT)); /* 6 */
	OP(GETG, 0, 0, 0, (int32_t)global);
	OP(JFV, 0, 0, 0, 2);
	OP(CHECK, 1, 0, 0, KTAP_ERROR_CALL);
	OP(CALLVL, 0, 1, 2, 0);
	OP(LDNIL, 0, 0, 0, 0);
	OP(SETG, 0, 0, 0, (int32_t)global);
	OP(RETNIL, 0, 0, 0, 0);
	return a;
}

/* Aggregates, sorted copies, stacks, texts. */
static struct assembly *aggregates(void)
{
	enum { TA, N, TB, K, L, ST, FN, X0, X1, AG, TX, TY, TS };
	static const uint16_t regs[] = { ATABLE, AFUNCTION | ANIL, ATABLE, AINT, AINT, ASTACK, AFUNCTION, AVALUE,
					 AVALUE | AAGGREGATE, AAGGREGATE | ANIL, ASTR, AINT, ATABLE, AINT, AINT, 0 };
	struct assembly *a = start();
	uint32_t jump, body;

	add_global(a, ASTACK);
	add_global(a, ATABLE); /* 5 */
	add_aggregate(a, KTAP_AGGREGATE_SQUARES | KTAP_AGGREGATE_HIST | KTAP_AGGREGATE_LHIST,
		      AINT | ASTR | ASTACK, -20, 100, 7); /* site 3 */
	add_table(a, AVALUE, 1, ASTACK | AINT | ASTR, 0, 0, 0); /* site 4 */
	add_aggregate(a, 0, AINT, 0, 0, 0); /* site 5 */
	add_probe(a, KTAP_PROBE_MAIN, begin(a, ANIL, 0, regs), "", 0);
	OP(TNEW, TA, 0, 0, 3);
	OP(SETG, TA, 0, 0, 5);
	body = OP(ANDI, L, K, 0, 3);
	OP(TAGG, TA, K, L, 1);
	OP(ADDI, K, K, 0, 3);
	op(a, KTAP_OP_JLTI, K, 90, 0, (int32_t)body - (int32_t)a->instruction_count - 1);
	OP(TGET, AG, TA, L, 1);
	for (int id = KTAP_LIB_AGGREGATE_COUNT; id <= KTAP_LIB_AGGREGATE_STDDEV; id++)
		OP(LIB, X0, AG, 1, id);
	OP(LIB, AG, AG, 1, KTAP_LIB_AGGREGATE_LHIST);
	OP(EMIT, 0, AG, 1, 1);
	OP(LIB, AG, AG, 1, KTAP_LIB_AGGREGATE_HIST);
	OP(EMIT, 0, AG, 2, 2);
	OP(LIB, TX, AG, 1, KTAP_LIB_TOSTRING);
	OP(LIB, 0, TA, 1, KTAP_LIB_PRINT_TABLE);
	OP(LIB, TB, TA, 2, KTAP_LIB_SORT);
	OP(LIB, 0, TB, 1, KTAP_LIB_FREE);
	OP(CALL, X0, 0, 0, 1);
	OP(CALL, X0, 0, 0, 2);
	OP(RETNIL, 0, 0, 0, 0);
	begin(a, ANIL, 0, regs); /* stacks as keys, sorted by a function */
	OP(TNEW, TA, 0, 0, 4);
	body = OP(LDI, L, 0, 0, 5);
	OP(LIB, ST, K, 2, KTAP_LIB_STACK);
	OP(SETG, ST, 0, 0, 4);
	OP(TADD, TA, K, ST, 1);
	OP(TSET, TA, ST, K, 1);
	OP(ADDI, K, K, 0, 1);
	op(a, KTAP_OP_JLTI, K, 12, 0, (int32_t)body - (int32_t)a->instruction_count - 1);
	OP(LDF, FN, 0, 0, 3);
	OP(MOVV, N, FN, 0, 0);
	OP(LIB, TB, TA, 2, KTAP_LIB_SORT);
	OP(MOV, TS, TB, 0, 0);
	OP(ITER, TS, TB, 0, 0);
	jump = OP(JMP, 0, 0, 0, 0);
	body = OP(EMIT, 0, X0, 2, 2);
	patch(a, jump, a->instruction_count);
	jump = OP(NEXT, TS, X0, 2, 0);
	patch(a, jump, body);
	OP(LIB, 0, TB, 1, KTAP_LIB_FREE);
	OP(RETNIL, 0, 0, 0, 0);
	begin(a, ANIL, 0, REGISTERS(ASTR, AINT, ASTR, AINT)); /* texts */
	OP(LDI, 3, 0, 0, 1000000007);
	OP(MULI, 1, 3, 0, 1000000007);
	OP(LIB, 2, 1, 1, KTAP_LIB_ERRNAME);
	OP(LIB, 2, 1, 1, KTAP_LIB_IP4);
	OP(LDS, 0, 0, 0, (int32_t)add_bytes(a, "\0\1\0\0\0\0\0\0\0\0\0\0\0\0\2\3", 16));
	OP(LIB, 2, 0, 1, KTAP_LIB_IP6);
	OP(LDS, 0, 0, 0, (int32_t)add_string(a, "abcdef"));
	OP(LIB, 2, 0, 1, KTAP_LIB_MAC);
	OP(LDS, 0, 0, 0, (int32_t)add_string(a, "%F %T.%N %A %B %s%"));
	OP(LIB, 2, 0, 2, KTAP_LIB_STRFTIME);
	OP(EMIT, 0, 0, 3, 3);
	OP(RETNIL, 0, 0, 0, 0);
	begin(a, AINT | ANIL, 2, REGISTERS(AVALUE, AVALUE, AINT, ATABLE)); /* 3: the function */
	OP(JKIND, 0, AINT, 0, 1);
	OP(RETNIL, 0, 0, 0, 0);
	OP(GETG, 3, 0, 0, 5);
	OP(CHECK, 2, 0, 0, KTAP_ERROR_KIND);
	OP(RET, 2, 0, 0, 0);
	return a;
}

struct assembly *seed_assembly(unsigned int n)
{
	switch (n) {
	case 0:
		return numbers();
	case 1:
		return strings();
	case 2:
		return tables();
	case 3:
		return events();
	case 4:
		return functions();
	case 5:
		return aggregates();
	default:
		return NULL;
	}
}
