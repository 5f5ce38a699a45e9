/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The event sources: system calls and tracepoints, their fields, their capture for output, and
 * the filter by process. docs/events.md is the users' reference.
 */
#ifndef KTAP_EVENTS_H
#define KTAP_EVENTS_H

#include <ktap/abi.h>
#include <ktapvm.h>

struct ktap_instance;
struct pt_regs;

/* Finds the raw system-call tracepoints and builds the table of system calls. 0 or -errno. */
int ktap_events_init(void);

/* No instance may have events attached. */
void ktap_events_exit(void);

/*
 * Resolves and registers every KTAP_PROBE_EVENT probe of the program. Handlers fire at once
 * but do nothing until the instance is live. Worker context. 0 or -ENOENT, -EINVAL,
 * -EOPNOTSUPP, -ENOMEM with one sentence in message and io->probe set; nothing stays attached then.
 */
int ktap_events_attach(struct ktap_instance *i, struct ktap_ioc_attach *io, char *message,
		       size_t size);

/*
 * Unregisters everything; no handler runs any more when it returns. One grace period. Worker
 * context. Events can still be described.
 */
void ktap_events_detach(struct ktap_instance *i);

/* Frees what attaching made. After detach; no call of ktap_events_describe() may be under way. */
void ktap_events_free(struct ktap_instance *i);

/* Writes the events of this kernel with their fields, one a line. 0 or -errno. Process context. */
struct seq_file;
int ktap_events_list(struct seq_file *seq);

/*
 * Answers KTAP_NR_EVENT: fills io and writes the fields to the user address io->fields.
 * The caller's process context. 0, -ENOENT for an id that is no event of this program, -EFAULT.
 */
int ktap_events_describe(struct ktap_instance *i, struct ktap_ioc_event *io);

/* Hits that the kernel itself lost. Any time between making the instance and ktap_events_free(). */
u64 ktap_events_missed(const struct ktap_instance *i);

/* struct ktap_home.field and .capture. Any context but NMI, preemption off. */
uint32_t ktap_events_field(struct ktap_exec *x, const struct ktap_event *event, uint32_t field,
			   struct ktap_value *out);
uint32_t ktap_events_capture(struct ktap_exec *x, const struct ktap_event *event, void *buffer,
			     uint32_t size, uint32_t *id);

/* The library function set_retval. 0 or an error code. Any context but NMI. */
uint32_t ktap_events_set_retval(struct ktap_exec *x, const struct ktap_event *event, int64_t value);

/* struct ktap_home.address: hashed, unless the program has the capability. */
uint64_t ktap_events_address(struct ktap_exec *x, uint64_t address);

/* The address that the program knows as this value: itself, or what it was hashed from; 0: none. */
unsigned long ktap_events_seen(const struct ktap_instance *i, uint64_t value);

/*
 * The number of frames, at the beginning of a stack taken in a handler, that lie between this module and
 * where the event happened. event may be NULL.
 */
unsigned int ktap_events_tracing_frames(const struct ktap_event *event, const uint64_t *frames,
					unsigned int count);

/* The number of frames, at the beginning of a stack, that lie above `place`; 0 when it is not among them. */
unsigned int ktap_frames_above(unsigned long place, const uint64_t *frames, unsigned int count);

/*
 * True for the event of a sample, whose kernel stack is that of the moment it was taken at: *count frames at
 * *frames, or, when these are NULL, what stands on the stack where *regs say.
 */
bool ktap_events_sampled(const struct ktap_event *event, const uint64_t **frames,
			 unsigned int *count, struct pt_regs **regs);

/* A buffer of 4096 bytes for a handler, until it asks for another or its event is captured. */
char *ktap_events_buffer(const struct ktap_event *event);

/* The library function probename: "syscalls:sys_enter_openat". 0 or an error code. As above. */
uint32_t ktap_events_probename(struct ktap_exec *x, const struct ktap_event *event,
			       struct ktap_value *out);

#endif
