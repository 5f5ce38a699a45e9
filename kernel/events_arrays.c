// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Fields that are arrays of variable length: they lie behind the fixed part of an entry, where a
 * word in the field's place says. Scripts read their elements; print(e) shows all of them.
 */
#include "compat/unaligned.h"
#include "events_internal.h"

const void *ktap_array_find(const struct ktap_field *f, const void *raw, u32 raw_size, u32 *count)
{
	/* f is the half of the word with the length in bytes. */
	const u32 at = IS_ENABLED(CONFIG_CPU_BIG_ENDIAN) ? f->offset : f->offset - sizeof(u16);
	u32 word, offset, size;

	*count = 0;
	if (at + sizeof(word) > raw_size)
		return NULL;
	word = get_unaligned((const u32 *)(raw + at));
	offset = word & 0xffff;
	size = word >> 16;
	if (f->relative)
		offset += at + sizeof(word);
	if (offset > raw_size || size > raw_size - offset)
		return NULL;
	*count = size / f->item;
	return raw + offset;
}

/* An element, where it lies. */
static s64 item(const struct ktap_events *e, const struct ktap_field *f, const void *at)
{
	const struct ktap_field as = { .size = f->item, .flags = f->flags & KTAP_FIELD_SIGNED };
	s64 value = ktap_field_integer(&as, at);

	return f->hidden ? (s64)ktap_hide(e, value) : value;
}

u32 ktap_array_read(struct ktap_exec *x, const struct ktap_events *e, const struct ktap_field *f,
		    const struct ktap_hit *hit, struct ktap_value *out)
{
	u32 count;
	const void *items = ktap_array_find(f, hit->raw, hit->raw_size, &count);
	const u64 index = f->index == KTAP_ITEM_ANY ? out->bits : f->index;

	if (index < count)
		out->bits = item(e, f, items + (u32)index * f->item);
	else if (f->index == KTAP_ITEM_ANY)
		return ktap_exec_fail(x, KTAP_ERROR_ITEM, index, count);
	else
		out->bits = 0;
	return 0;
}

#define LONGEST_ITEM 24 /* ", " and 64 bits */
#define CLOSING 5 /* what ends a text: ", ...", or "]" */

long ktap_array_text(const struct ktap_events *e, const struct ktap_field *f, const void *raw,
		     u32 raw_size, char *to, u32 limit)
{
	u32 count, n, length = 1;
	const void *items = ktap_array_find(f, raw, raw_size, &count);

	if (!items || limit < 2 * LONGEST_ITEM)
		return -EFAULT;
	to[0] = '[';
	for (n = 0; n < count && length + LONGEST_ITEM + CLOSING < limit; n++)
		length += scnprintf(to + length, limit - length,
				    f->flags & KTAP_FIELD_SIGNED ? "%s%lld" : "%s%llu",
				    n ? ", " : "", item(e, f, items + n * f->item));
	length += scnprintf(to + length, limit - length, n < count ? ", ..." : "]");
	return length;
}
