// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * fuzz COUNT SEED [BUNDLE.ktapb ...]: mutates valid bundles, loads them, and runs to its end
 * whatever the verifier accepts. The same numbers give the same run. A report of a sanitizer
 * is the only failure that there can be; the bundle in hand is then in fuzz.last.
 */
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "check.h"
#include "home.h"
#include "seeds.h"

static uint64_t state;

static uint32_t draw(uint32_t below)
{
	state ^= state << 13;
	state ^= state >> 7;
	state ^= state << 17;
	return (uint32_t)(((state * 0x2545f4914f6cdd1dull) >> 32) % below);
}

struct bundle {
	uint8_t *data;
	size_t length;
};

static struct bundle *corpus;
static unsigned int corpus_count;

/* The bundle in hand: a buffer of its own size, so that every overrun is seen. */
static struct bundle now;

static void keep(uint8_t *data, size_t length)
{
	corpus = realloc(corpus, (corpus_count + 1) * sizeof(*corpus));
	corpus[corpus_count++] = (struct bundle){ data, length };
}

static void read_bundle(const char *path)
{
	struct ktap_envelope envelope;
	struct ktap_diagnostic why;
	FILE *f = fopen(path, "rb");
	uint8_t *data = malloc(KTAP_MAX_BUNDLE);
	size_t length;

	if (!f) {
		perror(path);
		exit(2);
	}
	length = fread(data, 1, KTAP_MAX_BUNDLE, f);
	fclose(f);
	if (ktap_bundle_open(data, length, &envelope, &why)) {
		printf("%s: %s\n", path, why.text);
		exit(2);
	}
	keep(data, envelope.signed_length);
}

static void put_le(uint8_t *p, uint64_t value, int size)
{
	for (int n = 0; n < size; n++)
		p[n] = (uint8_t)(value >> 8 * n);
}

static uint8_t *section(uint32_t kind, uint32_t *length)
{
	uint8_t *entry = now.data + 64 + 24 * (kind - 1);
	uint64_t offset, size;

	if (now.length < 64 + 24 * KTAP_SECTION_LAST || !kind || kind >= KTAP_SECTION_LAST)
		return NULL;
	offset = ktap_le64(entry + 8);
	size = ktap_le64(entry + 16);
	if (offset > now.length || size > now.length - offset || size > UINT32_MAX)
		return NULL;
	*length = (uint32_t)size;
	return now.data + offset;
}

/* Numbers that programs like to trip over. */
static uint64_t odd_number(void)
{
	static const uint64_t odd[] = { 0,	    1,	   2,	   7,	   8,	     127,	 128,
					254,	    255,   256,	   1023,   1024,     0x7fff,	 0xffff,
					0x10000,    0x7fffffff,	   0x80000000, 0xffffffff,
					0x100000000ull, 0x7fffffffffffffffull, 0x8000000000000000ull,
					~0ull };

	return odd[draw(sizeof(odd) / sizeof(*odd))];
}

static void change_field(void)
{
	static const uint8_t sizes[] = { 1, 2, 4, 4, 4, 8 };
	uint32_t length, at, size = sizes[draw(6)];
	uint8_t *p = section(1 + draw(KTAP_SECTION_LAST - 1), &length);
	uint64_t value;

	if (!p || length < size)
		return;
	p += draw(length / size) * size;
	switch (draw(4)) {
	case 0:
		put_le(p, odd_number(), (int)size);
		break;
	case 1:
		at = draw(size);
		p[at] ^= (uint8_t)(1 << draw(8));
		break;
	case 2:
		p[0] = (uint8_t)draw(256);
		break;
	default:
		value = size == 8 ? ktap_le64(p) : size == 4 ? ktap_le32(p) : size == 2 ? ktap_le16(p) : *p;
		put_le(p, value + draw(5) - 2, (int)size);
	}
}

/* An instruction: its opcode, a register, its immediate, or all of another one. */
static void change_code(void)
{
	uint32_t length, other;
	uint8_t *code = section(KTAP_SECTION_CODE, &length), *p;

	if (!code || length < 8)
		return;
	p = code + 8 * draw(length / 8);
	switch (draw(8)) {
	case 0:
		p[0] = (uint8_t)draw(KTAP_OP_COUNT);
		break;
	case 1:
	case 2:
		other = 1 + draw(3);
		p[other] = (uint8_t)draw(draw(4) ? 16 : 256);
		break;
	case 3:
		put_le(p + 4, (uint32_t)(ktap_le32(p + 4) + draw(9) - 4), 4);
		break;
	case 4:
		put_le(p + 4, odd_number(), 4);
		break;
	case 5:
		other = draw(length / 8);
		memmove(p, code + 8 * other, 8);
		break;
	case 6: /* another opcode of the same shape, one or two away */
		p[0] = (uint8_t)((p[0] + draw(5) + KTAP_OP_COUNT - 2) % KTAP_OP_COUNT);
		break;
	default: /* a well-formed instruction of any kind */
		p[0] = (uint8_t)draw(KTAP_OP_COUNT);
		for (int n = 1; n < 4; n++)
			p[n] = (uint8_t)draw(15);
		put_le(p + 4, draw(4), 4);
	}
}

