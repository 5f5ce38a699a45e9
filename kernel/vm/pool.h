/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The pool: the memory of a program's tables. It is one array of 64-byte cells, named by
 * index from 1 (0 is none), and one array of buckets, both reserved when the program is
 * loaded. A table, a closure, an entry, and what does not fit into the entry (the rest of a
 * key, a string value, an aggregate) are cells; the latter are chained. So nothing fragments, taking and giving
 * a cell back is a few instructions, and an index can be checked by one comparison.
 *
 * All tables share the buckets: an entry is found by (table, key). Nothing ever rehashes.
 *
 * Locks, outermost first; all with interrupts off, all for a bounded number of steps:
 *   chains[]  by bucket: the chain of the bucket, of entries and stacks; kind and value of entries
 *   orders[]  by table: its list of entries in insertion order, `owner` of its entries
 *   retiring  the lists of objects that nothing refers to
 *   spare     the free cells
 * An entry enters and leaves its chain and its list under both locks, so either one keeps
 * it alive. Keys never change while an entry lives. Entries are reused at once, since nobody
 * holds one without a lock; tables and closures only after a grace period, since registers
 * name them, or by the run that alone knew them: then their handles are stale.
 */
#ifndef KTAP_POOL_H
#define KTAP_POOL_H

#include "internal.h"

#define KTAP_CELL_SIZE 64u
/* `owner` of a cell that is a table, a closure or a stack; else the table of an entry, or 0 */
#define KTAP_OWNER_TABLE 0xffffffffu
#define KTAP_OWNER_CLOSURE 0xfffffffeu
#define KTAP_OWNER_STACK 0xfffffffdu
#define KTAP_INLINE_WORDS 3u /* of a key, in the entry itself */
#define KTAP_MORE_WORDS 7u /* in each further cell */
#define KTAP_CHAIN_MOST 64u /* entries of one bucket: the bound of a search */
#define KTAP_CHAIN_LOCKS 64u
#define KTAP_ORDER_LOCKS 16u
#define KTAP_COUNTERS 6u /* buckets of a histogram in a cell */
#define KTAP_STACK_WORDS 6u /* frames of a stack in its first cell */
#define KTAP_SHAPE_BITS 3u /* of a key part */

struct ktap_entry {
	uint32_t link; /* cells with the rest of the key */
	uint32_t owner; /* the table */
	uint32_t chain; /* next in the bucket */
	uint32_t newer, older; /* neighbours in insertion order */
	uint16_t shape; /* codes of the key parts' kinds, KTAP_SHAPE_BITS each */
	uint8_t kind; /* of the value */
	uint8_t reserved;
	uint64_t serial; /* ascends in insertion order, per table */
	/* STR: length, first cell << 32; AGGREGATE: first part, first counters << 32; else the payload */
	uint64_t bits;
	uint64_t key[KTAP_INLINE_WORDS];
};

/* What lives as long as it is referred to: how tables and closures begin. */
struct ktap_object {
	uint32_t link; /* next of the objects that the same run made */
	uint32_t owner; /* KTAP_OWNER_TABLE or KTAP_OWNER_CLOSURE */
	uint32_t generation; /* of its handles; never 0 */
	ktap_atomic32_t references; /* from globals, entries, closures that were referred to */
	uint32_t next_retired;
	bool escaped; /* was referred to at some time */
	bool shared; /* for the second time: perhaps from two slots */
	bool listed; /* is in the list of objects of the run that made it */
	bool retired; /* is in a list of retired objects; lock retiring */
	bool again; /* lost its last reference while it was in one; lock retiring */
	bool held; /* by a register of a run that collects: see collect.c */
};

struct ktap_table {
	struct ktap_object object;
	uint32_t first, last; /* of its entries */
	uint32_t count;
	uint64_t serial; /* of the newest entry */
	struct ktap_site site;
};

struct ktap_closure {
	struct ktap_object object;
	uint32_t function;
	uint64_t table; /* of the variables; held from the first reference to the closure on */
};

struct ktap_more {
	uint32_t link;
	uint32_t owner; /* 0 */
	uint64_t words[KTAP_MORE_WORDS];
};

