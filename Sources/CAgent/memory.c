// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * The heap of the agent, which has one thread and grows arrays by doubling: blocks of powers of two, kept by
 * size when they are free. A twelfth of the code of a general allocator.
 */
#include <errno.h>
#include <stdint.h>
#include <stdlib.h>
#include <sys/mman.h>

#ifndef __GLIBC__ /* with which only the tests run the agent, in processes of several threads */

/* In front of each block; keeps what follows aligned for anything. */
struct block {
	size_t order; /* the block has 1 << order bytes, this header included */
	struct block *next; /* while it is free */
} __attribute__((aligned(16)));

#define LEAST 5 /* 32 bytes */
#define LARGE 16 /* blocks of 64 KiB and more are mapped one by one */
#define MOST 30

static struct block *spare[LARGE];
static char *rest, *rest_end; /* of the last piece of memory that blocks are cut from */

static void *map(size_t size)
{
	void *p = mmap(NULL, size, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);

	return p == MAP_FAILED ? NULL : p;
}

/* Cuts a block off; what is left of a piece that is too short for it stays unused. */
static struct block *cut(size_t size)
{
	char *p = rest;

	if ((size_t)(rest_end - rest) < size) {
		p = map((size_t)1 << LARGE);
		if (!p)
			return NULL;
		rest_end = p + ((size_t)1 << LARGE);
	}
	rest = p + size;
	return (struct block *)p;
}

void *malloc(size_t size)
{
	size_t order = LEAST;
	struct block *block;

	while (order <= MOST && size > ((size_t)1 << order) - sizeof(*block))
		order++;
	if (order > MOST) {
		errno = ENOMEM;
		return NULL;
	}
	if (order < LARGE && spare[order]) {
		block = spare[order];
		spare[order] = block->next;
	} else {
		block = order < LARGE ? cut((size_t)1 << order) : map((size_t)1 << order);
	}
	if (!block)
		return NULL;
	block->order = order;
	return block + 1;
}

void free(void *p)
{
	struct block *block = (struct block *)p - 1;

	if (!p)
		return;
	if (block->order >= LARGE) {
		munmap(block, (size_t)1 << block->order);
		return;
	}
	block->next = spare[block->order];
	spare[block->order] = block;
}

/* Nothing here asks for more than the alignment that all blocks have. */
void *aligned_alloc(size_t alignment, size_t size)
{
	if (alignment > sizeof(struct block)) {
		errno = EINVAL;
		return NULL;
	}
	return malloc(size);
}

int posix_memalign(void **result, size_t alignment, size_t size)
{
	*result = aligned_alloc(alignment, size);
	return *result ? 0 : errno;
}

#endif
