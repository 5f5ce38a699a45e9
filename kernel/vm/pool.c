// SPDX-License-Identifier: GPL-2.0-or-later
/* The cells of a program's tables; see pool.h. */
#include "pool.h"

/* SplitMix64: spreads the seed over the secret. */
static uint64_t spread(uint64_t *state)
{
	uint64_t z = *state += 0x9e3779b97f4a7c15ull;

	z = (z ^ z >> 30) * 0xbf58476d1ce4e5b9ull;
	z = (z ^ z >> 27) * 0x94d049bb133111ebull;
	return z ^ z >> 31;
}

struct ktap_pool *ktap_pool_new(uint32_t memory, uint64_t seed)
{
	struct ktap_pool *s;
	uint32_t buckets = 16, n;

	_Static_assert(sizeof(union ktap_cell) == KTAP_CELL_SIZE, "a cell is 64 bytes");
	s = ktap_alloc(sizeof(*s));
	if (!s)
		return NULL;
	/* About one bucket for two cells: 3 % of the memory. */
	while (buckets < memory / (2 * KTAP_CELL_SIZE))
		buckets *= 2;
	s->size = memory;
	s->memory = memory;
	s->bucket_mask = buckets - 1;
	s->cell_count = memory > buckets * 4 ? (memory - buckets * 4) / KTAP_CELL_SIZE : 0;
	s->untouched = 1;
	s->collect_below = s->cell_count / 2;
	s->cell_memory = ktap_alloc(((size_t)s->cell_count + 2) * KTAP_CELL_SIZE);
	s->buckets = ktap_alloc((size_t)buckets * 4);
	if (!s->cell_memory || !s->buckets) {
		ktap_pool_free(s);
		return NULL;
	}
	s->cells = (union ktap_cell *)(((uintptr_t)s->cell_memory + KTAP_CELL_SIZE - 1) &
				       ~(uintptr_t)(KTAP_CELL_SIZE - 1));
	for (n = 0; n < sizeof(s->secret) / sizeof(s->secret[0]); n++)
		s->secret[n] = spread(&seed);
	ktap_lock_init(&s->spare);
	ktap_lock_init(&s->retiring);
	for (n = 0; n < KTAP_CHAIN_LOCKS; n++)
		ktap_lock_init(&s->chains[n]);
	for (n = 0; n < KTAP_ORDER_LOCKS; n++)
		ktap_lock_init(&s->orders[n]);
	return s;
}

void ktap_pool_free(struct ktap_pool *s)
{
	if (!s)
		return;
	ktap_free(s->cell_memory);
	ktap_free(s->buckets);
	ktap_free(s);
}

uint32_t ktap_pool_take(struct ktap_pool *s, uint32_t n)
{
	uint32_t first = 0, index;
	unsigned long flags;

	ktap_lock(&s->spare, flags);
	if (s->spare_count + (s->cell_count > s->untouched ? s->cell_count - s->untouched : 0) >= n) {
		while (n--) {
			if (s->spare_first) {
				index = s->spare_first;
				s->spare_first = s->cells[index].head.link;
				ktap_write_once(s->spare_count, s->spare_count - 1);
			} else {
				index = s->untouched;
				ktap_write_once(s->untouched, index + 1);
			}
			s->cells[index].head.link = first;
			first = index;
		}
	}
	ktap_unlock(&s->spare, flags);
	return first;
}

void ktap_pool_give(struct ktap_pool *s, uint32_t first)
{
	uint32_t last = first, count = 1;
	unsigned long flags;

	if (!first)
		return;
	/* The chain is the caller's own: it is walked before the lock is taken. */
	while (s->cells[last].head.link) {
		last = s->cells[last].head.link;
		count++;
	}
	ktap_lock(&s->spare, flags);
	s->cells[last].head.link = s->spare_first;
	s->spare_first = first;
	ktap_write_once(s->spare_count, s->spare_count + count);
	ktap_unlock(&s->spare, flags);
}
