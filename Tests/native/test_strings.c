// SPDX-License-Identifier: GPL-2.0-or-later
/* The library's string functions, and patterns. */
#include <stdlib.h>
#include <string.h>

#include "run.h"

/* Calls a library function with up to three arguments: strings, or integers where text is NULL. */
struct argument {
	const char *text;
	int64_t integer;
};

static char answer[KTAP_MAX_STRING + 32];

static const char *ask(uint32_t id, uint32_t count, const struct argument *args)
{
	const struct ktap_library_info *info = ktap_library_info(id);
	struct assembly *a = assembly_new();
	struct run *r;
	struct printed p;
	uint16_t masks[5] = { 0 };

	for (uint32_t n = 0; n < count; n++)
		masks[n] = args[n].text ? ASTR : AINT;
	masks[count] = info->result;
	add_probe(a, KTAP_PROBE_MAIN, begin(a, ANIL, 0, masks), "", 0);
	for (uint32_t n = 0; n < count; n++)
		if (args[n].text)
			OP(LDS, (uint8_t)n, 0, 0, (int32_t)add_string(a, args[n].text));
		else
			OP(LDK, (uint8_t)n, 0, 0, (int32_t)add_integer(a, args[n].integer));
	OP(LIB, (uint8_t)count, 0, (uint8_t)count, (int32_t)id);
	OP(EMIT, 0, (uint8_t)count, 1, (int32_t)add_format(a, 1));
	OP(RETNIL, 0, 0, 0, 0);
	r = must_load(a);
	call(r, 0);
	p = printed(r, 0, 0);
	if (r->code)
		snprintf(answer, sizeof(answer), "error %u", r->code);
	else if (p.kind == KTAP_KIND_INT)
		snprintf(answer, sizeof(answer), "%lld", (long long)p.integer);
	else if (p.kind == KTAP_KIND_BOOL)
		snprintf(answer, sizeof(answer), "%s", p.aux ? "true" : "false");
	else if (p.kind == KTAP_KIND_STR)
		snprintf(answer, sizeof(answer), "'%.*s'", (int)p.length, p.text);
	else
		snprintf(answer, sizeof(answer), "nil");
	unload(r);
	return answer;
}

static void expect(uint32_t id, uint32_t count, struct argument a, struct argument b,
		   struct argument c, const char *expected)
{
	struct argument args[3] = { a, b, c };

	CHECK(!strcmp(ask(id, count, args), expected), "%s: %s, not %s", ktap_library_info(id)->name,
	      answer, expected);
}

#define STRING(s) ((struct argument){ s, 0 })
#define INTEGER(n) ((struct argument){ NULL, n })
#define NOTHING ((struct argument){ NULL, 0 })

