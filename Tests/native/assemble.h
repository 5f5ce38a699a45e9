/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Makes bundles in memory, instruction by instruction. Everything can be set, also to what
 * no compiler would write: the tests of the verifier live on that.
 */
#ifndef ASSEMBLE_H
#define ASSEMBLE_H

#include "ktapvm.h"

enum { ANIL = KTAP_MASK_NIL, ABOOL = KTAP_MASK_BOOL, AINT = KTAP_MASK_INT, ASTR = KTAP_MASK_STR,
       ATABLE = KTAP_MASK_TABLE, AFUNCTION = KTAP_MASK_FUNCTION, AEVENT = KTAP_MASK_EVENT,
       AAGGREGATE = KTAP_MASK_AGGREGATE, ASTACK = KTAP_MASK_STACK,
       AVALUE = KTAP_MASK_STORABLE };

struct bytes {
	uint8_t *data;
	size_t length, capacity;
};

struct assembly {
	struct bytes section[KTAP_SECTION_LAST + 1];
	bool source; /* write a SOURCE section */
	uint32_t function_count, register_count, instruction_count;
	/* policy, written by finish() */
	uint32_t capabilities, memory, probe_fuel, string_limit, key_limit, ring, event_rate;
	uint64_t main_fuel;
	uint32_t argument_count;
	struct bytes arguments;
	const char *name;
	uint32_t line; /* of the instructions that follow */
};

void put(struct bytes *b, const void *data, size_t length);
void put16(struct bytes *b, uint16_t value);
void put32(struct bytes *b, uint32_t value);
void put64(struct bytes *b, uint64_t value);

/* A program without anything; default policy, all capabilities. */
struct assembly *assembly_new(void);
void assembly_free(struct assembly *a);
void put_text(struct assembly *a, struct bytes *b, const void *bytes, size_t length);

/* Each returns the index of what it adds. */
uint32_t add_integer(struct assembly *a, int64_t value);
uint32_t add_string(struct assembly *a, const char *text);
uint32_t add_bytes(struct assembly *a, const void *bytes, size_t length);
uint32_t add_global(struct assembly *a, uint16_t mask);
uint32_t add_table(struct assembly *a, uint16_t value, uint32_t parts, uint16_t k0, uint16_t k1,
		   uint16_t k2, uint16_t k3);
/* A table of aggregates with one key part: `keeps` is enum ktap_aggregate_flags. */
uint32_t add_aggregate(struct assembly *a, uint32_t keeps, uint16_t key, int64_t low, int64_t high,
		       int64_t step);
uint32_t add_field(struct assembly *a, const char *name, uint16_t mask);
uint32_t add_format(struct assembly *a, uint32_t values);
uint32_t add_list_format(struct assembly *a);
uint32_t add_probe(struct assembly *a, uint32_t kind, uint32_t function, const char *event,
		   uint64_t interval);
void add_argument(struct assembly *a, uint32_t kind, int64_t least, int64_t most, uint32_t first,
		  uint32_t count);

/* Begins a function: `registers` is a list of masks that ends with 0. */
uint32_t begin(struct assembly *a, uint16_t result, uint32_t parameters, const uint16_t *registers);
/* Sets the flags of the function begun last. */
void set_flags(struct assembly *a, uint16_t flags);
#define REGISTERS(...) ((const uint16_t[]){ __VA_ARGS__ __VA_OPT__(,) 0 })

/* An instruction of the function begun last; returns its index in the code. */
uint32_t op(struct assembly *a, uint8_t opcode, uint8_t ra, uint8_t rb, uint8_t rc, int32_t imm);
#define OP(name, ...) op(a, KTAP_OP_##name, __VA_ARGS__)
/* Makes the jump at index `from` lead to index `to`. */
void patch(struct assembly *a, uint32_t from, uint32_t to);

/* The signed part; free() it. */
uint8_t *finish(struct assembly *a, size_t *length);
/* Writes the digest of a signed part into its header. */
void seal(uint8_t *data, size_t length);

/* The digest that the tests' home computes, digest.c. Returns 0. */
int test_digest_of(const void *data, size_t length, uint8_t digest[32]);

#endif
