// SPDX-License-Identifier: GPL-2.0-or-later
/* Signals become bytes in a pipe of our own, so that one poll() waits for everything. */
#define _GNU_SOURCE /* ppoll, pipe2 */
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <time.h>
#include <unistd.h>

#include "cagent.h"
#include "signals.h"

static const int caught[] = { SIGINT, SIGTERM, SIGHUP, SIGCHLD };

#define CAUGHT (sizeof(caught) / sizeof(caught[0]))

static int signal_pipe[2] = { -1, -1 };
static volatile sig_atomic_t end_signals;
static struct sigaction before[CAUGHT], before_pipe;

static void handle_signal(int number)
{
	const int error = errno;
	const uint8_t byte = (uint8_t)number;

	if (number != SIGCHLD)
		end_signals++;
	/* A full pipe holds enough signals. */
	if (write(signal_pipe[1], &byte, 1) < 0)
		errno = error;
	errno = error;
}

int cagent_end_signals(void)
{
	return end_signals;
}

int cagent_catch_signals(void)
{
	struct sigaction action = { .sa_handler = handle_signal, .sa_flags = SA_NOCLDSTOP };
	struct sigaction ignore = { .sa_handler = SIG_IGN };
	size_t n;

	if (pipe2(signal_pipe, O_CLOEXEC | O_NONBLOCK) < 0)
		return -errno;
	for (n = 0; n < CAUGHT; n++) {
		sigaction(caught[n], NULL, &before[n]);
		/* nohup is respected; that a shell ignores SIGINT for its background jobs is not. */
		if (before[n].sa_handler != SIG_IGN || caught[n] != SIGHUP)
			sigaction(caught[n], &action, NULL);
	}
	sigaction(SIGPIPE, &ignore, &before_pipe);
	return 0;
}

void cagent_restore_signals(void)
{
	size_t n;

	for (n = 0; n < CAUGHT; n++)
		sigaction(caught[n], &before[n], NULL);
	sigaction(SIGPIPE, &before_pipe, NULL);
}

int cagent_next_signal(void)
{
	uint8_t byte;

	return read(signal_pipe[0], &byte, 1) == 1 ? byte : 0;
}

bool cagent_is_child_signal(int signal)
{
	return signal == SIGCHLD;
}

bool cagent_is_interrupt(int signal)
{
	return signal == SIGINT;
}

int cagent_broken_pipe_signal(void)
{
	return SIGPIPE;
}

int cagent_wait(int program, bool records, int64_t timeout)
{
	struct pollfd files[2] = {
		{ .fd = signal_pipe[0], .events = POLLIN },
		/* Also without interest in records the kernel learns that we have read some. */
		{ .fd = program, .events = records ? POLLIN : 0 },
	};
	struct timespec limit = { .tv_sec = (time_t)(timeout / 1000000000),
				  .tv_nsec = (long)(timeout % 1000000000) };
	int ready = 0;

	if (ppoll(files, program < 0 ? 1 : 2, timeout < 0 ? NULL : &limit, NULL) < 0)
		return errno == EINTR ? CAGENT_READY_SIGNAL : 0;
	if (files[0].revents)
		ready |= CAGENT_READY_SIGNAL;
	if (program >= 0 && files[1].revents & POLLIN)
		ready |= CAGENT_READY_RECORDS;
	if (program >= 0 && files[1].revents & (POLLHUP | POLLERR | POLLNVAL))
		ready |= CAGENT_READY_END;
	return ready;
}
