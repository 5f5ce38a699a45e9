// SPDX-License-Identifier: GPL-2.0-or-later
/* Files, the terminal, the clock. */
#define _GNU_SOURCE /* O_LARGEFILE */
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <sys/ioctl.h>
#include <time.h>

#include "cagent.h"
#include "signals.h"
#include "system.h"

int cagent_open_as(const char *path, int flags)
{
	return (int)cagent_syscall(SYS_openat, (long)AT_FDCWD, (long)path,
				   (long)(flags | O_CLOEXEC | O_LARGEFILE), 0666L);
}

void cagent_open_standard_files(void)
{
	int file;

	/* These are passed on to a command. */
	do
		file = (int)cagent_syscall(SYS_openat, (long)AT_FDCWD, (long)"/dev/null", (long)O_RDWR, 0L);
	while (file >= 0 && file <= CAGENT_STDERR);
	cagent_close(file);
}

int cagent_open(const char *path)
{
	return cagent_open_as(path, O_RDONLY);
}

int cagent_create(const char *path)
{
	return cagent_open_as(path, O_WRONLY | O_CREAT | O_TRUNC);
}

void cagent_close(int file)
{
	cagent_syscall(SYS_close, (long)file);
}

int64_t cagent_read(int file, void *buffer, size_t length)
{
	long got;

	do
		got = cagent_syscall(SYS_read, (long)file, (long)buffer, (long)length);
	while (got == -EINTR && cagent_end_signals() < 2);
	return got;
}

int cagent_write(int file, const void *buffer, size_t length)
{
	const uint8_t *next = buffer;

	while (length > 0) {
		long written = cagent_syscall(SYS_write, (long)file, (long)next, (long)length);

		if (written >= 0) {
			next += written;
			length -= (size_t)written;
		} else if (written == -EAGAIN) {
			struct pollfd ready = { .fd = file, .events = POLLOUT };

			/* Somebody made the file non-blocking; interruptions are looked at below. */
			cagent_poll(&ready, 1, &(struct cagent_time){ .seconds = 1 });
		} else if (written != -EINTR) {
			return (int)written;
		}
		if (cagent_end_signals() >= 2 && length > 0)
			return -EINTR;
	}
	return 0;
}

bool cagent_is_terminal(int file)
{
	struct winsize size;

	return cagent_syscall(SYS_ioctl, (long)file, (long)TIOCGWINSZ, (long)&size) == 0;
}

uint32_t cagent_columns(int file)
{
	const char *columns = cagent_environment("COLUMNS");
	struct winsize size;
	uint32_t wanted = 0;

	while (columns && *columns >= '0' && *columns <= '9' && wanted < 100000)
		wanted = 10 * wanted + (uint32_t)(*columns++ - '0');
	if (wanted > 0 && wanted < 100000)
		return wanted;
	return cagent_syscall(SYS_ioctl, (long)file, (long)TIOCGWINSZ, (long)&size) == 0 ? size.ws_col : 0;
}

uint64_t cagent_now(void)
{
	struct cagent_time now;

	cagent_syscall(CAGENT_CLOCK_GETTIME, (long)CLOCK_MONOTONIC, (long)&now);
	return (uint64_t)now.seconds * 1000000000u + (uint64_t)now.ns;
}
