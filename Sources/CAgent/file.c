// SPDX-License-Identifier: GPL-2.0-or-later
/* Files, the terminal, the clock. */
#define _GNU_SOURCE /* syscall */
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <stdlib.h>
#include <sys/ioctl.h>
#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>

#include "cagent.h"
#include "signals.h"

void cagent_open_standard_files(void)
{
	int file;

	do
		file = open("/dev/null", O_RDWR);
	while (file >= 0 && file <= CAGENT_STDERR);
	close(file);
}

int cagent_open(const char *path)
{
	int file = open(path, O_RDONLY | O_CLOEXEC);

	return file < 0 ? -errno : file;
}

int cagent_create(const char *path)
{
	int file = open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0666);

	return file < 0 ? -errno : file;
}

void cagent_close(int file)
{
	close(file);
}

int64_t cagent_read(int file, void *buffer, size_t length)
{
	ssize_t got;

	do
		got = read(file, buffer, length);
	while (got < 0 && errno == EINTR && cagent_end_signals() < 2);
	return got < 0 ? -errno : got;
}

int cagent_write(int file, const void *buffer, size_t length)
{
	const uint8_t *next = buffer;

	while (length > 0) {
		ssize_t written = write(file, next, length);

		if (written >= 0) {
			next += written;
			length -= (size_t)written;
		} else if (errno == EAGAIN) {
			struct pollfd ready = { .fd = file, .events = POLLOUT };

			/* Somebody made the file non-blocking; interruptions are looked at below. */
			poll(&ready, 1, 1000);
		} else if (errno != EINTR) {
			return -errno;
		}
		if (cagent_end_signals() >= 2 && length > 0)
			return -EINTR;
	}
	return 0;
}

bool cagent_is_terminal(int file)
{
	struct winsize size;

	return syscall(SYS_ioctl, file, TIOCGWINSZ, &size) == 0;
}

uint32_t cagent_columns(int file)
{
	const char *columns = getenv("COLUMNS");
	struct winsize size;
	int wanted = columns ? atoi(columns) : 0;

	if (wanted > 0 && wanted < 100000)
		return (uint32_t)wanted;
	return syscall(SYS_ioctl, file, TIOCGWINSZ, &size) == 0 ? size.ws_col : 0;
}

uint64_t cagent_now(void)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	return (uint64_t)now.tv_sec * 1000000000u + (uint64_t)now.tv_nsec;
}
