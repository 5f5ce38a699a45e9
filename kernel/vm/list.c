// SPDX-License-Identifier: GPL-2.0-or-later
/* The list of a run: variable arguments and several results on their way. */
#include "pool.h"

uint32_t ktap_list_add(struct ktap_exec *x, const uint64_t *bits, const uint8_t *kinds,
		       uint32_t count)
{
	if (ktap_unlikely(x->list_count + count > KTAP_MAX_LIST))
		return ktap_fail(x, KTAP_ERROR_LIST, x->list_count + count, KTAP_MAX_LIST);
	memmove(x->list + count, x->list, x->list_count * sizeof(*x->list));
	memmove(x->list_kinds + count, x->list_kinds, x->list_count);
	memcpy(x->list, bits, count * sizeof(*bits));
	memcpy(x->list_kinds, kinds, count);
	x->list_count += count;
	return 0;
}

/* The arguments beyond the parameters of the function whose registers begin at regs. */
uint32_t ktap_list_extras(struct ktap_exec *x, const uint64_t *regs, const uint8_t *kinds)
{
	uint32_t count = x->frames[x->depth].extra;

	x->list_count = 0;
	return ktap_list_add(x, regs - count, kinds - count, count);
}

uint32_t ktap_list_store(struct ktap_exec *x, uint64_t table, int64_t first)
{
	const uint8_t key_kind = KTAP_KIND_INT;
	uint64_t key = (uint64_t)first;
	uint32_t n, code;

	for (n = 0; n < x->list_count; n++, key++) {
		if (x->list_kinds[n] == KTAP_KIND_NIL)
			continue;
		code = ktap_table_set(x, table, &key, &key_kind, 1, x->list[n], x->list_kinds[n]);
		if (!code)
			code = ktap_charge(x, 1);
		if (code)
			return code;
	}
	return 0;
}
