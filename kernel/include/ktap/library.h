/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The library functions that LIB calls: one list for compiler, verifier, interpreter and
 * homes. Built-in variables such as pid are library functions without parameters.
 */
#ifndef KTAP_LIBRARY_H
#define KTAP_LIBRARY_H

#include <ktap/bundle.h>
#include <ktap/kinds.h>

/* Where a function is implemented, and where it may be called. */
enum ktap_library_flags {
	KTAP_LIBRARY_VM = 1 << 0, /* in the virtual machine; otherwise the home provides it */
	KTAP_LIBRARY_PROCESS = 1 << 1, /* only in top-level code, timers and trace_end: it may sleep */
	KTAP_LIBRARY_BOARD = 1 << 2 /* only a kernel has it: error UNAVAILABLE elsewhere */
};

/*
 * X(NAME, "text", result, least, most, arg0, arg1, arg2, flags, capability)
 * result and argN are kind masks; a result of 0 means none. least and most count arguments.
 * capability is the enum ktap_capability a program needs to call it, or 0.
 */
#define KTAP_LIBRARY_LIST(X)                                                                       \
	/* built-in variables; the current task's unless said otherwise */                        \
	X(CPU, "cpu", KTAP_MASK_INT, 0, 0, 0, 0, 0, 0, 0)                                          \
	X(PID, "pid", KTAP_MASK_INT, 0, 0, 0, 0, 0, 0, 0)                                          \
	X(TID, "tid", KTAP_MASK_INT, 0, 0, 0, 0, 0, 0, 0)                                          \
	X(PPID, "ppid", KTAP_MASK_INT, 0, 0, 0, 0, 0, 0, 0)                                        \
	X(UID, "uid", KTAP_MASK_INT, 0, 0, 0, 0, 0, 0, 0)                                          \
	X(GID, "gid", KTAP_MASK_INT, 0, 0, 0, 0, 0, 0, 0)                                          \
	X(EXECNAME, "execname", KTAP_MASK_STR, 0, 0, 0, 0, 0, 0, 0)                                \
	X(PRIO, "prio", KTAP_MASK_INT, 0, 0, 0, 0, 0, 0, 0)                                        \
	X(IN_INTERRUPT, "in_interrupt", KTAP_MASK_BOOL, 0, 0, 0, 0, 0, 0, 0)                       \
	X(IN_IOWAIT, "in_iowait", KTAP_MASK_BOOL, 0, 0, 0, 0, 0, 0, 0)                             \
	X(CGROUP, "cgroup", KTAP_MASK_INT, 0, 0, 0, 0, 0, 0, 0) /* id in the unified hierarchy */  \
	X(NSECS, "nsecs", KTAP_MASK_INT, 0, 0, 0, 0, 0, 0, 0) /* monotonic clock */                \
	X(ELAPSED, "elapsed", KTAP_MASK_INT, 0, 0, 0, 0, 0, 0, 0) /* ns since the program ran */   \
	X(GETTIMEOFDAY_NS, "gettimeofday_ns", KTAP_MASK_INT, 0, 0, 0, 0, 0, 0, 0)                  \
	X(NUM_CPUS, "num_cpus", KTAP_MASK_INT, 0, 0, 0, 0, 0, 0, 0)                                \
	X(ARCH, "arch", KTAP_MASK_STR, 0, 0, 0, 0, 0, 0, 0)                                        \
	X(KERNEL_V, "kernel_v", KTAP_MASK_STR, 0, 0, 0, 0, 0, 0, 0)                                \
	X(PROBENAME, "probename", KTAP_MASK_STR, 1, 1, KTAP_MASK_EVENT, 0, 0, 0, 0)                \
	/* the program */                                                                          \
	X(EXIT, "exit", 0, 1, 1, KTAP_MASK_INT, 0, 0, 0, 0)                                        \
	X(ARG, "arg", KTAP_MASK_NIL | KTAP_MASK_INT | KTAP_MASK_STR, 1, 1, KTAP_MASK_INT, 0, 0,    \
	  KTAP_LIBRARY_VM, 0)                                                                      \
	X(ARG_COUNT, "arg_count", KTAP_MASK_INT, 0, 0, 0, 0, 0, KTAP_LIBRARY_VM, 0)                \
	/* strings; positions count from 0 */                                                      \
	X(STRLEN, "len", KTAP_MASK_INT, 1, 1, KTAP_MASK_STR, 0, 0, KTAP_LIBRARY_VM, 0)             \
	X(CONTAINS, "contains", KTAP_MASK_BOOL, 2, 2, KTAP_MASK_STR, KTAP_MASK_STR, 0,             \
	  KTAP_LIBRARY_VM, 0)                                                                      \
	X(FIND, "find", KTAP_MASK_NIL | KTAP_MASK_INT, 2, 2, KTAP_MASK_STR, KTAP_MASK_STR, 0,      \
	  KTAP_LIBRARY_VM, 0)                                                                      \
	X(SUBSTR, "substr", KTAP_MASK_STR, 3, 3, KTAP_MASK_STR, KTAP_MASK_INT, KTAP_MASK_INT,      \
	  KTAP_LIBRARY_VM, 0)                                                                      \
	X(TOSTRING, "tostring", KTAP_MASK_STR, 1, 1, KTAP_MASK_ANY, 0, 0, KTAP_LIBRARY_VM, 0)      \
	X(TONUMBER, "tonumber", KTAP_MASK_NIL | KTAP_MASK_INT, 1, 1, KTAP_MASK_STR, 0, 0,          \
	  KTAP_LIBRARY_VM, 0)                                                                      \
	/* strings from numbers and bytes; the same on every board. errname: */                    \
	/* "ENOENT" of 2 and -2; else decimal */                                                   \
	X(ERRNAME, "errname", KTAP_MASK_STR, 1, 1, KTAP_MASK_INT, 0, 0, KTAP_LIBRARY_VM, 0)        \
	/* the low four bytes as they lie in memory: of a field in network byte order */           \
	X(IP4, "ip4", KTAP_MASK_STR, 1, 1, KTAP_MASK_INT, 0, 0, KTAP_LIBRARY_VM, 0)                \
	/* of 16 bytes; else "" */                                                                 \
	X(IP6, "ip6", KTAP_MASK_STR, 1, 1, KTAP_MASK_STR, 0, 0, KTAP_LIBRARY_VM, 0)                \
	/* of 6 bytes; else "" */                                                                  \
	X(MAC, "mac", KTAP_MASK_STR, 1, 1, KTAP_MASK_STR, 0, 0, KTAP_LIBRARY_VM, 0)                \
	/* UTC; ns since 1970 */                                                                   \
	X(STRFTIME, "strftime", KTAP_MASK_STR, 2, 2, KTAP_MASK_STR, KTAP_MASK_INT, 0,              \
	  KTAP_LIBRARY_VM, 0)                                                                      \
	/* kernel and user memory, read without faulting; nil: not readable */                     \
	X(USER_STRING, "user_string", KTAP_MASK_NIL | KTAP_MASK_STR, 1, 1, KTAP_MASK_INT, 0, 0,    \
	  KTAP_LIBRARY_BOARD, KTAP_CAPABILITY_USER_DATA)                                           \
	X(KERNEL_STRING, "kernel_string", KTAP_MASK_NIL | KTAP_MASK_STR, 1, 1, KTAP_MASK_INT, 0,   \
	  0, KTAP_LIBRARY_BOARD, KTAP_CAPABILITY_MEMORY)                                           \
	X(KERNEL_BYTES, "kernel_bytes", KTAP_MASK_NIL | KTAP_MASK_STR, 2, 2, KTAP_MASK_INT,        \
	  KTAP_MASK_INT, 0, KTAP_LIBRARY_BOARD, KTAP_CAPABILITY_MEMORY)                            \
	/* "name+0x12", or hexadecimal */                                                          \
	X(KSYM, "ksym", KTAP_MASK_STR, 1, 1, KTAP_MASK_INT, 0, 0, KTAP_LIBRARY_BOARD, 0)           \
	X(USYM, "usym", KTAP_MASK_STR, 1, 1, KTAP_MASK_INT, 0, 0, KTAP_LIBRARY_BOARD, 0)           \
	X(IP_SOCK_SADDR, "ip_sock_saddr", KTAP_MASK_NIL | KTAP_MASK_INT, 1, 1, KTAP_MASK_INT, 0,   \
	  0, KTAP_LIBRARY_BOARD, KTAP_CAPABILITY_MEMORY)                                           \
	X(IP_SOCK_DADDR, "ip_sock_daddr", KTAP_MASK_NIL | KTAP_MASK_INT, 1, 1, KTAP_MASK_INT, 0,   \
	  0, KTAP_LIBRARY_BOARD, KTAP_CAPABILITY_MEMORY)                                           \
	/* stacks: most frames, frames to leave out */                                             \
	X(STACK, "stack", KTAP_MASK_STACK, 2, 2, KTAP_MASK_INT, KTAP_MASK_INT, 0,                  \
	  KTAP_LIBRARY_BOARD, 0)                                                                   \
	X(USTACK, "ustack", KTAP_MASK_STACK, 2, 2, KTAP_MASK_INT, KTAP_MASK_INT, 0,                \
	  KTAP_LIBRARY_BOARD, 0)                                                                   \
	/* aggregates as TGET reads them; nil is an empty one */                                   \
	X(AGGREGATE_COUNT, "count", KTAP_MASK_INT, 1, 1, KTAP_MASK_NIL | KTAP_MASK_AGGREGATE, 0,   \
	  0, KTAP_LIBRARY_VM, 0)                                                                   \
	X(AGGREGATE_SUM, "sum", KTAP_MASK_INT, 1, 1, KTAP_MASK_NIL | KTAP_MASK_AGGREGATE, 0, 0,    \
	  KTAP_LIBRARY_VM, 0)                                                                      \
	X(AGGREGATE_MIN, "min", KTAP_MASK_NIL | KTAP_MASK_INT, 1, 1, KTAP_MASK_NIL |               \
	  KTAP_MASK_AGGREGATE, 0, 0, KTAP_LIBRARY_VM, 0)                                           \
	X(AGGREGATE_MAX, "max", KTAP_MASK_NIL | KTAP_MASK_INT, 1, 1, KTAP_MASK_NIL |               \
	  KTAP_MASK_AGGREGATE, 0, 0, KTAP_LIBRARY_VM, 0)                                           \
	X(AGGREGATE_AVG, "avg", KTAP_MASK_NIL | KTAP_MASK_INT, 1, 1, KTAP_MASK_NIL |               \
	  KTAP_MASK_AGGREGATE, 0, 0, KTAP_LIBRARY_VM, 0)                                           \
	/* of the population, the integer part; nil when the table keeps no squares */            \
	X(AGGREGATE_STDDEV, "stddev", KTAP_MASK_NIL | KTAP_MASK_INT, 1, 1, KTAP_MASK_NIL |         \
	  KTAP_MASK_AGGREGATE, 0, 0, KTAP_LIBRARY_VM, 0)                                           \
	/* the view */                                                                             \
	X(AGGREGATE_HIST, "hist", KTAP_MASK_NIL | KTAP_MASK_AGGREGATE, 1, 1, KTAP_MASK_NIL |       \
	  KTAP_MASK_AGGREGATE, 0, 0, KTAP_LIBRARY_VM, 0)                                           \
	X(AGGREGATE_LHIST, "lhist", KTAP_MASK_NIL | KTAP_MASK_AGGREGATE, 1, 1, KTAP_MASK_NIL |     \
	  KTAP_MASK_AGGREGATE, 0, 0, KTAP_LIBRARY_VM, 0)                                           \
	/* a copy of the table whose order is the keys' or the function's; FREE gives it back */   \
	X(SORT, "sort_pairs", KTAP_MASK_TABLE, 2, 2, KTAP_MASK_TABLE, KTAP_MASK_NIL |              \
	  KTAP_MASK_FUNCTION, 0, KTAP_LIBRARY_VM | KTAP_LIBRARY_PROCESS, 0)                        \
	X(FREE, "free", 0, 1, 1, KTAP_MASK_TABLE, 0, 0, KTAP_LIBRARY_VM, 0)                        \
	/* output of whole tables, in chunks that wait for the reader */                           \
	X(PRINT_HIST, "print_hist", 0, 2, 2, KTAP_MASK_TABLE, KTAP_MASK_INT, 0,                    \
	  KTAP_LIBRARY_VM | KTAP_LIBRARY_PROCESS, 0)                                               \
	X(PRINT_TABLE, "print_table", 0, 1, 1, KTAP_MASK_TABLE, 0, 0,                              \
	  KTAP_LIBRARY_VM | KTAP_LIBRARY_PROCESS, 0)                                               \
	/* what changes the kernel; verifier_modify.c says what the arguments may be */            \
	X(SET_RETVAL, "set_retval", 0, 2, 2, KTAP_MASK_EVENT, KTAP_MASK_INT, 0,                    \
	  KTAP_LIBRARY_BOARD, KTAP_CAPABILITY_MODIFY)                                              \
	X(SYSCTL_SET, "sysctl.set", 0, 2, 2, KTAP_MASK_STR, KTAP_MASK_INT | KTAP_MASK_STR, 0,      \
	  KTAP_LIBRARY_PROCESS | KTAP_LIBRARY_BOARD, KTAP_CAPABILITY_MODIFY)                       \
	X(SIGNAL, "signal", 0, 2, 2, KTAP_MASK_INT, KTAP_MASK_INT, 0, KTAP_LIBRARY_BOARD,          \
	  KTAP_CAPABILITY_MODIFY)                                                                  \
	X(PRINTK, "printk", 0, 1, 3, KTAP_MASK_INT | KTAP_MASK_STR, KTAP_MASK_INT | KTAP_MASK_STR, \
	  KTAP_MASK_INT | KTAP_MASK_STR, KTAP_LIBRARY_BOARD, KTAP_CAPABILITY_MODIFY)               \
	X(TRACING_ON, "tracing_on", 0, 0, 0, 0, 0, 0, KTAP_LIBRARY_BOARD, KTAP_CAPABILITY_MODIFY)  \
	X(TRACING_OFF, "tracing_off", 0, 0, 0, 0, 0, 0, KTAP_LIBRARY_BOARD, KTAP_CAPABILITY_MODIFY)  \
	/* a line "outer;inner count" for each entry, as tools for flame graphs read them */       \
	X(PRINT_FOLDED, "print_folded", 0, 1, 1, KTAP_MASK_TABLE, 0, 0,                            \
	  KTAP_LIBRARY_VM | KTAP_LIBRARY_PROCESS, 0)                                               \
	/* "0x1f" */                                                                               \
	X(HEX, "hex", KTAP_MASK_STR, 1, 1, KTAP_MASK_INT, 0, 0, KTAP_LIBRARY_VM, 0)                \
	/* of 1, 2, 4, 8 bytes; signed if negative; 0: a long of the board. nil: not readable */   \
	X(KERNEL_INT, "kernel_int", KTAP_MASK_NIL | KTAP_MASK_INT, 2, 2, KTAP_MASK_INT,            \
	  KTAP_MASK_INT, 0, KTAP_LIBRARY_BOARD, KTAP_CAPABILITY_MEMORY)                            \
	X(USER_INT, "user_int", KTAP_MASK_NIL | KTAP_MASK_INT, 2, 2, KTAP_MASK_INT,                \
	  KTAP_MASK_INT, 0, KTAP_LIBRARY_BOARD, KTAP_CAPABILITY_USER_DATA)

