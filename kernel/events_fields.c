// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Fields of tracepoints: where they lie in an entry, what kind of value each is, and how it is
 * read. The layout follows from sizes and alignments as the kernel itself computes it when it
 * defines an event.
 */
#include <linux/log2.h>

#include "compat/unaligned.h"

#include "events_internal.h"

/* Bytes of an element of an integer type; 0: none that is known. type: "u8[6]", "int[]". */
static u8 known_size(const char *type)
{
	static const struct {
		const char *name;
		u8 size;
	} types[] = {
		{ "char", 1 },	    { "signed char", 1 },	     { "unsigned char", 1 },
		{ "u8", 1 },	    { "__u8", 1 },		     { "uint8_t", 1 },
		{ "s8", 1 },	    { "bool", 1 },		     { "short", 2 },
		{ "u16", 2 },	    { "__u16", 2 },		     { "uint16_t", 2 },
		{ "s16", 2 },	    { "__be16", 2 },		     { "unsigned short", 2 },
		{ "__le16", 2 },    { "int", 4 },		     { "unsigned int", 4 },
		{ "u32", 4 },	    { "__u32", 4 },		     { "uint32_t", 4 },
		{ "s32", 4 },	    { "__s32", 4 },		     { "__be32", 4 },
		{ "__le32", 4 },    { "u64", 8 },		     { "__u64", 8 },
		{ "uint64_t", 8 },  { "s64", 8 },		     { "__be64", 8 },
		{ "__le64", 8 },    { "long", sizeof(long) },	     { "unsigned long", sizeof(long) },
		{ "size_t", sizeof(long) }, { "long long", 8 },	     { "unsigned long long", 8 },
	};
	size_t length = strcspn(type, "[");
	unsigned int n;

	for (n = 0; n < ARRAY_SIZE(types); n++)
		if (strlen(types[n].name) == length && !strncmp(type, types[n].name, length))
			return types[n].size;
	return 0;
}

static u8 element_size(const char *type, unsigned int align, unsigned int size)
{
	u8 known = known_size(type);

	if (known)
		return known;
	/* The alignment of any other type: an integer's is its size, mostly. */
	if (strchr(type, '[') && align <= 8 && is_power_of_2(align) && size % align == 0)
		return align;
	return 1; /* a structure: bytes */
}

static void lay_out_dynamic(struct ktap_field *f, const char *type, bool relative)
{
	if (!strcmp(type, "char[]")) {
		f->form = relative ? KTAP_FORM_RELATIVE : KTAP_FORM_LOCATED;
		f->flags = KTAP_FIELD_STRING;
		return;
	}
	/* What cannot be read of an array shows its length in bytes, the upper half of the word. */
	f->form = KTAP_FORM_OTHER;
	f->size = 2;
	f->element = 2;
	f->item = known_size(type);
	f->relative = relative;
	f->flags &= KTAP_FIELD_SIGNED;
	f->flags |= KTAP_FIELD_LENGTH;
	if (f->item) {
		f->form = KTAP_FORM_ARRAY;
		f->flags |= KTAP_FIELD_SHOWN;
		f->hidden = f->item == sizeof(long) && !(f->flags & KTAP_FIELD_SIGNED);
	}
	if (!IS_ENABLED(CONFIG_CPU_BIG_ENDIAN))
		f->offset += 2;
}

static void lay_out(struct ktap_field *f, const struct trace_event_fields *from,
		    const struct trace_event_call *call, unsigned int offset)
{
	const char *type = from->type;
	size_t length = strlen(type);

	f->name = from->name;
	f->offset = offset;
	f->size = from->size;
	f->element = from->size;
	f->form = KTAP_FORM_INTEGER;
	f->flags = from->is_signed ? KTAP_FIELD_SIGNED : 0;
	if (str_has_prefix(type, "__data_loc ")) {
		lay_out_dynamic(f, type + strlen("__data_loc "), false);
	} else if (str_has_prefix(type, "__rel_loc ")) {
		lay_out_dynamic(f, type + strlen("__rel_loc "), true);
	} else if (str_has_prefix(type, "char[")) {
		f->form = KTAP_FORM_CHARS;
		f->element = 1;
		f->flags = KTAP_FIELD_CHARS;
	} else if (length && type[length - 1] == '*') {
		f->flags = KTAP_FIELD_HEX;
		if (!strcmp(type, "char *") || !strcmp(type, "const char *")) {
			f->form = KTAP_FORM_POINTED;
			f->flags |= KTAP_FIELD_STRING;
		}
	} else if (strchr(type, '[') || from->size > 8 || !is_power_of_2(from->size)) {
		f->form = KTAP_FORM_OTHER;
		f->element = element_size(type, from->align, from->size);
		f->flags |= KTAP_FIELD_ARRAY;
	} else if (!strcmp(type, "bool")) {
		f->flags = KTAP_FIELD_BOOL;
	} else if (from->size == sizeof(long) && ktap_printed_as_address(call->print_fmt, from->name)) {
		f->flags = KTAP_FIELD_HEX;
	}
}

