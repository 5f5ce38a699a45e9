// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Fields of function events: what the kernel's own probe events fetch, $argN, $retval, $stackN, $stack,
 * %register, @symbol, as far as it needs the board. Offsets, types and what an address points to is code of the
 * script.
 */
#include <linux/kallsyms.h>
#include <linux/uaccess.h>

#include "compat/registers.h"
#include <ktap/recording.h>
#include "events_functions.h"

#define STACK_WORDS 1024u

static const struct ktap_register registers[] = { KTAP_REGISTERS };
static const u16 argument_registers[] = { KTAP_ARGUMENT_REGISTERS };

/* The number behind a prefix, or -1. */
static int numbered(const char *name, const char *prefix)
{
	u16 number;

	if (!str_has_prefix(name, prefix) || kstrtou16(name + strlen(prefix), 10, &number))
		return -1;
	return number;
}

/* The offset of a register, or -1. */
static int register_offset(const char *name)
{
	int n = numbered(name, registers[0].name);

	if (KTAP_REGISTERS_NUMBERED) {
		if (n >= 0 && n < KTAP_REGISTERS_NUMBERED)
			return registers[0].offset + n * sizeof(long);
	} else if (!strcmp(name, registers[0].name)) {
		return registers[0].offset;
	}
	for (n = 1; n < ARRAY_SIZE(registers); n++)
		if (!strcmp(name, registers[n].name))
			return registers[n].offset;
	return -1;
}

static int complain_register(const char *name, struct ktap_message *m)
{
	char text[160];
	size_t length = 0;
	u32 n;

	for (n = KTAP_REGISTERS_NUMBERED ? 1 : 0; n < ARRAY_SIZE(registers); n++)
		length += scnprintf(text + length, sizeof(text) - length, " %%%s", registers[n].name);
	if (KTAP_REGISTERS_NUMBERED)
		scnprintf(text + length, sizeof(text) - length, " %%%s0 .. %%%s%u",
			  registers[0].name, registers[0].name, KTAP_REGISTERS_NUMBERED - 1);
	return ktap_complain(m, -ENOENT, "this board has no register '%s'; it has%s", name, text);
}

/* "@symbol", "@symbol+8", "@0xffff..." */
static int resolve_symbol(const char *name, struct ktap_function_field *f, struct ktap_message *m)
{
	char symbol[KSYM_NAME_LEN], *offset;
	int error;

	strscpy(symbol, name + 1, sizeof(symbol));
	f->access = KTAP_FUNCTION_SYMBOL;
	if (!kstrtoul(symbol, 0, &f->value))
		return 0;
	offset = strpbrk(symbol, "+-");
	if (offset) {
		f->value = simple_strtol(offset + 1, NULL, 0);
		if (*offset == '-')
			f->value = -f->value;
		*offset = '\0';
	}
	error = 0;
	f->value += ktap_symbol_find(symbol, &error);
	return error == -ENOENT ? ktap_complain(m, error, "this kernel has no symbol '%s'", symbol) :
				  0;
}

/* 0 with access NOTHING: no such field. */
static int find(const char *name, bool entry, bool returns, bool text,
		struct ktap_function_field *f, struct ktap_message *m)
{
	int n;

	f->access = KTAP_FUNCTION_NOTHING;
	n = numbered(name, "$arg") - 1;
	if (n < 0)
		n = ktap_field_position(name);
	if (n >= 0) {
		if (!entry)
			return ktap_complain(m, -EINVAL,
					     "arguments can be told only at the entry of a function and at its return, not inside");
		if (n >= KTAP_FUNCTION_ARGUMENTS)
			return ktap_complain(m, -EINVAL, "arguments are $arg1 .. $arg%u",
					     KTAP_FUNCTION_ARGUMENTS);
		f->access = KTAP_FUNCTION_ARGUMENT;
		f->value = n;
	} else if (!strcmp(name, "$retval") || !strcmp(name, "retval")) {
		if (!returns)
			return ktap_complain(m, -EINVAL,
					     "'%s' is known at the return of a function: write probe:NAME%%return",
					     name);
		f->access = KTAP_FUNCTION_RESULT;
	} else if (numbered(name, "$stack") >= 0) {
		f->access = KTAP_FUNCTION_STACK_WORD;
		f->value = numbered(name, "$stack");
		if (f->value >= STACK_WORDS)
			return ktap_complain(m, -EINVAL, "'%s' is too far away", name);
	} else if (!strcmp(name, "$stack") || !strcmp(name, "%sp")) {
		f->access = KTAP_FUNCTION_STACK;
	} else if (name[0] == '%') {
		n = register_offset(name + 1);
		if (n < 0)
			return complain_register(name + 1, m);
		f->access = KTAP_FUNCTION_REGISTER;
		f->value = n;
	} else if (name[0] == '@') {
		return resolve_symbol(name, f, m);
	} else if (!strcmp(name, "ip")) {
		f->access = text ? KTAP_FUNCTION_IP_NAME : KTAP_FUNCTION_IP;
	} else if (!strcmp(name, "parent_ip")) {
		f->access = text ? KTAP_FUNCTION_PARENT_NAME : KTAP_FUNCTION_PARENT_IP;
	} else if (!strcmp(name, "common_pid")) {
		f->access = KTAP_FUNCTION_PID;
	} else if (!strcmp(name, "fieldnum")) {
		f->access = KTAP_FUNCTION_COUNT;
	} else if (!strcmp(name, "regstr")) {
		f->access = KTAP_FUNCTION_REGISTERS;
	} else if (!strcmp(name, KTAP_FIELD_CALL)) {
		f->access = KTAP_FUNCTION_CALL;
	}
	return 0;
}