enum ktap_library {
#define KTAP_X(name, text, result, least, most, a0, a1, a2, flags, capability) KTAP_LIB_##name,
	KTAP_LIBRARY_LIST(KTAP_X)
#undef KTAP_X
	KTAP_LIB_COUNT
};

struct ktap_library_info {
	const char *name;
	uint16_t result; /* kind mask, 0: none */
	uint8_t least;
	uint8_t most;
	uint16_t args[3]; /* kind masks */
	uint8_t flags; /* enum ktap_library_flags */
	uint8_t capability;
};

#define KTAP_LIBRARY_INFO(name, text, result, least, most, a0, a1, a2, flags, capability)          \
	{ text, result, least, most, { a0, a1, a2 }, flags, capability },
#define KTAP_LIBRARY_INFOS KTAP_LIBRARY_LIST(KTAP_LIBRARY_INFO)

/* In the kernel once, in vm/infos.c; elsewhere the header stands alone. */
#ifdef __KERNEL__
extern const struct ktap_library_info ktap_library_infos[];
#endif

/* The description of a library function, or NULL when there is none of that number. */
static inline const struct ktap_library_info *ktap_library_info(unsigned int id)
{
#ifdef __KERNEL__
	return id < KTAP_LIB_COUNT ? &ktap_library_infos[id] : NULL;
#else
	static const struct ktap_library_info infos[] = { KTAP_LIBRARY_INFOS };

	return id < KTAP_LIB_COUNT ? &infos[id] : NULL;
#endif
}

#endif
