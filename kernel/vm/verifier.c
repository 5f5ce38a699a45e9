// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * The verifier looks at each instruction once: operand roles, kind masks, indices, jump
 * targets. Registers have one kind mask for the whole function, so nothing flows and
 * nothing is iterated. What concerns the call graph is in verifier_cost.c.
 */
#include "internal.h"

struct look {
	const struct ktap_program *p;
	const struct ktap_function *f;
	const struct ktap_insn *i;
	uint32_t index; /* into the function */
	uint32_t needs; /* capabilities so far */
	bool emits_list;
	bool modifies; /* the function changes the kernel */
	struct ktap_diagnostic *d;
};

static int refuse(const struct look *l, const char *what)
{
	const struct ktap_opcode_info *info = ktap_opcode_info(l->i->op);
	uint32_t at = l->f->first_instruction + l->index;

	return ktap_refuse(l->d, -ENOEXEC, "instruction %u (%s, line %u): %s", at,
			   info ? info->name : "unknown", l->p->lines[at], what);
}

static bool has(const struct look *l, uint32_t reg)
{
	return reg < l->f->register_count;
}

static bool is_exactly(const struct look *l, uint32_t reg, uint16_t mask)
{
	return has(l, reg) && l->f->masks[reg] == mask;
}

/* Whether registers first .. first+count-1 exist. */
static bool has_run(const struct look *l, uint32_t first, uint32_t count)
{
	return !count || first + count <= l->f->register_count;
}

static bool check_operand(const struct look *l, uint8_t role, uint32_t reg)
{
	switch (role) {
	case KTAP_OPERAND_NONE:
		return reg == 0;
	case KTAP_OPERAND_W_BOOL:
	case KTAP_OPERAND_R_BOOL:
		return is_exactly(l, reg, KTAP_MASK_BOOL);
	case KTAP_OPERAND_W_INT:
	case KTAP_OPERAND_R_INT:
		return is_exactly(l, reg, KTAP_MASK_INT);
	case KTAP_OPERAND_W_STR:
	case KTAP_OPERAND_R_STR:
		return is_exactly(l, reg, KTAP_MASK_STR);
	case KTAP_OPERAND_W_TABLE:
	case KTAP_OPERAND_R_TABLE:
		return is_exactly(l, reg, KTAP_MASK_TABLE);
	case KTAP_OPERAND_W_FUNCTION:
	case KTAP_OPERAND_R_FUNCTION:
		return is_exactly(l, reg, KTAP_MASK_FUNCTION);
	case KTAP_OPERAND_R_EVENT:
		return is_exactly(l, reg, KTAP_MASK_EVENT);
	case KTAP_OPERAND_W_ANY:
		/* LIB of a function without a result: checked there. */
		return l->i->op == KTAP_OP_LIB || has(l, reg);
	case KTAP_OPERAND_R_ANY:
		return has(l, reg);
	case KTAP_OPERAND_CURSOR:
		return is_exactly(l, reg, KTAP_MASK_TABLE) &&
		       is_exactly(l, reg + 1, KTAP_MASK_INT) &&
		       is_exactly(l, reg + 2, KTAP_MASK_INT);
	default: /* FIRST with its COUNT or PARTS below; LOW, HIGH: any */
		return true;
	}
}

