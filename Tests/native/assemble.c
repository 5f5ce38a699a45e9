// SPDX-License-Identifier: GPL-2.0-or-later
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "assemble.h"

void put(struct bytes *b, const void *data, size_t length)
{
	if (b->length + length > b->capacity) {
		b->capacity = (b->length + length) * 2 + 64;
		b->data = realloc(b->data, b->capacity);
		if (!b->data)
			abort();
	}
	if (length)
		memcpy(b->data + b->length, data, length);
	b->length += length;
}

void put16(struct bytes *b, uint16_t value)
{
	uint8_t bytes[2] = { (uint8_t)value, (uint8_t)(value >> 8) };

	put(b, bytes, 2);
}

void put32(struct bytes *b, uint32_t value)
{
	put16(b, (uint16_t)value);
	put16(b, (uint16_t)(value >> 16));
}

void put64(struct bytes *b, uint64_t value)
{
	put32(b, (uint32_t)value);
	put32(b, (uint32_t)(value >> 32));
}

struct assembly *assembly_new(void)
{
	struct assembly *a = calloc(1, sizeof(*a));

	a->capabilities = KTAP_CAPABILITY_ALL;
	a->memory = 64 << 10;
	a->probe_fuel = KTAP_DEFAULT_PROBE_FUEL;
	a->main_fuel = KTAP_DEFAULT_MAIN_FUEL;
	a->string_limit = KTAP_DEFAULT_STRING;
	a->key_limit = KTAP_DEFAULT_KEY;
	a->ring = 4096;
	a->name = "test";
	a->line = 1;
	return a;
}

void assembly_free(struct assembly *a)
{
	for (int n = 0; n <= KTAP_SECTION_LAST; n++)
		free(a->section[n].data);
	free(a->arguments.data);
	free(a);
}

void put_text(struct assembly *a, struct bytes *b, const void *bytes, size_t length)
{
	put32(b, (uint32_t)a->section[KTAP_SECTION_TEXT].length);
	put32(b, (uint32_t)length);
	put(&a->section[KTAP_SECTION_TEXT], bytes, length);
}

uint32_t add_integer(struct assembly *a, int64_t value)
{
	put64(&a->section[KTAP_SECTION_INTEGERS], (uint64_t)value);
	return (uint32_t)(a->section[KTAP_SECTION_INTEGERS].length / 8 - 1);
}

uint32_t add_bytes(struct assembly *a, const void *bytes, size_t length)
{
	put_text(a, &a->section[KTAP_SECTION_STRINGS], bytes, length);
	return (uint32_t)(a->section[KTAP_SECTION_STRINGS].length / 8 - 1);
}

uint32_t add_string(struct assembly *a, const char *text)
{
	return add_bytes(a, text, strlen(text));
}

uint32_t add_global(struct assembly *a, uint16_t mask)
{
	struct bytes *b = &a->section[KTAP_SECTION_GLOBALS];

	put_text(a, b, "g", 1);
	put16(b, mask);
	put16(b, 0);
	put32(b, a->line);
	return (uint32_t)(b->length / sizeof(struct ktap_file_global) - 1);
}

uint32_t add_table(struct assembly *a, uint16_t value, uint32_t parts, uint16_t k0, uint16_t k1,
		   uint16_t k2, uint16_t k3)
{
	struct bytes *b = &a->section[KTAP_SECTION_TABLES];
	uint8_t two[2] = { (uint8_t)parts, 0 };

	put16(b, k0);
	put16(b, k1);
	put16(b, k2);
	put16(b, k3);
	put(b, two, 2);
	put16(b, value);
	put32(b, 0);
	put32(b, a->line);
	put32(b, 0);
	put64(b, 0);
	put64(b, 0);
	put64(b, 0);
	return (uint32_t)(b->length / sizeof(struct ktap_file_table) - 1);
}

uint32_t add_aggregate(struct assembly *a, uint32_t keeps, uint16_t key, int64_t low, int64_t high,
		       int64_t step)
{
	uint32_t n = add_table(a, KTAP_MASK_AGGREGATE, 1, key, 0, 0, 0);
	uint8_t *file = a->section[KTAP_SECTION_TABLES].data + n * sizeof(struct ktap_file_table);
	const uint64_t bounds[3] = { (uint64_t)low, (uint64_t)high, (uint64_t)step };

	file[offsetof(struct ktap_file_table, aggregate)] = (uint8_t)keeps;
	for (int k = 0; k < 3; k++)
		for (int byte = 0; byte < 8; byte++)
			file[offsetof(struct ktap_file_table, low) + 8 * k + byte] =
				(uint8_t)(bounds[k] >> 8 * byte);
	return n;
}

uint32_t add_field(struct assembly *a, const char *name, uint16_t mask)
{
	struct bytes *b = &a->section[KTAP_SECTION_FIELDS];

	put_text(a, b, name, strlen(name));
	put16(b, mask);
	put16(b, 0);
	return (uint32_t)(b->length / sizeof(struct ktap_file_field) - 1);
}

static uint32_t put_format(struct assembly *a, uint32_t kind, uint32_t values)
{
	struct bytes *b = &a->section[KTAP_SECTION_FORMATS];

	put32(b, kind);
	put32(b, values);
	put_text(a, b, "", 0);
	return (uint32_t)(b->length / sizeof(struct ktap_file_format) - 1);
}

uint32_t add_format(struct assembly *a, uint32_t values)
{
	return put_format(a, KTAP_FORMAT_PRINT, values);
}

uint32_t add_list_format(struct assembly *a)
{
	return put_format(a, KTAP_FORMAT_PRINT_LIST, 0);
}

