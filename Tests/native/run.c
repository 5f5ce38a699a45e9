// SPDX-License-Identifier: GPL-2.0-or-later
#include <stdlib.h>
#include <string.h>

#include "../../kernel/vm/pool.h"
#include "run.h"

unsigned int checks_passed, checks_failed;

struct run *load(struct assembly *a)
{
	struct run *r = calloc(1, sizeof(*r));
	size_t length;
	uint8_t *data = finish(a, &length);

	r->program = ktap_program_load(data, length, &test_home, &r->diagnostic);
	free(data); /* what must outlive the call was copied */
	assembly_free(a);
	r->main = ktap_exec_new(KTAP_EXEC_MAIN);
	r->probe = ktap_exec_new(KTAP_EXEC_PROBE);
	r->output = output_new();
	ktap_exec_set_owner(r->main, r->output);
	ktap_exec_set_owner(r->probe, r->output);
	return r;
}

struct run *must_load(struct assembly *a)
{
	struct run *r = load(a);

	if (!r->program) {
		fprintf(stderr, "refused: %s\n", r->diagnostic.text);
		abort();
	}
	return r;
}

uint32_t call(struct run *r, uint32_t function)
{
	output_clear(r->output);
	r->code = ktap_run(r->main, r->program, function, NULL);
	return r->code;
}

uint32_t call_probe(struct run *r, uint32_t function)
{
	output_clear(r->output);
	r->code = ktap_run(r->probe, r->program, function, &test_event.event);
	return r->code;
}

uint32_t free_cells(const struct run *r)
{
	const struct ktap_pool *s = r->program->pool;

	return s->spare_count + (s->cell_count > s->untouched ? s->cell_count - s->untouched : 0);
}

void unload(struct run *r)
{
	ktap_program_free(r->program);
	ktap_exec_free(r->main);
	ktap_exec_free(r->probe);
	output_free(r->output);
	free(r);
}

struct printed printed(const struct run *r, uint32_t record, uint32_t n)
{
	struct printed none = { .kind = 0xff }, out = none;
	const struct record *rec;
	uint32_t at;

	if (record >= r->output->count)
		return none;
	rec = &r->output->records[record];
	at = rec->kind == KTAP_RECORD_TABLE_ENTRY ? sizeof(struct ktap_table_entry) : 0;
	for (;; n--) {
		struct ktap_record_value value;

		if (at >= rec->length)
			return none;
		memcpy(&value, rec->payload + at, sizeof(value));
		out.kind = value.kind;
		out.aux = value.aux;
		out.length = value.length;
		out.text = (const char *)rec->payload + at + 8;
		if (value.kind == KTAP_KIND_INT)
			memcpy(&out.integer, out.text, 8);
		if (!n)
			return out;
		at += 8 + ((value.length + 7) & ~7u);
	}
}

int64_t printed_integer(const struct run *r)
{
	struct printed p = printed(r, 0, 0);

	return p.kind == KTAP_KIND_INT ? p.integer : 0xbad;
}

const char *printed_text(const struct run *r)
{
	static char text[KTAP_MAX_STRING + 1];
	struct printed p = printed(r, 0, 0);

	if (p.kind != KTAP_KIND_STR)
		return "(no string)";
	memcpy(text, p.text, p.length);
	text[p.length] = 0;
	return text;
}
