// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * What a hostile reader may try with a program's rings: write to them, map too much, lie about
 * how far it has read. The kernel must refuse or shrug.
 *
 *   ktap-mmap BUNDLE      a bundle that writes records all the time
 */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <time.h>
#include <unistd.h>

#include "client.h"

static struct client client;
static int failures;

static void expect(const char *what, int found, int wanted)
{
	if (found == wanted) {
		printf("ok: %s: %s\n", what, errno_name(wanted));
		return;
	}
	printf("FAILED: %s: %s, not %s\n", what, errno_name(found), errno_name(wanted));
	failures++;
}

static int try_map(size_t bytes, int protection, int flags, uint64_t offset)
{
	void *p = mmap(NULL, bytes, protection, flags, client.program, (off_t)offset);
	int error = p == MAP_FAILED ? errno : 0;

	if (!error)
		munmap(p, bytes);
	return error;
}

/* /proc/self/mem writes through protections where the mapping may become writable. */
static int try_force(const void *at)
{
	int fd = open("/proc/self/mem", O_RDWR);
	uint32_t word = 0xffffffff;
	int error = 0;

	if (fd < 0)
		return errno;
	if (pwrite(fd, &word, sizeof(word), (off_t)(uintptr_t)at) < 0)
		error = errno;
	close(fd);
	return error;
}

static void refusals(void)
{
	size_t page = (size_t)sysconf(_SC_PAGESIZE);
	const struct ktap_producer *p = client.producers[0];
	size_t whole = p->page + p->size;
	uint32_t size = p->size;

	expect("ring writable", try_map(page, PROT_READ | PROT_WRITE, MAP_SHARED, KTAP_RING_OFFSET(0)),
	       EPERM);
	expect("ring executable", try_map(page, PROT_READ | PROT_EXEC, MAP_SHARED, KTAP_RING_OFFSET(0)),
	       EPERM);
	expect("ring private", try_map(page, PROT_READ, MAP_PRIVATE, KTAP_RING_OFFSET(0)), EINVAL);
	expect("ring too long", try_map(whole + page, PROT_READ, MAP_SHARED, KTAP_RING_OFFSET(0)), EINVAL);
	expect("ring of no CPU", try_map(page, PROT_READ, MAP_SHARED, KTAP_RING_OFFSET(client.cpus)),
	       EINVAL);
	expect("between two rings", try_map(page, PROT_READ, MAP_SHARED, KTAP_RING_OFFSET(0) + page),
	       EINVAL);
	expect("consumers too long", try_map(64 * page, PROT_READ | PROT_WRITE, MAP_SHARED, 0), EINVAL);
	expect("mprotect of a ring", mprotect((void *)p, whole, PROT_READ | PROT_WRITE) ? errno : 0,
	       EACCES);
	expect("forced write", try_force(&p->size) ? EIO : 0, EIO);
	if (p->size != size) {
		printf("FAILED: the ring was written to\n");
		failures++;
	}
}

/* Reader positions of every kind, stored while the program writes. */
static void lies(void)
{
	static const uint32_t offsets[] = { 0, 1, 4, 8, 16, 0x7fffffff, 0x80000000, 0xffffffff, 0xfffffff8 };
	const int count = sizeof(offsets) / sizeof(*offsets);
	time_t end = time(NULL) + 2;

	for (unsigned int n = 0; time(NULL) < end; n++) {
		for (uint32_t cpu = 0; cpu < client.cpus; cpu++) {
			uint32_t head = client.producers[cpu]->head;
			uint32_t base = n % 3 ? head : head - client.producers[cpu]->size;

			client.consumers[cpu].tail = base + offsets[n % count];
		}
		getppid();
	}
}

int main(int argc, char **argv)
{
	struct ktap_ioc_status status;
	uint8_t *bundle;
	size_t length;
	int error;

	if (argc != 2)
		fatal("usage: ktap-mmap BUNDLE");
	bundle = read_file(argv[1], &length, 0);
	client_open(&client);
	error = client_load(&client, bundle, length, 0, NULL, 0);
	if (!error)
		error = client_attach(&client);
	if (error)
		fatal("%s: %s", errno_name(-error), client.message);
	error = client_map(&client);
	if (error)
		fatal("mmap: %s", errno_name(-error));
	expect("second attach", -client_attach(&client), EBUSY);
	expect("start", -client_start(&client), 0);
	expect("second start", -client_start(&client), EBUSY);
	refusals();
	lies();
	expect("stop", -client_stop(&client), 0);
	client_stop(&client);
	sleep(1);
	expect("status", -client_status(&client, &status), 0);
	expect("ended", status.state == KTAP_STATE_ENDED ? 0 : EBUSY, 0);
	print_status(&status);
	client_unload(&client);
	return failures != 0;
}
