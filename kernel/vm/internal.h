/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What the files of the virtual machine share: a loaded program and an execution context. */
#ifndef KTAP_INTERNAL_H
#define KTAP_INTERNAL_H

#include "port.h"

struct ktap_pool;

/* A code that ends a run without an error: exit(), or the home said stop. */
#define KTAP_STOPPED 0x10000u

/* Value count of formats that LEMIT uses: more than an EMIT has registers. */
#define KTAP_FORMAT_LIST 0xffu

struct ktap_function {
	const struct ktap_insn *code;
	const uint16_t *masks; /* of each register */
	const uint8_t *kinds; /* what each register starts as */
	uint32_t instruction_count;
	uint32_t first_instruction;
	uint16_t register_count;
	uint16_t parameter_count;
	uint16_t result;
	uint16_t flags; /* enum ktap_function_flags */
};

/* A table site as each of its tables has it. */
struct ktap_site {
	uint8_t parts;
	uint8_t keeps; /* enum ktap_aggregate_flags */
	uint16_t value;
	uint16_t keys[KTAP_MAX_KEY_PARTS];
	uint16_t index; /* of the site */
};

/* The linear histogram of a site whose aggregates keep one. */
struct ktap_linear {
	int64_t low;
	uint64_t step;
	uint32_t steps; /* number of buckets */
};

/*
 * A global that is always an integer, always a boolean, or a table or a function or perhaps nil,
 * is one atomic word, whose value also tells the kind; any other is a cell under a lock.
 */
struct ktap_global {
	ktap_atomic64_t word;
	uint16_t mask;
	bool atomic;
	bool object; /* atomic: holds tables, or functions */
	uint8_t zero_kind; /* atomic: its kind when the word is 0 */
	uint8_t kind; /* atomic: its kind otherwise; else that of `bits`, locked */
	ktap_lock_t lock;
	uint64_t bits; /* locked; the address of `string` for a string */
	struct ktap_string *string; /* string_limit bytes of its own, or NULL */
};

struct ktap_handler {
	const uint8_t *fields; /* a bit for each field reference that may be loaded */
	bool captures;
};

struct ktap_policy_argument {
	uint32_t kind, choice_count, first_choice;
	int64_t least, most;
};

struct ktap_program {
	const struct ktap_home *home;
	struct ktap_function *functions;
	const int64_t *integers;
	const struct ktap_string **strings;
	struct ktap_global *globals;
	struct ktap_site *sites;
	struct ktap_linear *linear; /* of each site */
	struct ktap_field_info *fields;
	struct ktap_probe_info *probes;
	struct ktap_handler *handlers; /* one for each probe */
	uint8_t *format_values; /* value count of each format */
	struct ktap_insn *code;
	uint32_t *lines;
	struct ktap_policy_argument *policy_arguments;
	struct ktap_pool *pool; /* NULL: no table sites */
	struct ktap_value *arguments; /* one allocation with the strings, or NULL */
	size_t argument_bytes;
	size_t size; /* bytes of this allocation */
	ktap_atomic32_t output_serial;
	uint32_t argument_count;
	uint32_t integer_count, string_count, global_count, site_count;
	uint32_t policy_argument_count;
	bool list_events; /* the list may hold an event */
	bool stacks; /* a library function may give one */
	struct ktap_program_info info;
};

/* Registers are cleared, and their kinds copied, by pieces: up to so many too many. */
#define KTAP_FRAME_SLACK 8u

/*
 * The frame at one depth. Its registers lie behind those of the frame that called it, with the
 * arguments beyond the parameters of a variadic function in between.
 */
struct ktap_frame {
	const struct ktap_function *function; /* while it waits for a call's end, and where it goes on */
	const struct ktap_insn *pc;
	uint32_t extra; /* number of the arguments in front of it */
};

/* Words of a key: KTAP_MAX_KEY bytes, and one more for a part that is found too long. */
#define KTAP_KEY_WORDS (KTAP_MAX_KEY / 8)

