// SPDX-License-Identifier: GPL-2.0-or-later
/* What a program says about itself, its arguments, its sections' limits, its memory. */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "run.h"

static struct assembly *small(void)
{
	struct assembly *a = assembly_new();

	add_probe(a, KTAP_PROBE_MAIN, begin(a, ANIL, 0, REGISTERS(AINT | ASTR | ANIL, AINT, ANIL)), "", 0);
	OP(LIB, 0, 1, 1, KTAP_LIB_ARG);
	OP(EMIT, 0, 0, 1, (int32_t)add_format(a, 1));
	OP(RETNIL, 0, 0, 0, 0);
	return a;
}

static void test_info(void)
{
	struct assembly *a = small();
	const struct ktap_program_info *info;
	struct run *r;

	add_field(a, "filename", ASTR);
	add_probe(a, KTAP_PROBE_TICK, 0, "", 5000);
	a->line = 9;
	add_probe(a, KTAP_PROBE_EVENT, 0, "syscalls:*", 0);
	a->event_rate = 77;
	r = must_load(a);
	info = ktap_program_info(r->program);
	CHECK(!strcmp(info->name.bytes, "test") && info->name.length == 4 &&
		      !strcmp(info->version.bytes, "1.0") && !strcmp(info->source_name.bytes, "test.kp"),
	      "manifest");
	CHECK(info->sequence == 1 && info->memory == 64 << 10 && info->event_rate == 77 &&
		      info->ring == 4096 && info->probe_count == 3 && info->field_count == 1 &&
		      info->function_count == 1 && info->instruction_count == 3 &&
		      info->format_count == 1 && info->capabilities == KTAP_CAPABILITY_ALL &&
		      info->needed_capabilities == KTAP_CAPABILITY_OBSERVE,
	      "info");
	CHECK(ktap_program_probe(r->program, 1)->interval == 5000 &&
		      ktap_program_probe(r->program, 2)->line == 9 &&
		      !strcmp(ktap_program_probe(r->program, 2)->event.bytes, "syscalls:*") &&
		      !ktap_program_probe(r->program, 2)->takes_event &&
		      !ktap_program_probe(r->program, 3),
	      "probes");
	CHECK(!strcmp(ktap_program_field(r->program, 0)->name.bytes, "filename") &&
		      ktap_program_field(r->program, 0)->mask == ASTR && !ktap_program_field(r->program, 1),
	      "fields");
	CHECK(ktap_program_line(r->program, 1) == 1 && ktap_program_line(r->program, 3) == 0, "lines");
	/* No tables: no pool. */
	CHECK(ktap_program_memory(r->program) < 4096, "%zu bytes", ktap_program_memory(r->program));
	unload(r);
}

static void test_policy(void)
{
	static const struct {
		const char *what;
		size_t offset; /* of a u32 in struct assembly */
		uint32_t value;
		int error;
	} cases[] = {
#define AT(field) offsetof(struct assembly, field)
		{ "unknown capability", AT(capabilities), 1 << 5, -EBADMSG },
		{ "most memory", AT(memory), KTAP_MAX_MEMORY, 0 },
		{ "too much memory", AT(memory), KTAP_MAX_MEMORY + 1, -ERANGE },
		{ "most fuel", AT(probe_fuel), KTAP_MAX_PROBE_FUEL, 0 },
		{ "too much fuel", AT(probe_fuel), KTAP_MAX_PROBE_FUEL + 1, -ERANGE },
		{ "no fuel", AT(probe_fuel), 0, -ERANGE },
		{ "longest strings", AT(string_limit), KTAP_MAX_STRING, 0 },
		{ "too long strings", AT(string_limit), KTAP_MAX_STRING + 1, -ERANGE },
		{ "no strings", AT(string_limit), 0, -ERANGE },
		{ "longest keys", AT(key_limit), KTAP_MAX_KEY, 0 },
		{ "too long keys", AT(key_limit), KTAP_MAX_KEY + 1, -ERANGE },
		{ "no keys", AT(key_limit), 0, -ERANGE },
		{ "largest ring", AT(ring), KTAP_MAX_RING, 0 },
		{ "too large ring", AT(ring), KTAP_MAX_RING * 2, -ERANGE },
		{ "ring that is no power of two", AT(ring), 4096 * 3, -EBADMSG },
		{ "too small ring", AT(ring), 2048, -ERANGE },
		{ "arguments that are not there", AT(argument_count), 1, -EBADMSG },
		{ "too many arguments", AT(argument_count), 17, -ERANGE },
	};
	static const struct {
		const char *name;
		bool good;
	} names[] = { { "a", true }, { "A-b_c.9", true }, { "", false }, { "a b", false },
		      { "a/b", false }, { "\xc3\xa9", false } };
	struct run *r;

	for (size_t n = 0; n < sizeof(cases) / sizeof(*cases); n++) {
		struct assembly *a = small();

		*(uint32_t *)((char *)a + cases[n].offset) = cases[n].value;
		r = load(a);
		CHECK((r->program == NULL) == (cases[n].error != 0) && r->diagnostic.error == cases[n].error,
		      "%s: %d %s", cases[n].what, r->diagnostic.error, r->diagnostic.text);
		unload(r);
	}
	for (size_t n = 0; n < sizeof(names) / sizeof(*names); n++) {
		struct assembly *a = small();

		a->name = names[n].name;
		r = load(a);
		CHECK((r->program != NULL) == names[n].good, "name '%s'", names[n].name);
		unload(r);
	}
}

