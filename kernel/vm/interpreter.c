// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * The interpreter. The program is verified: so operands are in range, typed registers hold
 * what they are declared to hold, and only what docs/bytecode.md calls a run-time error is
 * checked here. Typed instructions touch payloads only.
 */
#include "builtin.h"
#include "pool.h"

#define SIGNED(n) ((int64_t)regs[n])

static uint32_t divide(struct ktap_exec *x, int64_t a, int64_t b, uint64_t *result)
{
	if (ktap_unlikely(!b))
		return ktap_fail(x, KTAP_ERROR_DIVISION, 0, 0);
	/* The smallest integer by -1 overflows: it is its own negative. */
	*result = b == -1 ? 0 - (uint64_t)a : (uint64_t)ktap_divide(a, b);
	return 0;
}

static uint32_t modulo(struct ktap_exec *x, int64_t a, int64_t b, uint64_t *result)
{
	uint64_t quotient = 0;
	uint32_t code = divide(x, a, b, &quotient);

	*result = (uint64_t)a - quotient * (uint64_t)b;
	return code;
}

static ktap_noinline uint32_t arithmetic(struct ktap_exec *x, const struct ktap_insn *i,
					 const uint64_t *regs, const uint8_t *kinds, uint64_t *result)
{
	uint64_t a = regs[i->b], b = regs[i->c];

	if (kinds[i->b] != KTAP_KIND_INT || kinds[i->c] != KTAP_KIND_INT)
		return ktap_fail(x, KTAP_ERROR_ARITHMETIC, kinds[i->b], kinds[i->c]);
	switch (i->imm) {
	case KTAP_ARITHMETIC_ADD:
		*result = a + b;
		return 0;
	case KTAP_ARITHMETIC_SUB:
		*result = a - b;
		return 0;
	case KTAP_ARITHMETIC_MUL:
		*result = a * b;
		return 0;
	case KTAP_ARITHMETIC_DIV:
		return divide(x, (int64_t)a, (int64_t)b, result);
	case KTAP_ARITHMETIC_MOD:
		return modulo(x, (int64_t)a, (int64_t)b, result);
	case KTAP_ARITHMETIC_AND:
		*result = a & b;
		return 0;
	case KTAP_ARITHMETIC_OR:
		*result = a | b;
		return 0;
	case KTAP_ARITHMETIC_XOR:
		*result = a ^ b;
		return 0;
	case KTAP_ARITHMETIC_SHL:
		*result = a << (b & 63);
		return 0;
	default:
		*result = (uint64_t)((int64_t)a >> (b & 63));
		return 0;
	}
}

static ktap_noinline uint32_t concatenate(struct ktap_exec *x, const struct ktap_insn *i,
					  uint64_t *regs, const uint8_t *kinds)
{
	const uint64_t bits[2] = { regs[i->b], regs[i->c] };
	const uint8_t pair[2] = { kinds[i->b], kinds[i->c] };

	return ktap_str_concat(x, bits, pair, &regs[i->a]);
}

static bool same(const uint64_t *regs, const uint8_t *kinds, uint8_t b, uint8_t c)
{
	if (kinds[b] != kinds[c])
		return false;
	if (kinds[b] == KTAP_KIND_STR)
		return ktap_str_equal(regs[b], regs[c]);
	return kinds[b] == KTAP_KIND_NIL || regs[b] == regs[c];
}

static ktap_noinline uint32_t compare(struct ktap_exec *x, const struct ktap_insn *i,
				      const uint64_t *regs, const uint8_t *kinds, uint64_t *result)
{
	uint8_t left = kinds[i->b], right = kinds[i->c];
	uint32_t code = 0;
	bool matches;
	int order;

	if (left == KTAP_KIND_STR && right == KTAP_KIND_STR && i->imm != KTAP_COMPARISON_MATCH)
		code = ktap_charge_bytes(x, ktap_str(regs[i->b])->length);
	if (code)
		return code;
	switch (i->imm) {
	case KTAP_COMPARISON_EQ:
	case KTAP_COMPARISON_NE:
		*result = same(regs, kinds, i->b, i->c) == (i->imm == KTAP_COMPARISON_EQ);
		return 0;
	case KTAP_COMPARISON_MATCH:
		if (right != KTAP_KIND_STR)
			return ktap_fail(x, KTAP_ERROR_COMPARISON, left, right);
		*result = false;
		if (left != KTAP_KIND_STR)
			return 0;
		code = ktap_str_match(x, ktap_str(regs[i->b]), ktap_str(regs[i->c]), &matches);
		*result = matches;
		return code;
	}
	if (left == KTAP_KIND_INT && right == KTAP_KIND_INT)
		order = SIGNED(i->b) < SIGNED(i->c) ? -1 : SIGNED(i->b) > SIGNED(i->c);
	else if (left == KTAP_KIND_STR && right == KTAP_KIND_STR)
		order = ktap_str_compare(ktap_str(regs[i->b]), ktap_str(regs[i->c]));
	else
		return ktap_fail(x, KTAP_ERROR_COMPARISON, left, right);
	*result = i->imm == KTAP_COMPARISON_LT ? order < 0 : order <= 0;
	return 0;
}

