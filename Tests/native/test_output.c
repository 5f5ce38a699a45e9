// SPDX-License-Identifier: GPL-2.0-or-later
/* Records byte by byte, captured events, whole tables, and rings that are full. */
#include <string.h>

#include "run.h"

static void test_emit(void)
{
	struct assembly *a = assembly_new();
	struct run *r;
	/* Native byte order. */
#if __BYTE_ORDER__ == __ORDER_BIG_ENDIAN__
#define HEADER(kind, length) kind, 0, 0, length, 0, 0, 0, 0
#define ONE 0, 0, 0, 1
#define MINUS_TWO 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xfe
#else
#define HEADER(kind, length) kind, 0, length, 0, 0, 0, 0, 0
#define ONE 1, 0, 0, 0
#define MINUS_TWO 0xfe, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff
#endif
	static const uint8_t expected[] = {
		HEADER(KTAP_KIND_NIL, 0),
		KTAP_KIND_BOOL, 0, 0, 0, ONE,
		HEADER(KTAP_KIND_INT, 8), MINUS_TWO,
		HEADER(KTAP_KIND_STR, 3), 'a', 'b', 'c', 0, 0, 0, 0, 0,
		HEADER(KTAP_KIND_STR, 0),
		HEADER(KTAP_KIND_STR, 8), 'e', 'i', 'g', 'h', 't', '!', '!', '!',
		HEADER(KTAP_KIND_TABLE, 0),
	};

	add_probe(a, KTAP_PROBE_MAIN,
		  begin(a, ANIL, 0, REGISTERS(ANIL, ABOOL, AINT, ASTR, ASTR, ASTR, ATABLE)), "", 0);
	OP(LDB, 1, 0, 0, 1);
	OP(LDI, 2, 0, 0, -2);
	OP(LDS, 3, 0, 0, (int32_t)add_string(a, "abc"));
	OP(LDS, 5, 0, 0, (int32_t)add_string(a, "eight!!!"));
	OP(EMIT, 0, 0, 7, (int32_t)add_format(a, 7));
	OP(EMIT, 0, 0, 0, (int32_t)add_format(a, 0));
	OP(RETNIL, 0, 0, 0, 0);
	r = must_load(a);
	CHECK(!call(r, 0) && r->output->count == 2 && r->output->records[0].kind == KTAP_RECORD_EMIT &&
		      r->output->records[0].site == 0 && r->output->records[1].site == 1 &&
		      r->output->records[1].length == 0,
	      "records");
	CHECK(r->output->records[0].length == sizeof(expected) &&
		      !memcmp(r->output->records[0].payload, expected, sizeof(expected)),
	      "bytes of the record");
	CHECK(r->output->waits == 2 && !ktap_exec_lost(r->main), "process context waits");
	call_probe(r, 0);
	CHECK(r->output->waits == 2, "probes do not wait");
	r->output->room = 0;
	CHECK(!call_probe(r, 0) && ktap_exec_lost(r->probe) && !r->output->count, "a full ring");
	r->output->room = ~0u;
	CHECK(!call_probe(r, 0) && !ktap_exec_lost(r->probe), "room again");
	unload(r);
}

static void test_capture(void)
{
	struct assembly *a = assembly_new();
	struct run *r;

	add_probe(a, KTAP_PROBE_MAIN, begin(a, ANIL, 0, REGISTERS(ANIL)), "", 0);
	OP(RETNIL, 0, 0, 0, 0);
	add_probe(a, KTAP_PROBE_EVENT, begin(a, ANIL, 1, REGISTERS(AEVENT, AINT, AEVENT)), "a:b", 0);
	OP(MOV, 2, 0, 0, 0);
	OP(EMIT, 0, 0, 3, (int32_t)add_format(a, 3)); /* the same event twice */
	OP(RETNIL, 0, 0, 0, 0);
	r = must_load(a);
	for (uint32_t size = 0; size <= 4096; size = size * 2 + 8) {
		test_event.capture_size = size;
		CHECK(!call_probe(r, 1) && printed(r, 0, 0).length == size &&
			      printed(r, 0, 2).length == size && printed(r, 0, 0).aux == 7 &&
			      printed(r, 0, 2).aux == 7 &&
			      !memcmp(printed(r, 0, 0).text, printed(r, 0, 2).text, size) &&
			      (!size || printed(r, 0, 2).text[size - 1] == 0x11),
		      "capture of %u bytes", size);
	}
	test_event.capture_size = 0x10000; /* more than a value can hold */
	CHECK(!call_probe(r, 1) && printed(r, 0, 0).length == 0, "a capture that is too long");
	test_event.capture_size = 24;
	unload(r);
}

