// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * The agent's heap: free lists by powers of two. It replaces musl's malloc, a tenth of the agent's size, and
 * serves one thread; the agent has no other. There is no errno. On the workstation the C library's own is used.
 */
#include <errno.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#ifndef __GLIBC__
#include <sys/mman.h>

#include "cagent.h"
#include "system.h"

#define SMALLEST 5u /* log2 of the smallest block, its header included */
#define LARGEST 15u /* larger ones are mappings of their own */
#define PIECE ((size_t)1 << 16) /* what is taken from the system for small blocks */
#define ALIGNMENT 16u

/* Before each block; what it hands out is aligned as malloc() must. */
struct header {
	union {
		struct header *next; /* in a free list */
		size_t bytes; /* of a mapping of its own */
	};
	size_t power; /* log2 of the block's size, or 0: a mapping */
};

_Static_assert(sizeof(struct header) <= ALIGNMENT, "the header fits before an aligned block");

static struct header *free_blocks[LARGEST + 1];
static uint8_t *piece, *piece_end;

static void *map(size_t bytes)
{
	int error;

	return cagent_map_memory(bytes, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0,
				 &error);
}

static struct header *header_of(void *p)
{
	return (struct header *)((uint8_t *)p - ALIGNMENT);
}

static void *payload_of(struct header *h)
{
	return (uint8_t *)h + ALIGNMENT;
}

static struct header *take(size_t power)
{
	struct header *h = free_blocks[power];
	size_t size = (size_t)1 << power;

	if (h) {
		free_blocks[power] = h->next;
		return h;
	}
	if ((size_t)(piece_end - piece) < size) {
		piece = map(PIECE);
		piece_end = piece ? piece + PIECE : NULL;
		if (!piece)
			return NULL;
	}
	h = (struct header *)piece;
	piece += size;
	return h;
}

void *malloc(size_t size)
{
	struct header *h;
	size_t power = SMALLEST;

	if (size > SIZE_MAX / 2)
		return NULL;
	size += ALIGNMENT;
	if (size > (size_t)1 << LARGEST) {
		h = map(size);
		if (h) {
			h->bytes = size;
			h->power = 0;
		}
	} else {
		while (size > (size_t)1 << power)
			power++;
		h = take(power);
		if (h)
			h->power = power;
	}
	return h ? payload_of(h) : NULL;
}

void free(void *p)
{
	struct header *h;

	if (!p)
		return;
	h = header_of(p);
	if (!h->power) {
		cagent_unmap(h, h->bytes);
		return;
	}
	h->next = free_blocks[h->power];
	free_blocks[h->power] = h;
}

/* Swift asks for no more than its largest value's alignment. */
int posix_memalign(void **result, size_t alignment, size_t size)
{
	if (alignment > ALIGNMENT)
		return EINVAL;
	*result = malloc(size);
	return *result ? 0 : ENOMEM;
}

void *aligned_alloc(size_t alignment, size_t size)
{
	void *p = NULL;

	return posix_memalign(&p, alignment, size) ? NULL : p;
}

void *calloc(size_t count, size_t size)
{
	void *p;

	if (size && count > SIZE_MAX / size)
		return NULL;
	p = malloc(count * size);
	return p ? memset(p, 0, count * size) : NULL;
}

/* Never called by the agent; a heap without it would mix with the C library's. */
void *realloc(void *p, size_t size)
{
	struct header *h;
	size_t room;
	void *new;

	if (!p)
		return malloc(size);
	h = header_of(p);
	room = (h->power ? (size_t)1 << h->power : h->bytes) - ALIGNMENT;
	if (size <= room)
		return p;
	new = malloc(size);
	if (new) {
		memcpy(new, p, room);
		free(p);
	}
	return new;
}
#endif
