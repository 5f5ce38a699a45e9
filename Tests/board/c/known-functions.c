// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Has kernel functions called so that a test can say how often, with which arguments and results.
 * usage: known-functions WHAT COUNT
 *   open        do_sys_openat2 of a file that is not there, with AT_FDCWD
 *   read        ksys_read of 1, 2, 3, ... bytes, all there
 *   map         vm_mmap_pgoff of 3 pages from page 5 of a file on
 *   everywhere  the reads, on every CPU at once
 */
#define _GNU_SOURCE
#include <fcntl.h>
#include <sched.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

static char buffer[65536];

static void read_all(int count)
{
	int file = open("/dev/zero", O_RDONLY), n;

	for (n = 1; n <= count; n++)
		if (read(file, buffer, n) != n)
			exit(2);
}

static void map_all(int count)
{
	int file = open("/proc/self/exe", O_RDONLY);
	long page = sysconf(_SC_PAGESIZE);

	while (count--) {
		char *at = mmap(NULL, 3 * page, PROT_READ, MAP_PRIVATE, file, 5 * page);

		if (at == MAP_FAILED || munmap(at, 3 * page))
			exit(2);
	}
}

static void everywhere(int count)
{
	int cpu, status;
	cpu_set_t all, one;

	/* Not by sysconf(), which reads a file. */
	if (sched_getaffinity(0, sizeof(all), &all))
		exit(2);
	for (cpu = 0; cpu < CPU_SETSIZE; cpu++) {
		if (!CPU_ISSET(cpu, &all) || fork())
			continue;
		CPU_ZERO(&one);
		CPU_SET(cpu, &one);
		if (sched_setaffinity(0, sizeof(one), &one))
			_exit(2);
		read_all(count);
		_exit(0);
	}
	while (wait(&status) > 0)
		if (status)
			exit(2);
}

int main(int argc, char **argv)
{
	const char *what = argc > 1 ? argv[1] : "";
	int count = argc > 2 ? atoi(argv[2]) : 1;

	if (!strcmp(what, "open")) {
		while (count--)
			syscall(SYS_openat, AT_FDCWD, "/nowhere/at all", O_RDONLY, 0);
	} else if (!strcmp(what, "read")) {
		read_all(count);
	} else if (!strcmp(what, "map")) {
		map_all(count);
	} else if (!strcmp(what, "everywhere")) {
		everywhere(count);
	} else {
		return 2;
	}
	return 0;
}
