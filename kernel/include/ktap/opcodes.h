/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The instruction set: one list from which compiler, disassembler, verifier, interpreter
 * and documentation are made.
 *
 *   byte     0        1        2        3        4 .. 7
 *         +--------+--------+--------+--------+-----------------------------------+
 *         | opcode |   A    |   B    |   C    | imm: signed 32-bit, little-endian |
 *         +--------+--------+--------+--------+-----------------------------------+
 *
 * A, B and C name registers of the current frame unless the operand role says otherwise.
 * A jump goes to (index of the next instruction) + imm. docs/bytecode.md describes each
 * instruction.
 */
#ifndef KTAP_OPCODES_H
#define KTAP_OPCODES_H

#include <ktap/types.h>

/* An instruction in memory, in the machine's byte order (only imm differs from the file). */
struct ktap_insn {
	uint8_t op;
	uint8_t a;
	uint8_t b;
	uint8_t c;
	int32_t imm;
};

/*
 * Operand roles of A, B and C.
 * W_x writes and R_x reads a register whose declared mask is exactly {x}. W_ANY and R_ANY
 * take any register; what is allowed beyond that is said for each instruction.
 */
enum ktap_operand {
	KTAP_OPERAND_NONE, /* must be 0 */
	KTAP_OPERAND_W_BOOL,
	KTAP_OPERAND_W_INT,
	KTAP_OPERAND_W_STR,
	KTAP_OPERAND_W_TABLE,
	KTAP_OPERAND_W_FUNCTION,
	KTAP_OPERAND_W_ANY,
	KTAP_OPERAND_R_BOOL,
	KTAP_OPERAND_R_INT,
	KTAP_OPERAND_R_STR,
	KTAP_OPERAND_R_TABLE,
	KTAP_OPERAND_R_FUNCTION,
	KTAP_OPERAND_R_EVENT,
	KTAP_OPERAND_R_ANY,
	KTAP_OPERAND_FIRST, /* first register of a run; its length is COUNT or PARTS */
	KTAP_OPERAND_COUNT, /* length of the run that FIRST begins */
	KTAP_OPERAND_CURSOR, /* three registers: TABLE, INT, INT (see ITER) */
	KTAP_OPERAND_LOW, /* B of a 16-bit operand: low byte; C, the high byte, is HIGH */
	KTAP_OPERAND_HIGH
};

/* Roles of imm. */
enum ktap_immediate {
	KTAP_IMM_NONE, /* must be 0 */
	KTAP_IMM_VALUE, /* any 32-bit value, sign-extended */
	KTAP_IMM_DIVISOR, /* like VALUE, but not 0 */
	KTAP_IMM_SHIFT, /* 0 .. 63 */
	KTAP_IMM_BOOL, /* 0 or 1 */
	KTAP_IMM_JUMP, /* relative to the next instruction */
	KTAP_IMM_INTEGER, /* index into the integers section */
	KTAP_IMM_STRING, /* index into the string constants */
	KTAP_IMM_GLOBAL, /* index of a global */
	KTAP_IMM_FUNCTION, /* index of a function */
	KTAP_IMM_TABLE, /* index of a table site */
	KTAP_IMM_FIELD, /* index of a field reference */
	KTAP_IMM_FORMAT, /* index of a format */
	KTAP_IMM_LIBRARY, /* enum ktap_library */
	KTAP_IMM_ARITHMETIC, /* enum ktap_arithmetic */
	KTAP_IMM_COMPARISON, /* enum ktap_comparison */
	KTAP_IMM_ERROR, /* enum ktap_error_code: KIND, INDEX or CALL */
	KTAP_IMM_ELEMENT, /* index into the list, 0 .. KTAP_MAX_LIST - 1 */
	KTAP_IMM_PARTS /* number of key parts in the run that FIRST begins, 1 .. KTAP_MAX_KEY_PARTS */
};

