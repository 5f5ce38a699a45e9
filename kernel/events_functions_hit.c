// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Hits of kernel functions, on their way to the handlers. Every function of the kernel may be an event, those
 * called from here too: until the level is taken, in ktap_instance_hit(), only what the kernel never traces may
 * be called, and this module itself is compiled without the tracer's calls.
 */
#include <linux/hash.h>

#include "dispatch.h"
#include "events_functions.h"

/* On x86 a probe's trap counts as an NMI: what happened inside it is told by what it interrupted. */
#ifdef CONFIG_X86
#define TRAP_OFFSET (NMI_OFFSET + HARDIRQ_OFFSET)
#else
#define TRAP_OFFSET 0
#endif

static __always_inline bool wanted(const struct ktap_events *e)
{
	return ktap_instance_live(e->instance) && ktap_filter_pass(&e->filter);
}

/* Runs the handlers; preemption is off. In idle code that RCU does not watch nothing may run. */
static __always_inline void deliver(struct ktap_hit *hit, const u32 *handlers, u32 count)
{
	struct ktap_instance *i = hit->events->instance;
	u32 n;

	for (n = 0; n < count; n++) {
		hit->capture_size = 0;
		if (likely(rcu_is_watching()))
			ktap_instance_hit(i, handlers[n], &hit->event);
		else
			ktap_instance_miss(i, 1);
	}
}

static const struct ktap_function *function_at(const struct ktap_functions *f, unsigned long site)
{
	const u32 mask = (1u << f->by_site_bits) - 1;
	u32 at;

	if (f->by_site_bits == 0)
		return f->list[f->by_site[0] - 1];
	for (at = hash_long(site, f->by_site_bits); f->by_site[at]; at = (at + 1) & mask)
		if (f->list[f->by_site[at] - 1]->site == site)
			return f->list[f->by_site[at] - 1];
	return NULL;
}

void ktap_function_entered(unsigned long ip, unsigned long parent_ip, struct ftrace_ops *ops,
			   ktap_ftrace_regs *regs)
{
	struct ktap_functions *f = container_of(ops, struct ktap_functions, ops);
	struct ktap_hit hit KTAP_UNINITIALIZED;
	struct ktap_events *e = f->events;

	if (!ktap_instance_live(e->instance))
		return;
	preempt_disable_notrace();
	if (ktap_filter_pass(&e->filter)) {
		hit.function = function_at(f, ip);
		hit.events = e;
		hit.class = KTAP_HIT_FUNCTION;
		hit.regs = ktap_ftrace_pt_regs(regs);
		hit.ip = ip;
		hit.parent_ip = parent_ip;
		if (likely(hit.function && !READ_ONCE(hit.function->gone)))
			deliver(&hit, hit.function->handlers, hit.function->handler_count);
	}
	preempt_enable_notrace();
}

void ktap_function_traced(unsigned long ip, unsigned long parent_ip, struct ftrace_ops *ops,
			  ktap_ftrace_regs *regs)
{
	struct ktap_tracer *t = container_of(ops, struct ktap_tracer, ops);
	struct ktap_hit hit KTAP_UNINITIALIZED;
	struct ktap_events *e = t->events;

	if (!ktap_instance_live(e->instance))
		return;
	preempt_disable_notrace();
	if (ktap_filter_pass(&e->filter)) {
		hit.function = NULL;
		hit.events = e;
		hit.class = KTAP_HIT_FTRACE;
		hit.regs = ktap_ftrace_pt_regs(regs);
		hit.ip = ip;
		hit.parent_ip = parent_ip;
		deliver(&hit, t->handlers, t->handler_count);
	}
	preempt_enable_notrace();
}

int ktap_function_probed(struct kprobe *kp, struct pt_regs *regs)
{
	struct ktap_function_probe *p = container_of(kp, struct ktap_function_probe, probe.kp);
	struct ktap_hit hit KTAP_UNINITIALIZED;
	struct ktap_events *e = p->function->events;
	int trap;

	if (!wanted(e))
		return 0;
	preempt_disable_notrace();
	trap = in_nmi() && !(kp->flags & KPROBE_FLAG_FTRACE) ? TRAP_OFFSET : 0;
	if (trap)
		__preempt_count_sub(trap);
	hit.function = p->function;
	hit.events = e;
	hit.class = KTAP_HIT_FUNCTION;
	hit.regs = regs;
	hit.ip = p->function->address;
	hit.parent_ip = 0;
	deliver(&hit, hit.function->handlers, hit.function->handler_count);
	if (trap)
		__preempt_count_add(trap);
	preempt_enable_notrace();
	return 0;
}

int ktap_function_called(struct kretprobe_instance *instance, struct pt_regs *regs)
{
	struct ktap_function_probe *p =
		container_of(ktap_kretprobe_of(instance), struct ktap_function_probe, probe);
	const struct ktap_events *e = p->function->events;

	if (!wanted(e))
		return 1;
	ktap_function_keep(e->functions, regs, (unsigned long *)instance->data);
	return 0;
}

int ktap_function_returned(struct kretprobe_instance *instance, struct pt_regs *regs)
{
	const struct kretprobe *probe = ktap_kretprobe_of(instance);
	struct ktap_function_probe *p;
	struct ktap_hit hit KTAP_UNINITIALIZED;

	if (!probe) /* it is going */
		return 0;
	p = container_of(probe, struct ktap_function_probe, probe);
	hit.events = p->function->events;
	if (!ktap_instance_live(hit.events->instance))
		return 0;
	preempt_disable_notrace();
	hit.function = p->function;
	hit.class = KTAP_HIT_FUNCTION_RETURN;
	hit.regs = regs;
	hit.ip = p->function->address;
	hit.parent_ip = ktap_kretprobe_caller(instance);
	hit.arguments = (const unsigned long *)instance->data;
	deliver(&hit, hit.function->handlers, hit.function->handler_count);
	preempt_enable_notrace();
	return 0;
}
