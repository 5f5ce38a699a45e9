// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * usage: ktap-hostile SECONDS SEED BUNDLE...
 *
 * A caller with no manners: several threads share a few program descriptors and make random calls on them and on
 * the device, with structures and addresses that may be anything, in any order, while others close the
 * descriptors. Seeded; the interleaving is not. Prints what it did; the test is that the board survives it.
 */
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <time.h>
#include <unistd.h>

#include "client.h"
#include "ioctls.h"

#define THREADS 4
#define PROGRAMS 6
#define BUNDLES 8

struct bundle {
	uint8_t *bytes;
	size_t length;
};

static struct bundle bundles[BUNDLES];
static int bundle_count, device;
static int programs[PROGRAMS]; /* -1: none */
static time_t end;
static unsigned long calls, loaded;

struct caller {
	uint64_t state;
	uint8_t *page; /* two pages, the second of which cannot be touched */
};

/* SplitMix64 (Steele, Lea, Flood 2014) */
static uint64_t draw(struct caller *c)
{
	uint64_t z = c->state += 0x9e3779b97f4a7c15;

	z = (z ^ z >> 30) * 0xbf58476d1ce4e5b9;
	z = (z ^ z >> 27) * 0x94d049bb133111eb;
	return z ^ z >> 31;
}

static uint64_t below(struct caller *c, uint64_t bound)
{
	return draw(c) % bound;
}

/* An address: mostly good, or at the end of a page, of the kernel, of nothing. */
static uint64_t address(struct caller *c, size_t size)
{
	long page = sysconf(_SC_PAGESIZE);

	switch (below(c, 8)) {
	case 0:
		return 0;
	case 1:
		return (uintptr_t)c->page + page - below(c, size + 1);
	case 2:
		return draw(c);
	case 3:
		return 0xffffffff80000000 + below(c, 1 << 20);
	default:
		return (uintptr_t)c->page + below(c, 64);
	}
}

static uint32_t odd_number(struct caller *c)
{
	static const uint32_t odd[] = { 0, 1, 2, 4095, 4096, 4097, 0x7fffffff, 0x80000000, 0xffffffff };

	return below(c, 3) ? odd[below(c, sizeof(odd) / sizeof(*odd))] : (uint32_t)draw(c);
}

static void load(struct caller *c)
{
	const struct bundle *b = &bundles[below(c, bundle_count)];
	struct ktap_ioc_load io = { .bundle = (uintptr_t)b->bytes, .bundle_length = b->length, .cpu = -1 };
	int fd, slot = below(c, PROGRAMS);

	if (!below(c, 3)) {
		switch (below(c, 8)) {
		case 0: io.bundle = address(c, b->length); break;
		case 1: io.bundle_length = below(c, 2) ? draw(c) : below(c, b->length); break;
		case 2: io.arguments = address(c, 512), io.argument_count = odd_number(c); break;
		case 3: io.flags = odd_number(c); break;
		case 4: io.ring = odd_number(c); break;
		case 5: io.pid = odd_number(c), io.command = odd_number(c); break;
		case 6: io.cpu = odd_number(c); break;
		default:
			io.message.address = address(c, 256);
			io.message.size = odd_number(c);
			io.message.reserved = !below(c, 4);
			io.flags = 0x80;
		}
	}
	fd = ioctl(device, KTAP_IOC_LOAD, &io);
	if (fd < 0)
		return;
	__atomic_fetch_add(&loaded, 1, __ATOMIC_RELAXED);
	fd = __atomic_exchange_n(&programs[slot], fd, __ATOMIC_RELAXED);
	if (fd >= 0)
		close(fd);
}

