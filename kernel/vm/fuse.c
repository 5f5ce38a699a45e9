// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Instructions that often follow each other become one, when a program is verified and before it
 * runs. Only the opcode of the first one changes: so the others are still there for whoever jumps
 * to them, and indices, lines and fuel stay what they are.
 */
#include "internal.h"

/* The end of a counting loop: leave at the limit, add the step, go back. */
static bool ends_loop(const struct ktap_insn *i)
{
	return i[0].op == KTAP_OP_JLE && i[1].op == KTAP_OP_ADDI && i[2].op == KTAP_OP_JMP;
}

void ktap_fuse(struct ktap_program *p)
{
	uint32_t n, at;

	for (n = 0; n < p->info.function_count; n++) {
		const struct ktap_function *f = &p->functions[n];
		struct ktap_insn *code = p->code + f->first_instruction;

		for (at = 0; at + 2 < f->instruction_count; at++)
			if (ends_loop(code + at))
				code[at].op = KTAP_FUSED_LOOP;
	}
}
