// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * usage: runner FOLDER
 *        runner --pack FILE RESULTS
 *
 * Runs bundles as the simulator does: top-level code, timers in virtual time, trace_end. FOLDER/list
 * has a line "ID ARGUMENT..." for each FOLDER/ID.ktapb. The records go to FOLDER/ID.records as they would
 * stand in a ring, the exit code to FOLDER/ID.status. FILE holds bundles, each behind its length in four bytes; RESULTS
 * gets the exit code and the length of the records of each, four bytes each, and the records.
 */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "check.h"
#include "ktapvm.h"

/* Calls of timers that a program may take before it counts as one that never ends. */
#define MOST_TICKS 10000

/* What belongs to the program that runs now. */
static struct machine {
	FILE *records;
	void *reserved; /* a record: header and payload */
	uint64_t now;
	int exited, exit_code, failed;
} machine;

static void die(const char *what, const char *name)
{
	fprintf(stderr, "runner: %s: %s\n", name, what);
	exit(2);
}

/* Each record has an allocation of its own size: what writes beyond it is found. */
static void *reserve(struct ktap_exec *x, uint16_t kind, uint16_t site, uint32_t length, bool wait)
{
	struct ktap_record header = { .length = (uint32_t)sizeof(header) + length, .kind = kind,
				      .site = site, .ns = machine.now };

	(void)x;
	(void)wait;
	if (machine.reserved || length % 8)
		abort();
	machine.reserved = malloc(header.length);
	memset(machine.reserved, 0xaa, header.length);
	memcpy(machine.reserved, &header, sizeof(header));
	return (char *)machine.reserved + sizeof(header);
}

static void commit(struct ktap_exec *x, void *payload)
{
	struct ktap_record header;

	(void)x;
	if (!machine.reserved || (char *)machine.reserved + sizeof(header) != payload)
		abort();
	memcpy(&header, machine.reserved, sizeof(header));
	fwrite(machine.reserved, 1, header.length, machine.records);
	free(machine.reserved);
	machine.reserved = NULL;
}

static uint32_t field(struct ktap_exec *x, const struct ktap_event *event, uint32_t field,
		      struct ktap_value *out)
{
	(void)x, (void)event, (void)field, (void)out;
	return KTAP_ERROR_FIELD;
}

static uint32_t capture(struct ktap_exec *x, const struct ktap_event *event, void *buffer,
			uint32_t size, uint32_t *id)
{
	(void)x, (void)event, (void)buffer, (void)size, (void)id;
	return 0;
}

static uint32_t give_string(struct ktap_exec *x, struct ktap_value *out, const char *text)
{
	struct ktap_string *string = ktap_exec_string(x, (uint32_t)strlen(text));

	if (!string)
		return KTAP_ERROR_ARENA;
	memcpy(string->bytes, text, string->length);
	out->kind = KTAP_KIND_STR;
	out->bits = (uint64_t)(uintptr_t)string;
	return 0;
}

static uint32_t give_integer(struct ktap_value *out, uint64_t value)
{
	out->kind = KTAP_KIND_INT;
	out->bits = value;
	return 0;
}

static uint32_t library(struct ktap_exec *x, uint32_t id, const struct ktap_value *args,
			uint32_t count, struct ktap_value *result)
{
	const struct ktap_library_info *info = ktap_library_info(id);

	if (count < info->least || count > info->most)
		abort();
	for (uint32_t n = 0; n < count; n++)
		if (!(info->args[n] >> args[n].kind & 1))
			abort();
	if (info->flags & KTAP_LIBRARY_BOARD)
		return KTAP_ERROR_UNAVAILABLE;
	switch (id) {
	case KTAP_LIB_EXIT:
		if (!machine.exited)
			machine.exit_code = (int)args[0].bits & 0xff;
		machine.exited = 1;
		return 0;
	case KTAP_LIB_NSECS:
	case KTAP_LIB_ELAPSED:
		return give_integer(result, machine.now);
	case KTAP_LIB_GETTIMEOFDAY_NS:
		return give_integer(result, 1700000000123456789 + machine.now);
	case KTAP_LIB_IN_INTERRUPT:
	case KTAP_LIB_IN_IOWAIT:
		result->kind = KTAP_KIND_BOOL;
		result->bits = 0;
		return 0;
	default:
		break;
	}
	if (info->result & KTAP_MASK_STR)
		return give_string(x, result, info->name);
	return give_integer(result, id == KTAP_LIB_CPU || id == KTAP_LIB_UID ? 0 : 1);
}

