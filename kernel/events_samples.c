// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * What is sampled on every CPU, whatever runs there: profile-N and the counters of perf. Here is what
 * they have in common: their list, their fields, their stacks.
 */
#include <linux/cpuhotplug.h>
#include <linux/ptrace.h>

#include "events_internal.h"

/* Tells of CPUs that come and go; each sampler is an instance of it. */
static int cpu_state;

static const struct {
	const char *name;
	u32 flags;
} own_fields[KTAP_SAMPLE_FIELDS] = {
	{ "ip", KTAP_FIELD_HEX },
	{ "period", 0 },
	{ "addr", KTAP_FIELD_HEX },
	{ "user", KTAP_FIELD_BOOL },
};

const char *ktap_sample_field_name(u32 n, u32 *flags)
{
	*flags = own_fields[n].flags;
	return own_fields[n].name;
}

/* What a name is, as ktap_events.sample_access keeps it. */
static u8 access_of(const char *name)
{
	int position = ktap_field_position(name);
	u8 n;

	if (!strcmp(name, "common_pid"))
		return KTAP_ACCESS_PID;
	if (!strcmp(name, KTAP_FIELD_CALL))
		return KTAP_ACCESS_CALL;
	if (!strcmp(name, "fieldnum"))
		return KTAP_ACCESS_COUNT;
	for (n = 0; n < KTAP_SAMPLE_FIELDS; n++)
		if (position >= 0 ? n == position : !strcmp(own_fields[n].name, name))
			return n;
	return KTAP_ACCESS_NONE;
}

static int complain_no_field(const char *spec, const char *name, struct ktap_message *m)
{
	struct ktap_suggestion suggestion;
	char text[2 * KTAP_EVENT_NAME + 32];
	u32 n;

	if (name[0] == '#')
		return ktap_complain(m, -ENOENT, "event '%s' has no field number %s, counted from 0",
				     spec, name + 1);
	ktap_suggestion_init(&suggestion, name);
	for (n = 0; n < KTAP_SAMPLE_FIELDS; n++)
		ktap_suggestion_offer(&suggestion, own_fields[n].name);
	return ktap_complain(m, -ENOENT, "event '%s' has no field '%s'%s", spec, name,
			     ktap_suggestion_text(&suggestion, text, sizeof(text)));
}

static int resolve_fields(struct ktap_events *e, const struct ktap_probe_info *info,
			  struct ktap_message *m)
{
	const struct ktap_program *program = e->instance->program;
	u32 field;

	if (!e->sample_access && e->field_count) {
		e->sample_access = kvmalloc(e->field_count, GFP_KERNEL);
		if (!e->sample_access)
			return ktap_complain(m, -ENOMEM, "out of memory");
		memset(e->sample_access, KTAP_ACCESS_NONE, e->field_count);
	}
	for (field = 0; field < e->field_count; field++) {
		const struct ktap_field_info *wanted = ktap_program_field(program, field);
		bool text;

		if (!ktap_program_uses_field(program, info->function, field))
			continue;
		e->sample_access[field] = access_of(wanted->name.bytes);
		if (e->sample_access[field] == KTAP_ACCESS_NONE)
			return complain_no_field(info->event.bytes, wanted->name.bytes, m);
		text = e->sample_access[field] == KTAP_ACCESS_CALL;
		if (!(wanted->mask & (text ? KTAP_MASK_STR : KTAP_MASK_INT)))
			return ktap_complain(m, -EINVAL,
					     "field '%s' of '%s' is %s, but the script uses it as %s",
					     wanted->name.bytes, info->event.bytes,
					     text ? "a string" : "an integer",
					     text ? "an integer" : "a string");
	}
	return 0;
}

bool ktap_samples_named(const char *spec)
{
	return !strncmp(spec, "profile-", 8) || !strncmp(spec, "perf:", 5);
}

int ktap_samples_match(struct ktap_events *e, const struct ktap_probe_info *info,
		       struct ktap_message *m)
{
	struct ktap_sampler *s;
	int error;

	if (!e->samplers)
		e->samplers = kvcalloc(e->instance->info->probe_count, sizeof(*e->samplers),
				       GFP_KERNEL);
	s = e->samplers ? kzalloc(sizeof(*s), GFP_KERNEL) : NULL;
	if (!s)
		return ktap_complain(m, -ENOMEM, "out of memory");
	s->events = e;
	s->function = info->function;
	s->index = e->sampler_count;
	e->samplers[e->sampler_count++] = s;
	error = info->event.bytes[1] == 'r' ? ktap_profile_parse(s, info->event.bytes, m) :
					      ktap_counter_parse(s, info->event.bytes, m);
	return error ?: resolve_fields(e, info, m) ?: 1;
}

