/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Loading and running what an assembly describes, and looking at what it printed. */
#ifndef RUN_H
#define RUN_H

#include "check.h"
#include "home.h"

struct run {
	struct ktap_program *program;
	struct ktap_exec *main, *probe;
	struct output *output; /* of both */
	struct ktap_diagnostic diagnostic;
	uint32_t code; /* of the last call */
};

/* Ends the assembly: loads it (program is NULL when it is refused) and makes contexts. */
struct run *load(struct assembly *a);
/* The same, and the test says that it must load. */
struct run *must_load(struct assembly *a);
/* Runs a function; its code. */
uint32_t call(struct run *r, uint32_t function);
uint32_t call_probe(struct run *r, uint32_t function);
void unload(struct run *r);
/* Cells of the program's pool that are free. */
uint32_t free_cells(const struct run *r);

/* A value of a record. */
struct printed {
	uint8_t kind;
	uint32_t aux;
	int64_t integer;
	const char *text;
	uint32_t length;
};

/* The n-th value of an EMIT or TABLE_ENTRY record (there 0 is the first key part). */
struct printed printed(const struct run *r, uint32_t record, uint32_t n);
/* The first integer that the last call printed, or 0xbad. */
int64_t printed_integer(const struct run *r);
const char *printed_text(const struct run *r); /* NUL-terminated, static */

#endif