static uint32_t strings_equal(struct ktap_exec *x, uint64_t a, uint64_t b, bool *equal)
{
	*equal = ktap_str_equal(a, b);
	return a == b ? 0 : ktap_charge_bytes(x, ktap_str(a)->length);
}

/* A home's error, or a kind that it must not give. */
static uint32_t bad_answer(struct ktap_exec *x, uint32_t code, int64_t detail)
{
	if (code && x->error.code == code)
		return code; /* the details are there already */
	return ktap_fail(x, code && code < KTAP_ERROR_COUNT ? code : KTAP_ERROR_INTERNAL, detail, 0);
}

static inline uint32_t check_answer(struct ktap_exec *x, uint32_t code,
				    const struct ktap_value *value, uint32_t mask, int64_t detail)
{
	return ktap_likely(!code && (mask >> value->kind & 1)) ? 0 : bad_answer(x, code, detail);
}

static ktap_noinline uint32_t call_library(struct ktap_exec *x, const struct ktap_insn *i,
					   uint64_t *regs, uint8_t *kinds)
{
	const struct ktap_library_info *info = ktap_library_info((uint32_t)i->imm);
	struct ktap_value args[3], value = { 0, KTAP_KIND_NIL };
	uint32_t n, code;

	for (n = 0; n < i->c && n < 3; n++) {
		args[n].bits = regs[i->b + n];
		args[n].kind = kinds[i->b + n];
		if (ktap_unlikely(args[n].kind == KTAP_KIND_EVENT && !args[n].bits))
			return ktap_fail(x, KTAP_ERROR_FIELD, 0, 0);
	}
	if (info->flags & KTAP_LIBRARY_VM) {
		code = ktap_library_call(x, (uint32_t)i->imm, args, &value);
		if (ktap_unlikely(code))
			return code;
	} else {
		x->at = i;
		code = x->program->home->library(x, (uint32_t)i->imm, args, i->c, &value);
		if (info->result || code)
			code = check_answer(x, code, &value, info->result, 0);
		if (ktap_unlikely(code))
			return code;
		if (i->imm == KTAP_LIB_EXIT)
			return KTAP_STOPPED;
	}
	if (info->result) {
		regs[i->a] = value.bits;
		kinds[i->a] = value.kind;
	}
	return 0;
}

static inline uint32_t load_element(struct ktap_exec *x, const struct ktap_insn *i, uint64_t *regs,
				    uint8_t *kinds, uint64_t element)
{
	const struct ktap_program *p = x->program;
	struct ktap_value *value = &x->value;
	uint32_t code;

	value->bits = element;
	value->kind = KTAP_KIND_NIL;
	if (ktap_unlikely(!regs[i->b]))
		return ktap_fail(x, KTAP_ERROR_FIELD, i->imm, 0);
	code = p->home->field(x, (const struct ktap_event *)(uintptr_t)regs[i->b], (uint32_t)i->imm,
			      value);
	code = check_answer(x, code, value, p->fields[i->imm].mask, i->imm);
	if (ktap_unlikely(code))
		return code;
	regs[i->a] = value->bits;
	kinds[i->a] = value->kind;
	return 0;
}

static uint32_t load_field(struct ktap_exec *x, const struct ktap_insn *i, uint64_t *regs,
			   uint8_t *kinds)
{
	return load_element(x, i, regs, kinds, 0);
}