/* What one CPU has added to an aggregate; its `squares` are 128 bits, the low word first. */
struct ktap_part {
	uint32_t link; /* of another CPU */
	uint32_t owner; /* 0 */
	uint32_t cpu;
	uint32_t reserved;
	uint64_t count;
	int64_t sum, least, most;
	uint64_t squares[2];
};

/* Neighbouring buckets of an aggregate's histograms, of all CPUs; ascending by `group`. */
struct ktap_counters {
	uint32_t link;
	uint32_t owner; /* 0 */
	uint32_t group;
	uint32_t reserved;
	uint64_t counts[KTAP_COUNTERS];
};

/* A stack. It never changes and never leaves its chain. */
struct ktap_stack {
	uint32_t link; /* cells with further frames */
	uint32_t owner; /* KTAP_OWNER_STACK */
	uint32_t chain; /* as in an entry */
	uint16_t count; /* of the frames */
	uint8_t space; /* enum ktap_stack_space */
	uint8_t reserved;
	uint64_t frames[KTAP_STACK_WORDS];
};

union ktap_cell {
	struct {
		uint32_t link;
		uint32_t owner;
	} head;
	struct ktap_entry entry;
	struct ktap_object object;
	struct ktap_table table;
	struct ktap_closure closure;
	struct ktap_more more;
	struct ktap_part part;
	struct ktap_counters counters;
	struct ktap_stack stack;
};

/* The kinds of a key's parts in its shape: 0 is none, and they ascend in the order of sorting. */
static inline uint32_t ktap_shape_code(uint8_t kind)
{
	return kind == KTAP_KIND_STACK ? 4 : kind;
}

static inline uint8_t ktap_shape_kind(uint32_t shape, uint32_t part)
{
	uint32_t code = shape >> (KTAP_SHAPE_BITS * part) & 7;

	return code == 4 ? KTAP_KIND_STACK : (uint8_t)code;
}

struct ktap_pool {
	union ktap_cell *cells; /* each in a cache line of its own */
	void *cell_memory;
	uint32_t *buckets;
	uint32_t bucket_mask;
	uint32_t cell_count; /* indices are below it */
	uint32_t memory; /* the limit, for the error */
	uint32_t spare_first, spare_count, untouched; /* lock spare */
	uint32_t collect_below; /* so many free cells a run in process context collects */
	uint32_t waiting; /* retired objects whose grace period runs; lock retiring */
	uint32_t later; /* retired since: for the next one */
	bool pending; /* the home was told and has not answered; lock retiring */
	ktap_atomic32_t generation;
	size_t size;
	ktap_lock_t spare, retiring;
	ktap_lock_t chains[KTAP_CHAIN_LOCKS];
	ktap_lock_t orders[KTAP_ORDER_LOCKS];
	uint64_t secret[2 + 2 * KTAP_KEY_WORDS];
};

/* Reserves `memory` bytes. NULL: no memory. */
struct ktap_pool *ktap_pool_new(uint32_t memory, uint64_t seed);
void ktap_pool_free(struct ktap_pool *pool);
/* A chain of n cells, owner 0, or 0 when fewer are free. */
uint32_t ktap_pool_take(struct ktap_pool *pool, uint32_t n);
/* Gives a chain of cells back; 0 is none. */
void ktap_pool_give(struct ktap_pool *pool, uint32_t first);

/*
 * The hash of a key: multilinear over its 32-bit halves with secret 64-bit multipliers. Of
 * two different keys the chance to meet is 2^-32 over the choice of the secret, whatever the
 * keys, and an integer costs three multiplications.
 */
static ktap_always_inline uint64_t ktap_hash_begin(const struct ktap_pool *s, uint32_t table, uint32_t shape)
{
	_Static_assert(KTAP_SHAPE_BITS * KTAP_MAX_KEY_PARTS == 12, "what a shape needs");
	_Static_assert(KTAP_MAX_MEMORY / KTAP_CELL_SIZE <= 1u << 20, "a table and a shape are 32 bits");
	return s->secret[0] + s->secret[1] * (uint32_t)(table << 12 | shape);
}

