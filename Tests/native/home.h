/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The tests' home: records go to memory, the event is made up. */
#ifndef HOME_H
#define HOME_H

#include "assemble.h"

/* A record as the tests look at it. */
struct record {
	uint16_t kind, site;
	uint32_t length;
	uint8_t *payload;
};

/* What belongs to one execution context: its owner. */
struct output {
	struct record *records;
	uint32_t count, capacity;
	uint32_t room; /* records that still find room */
	bool open; /* a record is reserved and not committed */
	bool keep; /* keep records; otherwise only count them */
	uint32_t waits;
	int64_t exit_code;
	bool stop;
	uint64_t clock;
	uint8_t *scratch;
};

extern struct ktap_home test_home; /* checks digests */
extern struct ktap_home fuzz_home; /* does not */
extern unsigned int test_retired; /* calls of retired() */
extern void (*test_settle)(void); /* waits for the executions in probes, if there are any */

/* The event: field 0 is 42, field n is n * 1000, a string field is "file-N". */
/* What the home answers instead of what it should, when code or kind is not 0. */
extern struct bad_answer {
	uint32_t code;
	uint8_t kind;
} bad_answer;

/* What the home exclusive-ors the addresses with that leave. */
extern uint64_t hidden_addresses;
/* When set, answers instead of the home's library functions. */
extern uint32_t (*test_hook)(struct ktap_exec *x, uint32_t id, const struct ktap_value *args,
			     uint32_t count, struct ktap_value *result);

struct test_event {
	struct ktap_event event;
	uint32_t measured;
	uint32_t capture_size;
};

extern struct test_event test_event;

struct output *output_new(void);
void output_free(struct output *o);
void output_clear(struct output *o);

#endif