uint32_t add_probe(struct assembly *a, uint32_t kind, uint32_t function, const char *event,
		   uint64_t interval)
{
	struct bytes *b = &a->section[KTAP_SECTION_PROBES];

	put32(b, kind);
	put32(b, function);
	put_text(a, b, event, strlen(event));
	put64(b, interval);
	put32(b, a->line);
	put32(b, 0);
	return (uint32_t)(b->length / sizeof(struct ktap_file_probe) - 1);
}

void add_argument(struct assembly *a, uint32_t kind, int64_t least, int64_t most, uint32_t first,
		  uint32_t count)
{
	struct bytes *b = &a->arguments;

	put32(b, kind);
	put32(b, count);
	put64(b, (uint64_t)least);
	put64(b, (uint64_t)most);
	put32(b, first);
	put32(b, 0);
	a->argument_count++;
}

uint32_t begin(struct assembly *a, uint16_t result, uint32_t parameters, const uint16_t *registers)
{
	struct bytes *b = &a->section[KTAP_SECTION_FUNCTIONS];
	uint32_t count = 0;

	for (; registers[count]; count++)
		put16(&a->section[KTAP_SECTION_REGISTERS], registers[count]);
	put_text(a, b, "f", 1);
	put32(b, a->instruction_count);
	put32(b, 0); /* grows with each instruction */
	put32(b, a->register_count);
	put16(b, (uint16_t)count);
	put16(b, (uint16_t)parameters);
	put16(b, result);
	put16(b, 0);
	put32(b, a->line);
	a->register_count += count;
	return a->function_count++;
}

void set_flags(struct assembly *a, uint16_t flags)
{
	struct bytes *b = &a->section[KTAP_SECTION_FUNCTIONS];
	uint8_t *at = b->data + b->length - sizeof(struct ktap_file_function) +
		      offsetof(struct ktap_file_function, flags);

	at[0] = (uint8_t)flags;
	at[1] = (uint8_t)(flags >> 8);
}

uint32_t op(struct assembly *a, uint8_t opcode, uint8_t ra, uint8_t rb, uint8_t rc, int32_t imm)
{
	struct bytes *b = &a->section[KTAP_SECTION_CODE];
	struct bytes *functions = &a->section[KTAP_SECTION_FUNCTIONS];
	uint8_t *count = functions->data + functions->length - sizeof(struct ktap_file_function) +
			 offsetof(struct ktap_file_function, instruction_count);
	uint8_t head[4] = { opcode, ra, rb, rc };
	uint32_t n = ktap_le32(count) + 1;

	put(b, head, 4);
	put32(b, (uint32_t)imm);
	put32(&a->section[KTAP_SECTION_LINES], a->line);
	for (int k = 0; k < 4; k++)
		count[k] = (uint8_t)(n >> 8 * k);
	return a->instruction_count++;
}

void patch(struct assembly *a, uint32_t from, uint32_t to)
{
	uint8_t *imm = a->section[KTAP_SECTION_CODE].data + 8 * from + 4;
	uint32_t distance = to - (from + 1);

	for (int k = 0; k < 4; k++)
		imm[k] = (uint8_t)(distance >> 8 * k);
}

static void write_heads(struct assembly *a)
{
	struct bytes *manifest = &a->section[KTAP_SECTION_MANIFEST];
	struct bytes *policy = &a->section[KTAP_SECTION_POLICY];

	put_text(a, manifest, a->name, strlen(a->name));
	put_text(a, manifest, "1.0", 3);
	put_text(a, manifest, "test.kp", 7);
	put64(manifest, 1);
	put64(manifest, 0);
	put64(manifest, 0);
	put32(policy, a->capabilities);
	put32(policy, a->memory);
	put32(policy, a->probe_fuel);
	put32(policy, a->string_limit);
	put32(policy, a->key_limit);
	put32(policy, a->ring);
	put64(policy, a->main_fuel);
	put32(policy, a->event_rate);
	put32(policy, a->argument_count);
	put(policy, a->arguments.data, a->arguments.length);
}

void seal(uint8_t *data, size_t length)
{
	memset(data + 24, 0, 32);
	test_digest_of(data, length, data + 24);
}

uint8_t *finish(struct assembly *a, size_t *length)
{
	struct bytes out = { 0 };
	uint32_t count = a->source ? KTAP_SECTION_LAST : KTAP_SECTION_LAST - 1;
	uint64_t offset = 64 + 24ull * count;
	static const uint8_t zeros[64];

	write_heads(a);
	if (a->source)
		put(&a->section[KTAP_SECTION_SOURCE], "print(1)\n", 9);
	put(&out, KTAP_BUNDLE_MAGIC, 8);
	put16(&out, KTAP_BUNDLE_MAJOR);
	put16(&out, KTAP_BUNDLE_MINOR);
	put32(&out, count);
	put64(&out, 0);
	put(&out, zeros, 40);
	for (uint32_t kind = 1; kind <= count; kind++) {
		put32(&out, kind);
		put32(&out, 0);
		put64(&out, offset);
		put64(&out, a->section[kind].length);
		offset = (offset + a->section[kind].length + 7) & ~7ull;
	}
	for (uint32_t kind = 1; kind <= count; kind++) {
		put(&out, a->section[kind].data, a->section[kind].length);
		put(&out, zeros, (8 - out.length % 8) % 8);
	}
	for (int k = 0; k < 8; k++)
		out.data[16 + k] = (uint8_t)(out.length >> 8 * k);
	seal(out.data, out.length);
	*length = out.length;
	return out.data;
}
