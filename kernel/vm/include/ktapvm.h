/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The virtual machine's interface to its homes: the kernel module, the simulator in ktapc,
 * the native tests and fuzzers. A home loads a program, makes execution contexts, and runs
 * functions of the program in them; the machine asks the home for ring space, event fields
 * and whatever of the library depends on where it runs (struct ktap_home).
 */
#ifndef KTAP_VM_H
#define KTAP_VM_H

#include <ktap/bundle.h>
#include <ktap/errors.h>
#include <ktap/library.h>
#include <ktap/opcodes.h>
#include <ktap/record.h>

struct ktap_program;
struct ktap_exec;

/* A string of the machine: immutable, bytes NUL-terminated behind `length`. Payload 0 is "". */
struct ktap_string {
	uint32_t length;
	char bytes[];
};

struct ktap_value {
	uint64_t bits; /* INT: the number; BOOL: 0 or 1; STR: address of a struct ktap_string or 0 */
	uint8_t kind; /* enum ktap_kind */
};

/* An event as a home hands it to a handler; homes embed it in a structure of their own. */
struct ktap_event {
	const struct ktap_home *home;
};

/*
 * What a home provides. Every callback may run in the context of the caller of ktap_run():
 * for probes that is with preemption off, possibly in interrupts; nothing may sleep unless
 * it says so.
 */
struct ktap_home {
	/*
	 * Reserves a record with payload_length bytes of payload (a multiple of 8) and returns
	 * the payload, or NULL when there is no room, which the home counts as lost. With `wait`,
	 * only from process context, it sleeps until the reader made room or the program stops.
	 */
	void *(*reserve)(struct ktap_exec *x, uint16_t kind, uint16_t site, uint32_t payload_length,
			 bool wait);
	/* Publishes what reserve() returned. */
	void (*commit)(struct ktap_exec *x, void *payload);
	/*
	 * Loads field reference `field`; INT or STR as the program declared. 0 or an error code.
	 * Of a reference "name[]", an array, it loads the element with the index that out->bits has.
	 */
	uint32_t (*field)(struct ktap_exec *x, const struct ktap_event *event, uint32_t field,
			  struct ktap_value *out);
	/*
	 * Captures the event for EMIT: bytes that struct ktap_capture and what follows need, a
	 * multiple of 8. With a NULL buffer it only measures and may remember what it measured in
	 * the event until the next call, which has a buffer of that size. *id is the event's id.
	 */
	uint32_t (*capture)(struct ktap_exec *x, const struct ktap_event *event, void *buffer,
			    uint32_t size, uint32_t *id);
	/* A library function without KTAP_LIBRARY_VM; the arguments are verified. 0 or an error code. */
	uint32_t (*library)(struct ktap_exec *x, uint32_t id, const struct ktap_value *args,
			    uint32_t count, struct ktap_value *result);
	/* True when the program must stop now: asked at back edges and calls of process context. */
	bool (*stopping)(struct ktap_exec *x);
	/*
	 * Objects wait for reuse: call ktap_program_reclaim() from process context after every
	 * execution now under way has ended. May be called in any context.
	 */
	void (*retired)(struct ktap_program *program);
	/*
	 * Waits until all executions in probes that are now under way have ended. Called in process
	 * context, by a run whose memory is short. NULL: none is under way then.
	 */
	void (*settle)(void);
	/* SHA-256 of data into digest. Called once from ktap_program_load(). NULL: not checked (fuzzers). */
	int (*sha256)(const void *data, size_t length, uint8_t digest[32]);
	/* A random seed for the hashes of this program's tables. */
	uint64_t (*seed)(void);
	/* What may leave of a kernel address, a frame of a stack. NULL: all of it. */
	uint64_t (*address)(struct ktap_exec *x, uint64_t address);
};

/* Why a bundle was refused: a sentence, and the errno for the caller. */
struct ktap_diagnostic {
	int error; /* negative errno: -EBADMSG, -ENOEXEC, -ENOMEM, -EINVAL, -ERANGE, -EPERM */
	char text[192];
};

/* A script argument. */
struct ktap_argument {
	uint32_t kind; /* KTAP_KIND_INT or KTAP_KIND_STR */
	uint32_t length;
	int64_t integer;
	const char *bytes;
};

/*
 * Parses the signed part of a bundle, checks digest, form, limits and bytecode, and allocates all
 * the program will ever use. `data` is copied where it must outlive the call. Process
 * context. The signature is the caller's business.
 */
struct ktap_program *ktap_program_load(const void *data, size_t length,
				       const struct ktap_home *home,
				       struct ktap_diagnostic *diagnostic);

/* Checks the arguments against the policy and keeps copies. A signed bundle takes only declared ones. */
int ktap_program_set_arguments(struct ktap_program *program, const struct ktap_argument *arguments,
			       uint32_t count, bool declared_only,
			       struct ktap_diagnostic *diagnostic);

/* No execution may be under way. */
void ktap_program_free(struct ktap_program *program);

/* Reuses what was retired before the call; see ktap_home.retired. Process context. */
void ktap_program_reclaim(struct ktap_program *program);

/* The length of the signed part and of the signature, or a negative errno with the diagnostic. */
struct ktap_envelope {
	size_t signed_length;
	const uint8_t *cms; /* NULL: unsigned */
	size_t cms_length;
};

int ktap_bundle_open(const void *bundle, size_t length, struct ktap_envelope *envelope,
		     struct ktap_diagnostic *diagnostic);

