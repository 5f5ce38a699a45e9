// SPDX-License-Identifier: GPL-2.0-or-later
/* A plain client of /dev/ktap; see client.h. */
#include "client.h"

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <poll.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "ioctls.h"

void fatal(const char *format, ...)
{
	va_list args;

	va_start(args, format);
	vfprintf(stderr, format, args);
	va_end(args);
	fputc('\n', stderr);
	exit(2);
}

const char *errno_name(int number)
{
	static const struct {
		int number;
		const char *name;
	} names[] = {
		{ 0, "0" },		    { EPERM, "EPERM" },		{ ENOENT, "ENOENT" },
		{ EINTR, "EINTR" },	    { ENOEXEC, "ENOEXEC" },	{ EBADF, "EBADF" },
		{ ENOMEM, "ENOMEM" },	    { EACCES, "EACCES" },	{ EFAULT, "EFAULT" },
		{ EBUSY, "EBUSY" },	    { ENODEV, "ENODEV" },	{ EINVAL, "EINVAL" },
		{ ENOTTY, "ENOTTY" },	    { ERANGE, "ERANGE" },	{ EBADMSG, "EBADMSG" },
		{ EOPNOTSUPP, "EOPNOTSUPP" }, { ENOKEY, "ENOKEY" },	{ EKEYREJECTED, "EKEYREJECTED" },
		{ ETIMEDOUT, "ETIMEDOUT" },
	};
	static char other[16];

	for (size_t n = 0; n < sizeof(names) / sizeof(*names); n++)
		if (names[n].number == number)
			return names[n].name;
	snprintf(other, sizeof(other), "%d", number);
	return other;
}

uint8_t *read_file(const char *path, size_t *length, size_t spare)
{
	FILE *file = fopen(path, "rb");
	struct stat stat;
	uint8_t *bytes;

	if (!file || fstat(fileno(file), &stat))
		fatal("%s: %s", path, strerror(errno));
	bytes = calloc(1, (size_t)stat.st_size + spare + 1);
	if (!bytes)
		fatal("no memory");
	*length = fread(bytes, 1, (size_t)stat.st_size, file);
	fclose(file);
	return bytes;
}

void client_open(struct client *c)
{
	struct ktap_ioc_version version;

	memset(c, 0, sizeof(*c));
	c->program = -1;
	c->device = open(KTAP_DEVICE, O_RDWR | O_CLOEXEC);
	if (c->device < 0)
		fatal("%s: %s", KTAP_DEVICE, strerror(errno));
	if (ioctl(c->device, KTAP_IOC_VERSION, &version))
		fatal("version: %s", strerror(errno));
	if (version.abi != KTAP_ABI_VERSION)
		fatal("the module speaks ABI %" PRIu32, version.abi);
	c->cpus = version.cpus;
	if (c->cpus > KTAP_MOST_CPUS)
		fatal("%" PRIu32 " CPUs are too many for this program", c->cpus);
}

static struct ktap_ioc_message message_of(struct client *c)
{
	struct ktap_ioc_message message = { (uintptr_t)c->message, sizeof(c->message), 0 };

	c->message[0] = '\0';
	return message;
}

int client_load(struct client *c, const void *bundle, size_t length, uint32_t flags, char **arguments,
		int argument_count)
{
	struct ktap_ioc_argument converted[KTAP_MAX_ARGUMENTS + 1] = { 0 };
	struct ktap_ioc_load load = {
		.bundle = (uintptr_t)bundle,
		.bundle_length = length,
		.arguments = (uintptr_t)converted,
		.argument_count = (uint32_t)argument_count,
		.flags = flags,
		.cpu = -1,
		.message = message_of(c),
	};
	int result;

	for (int n = 0; n < argument_count && n <= (int)KTAP_MAX_ARGUMENTS; n++) {
		char *end;
		long long number = strtoll(arguments[n], &end, 0);

		if (*arguments[n] && !*end) {
			converted[n].kind = KTAP_KIND_INT;
			converted[n].integer = number;
		} else {
			converted[n].kind = KTAP_KIND_STR;
			converted[n].length = (uint32_t)strlen(arguments[n]);
			converted[n].address = (uintptr_t)arguments[n];
		}
	}
	result = ioctl(c->device, KTAP_IOC_LOAD, &load);
	if (result < 0)
		return -errno;
	if (!(flags & KTAP_LOAD_CHECK))
		c->program = result;
	return 0;
}

