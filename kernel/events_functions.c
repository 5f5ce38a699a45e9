// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Attaching to kernel functions. The entry of a function goes through the function tracer, with one filter for all
 * functions of the program: a fifth of what a kprobe costs. Places inside a function and kernels
 * without the tracer take a kprobe, returns a kretprobe.
 */
#include <linux/hash.h>
#include <linux/kallsyms.h>
#include <linux/log2.h>
#include <linux/module.h>

#include "events_functions.h"

#define RETURNS_AT_ONCE 4096u /* calls of all functions that may be under way */

static const char tracer_prefix[] = "ftrace:function";

/* "probe:NAME", "kprobe:NAME", "kretprobe:NAME": the name, or NULL. */
static const char *name_in(const char *event, bool *returns)
{
	*returns = str_has_prefix(event, "kretprobe:");
	if (*returns || str_has_prefix(event, "kprobe:") || str_has_prefix(event, "probe:"))
		return strchr(event, ':') + 1;
	return NULL;
}

static bool owns(const char *event)
{
	bool returns;

	return name_in(event, &returns) || str_has_prefix(event, tracer_prefix);
}

static struct ktap_functions *functions_of(struct ktap_events *e)
{
	if (!e->functions) {
		e->functions = kvzalloc(sizeof(*e->functions), GFP_KERNEL);
		if (e->functions) {
			e->functions->events = e;
			INIT_LIST_HEAD(&e->functions->node);
		}
	}
	return e->functions;
}

static void free_function(struct ktap_function *function)
{
	kfree(function->probe);
	kfree(function->handlers);
	kfree(function->name);
	kfree(function);
}

/* Adds a handler to what may be attached to already: one that several probes name runs once. */
static int add_handler(u32 **handlers, u32 *count, u32 handler)
{
	u32 *more, n;

	for (n = 0; n < *count; n++)
		if ((*handlers)[n] == handler)
			return 0;
	more = krealloc(*handlers, (n + 1) * sizeof(u32), GFP_KERNEL);
	if (!more)
		return -ENOMEM;
	*handlers = more;
	more[(*count)++] = handler;
	return 0;
}

/* What a probe's text says. */
struct place {
	struct ktap_events *e;
	char name[KSYM_NAME_LEN];
	unsigned long offset;
	bool returns;
	u32 handler;
	int count;
};

static int add_function(struct place *p, unsigned long address, const char *name)
{
	struct ktap_functions *f = p->e->functions;
	struct ktap_function *function, **list;
	u32 n;

	for (n = 0; n < f->count; n++)
		if (f->list[n]->address == address + p->offset && f->list[n]->returns == p->returns)
			return add_handler(&f->list[n]->handlers, &f->list[n]->handler_count, p->handler);
	if (f->count >= U16_MAX)
		return -E2BIG;
	if (!f->count || is_power_of_2(f->count)) {
		list = kvcalloc(max(2 * f->count, 8u), sizeof(*list), GFP_KERNEL);
		if (!list)
			return -ENOMEM;
		if (f->count)
			memcpy(list, f->list, f->count * sizeof(*list));
		kvfree(f->list);
		f->list = list;
	}
	function = kzalloc(sizeof(*function), GFP_KERNEL);
	if (!function)
		return -ENOMEM;
	function->address = address + p->offset;
	function->events = p->e;
	function->returns = p->returns;
	function->at_entry = !p->offset;
	function->optional = ktap_is_glob(p->name);
	if (!p->returns && !p->offset)
		function->site = ktap_function_site(address);
	function->name = p->offset ? kasprintf(GFP_KERNEL, "%s+0x%lx", name, p->offset) :
				     kstrdup(name, GFP_KERNEL);
	if (!function->name ||
	    add_handler(&function->handlers, &function->handler_count, p->handler)) {
		free_function(function);
		return -ENOMEM;
	}
	function->index = f->count;
	f->list[f->count++] = function;
	return 0;
}

static int visit_match(const struct ktap_symbol *symbol, void *context)
{
	struct place *p = context;
	int error;

	if (!ktap_glob(p->name, symbol->name))
		return 0;
	if ((KTAP_HAS_FTRACE && !ktap_function_site(symbol->address)) ||
	    ktap_function_forbidden(symbol->address))
		return 0;
	if (p->count == KTAP_FUNCTIONS_LIMIT)
		return -E2BIG;
	error = add_function(p, symbol->address, symbol->name);
	p->count += !error;
	return error;
}

