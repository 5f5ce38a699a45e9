// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * The command that is traced. It is forked before the program is loaded, because the program wants
 * to know its process id, and waits at a pipe until tracing runs.
 */
#define _GNU_SOURCE /* pipe2, _Fork */
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <sys/wait.h>
#include <unistd.h>

#include "cagent.h"
#include "signals.h"

static _Noreturn void cagent_child_body(int gate, int report, char *const argv[])
{
	char go;
	int error;

	cagent_restore_signals();
	if (read(gate, &go, 1) != 1)
		_exit(0);
	execvp(argv[0], argv);
	error = errno;
	if (write(report, &error, sizeof(error)) < 0)
		_exit(126);
	_exit(127);
}

int cagent_child_fork(struct cagent_child *child, char *const argv[])
{
	int gate[2], report[2], error;

	if (pipe2(gate, O_CLOEXEC) < 0)
		return -errno;
	if (pipe2(report, O_CLOEXEC) < 0) {
		error = -errno;
		goto close_gate;
	}
	/* The child does nothing before exec that needs the libc's own state. */
	child->pid = _Fork();
	if (child->pid < 0) {
		error = -errno;
		child->pid = 0;
		goto close_report;
	}
	if (child->pid == 0) {
		/* Of the gate we must not hold the writing end: its closing says that the agent is gone. */
		close(gate[1]);
		cagent_child_body(gate[0], report[1], argv);
	}
	close(gate[0]);
	close(report[1]);
	child->gate = gate[1];
	child->report = report[0];
	return 0;

close_report:
	close(report[0]);
	close(report[1]);
close_gate:
	close(gate[0]);
	close(gate[1]);
	return error;
}

int cagent_child_run(struct cagent_child *child)
{
	int error = 0;

	/* When the child is gone already, its report says so by its end. */
	if (write(child->gate, "", 1) < 0)
		error = 0;
	close(child->gate);
	child->gate = -1;
	if (cagent_read(child->report, &error, sizeof(error)) < (int64_t)sizeof(error))
		error = 0;
	close(child->report);
	return -error;
}

bool cagent_child_ended(struct cagent_child *child)
{
	if (child->pid > 0 && waitpid(child->pid, NULL, WNOHANG) == child->pid)
		child->pid = 0;
	return child->pid == 0;
}

void cagent_child_terminate(struct cagent_child *child)
{
	if (child->gate >= 0)
		close(child->gate);
	else if (!cagent_child_ended(child))
		kill(child->pid, SIGTERM);
}
