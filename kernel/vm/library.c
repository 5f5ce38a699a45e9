// SPDX-License-Identifier: GPL-2.0-or-later
/* The library functions that the machine itself provides; library.h lists all. */
#include "pool.h"

static void give_int(struct ktap_value *result, int64_t value)
{
	result->kind = KTAP_KIND_INT;
	result->bits = (uint64_t)value;
}

static uint32_t give_text(struct ktap_exec *x, struct ktap_value *result, const char *bytes,
			  uint32_t length)
{
	result->kind = KTAP_KIND_STR;
	return ktap_str_copy(x, bytes, length, &result->bits);
}

static uint32_t call_arg(struct ktap_exec *x, uint64_t index, struct ktap_value *result)
{
	if (index < x->program->argument_count)
		*result = x->program->arguments[index];
	return 0;
}

static uint32_t call_find(struct ktap_exec *x, uint32_t id, const struct ktap_value *args,
			  struct ktap_value *result)
{
	int64_t position;
	uint32_t code = ktap_str_find(x, ktap_str(args[0].bits), ktap_str(args[1].bits), &position);

	if (code)
		return code;
	if (id == KTAP_LIB_CONTAINS) {
		result->kind = KTAP_KIND_BOOL;
		result->bits = position >= 0;
	} else if (position >= 0) {
		give_int(result, position);
	}
	return 0;
}

/* substr(s, from, n): what of the range lies within the string. */
static uint32_t call_substr(struct ktap_exec *x, const struct ktap_value *args,
			    struct ktap_value *result)
{
	const struct ktap_string *s = ktap_str(args[0].bits);
	int64_t from = (int64_t)args[1].bits, n = (int64_t)args[2].bits;
	uint32_t code;

	if (from < 0) {
		/* The part before the string is left out; no overflow: n > 0 > from. */
		n = n > 0 ? n + from : 0;
		from = 0;
	}
	if (from > s->length)
		from = s->length;
	if (n < 0)
		n = 0;
	if (n > s->length - from)
		n = s->length - from;
	code = ktap_charge_bytes(x, (uint32_t)n);
	return code ? code : give_text(x, result, s->bytes + from, (uint32_t)n);
}

static uint32_t call_tostring(struct ktap_exec *x, const struct ktap_value *arg,
			      struct ktap_value *result)
{
	char number[KTAP_DECIMAL];
	const char *text;

	switch (arg->kind) {
	case KTAP_KIND_STR:
		*result = *arg;
		return 0;
	case KTAP_KIND_INT:
		return give_text(x, result, number, ktap_decimal((int64_t)arg->bits, number));
	case KTAP_KIND_BOOL:
		text = arg->bits ? "true" : "false";
		break;
	case KTAP_KIND_AGGREGATE:
		return ktap_aggregate_text(x, arg->bits, result);
	default:
		text = ktap_kind_name(arg->kind);
	}
	return give_text(x, result, text, (uint32_t)strlen(text));
}

static int digit(char c)
{
	if (c >= '0' && c <= '9')
		return c - '0';
	if (c >= 'a' && c <= 'f')
		return c - 'a' + 10;
	if (c >= 'A' && c <= 'F')
		return c - 'A' + 10;
	return 99;
}

static bool is_space(char c)
{
	return c == ' ' || (c >= '\t' && c <= '\r');
}

/*
 * tonumber(s): decimal, 0x or 0b, a sign before, spaces round it. Decimal numbers must fit
 * in 64 bits with sign, others in 64 bits.
 */
static bool parse_number(const char *s, uint32_t length, int64_t *number)
{
	const char *end = s + length;
	uint64_t value = 0, most;
	int base = 10;
	bool negative = false;

	while (s < end && is_space(*s))
		s++;
	while (s < end && is_space(end[-1]))
		end--;
	if (s < end && (*s == '-' || *s == '+'))
		negative = *s++ == '-';
	if (end - s > 2 && s[0] == '0' && (s[1] == 'x' || s[1] == 'X'))
		base = 16;
	else if (end - s > 2 && s[0] == '0' && (s[1] == 'b' || s[1] == 'B'))
		base = 2;
	if (base != 10)
		s += 2;
	most = base == 10 ? (uint64_t)INT64_MAX + negative : ~0ull;
	if (s == end)
		return false;
	for (; s < end; s++) {
		int n = digit(*s);
		uint64_t next = value * (uint64_t)base + (uint64_t)n;

		/* What has too many bits already would wrap unseen. */
		if (n >= base || value >> (base == 2 ? 63 : 60) || next > most)
			return false;
		value = next;
	}
	*number = (int64_t)(negative ? 0 - value : value);
	return true;
}

uint32_t ktap_library_call(struct ktap_exec *x, uint32_t id, const struct ktap_value *args,
			   struct ktap_value *result)
{
	const struct ktap_string *s;
	int64_t number;

	result->kind = KTAP_KIND_NIL;
	result->bits = 0;
	switch (id) {
	case KTAP_LIB_ARG:
		return call_arg(x, args[0].bits, result);
	case KTAP_LIB_ARG_COUNT:
		give_int(result, x->program->argument_count);
		return 0;
	case KTAP_LIB_STRLEN:
		give_int(result, ktap_str(args[0].bits)->length);
		return 0;
	case KTAP_LIB_CONTAINS:
	case KTAP_LIB_FIND:
		return call_find(x, id, args, result);
	case KTAP_LIB_SUBSTR:
		return call_substr(x, args, result);
	case KTAP_LIB_TOSTRING:
		return call_tostring(x, &args[0], result);
	case KTAP_LIB_TONUMBER:
		s = ktap_str(args[0].bits);
		if (parse_number(s->bytes, s->length, &number))
			give_int(result, number);
		return ktap_charge_bytes(x, s->length);
	case KTAP_LIB_ERRNAME:
	case KTAP_LIB_IP4:
	case KTAP_LIB_IP6:
	case KTAP_LIB_MAC:
	case KTAP_LIB_STRFTIME:
	case KTAP_LIB_HEX:
		return ktap_text_call(x, id, args, result);
	case KTAP_LIB_AGGREGATE_COUNT:
	case KTAP_LIB_AGGREGATE_SUM:
	case KTAP_LIB_AGGREGATE_MIN:
	case KTAP_LIB_AGGREGATE_MAX:
	case KTAP_LIB_AGGREGATE_AVG:
	case KTAP_LIB_AGGREGATE_STDDEV:
	case KTAP_LIB_AGGREGATE_HIST:
	case KTAP_LIB_AGGREGATE_LHIST:
		return ktap_aggregate_call(x, id, &args[0], result);
	case KTAP_LIB_SORT:
		result->kind = KTAP_KIND_TABLE;
		return ktap_table_sort(x, args[0].bits, &args[1], &result->bits);
	case KTAP_LIB_FREE:
		return ktap_table_free(x, args[0].bits);
	case KTAP_LIB_PRINT_HIST:
		return ktap_print_table(x, args[0].bits, KTAP_TABLE_HISTOGRAM, (int64_t)args[1].bits);
	case KTAP_LIB_PRINT_TABLE:
		return ktap_print_table(x, args[0].bits, KTAP_TABLE_PRINT, 0);
	case KTAP_LIB_PRINT_FOLDED:
		return ktap_print_table(x, args[0].bits, KTAP_TABLE_FOLDED, 0);
	default:
		return ktap_fail(x, KTAP_ERROR_INTERNAL, 0, 0);
	}
}
