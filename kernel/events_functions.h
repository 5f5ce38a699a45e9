/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Kernel functions as events: probe:SYM, probe:SYM+OFFSET, probe:GLOB, each with %return, and
 * ftrace:function. What the files events_functions*.c share.
 */
#ifndef KTAP_EVENTS_FUNCTIONS_H
#define KTAP_EVENTS_FUNCTIONS_H

#include "compat/ftrace.h"
#include "events_internal.h"

#define KTAP_FUNCTIONS_LIMIT 1000u /* that one glob may match */
#define KTAP_FUNCTION_ARGUMENTS 10u /* $arg1 .. $arg10 */

/* A function, or a place in one, that an instance is attached to. */
struct ktap_function {
	unsigned long address;
	unsigned long site; /* where the function tracer calls; 0: a kprobe or kretprobe */
	char *name; /* "vfs_read", "vfs_read+0x10" */
	bool returns;
	bool at_entry; /* or return: arguments can be told */
	bool gone; /* its module is unloaded */
	u32 *handlers; /* in the order of the probes */
	u32 handler_count;
	u32 index; /* in ktap_functions.list */
	bool optional; /* from a glob: left out when it cannot be probed */
	struct ktap_function_probe *probe; /* NULL with a site */
	struct ktap_events *events;
};

/* The kprobe or kretprobe of a function. */
struct ktap_function_probe {
	struct kretprobe probe; /* its kp alone when the function is not probed at its return */
	const struct ktap_function *function;
	bool registered;
};

/* ftrace:function with one filter. */
struct ktap_tracer {
	struct ftrace_ops ops;
	struct ktap_events *events;
	const char *filter; /* in the bundle */
	u32 *handlers;
	u32 handler_count;
	bool registered;
};

/* How a field reference is read from a function's hit. */
enum ktap_function_access {
	KTAP_FUNCTION_NOTHING,
	KTAP_FUNCTION_ARGUMENT, /* value: from 0 */
	KTAP_FUNCTION_STACK_WORD, /* value: from 0 */
	KTAP_FUNCTION_STACK,
	KTAP_FUNCTION_REGISTER, /* value: offset in struct pt_regs */
	KTAP_FUNCTION_SYMBOL, /* value: the address */
	KTAP_FUNCTION_RESULT,
	KTAP_FUNCTION_IP,
	KTAP_FUNCTION_PARENT_IP,
	KTAP_FUNCTION_PID,
	KTAP_FUNCTION_COUNT,
	KTAP_FUNCTION_TEXT, /* what follows is text */
	KTAP_FUNCTION_IP_NAME = KTAP_FUNCTION_TEXT,
	KTAP_FUNCTION_PARENT_NAME,
	KTAP_FUNCTION_REGISTERS,
	KTAP_FUNCTION_CALL /* "#call" */
};

struct ktap_function_field {
	u8 access; /* enum ktap_function_access */
	unsigned long value;
};

/* Everything of an instance's functions: ktap_events.functions. */
struct ktap_functions {
	struct ktap_events *events;
	struct list_head node; /* all that are attached */
	struct ktap_function **list;
	u32 count;
	struct ktap_function_field *fields; /* by field reference */
	u32 arguments; /* that return probes keep from the entry */
	bool registers; /* some field needs them */
	bool stack; /* some field needs the stack of an entry */

	struct ftrace_ops ops; /* of the entries that have a site */
	bool tracing;
	u32 *by_site; /* hash of sites: index + 1 */
	u32 by_site_bits;
	struct ktap_tracer **tracers;
	u32 tracer_count;
};

/* events_functions_symbols.c */

/* A symbol of the kernel or of a module as /proc/kallsyms shows it. */
struct ktap_symbol {
	unsigned long address;
	const char *name;
	char type;
};

/* Visits every function; ends early with what visit returns other than 0. -EACCES: addresses are hidden. */
int ktap_symbols_walk(int (*visit)(const struct ktap_symbol *symbol, void *context), void *context);
/* The address of a symbol, or 0. *error: what a kprobe on it (disabled) would return. */
unsigned long ktap_symbol_find(const char *name, int *error);
/* Where the function tracer calls for the function at an address, or 0. */
unsigned long ktap_function_site(unsigned long address);
/* True when the kernel forbids probes there, or it is this module's own. */
bool ktap_function_forbidden(unsigned long address);

/* events_functions_hit.c: callbacks */

void ktap_function_entered(unsigned long ip, unsigned long parent_ip, struct ftrace_ops *ops,
			   ktap_ftrace_regs *regs);
void ktap_function_traced(unsigned long ip, unsigned long parent_ip, struct ftrace_ops *ops,
			  ktap_ftrace_regs *regs);
int ktap_function_probed(struct kprobe *kp, struct pt_regs *regs);
int ktap_function_called(struct kretprobe_instance *instance, struct pt_regs *regs);
int ktap_function_returned(struct kretprobe_instance *instance, struct pt_regs *regs);

/* events_functions_filter.c */

/* Has the tracer call for the functions that the filter of "ftrace:function/FILTER/" lets in. Their number or -errno. */
int ktap_tracer_filter(struct ktap_tracer *t, const char *filter, struct ktap_message *m);

/* events_functions_fields.c */

/* Resolves the fields of a handler for entries or returns. 0 or -errno with the sentence. */
int ktap_function_fields_resolve(struct ktap_events *e, const struct ktap_probe_info *info,
				 bool entry, bool returns, struct ktap_message *m);
/* What the script sees of a register: kernel addresses leave hashed, numbers of errors as they are. */
u64 ktap_function_show(struct ktap_events *e, unsigned long value);
/* The same of a function's result, which is signed as a system call's is. */
s64 ktap_function_result(const struct ktap_hit *hit);
/* Writes the name of the function at an address, KSYM_SYMBOL_LEN bytes at most. Its length. */
u32 ktap_function_name(char *to, unsigned long address);
/* Keeps the arguments for the return. */
void ktap_function_keep(const struct ktap_functions *f, const struct pt_regs *regs,
			unsigned long *to);

#endif
