// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * What changes the kernel does so with values that the bundle shows: constants, script arguments
 * that the policy bounds, and, for `signal`, the current process. So that this is seen at a
 * glance, such calls stand in functions of their own, which load these and do nothing else.
 */
#include "internal.h"

/* What a register holds; from SMALL on: the constant integer that is the difference. */
enum known {
	UNKNOWN,
	CONSTANT,
	BOUNDED, /* an argument that the policy bounds */
	TASK, /* the id of the current process or thread */
	SMALL
};

static bool is_bounded(const struct ktap_program *p, uint32_t index)
{
	const struct ktap_policy_argument *a;

	if (index >= p->policy_argument_count)
		return false;
	a = &p->policy_arguments[index];
	return a->choice_count ||
	       (a->kind == KTAP_KIND_INT && (a->least != INT64_MIN || a->most != INT64_MAX));
}

static bool arguments_are_known(const struct ktap_insn *i, const uint8_t *known)
{
	uint32_t n;

	for (n = 0; n < i->c; n++) {
		if (n == 0 && i->imm == KTAP_LIB_SET_RETVAL)
			continue; /* the event */
		if (n == 0 && i->imm == KTAP_LIB_SIGNAL && known[i->b] == TASK)
			continue;
		if (known[i->b + n] == UNKNOWN || known[i->b + n] == TASK)
			return false;
	}
	return true;
}

/* Why the call is refused, or NULL. */
static const char *look_at_call(const struct ktap_program *p, const struct ktap_insn *i,
				uint8_t *known)
{
	switch (i->imm) {
	case KTAP_LIB_PID:
	case KTAP_LIB_TID:
		known[i->a] = TASK;
		return NULL;
	case KTAP_LIB_ARG:
		if (known[i->b] < SMALL || !is_bounded(p, known[i->b] - SMALL))
			return "an argument of the script that the policy does not bound";
		known[i->a] = BOUNDED;
		return NULL;
	}
	if (ktap_library_info((uint32_t)i->imm)->capability != KTAP_CAPABILITY_MODIFY)
		return "another library function beside one that changes the kernel";
	return arguments_are_known(i, known) ?
		       NULL :
		       "what changes the kernel takes constants and bounded arguments only";
}

static const char *look_at(const struct ktap_program *p, const struct ktap_insn *i, uint8_t *known)
{
	switch (i->op) {
	case KTAP_OP_LDI:
		known[i->a] = CONSTANT;
		if (i->imm >= 0 && i->imm < (int32_t)KTAP_MAX_ARGUMENTS)
			known[i->a] = (uint8_t)(SMALL + i->imm);
		return NULL;
	case KTAP_OP_LDK:
	case KTAP_OP_LDS:
	case KTAP_OP_LDNIL:
		known[i->a] = CONSTANT;
		return NULL;
	case KTAP_OP_MOV:
	case KTAP_OP_MOVV:
	case KTAP_OP_CHECK:
		known[i->a] = known[i->b];
		return NULL;
	case KTAP_OP_RET:
	case KTAP_OP_RETNIL:
		return NULL;
	case KTAP_OP_LIB:
		return look_at_call(p, i, known);
	default:
		return "another instruction beside a call that changes the kernel";
	}
}

int ktap_verify_modify(const struct ktap_program *p, const struct ktap_function *f,
		       struct ktap_diagnostic *d)
{
	uint8_t known[KTAP_MAX_REGISTERS];
	const char *why;
	uint32_t n;

	/* A frame begins with zeros and nils, but for what the caller gives. */
	for (n = 0; n < f->register_count; n++)
		known[n] = n < f->parameter_count ? UNKNOWN : SMALL;
	for (n = 0; n < f->instruction_count; n++) {
		why = look_at(p, &f->code[n], known);
		if (why)
			return ktap_refuse(d, -ENOEXEC, "line %u: %s",
					   p->lines[f->first_instruction + n], why);
	}
	return 0;
}
