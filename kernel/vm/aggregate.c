// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Aggregates: each CPU adds to a part of its own; what histograms count lies in cells that come
 * when they are needed. Reading merges everything into a snapshot.
 */
#include "pool.h"

const struct ktap_snapshot ktap_no_snapshot;

#ifndef __KERNEL__
__thread uint32_t ktap_simulated_cpu;

void ktap_simulate_cpu(uint32_t cpu)
{
	ktap_simulated_cpu = cpu;
}
#endif

/* Groups of counters: those of HIST, for the buckets from -64 on, then those of LHIST, from -1 on. */
#define LINEAR_GROUP 32u
#define FIRST_POWER (-64)
#define FIRST_LINEAR (-1)

static int32_t power_bucket(int64_t value)
{
	return value < 0 ? -(int32_t)ktap_bit_length(0 - (uint64_t)value) :
			   (int32_t)ktap_bit_length((uint64_t)value);
}

static int32_t linear_bucket(const struct ktap_linear *linear, int64_t value)
{
	uint64_t distance = (uint64_t)value - (uint64_t)linear->low, below;
	uint32_t low = 0, high = linear->steps, middle;

	if (value < linear->low)
		return FIRST_LINEAR;
	/* How many buckets end at or below the value; without a division, and nothing overflows. */
	while (low < high) {
		middle = (low + high + 1) / 2;
		below = (middle - 1) * linear->step;
		if (distance >= below && distance - below >= linear->step)
			low = middle;
		else
			high = middle - 1;
	}
	return (int32_t)low;
}

/* Links a new cell in at `place`, cleared. */
static uint32_t link_cell(struct ktap_pool *s, uint32_t *place)
{
	uint32_t index = ktap_pool_take(s, 1);

	if (!index)
		return 0;
	memset((uint8_t *)&s->cells[index] + sizeof(s->cells->head), 0,
	       KTAP_CELL_SIZE - sizeof(s->cells->head));
	s->cells[index].head.link = *place;
	*place = index;
	return index;
}

static struct ktap_part *part_of(struct ktap_pool *s, uint32_t *place, uint32_t cpu,
				 uint32_t *steps)
{
	uint32_t index;

	for (; *place; place = &s->cells[*place].head.link) {
		++*steps;
		if (s->cells[*place].part.cpu == cpu)
			return &s->cells[*place].part;
	}
	index = link_cell(s, place);
	if (!index)
		return NULL;
	s->cells[index].part.cpu = cpu;
	return &s->cells[index].part;
}

static uint64_t *counter_of(struct ktap_pool *s, uint32_t *place, uint32_t group, uint32_t bucket,
			    uint32_t *steps)
{
	group += bucket / KTAP_COUNTERS;
	for (; *place && s->cells[*place].counters.group < group;
	     place = &s->cells[*place].head.link)
		++*steps;
	if (!*place || s->cells[*place].counters.group != group) {
		if (!link_cell(s, place))
			return NULL;
		s->cells[*place].counters.group = group;
	}
	return &s->cells[*place].counters.counts[bucket % KTAP_COUNTERS];
}

/* Adds to a number of 128 bits. */
static void add_wide(uint64_t wide[2], uint64_t low, uint64_t high)
{
	wide[0] += low;
	wide[1] += high + (wide[0] < low);
}

static void add_square(uint64_t wide[2], int64_t value)
{
	uint64_t size = value < 0 ? 0 - (uint64_t)value : (uint64_t)value;
	uint64_t low = (uint32_t)size, high = size >> 32, cross = low * high;

	add_wide(wide, low * low, high * high);
	add_wide(wide, cross << 33, cross >> 31);
}

bool ktap_aggregate_add(struct ktap_program *p, const struct ktap_site *site, uint64_t *bits,
			int64_t value, uint32_t *steps)
{
	struct ktap_pool *s = p->pool;
	uint32_t parts = (uint32_t)*bits, counters = (uint32_t)(*bits >> 32);
	struct ktap_part *part = part_of(s, &parts, ktap_cpu(), steps);
	uint64_t *power = NULL, *linear = NULL;
	bool complete = part;

	if (site->keeps & KTAP_AGGREGATE_HIST) {
		power = counter_of(s, &counters, 0, (uint32_t)(power_bucket(value) - FIRST_POWER), steps);
		complete &= power != NULL;
	}
	if (site->keeps & KTAP_AGGREGATE_LHIST) {
		int32_t bucket = linear_bucket(&p->linear[site->index], value);

		linear = counter_of(s, &counters, LINEAR_GROUP, (uint32_t)(bucket - FIRST_LINEAR), steps);
		complete &= linear != NULL;
	}
	*bits = (uint64_t)counters << 32 | parts;
	if (!complete)
		return false;
	part->least = part->count && part->least < value ? part->least : value;
	part->most = part->count && part->most > value ? part->most : value;
	part->count++;
	part->sum = (int64_t)((uint64_t)part->sum + (uint64_t)value);
	if (site->keeps & KTAP_AGGREGATE_SQUARES)
		add_square(part->squares, value);
	if (power)
		++*power;
	if (linear)
		++*linear;
	return true;
}

