// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Named tracepoints. The kernel makes for every event a function that builds its entry for perf:
 * the class's perf_probe. It is registered on the tracepoint with a copy of the event's
 * description whose list of perf events is ours. The one member of that list, a perf event that
 * perf itself does not know, has our overflow handler, which gets the entry. Compared with
 * counters opened through perf, attaching needs no perf event for each tracepoint and CPU, all
 * end with one grace period, and CPUs may come and go.
 *
 * In the copy the event's type is a number of our own, counted down from the largest: it stands
 * in the entry and says which tracepoint it is of. A real type would make perf deliver a second
 * time to events that others have open on a task.
 */
#include <linux/uaccess.h>

#include "events_internal.h"

#ifndef CONFIG_PERF_EVENTS
#error "Tracepoints need a kernel with CONFIG_PERF_EVENTS"
#endif

#define TYPE_TOP 0xffffu
#define TRACEPOINTS_LIMIT 16384u /* types of real events, counted up from 0, stay below */

/*
 * perf keeps the buffers that its probes write to only while it has an event of a tracepoint
 * itself: this one, of a tracepoint that is hardly ever hit, disabled.
 */
static DEFINE_MUTEX(anchor_lock);
static struct perf_event *anchor;

static int hold_buffers(struct ktap_events *e, struct ktap_message *m)
{
	struct perf_event_attr attr = {
		.type = PERF_TYPE_TRACEPOINT,
		.size = sizeof(attr),
		.disabled = 1,
	};
	struct trace_event_file *file;
	struct perf_event *event;
	int error = 0;

	mutex_lock(&anchor_lock);
	if (!anchor) {
		file = trace_get_event_file(NULL, "task", "task_rename");
		attr.config = IS_ERR(file) ? e->tracepoints[0]->file->event_call->event.type :
					     file->event_call->event.type;
		event = perf_event_create_kernel_counter(&attr, raw_smp_processor_id(), NULL, NULL,
							 NULL);
		if (IS_ERR(event))
			error = PTR_ERR(event);
		else
			anchor = event;
		if (!IS_ERR(file))
			trace_put_event_file(file);
	}
	mutex_unlock(&anchor_lock);
	return error ? ktap_complain(m, -EOPNOTSUPP,
				     "this kernel's perf events cannot be used: error %d", -error) :
		       0;
}

void ktap_tracepoints_exit(void)
{
	if (anchor)
		perf_event_release_kernel(anchor);
	anchor = NULL;
}

static void on_entry(struct perf_event *tap, struct perf_sample_data *data, struct pt_regs *regs)
{
	struct ktap_events *e = tap->overflow_handler_context;
	const struct trace_entry *entry = data->raw->frag.data;
	const struct ktap_tracepoint *t;
	struct ktap_hit hit KTAP_UNINITIALIZED;
	u32 index = TYPE_TOP - entry->type, n;

	if (!ktap_instance_live(e->instance) || !ktap_filter_pass(&e->filter))
		return;
	if (unlikely(index >= e->tracepoint_count))
		return;
	t = e->tracepoints[index];
	hit.events = e;
	hit.class = KTAP_HIT_TRACEPOINT;
	hit.tracepoint = t;
	hit.raw = entry;
	hit.regs = regs;
	hit.raw_size = data->raw->frag.size;
	for (n = 0; n < t->function_count; n++) {
		hit.capture_size = 0;
		ktap_instance_hit(e->instance, t->functions[n], &hit.event);
	}
}

/* Adds a handler to an event that is attached to already. */
static int add_function(struct ktap_tracepoint *t, u32 function)
{
	u32 *functions;

	functions = krealloc(t->functions, (t->function_count + 1) * sizeof(u32), GFP_KERNEL);
	if (!functions)
		return -ENOMEM;
	t->functions = functions;
	t->functions[t->function_count++] = function;
	return 0;
}

static void free_tracepoint(struct ktap_tracepoint *t)
{
	if (t->file)
		trace_put_event_file(t->file);
	ktap_value_names_free(t);
	kvfree(t->fields);
	kvfree(t->access);
	kfree(t->functions);
	kfree(t);
}