static void change_mask(void)
{
	uint32_t length;
	uint8_t *p = section(KTAP_SECTION_REGISTERS, &length);

	if (!p || length < 2)
		return;
	p += 2 * draw(length / 2);
	put_le(p, draw(3) ? 1u << draw(KTAP_KIND_COUNT) : draw(1024), 2);
}

/* Puts a piece of another bundle's section into this one's. */
static void splice(void)
{
	const struct bundle *from = &corpus[draw(corpus_count)];
	uint32_t kind = 1 + draw(KTAP_SECTION_LAST - 1), length, size;
	uint8_t *to = section(kind, &length);
	uint64_t offset, other;

	if (!to || length < 8)
		return;
	offset = ktap_le64(from->data + 64 + 24 * (kind - 1) + 8);
	other = ktap_le64(from->data + 64 + 24 * (kind - 1) + 16);
	if (other < 8)
		return;
	size = 8 * (1 + draw((uint32_t)(other < length ? other : length) / 8));
	/* One draw a statement: the order decides what is drawn. */
	to += 8 * draw((length - size) / 8 + 1);
	offset += 8 * draw((uint32_t)(other - size) / 8 + 1);
	memcpy(to, from->data + offset, size);
}

/* Makes a section longer or shorter by whole words, and keeps the envelope canonical. */
static void resize(void)
{
	uint32_t kind = 1 + draw(KTAP_SECTION_LAST - 1), length, count, n;
	uint32_t by = 8 * (1 + draw(4));
	uint8_t *p = section(kind, &length), *data;
	size_t at;
	bool grow = draw(2);

	if (!p || (!grow && length < by) || ktap_le64(now.data + 16) != now.length)
		return;
	at = (size_t)(p - now.data);
	data = malloc(now.length + by);
	memcpy(data, now.data, at);
	if (grow) {
		memset(data + at, (int)draw(256), by);
		memcpy(data + at + by, now.data + at, now.length - at);
		now.length += by;
	} else {
		memcpy(data + at, now.data + at + by, now.length - at - by);
		now.length -= by;
	}
	free(now.data);
	now.data = malloc(now.length);
	memcpy(now.data, data, now.length);
	free(data);
	put_le(now.data + 16, now.length, 8);
	count = ktap_le32(now.data + 12);
	for (n = kind - 1; n < count && 64 + 24 * (n + 1) <= now.length; n++) {
		uint8_t *entry = now.data + 64 + 24 * n;

		if (n == kind - 1)
			put_le(entry + 16, grow ? length + by : length - by, 8);
		else
			put_le(entry + 8, ktap_le64(entry + 8) + (grow ? by : 0u - (uint64_t)by), 8);
	}
}

static void change_envelope(void)
{
	uint32_t at = draw(now.length < 64 + 24 * 15 ? (uint32_t)now.length : 64 + 24 * 15);

	if (draw(2))
		now.data[at] = (uint8_t)draw(256);
	else if (at + 8 <= now.length)
		put_le(now.data + (at & ~7u), odd_number(), 8);
}

static void truncate_bundle(void)
{
	size_t length = draw((uint32_t)now.length + 1);
	uint8_t *data = malloc(length + !length);

	memcpy(data, now.data, length);
	free(now.data);
	now.data = data;
	now.length = length;
	if (length >= 24 && draw(2))
		put_le(now.data + 16, length, 8);
}

static void mutate(void)
{
	for (uint32_t n = 1 + draw(draw(4) ? 2 : 8); n--;) {
		switch (draw(16)) {
		case 0:
			change_envelope();
			break;
		case 1:
			if (!draw(4))
				truncate_bundle();
			break;
		case 2:
			resize();
			break;
		case 3:
			splice();
			break;
		case 4:
		case 5:
			change_mask();
			break;
		case 6:
		case 7:
		case 8:
			change_field();
			break;
		default:
			change_code();
		}
		if (!now.length)
			return;
	}
}

/* The fuel is the mutant's own: what runs long is cut to what a fuzzer can afford. */
static void cut_fuel(void)
{
	uint32_t length;
	uint8_t *policy = section(KTAP_SECTION_POLICY, &length);

	if (!policy || length < sizeof(struct ktap_file_policy))
		return;
	policy += offsetof(struct ktap_file_policy, main_fuel);
	if (ktap_le64(policy) > 3000 && ktap_le64(policy) <= KTAP_MAX_MAIN_FUEL)
		put_le(policy, 3000, 8);
	policy += (int)offsetof(struct ktap_file_policy, probe_fuel) -
		  (int)offsetof(struct ktap_file_policy, main_fuel);
	if (ktap_le32(policy) > 2000 && ktap_le32(policy) <= KTAP_MAX_PROBE_FUEL)
		put_le(policy, 2000, 4);
	policy += (int)offsetof(struct ktap_file_policy, memory) -
		  (int)offsetof(struct ktap_file_policy, probe_fuel);
	if (ktap_le32(policy) > (64 << 10) && ktap_le32(policy) <= KTAP_MAX_MEMORY)
		put_le(policy, 64 << 10, 4);
}