/* X(NAME, A, B, C, imm) */
#define KTAP_OPCODES(X)                                                                            \
	/* loads and moves */                                                                      \
	X(LDI, W_INT, NONE, NONE, VALUE)                                                           \
	X(LDK, W_INT, NONE, NONE, INTEGER)                                                         \
	X(LDS, W_STR, NONE, NONE, STRING)                                                          \
	X(LDB, W_BOOL, NONE, NONE, BOOL)                                                           \
	X(LDNIL, W_ANY, NONE, NONE, NONE)                                                          \
	X(MOV, W_ANY, R_ANY, NONE, NONE)                                                           \
	X(MOVV, W_ANY, R_ANY, NONE, NONE)                                                          \
	X(CHECK, W_ANY, R_ANY, NONE, ERROR)                                                        \
	/* integer arithmetic */                                                                   \
	X(ADD, W_INT, R_INT, R_INT, NONE)                                                          \
	X(SUB, W_INT, R_INT, R_INT, NONE)                                                          \
	X(MUL, W_INT, R_INT, R_INT, NONE)                                                          \
	X(DIV, W_INT, R_INT, R_INT, NONE)                                                          \
	X(MOD, W_INT, R_INT, R_INT, NONE)                                                          \
	X(AND, W_INT, R_INT, R_INT, NONE)                                                          \
	X(OR, W_INT, R_INT, R_INT, NONE)                                                           \
	X(XOR, W_INT, R_INT, R_INT, NONE)                                                          \
	X(SHL, W_INT, R_INT, R_INT, NONE)                                                          \
	X(SHR, W_INT, R_INT, R_INT, NONE)                                                          \
	X(ADDI, W_INT, R_INT, NONE, VALUE)                                                         \
	X(MULI, W_INT, R_INT, NONE, VALUE)                                                         \
	X(DIVI, W_INT, R_INT, NONE, DIVISOR)                                                       \
	X(MODI, W_INT, R_INT, NONE, DIVISOR)                                                       \
	X(ANDI, W_INT, R_INT, NONE, VALUE)                                                         \
	X(ORI, W_INT, R_INT, NONE, VALUE)                                                          \
	X(XORI, W_INT, R_INT, NONE, VALUE)                                                         \
	X(SHLI, W_INT, R_INT, NONE, SHIFT)                                                         \
	X(SHRI, W_INT, R_INT, NONE, SHIFT)                                                         \
	X(NEG, W_INT, R_INT, NONE, NONE)                                                           \
	X(INV, W_INT, R_INT, NONE, NONE)                                                           \
	X(ARITH, W_INT, R_ANY, R_ANY, ARITHMETIC)                                                  \
	/* booleans and comparisons */                                                             \
	X(NOT, W_BOOL, R_BOOL, NONE, NONE)                                                         \
	X(TRUTH, W_BOOL, R_ANY, NONE, NONE)                                                        \
	X(EQ, W_BOOL, R_INT, R_INT, NONE)                                                          \
	X(NE, W_BOOL, R_INT, R_INT, NONE)                                                          \
	X(LT, W_BOOL, R_INT, R_INT, NONE)                                                          \
	X(LE, W_BOOL, R_INT, R_INT, NONE)                                                          \
	X(EQS, W_BOOL, R_STR, R_STR, NONE)                                                         \
	X(COMPARE, W_BOOL, R_ANY, R_ANY, COMPARISON)                                               \
	X(CONCAT, W_STR, R_ANY, R_ANY, NONE)                                                       \
	/* jumps */                                                                                \
	X(JMP, NONE, NONE, NONE, JUMP)                                                             \
	X(JT, R_BOOL, NONE, NONE, JUMP)                                                            \
	X(JF, R_BOOL, NONE, NONE, JUMP)                                                            \
	X(JTV, R_ANY, NONE, NONE, JUMP)                                                            \
	X(JFV, R_ANY, NONE, NONE, JUMP)                                                            \
	X(JEQ, R_INT, R_INT, NONE, JUMP)                                                           \
	X(JNE, R_INT, R_INT, NONE, JUMP)                                                           \
	X(JLT, R_INT, R_INT, NONE, JUMP)                                                           \
	X(JLE, R_INT, R_INT, NONE, JUMP)                                                           \
	X(JEQI, R_INT, LOW, HIGH, JUMP)                                                            \
	X(JNEI, R_INT, LOW, HIGH, JUMP)                                                            \
	X(JLTI, R_INT, LOW, HIGH, JUMP)                                                            \
	X(JLEI, R_INT, LOW, HIGH, JUMP)                                                            \
	X(JGTI, R_INT, LOW, HIGH, JUMP)                                                            \
	X(JGEI, R_INT, LOW, HIGH, JUMP)                                                            \
	X(JEQS, R_STR, R_STR, NONE, JUMP)                                                          \
	X(JNES, R_STR, R_STR, NONE, JUMP)                                                          \
	X(JKIND, R_ANY, LOW, HIGH, JUMP)                                                           \
	/* globals */                                                                              \
	X(GETG, W_ANY, NONE, NONE, GLOBAL)                                                         \
	X(SETG, R_ANY, NONE, NONE, GLOBAL)                                                         \
	X(ADDG, R_INT, NONE, NONE, GLOBAL)                                                         \
	/* tables */                                                                               \
	X(TNEW, W_TABLE, NONE, NONE, TABLE)                                                        \
	X(TGET, W_ANY, R_TABLE, FIRST, PARTS)                                                      \
	X(TSET, R_TABLE, R_ANY, FIRST, PARTS)                                                      \
	X(TADD, R_TABLE, R_INT, FIRST, PARTS)                                                      \
	X(TAGG, R_TABLE, R_INT, FIRST, PARTS)                                                      \
	X(TLEN, W_INT, R_TABLE, NONE, NONE)                                                        \
	X(TCLEAR, R_TABLE, NONE, NONE, NONE)                                                       \
	X(ITER, CURSOR, R_TABLE, NONE, NONE)                                                       \
	X(NEXT, CURSOR, FIRST, COUNT, JUMP)                                                        \
	/* functions; the list: KTAP_MAX_LIST values of the run, variable arguments and results */ \
	X(CALL, W_ANY, FIRST, COUNT, FUNCTION)                                                     \
	X(CALLL, NONE, FIRST, COUNT, FUNCTION)                                                     \
	X(CALLV, W_ANY, FIRST, COUNT, NONE)                                                        \
	X(CALLVL, NONE, FIRST, COUNT, NONE)                                                        \
	X(LCALL, R_FUNCTION, NONE, NONE, NONE)                                                     \
	X(TCALL, NONE, FIRST, COUNT, FUNCTION)                                                     \
	X(TCALLV, NONE, FIRST, COUNT, NONE)                                                        \
	X(LTCALL, R_FUNCTION, NONE, NONE, NONE)                                                    \
	X(RET, R_ANY, NONE, NONE, NONE)                                                            \
	X(RETNIL, NONE, NONE, NONE, NONE)                                                          \
	X(RETL, NONE, NONE, NONE, NONE)                                                            \
	X(LDF, W_FUNCTION, NONE, NONE, FUNCTION)                                                   \
	X(CLOSURE, W_FUNCTION, R_TABLE, NONE, FUNCTION)                                            \
	X(LSET, NONE, FIRST, COUNT, NONE)                                                          \
	X(LPRE, NONE, FIRST, COUNT, NONE)                                                          \
	X(LVAR, NONE, NONE, NONE, NONE)                                                            \
	X(LGET, W_ANY, NONE, NONE, ELEMENT)                                                        \
	X(LTABLE, R_TABLE, R_INT, NONE, NONE)                                                      \
	X(LEMIT, NONE, NONE, NONE, FORMAT)                                                         \
	/* the library, events, output */                                                          \
	X(LIB, W_ANY, FIRST, COUNT, LIBRARY)                                                       \
	X(EFIELD, W_ANY, R_EVENT, NONE, FIELD)                                                     \
	X(EMIT, NONE, FIRST, COUNT, FORMAT)                                                        \
	X(EITEM, W_INT, R_EVENT, R_INT, FIELD)