static int grow(struct ktap_events *e)
{
	struct ktap_tracepoint **more;
	u32 count = e->tracepoint_count;

	if (count >= TRACEPOINTS_LIMIT)
		return -E2BIG;
	if (count && (count < 8 || !is_power_of_2(count)))
		return 0;
	more = kvcalloc(max(2 * count, 8u), sizeof(*more), GFP_KERNEL);
	if (!more)
		return -ENOMEM;
	if (count)
		memcpy(more, e->tracepoints, count * sizeof(*more));
	kvfree(e->tracepoints);
	e->tracepoints = more;
	return 0;
}

/* Adds an event; takes the reference of file over, also on failure. */
static int add_tracepoint(struct ktap_events *e, struct trace_event_file *file, u32 function)
{
	struct ktap_tracepoint *t = kzalloc(sizeof(*t), GFP_KERNEL);
	int error;

	if (!t) {
		trace_put_event_file(file);
		return -ENOMEM;
	}
	t->file = file;
	strscpy(t->system, file->event_call->class->system, sizeof(t->system));
	strscpy(t->name, trace_event_name(file->event_call), sizeof(t->name));
	error = ktap_fields_lay_out(t);
	if (!error)
		error = add_function(t, function);
	if (!error)
		error = grow(e);
	if (error) {
		free_tracepoint(t);
		return error;
	}
	t->index = e->tracepoint_count;
	e->tracepoints[e->tracepoint_count++] = t;
	return 0;
}

/* True for events that this file can attach to. */
static bool is_tracepoint(const struct trace_event_call *call)
{
	return (call->flags & TRACE_EVENT_FL_TRACEPOINT) && call->class->perf_probe &&
	       call->class->fields_array;
}

/* True when the event runs this handler already: one that is named by several events runs once. */
static bool has_function(const struct ktap_tracepoint *t, u32 function)
{
	u32 n;

	for (n = 0; n < t->function_count; n++)
		if (t->functions[n] == function)
			return true;
	return false;
}

/* Has the event run the handler. 0 or -errno; takes the reference of file over. */
static int add_event(struct ktap_events *e, struct trace_event_file *file, u32 function)
{
	struct ktap_tracepoint *t;
	u32 n;

	for (n = 0; n < e->tracepoint_count; n++) {
		t = e->tracepoints[n];
		if (t->file->event_call != file->event_call)
			continue;
		trace_put_event_file(file);
		return has_function(t, function) ? 0 : add_function(t, function);
	}
	return add_tracepoint(e, file, function);
}

struct match {
	struct ktap_events *e;
	const char *system;
	const char *event;
	u32 function;
	int count;
};

static int visit_match(const struct ktap_call_name *found, void *context)
{
	struct match *match = context;
	struct trace_event_file *file;
	int error;

	if (!ktap_glob(match->system, found->system) || !ktap_glob(match->event, found->name))
		return 0;
	/* These go by raw dispatch. */
	if (!strcmp(found->system, "raw_syscalls") || !(found->copy.flags & TRACE_EVENT_FL_TRACEPOINT))
		return 0;
	file = trace_get_event_file(NULL, found->system, found->name);
	if (IS_ERR(file))
		return 0;
	if (file->event_call != found->call || !is_tracepoint(file->event_call)) {
		trace_put_event_file(file);
		return 0;
	}
	error = add_event(match->e, file, match->function);
	if (error == -EOPNOTSUPP) /* an entry that cannot be laid out: not for a wildcard */
		return 0;
	match->count += !error;
	return error;
}

/* One event by its name: no walk. */
static int match_name(struct match *match, struct ktap_message *m)
{
	struct trace_event_file *file;
	int error = -EOPNOTSUPP;

	if (!strcmp(match->system, "raw_syscalls") || !strcmp(match->system, "syscalls"))
		return 0;
	file = trace_get_event_file(NULL, match->system, match->event);
	if (IS_ERR(file))
		return 0;
	if (is_tracepoint(file->event_call))
		error = add_event(match->e, file, match->function);
	else
		trace_put_event_file(file);
	if (error == -EOPNOTSUPP)
		return ktap_complain(m, error, "event '%s:%s' is not a tracepoint that can be traced",
				     match->system, match->event);
	return error ?: 1;
}