struct ktap_exec {
	struct ktap_exec_head head;
	/* what each run touches first */
	struct ktap_program *program;
	int32_t fuel; /* of the slice; negative: ask ktap_refill() */
	uint32_t depth;
	uint32_t arena_used;
	uint32_t fresh; /* first of the tables and closures made in this run, a cell index */
	uint64_t *registers;
	uint8_t *kinds;
	/*
	 * What calls give the interpreter, and it gives a library function that called it. Here and
	 * not in its frame, where they would make the kernel's compiler clear them and guard the
	 * stack: 8 instructions a run.
	 */
	struct ktap_value value;
	bool flag;
	const struct ktap_insn *at; /* the call of the home's library, for ktap_exec_place() */
	struct ktap_frame *frames;
	uint64_t fuel_left; /* beyond the slice */
	uint8_t *arena;
	uint8_t *arena_spare; /* process context: to compact into */
	uint32_t arena_size;
	uint32_t arena_soft; /* above: compact before the next instruction that makes strings */
	uint32_t register_limit, depth_limit;
	enum ktap_exec_level level;
	bool placed; /* the error says where it happened */
	uint32_t floor; /* depth of a function that a library function called; 0: none is at work */
	uint32_t top; /* during a library function of the machine: registers in use */
	uint64_t pinned; /* a table that a library function holds while it calls one of the script */
	/* what calls.c answers: the function to go on with, and its first register */
	const struct ktap_function *callee;
	uint32_t base;
	struct ktap_error error;
	uint64_t key[KTAP_KEY_WORDS];
	uint32_t list_count;
	uint8_t list_kinds[KTAP_MAX_LIST];
	uint64_t list[KTAP_MAX_LIST];
#ifdef KTAP_COUNT_INSTRUCTIONS
	uint64_t instructions; /* of this run */
#endif
};

/* Fills in the diagnostic and returns its error. */
__attribute__((format(printf, 3, 4))) int ktap_refuse(struct ktap_diagnostic *diagnostic, int error,
						      const char *format, ...);

/* exec.c */
uint32_t ktap_refill(struct ktap_exec *x);
uint32_t ktap_fail(struct ktap_exec *x, uint32_t code, int64_t first, int64_t second);
uint32_t ktap_compact(struct ktap_exec *x, uint32_t registers);

/* Takes n from the fuel. Not while a lock is held: it may yield. */
static inline uint32_t ktap_charge(struct ktap_exec *x, uint32_t n)
{
	x->fuel -= (int32_t)n;
	return ktap_unlikely(x->fuel < 0) ? ktap_refill(x) : 0;
}

/* Fuel for work on `bytes` bytes beyond the first 16. */
static inline uint32_t ktap_charge_bytes(struct ktap_exec *x, uint32_t bytes)
{
	return ktap_unlikely(bytes > 16) ? ktap_charge(x, (bytes - 1) / 16) : 0;
}

static inline uint32_t ktap_alive(struct ktap_exec *x)
{
	const struct ktap_home *home = x->program->home;

	return x->level == KTAP_EXEC_MAIN && home->stopping && home->stopping(x) ? KTAP_STOPPED : 0;
}

/*
 * calls.c: calls by value, with the list, of variadic functions, and tail calls. Makes the frame
 * of the function that instruction i of f calls: x->callee, x->base.
 */
uint32_t ktap_enter(struct ktap_exec *x, const struct ktap_function *f, const struct ktap_insn *i,
		    uint64_t *regs, uint8_t *kinds);
/*
 * Calls a function by value from a library function of the machine, in process context, above the
 * frames in use; not from within such a call (DEPTH). *result is its first result, of any kind.
 * Strings in the arena may move meanwhile: the caller must not use those it had before.
 */
uint32_t ktap_call_value(struct ktap_exec *x, uint64_t function, const struct ktap_value *args,
			 uint32_t count, struct ktap_value *result);