static struct ktap_exec *main_exec, *probe_exec;
static unsigned long accepted, refused, runs, errors;

static void run_all(struct ktap_program *p)
{
	static const struct ktap_argument arguments[2] = { { KTAP_KIND_INT, 0, 3, NULL },
							   { KTAP_KIND_STR, 2, 0, "ab" } };
	const struct ktap_probe_info *probe;
	struct ktap_diagnostic why;

	ktap_program_set_arguments(p, arguments, 2, false, &why);
	for (uint32_t round = 0; round < 2; round++) {
		for (uint32_t n = 0; (probe = ktap_program_probe(p, n)); n++) {
			bool event = probe->kind == KTAP_PROBE_EVENT;
			const struct ktap_error *error;

			runs++;
			errors += ktap_run(event ? probe_exec : main_exec, p, probe->function,
					   event ? &test_event.event : NULL) != 0;
			error = ktap_exec_error(event ? probe_exec : main_exec);
			if (error->code >= KTAP_ERROR_INTERNAL ||
			    (error->code &&
			     error->line != ktap_program_line(p, error->instruction))) {
				printf("error %u at %u\n", error->code, error->instruction);
				abort();
			}
			for (uint32_t f = 0; f < ktap_program_info(p)->field_count; f++)
				ktap_program_uses_field(p, probe->function, f);
		}
		ktap_program_reclaim(p);
	}
}

static void try_one(void)
{
	struct ktap_diagnostic why;
	struct ktap_program *p = ktap_program_load(now.data, now.length, &fuzz_home, &why);
	struct ktap_envelope envelope;

	ktap_bundle_open(now.data, now.length, &envelope, &why);
	if (!p) {
		refused++;
		return;
	}
	accepted++;
	run_all(p);
	ktap_program_free(p);
	if (hostile_alive != 2) {
		printf("%ld allocations are left\n", hostile_alive - 2);
		abort();
	}
}

/* So that a finding can be looked at: written when the process dies of it. */
static void write_last(int signal_number)
{
	FILE *f = fopen("fuzz.last", "wb");

	if (f && now.data)
		fwrite(now.data, 1, now.length, f);
	if (f)
		fclose(f);
	_exit(128 + signal_number);
}

int main(int argc, char **argv)
{
	unsigned long count = argc > 1 ? strtoul(argv[1], NULL, 0) : 20000;
	uint64_t seed = argc > 2 ? strtoull(argv[2], NULL, 0) : 1;
	struct output *output = output_new();
	struct assembly *a;

	setvbuf(stdout, NULL, _IOLBF, 0);
	signal(SIGABRT, write_last);
	for (unsigned int n = 0; (a = seed_assembly(n)); n++) {
		size_t length;
		uint8_t *data = finish(a, &length);

		assembly_free(a);
		keep(data, length);
	}
	for (int n = 3; n < argc; n++)
		read_bundle(argv[n]);
	output->keep = false;
	main_exec = ktap_exec_new(KTAP_EXEC_MAIN);
	probe_exec = ktap_exec_new(KTAP_EXEC_PROBE);
	ktap_exec_set_owner(main_exec, output);
	ktap_exec_set_owner(probe_exec, output);
	for (unsigned long n = 0; n < count; n++) {
		const struct bundle *from;

		state = (seed * 0x9e3779b97f4a7c15ull + n) * 0xbf58476d1ce4e5b9ull | 1;
		draw(2);
		from = &corpus[n < corpus_count ? n : draw(corpus_count)];
		now.length = from->length;
		now.data = malloc(now.length);
		memcpy(now.data, from->data, now.length);
		/* The first ones are the seeds as they are. */
		if (n >= corpus_count)
			mutate();
		cut_fuel();
		try_one();
		free(now.data);
		now.data = NULL;
		if (n == corpus_count - 1 && refused) {
			printf("a seed is refused\n");
			return 1;
		}
	}
	printf("fuzz: %lu bundles, %lu accepted, %lu refused; %lu runs, %lu of them ended with an error\n",
	       count, accepted, refused, runs, errors);
	printf("fuzz: %d passed, %d failed\n", accepted && refused, !(accepted && refused));
	ktap_exec_free(main_exec);
	ktap_exec_free(probe_exec);
	output_free(output);
	for (unsigned int n = 0; n < corpus_count; n++)
		free(corpus[n].data);
	free(corpus);
	return !(accepted && refused);
}