static void call(struct caller *c, int program)
{
	static const unsigned long requests[] = { KTAP_IOC_ATTACH, KTAP_IOC_START,  KTAP_IOC_STOP,
						  KTAP_IOC_STATUS, KTAP_IOC_EVENT,  KTAP_IOC_LOAD,
						  KTAP_IOC_VERSION, KTAP_IOC_SYMBOL, KTAP_IOC_NARROW };
	unsigned long request = requests[below(c, sizeof(requests) / sizeof(*requests))];
	void *argument = (void *)(uintptr_t)address(c, 256);
	struct ktap_ioc_attach attach = { 0 };
	size_t n;

	/* Also descriptors of all sorts: devices, programs, what is not open. */
	if (!below(c, 8)) {
		struct ktap_ioc_narrow narrow = { .flags = below(c, 3) ? 0 : odd_number(c),
						  .cgroup = (int)below(c, 24) - 2 };

		narrow.message.address = address(c, 64);
		narrow.message.size = odd_number(c);
		ioctl(program, KTAP_IOC_NARROW, &narrow);
		return;
	}
	/* Mostly what makes sense, so that programs get as far as running. */
	if (below(c, 3)) {
		memset(&attach, 0, sizeof(attach));
		ioctl(program, below(c, 2) ? KTAP_IOC_ATTACH : KTAP_IOC_START, &attach);
		return;
	}
	for (n = 0; n < 256; n++)
		c->page[n] = below(c, 4) ? 0 : (uint8_t)draw(c);
	if (!below(c, 8))
		request ^= 1ul << below(c, 32);
	ioctl(below(c, 8) ? program : device, request, argument);
}

static void map(struct caller *c, int program)
{
	size_t length = sysconf(_SC_PAGESIZE) * (1 + below(c, 70));
	off_t offset = below(c, 2) ? (off_t)(below(c, 4) << KTAP_RING_SHIFT) :
				     (off_t)(draw(c) & 0x3fffffff000);
	int rights = below(c, 2) ? PROT_READ : PROT_READ | PROT_WRITE;
	uint8_t *p = mmap(NULL, length, rights, MAP_SHARED, program, offset);

	if (p == MAP_FAILED)
		return;
	if (!(rights & PROT_WRITE) && !mprotect(p, length, PROT_READ | PROT_WRITE) && offset)
		fatal("a ring's data can be made writable");
	/* The readers' page: a tail that lies. */
	if (rights & PROT_WRITE)
		for (int n = 0; n < 8; n++)
			((uint32_t *)p)[below(c, 32)] = odd_number(c);
	munmap(p, length);
}

static void *misbehave(void *caller)
{
	struct caller *c = caller;

	while (time(NULL) < end) {
		int slot = below(c, PROGRAMS);
		int program = __atomic_load_n(&programs[slot], __ATOMIC_RELAXED);
		struct pollfd p = { program, POLLIN, 0 };

		__atomic_fetch_add(&calls, 1, __ATOMIC_RELAXED);
		switch (below(c, 10)) {
		case 0:
		case 1:
			load(c);
			break;
		case 2:
			program = __atomic_exchange_n(&programs[slot], -1, __ATOMIC_RELAXED);
			if (program >= 0)
				close(program);
			break;
		case 3:
			map(c, program);
			break;
		case 4:
			poll(&p, 1, 0);
			break;
		default:
			call(c, program);
		}
	}
	return NULL;
}

int main(int argc, char **argv)
{
	pthread_t threads[THREADS];
	struct caller callers[THREADS];
	long page = sysconf(_SC_PAGESIZE);
	int n;

	if (argc < 4 || argc - 3 > BUNDLES)
		fatal("usage: ktap-hostile SECONDS SEED BUNDLE...");
	device = open(KTAP_DEVICE, O_RDWR | O_CLOEXEC);
	if (device < 0)
		fatal("%s: %s", KTAP_DEVICE, strerror(errno));
	for (; bundle_count < argc - 3; bundle_count++)
		bundles[bundle_count].bytes =
			read_file(argv[3 + bundle_count], &bundles[bundle_count].length, 0);
	for (n = 0; n < PROGRAMS; n++)
		programs[n] = -1;
	end = time(NULL) + atol(argv[1]);
	for (n = 0; n < THREADS; n++) {
		callers[n].state = strtoull(argv[2], NULL, 0) + n;
		callers[n].page = mmap(NULL, 2 * page, PROT_READ | PROT_WRITE,
				       MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
		if (callers[n].page == MAP_FAILED || munmap(callers[n].page + page, page))
			fatal("no memory");
		if (pthread_create(&threads[n], NULL, misbehave, &callers[n]))
			fatal("no threads");
	}
	for (n = 0; n < THREADS; n++)
		pthread_join(threads[n], NULL);
	printf("%lu calls, %lu programs loaded\n", calls, loaded);
	return loaded < 20;
}
