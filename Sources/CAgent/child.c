// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * The command that is traced. It is forked before the program is loaded, because the program wants
 * to know its process id, and waits at a pipe until tracing runs.
 */
#define _GNU_SOURCE /* O_CLOEXEC */
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <signal.h>
#include <string.h>
#include <sys/wait.h>

#include "cagent.h"
#include "signals.h"
#include "system.h"

static long execute(const char *file, char *const argv[])
{
	return cagent_syscall(SYS_execve, (long)file, (long)argv, (long)environ);
}

/* Looks for the program where PATH says; returns why it could not be run. */
static int search(char *const argv[])
{
	const char *path = cagent_environment("PATH"), *end;
	size_t name_length = strlen(argv[0]), length;
	char file[PATH_MAX];
	long error = -ENOENT;

	for (length = 0; length < name_length; length++)
		if (argv[0][length] == '/')
			return (int)-execute(argv[0], argv);
	if (!path)
		path = "/usr/local/bin:/bin:/usr/bin";
	for (;; path = end + 1) {
		for (end = path; *end && *end != ':'; end++)
			;
		length = (size_t)(end - path);
		if (name_length && length + name_length + 2 <= sizeof(file)) {
			long result;

			memcpy(file, path, length);
			if (length)
				file[length++] = '/';
			memcpy(file + length, argv[0], name_length + 1);
			result = execute(file, argv);
			/* A program further on may be ours; if none is, this one's refusal says more. */
			if (result == -EACCES)
				error = result;
			else if (result != -ENOENT && result != -ENOTDIR)
				return (int)-result;
		}
		if (!*end)
			return (int)-error;
	}
}

static _Noreturn void cagent_child_body(int gate, int report, char *const argv[])
{
	char go;
	int error;

	cagent_restore_signals();
	if (cagent_syscall(SYS_read, (long)gate, (long)&go, 1L) != 1)
		cagent_exit(0);
	error = search(argv);
	cagent_syscall(SYS_write, (long)report, (long)&error, (long)sizeof(error));
	cagent_exit(127);
}

int cagent_child_fork(struct cagent_child *child, char *const argv[])
{
	int gate[2], report[2], error;

	error = (int)cagent_syscall(SYS_pipe2, (long)gate, (long)O_CLOEXEC);
	if (error < 0)
		return error;
	error = (int)cagent_syscall(SYS_pipe2, (long)report, (long)O_CLOEXEC);
	if (error < 0)
		goto close_gate;
	/* A plain fork. The child does nothing before exec that needs the libc's own state. */
	child->pid = (int)cagent_syscall(SYS_clone, (long)SIGCHLD, 0L, 0L, 0L, 0L);
	if (child->pid < 0) {
		error = child->pid;
		child->pid = 0;
		goto close_report;
	}
	if (child->pid == 0) {
		/* Of the gate we must not hold the writing end: its closing says that the agent is gone. */
		cagent_close(gate[1]);
		cagent_child_body(gate[0], report[1], argv);
	}
	cagent_close(gate[0]);
	cagent_close(report[1]);
	child->gate = gate[1];
	child->report = report[0];
	return 0;

close_report:
	cagent_close(report[0]);
	cagent_close(report[1]);
close_gate:
	cagent_close(gate[0]);
	cagent_close(gate[1]);
	return error;
}

int cagent_child_run(struct cagent_child *child)
{
	int error = 0;

	/* When the child is gone already, its report says so by its end. */
	cagent_syscall(SYS_write, (long)child->gate, (long)"", 1L);
	cagent_close(child->gate);
	child->gate = -1;
	if (cagent_read(child->report, &error, sizeof(error)) < (int64_t)sizeof(error))
		error = 0;
	cagent_close(child->report);
	return -error;
}

bool cagent_child_ended(struct cagent_child *child)
{
	if (child->pid > 0 && cagent_syscall(SYS_wait4, (long)child->pid, 0L, (long)WNOHANG, 0L) == child->pid)
		child->pid = 0;
	return child->pid == 0;
}

void cagent_child_terminate(struct cagent_child *child)
{
	if (child->gate >= 0)
		cagent_close(child->gate);
	else if (!cagent_child_ended(child))
		cagent_syscall(SYS_kill, (long)child->pid, (long)SIGTERM);
}
