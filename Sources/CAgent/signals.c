// SPDX-License-Identifier: GPL-2.0-or-later
/* Signals become bytes in a pipe of our own, so that one poll() waits for everything. */
#define _GNU_SOURCE /* O_CLOEXEC */
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>

#include "cagent.h"
#include "signals.h"
#include "system.h"

static const int caught[] = { SIGINT, SIGTERM, SIGHUP, SIGCHLD };

#define CAUGHT (sizeof(caught) / sizeof(caught[0]))

static int signal_pipe[2] = { -1, -1 };
static volatile sig_atomic_t end_signals;

/* As the kernel has it on these machines. */
struct action {
	void (*handler)(int);
	unsigned long flags;
	void (*restorer)(void);
	uint32_t mask[2];
};

static struct action before[CAUGHT], before_pipe;

static void set_action(int number, const struct action *new, struct action *old)
{
	cagent_syscall(SYS_rt_sigaction, (long)number, (long)new, (long)old, (long)sizeof(new->mask));
}

static void handle_signal(int number)
{
	const uint8_t byte = (uint8_t)number;

	if (number != SIGCHLD)
		end_signals++;
	/* A full pipe holds enough signals. */
	cagent_syscall(SYS_write, (long)signal_pipe[1], (long)&byte, 1L);
}

int cagent_end_signals(void)
{
	return end_signals;
}

int cagent_catch_signals(void)
{
	struct action action = { .handler = handle_signal, .flags = SA_NOCLDSTOP };
	struct action ignore = { .handler = SIG_IGN };
	size_t n;
	int error = (int)cagent_syscall(SYS_pipe2, (long)signal_pipe, (long)(O_CLOEXEC | O_NONBLOCK));

	if (error < 0)
		return error;
#if defined(__x86_64__) || defined(__i386__)
	action.flags |= SA_SIGINFO | CAGENT_SA_RESTORER;
	action.restorer = cagent_sigreturn;
#endif
	for (n = 0; n < CAUGHT; n++) {
		set_action(caught[n], NULL, &before[n]);
		/* nohup is respected; that a shell ignores SIGINT for its background jobs is not. */
		if (before[n].handler != SIG_IGN || caught[n] != SIGHUP)
			set_action(caught[n], &action, NULL);
	}
	set_action(SIGPIPE, &ignore, &before_pipe);
	return 0;
}

void cagent_restore_signals(void)
{
	size_t n;

	for (n = 0; n < CAUGHT; n++)
		set_action(caught[n], &before[n], NULL);
	set_action(SIGPIPE, &before_pipe, NULL);
}

int cagent_next_signal(void)
{
	uint8_t byte;

	return cagent_syscall(SYS_read, (long)signal_pipe[0], (long)&byte, 1L) == 1 ? byte : 0;
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
	/* To wait shorter than was asked for does no harm. */
	const int64_t seconds = timeout / 1000000000;
	struct cagent_time limit = { .seconds = seconds < INT32_MAX ? (long)seconds : INT32_MAX,
				     .ns = (long)(timeout % 1000000000) };
	int ready = cagent_poll(files, program < 0 ? 1 : 2, timeout < 0 ? NULL : &limit);

	if (ready < 0)
		return ready == -EINTR ? CAGENT_READY_SIGNAL : 0;
	ready = 0;
	if (files[0].revents)
		ready |= CAGENT_READY_SIGNAL;
	if (program >= 0 && files[1].revents & POLLIN)
		ready |= CAGENT_READY_RECORDS;
	if (program >= 0 && files[1].revents & (POLLHUP | POLLERR | POLLNVAL))
		ready |= CAGENT_READY_END;
	return ready;
}