static ktap_always_inline uint64_t ktap_hash_word(const struct ktap_pool *s, uint64_t h, uint32_t n,
				      uint64_t word)
{
	return h + s->secret[2 + 2 * n] * (uint32_t)word +
	       s->secret[3 + 2 * n] * (uint32_t)(word >> 32);
}

static ktap_always_inline uint32_t ktap_hash_bucket(const struct ktap_pool *s, uint64_t h)
{
	return (uint32_t)(h >> 32) & s->bucket_mask;
}

/* table.c, table_hot.c. Handles are payloads of TABLE values; the codes are those of errors.h. */
uint32_t ktap_table_new(struct ktap_exec *x, uint32_t site, uint64_t *handle);
uint32_t ktap_table_get(struct ktap_exec *x, uint64_t handle, const uint64_t *key,
			const uint8_t *kinds, uint32_t parts, struct ktap_value *value);
uint32_t ktap_table_set(struct ktap_exec *x, uint64_t handle, const uint64_t *key,
			const uint8_t *kinds, uint32_t parts, uint64_t bits, uint8_t kind);
uint32_t ktap_table_add(struct ktap_exec *x, uint64_t handle, const uint64_t *key,
			const uint8_t *kinds, uint32_t parts, int64_t n);
/* Adds a value to an aggregate. */
uint32_t ktap_table_aggregate(struct ktap_exec *x, uint64_t handle, const uint64_t *key,
			      const uint8_t *kinds, uint32_t parts, int64_t n);
uint32_t ktap_table_length(struct ktap_exec *x, uint64_t handle, uint64_t *length);
uint32_t ktap_table_clear(struct ktap_exec *x, uint64_t handle);

/* table_order.c. A place between two entries: what comes next. index 0: the end. */
struct ktap_cursor {
	uint64_t serial;
	uint32_t index;
};

/* An entry as iteration sees it. Strings lie in the arena. */
struct ktap_item {
	uint32_t parts;
	struct ktap_value key[KTAP_MAX_KEY_PARTS];
	struct ktap_value value;
};

uint32_t ktap_table_begin(struct ktap_exec *x, uint64_t handle, struct ktap_cursor *cursor);
/* Reads the entry at the cursor and moves on; *found is false at the end. */
uint32_t ktap_table_next(struct ktap_exec *x, uint64_t handle, struct ktap_cursor *cursor,
			 struct ktap_item *item, bool *found);

/* The same of an entry that nobody else can change meanwhile. */
uint32_t ktap_entry_item(struct ktap_exec *x, uint32_t index, struct ktap_item *item);
/* table.c: stores an item of a table of the same site; aggregates too. */
uint32_t ktap_table_copy(struct ktap_exec *x, uint64_t handle, const struct ktap_item *item);
/* sort.c: a sorted copy; the function is a FUNCTION or NIL. */
uint32_t ktap_table_sort(struct ktap_exec *x, uint64_t handle, const struct ktap_value *function,
			 uint64_t *sorted);

/* Shared by the two and table_life.c. */
uint32_t ktap_table_find(struct ktap_exec *x, uint64_t handle, struct ktap_table **table,
			 uint32_t *index);
/* Copies the words of a key to `words`, if not NULL, returns their number and the hash. */
uint32_t ktap_entry_key(const struct ktap_pool *s, const struct ktap_entry *e, uint64_t *words,
			uint64_t *hash);
/* table_value.c. Reads the value; the lock of the chain is held. */
uint32_t ktap_entry_read(struct ktap_exec *x, const struct ktap_entry *e, struct ktap_value *value);
/* Bytes of the arena that a value takes, for the fuel. */
uint32_t ktap_value_bytes(const struct ktap_value *value);
/* Turns a payload into what an entry keeps: strings are copied, objects referred to. */
uint32_t ktap_value_keep(struct ktap_exec *x, uint8_t kind, uint64_t *bits);
uint32_t ktap_no_memory(struct ktap_exec *x);
/* Puts an entry at the end of a table's order, or takes it out; the chain's lock is held. */
void ktap_entry_append(struct ktap_pool *s, uint32_t table, uint32_t index);
void ktap_entry_remove(struct ktap_pool *s, uint32_t table, uint32_t index);
/*
 * Deletes the oldest entry of a table if it is not newer than `newest`; false: there is none. The
 * value, as it was kept, is the caller's to drop; nil if another one was faster.
 */
