// SPDX-License-Identifier: GPL-2.0-or-later
#include "check.h"

static void part(const char *name, void (*test)(void))
{
	unsigned int passed = checks_passed, failed = checks_failed;

	test();
	printf("%-14s %u passed, %u failed\n", name, checks_passed - passed,
	       checks_failed - failed);
	fflush(stdout);
}

int main(void)
{
	part("bundle", test_bundle);
	part("instructions", test_instructions);
	part("verifier", test_verifier);
	part("tables", test_tables);
	part("aggregates", test_aggregates);
	part("sort", test_sort);
	part("stacks", test_stacks);
	part("strings", test_strings);
	part("text", test_text);
	part("output", test_output);
	part("functions", test_functions);
	part("verifier calls", test_verifier_calls);
	part("modify", test_modify);
	part("closures", test_closures);
	part("collect", test_collect);
	part("limits", test_limits);
	part("program", test_program);
	part("threads", test_threads);
	part("memory", test_memory);
	printf("%u passed, %u failed\n", checks_passed, checks_failed);
	return checks_failed || !checks_passed;
}
