// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * usage: calls [-m] WHAT CALLS BATCH
 *
 * Makes CALLS system calls in batches and prints how many ticks of the time stamp counter one took
 * in the shortest batch. Under QEMU's -icount shift=0 a tick is an instruction, and the shortest
 * batch is one that no timer interrupted. WHAT is
 *   getppid   nothing is cheaper
 *   openfail  openat() of a file name with flags that are refused as soon as the name was read
 *   signal    a signal to this process, which ignores it: one signal:signal_generate each
 * -m sets marks for bench/profile in front of the calls and behind them.
 */
#define _GNU_SOURCE
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/syscall.h>
#include <unistd.h>
#include <x86intrin.h>

static void mark(void)
{
	asm volatile(".byte 0x0f, 0x1f, 0x80, 0x70, 0x61, 0x74, 0x6b");
}

static void getppids(long count)
{
	while (count--)
		syscall(SYS_getppid);
}

static void openfails(long count)
{
	while (count--)
		syscall(SYS_openat, AT_FDCWD, "/etc/hostname", O_TMPFILE | O_RDONLY);
}

static void signals(long count)
{
	long pid = getpid();

	while (count--)
		syscall(SYS_kill, pid, SIGWINCH);
}

static const struct {
	const char *name;
	void (*make)(long count);
} kinds[] = { { "getppid", getppids }, { "openfail", openfails }, { "signal", signals } };

int main(int argc, char **argv)
{
	int marks = argc > 1 && !strcmp(argv[1], "-m");
	long calls = 0, batch = 0;
	unsigned long long least = ~0ull;
	void (*make)(long count) = NULL;

	if (argc == 4 + marks) {
		for (size_t n = 0; n < sizeof(kinds) / sizeof(kinds[0]); n++)
			if (!strcmp(argv[1 + marks], kinds[n].name))
				make = kinds[n].make;
		calls = atol(argv[2 + marks]);
		batch = atol(argv[3 + marks]);
	}
	if (!make || calls <= 0 || batch <= 0) {
		fprintf(stderr, "usage: calls [-m] getppid|openfail|signal CALLS BATCH\n");
		return 2;
	}
	signal(SIGWINCH, SIG_IGN);
	if (marks)
		mark();
	for (long done = 0; done < calls; done += batch) {
		unsigned long long begin = __rdtsc(), ticks;

		make(batch);
		ticks = __rdtsc() - begin;
		if (ticks < least)
			least = ticks;
	}
	if (marks)
		mark();
	printf("%.2f\n", (double)least / batch);
	return 0;
}
