// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Starts a machine emulator with the channels of channel.h and stands for the command that runs in the
 * guest: writes its output as it comes, passes signals on, ends with its status.
 *
 * usage: board-host TIMEOUT LOG-FILE EMULATOR [ARG...]
 *
 * Adds to the arguments the character devices that the channels need, with the ids c1...c4.
 * Ends with the command's status; 5 when the guest went away without one; 124 when the command, and 5 when
 * the boot, took longer than TIMEOUT seconds.
 */
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "channel.h"

enum { STATUS_BOARD = 5, STATUS_TIMEOUT = 124, MANY_SIGNALS = 3 };

static int channel[CHANNELS + 1];
static int sink[CHANNELS + 1] = { -1, -1, STDOUT_FILENO, STDERR_FILENO, -1 };
static unsigned long long seen[CHANNELS + 1], due[CHANNELS + 1];
static int up, ended, status;
static volatile sig_atomic_t pending, signals;

static void on_signal(int number)
{
	pending = number;
	signals++;
}

static void fail(const char *what)
{
	fprintf(stderr, "board-run: %s: %s\n", what, strerror(errno));
	exit(1);
}

static pid_t start(int argc, char **argv)
{
	char **all = calloc(argc + 2 * CHANNELS + 1, sizeof(*all));
	int far[CHANNELS + 1], i, n = argc;
	pid_t pid, parent = getpid();

	if (!all)
		fail("out of memory");
	memcpy(all, argv, argc * sizeof(*all));
	for (i = 1; i <= CHANNELS; i++) {
		int pair[2];

		if (socketpair(AF_UNIX, SOCK_STREAM, 0, pair))
			fail("socketpair");
		channel[i] = pair[0];
		far[i] = pair[1];
		fcntl(pair[0], F_SETFD, FD_CLOEXEC);
		all[n++] = "-chardev";
		if (asprintf(&all[n++], "socket,id=c%d,fd=%d", i, far[i]) < 0)
			fail("out of memory");
	}
	pid = fork();
	if (pid < 0)
		fail("fork");
	if (pid == 0) {
		/* Ctrl-C is for the command in the guest; the guest must not outlive us. */
		setsid();
		prctl(PR_SET_PDEATHSIG, SIGKILL);
		if (getppid() != parent)
			_exit(1);
		execvp(all[0], all);
		fprintf(stderr, "board-run: %s: %s\n", all[0], strerror(errno));
		_exit(127);
	}
	for (i = 1; i <= CHANNELS; i++)
		close(far[i]);
	return pid;
}

static void write_all(int fd, const char *bytes, size_t length)
{
	while (length > 0) {
		ssize_t n = write(fd, bytes, length);

		if (n < 0 && errno == EINTR)
			continue;
		/* A reader that has gone away (`| head`) ends the run. */
		if (n < 0)
			exit(errno == EPIPE ? 128 + SIGPIPE : 1);
		bytes += n;
		length -= n;
	}
}

static void take_line(const char *line)
{
	if (!strcmp(line, "up"))
		up = 1;
	else if (sscanf(line, "exit %d %llu %llu %llu", &status, &due[CHANNEL_OUT], &due[CHANNEL_ERR],
			&due[CHANNEL_LOG]) == 4)
		ended = 1;
}

static void take_control(const char *bytes, size_t length)
{
	static char line[256];
	static size_t used;

	for (size_t i = 0; i < length; i++) {
		if (bytes[i] == '\n') {
			line[used] = 0;
			take_line(line);
			used = 0;
		} else if (used < sizeof(line) - 1) {
			line[used++] = bytes[i];
		}
	}
}

/* Returns 0 when the guest has gone. */
static int take(int i)
{
	static char buffer[65536];
	ssize_t n = read(channel[i], buffer, sizeof(buffer));

	if (n < 0 && errno == EINTR)
		return 1;
	if (n <= 0)
		return 0;
	seen[i] += n;
	if (i == CHANNEL_CONTROL)
		take_control(buffer, n);
	else
		write_all(sink[i], buffer, n);
	return 1;
}

static int complete(void)
{
	return ended && seen[CHANNEL_OUT] >= due[CHANNEL_OUT] &&
	       seen[CHANNEL_ERR] >= due[CHANNEL_ERR] && seen[CHANNEL_LOG] >= due[CHANNEL_LOG];
}

static void pass_signal(void)
{
	char text[16];
	int number = pending;

	pending = 0;
	if (number == 0)
		return;
	/* Who asks again and again wants out. */
	if (signals > MANY_SIGNALS || !up)
		exit(128 + number);
	snprintf(text, sizeof(text), "%d\n", number);
	write_all(channel[CHANNEL_CONTROL], text, strlen(text));
}

static long now(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return t.tv_sec;
}

static int serve(long deadline, long seconds)
{
	struct pollfd fds[CHANNELS + 1] = { { .fd = -1 } };
	int open_channels = CHANNELS;

	for (int i = 1; i <= CHANNELS; i++) {
		fds[i].fd = channel[i];
		fds[i].events = POLLIN;
	}
	while (!complete()) {
		if (now() >= deadline) {
			fprintf(stderr, "board-run: %s did not end within %ld s\n",
				up ? "the command" : "the boot", seconds);
			return up ? STATUS_TIMEOUT : STATUS_BOARD;
		}
		if (open_channels == 0)
			return STATUS_BOARD;
		if (poll(fds, CHANNELS + 1, 500) < 0 && errno != EINTR)
			fail("poll");
		pass_signal();
		for (int i = 1; i <= CHANNELS; i++) {
			if (fds[i].fd >= 0 && fds[i].revents && !take(i)) {
				fds[i].fd = -1;
				open_channels--;
			}
			fds[i].revents = 0;
		}
	}
	return status;
}

static pid_t emulator;
static void kill_emulator(void)
{
	kill(emulator, SIGKILL);
	waitpid(emulator, NULL, 0);
}

int main(int argc, char **argv)
{
	struct sigaction action = { .sa_handler = on_signal };
	long seconds;

	if (argc < 4) {
		fprintf(stderr, "usage: board-host TIMEOUT LOG-FILE EMULATOR [ARG...]\n");
		return 2;
	}
	seconds = atol(argv[1]);
	sink[CHANNEL_LOG] = open(argv[2], O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0666);
	if (sink[CHANNEL_LOG] < 0)
		fail(argv[2]);
	/* Neither this program nor the emulator must outlive board-run. */
	prctl(PR_SET_PDEATHSIG, SIGKILL);
	signal(SIGPIPE, SIG_IGN);
	emulator = start(argc - 3, argv + 3);
	atexit(kill_emulator);
	sigaction(SIGINT, &action, NULL);
	sigaction(SIGTERM, &action, NULL);
	sigaction(SIGHUP, &action, NULL);
	return serve(now() + seconds, seconds);
}
