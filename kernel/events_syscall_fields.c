// SPDX-License-Identifier: GPL-2.0-or-later
/* Fields of system-call events: resolved to one byte each when attaching, read by it afterwards. */
#include "compat/syscalls.h"
#include "events_internal.h"

static const char *const common_names[] = { "common_pid", "retval",  "sc_nr",   "sc_is_enter",
					    "sc_arg1",	  "sc_arg2", "sc_arg3", "sc_arg4",
					    "sc_arg5",	  "sc_arg6" };

/* Names that mean the same for every system call, or NOTHING. */
static u8 common_access(const char *name)
{
	if (!strcmp(name, "common_pid"))
		return KTAP_SYSCALL_PID;
	if (!strcmp(name, "sc_nr"))
		return KTAP_SYSCALL_NUMBER;
	if (!strcmp(name, "sc_is_enter"))
		return KTAP_SYSCALL_IS_ENTER;
	if (!strcmp(name, "fieldnum"))
		return KTAP_SYSCALL_COUNT;
	if (!strcmp(name, "retval"))
		return KTAP_SYSCALL_RESULT;
	if (str_has_prefix(name, "sc_arg") && name[6] >= '1' && name[6] <= '6' && !name[7])
		return KTAP_SYSCALL_SLOT + (name[6] - '1');
	if (!strcmp(name, KTAP_FIELD_CALL))
		return KTAP_SYSCALL_CALL;
	return KTAP_SYSCALL_NOTHING;
}

/* The argument of that name, or at that position, of a call; NOTHING when it has none. */
static u8 argument_access(u32 slot, const char *name, int position, bool shown)
{
	const struct ktap_syscall *call = ktap_syscall_get(slot);
	unsigned int count = call ? call->argument_count : KTAP_SYSCALL_ARGUMENTS, n;

	for (n = 0; n < count; n++) {
		if (position >= 0 ? n != position : !call || strcmp(call->arguments[n], name))
			continue;
		if (call && call->types[n].text)
			return KTAP_SYSCALL_TEXT + n;
		if (shown && call && (call->types[n].pointer ||
				      (call->types[n].size == 8 && !call->types[n].is_signed)))
			return KTAP_SYSCALL_PRINTED + n;
		return KTAP_SYSCALL_VALUE + n;
	}
	return KTAP_SYSCALL_NOTHING;
}

/* Fits the access's kind into the mask? Complains when not. */
static int check_kind(struct ktap_events *e, u32 field, u8 access, const char *prefix,
		      const char *event, struct ktap_message *m)
{
	const struct ktap_field_info *info = ktap_program_field(e->instance->program, field);
	bool text = (access >= KTAP_SYSCALL_TEXT && access < KTAP_SYSCALL_BY_NUMBER) ||
		    access == KTAP_SYSCALL_CALL;

	if (info->mask & (text ? KTAP_MASK_STR : KTAP_MASK_INT))
		return 0;
	return ktap_complain(m, -EINVAL,
			     "field '%s' of '%s%s' is %s, but the script uses it as %s",
			     info->name.bytes, prefix, event, text ? "a string" : "an integer",
			     text ? "an integer" : "a string");
}

/* Resolves a reference for the slots of one direction. */
static int resolve_slots(struct ktap_events *e, u32 field, const unsigned long *slots, bool exit,
			 u8 **by_slot, bool *found, struct ktap_message *m)
{
	const struct ktap_field_info *info = ktap_program_field(e->instance->program, field);
	const char *name = info->name.bytes;
	int position = ktap_field_position(name), error = 0;
	char event[KTAP_EVENT_NAME];
	u32 slot;

	for_each_set_bit(slot, slots, KTAP_SLOTS) {
		u8 access;

		if (exit && (position == 0 || !strcmp(name, "ret")))
			access = KTAP_SYSCALL_RESULT;
		else if (exit && position >= 0)
			access = KTAP_SYSCALL_NOTHING;
		else
			access = argument_access(slot, name, position, info->shown);
		if (access == KTAP_SYSCALL_NOTHING)
			continue;
		error = check_kind(e, field, access,
				   exit ? "syscalls:sys_exit_" : "syscalls:sys_enter_",
				   ktap_syscall_name(slot, event), m);
		if (error)
			return error;
		if (!*by_slot)
			*by_slot = kzalloc(KTAP_SLOTS, GFP_KERNEL);
		if (!*by_slot)
			return ktap_complain(m, -ENOMEM, "out of memory");
		(*by_slot)[slot] = access;
		*found = true;
	}
	return 0;
}

/* Resolves a reference for raw_syscalls:sys_enter or :sys_exit. */
static int resolve_raw(struct ktap_events *e, u32 field, bool exit, u8 *to, bool *found,
		       struct ktap_message *m)
{
	const char *name = ktap_program_field(e->instance->program, field)->name.bytes;
	char base[KTAP_EVENT_NAME];
	int element = ktap_field_element(name, base);
	int position = ktap_field_position(element < 0 ? name : base);
	const char *event = exit ? "sys_exit" : "sys_enter";

