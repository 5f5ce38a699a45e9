/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What the agent needs of the operating system. No libc header is included, so that Swift
 * sees the same declarations with every libc. Results below 0 are negative errno values.
 */
#ifndef CAGENT_H
#define CAGENT_H

#include <ktap/recording.h>

/* errno values that the agent tells apart; their numbers differ between architectures. */
enum cagent_error {
	CAGENT_OTHER,
	CAGENT_MISSING, /* ENOENT, ENODEV, ENXIO */
	CAGENT_DENIED, /* EACCES */
	CAGENT_NOT_PERMITTED, /* EPERM */
	CAGENT_INVALID, /* EINVAL */
	CAGENT_REFUSED, /* EBADMSG, ENOEXEC, EKEYREJECTED, ENOKEY */
	CAGENT_BROKEN_PIPE, /* EPIPE */
	CAGENT_UNKNOWN_CALL, /* ENOTTY */
	CAGENT_INTERRUPTED /* EINTR */
};

enum cagent_error cagent_classify(int result);
/* The text of an errno. */
const char *cagent_error_text(int result);

/* The device. docs/kernel-abi.md says what the calls do. */
int cagent_open_device(void);
int cagent_version(int device, struct ktap_ioc_version *version);
int cagent_load(int device, struct ktap_ioc_load *load);
int cagent_narrow(int program, struct ktap_ioc_narrow *narrow);
int cagent_attach(int program, struct ktap_ioc_attach *attach);
int cagent_start(int program);
int cagent_stop(int program);
int cagent_status(int program, struct ktap_ioc_status *status);
int cagent_event(int program, struct ktap_ioc_event *event);
int cagent_symbol(int program, struct ktap_ioc_symbol *symbol);
/* Maps part of a program's rings; NULL: *error says why. */
void *cagent_map(int program, uint64_t offset, size_t length, bool writable, int *error);
void cagent_unmap(void *address, size_t length);
size_t cagent_page_size(void);

/* The rings are written by the kernel while we read. */
static inline uint32_t cagent_load_acquire(const void *address)
{
	return __atomic_load_n((const uint32_t *)address, __ATOMIC_ACQUIRE);
}

static inline void cagent_store_release(void *address, uint32_t value)
{
	__atomic_store_n((uint32_t *)address, value, __ATOMIC_RELEASE);
}

/* Files. */
#define CAGENT_STDIN 0
#define CAGENT_STDOUT 1
#define CAGENT_STDERR 2
/* Makes sure that 0, 1 and 2 are taken, so that nothing else is opened in their places. */
void cagent_open_standard_files(void);
int cagent_open(const char *path);
int cagent_create(const char *path);
void cagent_close(int file);
int64_t cagent_read(int file, void *buffer, size_t length);
/*
 * Writes everything, waiting where it must; 0 or an error. A second signal that asks us to end
 * breaks the wait (EINTR).
 */
int cagent_write(int file, const void *buffer, size_t length);
bool cagent_is_terminal(int file);
/* Width of the terminal: what COLUMNS says, else the terminal itself; 0: no terminal. */
uint32_t cagent_columns(int file);

/*
 * Writes the lines of a file to stdout; with a glob only those that begin with a name, up to a tab, which it
 * matches. The number of lines, or an error.
 */
int cagent_show(const char *path, const char *glob);

/* ns of the monotonic clock. */
uint64_t cagent_now(void);

/* Signals are received from now on instead of ending the agent; SIGPIPE is ignored. */
int cagent_catch_signals(void);
/* The next signal received (SIGINT, SIGTERM, SIGHUP, SIGCHLD), 0: none. */
int cagent_next_signal(void);
bool cagent_is_child_signal(int signal);
bool cagent_is_interrupt(int signal);
int cagent_broken_pipe_signal(void);

enum cagent_ready {
	CAGENT_READY_RECORDS = 1 << 0,
	CAGENT_READY_END = 1 << 1, /* the program has ended */
	CAGENT_READY_SIGNAL = 1 << 2
};

/*
 * Waits for a signal, the end of the program and, with `records`, for records; at most timeout ns
 * (below 0: for ever). program may be -1. Returns enum cagent_ready.
 */
int cagent_wait(int program, bool records, int64_t timeout);

/*
 * The program behind --record: what its sections begin with; PROBES and TEXT go on with the events.
 * Kind 0 is
 * the beginning of the bundle's header.
 */
struct cagent_section {
	const uint8_t *bytes;
	uint32_t length;
};

#define CAGENT_RECORDER_NAME "--record"
extern const char *const cagent_recorder_name;
struct cagent_section cagent_recorder_section(uint32_t kind);

/* A command that waits until it may run. */
struct cagent_child {
	int pid; /* 0: none */
	int gate; /* writing lets it run, closing ends it */
	int report; /* the errno of a failed exec, or the end of the file */
};

/* Forks; the child waits. 0 or an error. */
int cagent_child_fork(struct cagent_child *child, char *const argv[]);
/* Lets it exec; 0, or why it could not. */
int cagent_child_run(struct cagent_child *child);
/* True when it has ended; it is reaped then. */
bool cagent_child_ended(struct cagent_child *child);
/* Asks it to end (SIGTERM) unless it has. One that still waits just goes. */
void cagent_child_terminate(struct cagent_child *child);

#endif
