// SPDX-License-Identifier: GPL-2.0-or-later
/* Loading the parts that say what a program is and may: policy, manifest, probes, fields. */
#include "loader.h"

#define F16(p, type, field) ktap_le16((p) + offsetof(struct type, field))
#define F32(p, type, field) ktap_le32((p) + offsetof(struct type, field))
#define F64(p, type, field) ktap_le64((p) + offsetof(struct type, field))

static int within(uint64_t value, uint64_t least, uint64_t most, const char *name,
		  struct ktap_diagnostic *d)
{
	if (value >= least && value <= most)
		return 0;
	return ktap_refuse(d, -ERANGE, "the %s is %llu, not within %llu .. %llu", name,
			   (unsigned long long)value, (unsigned long long)least,
			   (unsigned long long)most);
}

static int load_argument(struct ktap_program *p, uint32_t n, const uint8_t *file,
			 struct ktap_diagnostic *d)
{
	struct ktap_policy_argument *a = &p->policy_arguments[n];
	uint32_t constants;

	a->kind = F32(file, ktap_file_argument, kind);
	a->choice_count = F32(file, ktap_file_argument, choice_count);
	a->least = (int64_t)F64(file, ktap_file_argument, least);
	a->most = (int64_t)F64(file, ktap_file_argument, most);
	a->first_choice = F32(file, ktap_file_argument, first_choice);
	constants = a->kind == KTAP_KIND_INT ? p->integer_count : p->string_count;
	if ((a->kind != KTAP_KIND_INT && a->kind != KTAP_KIND_STR) || a->least > a->most ||
	    (a->choice_count ? a->first_choice > constants ||
				       a->choice_count > constants - a->first_choice :
			       a->first_choice != 0) ||
	    F32(file, ktap_file_argument, reserved))
		return ktap_refuse(d, -EBADMSG, "argument %u of the policy is not well-formed", n);
	return 0;
}

int ktap_load_policy(struct ktap_program *p, const struct ktap_sections *s,
		     struct ktap_diagnostic *d)
{
	const uint8_t *file = s->data[KTAP_SECTION_POLICY];
	struct ktap_program_info *info = &p->info;
	uint32_t n;

	info->capabilities = F32(file, ktap_file_policy, capabilities);
	info->memory = F32(file, ktap_file_policy, memory);
	info->probe_fuel = F32(file, ktap_file_policy, probe_fuel);
	info->key_limit = F32(file, ktap_file_policy, key_limit);
	info->ring = F32(file, ktap_file_policy, ring);
	info->main_fuel = F64(file, ktap_file_policy, main_fuel);
	info->event_rate = F32(file, ktap_file_policy, event_rate);
	if (info->capabilities & ~(uint32_t)KTAP_CAPABILITY_ALL)
		return ktap_refuse(d, -EBADMSG, "the policy declares an unknown capability");
	if (within(info->memory, 0, KTAP_MAX_MEMORY, "memory limit", d) ||
	    within(info->probe_fuel, 1, KTAP_MAX_PROBE_FUEL, "fuel limit of a probe", d) ||
	    within(info->main_fuel, 1, KTAP_MAX_MAIN_FUEL, "fuel limit", d) ||
	    within(info->key_limit, 1, KTAP_MAX_KEY, "key limit", d) ||
	    within(info->ring, 4096, KTAP_MAX_RING, "ring size", d))
		return d->error;
	if (info->ring & (info->ring - 1))
		return ktap_refuse(d, -EBADMSG, "the ring size is not a power of two");
	for (n = 0; n < p->policy_argument_count; n++)
		if (load_argument(p, n, file + sizeof(struct ktap_file_policy) +
						n * sizeof(struct ktap_file_argument), d))
			return d->error;
	return 0;
}

/* Length of the UTF-8 sequence at s, 0 when there is none. Control characters are none. */
static uint32_t utf8_length(const uint8_t *s, uint32_t left)
{
	uint32_t c = s[0], length = c < 0x80 ? 1 : c < 0xe0 ? 2 : c < 0xf0 ? 3 : 4, n;

	if (c < 0x20 || c == 0x7f || (c >= 0x80 && c < 0xc2) || c > 0xf4 || length > left)
		return 0;
	for (n = 1; n < length; n++)
		if ((s[n] & 0xc0) != 0x80)
			return 0;
	/* overlong forms, surrogates, beyond U+10FFFF */
	if ((c == 0xe0 && s[1] < 0xa0) || (c == 0xed && s[1] > 0x9f) ||
	    (c == 0xf0 && s[1] < 0x90) || (c == 0xf4 && s[1] > 0x8f))
		return 0;
	return length;
}

/*
 * Copies a name of least .. most bytes to *texts, which moves on. False when it is not
 * well-formed.
 */
