// SPDX-License-Identifier: GPL-2.0-or-later
/* What a program says about itself; its arguments; its end. */
#include "pool.h"

int ktap_refuse(struct ktap_diagnostic *d, int error, const char *format, ...)
{
	va_list arguments;

	va_start(arguments, format);
	ktap_vsnprintf(d->text, sizeof(d->text), format, arguments);
	va_end(arguments);
	d->error = error;
	return error;
}

void ktap_program_free(struct ktap_program *p)
{
	if (!p)
		return;
	ktap_pool_free(p->pool);
	ktap_free(p->arguments);
	ktap_free(p);
}

const struct ktap_program_info *ktap_program_info(const struct ktap_program *p)
{
	return &p->info;
}

const struct ktap_probe_info *ktap_program_probe(const struct ktap_program *p, uint32_t index)
{
	return index < p->info.probe_count ? &p->probes[index] : NULL;
}

const struct ktap_field_info *ktap_program_field(const struct ktap_program *p, uint32_t index)
{
	return index < p->info.field_count ? &p->fields[index] : NULL;
}

static const struct ktap_handler *handler_of(const struct ktap_program *p, uint32_t function)
{
	uint32_t n;

	for (n = 0; n < p->info.probe_count; n++)
		if (p->probes[n].function == function)
			return &p->handlers[n];
	return NULL;
}

/* Functions that are no handlers are never attached: for them the answer is the careful one. */
bool ktap_program_uses_field(const struct ktap_program *p, uint32_t function, uint32_t field)
{
	const struct ktap_handler *handler = handler_of(p, function);

	if (field >= p->info.field_count)
		return false;
	return !handler || (handler->fields[field / 8] >> field % 8 & 1);
}

bool ktap_program_captures(const struct ktap_program *p, uint32_t function)
{
	const struct ktap_handler *handler = handler_of(p, function);

	return !handler || handler->captures;
}

uint32_t ktap_program_line(const struct ktap_program *p, uint32_t instruction)
{
	return instruction < p->info.instruction_count ? p->lines[instruction] : 0;
}

size_t ktap_program_memory(const struct ktap_program *p)
{
	return p->size + p->argument_bytes + (p->pool ? sizeof(*p->pool) + p->pool->size : 0);
}

static int check_integer(const struct ktap_program *p, const struct ktap_policy_argument *policy,
			 int64_t value, uint32_t n, struct ktap_diagnostic *d)
{
	uint32_t choice;

	if (value < policy->least || value > policy->most)
		return ktap_refuse(d, -EINVAL, "arg[%u] is %lld, not within %lld .. %lld", n,
				   (long long)value, (long long)policy->least, (long long)policy->most);
	for (choice = 0; choice < policy->choice_count; choice++)
		if (p->integers[policy->first_choice + choice] == value)
			return 0;
	if (policy->choice_count)
		return ktap_refuse(d, -EINVAL, "arg[%u] is none of the allowed numbers", n);
	return 0;
}

static int check_text(const struct ktap_program *p, const struct ktap_policy_argument *policy,
		      const struct ktap_argument *argument, uint32_t n, struct ktap_diagnostic *d)
{
	uint32_t choice;

	for (choice = 0; choice < policy->choice_count; choice++) {
		const struct ktap_string *allowed = p->strings[policy->first_choice + choice];

		if (allowed->length == argument->length &&
		    !memcmp(allowed->bytes, argument->bytes, argument->length))
			return 0;
	}
	if (policy->choice_count)
		return ktap_refuse(d, -EINVAL, "arg[%u] is none of the allowed texts", n);
	return 0;
}

static int check_argument(const struct ktap_program *p, const struct ktap_argument *argument,
			  uint32_t n, struct ktap_diagnostic *d)
{
	const struct ktap_policy_argument *policy = &p->policy_arguments[n];

	if (argument->kind != KTAP_KIND_INT && argument->kind != KTAP_KIND_STR)
		return ktap_refuse(d, -EINVAL, "arg[%u] is neither integer nor string", n);
	if (argument->kind == KTAP_KIND_STR && argument->length > p->info.string_limit)
		return ktap_refuse(d, -EINVAL, "arg[%u] is longer than %u bytes", n,
				   p->info.string_limit);
	if (!p->policy_argument_count)
		return 0;
	if (argument->kind != policy->kind)
		return ktap_refuse(d, -EINVAL, "arg[%u] must be of kind %s", n,
				   ktap_kind_name(policy->kind));
	return policy->kind == KTAP_KIND_INT ?
		       check_integer(p, policy, argument->integer, n, d) :
		       check_text(p, policy, argument, n, d);
}

int ktap_program_set_arguments(struct ktap_program *p, const struct ktap_argument *arguments,
			       uint32_t count, bool declared_only, struct ktap_diagnostic *d)
{
	uint32_t declared = p->policy_argument_count, n;
	size_t size = (size_t)count * sizeof(struct ktap_value);
	struct ktap_value *values = NULL;
	uint8_t *block;

	memset(d, 0, sizeof(*d));
	if (declared_only || declared ? count > declared : count > KTAP_MAX_ARGUMENTS)
		return ktap_refuse(d, -EINVAL, "too many arguments: %u, at most %u are allowed", count,
				   declared_only || declared ? declared : KTAP_MAX_ARGUMENTS);
	for (n = 0; n < count; n++) {
		if (check_argument(p, &arguments[n], n, d))
			return d->error;
		if (arguments[n].kind == KTAP_KIND_STR)
			size += ktap_align8((uint32_t)sizeof(struct ktap_string) + arguments[n].length + 1);
	}
	if (count) {
		values = ktap_alloc(size);
		if (!values)
			return ktap_refuse(d, -ENOMEM, "out of memory");
	}
	block = (uint8_t *)(values + count);
	for (n = 0; n < count; n++) {
		values[n].kind = (uint8_t)arguments[n].kind;
		values[n].bits = (uint64_t)arguments[n].integer;
		if (arguments[n].kind == KTAP_KIND_STR) {
			struct ktap_string *string = (struct ktap_string *)block;

			string->length = arguments[n].length;
			memcpy(string->bytes, arguments[n].bytes, string->length);
			values[n].bits = ktap_str_bits(string);
			block += ktap_align8((uint32_t)sizeof(*string) + string->length + 1);
		}
	}
	ktap_free(p->arguments);
	p->arguments = values;
	p->argument_count = count;
	p->argument_bytes = size;
	return 0;
}