static void test_tables_out(void)
{
	struct assembly *a = assembly_new();
	struct ktap_table_begin begin_record, end_record;
	struct ktap_table_entry entry;
	struct run *r;
	uint32_t loop, good = 0;

	add_table(a, AINT | ASTR, 2, AINT, ASTR, 0, 0);
	add_global(a, ATABLE);
	add_string(a, "key");
	add_probe(a, KTAP_PROBE_MAIN,
		  begin(a, ANIL, 0, REGISTERS(ATABLE, AINT, ASTR, AINT, AINT)), "", 0);
	OP(TNEW, 0, 0, 0, 0);
	OP(SETG, 0, 0, 0, 0);
	OP(LDS, 2, 0, 0, 0);
	OP(LDI, 3, 0, 0, 10);
	loop = OP(ADDI, 1, 1, 0, 1);
	OP(TADD, 0, 3, 1, 2);
	op(a, KTAP_OP_JLTI, 1, 250, 0, (int32_t)loop - (int32_t)a->instruction_count - 1);
	OP(TSET, 0, 2, 1, 2); /* the last value is a string */
	OP(RETNIL, 0, 0, 0, 0);
	begin(a, ANIL, 0, REGISTERS(ATABLE, AINT));
	OP(GETG, 0, 0, 0, 0);
	OP(LIB, 0, 0, 1, KTAP_LIB_PRINT_TABLE);
	OP(LDI, 1, 0, 0, 25);
	OP(LIB, 0, 0, 2, KTAP_LIB_PRINT_HIST);
	OP(RETNIL, 0, 0, 0, 0);
	begin(a, ANIL, 0, REGISTERS(ATABLE));
	OP(LIB, 0, 0, 1, KTAP_LIB_PRINT_TABLE);
	OP(RETNIL, 0, 0, 0, 0);
	r = must_load(a);
	call(r, 0);
	CHECK(!call(r, 1) && r->output->count == 2 * 252, "%u records", r->output->count);
	for (uint32_t n = 0; n < 250; n++) {
		const struct record *rec = &r->output->records[1 + n];
		struct printed value = printed(r, 1 + n, 2);

		memcpy(&entry, rec->payload, sizeof(entry));
		good += rec->kind == KTAP_RECORD_TABLE_ENTRY && entry.index == n &&
			entry.key_parts == 2 && entry.serial == 1 &&
			printed(r, 1 + n, 0).integer == n + 1 &&
			!memcmp(printed(r, 1 + n, 1).text, "key", 3) &&
			(n < 249 ? value.integer == 10 : value.kind == KTAP_KIND_STR);
	}
	CHECK(good == 250, "%u entries", good);
	memcpy(&begin_record, r->output->records[252].payload, sizeof(begin_record));
	memcpy(&end_record, r->output->records[503].payload, sizeof(end_record));
	CHECK(r->output->records[252].kind == KTAP_RECORD_TABLE_BEGIN && begin_record.serial == 2 &&
		      begin_record.mode == KTAP_TABLE_HISTOGRAM && begin_record.rows == 25 &&
		      begin_record.count == 250,
	      "begin");
	CHECK(r->output->records[503].kind == KTAP_RECORD_TABLE_END && end_record.serial == 2 &&
		      end_record.count == 250,
	      "end");
	r->output->room = 100;
	CHECK(!call(r, 1) && ktap_exec_lost(r->main) && r->output->count == 100, "a full ring");
	r->output->room = ~0u;
	r->output->stop = true;
	CHECK(!call(r, 1) && r->output->count < 300, "stopped: %u", r->output->count);
	r->output->stop = false;
	CHECK(call(r, 2) == KTAP_ERROR_INDEX, "the null table");
	unload(r);
}

void test_output(void)
{
	test_emit();
	test_capture();
	test_tables_out();
}
