// SPDX-License-Identifier: GPL-2.0-or-later
/* The envelope: canonical form only, the digest, the trailer. */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "run.h"

static struct assembly *small(void)
{
	struct assembly *a = assembly_new();
	uint16_t registers[] = { AINT, ASTR, 0 };

	add_probe(a, KTAP_PROBE_MAIN, begin(a, ANIL, 0, registers), "", 0);
	OP(LDS, 1, 0, 0, (int32_t)add_string(a, "hello"));
	OP(EMIT, 0, 1, 1, (int32_t)add_format(a, 1));
	OP(RETNIL, 0, 0, 0, 0);
	return a;
}

static struct ktap_diagnostic why;

static bool loads(const uint8_t *data, size_t length)
{
	struct ktap_program *p = ktap_program_load(data, length, &test_home, &why);

	ktap_program_free(p);
	return p;
}

static void test_digest(void)
{
	size_t length;
	uint8_t *data;
	struct assembly *a = small();
	unsigned int refused = 0;

	data = finish(a, &length);
	assembly_free(a);
	CHECK(loads(data, length), "%s", why.text);
	/* Every byte of the signed part counts. */
	for (size_t n = 0; n < length; n++) {
		data[n] ^= 1 << n % 8;
		refused += !loads(data, length);
		if (why.error != -EBADMSG)
			CHECK(false, "byte %zu: %s", n, why.text);
		data[n] ^= 1 << n % 8;
	}
	CHECK(refused == length, "%u of %zu flips refused", refused, length);
	refused = 0;
	for (size_t n = 0; n < length; n++) {
		uint8_t *cut = malloc(n + !n); /* so that reading beyond is seen */

		memcpy(cut, data, n);
		refused += !loads(cut, n) && why.error == -EBADMSG;
		free(cut);
	}
	CHECK(refused == length, "%u of %zu truncations refused", refused, length);
	free(data);
}

/* A maker without SHA-256 states zeros, but not for a bundle that is signed. */
static void test_no_digest(void)
{
	static const char trailer[16] = "\0\0\0\0\0\0\0\0" KTAP_TRAILER_MAGIC;
	struct assembly *a = small();
	struct ktap_envelope envelope;
	struct ktap_program *p;
	uint8_t digest[32];
	size_t length;
	uint8_t *data = finish(a, &length), *file;

	assembly_free(a);
	memcpy(digest, data + 24, sizeof(digest));
	memset(data + 24, 0, sizeof(digest));
	p = ktap_program_load(data, length, &test_home, &why);
	CHECK(p, "%s", why.text);
	CHECK(p && !memcmp(ktap_program_info(p)->sha256, digest, sizeof(digest)),
	      "the digest that was computed");
	ktap_program_free(p);

	file = malloc(length + 8 + sizeof(trailer));
	memcpy(file, data, length);
	memcpy(file + length, trailer, sizeof(trailer));
	CHECK(!ktap_bundle_open(file, length + sizeof(trailer), &envelope, &why), "%s", why.text);
	memset(file + length, 0x30, 8);
	memcpy(file + length + 8, trailer, sizeof(trailer));
	file[length + 8] = 8; /* bytes of the signature */
	CHECK(ktap_bundle_open(file, length + 8 + sizeof(trailer), &envelope, &why) == -EBADMSG &&
		      strstr(why.text, "no digest"),
	      "%s", why.text);
	file[24] = 1;
	CHECK(!ktap_bundle_open(file, length + 8 + sizeof(trailer), &envelope, &why), "%s",
	      why.text);
	free(file);
	free(data);
}