static ktap_noinline uint32_t load_item(struct ktap_exec *x, const struct ktap_insn *i,
					uint64_t *regs, uint8_t *kinds)
{
	return load_element(x, i, regs, kinds, regs[i->c]);
}

static ktap_noinline uint32_t begin_iteration(struct ktap_exec *x, const struct ktap_insn *i,
					      uint64_t *regs)
{
	struct ktap_cursor cursor;
	uint64_t table = regs[i->b];
	uint32_t code = ktap_table_begin(x, table, &cursor);

	if (ktap_unlikely(code))
		return code;
	regs[i->a] = table;
	regs[i->a + 1] = cursor.serial;
	regs[i->a + 2] = cursor.index;
	return 0;
}

/* NEXT: *found tells whether there was an entry, and so whether to jump. */
static ktap_noinline uint32_t next_entry(struct ktap_exec *x, const struct ktap_insn *i,
			   const struct ktap_function *f, uint64_t *regs, uint8_t *kinds,
			   bool *found)
{
	struct ktap_cursor cursor = { regs[i->a + 1], (uint32_t)regs[i->a + 2] };
	const struct ktap_value *value, nil = { 0, KTAP_KIND_NIL };
	struct ktap_item item;
	uint32_t n, code;

	code = ktap_table_next(x, regs[i->a], &cursor, &item, found);
	if (ktap_unlikely(code) || !*found)
		return code;
	regs[i->a + 1] = cursor.serial;
	regs[i->a + 2] = cursor.index;
	for (n = 0; n < i->c; n++) {
		value = n < item.parts ? &item.key[n] : n == item.parts ? &item.value : &nil;
		if (ktap_unlikely(!(f->masks[i->b + n] >> value->kind & 1)))
			return ktap_fail(x, KTAP_ERROR_KIND, value->kind, f->masks[i->b + n]);
		regs[i->b + n] = value->bits;
		kinds[i->b + n] = value->kind;
	}
	return 0;
}

#ifdef KTAP_COUNT_INSTRUCTIONS
#define COUNT(n) (x->instructions += (n))
#else
#define COUNT(n) ((void)0)
#endif

#define DISPATCH()                                                                                 \
	do {                                                                                       \
		i = pc++;                                                                          \
		COUNT(1);                                                                          \
		goto *labels[i->op];                                                               \
	} while (0)

/* Goes on unless the code of an instruction that can fail says otherwise. */
#define CHECKED(call)                                                                              \
	do {                                                                                       \
		code = (call);                                                                     \
		if (ktap_unlikely(code))                                                           \
			goto out;                                                                  \
	} while (0)

#define JUMP()                                                                                     \
	do {                                                                                       \
		pc += i->imm;                                                                      \
		if (i->imm < 0)                                                                    \
			CHECKED(ktap_charge(x, 0u - (uint32_t)i->imm));                            \
		DISPATCH();                                                                        \
	} while (0)

#define JUMP_IF(condition)                                                                         \
	do {                                                                                       \
		if (condition)                                                                     \
			JUMP();                                                                    \
		DISPATCH();                                                                        \
	} while (0)

/* Before an instruction that makes strings; never true in probes. */
#define MAKE_ROOM()                                                                                \
	do {                                                                                       \
		if (ktap_unlikely(x->arena_used > x->arena_soft))                                  \
			CHECKED(ktap_compact(x, (uint32_t)(regs - x->registers) + f->register_count)); \
	} while (0)

/* Before an instruction that makes a table or closure. */
#define COLLECT()                                                                                  \
	do {                                                                                       \
		if (x->level == KTAP_EXEC_MAIN)                                                    \
			CHECKED(ktap_collect(x, (uint32_t)(regs - x->registers) + f->register_count)); \
	} while (0)

#define BINARY(name, expression)                                                                   \
	op_##name:                                                                                 \
	regs[i->a] = (uint64_t)(expression);                                                       \
	DISPATCH();

/* Goes on in the function whose frame ktap_enter() made. */
#define ENTER()                                                                                    \
	do {                                                                                       \
		CHECKED(ktap_enter(x, f, i, regs, kinds));                                         \
		f = x->callee;                                                                     \
		regs = x->registers + x->base;                                                     \
		kinds = x->kinds + x->base;                                                        \
		pc = f->code;                                                                      \
		DISPATCH();                                                                        \
	} while (0)