int ktap_tracepoints_match(struct ktap_events *e, const char *system, const char *event,
			   u32 function, struct ktap_message *m)
{
	struct match match = { e, system, event, function };
	unsigned int tries = 0;
	int error;

	if (!ktap_is_glob(system) && !ktap_is_glob(event))
		return match_name(&match, m);
	/* Starting over adds nothing twice. */
	do {
		match.count = 0;
		error = ktap_calls_walk(visit_match, &match);
	} while (error == -EAGAIN && ++tries < 10);
	if (error == -EOPNOTSUPP) /* no event at all in this kernel */
		return 0;
	return error ? ktap_complain(m, error, "cannot attach to '%s:%s': error %d", system, event,
				     -error) :
		       match.count;
}

static int make_taps(struct ktap_events *e)
{
	unsigned int cpu;

	e->heads = alloc_percpu(struct hlist_head);
	e->taps = alloc_percpu(struct perf_event);
	if (!e->heads || !e->taps)
		return -ENOMEM;
	for_each_possible_cpu(cpu) {
		struct perf_event *tap = per_cpu_ptr(e->taps, cpu);
		struct hlist_head *head = per_cpu_ptr(e->heads, cpu);

		/* Every occurrence counts, also of events that carry a count; so does perf read this. */
		tap->state = PERF_EVENT_STATE_ACTIVE;
		tap->attr.sample_period = 1;
		tap->attr.sample_type = PERF_SAMPLE_RAW | PERF_SAMPLE_PERIOD;
		tap->hw.sample_period = 1;
		tap->overflow_handler = on_entry;
		tap->overflow_handler_context = e;
		INIT_HLIST_HEAD(head);
		hlist_add_head_rcu(&tap->hlist_entry, head);
	}
	return 0;
}

/* Who prints the event shows names of values. */
static int read_names(const struct ktap_events *e, struct ktap_tracepoint *t)
{
	u32 n;

	for (n = 0; n < t->function_count; n++)
		if (ktap_program_captures(e->instance->program, t->functions[n]))
			return ktap_value_names_read(t);
	return 0;
}

int ktap_tracepoints_register(struct ktap_events *e, struct ktap_message *m)
{
	int error;
	u32 n;

	if (!e->tracepoint_count)
		return 0;
	if (make_taps(e))
		return ktap_complain(m, -ENOMEM, "out of memory");
	error = hold_buffers(e, m);
	if (error)
		return error;
	for (n = 0; n < e->tracepoint_count; n++) {
		struct ktap_tracepoint *t = e->tracepoints[n];

		if (read_names(e, t))
			return ktap_complain(m, -ENOMEM, "out of memory");
		t->call = *t->file->event_call;
		t->call.event.type = TYPE_TOP - n;
		t->call.perf_events = e->heads;
		t->call.prog_array = NULL;
		error = tracepoint_probe_register(t->call.tp, t->call.class->perf_probe, &t->call);
		if (error)
			return ktap_complain(m, error, "cannot attach to '%s:%s': error %d",
					     t->system, t->name, -error);
		t->registered = true;
		cond_resched(); /* *:* is more than a thousand, and each patches code */
	}
	return 0;
}

void ktap_tracepoints_unregister(struct ktap_events *e)
{
	u32 n;

	for (n = 0; n < e->tracepoint_count; n++) {
		struct ktap_tracepoint *t = e->tracepoints[n];

		if (t->registered)
			tracepoint_probe_unregister(t->call.tp, t->call.class->perf_probe,
						    &t->call);
		t->registered = false;
		cond_resched();
	}
}

void ktap_tracepoints_free(struct ktap_events *e)
{
	u32 n;

	for (n = 0; n < e->tracepoint_count; n++)
		free_tracepoint(e->tracepoints[n]);
	kvfree(e->tracepoints);
	free_percpu(e->heads);
	free_percpu(e->taps);
}
