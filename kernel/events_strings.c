// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Strings from kernel and user memory. Every read is one that cannot fault anything in: what is
 * not there is unreadable. Nothing is read across a page boundary in one piece, so that a string
 * at the end of a mapping is read whole.
 */
#include <linux/mm.h>
#include <linux/uaccess.h>

#include "events_internal.h"

#define FIRST_CHUNK 64u /* most names fit: further chunks are larger */

/* Each context level in which script code runs needs its own. */
struct scratch {
	char bytes[KTAP_LEVEL_RUN][KTAP_SCRATCH];
};

static struct scratch __percpu *scratch;

int ktap_scratch_init(void)
{
	scratch = alloc_percpu(struct scratch);
	return scratch ? 0 : -ENOMEM;
}

void ktap_scratch_exit(void)
{
	free_percpu(scratch);
}

char *ktap_scratch(void)
{
	return this_cpu_ptr(scratch)->bytes[ktap_level()];
}

static size_t chunk_size(unsigned long from, size_t done, size_t limit)
{
	size_t chunk = done ? PAGE_SIZE : FIRST_CHUNK;

	return min3(chunk, limit - done, (size_t)(PAGE_SIZE - offset_in_page(from + done)));
}

long ktap_kernel_string(char *to, const void *from, size_t size)
{
	size_t done = 0, chunk, length;

	while (done < size - 1) {
		chunk = chunk_size((unsigned long)from, done, size - 1);
		if (copy_from_kernel_nofault(to + done, from + done, chunk))
			return -EFAULT;
		length = strnlen(to + done, chunk);
		done += length;
		if (length < chunk)
			break;
	}
	to[done] = '\0';
	return done;
}

long ktap_user_string(char *to, unsigned long from, size_t limit)
{
	size_t done = 0, chunk, length;

	while (done < limit) {
		chunk = chunk_size(from, done, limit);
		if (copy_from_user_nofault(to + done, (const void __user *)(from + done), chunk))
			return -EFAULT;
		length = strnlen(to + done, chunk);
		done += length;
		if (length < chunk)
			break;
	}
	return done;
}