/* What the field needs of an event. */
static void note_needs(struct ktap_functions *f, const struct ktap_function_field *field,
		       bool returns)
{
	u32 arguments = 0;

	switch (field->access) {
	case KTAP_FUNCTION_CALL:
		arguments = KTAP_SYSCALL_ARGUMENTS;
		break;
	case KTAP_FUNCTION_ARGUMENT:
		arguments = field->value + 1;
		f->stack |= !returns && field->value >= ARRAY_SIZE(argument_registers);
		break;
	case KTAP_FUNCTION_STACK_WORD:
	case KTAP_FUNCTION_STACK:
		f->stack |= !returns;
		break;
	case KTAP_FUNCTION_REGISTER:
	case KTAP_FUNCTION_REGISTERS:
		break;
	default:
		return;
	}
	if (!arguments || arguments > KTAP_FTRACE_ARGUMENTS)
		f->registers = true;
	if (returns)
		f->arguments = max(f->arguments, arguments);
}

int ktap_function_fields_resolve(struct ktap_events *e, const struct ktap_probe_info *info,
				 bool entry, bool returns, struct ktap_message *m)
{
	struct ktap_functions *f = e->functions;
	const struct ktap_field_info *field;
	u32 n;
	int error;

	if (!f->fields)
		f->fields = kvcalloc(max(e->field_count, 1u), sizeof(*f->fields), GFP_KERNEL);
	if (!f->fields)
		return ktap_complain(m, -ENOMEM, "out of memory");
	for (n = 0; n < e->field_count; n++) {
		bool text;

		if (!ktap_program_uses_field(e->instance->program, info->function, n))
			continue;
		field = ktap_program_field(e->instance->program, n);
		text = !(field->mask & KTAP_MASK_INT);
		error = find(field->name.bytes, entry, returns, text, &f->fields[n], m);
		if (error)
			return error;
		if (f->fields[n].access == KTAP_FUNCTION_NOTHING)
			return ktap_complain(m, -ENOENT,
					     "event '%s' has no field '%s': a function has $arg1 .. $arg%u, $retval, %%register, ip, parent_ip",
					     info->event.bytes, field->name.bytes,
					     KTAP_FUNCTION_ARGUMENTS);
		if (!(field->mask & (f->fields[n].access >= KTAP_FUNCTION_TEXT ? KTAP_MASK_STR :
									 KTAP_MASK_INT)))
			return ktap_complain(m, -EINVAL,
					     "field '%s' of '%s' is %s, but the script uses it as %s",
					     field->name.bytes, info->event.bytes,
					     text ? "an integer" : "a string",
					     text ? "a string" : "an integer");
		note_needs(f, &f->fields[n], returns);
	}
	return 0;
}

/* A word of the kernel's stack, which may end before it. */
static unsigned long stack_word(unsigned long stack, unsigned long n)
{
	unsigned long word;

	return copy_from_kernel_nofault(&word, (const unsigned long *)stack + n, sizeof(word)) ?
		       0 :
		       word;
}

static unsigned long entry_argument(const struct pt_regs *regs, unsigned long stack,
				    unsigned long n)
{
	if (n < ARRAY_SIZE(argument_registers))
		return ktap_register(regs, argument_registers[n]);
	return stack_word(stack, n - ARRAY_SIZE(argument_registers) + KTAP_ARGUMENT_STACK);
}

void ktap_function_keep(const struct ktap_functions *f, const struct pt_regs *regs,
			unsigned long *to)
{
	u32 n;

	for (n = 0; n < f->arguments; n++)
		to[n] = entry_argument(regs, kernel_stack_pointer((struct pt_regs *)regs), n);
}

