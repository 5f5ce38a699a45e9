// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * usage: start COMMAND...
 *
 * Starts a tracer and waits until it writes something, interrupts it, waits until it has ended, and
 * removes the module, which has to give everything back before. Prints for each of the three how long
 * it took, in ticks of the time stamp counter, and how much of that somebody ran (nanoseconds): under
 * QEMU's -icount shift=0 both are instructions, and the difference is waiting.
 */
#define _GNU_SOURCE
#include <sched.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>
#include <x86intrin.h>

/* What all tasks of the one CPU have run. */
static unsigned long long busy(void)
{
	unsigned long long time = 0;
	char line[512];
	FILE *file;

	sched_yield();
	file = fopen("/proc/schedstat", "r");
	while (file && fgets(line, sizeof(line), file))
		if (sscanf(line, "cpu0 %*u %*u %*u %*u %*u %*u %llu", &time) == 1)
			break;
	if (file)
		fclose(file);
	return time;
}

static void show(const char *what, unsigned long long *ticks, unsigned long long *ran)
{
	unsigned long long now = __rdtsc(), running = busy();

	printf("%s %llu %llu\n", what, now - *ticks, running - *ran);
	fflush(stdout);
	*ticks = __rdtsc();
	*ran = busy();
}

int main(int argc, char **argv)
{
	unsigned long long ticks, ran;
	char bytes[4096];
	int out[2];
	pid_t child;

	if (argc < 2 || pipe(out))
		return 2;
	ran = busy();
	ticks = __rdtsc();
	child = fork();
	if (!child) {
		dup2(out[1], STDOUT_FILENO);
		close(out[0]);
		close(out[1]);
		execvp(argv[1], argv + 1);
		_exit(127);
	}
	close(out[1]);
	if (read(out[0], bytes, sizeof(bytes)) <= 0) {
		fprintf(stderr, "start: %s wrote nothing\n", argv[1]);
		return 1;
	}
	show("begun", &ticks, &ran);
	kill(child, SIGINT);
	while (read(out[0], bytes, sizeof(bytes)) > 0)
		continue;
	waitpid(child, NULL, 0);
	show("ended", &ticks, &ran);
	if (system("rmmod ktapvm"))
		return 1;
	show("released", &ticks, &ran);
	return 0;
}
