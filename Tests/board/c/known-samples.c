// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Does what counters count, a known number of times.
 * usage: known-samples touch PAGES | pingpong ROUNDS | spin MS | calls MS
 */
#define _GNU_SOURCE
#include <sched.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

/* Where the pages lie; scripts know it. */
#define PLACE ((char *)0x60000000)

static void touch(long pages)
{
	long size = sysconf(_SC_PAGESIZE), n;
	char *start;

	if (!pages)
		return;
	start = mmap(PLACE, pages * size, PROT_READ | PROT_WRITE,
		     MAP_PRIVATE | MAP_ANONYMOUS | MAP_FIXED, -1, 0);
	if (start != PLACE)
		exit(2);
	madvise(start, pages * size, MADV_NOHUGEPAGE);
	for (n = 0; n < pages; n++)
		*(volatile char *)(start + n * size) = 1;
}

/* Two processes on one CPU that hand a byte to and fro: each round is two switches. */
static void pingpong(long rounds)
{
	int there[2], back[2];
	cpu_set_t one;
	char byte = 0;

	CPU_ZERO(&one);
	CPU_SET(0, &one);
	if (sched_setaffinity(0, sizeof(one), &one) || pipe(there) || pipe(back))
		exit(2);
	if (!fork()) {
		close(there[1]);
		while (read(there[0], &byte, 1) == 1)
			if (write(back[1], &byte, 1) != 1)
				_exit(2);
		_exit(0);
	}
	close(there[0]);
	while (rounds--)
		if (write(there[1], &byte, 1) != 1 || read(back[0], &byte, 1) != 1)
			exit(2);
	close(there[1]);
	wait(NULL);
}

static long elapsed_ms(const struct timespec *since)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	return (now.tv_sec - since->tv_sec) * 1000 + (now.tv_nsec - since->tv_nsec) / 1000000;
}

/* Keeps a CPU busy: in user mode, or in the kernel. */
static void spin(long ms, int calls)
{
	static char buffer[1 << 20];
	struct timespec start;
	int zero = calls ? fileno(fopen("/dev/zero", "r")) : -1;
	volatile unsigned long n;

	clock_gettime(CLOCK_MONOTONIC, &start);
	do {
		if (calls && read(zero, buffer, sizeof(buffer)) != sizeof(buffer))
			exit(2);
		for (n = 0; !calls && n < 100000; n++)
			;
	} while (elapsed_ms(&start) < ms);
}

int main(int argc, char **argv)
{
	long count = argc == 3 ? atol(argv[2]) : -1;

	if (count < 0)
		return 2;
	if (!strcmp(argv[1], "touch"))
		touch(count);
	else if (!strcmp(argv[1], "pingpong"))
		pingpong(count);
	else if (!strcmp(argv[1], "spin") || !strcmp(argv[1], "calls"))
		spin(count, argv[1][0] == 'c');
	else
		return 2;
	return 0;
}
