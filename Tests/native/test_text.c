// SPDX-License-Identifier: GPL-2.0-or-later
/* Texts from numbers and bytes: against tables, and against what the C library says. */
#include <arpa/inet.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "run.h"

/* Functions 0 .. 4: errname, ip4, ip6, mac of arg[0], and strftime(arg[0], arg[1]). */
static const uint32_t functions[] = { KTAP_LIB_ERRNAME, KTAP_LIB_IP4, KTAP_LIB_IP6, KTAP_LIB_MAC,
				      KTAP_LIB_STRFTIME };

static struct run *r;

static void world(uint32_t string_limit)
{
	static const uint16_t masks[] = { KTAP_MASK_NIL | AINT | ASTR, AINT, ASTR, AINT, ASTR, ANIL, 0 };
	struct assembly *a = assembly_new();

	a->string_limit = string_limit;
	add_format(a, 1);
	for (uint32_t n = 0; n < 5; n++) {
		bool text = ktap_library_info(functions[n])->args[0] == ASTR;
		uint32_t f = begin(a, ANIL, 0, masks);

		if (!n)
			add_probe(a, KTAP_PROBE_MAIN, f, "", 0);
		OP(LIB, 0, 3, 1, KTAP_LIB_ARG); /* register 3 is 0 */
		OP(CHECK, text ? 2 : 1, 0, 0, KTAP_ERROR_KIND);
		if (functions[n] == KTAP_LIB_STRFTIME) {
			OP(LDI, 3, 0, 0, 1);
			OP(LIB, 0, 3, 1, KTAP_LIB_ARG);
			OP(CHECK, 3, 0, 0, KTAP_ERROR_KIND);
			OP(LIB, 4, 2, 2, KTAP_LIB_STRFTIME);
		} else {
			OP(LIB, 4, text ? 2 : 1, 1, (int32_t)functions[n]);
		}
		OP(EMIT, 0, 4, 1, 0);
		OP(RETNIL, 0, 0, 0, 0);
	}
	r = must_load(a);
}

static const char *ask(uint32_t function, const struct ktap_argument *arguments, uint32_t count)
{
	struct ktap_diagnostic why;

	if (ktap_program_set_arguments(r->program, arguments, count, false, &why))
		return why.text[0] ? "refused" : "";
	if (call_probe(r, function))
		return "error";
	return printed_text(r);
}

static const char *of_integer(uint32_t function, int64_t value)
{
	const struct ktap_argument a = { KTAP_KIND_INT, 0, value, NULL };

	return ask(function, &a, 1);
}

static const char *of_bytes(uint32_t function, const void *bytes, uint32_t length)
{
	const struct ktap_argument a = { KTAP_KIND_STR, length, 0, bytes };

	return ask(function, &a, 1);
}

static const char *at(const char *format, int64_t ns)
{
	const struct ktap_argument a[2] = { { KTAP_KIND_STR, (uint32_t)strlen(format), 0, format },
					    { KTAP_KIND_INT, 0, ns, NULL } };

	return ask(4, a, 2);
}

#define SAYS(asked, expected)                                                                      \
	do {                                                                                       \
		const char *said = asked;                                                          \
		CHECK(!strcmp(said, expected), "'%s' instead of '%s'", said, expected);            \
	} while (0)

static void test_errors(void)
{
	SAYS(of_integer(0, 2), "ENOENT");
	SAYS(of_integer(0, -2), "ENOENT");
	SAYS(of_integer(0, 1), "EPERM");
	SAYS(of_integer(0, 11), "EAGAIN");
	SAYS(of_integer(0, 35), "EDEADLK");
	SAYS(of_integer(0, -95), "EOPNOTSUPP");
	SAYS(of_integer(0, 110), "ETIMEDOUT");
	SAYS(of_integer(0, 131), "ENOTRECOVERABLE");
	SAYS(of_integer(0, 133), "EHWPOISON");
	SAYS(of_integer(0, -512), "ERESTARTSYS");
	SAYS(of_integer(0, -516), "ERESTART_RESTARTBLOCK");
	SAYS(of_integer(0, 531), "ENOGRACE");
	SAYS(of_integer(0, 0), "0");
	SAYS(of_integer(0, 41), "41");
	SAYS(of_integer(0, -58), "-58");
	SAYS(of_integer(0, 134), "134");
	SAYS(of_integer(0, 520), "520");
	SAYS(of_integer(0, 532), "532");
	SAYS(of_integer(0, -(1ll << 32) - 2), "-4294967298");
	SAYS(of_integer(0, INT64_MIN), "-9223372036854775808");
	SAYS(of_integer(0, INT64_MAX), "9223372036854775807");
}