/* list.c: the list of values of the run */
uint32_t ktap_list_add(struct ktap_exec *x, const uint64_t *bits, const uint8_t *kinds,
		       uint32_t count);
uint32_t ktap_list_extras(struct ktap_exec *x, const uint64_t *regs, const uint8_t *kinds);
uint32_t ktap_list_store(struct ktap_exec *x, uint64_t table, int64_t first);

/* The mask lets a value of this kind through, or error KIND. */
static inline uint32_t ktap_check_kind(struct ktap_exec *x, uint8_t kind, uint16_t mask)
{
	return ktap_likely(mask >> kind & 1) ? 0 : ktap_fail(x, KTAP_ERROR_KIND, kind, mask);
}

/* verifier.c, verifier_cost.c */
int ktap_verify(struct ktap_program *p, struct ktap_diagnostic *diagnostic);
int ktap_verify_reach(struct ktap_program *p, struct ktap_diagnostic *diagnostic);
/* For a function that changes the kernel: what it is made of. verifier_modify.c */
int ktap_verify_modify(const struct ktap_program *p, const struct ktap_function *f,
		       struct ktap_diagnostic *diagnostic);

/* fuse.c: opcodes of instructions that do the work of several; no bundle has them. */
enum {
	KTAP_FUSED_LOOP = KTAP_OP_COUNT, /* JLE, ADDI, JMP */
	KTAP_FUSED_COUNT
};

void ktap_fuse(struct ktap_program *p);

/* A return or a tail call: control never comes to the next instruction. */
static inline bool ktap_op_leaves(uint8_t op)
{
	return op == KTAP_OP_RET || op == KTAP_OP_RETNIL || op == KTAP_OP_RETL ||
	       op == KTAP_OP_TCALL || op == KTAP_OP_TCALLV || op == KTAP_OP_LTCALL;
}

/* globals.c: the kind goes to *kind, the payload to *bits; for globals that are not atomic */
uint32_t ktap_global_get(struct ktap_exec *x, struct ktap_global *g, uint64_t *bits, uint8_t *kind);
uint32_t ktap_global_set(struct ktap_exec *x, struct ktap_global *g, uint64_t bits, uint8_t kind);
void ktap_global_add(struct ktap_global *g, int64_t n);

/* Makes a frame's registers what they start as. The arrays have room for what is written beyond. */
static ktap_always_inline void ktap_clear_frame(const struct ktap_function *f, uint64_t *registers,
						uint8_t *kinds)
{
	const uint32_t count = f->register_count; /* read once: the stores might be to it */
	const uint8_t *initial = f->kinds;
	uint32_t n;

	for (n = 0; n < count; n += 4) {
		registers[n] = 0;
		registers[n + 1] = 0;
		registers[n + 2] = 0;
		registers[n + 3] = 0;
	}
	for (n = 0; n < count; n += KTAP_FRAME_SLACK)
		memcpy(kinds + n, initial + n, KTAP_FRAME_SLACK);
}

/* library_text.c */
uint32_t ktap_text_call(struct ktap_exec *x, uint32_t id, const struct ktap_value *args,
			struct ktap_value *result);

/* library.c, output.c */
uint32_t ktap_library_call(struct ktap_exec *x, uint32_t id, const struct ktap_value *args,
			   struct ktap_value *result);
uint32_t ktap_emit(struct ktap_exec *x, uint32_t site, const uint64_t *bits, const uint8_t *kinds,
		   uint32_t count);
uint32_t ktap_print_table(struct ktap_exec *x, uint64_t handle, uint32_t mode, int64_t rows);

/* strings.c */
extern const union ktap_no_string {
	struct ktap_string string;
	uint64_t words[1];
} ktap_no_string;

/* The string of a payload; 0 is the empty one. */
static inline const struct ktap_string *ktap_str(uint64_t bits)
{
	return bits ? (const struct ktap_string *)(uintptr_t)bits : &ktap_no_string.string;
}