static int cpu_comes(unsigned int cpu, struct hlist_node *node)
{
	struct ktap_sampler *s = hlist_entry(node, struct ktap_sampler, node);

	if (s->class == KTAP_HIT_PROFILE)
		ktap_profile_cpu_comes(s, cpu);
	else
		ktap_counter_cpu_comes(s, cpu);
	return 0;
}

static int cpu_goes(unsigned int cpu, struct hlist_node *node)
{
	struct ktap_sampler *s = hlist_entry(node, struct ktap_sampler, node);

	if (s->class == KTAP_HIT_PROFILE)
		ktap_profile_cpu_goes(s, cpu);
	return 0;
}

static int register_sampler(struct ktap_sampler *s, struct ktap_message *m)
{
	int error = s->class == KTAP_HIT_PROFILE ? ktap_profile_register(s, m) :
						   ktap_counter_register(s, m);

	if (error)
		return error;
	error = cpuhp_state_add_instance(cpu_state, &s->node);
	WRITE_ONCE(s->active, !error);
	return error ? ktap_complain(m, error, "cannot sample on all CPUs: error %d", -error) : 0;
}

int ktap_samples_register(struct ktap_events *e, struct ktap_message *m)
{
	int error = 0;
	u32 n;

	for (n = 0; n < e->sampler_count && !error; n++)
		error = register_sampler(e->samplers[n], m);
	return error;
}

void ktap_samples_unregister(struct ktap_events *e)
{
	u32 n;

	for (n = 0; n < e->sampler_count; n++) {
		struct ktap_sampler *s = e->samplers[n];

		if (s->active)
			cpuhp_state_remove_instance(cpu_state, &s->node);
		WRITE_ONCE(s->active, false);
		ktap_counter_unregister(s);
	}
}

void ktap_samples_free(struct ktap_events *e)
{
	u32 n;

	for (n = 0; n < e->sampler_count; n++) {
		ktap_profile_free(e->samplers[n]);
		ktap_counter_free(e->samplers[n]);
		kfree(e->samplers[n]);
	}
	kvfree(e->samplers);
	kvfree(e->sample_access);
}

int ktap_samples_init(void)
{
	cpu_state = cpuhp_setup_state_multi(CPUHP_AP_ONLINE_DYN, "ktap:online", cpu_comes, cpu_goes);
	return cpu_state < 0 ? cpu_state : 0;
}

void ktap_samples_exit(void)
{
	cpuhp_remove_multi_state(cpu_state);
}

void ktap_sample_deliver(const struct ktap_sampler *s, struct pt_regs *regs,
			 const struct ktap_sample *sample)
{
	struct ktap_hit hit KTAP_UNINITIALIZED;

	hit.events = s->events;
	hit.class = s->class;
	hit.sampler = s;
	hit.sample = sample;
	hit.regs = regs;
	hit.capture_size = 0;
	ktap_instance_hit(s->events->instance, s->function, &hit.event);
}

void ktap_sample_values(const struct ktap_hit *hit, u64 values[KTAP_SAMPLE_FIELDS])
{
	values[0] = ktap_hide(hit->events, hit->sample->ip);
	values[1] = hit->sample->period;
	values[2] = ktap_hide(hit->events, hit->sample->address);
	values[3] = hit->sample->user;
}

u32 ktap_sample_field(struct ktap_exec *x, struct ktap_hit *hit, u32 field,
		      struct ktap_value *out)
{
	out->kind = KTAP_KIND_INT;
	switch (hit->events->sample_access[field]) {
	case 0:
		out->bits = ktap_show(hit->events, hit->sample->ip);
		return 0;
	case 1:
		out->bits = hit->sample->period;
		return 0;
	case 2:
		out->bits = ktap_show(hit->events, hit->sample->address);
		return 0;
	case 3:
		out->bits = hit->sample->user;
		return 0;
	case KTAP_ACCESS_PID:
		out->bits = current->pid;
		return 0;
	case KTAP_ACCESS_CALL:
		return ktap_make_string(x, NULL, 0, out);
	case KTAP_ACCESS_COUNT:
		out->bits = KTAP_SAMPLE_FIELDS;
		return 0;
	default:
		return KTAP_ERROR_FIELD;
	}
}

bool ktap_events_sampled(const struct ktap_event *event, const uint64_t **frames,
			 unsigned int *count, struct pt_regs **regs)
{
	const struct ktap_hit *hit = event ? ktap_hit_of(event) : NULL;

	if (!hit || !ktap_is_sample(hit))
		return false;
	*frames = hit->sample->frames;
	*count = hit->sample->frame_count;
	*regs = hit->regs;
	return true;
}
