/* SPDX-License-Identifier: GPL-2.0-or-later */
/* A plain client of /dev/ktap for the board tests: load, run, drain. */
#ifndef KTAP_TEST_CLIENT_H
#define KTAP_TEST_CLIENT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <ktap/abi.h>

#define KTAP_MOST_CPUS 64

struct client {
	int device;
	int program; /* -1: none */
	char message[256]; /* of the last call that failed */
	uint32_t cpus;
	struct ktap_consumer *consumers;
	const struct ktap_producer *producers[KTAP_MOST_CPUS];
	uint64_t records; /* drained so far */
	bool quiet; /* drain() prints nothing */
};

/* A file's bytes in memory of `spare` bytes more; ends the program when it cannot be read. */
uint8_t *read_file(const char *path, size_t *length, size_t spare);

/* Opens the device; ends the program when there is none. */
void client_open(struct client *c);

/*
 * These return 0 or a negative errno. load() takes string arguments as strings, others as
 * integers. After load() closes c->program to unload.
 */
int client_load(struct client *c, const void *bundle, size_t length, uint32_t flags, char **arguments,
		int argument_count);
int client_attach(struct client *c);
int client_start(struct client *c);
int client_stop(struct client *c);
int client_status(struct client *c, struct ktap_ioc_status *status);
int client_map(struct client *c);
void client_unload(struct client *c);

/* Takes what stands in the rings, prints one line a record to stdout unless c->quiet. */
void client_drain(struct client *c);

/*
 * Drains until the program has ended; asks it to stop after so many ms (negative: never). Returns
 * 0, or -ETIMEDOUT when it has not ended 10 s after that.
 */
int client_run(struct client *c, int stop_after_ms);

/* Prints the counters as "name=value" words on one line. */
void print_status(const struct ktap_ioc_status *status);

/* "EPERM" for 1 and so on. */
const char *errno_name(int number);

__attribute__((noreturn, format(printf, 1, 2))) void fatal(const char *format, ...);

#endif
