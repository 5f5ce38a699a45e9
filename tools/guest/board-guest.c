// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Runs one command in a guest and carries its output, its exit status and the kernel log to the host;
 * see channel.h. Kernel messages go to the console and so never mix with the command's bytes.
 *
 * usage: board-guest UID GID[,GROUP...] ARGV-FILE		(arguments in the file end with NUL)
 */
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <grp.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/klog.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "channel.h"

#define ARGV_MAX 1024
#define GROUPS_MAX 16

static int port[CHANNELS + 1];
static unsigned long long written[CHANNELS + 1];

static void fail(const char *what)
{
	fprintf(stderr, "board-guest: %s: %s\n", what, strerror(errno));
	exit(1);
}

static int open_port(int nr)
{
	char path[32];
	int i, fd;

	snprintf(path, sizeof(path), "/dev/vport0p%d", nr);
	/* The driver makes the node some milliseconds after its module is there. */
	for (i = 0; i < 1000; i++) {
		fd = open(path, O_RDWR | O_CLOEXEC);
		if (fd >= 0)
			return fd;
		usleep(5000);
	}
	fail(path);
	return -1;
}

/* A port takes at most 32 KiB a write. */
static void send_all(int channel, const char *bytes, size_t length)
{
	while (length > 0) {
		ssize_t n = write(port[channel], bytes, length);

		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0)
			fail("write to the host");
		bytes += n;
		length -= n;
		written[channel] += n;
	}
}

/* Returns 0 at end of file. */
static int pump(int from, int channel)
{
	static char buffer[32768];
	ssize_t n = read(from, buffer, sizeof(buffer));

	if (n > 0)
		send_all(channel, buffer, n);
	return n > 0 || (n < 0 && (errno == EINTR || errno == EAGAIN));
}

static char **read_argv(const char *path)
{
	static char *argv[ARGV_MAX + 1];
	struct stat st;
	char *text;
	int fd = open(path, O_RDONLY | O_CLOEXEC);
	int n = 0;

	if (fd < 0 || fstat(fd, &st))
		fail(path);
	text = calloc(1, st.st_size + 1);
	if (!text || read(fd, text, st.st_size) != st.st_size)
		fail(path);
	for (char *p = text; p < text + st.st_size && n < ARGV_MAX; p += strlen(p) + 1)
		argv[n++] = p;
	if (n == 0 || n == ARGV_MAX) {
		errno = EINVAL;
		fail(path);
	}
	return argv;
}

static void become(uid_t uid, char *groups)
{
	gid_t list[GROUPS_MAX];
	int n = 0;

	for (char *p = strtok(groups, ", "); p && n < GROUPS_MAX; p = strtok(NULL, ", "))
		list[n++] = strtoul(p, NULL, 10);
	if (n == 0 || setgroups(n, list) || setgid(list[0]) || setuid(uid))
		fail("cannot become the user");
}

static pid_t start(char **argv, uid_t uid, char *groups, int out[2], int err[2])
{
	pid_t pid;

	if (pipe2(out, O_CLOEXEC) || pipe2(err, O_CLOEXEC))
		fail("pipe");
	pid = fork();
	if (pid < 0)
		fail("fork");
	if (pid > 0) {
		close(out[1]);
		close(err[1]);
		return pid;
	}
	/* A session of its own: a signal for it reaches all it starts, as from a terminal. */
	setsid();
	dup2(open("/dev/null", O_RDONLY), 0);
	dup2(out[1], 1);
	dup2(err[1], 2);
	become(uid, groups);
	execvp(argv[0], argv);
	fprintf(stderr, "%s: %s\n", argv[0], strerror(errno));
	_exit(errno == ENOENT ? 127 : 126);
}

/* The host sends signal numbers, one a line. */
static void take_signals(pid_t group)
{
	char text[64];
	ssize_t n = read(port[CHANNEL_CONTROL], text, sizeof(text) - 1);

	if (n <= 0)
		return;
	text[n] = 0;
	for (char *p = strtok(text, "\n"); p; p = strtok(NULL, "\n"))
		kill(-group, atoi(p));
}

/* Lines of the log begin with their priority, "<6>", which dmesg does not show either. */
static void send_log(void)
{
	int size = klogctl(10, NULL, 0);
	char *text = size > 0 ? malloc(size) : NULL;
	int n = text ? klogctl(3, text, size) : 0;
	char *end = text + (n > 0 ? n : 0);
	char *line = text;

	while (text && line < end) {
		char *next = memchr(line, '\n', end - line);
		char *close;

		next = next ? next + 1 : end;
		close = *line == '<' ? memchr(line, '>', next - line) : NULL;
		if (close)
			line = close + 1;
		send_all(CHANNEL_LOG, line, next - line);
		line = next;
	}
}

static int run(pid_t pid, int out, int err)
{
	struct pollfd fds[3] = {
		{ .fd = out, .events = POLLIN },
		{ .fd = err, .events = POLLIN },
		{ .fd = port[CHANNEL_CONTROL], .events = POLLIN },
	};
	int status = 0, ended = 0;

	/* What the command left in the background may hold the pipes open: its own end counts. */
	while (!ended || fds[0].revents & POLLIN || fds[1].revents & POLLIN) {
		if (!ended && waitpid(pid, &status, WNOHANG) == pid)
			ended = 1;
		if (poll(fds, 3, ended ? 0 : 20) < 0 && errno != EINTR)
			fail("poll");
		if (fds[0].revents && !pump(out, CHANNEL_OUT))
			fds[0].fd = -1;
		if (fds[1].revents && !pump(err, CHANNEL_ERR))
			fds[1].fd = -1;
		if (fds[2].revents & POLLIN)
			take_signals(pid);
	}
	return WIFSIGNALED(status) ? 128 + WTERMSIG(status) : WEXITSTATUS(status);
}

int main(int argc, char **argv)
{
	char line[128];
	int out[2], err[2], status, i;
	pid_t pid;

	if (argc != 4) {
		fprintf(stderr, "usage: board-guest UID GID[,GROUP...] ARGV-FILE\n");
		return 2;
	}
	signal(SIGPIPE, SIG_IGN);
	for (i = 1; i <= CHANNELS; i++)
		port[i] = open_port(i);
	signal(SIGPIPE, SIG_DFL);
	pid = start(read_argv(argv[3]), strtoul(argv[1], NULL, 10), argv[2], out, err);
	send_all(CHANNEL_CONTROL, "up\n", 3);
	status = run(pid, out[0], err[0]);
	send_log();
	snprintf(line, sizeof(line), "exit %d %llu %llu %llu\n", status, written[CHANNEL_OUT],
		 written[CHANNEL_ERR], written[CHANNEL_LOG]);
	send_all(CHANNEL_CONTROL, line, strlen(line));
	return 0;
}
