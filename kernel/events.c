// SPDX-License-Identifier: GPL-2.0-or-later
/* Attaching a program to its events, and letting them go. */
#include <linux/random.h>

#include "events_internal.h"

int ktap_complain(struct ktap_message *m, int error, const char *format, ...)
{
	va_list args;

	va_start(args, format);
	vsnprintf(m->text, m->size, format, args);
	va_end(args);
	return error;
}

struct find {
	const char *name;
	struct tracepoint *found;
};

static void visit_tracepoint(struct tracepoint *tp, void *context)
{
	struct find *find = context;

	if (!strcmp(tp->name, find->name))
		find->found = tp;
}

struct tracepoint *ktap_find_tracepoint(const char *name)
{
	struct find find = { .name = name };

	for_each_kernel_tracepoint(visit_tracepoint, &find);
	return find.found;
}

/* All but tracepoints and system calls, which have the text SYSTEM:EVENT. */
static const struct ktap_source *const sources[] = { &ktap_functions_source };

int __init ktap_events_init(void)
{
	int error = ktap_scratch_init();

	if (!error)
		error = ktap_raw_init();
	if (!error)
		error = ktap_syscalls_init();
	if (!error)
		error = ktap_samples_init();
	if (error)
		goto scratch;
	error = ktap_functions_init();
	if (!error)
		return 0;
	ktap_samples_exit();
scratch:
	ktap_syscalls_exit();
	ktap_scratch_exit();
	return error;
}

void ktap_events_exit(void)
{
	ktap_functions_exit();
	ktap_samples_exit();
	ktap_tracepoints_exit();
	ktap_syscalls_exit();
	ktap_scratch_exit();
}

static int visit_suggestion(const struct ktap_call_name *found, void *suggestion)
{
	char name[2 * KTAP_EVENT_NAME];

	snprintf(name, sizeof(name), "%s:%s", found->system, found->name);
	ktap_suggestion_offer(suggestion, name);
	return 0;
}

static int complain_no_event(const char *spec, struct ktap_message *m)
{
	struct ktap_suggestion suggestion;
	char text[2 * KTAP_EVENT_NAME + 32];

	ktap_suggestion_init(&suggestion, spec);
	if (!ktap_is_glob(spec)) {
		ktap_calls_walk(visit_suggestion, &suggestion);
		ktap_raw_suggest(&suggestion);
	}
	if (!suggestion.distance)
		return ktap_complain(m, -EOPNOTSUPP,
				     "event '%s' is not a tracepoint that can be traced", spec);
	return ktap_complain(m, -ENOENT, "no event matches '%s'%s", spec,
			     ktap_suggestion_text(&suggestion, text, sizeof(text)));
}

/* Cuts "system:event" at its colon. */
static int split(const char *spec, char system[KTAP_EVENT_NAME], char event[KTAP_EVENT_NAME],
		 struct ktap_message *m)
{
	const char *colon = strchr(spec, ':');

	if (!colon || colon == spec || !colon[1] || strpbrk(colon + 1, ": \t/"))
		return ktap_complain(m, -EINVAL, "'%s' is not an event of the form system:event",
				     spec);
	if (colon - spec >= KTAP_EVENT_NAME || strlen(colon + 1) >= KTAP_EVENT_NAME)
		return ktap_complain(m, -ENOENT, "no event matches '%s'", spec);
	memcpy(system, spec, colon - spec);
	system[colon - spec] = '\0';
	strscpy(event, colon + 1, KTAP_EVENT_NAME);
	return 0;
}

/* True when this tracepoint is among the probe's events. */
static bool tracepoint_is_for(const struct ktap_tracepoint *t, const char *system,
			      const char *event)
{
	return ktap_glob(system, t->system) && ktap_glob(event, t->name);
}

static int complain_no_field(struct ktap_events *e, const struct ktap_syscall_probe *p,
			     const char *spec, const char *system, const char *event, u32 field,
			     struct ktap_message *m)
{
	const char *name = ktap_program_field(e->instance->program, field)->name.bytes;
	struct ktap_suggestion suggestion;
	char text[2 * KTAP_EVENT_NAME + 32];
	u32 n;

