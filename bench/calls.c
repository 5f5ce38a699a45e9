// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * usage: calls CALLS BATCH
 *
 * Makes CALLS times getppid() in batches and prints how many ticks of the time stamp counter one call
 * took in the shortest batch. Under QEMU's -icount shift=0 a tick is an instruction, and the
 * shortest batch is one that no timer interrupted.
 */
#include <stdio.h>
#include <stdlib.h>
#include <sys/syscall.h>
#include <unistd.h>
#include <x86intrin.h>

int main(int argc, char **argv)
{
	long calls = argc == 3 ? atol(argv[1]) : 0, batch = argc == 3 ? atol(argv[2]) : 0;
	unsigned long long least = ~0ull;

	if (calls <= 0 || batch <= 0) {
		fprintf(stderr, "usage: calls CALLS BATCH\n");
		return 2;
	}
	for (long done = 0; done < calls; done += batch) {
		unsigned long long begin = __rdtsc(), ticks;

		for (long n = 0; n < batch; n++)
			syscall(SYS_getppid);
		ticks = __rdtsc() - begin;
		if (ticks < least)
			least = ticks;
	}
	printf("%.2f\n", (double)least / batch);
	return 0;
}
