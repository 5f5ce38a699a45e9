// SPDX-License-Identifier: GPL-2.0-or-later
/* The beginning and the end of the process, its environment. */
#define _GNU_SOURCE /* syscall */
#include <elf.h>
#include <stddef.h>
#include <unistd.h>

#include "cagent.h"
#include "system.h"

const char *cagent_environment(const char *name)
{
	char **variable;

	for (variable = environ; *variable; variable++) {
		const char *text = *variable, *wanted = name;

		while (*wanted && *text == *wanted) {
			text++;
			wanted++;
		}
		if (!*wanted && *text == '=')
			return text + 1;
	}
	return NULL;
}

#ifdef __GLIBC__
size_t cagent_page_size(void)
{
	return (size_t)sysconf(_SC_PAGESIZE);
}
#else
int ktap_run_main(int count, char **words);

char **environ;
static size_t page_size = 4096;

size_t cagent_page_size(void)
{
	return page_size;
}

/* `stack` is what the kernel puts there: the number of words, the words, the environment, the auxiliary vector. */
__attribute__((used)) _Noreturn void cagent_begin(unsigned long *stack)
{
	char **words = (char **)(stack + 1);
	unsigned long *vector;

	environ = words + *stack + 1;
	for (vector = (unsigned long *)environ; *vector; vector++)
		;
	for (vector++; *vector != AT_NULL; vector += 2)
		if (*vector == AT_PAGESZ)
			page_size = vector[1];
	cagent_exit(ktap_run_main((int)*stack, words));
}
#endif

_Noreturn void cagent_exit(int code)
{
	for (;;)
		cagent_syscall(SYS_exit_group, (long)code);
}
