/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * System calls. On a board the agent makes them itself and starts by itself: musl's wrappers with errno,
 * cancellation, locks and thread-local storage would be a tenth of its size. On the workstation, where it is
 * linked with its tests, the C library makes them.
 */
#ifndef CAGENT_SYSTEM_H
#define CAGENT_SYSTEM_H

#include <stddef.h>
#include <stdint.h>
#include <sys/syscall.h>

#ifdef __GLIBC__
#include <errno.h>
#include <unistd.h>

static inline long cagent_result(long result)
{
	return result == -1 ? -errno : result;
}
#define cagent_syscall(...) cagent_result(syscall(__VA_ARGS__))
#else
/* Its result, or a negative errno. At most six arguments, each as wide as a long; see start.S. */
long cagent_syscall(long number, ...);
#endif

extern char **environ;
/* Ends the process; also that of a child that shares nothing with us. */
_Noreturn void cagent_exit(int code);
/* The value of an environment variable, NULL: it is not set. */
const char *cagent_environment(const char *name);

/* What the kernel's calls with 32-bit seconds take on a 32-bit board, and all take on a 64-bit one. */
struct cagent_time {
	long seconds;
	long ns;
};

#ifdef SYS_clock_gettime32
#define CAGENT_CLOCK_GETTIME SYS_clock_gettime32
#else
#define CAGENT_CLOCK_GETTIME SYS_clock_gettime
#endif

/* Opens a file, close-on-exec; flags are those of open(). */
int cagent_open_as(const char *path, int flags);
/* mmap(); NULL: *error says why. */
void *cagent_map_memory(size_t length, int protection, int flags, int file, uint64_t offset,
			int *error);

struct pollfd;
/* ppoll() without a signal mask; NULL waits for ever. */
static inline int cagent_poll(struct pollfd *files, unsigned long count, struct cagent_time *limit)
{
	return (int)cagent_syscall(SYS_ppoll, (long)files, count, (long)limit, 0L, 0L);
}

#endif