/* Sections filled to their limits, and one beyond. */
static void test_counts(void)
{
	for (int beyond = 0; beyond < 2; beyond++) {
		for (int which = 0; which < 7; which++) {
			static const uint32_t most[] = { KTAP_MAX_INTEGERS, KTAP_MAX_STRINGS,
							 KTAP_MAX_GLOBALS, KTAP_MAX_TABLES,
							 KTAP_MAX_FIELDS, KTAP_MAX_FORMATS - 1,
							 KTAP_MAX_PROBES - 1 };
			struct assembly *a = small();
			struct run *r;

			for (uint32_t n = 0; n < most[which] + beyond; n++) {
				if (which == 0)
					add_integer(a, n);
				if (which == 1)
					add_string(a, "x");
				if (which == 2)
					add_global(a, AVALUE);
				if (which == 3)
					add_table(a, AINT, 1, AINT, 0, 0, 0);
				if (which == 4)
					add_field(a, "x", AINT);
				if (which == 5)
					add_format(a, 1);
				if (which == 6)
					add_probe(a, KTAP_PROBE_EVENT, 0, "a:b", 0);
			}
			r = load(a);
			CHECK((r->program == NULL) == beyond && (!beyond || r->diagnostic.error == -ERANGE),
			      "section %d: %d %s", which, r->diagnostic.error, r->diagnostic.text);
			unload(r);
		}
	}
}

static void arguments_case(const char *what, struct assembly *a, bool declared_only, uint32_t count,
			   const struct ktap_argument *arguments, int expected)
{
	struct run *r = must_load(a);
	int error = ktap_program_set_arguments(r->program, arguments, count, declared_only,
					       &r->diagnostic);

	CHECK(error == expected && (!error || r->diagnostic.text[0]), "%s: %d %s", what, error,
	      r->diagnostic.text);
	if (!error && count) {
		call(r, 0);
		if (arguments[0].kind == KTAP_KIND_INT)
			CHECK(printed_integer(r) == arguments[0].integer, "%s", what);
		else
			CHECK(!strncmp(printed_text(r), arguments[0].bytes, arguments[0].length),
			      "%s", what);
	}
	/* Setting them again replaces them. */
	if (!error)
		CHECK(!ktap_program_set_arguments(r->program, arguments, count, declared_only,
						  &r->diagnostic),
		      "again");
	unload(r);
}

static void test_arguments(void)
{
	const struct ktap_argument five = { KTAP_KIND_INT, 0, 5, NULL },
				   nine = { KTAP_KIND_INT, 0, 9, NULL },
				   ext4 = { KTAP_KIND_STR, 4, 0, "ext4" },
				   two[2] = { five, ext4 };
	static char big[300];
	const struct ktap_argument long_one = { KTAP_KIND_STR, 256, 0, big },
				   table = { KTAP_KIND_TABLE, 0, 0, NULL };
	struct assembly *a;

	arguments_case("none", small(), true, 0, NULL, 0);
	arguments_case("undeclared, signed", small(), true, 1, &five, -EINVAL);
	arguments_case("undeclared, unsigned", small(), false, 1, &five, 0);
	arguments_case("undeclared, two", small(), false, 2, two, 0);
	arguments_case("too long", small(), false, 1, &long_one, -EINVAL);
	arguments_case("a table", small(), false, 1, &table, -EINVAL);
	a = small();
	add_argument(a, KTAP_KIND_INT, 1, 5, 0, 0);
	arguments_case("in range", a, true, 1, &five, 0);
	a = small();
	add_argument(a, KTAP_KIND_INT, 1, 5, 0, 0);
	arguments_case("out of range", a, false, 1, &nine, -EINVAL);
	a = small();
	add_argument(a, KTAP_KIND_INT, 1, 5, 0, 0);
	arguments_case("wrong kind", a, true, 1, &ext4, -EINVAL);
	a = small();
	add_argument(a, KTAP_KIND_INT, 1, 5, 0, 0);
	arguments_case("too many", a, true, 2, two, -EINVAL);
	a = small();
	add_integer(a, 5);
	add_argument(a, KTAP_KIND_INT, 0, 100, 0, 1);
	arguments_case("a choice", a, true, 1, &five, 0);
	a = small();
	add_integer(a, 5);
	add_argument(a, KTAP_KIND_INT, 0, 100, 0, 1);
	arguments_case("no choice", a, true, 1, &nine, -EINVAL);
	a = small();
	add_string(a, "ext3");
	add_string(a, "ext4");
	add_argument(a, KTAP_KIND_STR, 0, 0, 0, 2);
	arguments_case("a text", a, true, 1, &ext4, 0);
	a = small();
	add_string(a, "ext3");
	add_argument(a, KTAP_KIND_STR, 0, 0, 0, 1);
	arguments_case("another text", a, true, 1, &ext4, -EINVAL);
}