static bool check_immediate(const struct look *l, uint8_t role)
{
	int64_t imm = l->i->imm, target = (int64_t)l->index + 1 + imm;
	const struct ktap_program *p = l->p;

	switch (role) {
	case KTAP_IMM_NONE:
		return imm == 0;
	case KTAP_IMM_VALUE:
		return true;
	case KTAP_IMM_DIVISOR:
		return imm != 0;
	case KTAP_IMM_SHIFT:
		return imm >= 0 && imm < 64;
	case KTAP_IMM_BOOL:
		return imm == 0 || imm == 1;
	case KTAP_IMM_JUMP:
		return target >= 0 && target < l->f->instruction_count;
	case KTAP_IMM_INTEGER:
		return imm >= 0 && imm < p->integer_count;
	case KTAP_IMM_STRING:
		return imm >= 0 && imm < p->string_count;
	case KTAP_IMM_GLOBAL:
		return imm >= 0 && imm < p->global_count;
	case KTAP_IMM_FUNCTION:
		return imm >= 0 && imm < p->info.function_count;
	case KTAP_IMM_TABLE:
		return imm >= 0 && imm < p->site_count;
	case KTAP_IMM_FIELD:
		return imm >= 0 && imm < p->info.field_count;
	case KTAP_IMM_FORMAT:
		return imm >= 0 && imm < p->info.format_count;
	case KTAP_IMM_LIBRARY:
		return imm >= 0 && imm < KTAP_LIB_COUNT;
	case KTAP_IMM_ARITHMETIC:
		return imm >= 0 && imm < KTAP_ARITHMETIC_COUNT;
	case KTAP_IMM_COMPARISON:
		return imm >= 0 && imm < KTAP_COMPARISON_COUNT;
	case KTAP_IMM_ERROR:
		return imm == KTAP_ERROR_KIND || imm == KTAP_ERROR_INDEX ||
		       imm == KTAP_ERROR_CALL;
	case KTAP_IMM_ELEMENT:
		return imm >= 0 && imm < KTAP_MAX_LIST;
	case KTAP_IMM_PARTS:
		return imm >= 1 && imm <= KTAP_MAX_KEY_PARTS;
	default:
		return false;
	}
}

/* Operand roles that depend on each other: the runs of registers. */
static bool check_runs(const struct look *l, const struct ktap_opcode_info *info)
{
	if (info->imm == KTAP_IMM_PARTS)
		return has_run(l, l->i->c, (uint32_t)l->i->imm);
	if (info->b == KTAP_OPERAND_FIRST && info->c == KTAP_OPERAND_COUNT)
		return has_run(l, l->i->b, l->i->c);
	return true;
}

static bool subset(uint32_t mask, uint32_t of)
{
	return !(mask & ~of);
}

/* `result`: the kinds that whoever gets the result can take. */
static int check_call(const struct look *l, uint32_t result)
{
	const struct ktap_function *g = &l->p->functions[l->i->imm];
	uint32_t n;

	if (l->i->c < g->parameter_count ||
	    (l->i->c > g->parameter_count && !(g->flags & KTAP_FUNCTION_VARIADIC)))
		return refuse(l, "the function has another number of parameters");
	for (n = 0; n < g->parameter_count; n++)
		if (!subset(l->f->masks[l->i->b + n], g->masks[n]))
			return refuse(l, "an argument may be of a kind that its parameter may not");
	if (!subset(g->result, result))
		return refuse(l, "the result may be of a kind that what gets it may not");
	return 0;
}

/* The function in front of the arguments. The rest is looked at when the call is made. */
static int check_call_by_value(const struct look *l)
{
	return l->i->c && l->f->masks[l->i->b] == KTAP_MASK_FUNCTION ?
		       0 :
		       refuse(l, "what is called is no function");
}

static int check_library(struct look *l)
{
	const struct ktap_library_info *info = ktap_library_info((uint32_t)l->i->imm);
	uint32_t n;

	if (l->i->c < info->least || l->i->c > info->most || l->i->c > 3)
		return refuse(l, "the library function takes another number of arguments");
	for (n = 0; n < l->i->c; n++)
		if (!subset(l->f->masks[l->i->b + n], info->args[n]))
			return refuse(l, "an argument may be of a kind that the library function does not take");
	if (!info->result && l->i->a)
		return refuse(l, "the library function has no result");
	if (info->result && (!has(l, l->i->a) || !subset(info->result, l->f->masks[l->i->a])))
		return refuse(l, "the result may be of a kind that its register may not");
	l->needs |= info->capability;
	l->modifies |= info->capability == KTAP_CAPABILITY_MODIFY;
	return 0;
}

