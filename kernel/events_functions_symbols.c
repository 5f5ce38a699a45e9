// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Names and addresses of kernel functions. The kernel exports no function that finds a symbol. One by its
 * name is found by preparing a kprobe on it; all are what the kernel itself shows in /proc/kallsyms, whose
 * iterator is called here, in the kernel's own credentials.
 */
#include <linux/fs.h>
#include <linux/kallsyms.h>
#include <linux/magic.h>
#include <linux/module.h>
#include <linux/seq_file.h>

#include "events_functions.h"

#define LINE (KSYM_NAME_LEN + 128)

/* "ffffffff81000000 T name\t[module]": false when it is no function. */
static bool parse(char *line, struct ktap_symbol *symbol)
{
	char *end;

	symbol->address = simple_strtoull(line, &end, 16);
	if (end[0] != ' ' || !end[1] || end[2] != ' ')
		return false;
	symbol->type = end[1];
	symbol->name = end + 3;
	end[3 + strcspn(symbol->name, "\t\n ")] = '\0';
	return strchr("tTwW", symbol->type) != NULL;
}

static int walk(struct seq_file *seq, int (*visit)(const struct ktap_symbol *, void *),
		void *context)
{
	struct ktap_symbol symbol;
	bool shown = false;
	loff_t position = 0;
	u32 count = 0;
	int error = 0;
	void *at;

	for (at = seq->op->start(seq, &position); !IS_ERR_OR_NULL(at) && !error;
	     at = seq->op->next(seq, at, &position)) {
		seq->count = 0;
		seq->op->show(seq, at);
		seq->buf[min_t(size_t, seq->count, LINE - 1)] = '\0';
		if (!(++count & 0xff))
			cond_resched();
		if (!parse(seq->buf, &symbol) || !symbol.address)
			continue;
		shown = true;
		error = visit(&symbol, context);
	}
	seq->op->stop(seq, at);
	return error ?: shown ? 0 : -EACCES;
}

int ktap_symbols_walk(int (*visit)(const struct ktap_symbol *symbol, void *context), void *context)
{
	struct file *file = filp_open("/proc/kallsyms", O_RDONLY, 0);
	struct seq_file *seq;
	int error = -EACCES;

	if (IS_ERR(file))
		return -EACCES;
	seq = file->private_data;
	if (file_inode(file)->i_sb->s_magic == PROC_SUPER_MAGIC && seq && !seq->buf) {
		seq->buf = kmalloc(LINE, GFP_KERNEL);
		seq->size = LINE;
		error = seq->buf ? walk(seq, visit, context) : -ENOMEM;
		kfree(seq->buf);
		seq->buf = NULL;
	}
	filp_close(file, NULL);
	return error;
}

unsigned long ktap_symbol_find(const char *name, int *error)
{
	struct kprobe probe = { .symbol_name = name, .flags = KPROBE_FLAG_DISABLED };
	char text[KSYM_SYMBOL_LEN], *offset;
	unsigned long address, past = 0;

	*error = register_kprobe(&probe);
	if (!*error)
		unregister_kprobe(&probe);
	address = (unsigned long)probe.addr;
	if (!address)
		return 0;
	/* The probe's place may be behind what marks the target of a jump. */
	sprint_symbol(text, address);
	offset = strrchr(text, '+');
	if (offset && !strncmp(text, name, offset - text))
		past = simple_strtoul(offset + 1, NULL, 16);
	return address - past;
}

unsigned long ktap_function_site(unsigned long address)
{
#if KTAP_HAS_FTRACE
	static unsigned long (*location)(unsigned long address);
	int error;

	if (!location)
		location = (void *)ktap_symbol_find("ftrace_location", &error);
	return location ? location(address) : 0;
#else
	return 0;
#endif
}

bool ktap_function_forbidden(unsigned long address)
{
	static bool (*listed)(unsigned long address);
	int error;

	if (within_module(address, THIS_MODULE))
		return true;
	if (!listed)
		listed = (void *)ktap_symbol_find("within_kprobe_blacklist", &error);
	return listed && listed(address);
}