int ktap_fields_lay_out(struct ktap_tracepoint *t)
{
	const struct trace_event_call *call = t->file->event_call;
	const struct trace_event_fields *from;
	unsigned int offset = sizeof(struct trace_entry), count = 0;
	struct ktap_field *f;

	for (from = call->class->fields_array; from && from->type; from++)
		if (from->type != TRACE_FUNCTION_TYPE)
			count++;
		else
			return -EOPNOTSUPP;
	if (count > KTAP_MAX_OWN_FIELDS)
		return -EOPNOTSUPP;
	t->fixed_size = offset;
	t->fields = kvcalloc(count, sizeof(*f), GFP_KERNEL);
	if (!t->fields && count)
		return -ENOMEM;
	for (from = call->class->fields_array; from && from->type; from++) {
		f = &t->fields[t->field_count++];
		offset = ALIGN(offset, max(from->align, 1));
		lay_out(f, from, call, offset);
		offset += from->size;
		t->fixed_size = offset;
		if (offset > PERF_MAX_TRACE_SIZE)
			return -EOPNOTSUPP;
		if (!(f->flags & (KTAP_FIELD_STRING | KTAP_FIELD_SHOWN)))
			continue;
		if (t->shown < KTAP_EVENT_STRINGS)
			t->shown++;
		else
			f->flags &= ~(KTAP_FIELD_STRING | KTAP_FIELD_SHOWN);
	}
	return 0;
}

int ktap_field_position(const char *name)
{
	u8 position;

	if (name[0] != '#' || kstrtou8(name + 1, 10, &position))
		return -1;
	return position;
}

int ktap_field_resolve(struct ktap_events *e, struct ktap_tracepoint *t, u32 field, bool *found,
		       struct ktap_message *m)
{
	const struct ktap_field_info *info = ktap_program_field(e->instance->program, field);
	char base[KTAP_EVENT_NAME];
	int element = ktap_field_element(info->name.bytes, base);
	const char *name = element < 0 ? info->name.bytes : base;
	int position = ktap_field_position(name), index;
	bool text = false;
	u32 n;

	if (!t->access) {
		t->access = kvmalloc(e->field_count, GFP_KERNEL);
		if (!t->access)
			return ktap_complain(m, -ENOMEM, "out of memory");
		memset(t->access, KTAP_ACCESS_NONE, e->field_count);
	}
	if (!strcmp(info->name.bytes, "common_pid")) {
		t->access[field] = KTAP_ACCESS_PID;
	} else if (!strcmp(info->name.bytes, KTAP_FIELD_CALL)) {
		t->access[field] = KTAP_ACCESS_CALL;
		text = true;
	} else {
		for (n = 0; n < t->field_count; n++)
			if (position >= 0 ? n == position : !strcmp(t->fields[n].name, name))
				break;
		if (n == t->field_count && !strcmp(name, "fieldnum"))
			n = KTAP_ACCESS_COUNT;
		else if (n == t->field_count)
			return 0;
		if (n < t->field_count && element >= 0) {
			index = ktap_element_add(t, n, element);
			if (index == -EINVAL)
				return ktap_complain(m, -EINVAL,
						     "field '%s' of '%s:%s' is no array of integers",
						     t->fields[n].name, t->system, t->name);
			if (index == -ERANGE)
				return ktap_complain(m, -EINVAL,
						     "field '%s' of '%s:%s' has %u elements, from 0 on",
						     t->fields[n].name, t->system, t->name,
						     t->fields[n].size / t->fields[n].element);
			if (index < 0)
				return ktap_complain(m, index, "too many fields");
			n = index;
		} else if (n < t->field_count && (t->fields[n].form == KTAP_FORM_OTHER ||
						t->fields[n].form == KTAP_FORM_ARRAY))
			return ktap_complain(m, -EINVAL,
					     "field '%s' of '%s:%s' is an array; a script reads its elements",
					     t->fields[n].name, t->system, t->name);
		if (n < t->field_count && info->shown) {
			index = ktap_printed_add(t, n);
			if (index < 0)
				return ktap_complain(m, index, "too many fields");
			n = index;
		}
		text = n != KTAP_ACCESS_COUNT && ktap_form_is_text(t->fields[n].form);
		t->access[field] = n;
	}
	*found = true;
	if (info->mask & (text ? KTAP_MASK_STR : KTAP_MASK_INT))
		return 0;
	return ktap_complain(m, -EINVAL, "field '%s' of '%s:%s' is %s, but the script uses it as %s",
			     info->name.bytes, t->system, t->name,
			     text ? "a string" : "an integer", text ? "an integer" : "a string");
}