static int match_glob(struct place *p, struct ktap_message *m)
{
	int error = ktap_symbols_walk(visit_match, p);

	switch (error) {
	case 0:
		return p->count ?: ktap_complain(m, -ENOENT,
						 "no function that can be probed matches '%s'",
						 p->name);
	case -E2BIG:
		return ktap_complain(m, error,
				     "'%s' matches more than %u functions: a longer pattern matches fewer, and ftrace:function has no such limit",
				     p->name, KTAP_FUNCTIONS_LIMIT);
	case -EACCES:
		return ktap_complain(m, -EOPNOTSUPP,
				     "'%s': this kernel does not list its functions (/proc/kallsyms, kernel.kptr_restrict)",
				     p->name);
	}
	return ktap_complain(m, error, "out of memory");
}

static int visit_suggestion(const struct ktap_symbol *symbol, void *suggestion)
{
	if (!strchr(symbol->name, '.'))
		ktap_suggestion_offer(suggestion, symbol->name);
	return 0;
}

static int match_name(struct place *p, struct ktap_message *m)
{
	struct ktap_suggestion suggestion;
	char text[2 * KTAP_EVENT_NAME + 32];
	unsigned long address;
	int error, found;

	address = ktap_symbol_find(p->name, &error);
	if (!address) {
		ktap_suggestion_init(&suggestion, p->name);
		ktap_symbols_walk(visit_suggestion, &suggestion);
		return ktap_complain(m, -ENOENT, "this kernel has no function '%s'%s", p->name,
				     ktap_suggestion_text(&suggestion, text, sizeof(text)));
	}
	if (ktap_function_forbidden(address))
		return ktap_complain(m, -EOPNOTSUPP,
				     "function '%s' must not be probed: %s", p->name,
				     within_module(address, THIS_MODULE) ?
					     "it is part of ktap" :
					     "the kernel forbids it (noprobe)");
	if (KTAP_HAS_FTRACE && !ktap_function_site(address))
		return ktap_complain(m, -EOPNOTSUPP,
				     "'%s' cannot be probed: it is no function, or the kernel forbids it (notrace)",
				     p->name);
	found = add_function(p, address, p->name);
	return found ? ktap_complain(m, found, "out of memory") : 1;
}

static int resolve_probe(struct ktap_events *e, const struct ktap_probe_info *info,
			 struct ktap_message *m)
{
	struct place p = { .e = e, .handler = info->function };
	const char *text = name_in(info->event.bytes, &p.returns);
	char *end = p.name + strcspn(text, "+%");
	int count, error;

	if (strscpy(p.name, text, sizeof(p.name)) < 0 || end == p.name)
		return ktap_complain(m, -ENOENT, "this kernel has no function '%s'", text);
	if (*end == '+')
		p.offset = simple_strtoul(end + 1, NULL, 0);
	p.returns |= !strcmp(text + strcspn(text, "%"), "%return");
	*end = '\0';
	count = ktap_is_glob(p.name) ? match_glob(&p, m) : match_name(&p, m);
	if (count < 0)
		return count;
	error = ktap_function_fields_resolve(e, info, !p.offset, p.returns, m);
	return error ?: count;
}

static struct ktap_tracer *tracer_of(struct ktap_events *e, const char *filter)
{
	struct ktap_functions *f = e->functions;
	struct ktap_tracer *t, **tracers;
	u32 n;

	for (n = 0; n < f->tracer_count; n++)
		if (!strcmp(f->tracers[n]->filter, filter))
			return f->tracers[n];
	t = kzalloc(sizeof(*t), GFP_KERNEL);
	tracers = krealloc(f->tracers, (n + 1) * sizeof(*tracers), GFP_KERNEL);
	if (tracers)
		f->tracers = tracers;
	if (!t || !tracers) {
		kfree(t);
		return NULL;
	}
	f->tracers[f->tracer_count++] = t;
	t->events = e;
	t->filter = filter;
	t->ops.func = ktap_function_traced;
	return t;
}

static int resolve_tracer(struct ktap_events *e, const struct ktap_probe_info *info,
			  struct ktap_message *m)
{
	const char *filter = info->event.bytes + strlen(tracer_prefix);
	struct ktap_tracer *t;
	int error, count = 1;

	if (!KTAP_HAS_FTRACE)
		return ktap_complain(m, -EOPNOTSUPP, "this kernel has no function tracer");
	t = tracer_of(e, filter);
	if (!t || add_handler(&t->handlers, &t->handler_count, info->function))
		return ktap_complain(m, -ENOMEM, "out of memory");
	if (filter[0] && t->handler_count == 1)
		count = ktap_tracer_filter(t, filter, m);
	if (count < 0)
		return count;
	error = ktap_function_fields_resolve(e, info, true, false, m);
	return error ?: count;
}

