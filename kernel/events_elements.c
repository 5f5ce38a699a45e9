// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Elements of fields that are arrays: "name[3]" is a field of its own, made when it is referred to;
 * "name[]" is the array, of which an element is read whose index the script computes.
 */
#include "events_internal.h"

int ktap_field_element(const char *name, char base[KTAP_EVENT_NAME])
{
	const char *bracket = strchr(name, '[');
	size_t length = bracket ? bracket - name : 0;
	unsigned int index = 0, digits = 0;

	if (!bracket || length >= KTAP_EVENT_NAME)
		return -1;
	memcpy(base, name, length);
	base[length] = '\0';
	if (!strcmp(bracket, "[]"))
		return KTAP_ELEMENT_ANY;
	for (bracket++; *bracket >= '0' && *bracket <= '9' && digits < 5; bracket++, digits++)
		index = 10 * index + (*bracket - '0');
	if (!digits || strcmp(bracket, "]"))
		return -1;
	return index;
}

/* A copy of field n behind the others, for the caller to change. Its index, -E2BIG or -ENOMEM. */
static int copy_field(struct ktap_tracepoint *t, u32 n)
{
	u32 count = t->field_count + t->element_count;
	struct ktap_field *fields;

	if (count >= KTAP_MAX_OWN_FIELDS)
		return -E2BIG;
	fields = kvcalloc(count + 1, sizeof(*fields), GFP_KERNEL);
	if (!fields)
		return -ENOMEM;
	memcpy(fields, t->fields, count * sizeof(*fields));
	fields[count] = t->fields[n];
	kvfree(t->fields);
	t->fields = fields;
	t->element_count++;
	return count;
}

int ktap_element_add(struct ktap_tracepoint *t, u32 n, u32 index)
{
	u32 size = t->fields[n].element;
	struct ktap_field *f;
	int made;
	bool variable = t->fields[n].form == KTAP_FORM_ARRAY;

	if (!variable &&
	    (t->fields[n].form != KTAP_FORM_OTHER || !(t->fields[n].flags & KTAP_FIELD_ARRAY)))
		return -EINVAL;
	if (!variable && index == KTAP_ELEMENT_ANY)
		return n;
	if (!variable && index >= t->fields[n].size / size)
		return -ERANGE;
	made = copy_field(t, n);
	if (made < 0)
		return made;
	f = &t->fields[made];
	if (variable) {
		/* No entry is so long that a number given as a constant could be this one. */
		f->index = index == KTAP_ELEMENT_ANY ? KTAP_ITEM_ANY : min(index, KTAP_ITEM_ANY - 1u);
		f->form = KTAP_FORM_ITEM;
	} else {
		f->offset += index * size;
		f->size = size;
		f->form = KTAP_FORM_INTEGER;
		f->flags &= ~KTAP_FIELD_ARRAY;
	}
	return made;
}

int ktap_printed_add(struct ktap_tracepoint *t, u32 n)
{
	const struct ktap_field *f = &t->fields[n];
	int made;

	/* Of fewer than 8 bytes those without sign are positive integers. */
	if (f->form != KTAP_FORM_INTEGER || f->flags & KTAP_FIELD_SIGNED ||
	    (f->size < 8 && !(f->flags & KTAP_FIELD_HEX)))
		return n;
	made = copy_field(t, n);
	if (made >= 0)
		t->fields[made].form = KTAP_FORM_PRINTED;
	return made;
}

u32 ktap_print_integer(struct ktap_exec *x, u64 value, bool hex, struct ktap_value *out)
{
	char text[24];

	out->kind = KTAP_KIND_INT;
	out->bits = value;
	if (!hex && (s64)value >= 0)
		return 0;
	return ktap_make_string(x, text, scnprintf(text, sizeof(text), hex ? "0x%llx" : "%llu", value),
				out);
}

u32 ktap_element_read(struct ktap_exec *x, const struct ktap_field *array, const void *raw,
		      struct ktap_value *out)
{
	u32 count = array->size / array->element;
	struct ktap_field one = *array;

	if (out->bits >= count)
		return ktap_exec_fail(x, KTAP_ERROR_ITEM, out->bits, count);
	one.size = array->element;
	out->bits = ktap_field_integer(&one, raw + array->offset + (u32)out->bits * one.size);
	return 0;
}