static void test_library(void)
{
	static const struct {
		const char *text, *number;
	} numbers[] = {
		{ "0", "0" }, { "42", "42" }, { "-42", "-42" }, { "+7", "7" }, { "  8\t", "8" },
		{ "0x1f", "31" }, { "0XFF", "255" }, { "-0x10", "-16" }, { "0b101", "5" },
		{ "9223372036854775807", "9223372036854775807" },
		{ "9223372036854775808", "nil" },
		{ "-9223372036854775808", "-9223372036854775808" },
		{ "-9223372036854775809", "nil" },
		{ "99999999999999999999999", "nil" },
		{ "18446744073709551617", "nil" },
		{ "0xffffffffffffffff", "-1" }, { "0x10000000000000000", "nil" },
		{ "", "nil" }, { " ", "nil" }, { "-", "nil" }, { "0x", "nil" }, { "0b", "nil" },
		{ "12a", "nil" }, { "1 2", "nil" }, { "a", "nil" }, { "0xg", "nil" }, { "0b2", "nil" },
		{ "--1", "nil" }, { "1.5", "nil" }, { "007", "7" },
	};

	for (size_t n = 0; n < sizeof(numbers) / sizeof(*numbers); n++)
		expect(KTAP_LIB_TONUMBER, 1, STRING(numbers[n].text), NOTHING, NOTHING,
		       numbers[n].number);
	expect(KTAP_LIB_STRLEN, 1, STRING("hello"), NOTHING, NOTHING, "5");
	expect(KTAP_LIB_STRLEN, 1, STRING(""), NOTHING, NOTHING, "0");
	expect(KTAP_LIB_CONTAINS, 2, STRING("hello"), STRING("ell"), NOTHING, "true");
	expect(KTAP_LIB_CONTAINS, 2, STRING("hello"), STRING("elo"), NOTHING, "false");
	expect(KTAP_LIB_CONTAINS, 2, STRING(""), STRING(""), NOTHING, "true");
	expect(KTAP_LIB_CONTAINS, 2, STRING("a"), STRING("ab"), NOTHING, "false");
	expect(KTAP_LIB_FIND, 2, STRING("hello"), STRING("l"), NOTHING, "2");
	expect(KTAP_LIB_FIND, 2, STRING("hello"), STRING("lo"), NOTHING, "3");
	expect(KTAP_LIB_FIND, 2, STRING("hello"), STRING(""), NOTHING, "0");
	expect(KTAP_LIB_FIND, 2, STRING("hello"), STRING("x"), NOTHING, "nil");
	expect(KTAP_LIB_SUBSTR, 3, STRING("hello"), INTEGER(1), INTEGER(3), "'ell'");
	expect(KTAP_LIB_SUBSTR, 3, STRING("hello"), INTEGER(0), INTEGER(99), "'hello'");
	expect(KTAP_LIB_SUBSTR, 3, STRING("hello"), INTEGER(5), INTEGER(1), "''");
	expect(KTAP_LIB_SUBSTR, 3, STRING("hello"), INTEGER(99), INTEGER(1), "''");
	expect(KTAP_LIB_SUBSTR, 3, STRING("hello"), INTEGER(-2), INTEGER(4), "'he'");
	expect(KTAP_LIB_SUBSTR, 3, STRING("hello"), INTEGER(2), INTEGER(-1), "''");
	expect(KTAP_LIB_SUBSTR, 3, STRING("hello"), INTEGER(INT64_MIN), INTEGER(INT64_MAX), "''");
	expect(KTAP_LIB_SUBSTR, 3, STRING("hello"), INTEGER(INT64_MAX), INTEGER(INT64_MAX), "''");
	expect(KTAP_LIB_SUBSTR, 3, STRING("hello"), INTEGER(1), INTEGER(INT64_MAX), "'ello'");
	expect(KTAP_LIB_SUBSTR, 3, STRING("hello"), INTEGER(INT64_MIN), INTEGER(INT64_MIN), "''");
	expect(KTAP_LIB_TOSTRING, 1, INTEGER(INT64_MIN), NOTHING, NOTHING, "'-9223372036854775808'");
	expect(KTAP_LIB_TOSTRING, 1, INTEGER(0), NOTHING, NOTHING, "'0'");
	expect(KTAP_LIB_TOSTRING, 1, STRING("s"), NOTHING, NOTHING, "'s'");
	expect(KTAP_LIB_ARG, 1, INTEGER(0), NOTHING, NOTHING, "nil");
	expect(KTAP_LIB_ARG, 1, INTEGER(-1), NOTHING, NOTHING, "nil");
	expect(KTAP_LIB_ARG_COUNT, 0, NOTHING, NOTHING, NOTHING, "0");
}

static uint32_t matches(const char *s, const char *glob, uint64_t fuel)
{
	struct assembly *a = assembly_new();
	struct run *r;
	uint32_t code;

	a->string_limit = KTAP_MAX_STRING;
	a->main_fuel = fuel;
	add_probe(a, KTAP_PROBE_MAIN, begin(a, ANIL, 0, REGISTERS(ASTR, ASTR, ABOOL)), "", 0);
	OP(LDS, 0, 0, 0, (int32_t)add_string(a, s));
	OP(LDS, 1, 0, 0, (int32_t)add_string(a, glob));
	OP(COMPARE, 2, 0, 1, KTAP_COMPARISON_MATCH);
	OP(EMIT, 0, 2, 1, (int32_t)add_format(a, 1));
	OP(RETNIL, 0, 0, 0, 0);
	r = must_load(a);
	code = call(r, 0) ? 100 + r->code : printed(r, 0, 0).aux;
	unload(r);
	return code;
}

static void test_patterns(void)
{
	static const struct {
		const char *s, *glob;
		bool match;
	} cases[] = {
		{ "", "", true }, { "", "*", true }, { "", "?", false }, { "a", "", false },
		{ "abc", "abc", true }, { "abc", "ab", false }, { "abc", "a?c", true },
		{ "abc", "*", true }, { "abc", "***", true }, { "abc", "*c", true },
		{ "abc", "a*", true }, { "abc", "*b*", true }, { "abc", "*d*", false },
		{ "abcabd", "*abd", true }, { "aab", "*ab", true }, { "abab", "a*b", true },
		{ "sys_enter_open", "sys_*_open?", false }, { "sys_enter_openat", "sys_*_open??", true },
	};
	char *s = calloc(1, 4097), *glob = calloc(1, 4097);
	uint32_t code;

	for (size_t n = 0; n < sizeof(cases) / sizeof(*cases); n++)
		CHECK(matches(cases[n].s, cases[n].glob, 1000) == cases[n].match, "%s ~ %s",
		      cases[n].s, cases[n].glob);
	/* The worst pattern is paid for. */
	memset(s, 'a', 4096);
	memset(glob, 'a', 2000);
	glob[0] = '*';
	glob[1999] = 'b';
	code = matches(s, glob, 10000);
	CHECK(code == 100 + KTAP_ERROR_FUEL, "%u", code);
	CHECK(matches(s, glob, 10000000) == 0, "with fuel enough");
	free(s);
	free(glob);
}

void test_strings(void)
{
	test_library();
	test_patterns();
}
