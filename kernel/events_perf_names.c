// SPDX-License-Identifier: GPL-2.0-or-later
/* The names of the counters, "perf:NAME@PERIOD". The compiler writes them so. */
#include "events_internal.h"
#include "module.h"

#define SOFTWARE(name, which) { name, PERF_TYPE_SOFTWARE, PERF_COUNT_SW_##which, 1 }
#define HARDWARE(name, which, least) { name, PERF_TYPE_HARDWARE, PERF_COUNT_HW_##which, least }
#define CACHE(name, which, operation, result)                                                      \
	{                                                                                          \
		name, PERF_TYPE_HW_CACHE,                                                          \
			PERF_COUNT_HW_CACHE_##which | PERF_COUNT_HW_CACHE_OP_##operation << 8 |    \
				PERF_COUNT_HW_CACHE_RESULT_##result << 16,                         \
			LEAST_OTHER                                                                \
	}

/* Shorter periods would have the processor do little else than take samples. */
#define LEAST_CYCLES 10000
#define LEAST_OTHER 1000

static const struct {
	const char *name;
	u32 type;
	u32 config;
	u32 least; /* of its period */
} counters[] = {
	SOFTWARE("cpu-clock", CPU_CLOCK),
	SOFTWARE("task-clock", TASK_CLOCK),
	SOFTWARE("page-faults", PAGE_FAULTS),
	SOFTWARE("minor-faults", PAGE_FAULTS_MIN),
	SOFTWARE("major-faults", PAGE_FAULTS_MAJ),
	SOFTWARE("context-switches", CONTEXT_SWITCHES),
	SOFTWARE("cpu-migrations", CPU_MIGRATIONS),
	SOFTWARE("alignment-faults", ALIGNMENT_FAULTS),
	SOFTWARE("emulation-faults", EMULATION_FAULTS),
	HARDWARE("cpu-cycles", CPU_CYCLES, LEAST_CYCLES),
	HARDWARE("instructions", INSTRUCTIONS, LEAST_CYCLES),
	HARDWARE("bus-cycles", BUS_CYCLES, LEAST_CYCLES),
	HARDWARE("ref-cycles", REF_CPU_CYCLES, LEAST_CYCLES),
	HARDWARE("cache-references", CACHE_REFERENCES, LEAST_OTHER),
	HARDWARE("cache-misses", CACHE_MISSES, LEAST_OTHER),
	HARDWARE("branch-instructions", BRANCH_INSTRUCTIONS, LEAST_OTHER),
	HARDWARE("branch-misses", BRANCH_MISSES, LEAST_OTHER),
	HARDWARE("stalled-cycles-frontend", STALLED_CYCLES_FRONTEND, LEAST_OTHER),
	HARDWARE("stalled-cycles-backend", STALLED_CYCLES_BACKEND, LEAST_OTHER),
	CACHE("L1-dcache-loads", L1D, READ, ACCESS),
	CACHE("L1-dcache-load-misses", L1D, READ, MISS),
	CACHE("L1-dcache-stores", L1D, WRITE, ACCESS),
	CACHE("L1-icache-load-misses", L1I, READ, MISS),
	CACHE("LLC-loads", LL, READ, ACCESS),
	CACHE("LLC-load-misses", LL, READ, MISS),
	CACHE("LLC-stores", LL, WRITE, ACCESS),
	CACHE("LLC-store-misses", LL, WRITE, MISS),
	CACHE("dTLB-load-misses", DTLB, READ, MISS),
	CACHE("iTLB-load-misses", ITLB, READ, MISS),
};

static int complain_name(const char *spec, const char *name, struct ktap_message *m)
{
	struct ktap_suggestion suggestion;
	char text[2 * KTAP_EVENT_NAME + 32];
	unsigned int n;

	ktap_suggestion_init(&suggestion, name);
	for (n = 0; n < ARRAY_SIZE(counters); n++)
		ktap_suggestion_offer(&suggestion, counters[n].name);
	return ktap_complain(m, -ENOENT, "no event matches '%s': there is no counter '%s'%s", spec, name,
			     ktap_suggestion_text(&suggestion, text, sizeof(text)));
}

static bool is_clock(const struct ktap_sampler *s)
{
	return s->type == PERF_TYPE_SOFTWARE && s->config <= PERF_COUNT_SW_TASK_CLOCK;
}

int ktap_counter_parse(struct ktap_sampler *s, const char *spec, struct ktap_message *m)
{
	const char *at = strchr(spec, '@');
	char name[KTAP_EVENT_NAME];
	u64 least;
	unsigned int n;

	s->class = KTAP_HIT_PERF;
	spec += strlen("perf:");
	if (!at || kstrtou64(at + 1, 10, &s->period) || !s->period || s->period > S64_MAX ||
	    strscpy(s->name, spec, sizeof(s->name)) < 0)
		return ktap_complain(m, -EINVAL, "'perf:%s' is no event of the form perf:NAME@PERIOD",
				     spec);
	strscpy(name, spec, min_t(size_t, sizeof(name), at - spec + 1));
	for (n = 0; n < ARRAY_SIZE(counters) && strcmp(name, counters[n].name); n++)
		;
	if (n == ARRAY_SIZE(counters))
		return complain_name(spec - strlen("perf:"), name, m);
	s->type = counters[n].type;
	s->config = counters[n].config;
	least = is_clock(s) ? (u64)READ_ONCE(ktap_sample_min_us) * NSEC_PER_USEC : counters[n].least;
	if (s->period < least)
		return ktap_complain(m, -EINVAL, "perf:%s: this board allows no period of less than %llu%s",
				     spec, least,
				     is_clock(s) ? " ns (module parameter sample_min_us)" : "");
	return 0;
}
