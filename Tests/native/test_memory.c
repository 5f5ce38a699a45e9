// SPDX-License-Identifier: GPL-2.0-or-later
/* Allocations that fail leak nothing; a small program is small; seeds load and run. */
#include <errno.h>
#include <stdlib.h>

#include "run.h"
#include "seeds.h"

static void test_failing(void)
{
	struct assembly *a;

	for (unsigned int n = 0; (a = seed_assembly(n)); n++) {
		size_t length;
		uint8_t *data = finish(a, &length);
		struct ktap_diagnostic why;
		struct ktap_program *p = NULL;
		long fail, alive = hostile_alive;

		assembly_free(a);
		for (fail = 1; !p; fail++) {
			hostile_fail_after = fail;
			p = ktap_program_load(data, length, &test_home, &why);
			hostile_fail_after = 0;
			if (!p) {
				CHECK(why.error == -ENOMEM, "seed %u: %d %s", n, why.error, why.text);
				CHECK(hostile_alive == alive, "seed %u leaks", n);
			}
			if (fail == 100)
				abort();
		}
		CHECK(fail > 4, "seed %u: only %ld allocations", n, fail);
		ktap_program_free(p);
		CHECK(hostile_alive == alive, "seed %u leaks", n);
		free(data);
	}
	hostile_fail_after = 1;
	CHECK(!ktap_exec_new(KTAP_EXEC_PROBE), "no context without memory");
	hostile_fail_after = 0;
	ktap_exec_free(NULL);
	ktap_program_free(NULL);
}

static void test_sizes(void)
{
	for (unsigned int n = 0; n < 6; n++) {
		struct run *r = must_load(seed_assembly(n));
		size_t bytes = ktap_program_memory(r->program);

		CHECK(bytes < (32 << 10), "seed %u: %zu bytes", n, bytes);
		/* Every function runs to its end without an error of the seeds' own making. */
		for (uint32_t f = 0; f < ktap_program_info(r->program)->function_count; f++) {
			call(r, f);
			CHECK(!r->code || (n == 1 && f == 1) || (n == 3 && f == 1) ||
				      (n == 4 && f == 3 && r->code == KTAP_ERROR_INDEX),
			      "seed %u function %u: error %u at %u", n, f, r->code,
			      ktap_exec_error(r->main)->instruction);
		}
		call_probe(r, 1);
		unload(r);
	}
}

/* What a context holds, and that it says so. */
static void test_contexts(void)
{
	struct ktap_exec *main_exec = ktap_exec_new(KTAP_EXEC_MAIN),
			 *probe_exec = ktap_exec_new(KTAP_EXEC_PROBE);

	CHECK(ktap_exec_size(KTAP_EXEC_MAIN) < (220 << 10), "%zu", ktap_exec_size(KTAP_EXEC_MAIN));
	CHECK(ktap_exec_size(KTAP_EXEC_PROBE) < (16 << 10), "%zu", ktap_exec_size(KTAP_EXEC_PROBE));
	ktap_exec_free(main_exec);
	ktap_exec_free(probe_exec);
}

void test_memory(void)
{
	test_contexts();
	test_failing();
	test_sizes();
}
