// SPDX-License-Identifier: GPL-2.0-or-later
/* The threads alone, for the thread sanitizer. */
#include "check.h"

int main(void)
{
	test_threads();
	test_collect();
	printf("thread sanitizer %u passed, %u failed\n", checks_passed, checks_failed);
	return checks_failed || !checks_passed;
}
