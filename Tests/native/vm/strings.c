// SPDX-License-Identifier: GPL-2.0-or-later
/* Strings: immutable, in the constants or in the arena of a run. */
#include "internal.h"

const union ktap_no_string ktap_no_string = { .words = { 0 } };

bool ktap_str_equal(uint64_t a, uint64_t b)
{
	const struct ktap_string *s = ktap_str(a), *t = ktap_str(b);

	return s == t || (s->length == t->length && !memcmp(s->bytes, t->bytes, s->length));
}

int ktap_str_compare(const struct ktap_string *a, const struct ktap_string *b)
{
	uint32_t shorter = a->length < b->length ? a->length : b->length;
	int order = memcmp(a->bytes, b->bytes, shorter);

	if (order)
		return order;
	return a->length < b->length ? -1 : a->length > b->length;
}

/* Steps of a search that are paid for together. */
#define STEPS 4096

uint32_t ktap_str_match(struct ktap_exec *x, const struct ktap_string *s,
			const struct ktap_string *glob, bool *result)
{
	uint32_t at = 0, in = 0, star = ~0u, retry = 0, steps = 0, code;

	*result = false;
	while (at < s->length) {
		if (++steps == STEPS) {
			steps = 0;
			code = ktap_charge(x, STEPS / 16);
			if (code)
				return code;
		}
		if (in < glob->length && glob->bytes[in] == '*') {
			star = in++;
			retry = at;
		} else if (in < glob->length &&
			   (glob->bytes[in] == '?' || glob->bytes[in] == s->bytes[at])) {
			in++;
			at++;
		} else if (star != ~0u) {
			/* The last star takes one byte more. */
			in = star + 1;
			at = ++retry;
		} else {
			return ktap_charge_bytes(x, steps);
		}
	}
	while (in < glob->length && glob->bytes[in] == '*')
		in++;
	*result = in == glob->length;
	return ktap_charge_bytes(x, steps);
}

uint32_t ktap_str_find(struct ktap_exec *x, const struct ktap_string *s,
		       const struct ktap_string *t, int64_t *position)
{
	uint32_t at, n, steps = 0, code;

	*position = -1;
	if (t->length > s->length)
		return 0;
	for (at = 0; at <= s->length - t->length; at++) {
		for (n = 0; n < t->length && s->bytes[at + n] == t->bytes[n]; n++)
			;
		if (n == t->length) {
			*position = at;
			break;
		}
		steps += n + 1;
		if (steps >= STEPS) {
			code = ktap_charge(x, steps / 16);
			if (code)
				return code;
			steps = 0;
		}
	}
	return ktap_charge_bytes(x, steps);
}

uint32_t ktap_str_copy(struct ktap_exec *x, const char *bytes, uint32_t length, uint64_t *result)
{
	struct ktap_string *string;
	uint32_t code;

	*result = 0;
	if (!length)
		return 0;
	code = ktap_arena_string(x, length, &string);
	if (code)
		return code;
	memcpy(string->bytes, bytes, length);
	*result = ktap_str_bits(string);
	return 0;
}

uint32_t ktap_decimal(int64_t value, char out[KTAP_DECIMAL])
{
	uint64_t rest = value < 0 ? 0 - (uint64_t)value : (uint64_t)value;
	uint32_t at = KTAP_DECIMAL, length;

	do {
		out[--at] = (char)('0' + ktap_remainder_u64(&rest, 10));
	} while (rest);
	if (value < 0)
		out[--at] = '-';
	length = KTAP_DECIMAL - at;
	memmove(out, out + at, length);
	return length;
}

uint32_t ktap_str_concat(struct ktap_exec *x, const uint64_t bits[2], const uint8_t kinds[2],
			 uint64_t *result)
{
	uint32_t limit = x->program->info.string_limit, length[2], n, code;
	char numbers[2][KTAP_DECIMAL];
	const char *bytes[2];
	struct ktap_string *string;

	for (n = 0; n < 2; n++) {
		if (kinds[n] == KTAP_KIND_STR) {
			bytes[n] = ktap_str(bits[n])->bytes;
			length[n] = ktap_str(bits[n])->length;
		} else if (kinds[n] == KTAP_KIND_INT) {
			bytes[n] = numbers[n];
			length[n] = ktap_decimal((int64_t)bits[n], numbers[n]);
		} else {
			return ktap_fail(x, KTAP_ERROR_CONCATENATION, kinds[0], kinds[1]);
		}
	}
	if (length[0] + length[1] > limit)
		return ktap_fail(x, KTAP_ERROR_STRING, length[0] + length[1], limit);
	code = ktap_charge_bytes(x, length[0] + length[1]);
	if (!code)
		code = ktap_arena_string(x, length[0] + length[1], &string);
	if (code)
		return code;
	memcpy(string->bytes, bytes[0], length[0]);
	memcpy(string->bytes + length[0], bytes[1], length[1]);
	*result = ktap_str_bits(string);
	return 0;
}