static int check_emit(struct look *l)
{
	uint32_t n;

	if (l->i->c != l->p->format_values[l->i->imm])
		return refuse(l, "the format has another number of values");
	for (n = 0; n < l->i->c; n++)
		if (l->f->masks[l->i->b + n] & KTAP_MASK_EVENT)
			l->needs |= KTAP_CAPABILITY_USER_DATA;
	return 0;
}

/* What roles do not say: how the masks of an instruction's registers go together. */
static int check_masks(struct look *l)
{
	const struct ktap_program *p = l->p;
	const struct ktap_insn *i = l->i;
	const uint16_t *masks = l->f->masks;

	switch (i->op) {
	case KTAP_OP_LDNIL:
		return masks[i->a] & KTAP_MASK_NIL ? 0 : refuse(l, "the register may not be nil");
	case KTAP_OP_MOV:
		return ktap_mask_is_typed(masks[i->a]) && masks[i->a] == masks[i->b] ?
			       0 :
			       refuse(l, "the registers are not both of one and the same kind");
	case KTAP_OP_MOVV:
		return subset(masks[i->b], masks[i->a]) ?
			       0 :
			       refuse(l, "the source may be of a kind that the target may not");
	case KTAP_OP_CHECK:
		return masks[i->a] & masks[i->b] ? 0 : refuse(l, "the kinds never agree");
	case KTAP_OP_GETG:
		return subset(p->globals[i->imm].mask, masks[i->a]) ?
			       0 :
			       refuse(l, "the global may be of a kind that the register may not");
	case KTAP_OP_SETG:
		return subset(masks[i->a], p->globals[i->imm].mask) ?
			       0 :
			       refuse(l, "the register may be of a kind that the global may not");
	case KTAP_OP_ADDG:
		return (p->globals[i->imm].mask & ~KTAP_MASK_NIL) == KTAP_MASK_INT ?
			       0 :
			       refuse(l, "the global is not an integer");
	case KTAP_OP_CALL:
		return check_call(l, masks[i->a]);
	case KTAP_OP_CALLL:
		return check_call(l, KTAP_MASK_ANY);
	case KTAP_OP_TCALL:
		return check_call(l, l->f->result);
	case KTAP_OP_CALLV:
	case KTAP_OP_CALLVL:
	case KTAP_OP_TCALLV:
		return check_call_by_value(l);
	case KTAP_OP_LDF:
	case KTAP_OP_CLOSURE:
		return !(p->functions[i->imm].flags & KTAP_FUNCTION_CLOSURE) == (i->op == KTAP_OP_LDF) ?
			       0 :
			       refuse(l, "whether the function is a closure is not as its flags say");
	case KTAP_OP_LSET:
	case KTAP_OP_LPRE:
		return i->c <= KTAP_MAX_LIST ? 0 : refuse(l, "the list does not hold so many values");
	case KTAP_OP_LVAR:
		return l->f->flags & KTAP_FUNCTION_VARIADIC ?
			       0 :
			       refuse(l, "the function takes no variable arguments");
	case KTAP_OP_LEMIT:
		l->emits_list = true;
		return p->format_values[i->imm] == KTAP_FORMAT_LIST ?
			       0 :
			       refuse(l, "the format is not one for the list");
	case KTAP_OP_RET:
		return subset(masks[i->a], l->f->result) ?
			       0 :
			       refuse(l, "the register may be of a kind that the result may not");
	case KTAP_OP_RETNIL:
		return l->f->result & KTAP_MASK_NIL ? 0 : refuse(l, "the result may not be nil");
	case KTAP_OP_LIB:
		return check_library(l);
	case KTAP_OP_EFIELD:
		if (p->fields[i->imm].mask & KTAP_MASK_STR)
			l->needs |= KTAP_CAPABILITY_USER_DATA;
		return subset(p->fields[i->imm].mask, masks[i->a]) ?
			       0 :
			       refuse(l, "the field may be of a kind that the register may not");
	case KTAP_OP_EITEM:
		return p->fields[i->imm].mask == KTAP_MASK_INT ?
			       0 :
			       refuse(l, "the elements of an array are integers");
	case KTAP_OP_EMIT:
		return check_emit(l);
	default:
		return 0;
	}
}