static int resolve(struct ktap_events *e, const struct ktap_probe_info *info,
		   struct ktap_message *m)
{
	if (!functions_of(e))
		return ktap_complain(m, -ENOMEM, "out of memory");
	return str_has_prefix(info->event.bytes, tracer_prefix) ? resolve_tracer(e, info, m) :
								  resolve_probe(e, info, m);
}

/*
 * When a module goes, the kernel takes its functions out of the tracer and its kprobes. What comes to their addresses
 * later is no event of ours.
 */
static LIST_HEAD(attached);
static DEFINE_MUTEX(attached_lock);

static int on_module(struct notifier_block *block, unsigned long what, void *data)
{
	const struct module *module = data;
	struct ktap_functions *f;
	u32 n, gone;

	if (what != MODULE_STATE_GOING)
		return NOTIFY_DONE;
	mutex_lock(&attached_lock);
	list_for_each_entry(f, &attached, node) {
		for (n = gone = 0; n < f->count; n++)
			if (!f->list[n]->gone && within_module(f->list[n]->address, module)) {
				WRITE_ONCE(f->list[n]->gone, true);
				gone++;
			}
		if (gone)
			pr_notice("ktapvm: %s: module %s is unloaded, and the probes of %u of its functions end\n",
				  f->events->instance->info->name.bytes, module->name, gone);
	}
	mutex_unlock(&attached_lock);
	return NOTIFY_OK;
}

static struct notifier_block module_block = { .notifier_call = on_module };

int ktap_functions_init(void)
{
	return register_module_notifier(&module_block);
}

void ktap_functions_exit(void)
{
	unregister_module_notifier(&module_block);
}

static u32 count_sites(const struct ktap_functions *f)
{
	u32 count = 0, n;

	for (n = 0; n < f->count; n++)
		count += f->list[n]->site != 0;
	return count;
}

/* Has one ftrace_ops call for all entries that have a site. */
static int start_tracing(struct ktap_functions *f, u32 count)
{
	unsigned long *sites = kvcalloc(count, sizeof(*sites), GFP_KERNEL);
	u32 n, at, used = 0;
	int error;

	f->by_site_bits = count == 1 ? 0 : ilog2(roundup_pow_of_two(2 * count));
	f->by_site = kvcalloc(1u << f->by_site_bits, sizeof(u32), GFP_KERNEL);
	if (!sites || !f->by_site) {
		kvfree(sites);
		return -ENOMEM;
	}
	for (n = 0; n < f->count; n++) {
		if (!f->list[n]->site)
			continue;
		sites[used++] = f->list[n]->site;
		at = f->by_site_bits ? hash_long(f->list[n]->site, f->by_site_bits) : 0;
		while (f->by_site[at])
			at = (at + 1) & ((1u << f->by_site_bits) - 1);
		f->by_site[at] = n + 1;
	}
	f->ops.func = ktap_function_entered;
	f->ops.flags = FTRACE_OPS_FL_PERMANENT | (f->registers ? FTRACE_OPS_FL_SAVE_REGS : 0);
	error = ktap_ftrace_filter(&f->ops, sites, used);
	if (!error)
		error = register_ftrace_function(&f->ops);
	f->tracing = !error;
	kvfree(sites);
	return error;
}

static int start_probe(struct ktap_functions *f, struct ktap_function *function, u32 returns)
{
	struct ktap_function_probe *p = kzalloc(sizeof(*p), GFP_KERNEL);
	int error;

	if (!p)
		return -ENOMEM;
	function->probe = p;
	p->function = function;
	p->probe.kp.addr = (kprobe_opcode_t *)function->address;
	if (function->returns) {
		p->probe.handler = ktap_function_returned;
		p->probe.entry_handler = ktap_function_called;
		p->probe.data_size = f->arguments * sizeof(unsigned long);
		p->probe.maxactive = clamp(RETURNS_AT_ONCE / returns, 16u, 256u);
		error = register_kretprobe(&p->probe);
	} else {
		p->probe.kp.pre_handler = ktap_function_probed;
		error = register_kprobe(&p->probe.kp);
	}
	p->registered = !error;
	return error;
}

static int start_tracers(struct ktap_functions *f, struct ktap_message *m)
{
	u32 n;
	int error;

	for (n = 0; n < f->tracer_count; n++) {
		struct ktap_tracer *t = f->tracers[n];

		t->ops.flags |= FTRACE_OPS_FL_PERMANENT |
				(f->registers ? FTRACE_OPS_FL_SAVE_REGS : 0);
		error = register_ftrace_function(&t->ops);
		if (error)
			return ktap_complain(m, -EOPNOTSUPP,
					     "the function tracer cannot be used: error %d%s",
					     -error,
					     error == -EBUSY ? " (kernel.ftrace_enabled is 0)" : "");
		t->registered = true;
	}
	return 0;
}