bool ktap_table_shift(struct ktap_pool *s, uint32_t table, uint64_t newest, struct ktap_value *value);

/* table_life.c. Makes a cell an object of the run and returns its handle. */
uint64_t ktap_object_begin(struct ktap_exec *x, uint32_t index, uint32_t owner);
/* References to tables and closures from slots (globals, entries); nothing for other values. */
void ktap_object_hold(struct ktap_program *p, uint8_t kind, uint64_t bits);
void ktap_object_drop(struct ktap_program *p, uint8_t kind, uint64_t bits);
/* Frees a table of this run that was never referred to; another one stays. */
uint32_t ktap_table_free(struct ktap_exec *x, uint64_t handle);
/* At the end of a run: objects made in it that nothing refers to. */
void ktap_objects_settle(struct ktap_exec *x);
/* The object of a value, or NULL: null values and plain functions have none. */
struct ktap_object *ktap_object_of(struct ktap_program *p, uint8_t kind, uint64_t bits);
/*
 * Frees objects that nobody can reach any more, chained by next_retired, and what only they
 * referred to; returns their number. In process context others get a turn meanwhile.
 */
uint32_t ktap_objects_free(struct ktap_program *p, uint32_t chain, bool process);
/*
 * Waits until no run in a probe can know what is retired now, and frees it but for what is held.
 * The number of objects that became free. Process context, between two instructions of a run.
 */
uint32_t ktap_program_settle(struct ktap_program *p);

/*
 * collect.c. Called before an instruction that makes an object; the first `registers` registers are
 * in use. In process context, when memory is short, gives back what the run does not hold.
 */
uint32_t ktap_collect(struct ktap_exec *x, uint32_t registers);
/*
 * After an instruction ended with error MEMORY: 0 when something has become free and it may be
 * repeated, else the error.
 */
uint32_t ktap_recover(struct ktap_exec *x, uint8_t op, uint32_t registers);
/* Releases the value of an entry that is no longer in it. */
void ktap_value_drop(struct ktap_program *p, uint8_t kind, uint64_t bits);

/*
 * aggregate.c: what the `bits` of an entry name. Adding and reading hold the lock of the entry's
 * chain, or the entry is in no chain yet.
 */
/* Adds a value; *steps grows by the cells that were looked at. False: no memory. */
bool ktap_aggregate_add(struct ktap_program *p, const struct ktap_site *site, uint64_t *bits,
			int64_t value, uint32_t *steps);
/* Reads a snapshot into the arena. */
uint32_t ktap_aggregate_read(struct ktap_exec *x, const struct ktap_site *site, uint64_t bits,
			     struct ktap_value *value);
/* From a snapshot to what an entry keeps. */
uint32_t ktap_aggregate_keep(struct ktap_exec *x, uint64_t *bits);
/* Gives the cells back. */
void ktap_aggregate_drop(struct ktap_pool *s, uint64_t bits);
/* closures.c: a closure of the function with a captured table. 0 or an error code. */
uint32_t ktap_closure_new(struct ktap_exec *x, uint32_t function, uint64_t table, uint64_t *handle);
/* The function of a FUNCTION payload, and the captured table or 0. NULL: the null function. */
const struct ktap_function *ktap_closure_find(const struct ktap_program *p, uint64_t bits,
					      uint64_t *table);

/* stacks.c: bytes of the frames of a STACK; writes them as they may leave, and returns the space. */
uint32_t ktap_stack_size(const struct ktap_program *p, uint64_t bits);
uint32_t ktap_stack_write(struct ktap_exec *x, uint64_t bits, uint8_t *out);

static inline uint64_t ktap_handle(uint32_t index, uint32_t generation)
{
	return (uint64_t)generation << 32 | index;
}

#endif
