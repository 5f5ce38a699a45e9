/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Counting checks: a check that fails is printed and counted, and the test goes on. */
#ifndef CHECK_H
#define CHECK_H

#include <stdbool.h>
#include <stddef.h>
#include <stdio.h>

extern unsigned int checks_passed, checks_failed;

#define CHECK(condition, ...)                                                                      \
	do {                                                                                       \
		if (condition) {                                                                   \
			checks_passed++;                                                           \
		} else {                                                                           \
			checks_failed++;                                                           \
			printf("%s:%d: %s: ", __FILE__, __LINE__, #condition);                     \
			printf(__VA_ARGS__);                                                       \
			printf("\n");                                                              \
		}                                                                                  \
	} while (0)

void test_bundle(void);
void test_instructions(void);
void test_verifier(void);
void test_tables(void);
void test_strings(void);
void test_output(void);
void test_limits(void);
void test_program(void);
void test_threads(void);
void test_memory(void);
void test_aggregates(void);
void test_sort(void);
void test_stacks(void);
void test_text(void);
void test_functions(void);
void test_closures(void);
void test_collect(void);
void test_verifier_calls(void);
void test_modify(void);

/* hostile.c: allocations now alive; fail_after: let the n-th from now fail (0: none) */
extern long hostile_alive, hostile_fail_after;

#endif