static void test_addresses(void)
{
	static const struct {
		uint8_t bytes[16];
		const char *text;
	} six[] = {
		{ { 0 }, "::" },
		{ { [15] = 1 }, "::1" },
		{ { [0] = 0xfe, [1] = 0x80, [15] = 1 }, "fe80::1" },
		{ { [0] = 0xfe, [1] = 0x80 }, "fe80::" },
		{ { 0x20, 0x01, 0x0d, 0xb8, 0, 0, 0, 1, 0, 0, 0, 1, 0, 0, 0, 1 }, "2001:db8:0:1:0:1:0:1" },
		{ { 0x20, 0x01, 0x0d, 0xb8, 0, 0, 0, 0, 0, 1, 0, 0, 0, 0, 0, 1 }, "2001:db8::1:0:0:1" },
		{ { 0x20, 0x01, 0, 0, 0, 0, 0, 1, 0, 0, 0, 0, 0, 0, 0x10, 0xaf }, "2001:0:0:1::10af" },
		{ { [10] = 0xff, 0xff, 192, 168, 0, 255 }, "::ffff:192.168.0.255" },
		{ { [10] = 0xff, 0xfe, 192, 168, 0, 255 }, "::fffe:c0a8:ff" },
		{ { 0, 1, 0, 2, 0, 3, 0, 4, 0, 5, 0, 6, 0, 7, 0, 8 }, "1:2:3:4:5:6:7:8" },
	};
	static const uint8_t mac[6] = { 0x00, 0x1b, 0xFE, 0x0a, 0xff, 0x10 };
	const uint8_t address[4] = { 127, 0, 0, 1 }, other[4] = { 255, 10, 200, 9 };
	uint64_t state = 99;
	uint32_t loaded;

	/* As a board loads the four bytes, whatever its byte order; what is above them does not count. */
	memcpy(&loaded, address, 4);
	SAYS(of_integer(1, loaded), "127.0.0.1");
	memcpy(&loaded, other, 4);
	SAYS(of_integer(1, loaded), "255.10.200.9");
	SAYS(of_integer(1, (int64_t)(int32_t)loaded), "255.10.200.9");
	SAYS(of_integer(1, 0), "0.0.0.0");
	SAYS(of_integer(1, -1), "255.255.255.255");
	for (uint32_t n = 0; n < sizeof(six) / sizeof(*six); n++)
		SAYS(of_bytes(2, six[n].bytes, 16), six[n].text);
	SAYS(of_bytes(2, "abcd", 4), "");
	SAYS(of_bytes(2, "0123456789abcdefg", 17), "");
	SAYS(of_bytes(2, "", 0), "");
	for (int n = 0; n < 2000; n++) {
		char expected[INET6_ADDRSTRLEN];
		uint8_t bytes[16];

		state = state * 6364136223846793005ull + 1442695040888963407ull;
		for (int k = 0; k < 8; k++) {
			bool zero = state >> (20 + k) & 1;

			bytes[2 * k] = zero || state >> (30 + k) & 1 ? 0 : (uint8_t)(state >> (33 + k));
			bytes[2 * k + 1] = zero ? 0 : (uint8_t)(state >> (40 + k)) | 1;
		}
		bytes[0] |= 0x20; /* the C library has forms of its own for ::1.2.3.4 */
		inet_ntop(AF_INET6, bytes, expected, sizeof(expected));
		SAYS(of_bytes(2, bytes, 16), expected);
	}
	SAYS(of_bytes(3, mac, 6), "00:1b:fe:0a:ff:10");
	SAYS(of_bytes(3, mac, 5), "");
	SAYS(of_bytes(3, six[0].bytes, 7), "");
}

static void test_times(void)
{
	static const char every[] = "%Y|%m|%d|%H|%M|%S|%e|%j|%y|%F|%T|%D|%R|%b|%B|%a|%A|%p|%I|%n|%t|%%";
	const int64_t second = 1000000000;
	uint64_t state = 7;

	SAYS(at("%F %T.%N %a %j %s %z %Z", 0), "1970-01-01 00:00:00.000000000 Thu 001 0 +0000 UTC");
	SAYS(at("%F %T.%N %A %s", -1), "1969-12-31 23:59:59.999999999 Wednesday -1");
	SAYS(at("%F %T.%N", -second), "1969-12-31 23:59:59.000000000");
	SAYS(at("%F %T.%N %j", INT64_MAX), "2262-04-11 23:47:16.854775807 101");
	SAYS(at("%F %T.%N %s", INT64_MIN), "1677-09-21 00:12:43.145224192 -9223372037");
	SAYS(at("%B %e, %Y %I:%M %p", 951782400 * second), "February 29, 2000 12:00 AM");
	SAYS(at("%D %R %y%%%n%t", 1709251199 * second), "02/29/24 23:59 24%\n\t");
	SAYS(at("%e|%I%p", 1704110400 * second), " 1|12PM");
	/* What is no conversion stays as it is written. */
	SAYS(at("%q %5d %-d %", 0), "%q %5d %-d %");
	SAYS(at("%%Y %%", 0), "%Y %");
	SAYS(at("", 0), "");
	SAYS(at("no conversion", 5), "no conversion");
	for (int n = 0; n < 3000; n++) {
		char expected[512];
		time_t seconds;
		int64_t ns;
		struct tm tm;

		state = state * 6364136223846793005ull + 1442695040888963407ull;
		ns = (int64_t)(state ^ state >> 31);
		/* Days around the turns of years, too. */
		if (n % 3 == 0)
			ns = ((n - 1500) * 3155760ll + (n % 7 - 3) * 43200ll) * second;
		seconds = (time_t)(ns / second - (ns % second < 0));
		if ((int64_t)seconds != ns / second - (ns % second < 0))
			continue; /* a time_t of 32 bits */
		gmtime_r(&seconds, &tm);
		strftime(expected, sizeof(expected), every, &tm);
		SAYS(at(every, ns), expected);
	}
}

static void test_length(void)
{
	unload(r);
	world(20);
	SAYS(at("%F %T", 0), "1970-01-01 00:00:00");
	SAYS(at("%F %T+", 0), "1970-01-01 00:00:00+");
	SAYS(at("%F %T++", 0), "error");
	CHECK(ktap_exec_error(r->probe)->code == KTAP_ERROR_STRING &&
		      ktap_exec_error(r->probe)->detail[0] == 21 && ktap_exec_error(r->probe)->detail[1] == 20,
	      "error %u", ktap_exec_error(r->probe)->code);
}

void test_text(void)
{
	world(KTAP_DEFAULT_STRING);
	test_errors();
	test_addresses();
	test_times();
	test_length();
	unload(r);
}