/* Changes of a bundle that a signer could have signed: the digest is made right again. */
static void test_canonical(void)
{
	static const struct {
		const char *what;
		size_t at;
		uint8_t value;
		bool good;
	} cases[] = {
		{ "nothing", 0, 'K', true },
		{ "magic", 0, 'k', false },
		{ "a later minor version", 10, 1, true },
		{ "a later major version", 8, 2, false },
		{ "no sections", 12, 0, false },
		{ "one section too few", 12, 13, false },
		{ "more sections than there are", 12, 15, false },
		{ "longer than it is", 17, 0xff, false },
		{ "odd length", 16, 1, false },
		{ "reserved in the header", 56, 1, false },
		{ "kind of the first section", 64, 2, false },
		{ "reserved in the section table", 68, 1, false },
		{ "offset of the first section", 72, 0xff, false },
		{ "length of the first section", 80, 0xff, false },
		{ "length beyond 32 bits", 84, 1, false },
		{ "offset beyond 32 bits", 76, 1, false },
	};

	for (size_t n = 0; n < sizeof(cases) / sizeof(*cases); n++) {
		struct assembly *a = small();
		size_t length;
		uint8_t *data = finish(a, &length);

		assembly_free(a);
		data[cases[n].at] = cases[n].value;
		seal(data, length);
		CHECK(loads(data, length) == cases[n].good, "%s: %s", cases[n].what, why.text);
		CHECK(cases[n].good || (why.error == -EBADMSG && why.text[0]), "%s: %d %s",
		      cases[n].what, why.error, why.text);
		free(data);
	}
}

static void test_source(void)
{
	struct assembly *a = small();
	size_t length;
	uint8_t *data;

	a->source = true;
	data = finish(a, &length);
	CHECK(loads(data, length), "with source: %s", why.text);
	/* 9 bytes of source: the padding behind it is the end of the file */
	data[length - 1] = 1;
	seal(data, length);
	CHECK(!loads(data, length), "padding that is not zero");
	assembly_free(a);
	data = realloc(data, length + 8);
	data[length - 1] = 0;
	memset(data + length, 0, 8);
	for (int k = 0; k < 8; k++)
		data[16 + k] = (uint8_t)((length + 8) >> 8 * k);
	seal(data, length + 8);
	CHECK(!loads(data, length + 8), "bytes behind the last section");
	free(data);
}

static void test_trailer(void)
{
	struct assembly *a = small();
	struct ktap_envelope envelope;
	size_t length;
	uint8_t *data = finish(a, &length), *file;
	int accepted = 0;

	assembly_free(a);
	file = calloc(1, length + 100 + 16 + 1);
	memcpy(file, data, length);
	memset(file + length, 0x30, 100);
	file[length + 100] = 100;
	memcpy(file + length + 108, KTAP_TRAILER_MAGIC, 8);
	CHECK(!ktap_bundle_open(file, length + 116, &envelope, &why) &&
		      envelope.signed_length == length && envelope.cms == file + length &&
		      envelope.cms_length == 100,
	      "signed: %s", why.text);
	CHECK(ktap_bundle_open(file, length + 117, &envelope, &why) == -EBADMSG, "lengthened");
	for (size_t n = 0; n < length + 116; n++)
		accepted += !ktap_bundle_open(file, n, &envelope, &why);
	CHECK(!accepted, "truncated");
	file[length + 104] = 1;
	CHECK(ktap_bundle_open(file, length + 116, &envelope, &why) == -EBADMSG, "reserved");
	file[length + 104] = 0;
	file[length + 100] = 99;
	CHECK(ktap_bundle_open(file, length + 116, &envelope, &why) == -EBADMSG, "CMS length");
	memset(file + length, 0, 16);
	memcpy(file + length + 8, KTAP_TRAILER_MAGIC, 8);
	CHECK(!ktap_bundle_open(file, length + 16, &envelope, &why) && !envelope.cms &&
		      envelope.signed_length == length,
	      "unsigned: %s", why.text);
	CHECK(ktap_bundle_open(file, (size_t)KTAP_MAX_BUNDLE + 1, &envelope, &why) == -EBADMSG,
	      "too long");
	free(file);
	free(data);
}

void test_bundle(void)
{
	test_digest();
	test_no_digest();
	test_canonical();
	test_source();
	test_trailer();
}
