// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * A plugin of QEMU: counts how often the instruction at each address is executed between two marks, and writes
 * "ADDRESS COUNT" lines at the second. A mark is a long no-operation that nobody else uses; each
 * turns counting on or off.
 * usage: -plugin FILE,out=RESULT
 *
 * The functions of the emulator that it uses are declared here: Debian has no package with its header.
 */
#include <inttypes.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

struct qemu_plugin_tb;
struct qemu_plugin_insn;
struct qemu_info;

enum { NO_REGISTERS };

void qemu_plugin_register_vcpu_tb_trans_cb(uint64_t id, void (*call)(uint64_t,
								     struct qemu_plugin_tb *));
void qemu_plugin_register_vcpu_insn_exec_cb(struct qemu_plugin_insn *insn,
					    void (*call)(unsigned int, void *), int flags,
					    void *data);
size_t qemu_plugin_tb_n_insns(const struct qemu_plugin_tb *tb);
struct qemu_plugin_insn *qemu_plugin_tb_get_insn(const struct qemu_plugin_tb *tb, size_t n);
const void *qemu_plugin_insn_data(const struct qemu_plugin_insn *insn);
size_t qemu_plugin_insn_size(const struct qemu_plugin_insn *insn);
uint64_t qemu_plugin_insn_vaddr(const struct qemu_plugin_insn *insn);

int qemu_plugin_version = 1;

/* nopl 0x6b746170(%rax) */
static const unsigned char mark[] = { 0x0f, 0x1f, 0x80, 0x70, 0x61, 0x74, 0x6b };

struct counter {
	struct counter *next;
	uint64_t address;
	uint64_t count;
};

static struct counter *counters[1 << 16];
static bool counting;
static char *out;

static struct counter *counter_of(uint64_t address)
{
	struct counter **place = &counters[(address ^ address >> 16) & 0xffff], *c;

	for (c = *place; c; c = c->next)
		if (c->address == address)
			return c;
	c = calloc(1, sizeof(*c));
	if (!c)
		abort();
	c->address = address;
	c->next = *place;
	return *place = c;
}

static void count(unsigned int cpu, void *data)
{
	if (counting)
		((struct counter *)data)->count++;
}

static void write_counts(void)
{
	FILE *file = fopen(out, "w");
	size_t n;

	if (!file)
		return;
	for (n = 0; n < sizeof(counters) / sizeof(counters[0]); n++)
		for (struct counter *c = counters[n]; c; c = c->next)
			if (c->count)
				fprintf(file, "%" PRIx64 " %" PRIu64 "\n", c->address, c->count);
	fclose(file);
}

static void toggle(unsigned int cpu, void *data)
{
	counting = !counting;
	if (!counting)
		write_counts();
}

static void translated(uint64_t id, struct qemu_plugin_tb *tb)
{
	size_t n, all = qemu_plugin_tb_n_insns(tb);

	for (n = 0; n < all; n++) {
		struct qemu_plugin_insn *insn = qemu_plugin_tb_get_insn(tb, n);

		if (qemu_plugin_insn_size(insn) == sizeof(mark) &&
		    !memcmp(qemu_plugin_insn_data(insn), mark, sizeof(mark)))
			qemu_plugin_register_vcpu_insn_exec_cb(insn, toggle, NO_REGISTERS, NULL);
		else
			qemu_plugin_register_vcpu_insn_exec_cb(
				insn, count, NO_REGISTERS,
				counter_of(qemu_plugin_insn_vaddr(insn)));
	}
}

__attribute__((visibility("default"))) int qemu_plugin_install(uint64_t id,
							       const struct qemu_info *info,
							       int argc, char **argv)
{
	for (int n = 0; n < argc; n++)
		if (!strncmp(argv[n], "out=", 4))
			out = strdup(argv[n] + 4);
	if (!out)
		return -1;
	qemu_plugin_register_vcpu_tb_trans_cb(id, translated);
	return 0;
}
