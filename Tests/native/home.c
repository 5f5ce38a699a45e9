// SPDX-License-Identifier: GPL-2.0-or-later
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "home.h"

unsigned int test_retired;
void (*test_settle)(void);
struct bad_answer bad_answer;
uint32_t (*test_hook)(struct ktap_exec *x, uint32_t id, const struct ktap_value *args,
		      uint32_t count, struct ktap_value *result);
struct test_event test_event = { .capture_size = 24 };

uint64_t hidden_addresses;

#define SCRATCH (1u << 20)

struct output *output_new(void)
{
	struct output *o = calloc(1, sizeof(*o));

	o->room = ~0u;
	o->keep = true;
	o->scratch = malloc(SCRATCH);
	return o;
}

void output_clear(struct output *o)
{
	for (uint32_t n = 0; n < o->count; n++)
		free(o->records[n].payload);
	o->count = 0;
}

void output_free(struct output *o)
{
	output_clear(o);
	free(o->records);
	free(o->scratch);
	free(o);
}

static void *reserve(struct ktap_exec *x, uint16_t kind, uint16_t site, uint32_t length, bool wait)
{
	struct output *o = ktap_exec_owner(x);

	if (o->open || length % 8 || length > SCRATCH)
		abort();
	o->waits += wait;
	if (!o->room)
		return NULL;
	o->room--;
	o->open = true;
	if (o->keep) {
		if (o->count == o->capacity) {
			o->capacity = o->capacity * 2 + 16;
			o->records = realloc(o->records, o->capacity * sizeof(*o->records));
		}
		o->records[o->count] = (struct record){ kind, site, length, malloc(length + 1) };
		memset(o->records[o->count].payload, 0xaa, length);
		return o->records[o->count].payload;
	}
	return o->scratch;
}

static void commit(struct ktap_exec *x, void *payload)
{
	struct output *o = ktap_exec_owner(x);

	if (!o->open)
		abort();
	o->open = false;
	if (o->keep && payload != o->records[o->count].payload)
		abort();
	if (o->keep)
		o->count++;
}

static uint32_t give_string(struct ktap_exec *x, struct ktap_value *out, const char *text)
{
	struct ktap_string *string = ktap_exec_string(x, (uint32_t)strlen(text));

	if (!string)
		return KTAP_ERROR_ARENA;
	memcpy(string->bytes, text, string->length);
	out->kind = KTAP_KIND_STR;
	out->bits = (uint64_t)(uintptr_t)string;
	return 0;
}

static uint32_t field(struct ktap_exec *x, const struct ktap_event *event, uint32_t field,
		      struct ktap_value *out)
{
	const struct ktap_field_info *info = ktap_program_field(ktap_exec_program(x), field);
	char text[32];

	if (event != &test_event.event)
		abort();
	if (bad_answer.code || bad_answer.kind) {
		out->kind = bad_answer.kind;
		return bad_answer.code;
	}
	if (info->mask & KTAP_MASK_STR) {
		snprintf(text, sizeof(text), "file-%u", field);
		return give_string(x, out, text);
	}
	out->kind = KTAP_KIND_INT;
	out->bits = field ? field * 1000 : 42;
	return 0;
}

static uint32_t capture(struct ktap_exec *x, const struct ktap_event *event, void *buffer,
			uint32_t size, uint32_t *id)
{
	struct test_event *e = (struct test_event *)(uintptr_t)event;

	(void)x;
	if (event != &test_event.event)
		abort();
	*id = 7;
	if (!buffer) {
		e->measured = e->capture_size;
		return e->measured;
	}
	if (size != e->measured)
		abort();
	memset(buffer, 0x11, size);
	return size;
}

static uint32_t library(struct ktap_exec *x, uint32_t id, const struct ktap_value *args,
			uint32_t count, struct ktap_value *result)
{
	const struct ktap_library_info *info = ktap_library_info(id);
	struct output *o = ktap_exec_owner(x);

	if (count < info->least || count > info->most)
		abort();
	for (uint32_t n = 0; n < count; n++)
		if (!(info->args[n] >> args[n].kind & 1))
			abort();
	if (bad_answer.code || bad_answer.kind) {
		result->kind = bad_answer.kind;
		return bad_answer.code;
	}
	if (test_hook && id != KTAP_LIB_EXIT)
		return test_hook(x, id, args, count, result);
	if (id == KTAP_LIB_EXIT) {
		o->exit_code = (int64_t)args[0].bits;
		return 0;
	}
	if (id == KTAP_LIB_STACK || id == KTAP_LIB_USTACK) {
		uint64_t frames[100];
		uint32_t n;

		for (n = 0; n < 100; n++)
			frames[n] = 0xffffff8000000000ull + args[1].bits + n * n;
		return ktap_exec_stack(x, id == KTAP_LIB_USTACK ? KTAP_STACK_USER : KTAP_STACK_KERNEL,
				       frames, (uint32_t)args[0].bits % 101, result);
	}
	if (info->result & KTAP_MASK_STR)
		return give_string(x, result, info->name);
	result->kind = info->result & KTAP_MASK_BOOL ? KTAP_KIND_BOOL : KTAP_KIND_INT;
	result->bits = info->result & KTAP_MASK_BOOL ? 1 : 1000 + id;
	return 0;
}

static bool stopping(struct ktap_exec *x)
{
	struct output *o = ktap_exec_owner(x);

	return o->stop;
}

static void retired(struct ktap_program *program)
{
	(void)program;
	__atomic_add_fetch(&test_retired, 1, __ATOMIC_SEQ_CST);
}

static void settle(void)
{
	if (test_settle)
		test_settle();
}

static uint64_t seed(void)
{
	return 0x1234567890abcdefull;
}

static uint64_t address(struct ktap_exec *x, uint64_t address)
{
	(void)x;
	return address ^ hidden_addresses;
}

struct ktap_home test_home = { reserve,	 commit,  field,	  capture, library,
			       stopping, retired, settle, test_digest_of, seed,	address };
struct ktap_home fuzz_home = { reserve,	 commit,  field, capture, library,
			       stopping, retired, NULL,	 NULL,	  seed,	   NULL };