static bool stopping(struct ktap_exec *x)
{
	(void)x;
	return false;
}

static void retired(struct ktap_program *program)
{
	(void)program;
}

static uint64_t seed(void)
{
	return 0x1234567890abcdefull;
}

static const struct ktap_home home = { .reserve = reserve,   .commit = commit,
				       .field = field,	     .capture = capture,
				       .library = library,   .stopping = stopping,
				       .retired = retired,   .sha256 = NULL,
				       .seed = seed };

static void run(struct ktap_exec *x, struct ktap_program *p, uint32_t function)
{
	uint32_t code = ktap_run(x, p, function, NULL);

	if (code && !machine.failed) {
		const struct ktap_error *error = ktap_exec_error(x);
		void *payload = reserve(x, KTAP_RECORD_ERROR, 0, sizeof(*error), true);

		if (code >= KTAP_ERROR_INTERNAL)
			abort();
		memcpy(payload, error, sizeof(*error));
		commit(x, payload);
		machine.failed = 1;
	}
	ktap_program_reclaim(p);
}

static void run_kind(struct ktap_exec *x, struct ktap_program *p, uint32_t kind)
{
	const struct ktap_probe_info *probe;
	int failed = machine.failed;

	for (uint32_t n = 0; (probe = ktap_program_probe(p, n)); n++)
		if (probe->kind == kind && machine.failed == failed)
			run(x, p, probe->function);
}

/* The timers in the order of their times. */
static void run_timers(struct ktap_exec *x, struct ktap_program *p, const char *name)
{
	uint64_t due[KTAP_MAX_PROBES] = { 0 };
	const struct ktap_probe_info *probe;

	for (uint32_t calls = 0; !machine.exited && !machine.failed; calls++) {
		uint32_t next = KTAP_MAX_PROBES;

		for (uint32_t n = 0; (probe = ktap_program_probe(p, n)); n++) {
			if (probe->kind != KTAP_PROBE_TICK)
				continue;
			if (!due[n])
				due[n] = probe->interval;
			if (next == KTAP_MAX_PROBES || due[n] < due[next])
				next = n;
		}
		if (next == KTAP_MAX_PROBES)
			return;
		if (calls == MOST_TICKS)
			die("its timers never end it", name);
		probe = ktap_program_probe(p, next);
		machine.now = due[next];
		due[next] += probe->interval;
		run(x, p, probe->function);
	}
}

static char *path(const char *folder, const char *name, const char *ending)
{
	static char text[4096];

	snprintf(text, sizeof(text), "%s/%s%s", folder, name, ending);
	return text;
}

static FILE *open_file(const char *folder, const char *name, const char *ending, const char *mode)
{
	FILE *f = fopen(path(folder, name, ending), mode);

	if (!f)
		die(strerror(errno), path(folder, name, ending));
	return f;
}

/* Loads a bundle and frees it. */
static struct ktap_program *load(char *data, size_t length, const char *name)
{
	struct ktap_diagnostic why = { 0 };
	struct ktap_envelope envelope;
	struct ktap_program *p = NULL;

	if (!ktap_bundle_open(data, length, &envelope, &why)) {
		/* Of its exact size, so that reads behind it are found. */
		data = realloc(data, envelope.signed_length);
		p = ktap_program_load(data, envelope.signed_length, &home, &why);
	}
	free(data);
	if (!p)
		die(why.text, name);
	return p;
}