	if (!exit && element >= 0 && (position == 1 || !strcmp(base, "args"))) {
		if (element >= KTAP_SYSCALL_ARGUMENTS && element != KTAP_ELEMENT_ANY)
			return ktap_complain(m, -EINVAL,
					     "field 'args' of 'raw_syscalls:%s' has %u elements, from 0 on",
					     event, KTAP_SYSCALL_ARGUMENTS);
		*to = element == KTAP_ELEMENT_ANY ? KTAP_SYSCALL_ITEM : KTAP_SYSCALL_SLOT + element;
		*found = true;
		return check_kind(e, field, *to, "raw_syscalls:", event, m);
	}
	if (element >= 0)
		return 0;
	if (position == 0 || !strcmp(name, "id"))
		*to = KTAP_SYSCALL_NUMBER;
	else if (exit && (position == 1 || !strcmp(name, "ret")))
		*to = KTAP_SYSCALL_RESULT;
	else if (!exit && (position == 1 || !strcmp(name, "args")))
		return ktap_complain(m, -EINVAL,
				     "field '%s' of 'raw_syscalls:%s' is an array; a script reads its elements",
				     name, event);
	else
		return 0;
	*found = true;
	return check_kind(e, field, *to, "raw_syscalls:", event, m);
}

int ktap_syscall_field_resolve(struct ktap_events *e, u32 field,
			       const struct ktap_syscall_probe *p, bool *found,
			       struct ktap_message *m)
{
	const char *name = ktap_program_field(e->instance->program, field)->name.bytes;
	bool enter = !bitmap_empty(p->enter, KTAP_SLOTS), exit = !bitmap_empty(p->exit, KTAP_SLOTS);
	u8 common = common_access(name);
	struct ktap_syscall_field *f;
	int error = 0;

	if (!enter && !exit && !p->raw_enter && !p->raw_exit)
		return 0;
	if (!e->syscall_fields) {
		e->syscall_fields = kvcalloc(e->field_count, sizeof(*f), GFP_KERNEL);
		if (!e->syscall_fields)
			return ktap_complain(m, -ENOMEM, "out of memory");
	}
	f = &e->syscall_fields[field];
	if (common != KTAP_SYSCALL_NOTHING) {
		*found = true;
		f->enter = f->exit = f->raw_enter = f->raw_exit = common;
		return check_kind(e, field, common, "syscalls:", "*", m);
	}
	if (enter) {
		f->enter = KTAP_SYSCALL_BY_NUMBER;
		error = resolve_slots(e, field, p->enter, false, &f->enter_by_slot, found, m);
	}
	if (exit && !error) {
		f->exit = KTAP_SYSCALL_BY_NUMBER;
		error = resolve_slots(e, field, p->exit, true, &f->exit_by_slot, found, m);
	}
	if (p->raw_enter && !error)
		error = resolve_raw(e, field, false, &f->raw_enter, found, m);
	if (p->raw_exit && !error)
		error = resolve_raw(e, field, true, &f->raw_exit, found, m);
	return error;
}

void ktap_syscall_field_suggest(const struct ktap_syscall_probe *p, struct ktap_suggestion *s)
{
	const struct ktap_syscall *call;
	unsigned int n;
	u32 slot;

	for (n = 0; n < ARRAY_SIZE(common_names); n++)
		ktap_suggestion_offer(s, common_names[n]);
	for (slot = 0; slot < KTAP_SYSCALLS; slot++) {
		call = ktap_syscall_get(slot);
		if (!call || !(test_bit(slot, p->enter) || test_bit(slot, p->exit)))
			continue;
		for (n = 0; n < call->argument_count; n++)
			ktap_suggestion_offer(s, call->arguments[n]);
	}
}

void ktap_syscall_fields_free(struct ktap_events *e)
{
	u32 field;

	for (field = 0; e->syscall_fields && field < e->field_count; field++) {
		kfree(e->syscall_fields[field].enter_by_slot);
		kfree(e->syscall_fields[field].exit_by_slot);
	}
	kvfree(e->syscall_fields);
}

void ktap_syscall_arguments(const struct ktap_hit *hit,
			    unsigned long arguments[KTAP_SYSCALL_ARGUMENTS])
{
	syscall_get_arguments(current, hit->regs, arguments);
}

s64 ktap_syscall_value(const struct ktap_syscall *call, unsigned int n, unsigned long argument)
{
	const struct ktap_type *type;

	if (!call || n >= call->argument_count)
		return argument;
	type = &call->types[n];
	switch (type->size) {
	case 1:
		return type->is_signed ? (s64)(s8)argument : (s64)(u8)argument;
	case 2:
		return type->is_signed ? (s64)(s16)argument : (s64)(u16)argument;
	case 4:
		return type->is_signed ? (s64)(s32)argument : (s64)(u32)argument;
	default:
		return type->is_signed ? (s64)(long)argument : (s64)argument;
	}
}