static bool load_text(const struct ktap_sections *s, const uint8_t *reference, uint32_t least,
		      uint32_t most, char **texts, struct ktap_text *text)
{
	uint32_t length, n, step;
	const uint8_t *bytes = ktap_text_bytes(s, reference, &length);

	if (!bytes || length < least || length > most)
		return false;
	for (n = 0; n < length; n += step) {
		step = utf8_length(bytes + n, length - n);
		if (!step)
			return false;
	}
	memcpy(*texts, bytes, length);
	text->bytes = *texts;
	text->length = length;
	*texts += length + 1; /* the memory is zeroed */
	return true;
}

static bool is_identifier(const struct ktap_text *text)
{
	uint32_t n;

	for (n = 0; n < text->length; n++) {
		char c = text->bytes[n];

		if (!((c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
		      c == '.' || c == '_' || c == '-'))
			return false;
	}
	return true;
}

static int load_probe(struct ktap_program *p, uint32_t n, const struct ktap_sections *s,
		      char **texts, struct ktap_diagnostic *d)
{
	const uint8_t *file = s->data[KTAP_SECTION_PROBES] + n * sizeof(struct ktap_file_probe);
	struct ktap_probe_info *probe = &p->probes[n];
	const struct ktap_function *f;
	bool event;

	probe->kind = F32(file, ktap_file_probe, kind);
	probe->function = F32(file, ktap_file_probe, function);
	probe->interval = F64(file, ktap_file_probe, interval);
	probe->line = F32(file, ktap_file_probe, line);
	event = probe->kind == KTAP_PROBE_EVENT;
	if (probe->kind < KTAP_PROBE_MAIN || probe->kind > KTAP_PROBE_TICK ||
	    probe->function >= p->info.function_count || F32(file, ktap_file_probe, reserved) ||
	    (probe->kind == KTAP_PROBE_TICK) != (probe->interval != 0) ||
	    probe->interval > (uint64_t)INT64_MAX ||
	    !load_text(s, file + offsetof(struct ktap_file_probe, event), event, event ? 255 : 0,
		       texts, &probe->event))
		return ktap_refuse(d, -EBADMSG, "probe %u is not well-formed", n);
	if ((probe->kind == KTAP_PROBE_MAIN) != (n == 0))
		return ktap_refuse(d, -EBADMSG, n ? "probe %u is a second entry of top-level code" :
						    "probe %u is not the entry of top-level code", n);
	f = &p->functions[probe->function];
	probe->takes_event = event && f->parameter_count == 1;
	if (f->parameter_count != probe->takes_event ||
	    (probe->takes_event && f->masks[0] != KTAP_MASK_EVENT))
		return ktap_refuse(d, -ENOEXEC, "the function of probe %u has parameters that its kind does not give", n);
	return 0;
}

int ktap_load_names(struct ktap_program *p, const struct ktap_sections *s, char *texts,
		    struct ktap_diagnostic *d)
{
	const uint8_t *file = s->data[KTAP_SECTION_MANIFEST];
	struct ktap_program_info *info = &p->info;
	uint32_t n;

	if (!load_text(s, file, 1, 64, &texts, &info->name) || !is_identifier(&info->name))
		return ktap_refuse(d, -EBADMSG, "the bundle's name is not 1 to 64 letters, digits, '.', '_', '-'");
	if (!load_text(s, file + 8, 0, 64, &texts, &info->version) ||
	    !load_text(s, file + 16, 0, 255, &texts, &info->source_name))
		return ktap_refuse(d, -EBADMSG, "the bundle's version or source name is not well-formed");
	info->sequence = F64(file, ktap_file_manifest, sequence);
	info->not_before = (int64_t)F64(file, ktap_file_manifest, not_before);
	info->not_after = (int64_t)F64(file, ktap_file_manifest, not_after);
	for (n = 0; n < info->field_count; n++) {
		file = s->data[KTAP_SECTION_FIELDS] + n * sizeof(struct ktap_file_field);
		p->fields[n].mask = F16(file, ktap_file_field, mask);
		p->fields[n].shown = F16(file, ktap_file_field, flags) & KTAP_REFERENCE_SHOWN;
		if (!load_text(s, file, 1, 255, &texts, &p->fields[n].name) || !p->fields[n].mask ||
		    p->fields[n].mask & ~(KTAP_MASK_INT | KTAP_MASK_STR) ||
		    F16(file, ktap_file_field, flags) > KTAP_REFERENCE_SHOWN ||
		    (p->fields[n].shown && p->fields[n].mask != (KTAP_MASK_INT | KTAP_MASK_STR)))
			return ktap_refuse(d, -EBADMSG, "field reference %u is not well-formed", n);
	}
	if (!info->probe_count)
		return ktap_refuse(d, -EBADMSG, "the bundle has no top-level code");
	for (n = 0; n < info->probe_count; n++)
		if (load_probe(p, n, s, &texts, d))
			return d->error;
	return 0;
}
