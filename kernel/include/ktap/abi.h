/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The device /dev/ktap. Fixed-width fields, addresses as 64-bit integers: the same for a
 * 32-bit agent on a 64-bit kernel. docs/kernel-abi.md is the reference.
 *
 * KTAP_IOC_LOAD on the device gives a program's descriptor; the other calls go to that.
 * loaded -> (ATTACH) attached -> (START) running -> (STOP, exit, error) stopping -> ended.
 * poll() says POLLIN when a ring holds records and POLLHUP when the program has ended and
 * everything it will write stands in the rings.
 */
#ifndef KTAP_ABI_H
#define KTAP_ABI_H

#include <ktap/bundle.h>
#include <ktap/errors.h>
#include <ktap/record.h>

#define KTAP_ABI_VERSION 1
#define KTAP_DEVICE "/dev/ktap"

enum ktap_ioctl_number {
	KTAP_NR_VERSION = 1,
	KTAP_NR_LOAD = 2,
	KTAP_NR_ATTACH = 3,
	KTAP_NR_START = 4,
	KTAP_NR_STOP = 5,
	KTAP_NR_STATUS = 6,
	KTAP_NR_EVENT = 7,
	KTAP_NR_SYMBOL = 8,
	KTAP_NR_NARROW = 9
};

/* ioctl magic 'K'+0x80: _IOWR(KTAP_IOCTL_MAGIC, KTAP_NR_x, struct ...) */
#define KTAP_IOCTL_MAGIC 0xCB

enum ktap_version_flags {
	KTAP_VERSION_ENFORCE = 1 << 0, /* unsigned bundles are refused */
	KTAP_VERSION_ALLOW_MODIFY = 1 << 1
};

/* KTAP_NR_VERSION on the device: _IOR */
struct ktap_ioc_version {
	uint32_t abi;
	uint16_t bundle_major;
	uint16_t bundle_minor;
	uint32_t flags; /* enum ktap_version_flags */
	uint32_t cpus; /* number of possible CPUs: of rings of a program */
	uint8_t release[32]; /* version of the module, NUL-terminated */
};

/* An error text for the user: the caller's buffer, filled with a NUL-terminated sentence. */
struct ktap_ioc_message {
	uint64_t address;
	uint32_t size;
	uint32_t reserved;
};

struct ktap_ioc_argument {
	uint32_t kind; /* KTAP_KIND_INT or KTAP_KIND_STR */
	uint32_t length; /* STR: bytes */
	int64_t integer;
	uint64_t address; /* STR */
};

enum ktap_load_flags {
	KTAP_LOAD_CHECK = 1 << 0 /* verify only: no program is made, the result is 0 */
};

/*
 * KTAP_NR_LOAD on the device: _IOWR. Returns a program's descriptor (O_CLOEXEC).
 * Errors, each with a message: EBADMSG not a well-formed bundle or digest wrong; ENOEXEC
 * the bytecode does not verify; EKEYREJECTED the signature is wrong or not canonical; ENOKEY
 * unknown signer; EPERM unsigned and not permitted, or a capability is; EINVAL bad arguments;
 * ERANGE a limit of the bundle is above the module's; ENOMEM.
 */
struct ktap_ioc_load {
	uint64_t bundle;
	uint64_t bundle_length;
	uint64_t arguments; /* struct ktap_ioc_argument[argument_count] */
	uint32_t argument_count;
	uint32_t flags; /* enum ktap_load_flags */
	uint32_t ring; /* bytes a CPU, a power of two; 0: the bundle's. May only narrow */
	int32_t pid; /* only this thread group; 0: all */
	int32_t cpu; /* only this CPU; -1: all */
	int32_t command; /* only this process, from its next exec on, and its descendants; 0: all */
	struct ktap_ioc_message message;
};

enum ktap_narrow_flags {
	KTAP_NARROW_CHILDREN = 1 << 0 /* beside the process that LOAD named, its descendants */
};

/*
 * KTAP_NR_NARROW on a program, before ATTACH: _IOWR. Lets fewer events in. Errors, each with a message:
 * EINVAL also for what is no directory of the unified cgroup hierarchy; EOPNOTSUPP; EBUSY wrong state.
 */
struct ktap_ioc_narrow {
	uint32_t flags; /* enum ktap_narrow_flags */
	int32_t cgroup; /* a descriptor of a cgroup's directory: only tasks in it and below; -1: all */
	struct ktap_ioc_message message;
};

/*
 * KTAP_NR_ATTACH on a program: _IOWR. Resolves every name and registers every probe; no script code
 * runs before START. Errors: ENOENT no such event, field or function; EINVAL a field is of
 * another kind than the script uses; EOPNOTSUPP this kernel cannot do it; EBUSY wrong state.
 * KTAP_NR_START: _IO. Runs top-level code, then lets the events in. KTAP_NR_STOP: _IO. Asks the program
 * to end (trace_end still runs); a second call ends it at once.
 */
struct ktap_ioc_attach {
	uint32_t probe; /* out: index of the probe that failed */
	uint32_t events; /* out: events attached */
	struct ktap_ioc_message message;
};

