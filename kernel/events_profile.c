// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * profile-N: a timer on every CPU that interrupts whatever runs there. CPUs that come get one, those that
 * go lose theirs.
 */
#include <linux/hrtimer.h>
#include <linux/ptrace.h>
#include <asm/irq_regs.h>

#include "compat/timer.h"
#include "events_internal.h"
#include "module.h"

struct ktap_profile_timer {
	struct hrtimer timer;
	struct ktap_sampler *sampler;
};

static enum hrtimer_restart on_timer(struct hrtimer *timer)
{
	struct ktap_sampler *s = container_of(timer, struct ktap_profile_timer, timer)->sampler;
	struct ktap_instance *i = s->events->instance;
	u64 passed = hrtimer_forward_now(timer, ns_to_ktime(s->period));
	struct pt_regs *regs = get_irq_regs();
	struct ktap_sample sample = { .period = s->period };

	if (!ktap_instance_live(i) || !ktap_filter_pass(&s->events->filter))
		return HRTIMER_RESTART;
	/* Periods that have passed meanwhile are counted, not made up for. */
	if (unlikely(passed > 1 || !regs))
		ktap_instance_miss(i, passed - !!regs);
	if (likely(regs)) {
		sample.ip = instruction_pointer(regs);
		sample.user = user_mode(regs);
		ktap_sample_deliver(s, regs, &sample);
	}
	return HRTIMER_RESTART;
}

void ktap_profile_cpu_comes(struct ktap_sampler *s, unsigned int cpu)
{
	hrtimer_start(&per_cpu_ptr(s->timers, cpu)->timer, ns_to_ktime(s->period),
		      HRTIMER_MODE_REL_PINNED_HARD);
}

void ktap_profile_cpu_goes(struct ktap_sampler *s, unsigned int cpu)
{
	hrtimer_cancel(&per_cpu_ptr(s->timers, cpu)->timer);
}

/* Nanoseconds of "10ms", "99hz"; 0 when it is neither. */
static u64 period_of(const char *text)
{
	static const struct {
		const char *name;
		u64 ns;
	} units[] = { { "ns", 1 }, { "us", 1000 }, { "ms", 1000000 }, { "s", 1000000000 } };
	char *unit;
	u64 count = simple_strtoull(text, &unit, 10), ns;
	unsigned int n;

	if (unit == text || !count)
		return 0;
	if (!strcmp(unit, "hz"))
		return div64_u64(NSEC_PER_SEC, count);
	for (n = 0; n < ARRAY_SIZE(units); n++)
		if (!strcmp(unit, units[n].name))
			return check_mul_overflow(count, units[n].ns, &ns) || ns > S64_MAX ? 0 : ns;
	return 0;
}

int ktap_profile_parse(struct ktap_sampler *s, const char *spec, struct ktap_message *m)
{
	u64 least = (u64)READ_ONCE(ktap_sample_min_us) * NSEC_PER_USEC;

	s->class = KTAP_HIT_PROFILE;
	s->period = period_of(spec + strlen("profile-"));
	if (!s->period || strscpy(s->name, spec, sizeof(s->name)) < 0)
		return ktap_complain(m, -EINVAL, "'%s' is no timer of the form profile-10ms", spec);
	if (s->period < least)
		return ktap_complain(m, -EINVAL,
				     "%s: its period is %llu ns, and this board allows no less than %llu ns (module parameter sample_min_us)",
				     spec, s->period, least);
	return 0;
}

int ktap_profile_register(struct ktap_sampler *s, struct ktap_message *m)
{
	unsigned int cpu;

	s->timers = alloc_percpu(struct ktap_profile_timer);
	if (!s->timers)
		return ktap_complain(m, -ENOMEM, "out of memory");
	for_each_possible_cpu (cpu) {
		struct ktap_profile_timer *t = per_cpu_ptr(s->timers, cpu);

		t->sampler = s;
		ktap_hrtimer_setup(&t->timer, on_timer, CLOCK_MONOTONIC,
				   HRTIMER_MODE_REL_PINNED_HARD);
	}
	return 0;
}

void ktap_profile_free(struct ktap_sampler *s)
{
	free_percpu(s->timers);
}