/* What a program contains, in the machine's byte order; lives as long as the program. */
struct ktap_text {
	const char *bytes; /* NUL-terminated */
	uint32_t length;
};

struct ktap_probe_info {
	uint32_t kind; /* enum ktap_probe_kind */
	uint32_t function;
	struct ktap_text event;
	uint64_t interval;
	uint32_t line;
	bool takes_event; /* the handler has a parameter */
	uint64_t cost; /* instructions on the longest path, or the fuel limit */
	bool cost_is_fuel;
};

struct ktap_field_info {
	struct ktap_text name;
	uint16_t mask;
	bool shown; /* KTAP_REFERENCE_SHOWN */
};

struct ktap_program_info {
	struct ktap_text name, version, source_name;
	uint64_t sequence;
	int64_t not_before, not_after;
	uint32_t capabilities; /* declared */
	uint32_t needed_capabilities; /* computed */
	uint32_t memory, probe_fuel, string_limit, key_limit, ring, event_rate;
	uint64_t main_fuel;
	uint64_t worst_cost; /* the largest of all event probes */
	bool worst_cost_is_fuel;
	uint32_t probe_count, field_count, function_count, instruction_count, format_count;
	uint8_t sha256[32];
};

const struct ktap_program_info *ktap_program_info(const struct ktap_program *program);
const struct ktap_probe_info *ktap_program_probe(const struct ktap_program *program, uint32_t index);
const struct ktap_field_info *ktap_program_field(const struct ktap_program *program, uint32_t index);
/* True when function (or what it calls) may load this field: what attaching must resolve. */
bool ktap_program_uses_field(const struct ktap_program *program, uint32_t function, uint32_t field);
/* True when function (or what it calls) emits the whole event. */
bool ktap_program_captures(const struct ktap_program *program, uint32_t function);
/* Line of the script of an instruction, 0 when not known. */
uint32_t ktap_program_line(const struct ktap_program *program, uint32_t instruction);
/* A frame of a stack that the program has, by the number that records give. Its space, -1: there is none. */
int ktap_program_frame(const struct ktap_program *program, uint32_t stack, uint32_t frame,
		       uint64_t *address);
/* Bytes the program holds, pools included. */
size_t ktap_program_memory(const struct ktap_program *program);

enum ktap_exec_level {
	KTAP_EXEC_PROBE, /* KTAP_PROBE_* sizes; preemption off */
	KTAP_EXEC_MAIN /* KTAP_MAIN_* sizes; process context, may sleep in reserve(wait) */
};

/* An execution context: registers, arena, fuel. One run at a time; serves any program. Process context. */
struct ktap_exec *ktap_exec_new(enum ktap_exec_level level);
void ktap_exec_free(struct ktap_exec *x);
/* Bytes that a context of this level holds. */
size_t ktap_exec_size(enum ktap_exec_level level);

/*
 * Runs a function of the program from its beginning to its end in x. event: what its parameter
 * gets, or NULL. Returns 0 or enum ktap_error_code, then *ktap_exec_error(x) has the details.
 * Any context that x was made for. The home is the one the program was loaded with.
 */
uint32_t ktap_run(struct ktap_exec *x, struct ktap_program *program, uint32_t function,
		  const struct ktap_event *event);

#ifndef __KERNEL__
/* Outside of the kernel: the number of the CPU that this thread says it runs on; 0 at first. */
extern __thread uint32_t ktap_simulated_cpu;
void ktap_simulate_cpu(uint32_t cpu);
#endif

const struct ktap_error *ktap_exec_error(const struct ktap_exec *x);
struct ktap_program *ktap_exec_program(const struct ktap_exec *x);
/* The fuel that the last run has used. */
uint64_t ktap_exec_fuel_used(const struct ktap_exec *x);
/* The instructions of the last run, if the machine was built with KTAP_COUNT_INSTRUCTIONS; else 0. */
uint64_t ktap_exec_instructions(const struct ktap_exec *x);

/* How every context begins: in sight, since an event would need three calls to read and set it. */
struct ktap_exec_head {
	void *owner;
	bool lost;
};

/* True when a record of the last run was lost for want of room. */
static inline bool ktap_exec_lost(const struct ktap_exec *x)
{
	return ((const struct ktap_exec_head *)x)->lost;
}

/* For the home: something that the last run asked for got lost, as a record does. */
static inline void ktap_exec_lose(struct ktap_exec *x)
{
	((struct ktap_exec_head *)x)->lost = true;
}

/* For the home: a word of its own in x. */
static inline void ktap_exec_set_owner(struct ktap_exec *x, void *owner)
{
	((struct ktap_exec_head *)x)->owner = owner;
}

static inline void *ktap_exec_owner(const struct ktap_exec *x)
{
	return ((const struct ktap_exec_head *)x)->owner;
}

/* A fresh string of the arena (bytes to be filled), or NULL. */
struct ktap_string *ktap_exec_string(struct ktap_exec *x, uint32_t length);
/* For the library: an error with its details (errors.h). Returns the code. */
uint32_t ktap_exec_fail(struct ktap_exec *x, uint32_t code, int64_t first, int64_t second);
/* For the library: function, instruction and line of the call that x makes, into *error. */
void ktap_exec_place(const struct ktap_exec *x, struct ktap_error *error);
/* For the library: the STACK of these return addresses, innermost first. 0 or an error code. */
uint32_t ktap_exec_stack(struct ktap_exec *x, enum ktap_stack_space space, const uint64_t *frames,
			 uint32_t count, struct ktap_value *out);

#endif