static void set_arguments(struct ktap_program *p, const char *name)
{
	struct ktap_argument arguments[KTAP_MAX_ARGUMENTS] = { 0 };
	struct ktap_diagnostic why;
	uint32_t count = 0;
	char *word, *end;

	while (count < KTAP_MAX_ARGUMENTS && (word = strtok(NULL, " \n"))) {
		struct ktap_argument *a = &arguments[count++];

		errno = 0;
		a->integer = strtoll(word, &end, 10);
		a->kind = *end || errno ? KTAP_KIND_STR : KTAP_KIND_INT;
		a->bytes = word;
		a->length = (uint32_t)strlen(word);
	}
	if (ktap_program_set_arguments(p, arguments, count, false, &why))
		die(why.text, name);
}

/* Runs a program and frees it; its exit code. */
static int run_program(struct ktap_program *p, const char *name)
{
	struct ktap_exec *x = ktap_exec_new(KTAP_EXEC_MAIN);

	run_kind(x, p, KTAP_PROBE_MAIN);
	run_timers(x, p, name);
	run_kind(x, p, KTAP_PROBE_END);
	ktap_exec_free(x);
	ktap_program_free(p);
	if (hostile_alive)
		die("allocations are left", name);
	return machine.failed ? 1 : machine.exit_code;
}

static void run_case(const char *folder, char *line)
{
	const char *name = strtok(line, " \n");
	FILE *f = open_file(folder, name, ".ktapb", "rb");
	char *data = malloc(KTAP_MAX_BUNDLE);
	struct ktap_program *p = load(data, fread(data, 1, KTAP_MAX_BUNDLE, f), name);
	int code;

	fclose(f);
	memset(&machine, 0, sizeof(machine));
	machine.records = open_file(folder, name, ".records", "wb");
	set_arguments(p, name);
	code = run_program(p, name);
	fclose(machine.records);
	f = open_file(folder, name, ".status", "w");
	fprintf(f, "%d\n", code);
	fclose(f);
}

static unsigned int run_folder(const char *folder)
{
	FILE *list = open_file(folder, "list", "", "r");
	unsigned int count = 0;
	char line[4096];

	for (; fgets(line, sizeof(line), list); count++)
		run_case(folder, line);
	fclose(list);
	return count;
}

static unsigned int run_pack(const char *file, const char *results)
{
	FILE *in = fopen(file, "rb"), *out = fopen(results, "wb");
	unsigned int count = 0;
	uint32_t length;

	if (!in || !out)
		die(strerror(errno), in ? results : file);
	for (; fread(&length, sizeof(length), 1, in) == 1; count++) {
		char *data = malloc(length), *records = NULL, name[32];
		size_t size = 0;
		uint32_t answer[2];

		snprintf(name, sizeof(name), "bundle %u", count);
		if (fread(data, 1, length, in) != length)
			die("the file is cut off", name);
		memset(&machine, 0, sizeof(machine));
		machine.records = open_memstream(&records, &size);
		answer[0] = (uint32_t)run_program(load(data, length, name), name);
		fclose(machine.records);
		answer[1] = (uint32_t)size;
		fwrite(answer, sizeof(answer), 1, out);
		fwrite(records, 1, size, out);
		free(records);
	}
	fclose(in);
	fclose(out);
	return count;
}

int main(int argc, char **argv)
{
	unsigned int count;

	if (argc == 2) {
		count = run_folder(argv[1]);
	} else if (argc == 4 && !strcmp(argv[1], "--pack")) {
		count = run_pack(argv[2], argv[3]);
	} else {
		fprintf(stderr, "usage: runner FOLDER | runner --pack FILE RESULTS\n");
		return 2;
	}
	printf("runner: %u run\n", count);
	return 0;
}