static inline uint64_t ktap_str_bits(const struct ktap_string *s)
{
	return (uint64_t)(uintptr_t)s;
}

bool ktap_str_equal(uint64_t a, uint64_t b);
int ktap_str_compare(const struct ktap_string *a, const struct ktap_string *b);
uint32_t ktap_str_match(struct ktap_exec *x, const struct ktap_string *s,
			const struct ktap_string *glob, bool *result);
uint32_t ktap_str_find(struct ktap_exec *x, const struct ktap_string *s,
		       const struct ktap_string *t, int64_t *position);
uint32_t ktap_str_concat(struct ktap_exec *x, const uint64_t bits[2], const uint8_t kinds[2],
			 uint64_t *result);
uint32_t ktap_str_copy(struct ktap_exec *x, const char *bytes, uint32_t length, uint64_t *result);
#define KTAP_DECIMAL 24 /* bytes that the longest decimal number needs */
uint32_t ktap_decimal(int64_t value, char out[KTAP_DECIMAL]);

/*
 * A snapshot of an aggregate in the arena, where it moves as strings do: `length` counts the bytes
 * behind it. Its address is a multiple of 8, and the payload has the view in the low bits.
 */
struct ktap_snapshot {
	uint32_t length;
	uint16_t powers; /* so many of the buckets are of HIST, then come those of LHIST */
	uint8_t keeps; /* enum ktap_aggregate_flags */
	uint8_t reserved;
	struct ktap_record_aggregate total;
	struct ktap_record_bucket buckets[];
};

#define KTAP_VIEW_BITS 7ull

/* aggregate.c */
extern const struct ktap_snapshot ktap_no_snapshot;

/* The snapshot of a payload; without an address it is the empty one. */
static inline const struct ktap_snapshot *ktap_snapshot(uint64_t bits)
{
	bits &= ~KTAP_VIEW_BITS;
	return bits ? (const struct ktap_snapshot *)(uintptr_t)bits : &ktap_no_snapshot;
}

/* Bytes that a record needs for it, and those bytes. */
uint32_t ktap_snapshot_size(uint64_t bits);
void ktap_snapshot_write(uint64_t bits, uint8_t *out);
uint32_t ktap_aggregate_call(struct ktap_exec *x, uint32_t id, const struct ktap_value *arg,
			     struct ktap_value *result);

/* The histogram that its table keeps, if any. */
uint64_t ktap_snapshot_shown(uint64_t bits);
/* "count 2, avg 3, min 1, max 5", as print shows it. */
uint32_t ktap_aggregate_text(struct ktap_exec *x, uint64_t bits, struct ktap_value *result);

/* Bytes of the shortest string: room to note where it moved. */
#define KTAP_STRING_LEAST 16u

static inline uint32_t ktap_align8(uint32_t n)
{
	return (n + 7) & ~7u;
}

/* A new string in the arena, its bytes still to be written, or NULL with KTAP_ERROR_ARENA. */
static ktap_always_inline struct ktap_string *ktap_arena_take(struct ktap_exec *x, uint32_t length)
{
	uint32_t size = ktap_align8((uint32_t)sizeof(struct ktap_string) + length + 1);
	struct ktap_string *string;

	if (size < KTAP_STRING_LEAST)
		size = KTAP_STRING_LEAST;
	if (ktap_unlikely(size > x->arena_size - x->arena_used)) {
		ktap_fail(x, KTAP_ERROR_ARENA, x->arena_size, 0);
		return NULL;
	}
	string = (struct ktap_string *)(x->arena + x->arena_used);
	ktap_unpoison(string, sizeof(*string) + length + 1);
	x->arena_used += size;
	string->length = length;
	string->bytes[length] = 0;
	return string;
}

/* The same by call. 0 or an error code. */
uint32_t ktap_arena_string(struct ktap_exec *x, uint32_t length, struct ktap_string **result);

#endif
