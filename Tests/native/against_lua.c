// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * usage: against-lua BUNDLE.ktapb SCRIPT.lua ...
 *
 * Runs the top-level code of each bundle and the script beside it, each ROUNDS times in turn, and
 * prints the shortest times and their ratio. Both must print the same line. Without lua5.4 there
 * is no ratio; with a name behind -n only that bundle runs, so many times, for profilers.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "run.h"

#define ROUNDS 5

static double seconds(void)
{
	struct timespec t;

	clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &t);
	return (double)t.tv_sec + (double)t.tv_nsec * 1e-9;
}

static struct ktap_program *load_file(const char *path)
{
	uint8_t *data = malloc(KTAP_MAX_BUNDLE);
	struct ktap_program *program = NULL;
	struct ktap_envelope envelope;
	struct ktap_diagnostic why;
	FILE *f = fopen(path, "rb");
	size_t length;

	if (!f) {
		perror(path);
		exit(2);
	}
	length = fread(data, 1, KTAP_MAX_BUNDLE, f);
	fclose(f);
	if (!ktap_bundle_open(data, length, &envelope, &why))
		program = ktap_program_load(data, envelope.signed_length, &fuzz_home, &why);
	free(data);
	if (!program) {
		fprintf(stderr, "%s: %s\n", path, why.text);
		exit(2);
	}
	return program;
}

/* Runs it once and notes the integers that it prints. */
static double run_once(const char *path, char line[256])
{
	struct run r = { .program = load_file(path), .main = ktap_exec_new(KTAP_EXEC_MAIN),
			 .output = output_new() };
	double begin, time;
	uint32_t code, n;

	ktap_exec_set_owner(r.main, r.output);
	begin = seconds();
	code = ktap_run(r.main, r.program, ktap_program_probe(r.program, 0)->function, NULL);
	time = seconds() - begin;
	if (code) {
		fprintf(stderr, "%s: line %u: %s\n", path, ktap_exec_error(r.main)->line,
			ktap_error_text(code));
		exit(1);
	}
	line[0] = 0;
	for (n = 0; printed(&r, 0, n).kind == KTAP_KIND_INT; n++)
		snprintf(line + strlen(line), 256 - strlen(line), "%s%lld", n ? "\t" : "",
			 (long long)printed(&r, 0, n).integer);
	ktap_program_free(r.program);
	ktap_exec_free(r.main);
	output_free(r.output);
	return time;
}

/* The same in Lua; 0 when there is none. */
static double lua_once(const char *path, char line[256])
{
	char command[1024];
	double time = 0;
	FILE *f;

	snprintf(command, sizeof(command),
		 "lua5.4 -e 'local c = os.clock() dofile(\"%s\") print(os.clock() - c)' 2>/dev/null", path);
	f = popen(command, "r");
	if (!f)
		return 0;
	if (!fgets(line, 256, f) || fscanf(f, "%lf", &time) != 1)
		time = 0;
	line[strcspn(line, "\n")] = 0;
	pclose(f);
	return time;
}

static void compare(const char *bundle, const char *script)
{
	char line[256], expected[256] = "";
	const char *name = strrchr(bundle, '/') ? strrchr(bundle, '/') + 1 : bundle;
	double own = 1e9, other = 1e9;

	for (int n = 0; n < ROUNDS; n++) {
		double time = run_once(bundle, line), lua = lua_once(script, expected);

		own = time < own ? time : own;
		other = lua < other ? lua : other;
		if (lua > 0 && strcmp(line, expected)) {
			fprintf(stderr, "%s prints '%s', %s prints '%s'\n", bundle, line, script, expected);
			exit(1);
		}
	}
	printf("%-16.*s %8.1f ms", (int)strcspn(name, "."), name, own * 1e3);
	if (other > 0)
		printf("   lua5.4 %8.1f ms   ratio %.2f", other * 1e3, own / other);
	printf("\n");
	fflush(stdout);
}

int main(int argc, char **argv)
{
	char line[256];

	if (argc == 4 && !strcmp(argv[1], "-n")) {
		for (int n = atoi(argv[2]); n > 0; n--)
			run_once(argv[3], line);
		return 0;
	}
	if (argc < 3 || argc % 2 == 0) {
		fprintf(stderr, "usage: against-lua BUNDLE.ktapb SCRIPT.lua ...\n");
		return 2;
	}
	for (int n = 1; n < argc; n += 2)
		compare(argv[n], argv[n + 1]);
	return 0;
}