static void test_malformed_arguments(void)
{
	for (int n = 0; n < 4; n++) {
		struct assembly *a = small();
		struct run *r;

		add_integer(a, 5);
		add_argument(a, n == 0 ? KTAP_KIND_TABLE : KTAP_KIND_INT, n == 1 ? 6 : 0, 5,
			     n == 2 ? 1 : 0, n == 3 ? 2 : 1);
		r = load(a);
		CHECK(!r->program && r->diagnostic.error == -EBADMSG, "%d: %s", n, r->diagnostic.text);
		unload(r);
	}
}

/* One section changed in one way; each such bundle is refused. */
static void test_sections(void)
{
	static const struct {
		const char *what;
		uint32_t kind; /* of the section */
		uint32_t at; /* offset of 16 bits to write, or ~0u: two bytes more */
		uint16_t value;
		int error;
	} cases[] = {
		{ "as it is", KTAP_SECTION_MANIFEST, 24, 7, 0 },
		{ "half an integer", KTAP_SECTION_INTEGERS, ~0u, 0, -EBADMSG },
		{ "half a string", KTAP_SECTION_STRINGS, ~0u, 0, -EBADMSG },
		{ "half a line", KTAP_SECTION_LINES, ~0u, 0, -EBADMSG },
		{ "half an instruction", KTAP_SECTION_CODE, ~0u, 0, -EBADMSG },
		{ "a register too many", KTAP_SECTION_REGISTERS, ~0u, AINT, -EBADMSG },
		{ "a register of no kind", KTAP_SECTION_REGISTERS, 0, 0, -EBADMSG },
		{ "a register of an unknown kind", KTAP_SECTION_REGISTERS, 0, 0x8001, -EBADMSG },
		{ "a register of a kind behind the last", KTAP_SECTION_REGISTERS, 0, 1 << KTAP_KIND_COUNT, -EBADMSG },
		{ "a register that is never used, of any kind", KTAP_SECTION_REGISTERS, 4, KTAP_MASK_STACK, 0 },
		{ "string offset", KTAP_SECTION_STRINGS, 2, 1, -EBADMSG },
		{ "string length beyond the text", KTAP_SECTION_STRINGS, 4, 4000, -EBADMSG },
		{ "string length beyond the limit", KTAP_SECTION_STRINGS, 6, 1, -EBADMSG },
		{ "global mask", KTAP_SECTION_GLOBALS, 8, 0, -EBADMSG },
		{ "global that is an event", KTAP_SECTION_GLOBALS, 8, AEVENT, -EBADMSG },
		{ "global reserved", KTAP_SECTION_GLOBALS, 10, 1, -EBADMSG },
		{ "global name", KTAP_SECTION_GLOBALS, 6, 1, -EBADMSG },
		{ "table key that is a table", KTAP_SECTION_TABLES, 0, ATABLE, -EBADMSG },
		{ "table key that is nothing", KTAP_SECTION_TABLES, 0, 0, -EBADMSG },
		{ "second key of one", KTAP_SECTION_TABLES, 2, AINT, -EBADMSG },
		{ "no key parts", KTAP_SECTION_TABLES, 8, 0, -EBADMSG },
		{ "five key parts", KTAP_SECTION_TABLES, 8, 5, -EBADMSG },
		{ "table reserved", KTAP_SECTION_TABLES, 8, 0x101, -EBADMSG },
		{ "table value", KTAP_SECTION_TABLES, 10, 0, -EBADMSG },
		{ "function begins elsewhere", KTAP_SECTION_FUNCTIONS, 8, 1, -EBADMSG },
		{ "function without instructions", KTAP_SECTION_FUNCTIONS, 12, 0, -EBADMSG },
		{ "function with more than there are", KTAP_SECTION_FUNCTIONS, 12, 4, -EBADMSG },
		{ "function with fewer", KTAP_SECTION_FUNCTIONS, 12, 2, -EBADMSG },
		{ "function's registers elsewhere", KTAP_SECTION_FUNCTIONS, 16, 1, -EBADMSG },
		{ "function with 241 registers", KTAP_SECTION_FUNCTIONS, 20, 241, -EBADMSG },
		{ "function with more parameters than registers", KTAP_SECTION_FUNCTIONS, 22, 4, -EBADMSG },
		{ "function without result", KTAP_SECTION_FUNCTIONS, 24, 0, -EBADMSG },
		{ "function with variable arguments", KTAP_SECTION_FUNCTIONS, 26, KTAP_FUNCTION_VARIADIC, 0 },
		{ "function that closes over nothing", KTAP_SECTION_FUNCTIONS, 26, KTAP_FUNCTION_CLOSURE, -EBADMSG },
		{ "function with an unknown flag", KTAP_SECTION_FUNCTIONS, 26, 4, -EBADMSG },
		{ "field without kind", KTAP_SECTION_FIELDS, 8, 0, -EBADMSG },
		{ "field that is a table", KTAP_SECTION_FIELDS, 8, ATABLE, -EBADMSG },
		{ "field without name", KTAP_SECTION_FIELDS, 4, 0, -EBADMSG },
		{ "integer that is shown as text", KTAP_SECTION_FIELDS, 10, KTAP_REFERENCE_SHOWN, -EBADMSG },
		{ "field with an unknown flag", KTAP_SECTION_FIELDS, 10, 2, -EBADMSG },
		{ "probe reserved", KTAP_SECTION_PROBES, 28, 1, -EBADMSG },
		{ "format kind", KTAP_SECTION_FORMATS, 0, 4, -EBADMSG },
		{ "list with a number of values", KTAP_SECTION_FORMATS, 0, KTAP_FORMAT_PRINT_LIST, -EBADMSG },
		{ "format with 33 values", KTAP_SECTION_FORMATS, 4, 33, -EBADMSG },
		{ "print with a text", KTAP_SECTION_FORMATS, 12, 1, -EBADMSG },
		{ "longer manifest", KTAP_SECTION_MANIFEST, ~0u, 0, -EBADMSG },
		{ "longer policy", KTAP_SECTION_POLICY, ~0u, 0, -EBADMSG },
	};

	for (size_t n = 0; n < sizeof(cases) / sizeof(*cases); n++) {
		struct assembly *a = small();
		struct ktap_diagnostic why;
		struct ktap_program *p;
		struct bytes *b = &a->section[cases[n].kind];
		uint8_t *data;
		size_t length;

		add_integer(a, 1);
		add_string(a, "text");
		add_global(a, AINT);
		add_table(a, AINT, 1, AINT, 0, 0, 0);
		add_field(a, "field", AINT);
		if (cases[n].at == ~0u)
			put16(b, cases[n].value);
		data = finish(a, &length);
		if (cases[n].at != ~0u) {
			uint8_t *at = data + ktap_le64(data + 64 + 24 * (cases[n].kind - 1) + 8) +
				      cases[n].at;

			at[0] = (uint8_t)cases[n].value;
			at[1] = (uint8_t)(cases[n].value >> 8);
		}
		seal(data, length);
		p = ktap_program_load(data, length, &test_home, &why);
		CHECK((p == NULL) == (cases[n].error != 0) && why.error == cases[n].error,
		      "%s: %d %s", cases[n].what, why.error, why.text);
		ktap_program_free(p);
		assembly_free(a);
		free(data);
	}
}

/* Constants that share their text must not blow up a small bundle. */
static void test_shared_text(void)
{
	struct assembly *a = small();
	static char big[KTAP_MAX_STRING];
	struct run *r;

	put(&a->section[KTAP_SECTION_TEXT], big, sizeof(big));
	for (int n = 0; n < 2000; n++) {
		put32(&a->section[KTAP_SECTION_STRINGS], 0);
		put32(&a->section[KTAP_SECTION_STRINGS], sizeof(big));
	}
	r = load(a);
	CHECK(!r->program && r->diagnostic.error == -ERANGE, "%s", r->diagnostic.text);
	unload(r);
}

void test_program(void)
{
	test_sections();
	test_shared_text();
	test_info();
	test_policy();
	test_counts();
	test_arguments();
	test_malformed_arguments();
}
