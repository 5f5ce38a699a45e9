// SPDX-License-Identifier: GPL-2.0-or-later
/* The hostile build's allocator: counts what is alive and fails when told to. */
#include <stdlib.h>
#include <string.h>

#include "check.h"

long hostile_alive, hostile_fail_after;

void *ktap_hostile_alloc(size_t size);
void ktap_hostile_free(void *p);

void *ktap_hostile_alloc(size_t size)
{
	void *p;

	if (hostile_fail_after && !--hostile_fail_after)
		return NULL;
	p = calloc(1, size);
	if (p)
		__atomic_add_fetch(&hostile_alive, 1, __ATOMIC_RELAXED);
	return p;
}

void ktap_hostile_free(void *p)
{
	if (p)
		__atomic_sub_fetch(&hostile_alive, 1, __ATOMIC_RELAXED);
	free(p);
}