void ktap_field_suggest(const struct ktap_tracepoint *t, struct ktap_suggestion *s)
{
	u32 n;

	ktap_suggestion_offer(s, "common_pid");
	for (n = 0; n < t->field_count; n++)
		ktap_suggestion_offer(s, t->fields[n].name);
}

s64 ktap_field_integer(const struct ktap_field *f, const void *at)
{
	bool is_signed = f->flags & KTAP_FIELD_SIGNED;

	switch (f->size) {
	case 1:
		return is_signed ? (s64) * (const s8 *)at : (s64) * (const u8 *)at;
	case 2:
		return is_signed ? (s64)(s16)get_unaligned((const u16 *)at) :
				   (s64)get_unaligned((const u16 *)at);
	case 4:
		return is_signed ? (s64)(s32)get_unaligned((const u32 *)at) :
				   (s64)get_unaligned((const u32 *)at);
	default:
		return get_unaligned((const u64 *)at);
	}
}

long ktap_field_text(const struct ktap_field *f, const void *raw, u32 raw_size, char *scratch,
		     u32 limit, const char **bytes)
{
	u32 offset = f->offset, size = f->size, word;
	unsigned long address;

	switch (f->form) {
	case KTAP_FORM_POINTED:
		address = get_unaligned((const unsigned long *)(raw + f->offset));
		*bytes = scratch;
		return ktap_kernel_string(scratch, (const void *)address, limit + 1);
	case KTAP_FORM_LOCATED:
	case KTAP_FORM_RELATIVE:
		word = get_unaligned((const u32 *)(raw + f->offset));
		offset = word & 0xffff;
		size = word >> 16;
		if (f->form == KTAP_FORM_RELATIVE)
			offset += f->offset + sizeof(word);
		break;
	}
	if (offset > raw_size || size > raw_size - offset)
		return -EFAULT;
	*bytes = raw + offset;
	return strnlen(*bytes, min(size, limit));
}

u32 ktap_make_string(struct ktap_exec *x, const char *bytes, u32 length, struct ktap_value *out)
{
	struct ktap_string *string;

	out->kind = KTAP_KIND_STR;
	out->bits = 0;
	if (!length)
		return 0;
	string = ktap_exec_string(x, length);
	if (!string)
		return KTAP_ERROR_ARENA;
	memcpy(string->bytes, bytes, length);
	out->bits = (unsigned long)string;
	return 0;
}

u32 ktap_tracepoint_field(struct ktap_exec *x, struct ktap_hit *hit, u32 field,
			  struct ktap_value *out)
{
	struct ktap_events *e = hit->events;
	const struct ktap_tracepoint *t = hit->tracepoint;
	u8 access = t->access ? t->access[field] : KTAP_ACCESS_NONE;
	const struct ktap_field *f;
	const char *bytes = NULL;
	long length;

	out->kind = KTAP_KIND_INT;
	if (access == KTAP_ACCESS_NONE)
		return KTAP_ERROR_FIELD;
	if (access == KTAP_ACCESS_PID) {
		out->bits = current->pid;
		return 0;
	}
	if (access == KTAP_ACCESS_CALL)
		return ktap_make_string(x, NULL, 0, out);
	if (access == KTAP_ACCESS_COUNT) {
		out->bits = t->field_count;
		return 0;
	}
	f = &t->fields[access];
	if (unlikely(f->offset + f->size > hit->raw_size))
		return KTAP_ERROR_FIELD;
	if (f->flags & KTAP_FIELD_ARRAY)
		return ktap_element_read(x, f, hit->raw, out);
	if (f->form == KTAP_FORM_ITEM)
		return ktap_array_read(x, e, f, hit, out);
	if (!ktap_form_is_text(f->form)) {
		out->bits = ktap_field_integer(f, hit->raw + f->offset);
		if (f->flags & KTAP_FIELD_HEX)
			out->bits = ktap_show(e, out->bits);
		if (f->form == KTAP_FORM_PRINTED)
			return ktap_print_integer(x, out->bits, f->flags & KTAP_FIELD_HEX, out);
		return 0;
	}
	hit->capture_size = 0; /* what was measured stood in the scratch buffer */
	length = ktap_field_text(f, hit->raw, hit->raw_size, ktap_scratch(),
				 min(e->string_limit, KTAP_SCRATCH - 1), &bytes);
	/* Of the same kind when it cannot be read: a script must not end because of that. */
	return ktap_make_string(x, bytes, max(length, 0L), out);
}
