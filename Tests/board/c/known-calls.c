// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Makes known system calls, so that a test can say exactly what a script must see of them.
 * usage: known-calls WHAT [COUNT]
 */
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <sched.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

static void open_path(const char *path)
{
	long fd = syscall(SYS_openat, AT_FDCWD, path, O_RDONLY, 0);

	if (fd >= 0)
		close(fd);
}

/* A string that ends with the last byte of a mapping, and one that runs out of it. */
static void strings(void)
{
	long page = sysconf(_SC_PAGESIZE);
	char *two = mmap(NULL, 2 * page, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	static char longest[600];

	if (two == MAP_FAILED || munmap(two + page, page))
		exit(2);
	strcpy(two + page - 8, "/at/end");
	open_path(two + page - 8);
	memcpy(two + page - 4, "/run", 4);
	open_path(two + page - 4);
	open_path((const char *)16);
	open_path("");
	memset(longest, 'x', sizeof(longest) - 1);
	open_path(longest);
	/* Data, not a string: only as much as the call says. */
	if (write(open("/dev/null", O_WRONLY), "four bytes and more", 4) != 4)
		exit(2);
}

/* getppid() of the kernel's other ABI, where that is another number. */
static void foreign(int count)
{
#ifdef __x86_64__
	while (count--) {
		long result = 64;

		asm volatile("int $0x80" : "+a"(result) : "b"(11), "c"(22) : "memory", "r8", "r9",
			     "r10", "r11");
	}
#else
	(void)count;
	exit(77);
#endif
}

/* A grandchild that outlives its parent and calls then. */
static void orphan(int count)
{
	if (!fork()) {
		if (fork())
			_exit(0);
		usleep(200000);
		while (count--)
			syscall(SYS_getppid);
		_exit(0);
	}
	wait(NULL);
	usleep(500000);
}

/* Calls on every CPU in turn. */
static void everywhere(int count)
{
	cpu_set_t one;
	int cpu, n;

	for (cpu = 0; cpu < sysconf(_SC_NPROCESSORS_ONLN); cpu++) {
		CPU_ZERO(&one);
		CPU_SET(cpu, &one);
		if (sched_setaffinity(0, sizeof(one), &one))
			exit(2);
		for (n = 0; n < count; n++)
			syscall(SYS_getppid);
	}
}

/* What two calls return that always succeed. */
static void results(void)
{
	long parent = syscall(SYS_getppid), session;

	printf("getppid %ld\n", parent);
	errno = 0;
	session = syscall(SYS_getsid, 0);
	printf(errno ? "getsid %ld errno %d\n" : "getsid %ld\n", session, errno);
}

int main(int argc, char **argv)
{
	const char *what = argc > 1 ? argv[1] : "";
	int count = argc > 2 ? atoi(argv[2]) : 1;

	if (!strcmp(what, "getppid")) {
		while (count--)
			syscall(SYS_getppid);
	} else if (!strcmp(what, "children")) {
		while (count--)
			if (!fork()) {
				syscall(SYS_getppid);
				_exit(0);
			} else {
				wait(NULL);
			}
	} else if (!strcmp(what, "open")) {
		open_path("/nowhere/at all");
		open_path("/etc/passwd");
	} else if (!strcmp(what, "strings")) {
		strings();
	} else if (!strcmp(what, "foreign")) {
		foreign(count);
	} else if (!strcmp(what, "orphan")) {
		orphan(count);
	} else if (!strcmp(what, "everywhere")) {
		everywhere(count);
	} else if (!strcmp(what, "results")) {
		results();
	} else if (!strcmp(what, "exec")) {
		execl("/proc/self/exe", argv[0], "getppid", "3", NULL);
		return 2;
	} else {
		return 2;
	}
	return 0;
}