int client_attach(struct client *c)
{
	struct ktap_ioc_attach attach = { .message = message_of(c) };

	return ioctl(c->program, KTAP_IOC_ATTACH, &attach) ? -errno : 0;
}

int client_start(struct client *c)
{
	return ioctl(c->program, KTAP_IOC_START) ? -errno : 0;
}

int client_stop(struct client *c)
{
	return ioctl(c->program, KTAP_IOC_STOP) ? -errno : 0;
}

int client_status(struct client *c, struct ktap_ioc_status *status)
{
	return ioctl(c->program, KTAP_IOC_STATUS, status) ? -errno : 0;
}

int client_map(struct client *c)
{
	size_t page = (size_t)sysconf(_SC_PAGESIZE);

	c->consumers = mmap(NULL, page, PROT_READ | PROT_WRITE, MAP_SHARED, c->program, 0);
	if (c->consumers == MAP_FAILED)
		return -errno;
	for (uint32_t cpu = 0; cpu < c->cpus; cpu++) {
		off_t offset = (off_t)KTAP_RING_OFFSET(cpu);
		const struct ktap_producer *p = mmap(NULL, page, PROT_READ, MAP_SHARED, c->program, offset);
		size_t bytes;

		if (p == MAP_FAILED)
			return -errno;
		bytes = p->page + p->size;
		munmap((void *)p, page);
		p = mmap(NULL, bytes, PROT_READ, MAP_SHARED, c->program, offset);
		if (p == MAP_FAILED)
			return -errno;
		c->producers[cpu] = p;
	}
	return 0;
}

void client_unload(struct client *c)
{
	size_t page = (size_t)sysconf(_SC_PAGESIZE);

	for (uint32_t cpu = 0; cpu < c->cpus; cpu++) {
		const struct ktap_producer *p = c->producers[cpu];

		if (p)
			munmap((void *)p, p->page + p->size);
		c->producers[cpu] = NULL;
	}
	if (c->consumers)
		munmap(c->consumers, page);
	c->consumers = NULL;
	if (c->program >= 0)
		close(c->program);
	c->program = -1;
}

/* Prints values separated by tabs. */
static void print_values(const uint8_t *p, const uint8_t *end)
{
	const char *separator = "";

	while (p + sizeof(struct ktap_record_value) <= end) {
		const struct ktap_record_value *v = (const void *)p;
		const uint8_t *data = p + sizeof(*v);
		int64_t number = 0;

		fputs(separator, stdout);
		separator = "\t";
		switch (v->kind) {
		case KTAP_KIND_BOOL:
			fputs(v->aux ? "true" : "false", stdout);
			break;
		case KTAP_KIND_INT:
			memcpy(&number, data, sizeof(number));
			printf("%" PRId64, number);
			break;
		case KTAP_KIND_STR:
			fwrite(data, 1, v->length, stdout);
			break;
		case KTAP_KIND_EVENT:
			printf("event#%" PRIu32 "[%u]", v->aux, v->length);
			break;
		default:
			fputs(ktap_kind_name(v->kind), stdout);
		}
		p = data + ((v->length + 7u) & ~7u);
	}
	fputc('\n', stdout);
}