enum ktap_state {
	KTAP_STATE_LOADED = 1,
	KTAP_STATE_ATTACHED = 2,
	KTAP_STATE_RUNNING = 3,
	KTAP_STATE_STOPPING = 4,
	KTAP_STATE_ENDED = 5
};

/* KTAP_NR_STATUS on a program: _IOR. hits = handled + missed + throttled + dropped. */
struct ktap_ioc_status {
	uint32_t state; /* enum ktap_state */
	int32_t exit_code; /* what exit() was given, else 0 */
	uint64_t hits; /* events that reached the program */
	uint64_t handled; /* ran to the end */
	uint64_t missed; /* came while the same CPU and level was already in a program, or in NMI */
	uint64_t throttled; /* skipped to keep the CPU share */
	uint64_t dropped; /* ran, but lost a record or stopped by an error */
	uint64_t lost_records; /* records that found the ring full */
	uint64_t memory; /* bytes the program holds, without its rings */
	uint64_t worst_cost; /* instructions one event may cost at most */
	struct ktap_error error; /* code NONE: none */
	uint32_t live; /* 1 while events are let in: from the end of the top-level code to STOPPING */
	uint32_t unread; /* strings of user memory that user_string() found not resident, modulo 2^32 */
	uint64_t over_rate; /* of the lost records: those above the event rate of the policy */
	uint32_t flags; /* enum ktap_status_flags */
	uint32_t lost_changes; /* changes of the kernel that handlers asked for too many at once */
};

enum ktap_status_flags {
	KTAP_STATUS_PROCESS_ENDED = 1 << 0 /* stopped because the traced process, or its last child, ended */
};

enum ktap_event_style {
	KTAP_EVENT_TRACEPOINT = 1, /* NAME(field: value, ...) */
	KTAP_EVENT_SYSCALL_ENTER = 2, /* sys_NAME(arg: value, ...) */
	KTAP_EVENT_SYSCALL_EXIT = 3, /* sys_NAME -> 0xRET */
	KTAP_EVENT_FUNCTION = 4, /* NAME() */
	KTAP_EVENT_FUNCTION_RETURN = 5 /* NAME -> 0xRET */
};

enum ktap_field_flags {
	KTAP_FIELD_SIGNED = 1 << 0,
	KTAP_FIELD_HEX = 1 << 1, /* a pointer */
	KTAP_FIELD_CHARS = 1 << 2, /* size bytes of text, up to the first NUL */
	KTAP_FIELD_STRING = 1 << 3, /* its text is among the capture's strings */
	KTAP_FIELD_ARRAY = 1 << 4, /* size / element integers */
	KTAP_FIELD_BOOL = 1 << 5,
	KTAP_FIELD_LENGTH = 1 << 6, /* the bytes of an array of variable length that is left out */
	KTAP_FIELD_SHOWN = 1 << 7 /* what it shows as may be among the capture's strings: a name, a list */
};

struct ktap_event_field {
	uint8_t name[48]; /* NUL-terminated */
	uint32_t offset; /* into the capture's raw entry */
	uint32_t size; /* bytes */
	uint32_t element; /* bytes of one element of an array, else size */
	uint32_t flags; /* enum ktap_field_flags */
};

/* KTAP_NR_EVENT on a program: _IOWR. Describes an event that the program has emitted, by its id. */
struct ktap_ioc_event {
	uint32_t id;
	uint32_t style; /* out: enum ktap_event_style */
	uint64_t fields; /* struct ktap_event_field[field_capacity] */
	uint32_t field_capacity;
	uint32_t field_count; /* out: of the event, may exceed the capacity */
	uint8_t name[64]; /* out: NUL-terminated, "openat", "sched_switch" */
	uint8_t system[64];
};

/*
 * KTAP_NR_SYMBOL on a program: _IOWR. The name of a frame of a kernel stack that the program has: of
 * no other address. ENOENT: no such frame, or the kernel has no name for it.
 */
struct ktap_ioc_symbol {
	uint32_t stack; /* ktap_record_value.aux of the stack, without the space */
	uint32_t frame; /* from 0, the innermost */
	uint8_t name[128]; /* out: NUL-terminated, "do_sys_openat2+0x1c", "name+0x5 [module]" */
};

/*
 * mmap of a program. Offset 0: one page, read-write, struct ktap_consumer for each possible
 * CPU. KTAP_RING_OFFSET(cpu): read-only, one page struct ktap_producer, then the ring's
 * data (a power of two of bytes, `size`). head and tail count bytes modulo 2^32, so that every
 * machine reads them in one access; a position in the data is counter & (size - 1). The reader reads head (acquire),
 * then the records from tail on, stops at a busy one, stores tail (release). The kernel never
 * trusts tail: a value that cannot be is taken as head.
 */
#define KTAP_RING_SHIFT 26
#define KTAP_RING_OFFSET(cpu) ((uint64_t)((cpu) + 1) << KTAP_RING_SHIFT)

struct ktap_producer {
	uint32_t head;
	uint32_t size; /* bytes of data */
	uint32_t lost; /* records that found the ring full, modulo 2^32 */
	uint32_t page; /* bytes of a page: where the data begin */
};

struct ktap_consumer {
	uint32_t tail;
	uint8_t pad[60];
};

#endif