	ktap_suggestion_init(&suggestion, name);
	ktap_syscall_field_suggest(p, &suggestion);
	for (n = 0; n < e->tracepoint_count; n++)
		if (tracepoint_is_for(e->tracepoints[n], system, event))
			ktap_field_suggest(e->tracepoints[n], &suggestion);
	ktap_suggestion_text(&suggestion, text, sizeof(text));
	if (name[0] == '#')
		return ktap_complain(m, -ENOENT, "%s '%s' has %s field number %s, counted from 0",
				     ktap_is_glob(spec) ? "no event of" : "event", spec,
				     ktap_is_glob(spec) ? "a" : "no", name + 1);
	if (ktap_is_glob(spec))
		return ktap_complain(m, -ENOENT, "no event of '%s' has a field '%s'%s", spec, name,
				     text);
	return ktap_complain(m, -ENOENT, "event '%s' has no field '%s'%s", spec, name, text);
}

/* Resolves the fields that a probe's handler uses against all of its events. */
static int resolve_fields(struct ktap_events *e, const struct ktap_probe_info *info,
			  const struct ktap_syscall_probe *p, const char *system,
			  const char *event, struct ktap_message *m)
{
	u32 field, n;
	int error;

	for (field = 0; field < e->field_count; field++) {
		bool found = false;

		cond_resched(); /* hundreds of events for each of up to a thousand fields */
		if (!ktap_program_uses_field(e->instance->program, info->function, field))
			continue;
		error = ktap_syscall_field_resolve(e, field, p, &found, m);
		for (n = 0; n < e->tracepoint_count && !error; n++)
			if (tracepoint_is_for(e->tracepoints[n], system, event))
				error = ktap_field_resolve(e, e->tracepoints[n], field, &found, m);
		if (!error && !found)
			error = complain_no_field(e, p, info->event.bytes, system, event, field, m);
		if (error)
			return error;
	}
	return 0;
}

/*
 * Takes the probe at the end of the list in. A handler that several events of a script name runs once for a
 * call, however many of them match it.
 */
static void keep_syscall_probe(struct ktap_events *e)
{
	struct ktap_syscall_probe *p = &e->syscalls[e->syscall_count], *q;

	for (q = e->syscalls; q < p; q++) {
		if (q->function != p->function)
			continue;
		bitmap_or(q->enter, q->enter, p->enter, KTAP_SLOTS);
		bitmap_or(q->exit, q->exit, p->exit, KTAP_SLOTS);
		q->raw_enter |= p->raw_enter;
		q->raw_exit |= p->raw_exit;
		memset(p, 0, sizeof(*p));
		return;
	}
	e->syscall_count++;
}

/* Resolves one probe. The number of its events or -errno. */
static int resolve_probe(struct ktap_events *e, const struct ktap_probe_info *info,
			 struct ktap_message *m)
{
	struct ktap_syscall_probe *p = &e->syscalls[e->syscall_count];
	char system[KTAP_EVENT_NAME], event[KTAP_EVENT_NAME];
	int calls, tracepoints, error;
	u32 n;

	for (n = 0; n < ARRAY_SIZE(sources); n++)
		if (sources[n]->owns(info->event.bytes))
			return sources[n]->resolve(e, info, m);
	if (ktap_samples_named(info->event.bytes))
		return ktap_samples_match(e, info, m);
	error = split(info->event.bytes, system, event, m);
	if (error)
		return error;
	p->function = info->function;
	calls = ktap_raw_match(p, system, event);
	tracepoints = ktap_tracepoints_match(e, system, event, info->function, m);
	if (tracepoints < 0)
		return tracepoints;
	if (!calls && !tracepoints)
		return complain_no_event(info->event.bytes, m);
	error = resolve_fields(e, info, p, system, event, m);
	if (calls)
		keep_syscall_probe(e);
	return error ?: calls + tracepoints;
}

static int resolve_all(struct ktap_events *e, struct ktap_ioc_attach *io, struct ktap_message *m)
{
	const struct ktap_program_info *info = e->instance->info;
	int count;
	u32 n;

	for (n = 0; n < info->probe_count; n++) {
		const struct ktap_probe_info *probe = ktap_program_probe(e->instance->program, n);

		if (probe->kind != KTAP_PROBE_EVENT)
			continue;
		io->probe = n;
		count = resolve_probe(e, probe, m);
		if (count < 0)
			return count;
		io->events += count;
	}
	return 0;
}