enum ktap_opcode {
#define KTAP_X(name, a, b, c, imm) KTAP_OP_##name,
	KTAP_OPCODES(KTAP_X)
#undef KTAP_X
	KTAP_OP_COUNT
};

enum ktap_arithmetic {
	KTAP_ARITHMETIC_ADD,
	KTAP_ARITHMETIC_SUB,
	KTAP_ARITHMETIC_MUL,
	KTAP_ARITHMETIC_DIV,
	KTAP_ARITHMETIC_MOD,
	KTAP_ARITHMETIC_AND,
	KTAP_ARITHMETIC_OR,
	KTAP_ARITHMETIC_XOR,
	KTAP_ARITHMETIC_SHL,
	KTAP_ARITHMETIC_SHR,
	KTAP_ARITHMETIC_COUNT
};

enum ktap_comparison {
	KTAP_COMPARISON_EQ,
	KTAP_COMPARISON_NE,
	KTAP_COMPARISON_LT,
	KTAP_COMPARISON_LE,
	KTAP_COMPARISON_MATCH, /* left string matches the glob on the right (* and ?) */
	KTAP_COMPARISON_COUNT
};

struct ktap_opcode_info {
	const char *name;
	uint8_t a; /* enum ktap_operand */
	uint8_t b;
	uint8_t c;
	uint8_t imm; /* enum ktap_immediate */
};

#define KTAP_OPCODE_INFO(name, a, b, c, imm)                                                       \
	{ #name, KTAP_OPERAND_##a, KTAP_OPERAND_##b, KTAP_OPERAND_##c, KTAP_IMM_##imm },
#define KTAP_OPCODE_INFOS KTAP_OPCODES(KTAP_OPCODE_INFO)

/* In the kernel once, in vm/infos.c; elsewhere the header stands alone. */
#ifdef __KERNEL__
extern const struct ktap_opcode_info ktap_opcode_infos[];
#endif

/* The description of an opcode, or NULL when there is none of that number. */
static inline const struct ktap_opcode_info *ktap_opcode_info(unsigned int op)
{
#ifdef __KERNEL__
	return op < KTAP_OP_COUNT ? &ktap_opcode_infos[op] : NULL;
#else
	static const struct ktap_opcode_info infos[] = { KTAP_OPCODE_INFOS };

	return op < KTAP_OP_COUNT ? &infos[op] : NULL;
#endif
}

#endif