#define SHORT ((int16_t)(uint16_t)(i->b | i->c << 8))

static ktap_always_inline void begin_run(struct ktap_exec *x, struct ktap_program *p,
					 const struct ktap_function *f, const struct ktap_event *event)
{
	x->program = p;
	x->error.code = KTAP_ERROR_NONE;
	x->head.lost = false;
#ifdef KTAP_COUNT_INSTRUCTIONS
	x->instructions = 0;
#endif
	x->placed = false;
	x->depth = 0;
	x->frames[0].extra = 0;
	x->list_count = 0;
	x->fresh = 0;
	ktap_poison(x->arena, x->arena_used);
	x->arena_used = 0;
	if (ktap_likely(x->level == KTAP_EXEC_PROBE)) {
		x->fuel = (int32_t)p->info.probe_fuel;
		x->fuel_left = 0;
	} else {
		x->fuel = 0;
		x->fuel_left = p->info.main_fuel;
	}
	ktap_clear_frame(f, x->registers, x->kinds);
	if (f->parameter_count && f->masks[0] == KTAP_MASK_EVENT)
		x->registers[0] = (uint64_t)(uintptr_t)event;
}

/*
 * The set-up of a run stands here too: a call in between would cost an event 12 instructions. A
 * library function that calls one of the program's comes here as well, with x->floor set: its
 * frame is made, and the run goes on.
 */
