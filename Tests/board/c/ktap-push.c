// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Pushes a bundle straight at /dev/ktap, whole or damaged, and says what the kernel answers.
 *
 *   ktap-push [OPTION]... BUNDLE [ARGUMENT]...
 *     --flip OFFSET:BIT     flip this bit first
 *     --truncate N          leave the last N bytes out
 *     --append N            add N zero bytes
 *     --flip-each N         try N single-bit flips spread evenly over the whole file, each refused
 *     --check               verify only
 *     --run MS              attach, start, print records, stop after MS ms (-1: when it ends itself)
 *     --times N             do it N times
 *     --hold                attach, start, then never read; until killed
 *     --quiet               do not print records
 *     --no-status           do not print the counters
 *     --expect-errno NAME   succeed if and only if the kernel answers with this errno ("0": accepts)
 *
 * Prints "errno NAME: message". Exit status: 0 as expected (without --expect-errno: accepted), 1 not.
 */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "client.h"

struct options {
	const char *expect;
	long flip_each, append, truncate, times;
	int run_ms;
	bool check, run, hold, quiet, no_status;
};

static struct client client;
static struct options options = { .times = 1 };

static void flip(uint8_t *bytes, size_t length, size_t offset, unsigned int bit)
{
	if (offset >= length || bit > 7)
		fatal("no bit %zu:%u in %zu bytes", offset, bit, length);
	bytes[offset] ^= (uint8_t)(1u << bit);
}

static int report(int error)
{
	printf("errno %s%s%s\n", errno_name(-error), client.message[0] ? ": " : "", client.message);
	fflush(stdout);
	if (options.expect)
		return strcmp(options.expect, errno_name(-error)) != 0;
	return error != 0;
}

static int run(void)
{
	struct ktap_ioc_status status;
	int error = client_attach(&client);

	if (error)
		return error;
	error = client_map(&client);
	if (!error)
		error = client_start(&client);
	while (!error && options.hold)
		pause();
	if (!error)
		error = client_run(&client, options.run_ms);
	if (!error)
		error = client_status(&client, &status);
	if (!error && !options.no_status)
		print_status(&status);
	return error;
}

static int once(const uint8_t *bundle, size_t length, char **arguments, int count)
{
	int error = client_load(&client, bundle, length, options.check ? KTAP_LOAD_CHECK : 0, arguments,
				count);

	if (!error && (options.run || options.hold))
		error = run();
	client_unload(&client);
	return error;
}

/* Flips are spread over the whole file, each bit number in its turn; all have to be refused. */
static int flip_each(uint8_t *bundle, size_t length)
{
	long accepted = 0, per_errno[256] = { 0 };

	for (long n = 0; n < options.flip_each; n++) {
		size_t offset = (size_t)((uint64_t)length * (uint64_t)n / (uint64_t)options.flip_each);
		int error;

		flip(bundle, length, offset, (unsigned int)n % 8);
		error = client_load(&client, bundle, length, 0, NULL, 0);
		client_unload(&client);
		flip(bundle, length, offset, (unsigned int)n % 8);
		per_errno[-error & 255]++;
		if (!error) {
			accepted++;
			printf("accepted with bit %zu:%ld flipped\n", offset, n % 8);
		} else if (!client.message[0]) {
			accepted++;
			printf("no message for bit %zu:%ld\n", offset, n % 8);
		}
	}
	printf("%ld flips refused:", options.flip_each - accepted);
	for (int e = 1; e < 256; e++)
		if (per_errno[e])
			printf(" %ld %s", per_errno[e], errno_name(e));
	putchar('\n');
	return accepted != 0;
}

static long number(const char *text)
{
	char *end;
	long value = text ? strtol(text, &end, 0) : 0;

	if (!text || !*text || *end)
		fatal("a number is missing");
	return value;
}

int main(int argc, char **argv)
{
	const char *flip_at = NULL;
	uint8_t *bundle;
	size_t length;
	int n, result = 0;

	for (n = 1; n < argc && argv[n][0] == '-'; n++) {
		const char *o = argv[n];

		if (!strcmp(o, "--flip"))
			flip_at = argv[++n];
		else if (!strcmp(o, "--flip-each"))
			options.flip_each = number(argv[++n]);
		else if (!strcmp(o, "--truncate"))
			options.truncate = number(argv[++n]);
		else if (!strcmp(o, "--append"))
			options.append = number(argv[++n]);
		else if (!strcmp(o, "--times"))
			options.times = number(argv[++n]);
		else if (!strcmp(o, "--expect-errno"))
			options.expect = argv[++n];
		else if (!strcmp(o, "--run")) {
			options.run = true;
			options.run_ms = (int)number(argv[++n]);
		} else if (!strcmp(o, "--check"))
			options.check = true;
		else if (!strcmp(o, "--hold"))
			options.hold = true;
		else if (!strcmp(o, "--quiet"))
			options.quiet = true;
		else if (!strcmp(o, "--no-status"))
			options.no_status = true;
		else
			fatal("unknown option %s", o);
	}
	if (n >= argc)
		fatal("usage: ktap-push [OPTION]... BUNDLE [ARGUMENT]...");
	bundle = read_file(argv[n], &length, options.append > 0 ? (size_t)options.append : 0);
	client_open(&client);
	client.quiet = options.quiet;
	if (options.flip_each)
		return flip_each(bundle, length);
	if (flip_at) {
		char *colon = strchr(flip_at, ':');

		if (!colon)
			fatal("--flip OFFSET:BIT");
		flip(bundle, length, strtoul(flip_at, NULL, 0), (unsigned int)number(colon + 1));
	}
	length += (size_t)options.append;
	if ((size_t)options.truncate > length)
		fatal("the bundle has %zu bytes", length);
	length -= (size_t)options.truncate;
	for (long t = 0; t < options.times && !result; t++)
		result = report(once(bundle, length, argv + n + 1, argc - n - 1));
	return result;
}