static struct ktap_events *new_events(struct ktap_instance *i)
{
	struct ktap_events *e = kvzalloc(sizeof(*e), GFP_KERNEL);

	if (!e)
		return NULL;
	e->instance = i;
	e->string_limit = i->info->string_limit;
	e->field_count = i->info->field_count;
	/* Who reads kernel memory finds the addresses there. */
	e->hide = !(i->info->capabilities & (KTAP_CAPABILITY_ADDRESSES | KTAP_CAPABILITY_MEMORY));
	get_random_bytes(&e->key, sizeof(e->key));
	e->syscalls = kvcalloc(i->info->probe_count, sizeof(*e->syscalls), GFP_KERNEL);
	if (!e->syscalls) {
		kvfree(e);
		return NULL;
	}
	return e;
}

static void detach(struct ktap_events *e)
{
	u32 n;

	for (n = 0; n < ARRAY_SIZE(sources); n++)
		sources[n]->stop(e);
	ktap_raw_unregister(e);
	ktap_tracepoints_unregister(e);
	ktap_samples_unregister(e);
	ktap_filter_stop(&e->filter);
	tracepoint_synchronize_unregister();
}

static void free_events(struct ktap_events *e)
{
	u32 n;

	for (n = 0; n < ARRAY_SIZE(sources); n++)
		sources[n]->free(e);
	ktap_filter_free(&e->filter);
	ktap_tracepoints_free(e);
	ktap_samples_free(e);
	ktap_syscall_fields_free(e);
	kvfree(e->syscalls);
	kvfree(e);
}

int ktap_events_attach(struct ktap_instance *i, struct ktap_ioc_attach *io, char *message,
		       size_t size)
{
	struct ktap_message m = { message, size };
	struct ktap_events *e = new_events(i);
	int error;
	u32 n;

	io->probe = 0;
	io->events = 0;
	if (!e)
		return ktap_complain(&m, -ENOMEM, "out of memory");
	error = resolve_all(e, io, &m);
	if (!error) {
		error = ktap_filter_init(&e->filter, i);
		if (error == -ESRCH)
			ktap_complain(&m, error, "the process to be traced has ended");
		else if (error)
			error = ktap_complain(&m, -EOPNOTSUPP, "cannot follow the processes");
	}
	if (!error)
		error = ktap_tracepoints_register(e, &m);
	if (!error)
		error = ktap_raw_register(e, &m);
	for (n = 0; n < ARRAY_SIZE(sources) && !error; n++)
		error = sources[n]->start(e, &m);
	if (!error)
		error = ktap_samples_register(e, &m);
	if (error) {
		detach(e);
		free_events(e);
		return error;
	}
	smp_store_release(&i->events, e); /* describing may begin */
	return 0;
}

void ktap_events_detach(struct ktap_instance *i)
{
	if (i->events)
		detach(i->events);
}

void ktap_events_free(struct ktap_instance *i)
{
	if (i->events)
		free_events(i->events);
	i->events = NULL;
}

u64 ktap_events_missed(const struct ktap_instance *i)
{
	const struct ktap_events *e = smp_load_acquire(&i->events);
	u64 missed = 0;
	u32 n;

	for (n = 0; e && n < ARRAY_SIZE(sources); n++)
		missed += sources[n]->missed(e);
	return missed;
}

uint32_t ktap_events_field(struct ktap_exec *x, const struct ktap_event *event, uint32_t field,
			   struct ktap_value *out)
{
	struct ktap_hit *hit = ktap_hit_of(event);

	if (hit->class == KTAP_HIT_TRACEPOINT)
		return ktap_tracepoint_field(x, hit, field, out);
	if (ktap_is_function(hit))
		return ktap_function_field(x, hit, field, out);
	if (ktap_is_sample(hit))
		return ktap_sample_field(x, hit, field, out);
	return ktap_syscall_field(x, hit, field, out);
}