uint32_t ktap_run(struct ktap_exec *x, struct ktap_program *p, uint32_t function,
		  const struct ktap_event *event)
{
	static const void *const labels[KTAP_FUSED_COUNT] KTAP_JUMP_TABLE = {
#define KTAP_X(name, a, b, c, imm) &&op_##name,
		KTAP_OPCODES(KTAP_X)
#undef KTAP_X
		[KTAP_FUSED_LOOP] = &&fused_LOOP,
	};
	const struct ktap_function *f;
	const struct ktap_insn *pc, *i;
	uint64_t *regs = x->registers, bits;
	uint8_t *kinds = x->kinds, kind;
	uint32_t code;

	if (ktap_unlikely(function >= p->info.function_count))
		return ktap_fail(x, KTAP_ERROR_INTERNAL, 0, 0);
	f = &p->functions[function];
	if (ktap_likely(!x->floor)) {
		begin_run(x, p, f, event);
	} else {
		regs += x->base;
		kinds += x->base;
	}
	pc = i = f->code;
	CHECKED(ktap_charge(x, f->instruction_count));
	DISPATCH();

	BINARY(LDI, (int64_t)i->imm)
	BINARY(LDK, p->integers[i->imm])
	BINARY(LDS, ktap_str_bits(p->strings[i->imm]))
	BINARY(LDB, i->imm)
	BINARY(MOV, regs[i->b])
	BINARY(ADD, regs[i->b] + regs[i->c])
	BINARY(SUB, regs[i->b] - regs[i->c])
	BINARY(MUL, regs[i->b] * regs[i->c])
	BINARY(AND, regs[i->b] & regs[i->c])
	BINARY(OR, regs[i->b] | regs[i->c])
	BINARY(XOR, regs[i->b] ^ regs[i->c])
	BINARY(SHL, regs[i->b] << (regs[i->c] & 63))
	BINARY(SHR, SIGNED(i->b) >> (regs[i->c] & 63))
	BINARY(ADDI, regs[i->b] + (uint64_t)(int64_t)i->imm)
	BINARY(MULI, regs[i->b] * (uint64_t)(int64_t)i->imm)
	BINARY(ANDI, regs[i->b] & (uint64_t)(int64_t)i->imm)
	BINARY(ORI, regs[i->b] | (uint64_t)(int64_t)i->imm)
	BINARY(XORI, regs[i->b] ^ (uint64_t)(int64_t)i->imm)
	BINARY(SHLI, regs[i->b] << i->imm)
	BINARY(SHRI, SIGNED(i->b) >> i->imm)
	BINARY(NEG, 0 - regs[i->b])
	BINARY(INV, ~regs[i->b])
	BINARY(NOT, !regs[i->b])
	BINARY(TRUTH, kinds[i->b] != KTAP_KIND_NIL && (kinds[i->b] != KTAP_KIND_BOOL || regs[i->b]))
	BINARY(EQ, regs[i->b] == regs[i->c])
	BINARY(NE, regs[i->b] != regs[i->c])
	BINARY(LT, SIGNED(i->b) < SIGNED(i->c))
	BINARY(LE, SIGNED(i->b) <= SIGNED(i->c))

op_LDNIL:
	regs[i->a] = 0;
	kinds[i->a] = KTAP_KIND_NIL;
	DISPATCH();
op_MOVV:
	regs[i->a] = regs[i->b];
	kinds[i->a] = kinds[i->b];
	DISPATCH();
op_CHECK:
	if (ktap_unlikely(!(f->masks[i->a] >> kinds[i->b] & 1)))
		CHECKED(ktap_fail(x, (uint32_t)i->imm, kinds[i->b],
				  i->imm == KTAP_ERROR_KIND ? f->masks[i->a] : 0));
	regs[i->a] = regs[i->b];
	kinds[i->a] = kinds[i->b];
	DISPATCH();
op_DIV:
	CHECKED(divide(x, SIGNED(i->b), SIGNED(i->c), &regs[i->a]));
	DISPATCH();
op_MOD:
	CHECKED(modulo(x, SIGNED(i->b), SIGNED(i->c), &regs[i->a]));
	DISPATCH();
op_DIVI:
	CHECKED(divide(x, SIGNED(i->b), i->imm, &regs[i->a]));
	DISPATCH();
op_MODI:
	CHECKED(modulo(x, SIGNED(i->b), i->imm, &regs[i->a]));
	DISPATCH();
op_ARITH:
	CHECKED(arithmetic(x, i, regs, kinds, &regs[i->a]));
	DISPATCH();
op_EQS:
	CHECKED(strings_equal(x, regs[i->b], regs[i->c], &x->flag));
	regs[i->a] = x->flag;
	DISPATCH();
op_COMPARE:
	CHECKED(compare(x, i, regs, kinds, &regs[i->a]));
	DISPATCH();
op_CONCAT:
	MAKE_ROOM();
	CHECKED(concatenate(x, i, regs, kinds));
	DISPATCH();

op_JMP:
	JUMP();
op_JT:
	JUMP_IF(regs[i->a]);
op_JF:
	JUMP_IF(!regs[i->a]);
op_JTV:
	JUMP_IF(kinds[i->a] != KTAP_KIND_NIL && (kinds[i->a] != KTAP_KIND_BOOL || regs[i->a]));
op_JFV:
	JUMP_IF(kinds[i->a] == KTAP_KIND_NIL || (kinds[i->a] == KTAP_KIND_BOOL && !regs[i->a]));
op_JEQ:
	JUMP_IF(regs[i->a] == regs[i->b]);
op_JNE:
	JUMP_IF(regs[i->a] != regs[i->b]);
op_JLT:
	JUMP_IF(SIGNED(i->a) < SIGNED(i->b));
op_JLE:
	JUMP_IF(SIGNED(i->a) <= SIGNED(i->b));
fused_LOOP:
	if (SIGNED(i->a) <= SIGNED(i->b))
		JUMP();
	regs[i[1].a] = regs[i[1].b] + (uint64_t)(int64_t)i[1].imm;
	i += 2;
	pc = i + 1;
	COUNT(2);
	JUMP();
op_JEQI:
	JUMP_IF(SIGNED(i->a) == SHORT);
op_JNEI:
	JUMP_IF(SIGNED(i->a) != SHORT);
op_JLTI:
	JUMP_IF(SIGNED(i->a) < SHORT);
op_JLEI:
	JUMP_IF(SIGNED(i->a) <= SHORT);
op_JGTI:
	JUMP_IF(SIGNED(i->a) > SHORT);
op_JGEI:
	JUMP_IF(SIGNED(i->a) >= SHORT);
op_JEQS:
	CHECKED(strings_equal(x, regs[i->a], regs[i->b], &x->flag));
	JUMP_IF(x->flag);
op_JNES:
	CHECKED(strings_equal(x, regs[i->a], regs[i->b], &x->flag));
	JUMP_IF(!x->flag);
op_JKIND:
	JUMP_IF((i->b | i->c << 8) >> kinds[i->a] & 1);

op_GETG: {
	struct ktap_global *g = &p->globals[i->imm];

	if (ktap_likely(g->atomic)) {
		bits = (uint64_t)ktap_atomic64_read(&g->word);
		regs[i->a] = bits;
		kinds[i->a] = bits ? g->kind : g->zero_kind;
	} else {
		MAKE_ROOM();
		CHECKED(ktap_global_get(x, g, &regs[i->a], &kinds[i->a]));
	}
	DISPATCH();
}
op_SETG:
	CHECKED(ktap_global_set(x, &p->globals[i->imm], regs[i->a], kinds[i->a]));
	DISPATCH();
op_ADDG: {
	struct ktap_global *g = &p->globals[i->imm];

	if (ktap_likely(g->atomic))
		ktap_atomic64_add(&g->word, SIGNED(i->a));
	else
		ktap_global_add(g, SIGNED(i->a));
	DISPATCH();
}

op_TNEW:
	COLLECT();
	CHECKED(ktap_table_new(x, (uint32_t)i->imm, &regs[i->a]));
	DISPATCH();
op_TGET:
	MAKE_ROOM();
	CHECKED(ktap_table_get(x, regs[i->b], &regs[i->c], &kinds[i->c], (uint32_t)i->imm,
			       &x->value));
	CHECKED(ktap_check_kind(x, x->value.kind, f->masks[i->a]));
	regs[i->a] = x->value.bits;
	kinds[i->a] = x->value.kind;
	DISPATCH();
op_TSET:
	CHECKED(ktap_table_set(x, regs[i->a], &regs[i->c], &kinds[i->c], (uint32_t)i->imm,
			       regs[i->b], kinds[i->b]));
	DISPATCH();
op_TADD:
	CHECKED(ktap_table_add(x, regs[i->a], &regs[i->c], &kinds[i->c], (uint32_t)i->imm,
			       SIGNED(i->b)));
	DISPATCH();
op_TAGG:
	CHECKED(ktap_table_aggregate(x, regs[i->a], &regs[i->c], &kinds[i->c], (uint32_t)i->imm,
				     SIGNED(i->b)));
	DISPATCH();
op_TLEN:
	CHECKED(ktap_table_length(x, regs[i->b], &regs[i->a]));
	DISPATCH();
op_TCLEAR:
	CHECKED(ktap_table_clear(x, regs[i->a]));
	DISPATCH();
op_ITER:
	CHECKED(begin_iteration(x, i, regs));
	DISPATCH();
op_NEXT:
	MAKE_ROOM();
	CHECKED(next_entry(x, i, f, regs, kinds, &x->flag));
	JUMP_IF(x->flag);

op_CALL:
op_CALLL: {
	const struct ktap_function *g = &p->functions[i->imm];
	uint64_t *new_regs = regs + f->register_count;
	uint8_t *new_kinds = kinds + f->register_count;
	struct ktap_frame *frame = &x->frames[x->depth];
	uint32_t n;

	if (ktap_unlikely(g->flags & KTAP_FUNCTION_VARIADIC))
		goto enter;
	CHECKED(ktap_charge(x, g->instruction_count));
	if (ktap_unlikely(x->depth == x->depth_limit))
		CHECKED(ktap_fail(x, KTAP_ERROR_DEPTH, x->depth_limit, 0));
	if (ktap_unlikely((uint32_t)(new_regs - x->registers) + g->register_count >
			  x->register_limit))
		CHECKED(ktap_fail(x, KTAP_ERROR_REGISTERS, x->register_limit, 0));
	frame->function = f;
	frame->pc = pc;
	frame[1].extra = 0;
	x->depth++;
	ktap_clear_frame(g, new_regs, new_kinds);
	for (n = 0; n < i->c; n++) {
		new_regs[n] = regs[i->b + n];
		new_kinds[n] = kinds[i->b + n];
	}
	f = g;
	regs = new_regs;
	kinds = new_kinds;
	pc = f->code;
	DISPATCH();
}
op_CALLV:
op_CALLVL:
op_LCALL:
enter:
	x->frames[x->depth].function = f;
	x->frames[x->depth].pc = pc;
	ENTER();
op_TCALL:
op_TCALLV:
op_LTCALL:
	ENTER();
op_RETL:
	bits = x->list_count ? x->list[0] : 0;
	kind = x->list_count ? x->list_kinds[0] : KTAP_KIND_NIL;
	CHECKED(ktap_check_kind(x, kind, f->result));
	goto leave;
op_RET:
	bits = regs[i->a];
	kind = kinds[i->a];
	goto leave;
op_RETNIL:
	bits = 0;
	kind = KTAP_KIND_NIL;
leave:
	if (x->depth == x->floor) {
		x->value.bits = bits;
		x->value.kind = kind;
		code = 0;
		goto end;
	}
	regs -= x->frames[x->depth].extra;
	kinds -= x->frames[x->depth].extra;
	x->depth--;
	f = x->frames[x->depth].function;
	pc = x->frames[x->depth].pc;
	regs -= f->register_count;
	kinds -= f->register_count;
	if (ktap_likely(pc[-1].op == KTAP_OP_CALL || pc[-1].op == KTAP_OP_CALLV)) {
		regs[pc[-1].a] = bits;
		kinds[pc[-1].a] = kind;
	} else if (i->op != KTAP_OP_RETL) {
		/* CALLL, CALLVL, LCALL: all results; RETNIL has none. */
		x->list_count = i->op == KTAP_OP_RET;
		x->list[0] = bits;
		x->list_kinds[0] = kind;
	}
	DISPATCH();

op_LDF:
	regs[i->a] = (uint64_t)i->imm + 1;
	DISPATCH();
op_CLOSURE:
	COLLECT();
	CHECKED(ktap_closure_new(x, (uint32_t)i->imm, regs[i->b], &regs[i->a]));
	DISPATCH();
op_LSET:
	x->list_count = 0;
	CHECKED(ktap_list_add(x, regs + i->b, kinds + i->b, i->c));
	DISPATCH();
op_LPRE:
	CHECKED(ktap_list_add(x, regs + i->b, kinds + i->b, i->c));
	DISPATCH();
op_LVAR:
	CHECKED(ktap_list_extras(x, regs, kinds));
	DISPATCH();
op_LGET:
	bits = (uint32_t)i->imm < x->list_count ? x->list[i->imm] : 0;
	kind = (uint32_t)i->imm < x->list_count ? x->list_kinds[i->imm] : KTAP_KIND_NIL;
	CHECKED(ktap_check_kind(x, kind, f->masks[i->a]));
	regs[i->a] = bits;
	kinds[i->a] = kind;
	DISPATCH();
op_LTABLE:
	CHECKED(ktap_list_store(x, regs[i->a], SIGNED(i->b)));
	DISPATCH();
op_LEMIT:
	CHECKED(ktap_emit(x, (uint32_t)i->imm, x->list, x->list_kinds, x->list_count));
	DISPATCH();

op_LIB:
	MAKE_ROOM();
	/* What is known without asking the home: 100 instructions less for execname. */
	if (!ktap_builtin(x, (uint32_t)i->imm, &regs[i->a], &kinds[i->a])) {
		x->top = (uint32_t)(regs - x->registers) + f->register_count;
		CHECKED(call_library(x, i, regs, kinds));
	}
	DISPATCH();
op_EFIELD:
	MAKE_ROOM();
	CHECKED(load_field(x, i, regs, kinds));
	DISPATCH();
op_EITEM:
	CHECKED(load_item(x, i, regs, kinds));
	DISPATCH();
op_EMIT:
	CHECKED(ktap_emit(x, (uint32_t)i->imm, &regs[i->b], &kinds[i->b], i->c));
	DISPATCH();

out:
	if (code == KTAP_ERROR_MEMORY) {
		code = ktap_recover(x, i->op, (uint32_t)(regs - x->registers) + f->register_count);
		if (!code) {
			pc = i;
			DISPATCH();
		}
	}
	/* An error in a function that a library function called has its place already. */
	if (code != KTAP_STOPPED && !x->placed) {
		uint32_t at = (uint32_t)(i - p->code);

		x->placed = true;
		x->error.function = (uint32_t)(f - p->functions);
		x->error.instruction = at;
		x->error.line = p->lines[at];
	}
end:
	if (ktap_unlikely(x->floor))
		return code; /* to the library function */
	if (ktap_unlikely(x->fresh))
		ktap_objects_settle(x);
	return code == KTAP_STOPPED ? 0 : code;
}
