// SPDX-License-Identifier: GPL-2.0-or-later
/* What scripts ask of an aggregate, and how it stands in a record. */
#include "internal.h"

/* Words of the widest number: the square of 128 bits. Low words come first. */
#define WORDS 8u

static void multiply(const uint32_t *a, uint32_t a_words, const uint32_t *b, uint32_t b_words,
		     uint32_t product[WORDS])
{
	uint32_t i, j;

	memset(product, 0, WORDS * sizeof(*product));
	for (i = 0; i < a_words; i++) {
		uint64_t carry = 0;

		for (j = 0; j < b_words; j++) {
			carry += (uint64_t)a[i] * b[j] + product[i + j];
			product[i + j] = (uint32_t)carry;
			carry >>= 32;
		}
		product[i + j] = (uint32_t)carry;
	}
}

static void split(uint64_t value, uint32_t words[2])
{
	words[0] = (uint32_t)value;
	words[1] = (uint32_t)(value >> 32);
}

/* a - b in place; false when b is larger. */
static bool subtract(uint32_t a[WORDS], const uint32_t b[WORDS])
{
	uint32_t n, borrow = 0;

	for (n = 0; n < WORDS; n++) {
		uint64_t difference = (uint64_t)a[n] - b[n] - borrow;

		a[n] = (uint32_t)difference;
		borrow = (uint32_t)(difference >> 32) & 1;
	}
	return !borrow;
}

static bool at_most(const uint32_t a[WORDS], const uint32_t b[WORDS])
{
	uint32_t n = WORDS;

	while (n-- > 1 && a[n] == b[n])
		;
	return a[n] <= b[n];
}

/*
 * The largest r with (r * count)^2 <= count * squares - sum^2: the deviation's integer part, exact
 * unless the sum or the squares wrapped.
 */
static uint64_t deviation(const struct ktap_record_aggregate *total)
{
	uint32_t count[2], sum[2], squares[4], root[2], scaled[WORDS], spread[WORDS], square[WORDS];
	uint64_t r = 0, bit;

	split(total->count, count);
	split(total->sum < 0 ? 0 - (uint64_t)total->sum : (uint64_t)total->sum, sum);
	split(total->squares[0], squares);
	split(total->squares[1], squares + 2);
	multiply(squares, 4, count, 2, spread);
	multiply(sum, 2, sum, 2, square);
	if (!subtract(spread, square))
		return 0;
	for (bit = 1ull << 62; bit; bit >>= 1) {
		split(r | bit, root);
		multiply(root, 2, count, 2, scaled);
		multiply(scaled, 4, scaled, 4, square);
		if (at_most(square, spread))
			r |= bit;
	}
	return r;
}

uint32_t ktap_aggregate_call(struct ktap_exec *x, uint32_t id, const struct ktap_value *arg,
			     struct ktap_value *result)
{
	const struct ktap_snapshot *snapshot =
		ktap_snapshot(arg->kind == KTAP_KIND_AGGREGATE ? arg->bits : 0);
	const struct ktap_record_aggregate *total = &snapshot->total;

	if (id == KTAP_LIB_AGGREGATE_HIST || id == KTAP_LIB_AGGREGATE_LHIST) {
		*result = *arg;
		if (arg->kind == KTAP_KIND_AGGREGATE)
			result->bits = (arg->bits & ~KTAP_VIEW_BITS) |
				       (id == KTAP_LIB_AGGREGATE_HIST ? KTAP_VIEW_HIST : KTAP_VIEW_LHIST);
		return 0;
	}
	if (id != KTAP_LIB_AGGREGATE_COUNT && id != KTAP_LIB_AGGREGATE_SUM && !total->count)
		return 0; /* nil */
	result->kind = KTAP_KIND_INT;
	switch (id) {
	case KTAP_LIB_AGGREGATE_COUNT:
		result->bits = total->count;
		return 0;
	case KTAP_LIB_AGGREGATE_SUM:
		result->bits = (uint64_t)total->sum;
		return 0;
	case KTAP_LIB_AGGREGATE_MIN:
		result->bits = (uint64_t)total->least;
		return 0;
	case KTAP_LIB_AGGREGATE_MAX:
		result->bits = (uint64_t)total->most;
		return 0;
	case KTAP_LIB_AGGREGATE_AVG:
		result->bits = (uint64_t)ktap_divide(total->sum, (int64_t)total->count);
		return 0;
	default:
		if (!(snapshot->keeps & KTAP_AGGREGATE_SQUARES)) {
			result->kind = KTAP_KIND_NIL;
			return 0;
		}
		result->bits = deviation(total);
		return ktap_charge(x, 64);
	}
}

uint32_t ktap_aggregate_text(struct ktap_exec *x, uint64_t bits, struct ktap_value *result)
{
	const struct ktap_record_aggregate *total = &ktap_snapshot(bits)->total;
	static const char names[][7] = { "count ", ", avg ", ", min ", ", max " };
	int64_t numbers[] = { (int64_t)total->count, 0, total->least, total->most };
	char text[4 * (KTAP_DECIMAL + 6)];
	uint32_t length = 0, n;

	if (total->count)
		numbers[1] = ktap_divide(total->sum, (int64_t)total->count);
	for (n = 0; n < (total->count ? 4 : 1); n++) {
		memcpy(text + length, names[n], 6);
		length += 6;
		length += ktap_decimal(numbers[n], text + length);
	}
	result->kind = KTAP_KIND_STR;
	return ktap_str_copy(x, text, length, &result->bits);
}

/* The buckets that belong to the view: *first and their number. */
static uint32_t shown(uint64_t bits, uint32_t *first)
{
	const struct ktap_snapshot *snapshot = ktap_snapshot(bits);

	*first = 0;
	switch (bits & KTAP_VIEW_BITS) {
	case KTAP_VIEW_HIST:
		return snapshot->powers;
	case KTAP_VIEW_LHIST:
		*first = snapshot->powers;
		return snapshot->total.bucket_count - snapshot->powers;
	default:
		return 0;
	}
}

uint64_t ktap_snapshot_shown(uint64_t bits)
{
	uint8_t keeps = ktap_snapshot(bits)->keeps;

	return bits | (keeps & KTAP_AGGREGATE_HIST  ? KTAP_VIEW_HIST :
		       keeps & KTAP_AGGREGATE_LHIST ? KTAP_VIEW_LHIST :
						      KTAP_VIEW_SUMMARY);
}

uint32_t ktap_snapshot_size(uint64_t bits)
{
	uint32_t first;

	return (uint32_t)(sizeof(struct ktap_record_aggregate) +
			  shown(bits, &first) * sizeof(struct ktap_record_bucket));
}

void ktap_snapshot_write(uint64_t bits, uint8_t *out)
{
	const struct ktap_snapshot *snapshot = ktap_snapshot(bits);
	struct ktap_record_aggregate *total = (struct ktap_record_aggregate *)out;
	uint32_t first, count = shown(bits, &first);

	memcpy(out, &snapshot->total, sizeof(*total));
	total->bucket_count = count;
	if ((bits & KTAP_VIEW_BITS) != KTAP_VIEW_LHIST) {
		total->low = 0;
		total->step = 0;
		total->steps = 0;
	}
	memcpy(out + sizeof(*total), snapshot->buckets + first, count * sizeof(snapshot->buckets[0]));
}