void ktap_aggregate_drop(struct ktap_pool *s, uint64_t bits)
{
	ktap_pool_give(s, (uint32_t)bits);
	ktap_pool_give(s, (uint32_t)(bits >> 32));
}

static void merge(const struct ktap_pool *s, uint32_t index, struct ktap_record_aggregate *total)
{
	for (; index; index = s->cells[index].head.link) {
		const struct ktap_part *part = &s->cells[index].part;

		if (!part->count)
			continue;
		total->least = total->count && total->least < part->least ? total->least : part->least;
		total->most = total->count && total->most > part->most ? total->most : part->most;
		total->count += part->count;
		total->sum = (int64_t)((uint64_t)total->sum + (uint64_t)part->sum);
		add_wide(total->squares, part->squares[0], part->squares[1]);
	}
}

/* Writes the buckets that counted something, unless `out` is NULL; their number. */
static uint32_t collect(const struct ktap_pool *s, uint32_t index, struct ktap_record_bucket *out,
			uint16_t *powers)
{
	uint32_t count = 0, n;

	for (*powers = 0; index; index = s->cells[index].head.link) {
		const struct ktap_counters *c = &s->cells[index].counters;
		bool linear = c->group >= LINEAR_GROUP;
		int32_t first = linear ? (int32_t)((c->group - LINEAR_GROUP) * KTAP_COUNTERS) + FIRST_LINEAR :
					 (int32_t)(c->group * KTAP_COUNTERS) + FIRST_POWER;

		for (n = 0; n < KTAP_COUNTERS; n++) {
			if (!c->counts[n])
				continue;
			if (out)
				out[count] = (struct ktap_record_bucket){ .index = first + (int32_t)n,
									  .count = c->counts[n] };
			count++;
			*powers += !linear;
		}
	}
	return count;
}

uint32_t ktap_aggregate_keep(struct ktap_exec *x, uint64_t *bits)
{
	const struct ktap_snapshot *snapshot = ktap_snapshot(*bits);
	const struct ktap_record_aggregate *total = &snapshot->total;
	struct ktap_pool *s = x->program->pool;
	uint32_t parts = 0, counters = 0, *tail = &counters, cell, n;
	uint32_t code = ktap_charge(x, total->bucket_count / KTAP_COUNTERS);

	if (code)
		return code;
	cell = link_cell(s, &parts);
	if (cell) {
		struct ktap_part *part = &s->cells[cell].part;

		part->count = total->count;
		part->sum = total->sum;
		part->least = total->least;
		part->most = total->most;
		memcpy(part->squares, total->squares, sizeof(part->squares));
	}
	for (n = 0; cell && n < total->bucket_count; n++) {
		bool linear = n >= snapshot->powers;
		uint32_t bucket = (uint32_t)(snapshot->buckets[n].index - (linear ? FIRST_LINEAR : FIRST_POWER));
		uint32_t group = (linear ? LINEAR_GROUP : 0) + bucket / KTAP_COUNTERS;

		if (tail == &counters || s->cells[cell].counters.group != group) {
			cell = link_cell(s, tail);
			if (!cell)
				break;
			s->cells[cell].counters.group = group;
			tail = &s->cells[cell].head.link;
		}
		s->cells[cell].counters.counts[bucket % KTAP_COUNTERS] = snapshot->buckets[n].count;
	}
	*bits = (uint64_t)counters << 32 | parts;
	if (cell)
		return 0;
	ktap_aggregate_drop(s, *bits);
	return ktap_no_memory(x);
}

uint32_t ktap_aggregate_read(struct ktap_exec *x, const struct ktap_site *site, uint64_t bits,
			     struct ktap_value *value)
{
	const struct ktap_pool *s = x->program->pool;
	uint32_t counters = (uint32_t)(bits >> 32), count, code;
	struct ktap_snapshot *snapshot;
	struct ktap_string *room;
	uint16_t powers;

	count = collect(s, counters, NULL, &powers);
	code = ktap_arena_string(x, (uint32_t)(sizeof(*snapshot) - offsetof(struct ktap_string, bytes) +
					       count * sizeof(snapshot->buckets[0])), &room);
	if (code)
		return code;
	snapshot = (struct ktap_snapshot *)room;
	snapshot->powers = powers;
	snapshot->keeps = site->keeps;
	snapshot->reserved = 0;
	memset(&snapshot->total, 0, sizeof(snapshot->total));
	merge(s, (uint32_t)bits, &snapshot->total);
	collect(s, counters, snapshot->buckets, &powers);
	snapshot->total.bucket_count = count;
	if (site->keeps & KTAP_AGGREGATE_LHIST) {
		const struct ktap_linear *linear = &x->program->linear[site->index];

		snapshot->total.low = linear->low;
		snapshot->total.step = (int64_t)linear->step;
		snapshot->total.steps = linear->steps;
	}
	value->kind = KTAP_KIND_AGGREGATE;
	value->bits = (uint64_t)(uintptr_t)snapshot;
	return 0;
}