static void print_record(uint32_t cpu, const struct ktap_record *r, uint32_t length)
{
	const uint8_t *payload = (const uint8_t *)(r + 1), *end = (const uint8_t *)r + length;

	switch (r->kind) {
	case KTAP_RECORD_EMIT:
		print_values(payload, end);
		break;
	case KTAP_RECORD_TABLE_ENTRY:
		print_values(payload + sizeof(struct ktap_table_entry), end);
		break;
	case KTAP_RECORD_ERROR: {
		const struct ktap_error *e = (const void *)payload;

		printf("error: line %" PRIu32 ": %s\n", e->line, ktap_error_text(e->code));
		break;
	}
	case KTAP_RECORD_TABLE_BEGIN:
	case KTAP_RECORD_TABLE_END:
		break;
	default:
		fatal("record of unknown kind %u on CPU %" PRIu32, r->kind, cpu);
	}
}

static void drain_cpu(struct client *c, uint32_t cpu)
{
	const struct ktap_producer *p = c->producers[cpu];
	const uint8_t *data = (const uint8_t *)p + p->page;
	uint32_t head = __atomic_load_n(&p->head, __ATOMIC_ACQUIRE);
	uint32_t tail = c->consumers[cpu].tail;
	uint64_t last = 0;

	while (tail != head) {
		const struct ktap_record *r = (const void *)(data + (tail & (p->size - 1)));
		uint32_t word = __atomic_load_n(&r->length, __ATOMIC_ACQUIRE);
		uint32_t length = word & KTAP_RECORD_LENGTH;

		if (word & KTAP_RECORD_BUSY)
			break;
		if (length < 8 || length % 8 || length > head - tail ||
		    (tail & (p->size - 1)) + length > p->size)
			fatal("CPU %" PRIu32 ": bad record of %" PRIu32 " bytes at %" PRIu32, cpu, length,
			      tail);
		if (!(word & KTAP_RECORD_DISCARD)) {
			if (r->ns < last)
				fatal("CPU %" PRIu32 ": time runs backwards", cpu);
			last = r->ns;
			c->records++;
			if (!c->quiet)
				print_record(cpu, r, length);
		}
		tail += length;
		__atomic_store_n(&c->consumers[cpu].tail, tail, __ATOMIC_RELEASE);
	}
}

void client_drain(struct client *c)
{
	for (uint32_t cpu = 0; cpu < c->cpus; cpu++)
		drain_cpu(c, cpu);
	fflush(stdout);
}

static int64_t now_ms(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return (int64_t)t.tv_sec * 1000 + t.tv_nsec / 1000000;
}

int client_run(struct client *c, int stop_after_ms)
{
	int64_t stop_at = stop_after_ms < 0 ? INT64_MAX : now_ms() + stop_after_ms;
	int64_t give_up = INT64_MAX;

	for (;;) {
		struct pollfd poll_for = { c->program, POLLIN, 0 };
		int64_t left = stop_at - now_ms();

		if (now_ms() > give_up)
			return -ETIMEDOUT;
		if (left <= 0 && give_up == INT64_MAX) {
			client_stop(c);
			give_up = now_ms() + 10000;
		}
		poll(&poll_for, 1, left > 0 && left < 1000 ? (int)left : 1000);
		client_drain(c);
		if (poll_for.revents & POLLHUP) {
			client_drain(c);
			return 0;
		}
	}
}

void print_status(const struct ktap_ioc_status *s)
{
	printf("state=%" PRIu32 " exit_code=%" PRId32 " hits=%" PRIu64 " handled=%" PRIu64 " missed=%" PRIu64
	       " throttled=%" PRIu64 " dropped=%" PRIu64 " lost_records=%" PRIu64 " memory=%" PRIu64
	       " worst_cost=%" PRIu64 " error=%" PRIu32 " line=%" PRIu32 "\n",
	       s->state, s->exit_code, s->hits, s->handled, s->missed, s->throttled, s->dropped,
	       s->lost_records, s->memory, s->worst_cost, s->error.code, s->error.line);
	fflush(stdout);
}