static unsigned long argument(const struct ktap_hit *hit, unsigned long n)
{
	return hit->class == KTAP_HIT_FUNCTION_RETURN ? hit->arguments[n] :
							entry_argument(hit->regs, kernel_stack_pointer(hit->regs), n);
}

u64 ktap_function_show(struct ktap_events *e, unsigned long value)
{
	return IS_ERR_VALUE(value) ? value : ktap_show(e, value);
}

s64 ktap_function_result(const struct ktap_hit *hit)
{
	unsigned long value = regs_return_value(hit->regs);

	return IS_ERR_VALUE(value) ? (long)value : (long)ktap_show(hit->events, value);
}

u32 ktap_function_name(char *to, unsigned long address)
{
	sprint_symbol_no_offset(to, address);
	return strcspn(to, " ");
}

static u32 name_of(struct ktap_exec *x, struct ktap_hit *hit, unsigned long address,
		   struct ktap_value *out)
{
	char *text = ktap_scratch();

	hit->capture_size = 0; /* what was measured stood in the scratch buffer */
	return ktap_make_string(x, text, min(ktap_function_name(text, address), hit->events->string_limit),
				out);
}

/* "ax: 0x1 bx: 0x2", as many as fit. */
static u32 registers_of(struct ktap_exec *x, struct ktap_hit *hit, struct ktap_value *out)
{
	const size_t size = min(hit->events->string_limit + 1, KTAP_SCRATCH);
	char *text = ktap_scratch();
	size_t length = 0;
	u32 n, number;

	hit->capture_size = 0;
	for (n = 0; n < ARRAY_SIZE(registers); n++)
		for (number = 0; number < (n ? 1 : max(KTAP_REGISTERS_NUMBERED, 1)); number++) {
			length += scnprintf(text + length, size - length, "%s%s",
					    length ? " " : "", registers[n].name);
			if (!n && KTAP_REGISTERS_NUMBERED)
				length += scnprintf(text + length, size - length, "%u", number);
			length += scnprintf(text + length, size - length, ": 0x%llx",
					    ktap_function_show(hit->events,
							       ktap_register(hit->regs,
									     registers[n].offset +
										     number * sizeof(long))));
		}
	return ktap_make_string(x, text, length, out);
}

static u32 call(struct ktap_exec *x, const struct ktap_hit *hit, struct ktap_value *out)
{
	struct ktap_recording_call call = {};
	u32 n;

	if (hit->class == KTAP_HIT_FTRACE)
		return ktap_make_string(x, NULL, 0, out);
	for (n = 0; n < KTAP_SYSCALL_ARGUMENTS; n++)
		call.registers[n] = ktap_function_show(hit->events, argument(hit, n));
	return ktap_make_string(x, (const char *)&call, sizeof(call), out);
}

u32 ktap_function_field(struct ktap_exec *x, struct ktap_hit *hit, u32 field,
			struct ktap_value *out)
{
	const struct ktap_functions *f = hit->events->functions;
	const struct ktap_function_field *access = &f->fields[field];
	unsigned long value;

	out->kind = KTAP_KIND_INT;
	switch (access->access) {
	case KTAP_FUNCTION_ARGUMENT:
		value = argument(hit, access->value);
		break;
	case KTAP_FUNCTION_STACK_WORD:
		value = stack_word(kernel_stack_pointer(hit->regs), access->value);
		break;
	case KTAP_FUNCTION_STACK:
		value = kernel_stack_pointer(hit->regs);
		break;
	case KTAP_FUNCTION_REGISTER:
		value = ktap_register(hit->regs, access->value);
		break;
	case KTAP_FUNCTION_SYMBOL:
		value = access->value;
		break;
	case KTAP_FUNCTION_RESULT:
		out->bits = ktap_function_result(hit);
		return 0;
	case KTAP_FUNCTION_IP:
		value = hit->ip;
		break;
	case KTAP_FUNCTION_PARENT_IP:
		value = hit->parent_ip;
		break;
	case KTAP_FUNCTION_IP_NAME:
		return name_of(x, hit, hit->ip, out);
	case KTAP_FUNCTION_PARENT_NAME:
		return name_of(x, hit, hit->parent_ip, out);
	case KTAP_FUNCTION_PID:
		value = current->pid;
		break;
	case KTAP_FUNCTION_COUNT:
		value = 0;
		break;
	case KTAP_FUNCTION_REGISTERS:
		return registers_of(x, hit, out);
	case KTAP_FUNCTION_CALL:
		return call(x, hit, out);
	default:
		return KTAP_ERROR_FIELD;
	}
	out->bits = ktap_function_show(hit->events, value);
	return 0;
}