/* Whether an instruction may put an event into the list or behind the parameters of a function. */
static bool passes_event(const struct look *l)
{
	uint32_t n;

	switch (l->i->op) {
	case KTAP_OP_RET:
		return (l->f->masks[l->i->a] & KTAP_MASK_EVENT) != 0;
	case KTAP_OP_LSET:
	case KTAP_OP_LPRE:
	case KTAP_OP_CALLV:
	case KTAP_OP_CALLVL:
	case KTAP_OP_TCALLV:
		n = 0;
		break;
	case KTAP_OP_CALL:
	case KTAP_OP_CALLL:
	case KTAP_OP_TCALL:
		n = l->p->functions[l->i->imm].parameter_count;
		break;
	default:
		return false;
	}
	for (; n < l->i->c; n++)
		if (l->f->masks[l->i->b + n] & KTAP_MASK_EVENT)
			return true;
	return false;
}

static int check_instruction(struct look *l)
{
	const struct ktap_opcode_info *info = ktap_opcode_info(l->i->op);

	if (!info)
		return refuse(l, "there is no such opcode");
	if (!check_operand(l, info->a, l->i->a) || !check_operand(l, info->b, l->i->b) ||
	    !check_operand(l, info->c, l->i->c))
		return refuse(l, "an operand names no register of the right kind");
	if (!check_immediate(l, info->imm))
		return refuse(l, info->imm == KTAP_IMM_JUMP ? "the jump leaves the function" :
							      "the immediate operand is out of range");
	if (!check_runs(l, info))
		return refuse(l, "a run of registers leaves the function's registers");
	return check_masks(l);
}

static int check_function(struct look *l, struct ktap_program *p)
{
	uint8_t last;

	l->modifies = false;
	for (l->index = 0; l->index < l->f->instruction_count; l->index++) {
		l->i = &l->f->code[l->index];
		if (check_instruction(l))
			return l->d->error;
		p->list_events |= passes_event(l);
		p->stacks |= l->i->op == KTAP_OP_LIB &&
			     (ktap_library_info((uint32_t)l->i->imm)->result & KTAP_MASK_STACK);
	}
	last = l->i->op;
	l->index--;
	if (!ktap_op_leaves(last) && last != KTAP_OP_JMP)
		return refuse(l, "the function does not end with a return, a tail call or JMP");
	return l->modifies ? ktap_verify_modify(p, l->f, l->d) : 0;
}

static const char *capability_name(uint32_t capabilities)
{
	if (capabilities & KTAP_CAPABILITY_OBSERVE)
		return "observe";
	if (capabilities & KTAP_CAPABILITY_ADDRESSES)
		return "addresses";
	if (capabilities & KTAP_CAPABILITY_USER_DATA)
		return "user-data";
	if (capabilities & KTAP_CAPABILITY_MEMORY)
		return "memory";
	return "modify";
}

int ktap_verify(struct ktap_program *p, struct ktap_diagnostic *d)
{
	struct look l = { .p = p, .d = d };
	uint32_t n, missing;

	for (n = 0; n < p->info.function_count; n++) {
		l.f = &p->functions[n];
		if (check_function(&l, p))
			return d->error;
	}
	for (n = 0; n < p->info.probe_count; n++)
		if (p->probes[n].kind == KTAP_PROBE_EVENT)
			l.needs |= KTAP_CAPABILITY_OBSERVE;
	if (l.emits_list && p->list_events)
		l.needs |= KTAP_CAPABILITY_USER_DATA;
	p->info.needed_capabilities = l.needs;
	missing = l.needs & ~p->info.capabilities;
	if (missing)
		return ktap_refuse(d, -ENOEXEC, "the program needs the capability '%s', which its bundle does not declare",
				   capability_name(missing));
	return ktap_verify_reach(p, d);
}
