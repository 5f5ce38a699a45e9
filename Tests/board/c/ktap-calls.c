// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Work for the tests and the bench: `ktap-calls N` makes N getppid() calls as fast as it can and
 * nothing else in between; N = 0: for ever. `ktap-calls N OTHER` also has a child do the same.
 */
#include <stdint.h>
#include <stdlib.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

int main(int argc, char **argv)
{
	uint64_t count = argc > 1 ? strtoull(argv[1], NULL, 0) : 0;
	pid_t child = argc > 2 ? fork() : -1;

	for (uint64_t n = 0; !count || n < count; n++)
		syscall(SYS_getppid);
	if (child > 0)
		waitpid(child, NULL, 0);
	return 0;
}