static int start(struct ktap_events *e, struct ktap_message *m)
{
	struct ktap_functions *f = e->functions;
	u32 sites, returns = 0, n;
	int error;

	if (!f)
		return 0;
	mutex_lock(&attached_lock);
	list_add(&f->node, &attached);
	mutex_unlock(&attached_lock);
	/* What the tracer of 32-bit ARM gives as the stack is none of the function's. */
	if (IS_ENABLED(CONFIG_ARM) && f->stack && f->tracer_count)
		return ktap_complain(m, -EOPNOTSUPP,
				     "on this board ftrace:function does not tell what lies on the stack; probe:NAME does");
	sites = IS_ENABLED(CONFIG_ARM) && f->stack ? 0 : count_sites(f);
	if (sites) {
		error = start_tracing(f, sites);
		if (error == -ENOMEM)
			return ktap_complain(m, error, "out of memory");
	}
	for (n = 0; n < f->count; n++)
		returns += f->list[n]->returns;
	for (n = 0; n < f->count; n++) {
		struct ktap_function *function = f->list[n];

		if (function->site && f->tracing)
			continue;
		error = start_probe(f, function, returns);
		if (error && (error == -ENOMEM || !function->optional))
			return ktap_complain(m, error == -ENOMEM ? error : -EOPNOTSUPP,
					     "'%s%s' cannot be probed: %s", function->name,
					     function->returns ? "%return" : "",
					     error == -EILSEQ ? "no instruction begins there" :
					     error == -ENOMEM ? "out of memory" :
								"the kernel forbids it");
	}
	return start_tracers(f, m);
}

/* In batches: each waits for one grace period. */
static void stop_probes(struct ktap_functions *f)
{
	void **kprobes = kvcalloc(2 * f->count, sizeof(*kprobes), GFP_KERNEL);
	void **kretprobes = kprobes ? kprobes + f->count : NULL;
	u32 n, entries = 0, returns = 0;

	for (n = 0; n < f->count; n++) {
		struct ktap_function_probe *p = f->list[n]->probe;

		if (!p || !p->registered)
			continue;
		p->registered = false;
		if (kprobes && f->list[n]->returns)
			kretprobes[returns++] = &p->probe;
		else if (kprobes)
			kprobes[entries++] = &p->probe.kp;
		else if (f->list[n]->returns)
			unregister_kretprobe(&p->probe);
		else
			unregister_kprobe(&p->probe.kp);
	}
	if (entries)
		unregister_kprobes((struct kprobe **)kprobes, entries);
	if (returns)
		unregister_kretprobes((struct kretprobe **)kretprobes, returns);
	kvfree(kprobes);
}

static void stop(struct ktap_events *e)
{
	struct ktap_functions *f = e->functions;
	u32 n;

	if (!f)
		return;
	for (n = 0; n < f->tracer_count; n++) {
		if (f->tracers[n]->registered)
			unregister_ftrace_function(&f->tracers[n]->ops);
		f->tracers[n]->registered = false;
	}
	if (f->tracing)
		unregister_ftrace_function(&f->ops);
	f->tracing = false;
	if (f->count)
		stop_probes(f);
}

static void free_all(struct ktap_events *e)
{
	struct ktap_functions *f = e->functions;
	u32 n;

	if (!f)
		return;
	mutex_lock(&attached_lock);
	list_del(&f->node);
	mutex_unlock(&attached_lock);
	for (n = 0; n < f->tracer_count; n++) {
		ftrace_free_filter(&f->tracers[n]->ops);
		kfree(f->tracers[n]->handlers);
		kfree(f->tracers[n]);
	}
	ftrace_free_filter(&f->ops);
	for (n = 0; n < f->count; n++)
		free_function(f->list[n]);
	kfree(f->tracers);
	kvfree(f->list);
	kvfree(f->by_site);
	kvfree(f->fields);
	kvfree(f);
	e->functions = NULL;
}

static u64 missed(const struct ktap_events *e)
{
	const struct ktap_functions *f = e->functions;
	u64 sum = 0;
	u32 n;

	for (n = 0; f && n < f->count; n++)
		if (f->list[n]->probe)
			sum += READ_ONCE(f->list[n]->probe->probe.kp.nmissed) +
			       (u32)READ_ONCE(f->list[n]->probe->probe.nmissed);
	return sum;
}

const struct ktap_source ktap_functions_source = {
	.owns = owns,
	.resolve = resolve,
	.start = start,
	.stop = stop,
	.free = free_all,
	.missed = missed,
};