long ktap_syscall_text(const struct ktap_syscall *call, unsigned int n,
		       const unsigned long arguments[KTAP_SYSCALL_ARGUMENTS], char *to,
		       size_t limit)
{
	if (call->types[n].bounded)
		limit = min_t(size_t, limit, arguments[n + 1]);
	return ktap_user_string(to, arguments[n], limit);
}

static u8 access_of(const struct ktap_hit *hit, u32 field)
{
	const struct ktap_syscall_field *f = &hit->events->syscall_fields[field];
	const u8 *by_slot;
	u8 access;

	switch (hit->class) {
	case KTAP_HIT_ENTER:
		access = f->enter;
		by_slot = f->enter_by_slot;
		break;
	case KTAP_HIT_EXIT:
		access = f->exit;
		by_slot = f->exit_by_slot;
		break;
	case KTAP_HIT_RAW_ENTER:
		return f->raw_enter;
	default:
		return f->raw_exit;
	}
	if (access != KTAP_SYSCALL_BY_NUMBER)
		return access;
	return by_slot ? by_slot[hit->slot] : KTAP_SYSCALL_NOTHING;
}

static u32 text_field(struct ktap_exec *x, struct ktap_hit *hit, unsigned int n,
		      struct ktap_value *out)
{
	unsigned long arguments[KTAP_SYSCALL_ARGUMENTS];
	char *scratch = ktap_scratch();
	long length;

	hit->capture_size = 0; /* what was measured stood in the scratch buffer */
	ktap_syscall_arguments(hit, arguments);
	length = ktap_syscall_text(ktap_syscall_get(hit->slot), n, arguments, scratch,
				   min(hit->events->string_limit, KTAP_SCRATCH));
	/* Of the same kind when it cannot be read: a script must not end because of that. */
	return ktap_make_string(x, scratch, max(length, 0L), out);
}

static u32 printed_argument(struct ktap_exec *x, struct ktap_hit *hit, unsigned int n,
			  struct ktap_value *out)
{
	const struct ktap_syscall *call = ktap_syscall_get(hit->slot);
	unsigned long arguments[KTAP_SYSCALL_ARGUMENTS];

	ktap_syscall_arguments(hit, arguments);
	return ktap_print_integer(x, ktap_syscall_value(call, n, arguments[n]),
				 call && call->types[n].pointer, out);
}

/* How many fields of its own the event has. */
static u32 field_count(const struct ktap_hit *hit)
{
	const struct ktap_syscall *call;

	switch (hit->class) {
	case KTAP_HIT_ENTER:
		call = ktap_syscall_get(hit->slot);
		return call ? call->argument_count : KTAP_SYSCALL_ARGUMENTS;
	case KTAP_HIT_EXIT:
		return 1;
	default:
		return 2; /* raw_syscalls: number and arguments, number and result */
	}
}

u32 ktap_syscall_field(struct ktap_exec *x, struct ktap_hit *hit, u32 field, struct ktap_value *out)
{
	unsigned long arguments[KTAP_SYSCALL_ARGUMENTS];
	bool enter = hit->class == KTAP_HIT_ENTER || hit->class == KTAP_HIT_RAW_ENTER;
	u8 access;

	if (!hit->events->syscall_fields)
		return KTAP_ERROR_FIELD;
	access = access_of(hit, field);
	if (access >= KTAP_SYSCALL_PRINTED)
		return printed_argument(x, hit, access - KTAP_SYSCALL_PRINTED, out);
	if (access >= KTAP_SYSCALL_TEXT)
		return text_field(x, hit, access - KTAP_SYSCALL_TEXT, out);
	out->kind = KTAP_KIND_INT;
	switch (access) {
	case KTAP_SYSCALL_NOTHING:
		return KTAP_ERROR_FIELD;
	case KTAP_SYSCALL_PID:
		out->bits = current->pid;
		return 0;
	case KTAP_SYSCALL_NUMBER:
		out->bits = (s64)hit->number;
		return 0;
	case KTAP_SYSCALL_IS_ENTER:
		out->bits = enter;
		return 0;
	case KTAP_SYSCALL_RESULT:
		out->bits = (s64)hit->result;
		return 0;
	case KTAP_SYSCALL_CALL:
		return ktap_syscall_call(x, hit, out);
	case KTAP_SYSCALL_COUNT:
		out->bits = field_count(hit);
		return 0;
	}
	ktap_syscall_arguments(hit, arguments);
	if (access == KTAP_SYSCALL_ITEM) {
		if (out->bits >= KTAP_SYSCALL_ARGUMENTS)
			return ktap_exec_fail(x, KTAP_ERROR_ITEM, out->bits, KTAP_SYSCALL_ARGUMENTS);
		out->bits = arguments[out->bits];
		return 0;
	}
	if (access >= KTAP_SYSCALL_VALUE)
		out->bits = ktap_syscall_value(ktap_syscall_get(hit->slot),
					       access - KTAP_SYSCALL_VALUE,
					       arguments[access - KTAP_SYSCALL_VALUE]);
	else
		out->bits = arguments[access - KTAP_SYSCALL_SLOT];
	return 0;
}
