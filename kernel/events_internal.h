/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What the files events_*.c share. */
#ifndef KTAP_EVENTS_INTERNAL_H
#define KTAP_EVENTS_INTERNAL_H

#include <linux/bitmap.h>
#include <linux/perf_event.h>
#include <linux/siphash.h>
#include <linux/trace_events.h>
#include <linux/tracepoint.h>

#include "events.h"
#include "events_filter.h"
#include "instance.h"

#define KTAP_EVENT_NAME 64 /* bytes of a system's or an event's name, with NUL */
#define KTAP_EVENT_STRINGS 8 /* strings captured with one event; further ones show as addresses */

/*
 * Slots number what can be called: native system calls from 0 by their number, those of another
 * ABI of the same kernel (a 32-bit program on a 64-bit kernel, x32, ARM OABI) behind them.
 */
#define KTAP_SYSCALLS 512u /* of one ABI; higher numbers only reach raw_syscalls */
#define KTAP_SLOTS (2u * KTAP_SYSCALLS)
#define KTAP_SLOT_NONE KTAP_SLOTS

#define KTAP_SYSCALL_ARGUMENTS 6

/* What a hit is an event of; also the upper part of an event's id. */
enum ktap_hit_class {
	KTAP_HIT_ENTER = 1, /* syscalls:sys_enter_NAME */
	KTAP_HIT_EXIT = 2, /* syscalls:sys_exit_NAME */
	KTAP_HIT_RAW_ENTER = 3, /* raw_syscalls:sys_enter */
	KTAP_HIT_RAW_EXIT = 4, /* raw_syscalls:sys_exit */
	KTAP_HIT_TRACEPOINT = 5,
	KTAP_HIT_FUNCTION = 6, /* probe:SYM */
	KTAP_HIT_FUNCTION_RETURN = 7, /* probe:SYM%return */
	KTAP_HIT_FTRACE = 8, /* ftrace:function */
	KTAP_HIT_PERF = 9, /* perf:NAME@PERIOD */
	KTAP_HIT_PROFILE = 10 /* profile-N */
};

/* Ids of events: the class, then the slot or the index of the tracepoint. */
#define KTAP_EVENT_ID_SHIFT 16
#define KTAP_EVENT_ID(class, index) ((u32)(class) << KTAP_EVENT_ID_SHIFT | (index))

/* A string of a hit that is being captured. */
struct ktap_hit_string {
	const char *bytes;
	u32 field; /* index of the field it belongs to */
	u32 length; /* KTAP_CAPTURE_UNREADABLE: none */
};

/* An event on its way to the handlers; on the stack of the probe's callback. */
struct ktap_hit {
	struct ktap_event event; /* first */
	struct ktap_events *events;
	enum ktap_hit_class class;
	u32 slot; /* of system calls */
	long number; /* of system calls: as the tracepoint gave it */
	long result; /* of system calls: at exit */
	struct pt_regs *regs; /* of system calls; of tracepoints and samples: where it happened */
	const struct ktap_tracepoint *tracepoint;
	const struct ktap_sampler *sampler; /* of samples */
	const struct ktap_sample *sample;
	const void *raw; /* of tracepoints: the entry */
	u32 raw_size;
	const struct ktap_function *function; /* of functions; NULL: ftrace:function */
	unsigned long ip, parent_ip; /* of functions */
	const unsigned long *arguments; /* of a function's return: kept from its entry */
	u32 string_count; /* strings below, when measured */
	u32 capture_size; /* bytes that the capture takes; 0: not measured yet */
	struct ktap_hit_string strings[KTAP_EVENT_STRINGS];
};

/*
 * For a hit on the stack: kernels that clear all variables would spend more on it than on
 * everything else; whatever is read of it has been written.
 */
#if __has_attribute(__uninitialized__)
#define KTAP_UNINITIALIZED __attribute__((__uninitialized__))
#else
#define KTAP_UNINITIALIZED
#endif

static inline struct ktap_hit *ktap_hit_of(const struct ktap_event *event)
{
	return container_of(event, struct ktap_hit, event);
}

static inline bool ktap_is_sample(const struct ktap_hit *hit)
{
	return hit->class == KTAP_HIT_PERF || hit->class == KTAP_HIT_PROFILE;
}

/* How a field of a tracepoint's entry is read. */
enum ktap_field_form {
	KTAP_FORM_INTEGER, /* 1, 2, 4 or 8 bytes at offset */
	KTAP_FORM_CHARS, /* char[size] at offset */
	KTAP_FORM_POINTED, /* a kernel address of a string at offset */
	KTAP_FORM_LOCATED, /* __data_loc char[]: a word of offset and length at offset */
	KTAP_FORM_RELATIVE, /* __rel_loc char[]: likewise, relative to the end of the word */
	KTAP_FORM_OTHER, /* arrays, structures: shown but not read */
	KTAP_FORM_ARRAY, /* of variable length; offset is that of its length */
	KTAP_FORM_ITEM, /* an element of such an array */
	KTAP_FORM_PRINTED /* as INTEGER, but in hex or without sign: the text of it */
};

/* A field of a tracepoint, laid out. */
struct ktap_field {
	const char *name; /* the kernel's */
	u16 offset;
	u16 size;
	u8 element; /* bytes of an array's element, else of the field, when these are 1, 2, 4 or 8 */
	u8 form; /* enum ktap_field_form */
	u8 flags; /* enum ktap_field_flags */
	u8 item; /* of an array of variable length: bytes of an element */
	bool relative; /* likewise: __rel_loc */
	bool hidden; /* likewise: elements may be addresses */
	u16 index; /* of an element of such an array, or KTAP_ITEM_ANY */
	struct ktap_value_names *names; /* of its values; NULL: none */
};

/* A named tracepoint that an instance is attached to. */
struct ktap_tracepoint {
	struct trace_event_call call; /* a copy of the kernel's with perf_events of our own */
	struct trace_event_file *file; /* holds the event; file->event_call is the kernel's */
	char system[KTAP_EVENT_NAME];
	char name[KTAP_EVENT_NAME];
	struct ktap_field *fields;
	u16 field_count;
	u16 element_count; /* elements of arrays, behind the fields */
	u16 shown; /* fields with a text among a capture's strings */
	u16 fixed_size; /* bytes of the entry in front of its dynamic part */
	u8 *access; /* by field reference: index of the field, or KTAP_ACCESS_x */
	u32 *functions; /* handlers, in the order of the probes */
	u32 function_count;
	u32 index; /* in ktap_events.tracepoints */
	bool registered;
};

#define KTAP_ACCESS_NONE 0xff
#define KTAP_ACCESS_PID 0xfe
#define KTAP_ACCESS_CALL 0xfd /* "#call": an empty string, as this is no system call */
#define KTAP_ACCESS_COUNT 0xfc /* the number of the event's own fields */
#define KTAP_MAX_OWN_FIELDS 0xf0

/* A probe on system calls: a handler and the calls that it is for. */
struct ktap_syscall_probe {
	u32 function;
	bool raw_enter; /* raw_syscalls:sys_enter */
	bool raw_exit;
	DECLARE_BITMAP(enter, KTAP_SLOTS + 1); /* the last bit, KTAP_SLOT_NONE, is never set */
	DECLARE_BITMAP(exit, KTAP_SLOTS + 1);
};

/* How a field reference is read from a system call. */
enum ktap_syscall_access {
	KTAP_SYSCALL_NOTHING,
	KTAP_SYSCALL_PID,
	KTAP_SYSCALL_NUMBER,
	KTAP_SYSCALL_IS_ENTER,
	KTAP_SYSCALL_RESULT,
	KTAP_SYSCALL_COUNT, /* the number of the event's own fields */
	KTAP_SYSCALL_SLOT, /* the register of argument 0, as it is; further arguments follow */
	KTAP_SYSCALL_ITEM = 14, /* the register of the argument whose number the script gives */
	KTAP_SYSCALL_CALL = 15, /* "#call": struct ktap_recording_call */
	KTAP_SYSCALL_VALUE = 16, /* argument 0 by its type; further arguments follow */
	KTAP_SYSCALL_TEXT = 32, /* argument 0 is the address of a string; further ones follow */
	KTAP_SYSCALL_PRINTED = 48, /* argument 0 as it is printed; further ones follow */
	KTAP_SYSCALL_BY_NUMBER = 64 /* look into by_slot */
};

/* A field reference of the program, resolved for system calls. */
struct ktap_syscall_field {
	u8 enter; /* enum ktap_syscall_access */
	u8 exit;
	u8 raw_enter;
	u8 raw_exit;
	u8 *enter_by_slot; /* [KTAP_SLOTS], when enter is BY_NUMBER */
	u8 *exit_by_slot;
};

#define KTAP_SEEN 1024u

/* Everything of an instance's events: ktap_instance.events. */
struct ktap_events {
	struct ktap_instance *instance;
	struct ktap_filter filter;
	u32 string_limit;
	u32 field_count; /* field references of the program */
	bool hide; /* kernel addresses leave hashed */
	siphash_key_t key; /* for it */
	unsigned long seen[KTAP_SEEN]; /* addresses that the script got hashed, by their hashes */

	struct ktap_syscall_probe *syscalls;
	u32 syscall_count;
	struct ktap_syscall_field *syscall_fields; /* by field reference */
	bool on_enter; /* sys_enter is registered */
	bool on_exit;

	struct ktap_tracepoint **tracepoints;
	u32 tracepoint_count;
	struct ktap_functions *functions; /* NULL: none */
	struct hlist_head __percpu *heads; /* perf_events of all tracepoints' calls */
	struct perf_event __percpu *taps; /* the one member of each head */

	struct ktap_sampler **samplers; /* one for each probe of this kind, at most */
	u32 sampler_count;
	u8 *sample_access; /* by field reference: index of the own field, or KTAP_ACCESS_x */
};

/* Where attaching puts its sentence. */
struct ktap_message {
	char *text;
	size_t size;
};

__printf(3, 4) int ktap_complain(struct ktap_message *m, int error, const char *format, ...);

static inline bool ktap_is_function(const struct ktap_hit *hit)
{
	return hit->class >= KTAP_HIT_FUNCTION && hit->class <= KTAP_HIT_FTRACE;
}

/* A kind of event with a syntax of its own: what a probe's text begins with says which. */
struct ktap_source {
	bool (*owns)(const char *event);
	/* Adds the probe's handler to what its text means. The number of events, or -errno with the sentence. */
	int (*resolve)(struct ktap_events *e, const struct ktap_probe_info *info,
		       struct ktap_message *m);
	int (*start)(struct ktap_events *e, struct ktap_message *m);
	/* No handler runs any more when it and a grace period are over. */
	void (*stop)(struct ktap_events *e);
	void (*free)(struct ktap_events *e);
	/* Hits that the kernel counted as lost before they could reach the program. */
	u64 (*missed)(const struct ktap_events *e);
};

extern const struct ktap_source ktap_functions_source; /* events_functions.c */
int ktap_functions_init(void);
void ktap_functions_exit(void);
u32 ktap_function_field(struct ktap_exec *x, struct ktap_hit *hit, u32 field,
			struct ktap_value *out);

/* events_names.c: globs, suggestions, the list of the kernel's events */

/* True when name matches the pattern: '*' any run, '?' one character. */
bool ktap_glob(const char *pattern, const char *name);

static inline bool ktap_is_glob(const char *pattern)
{
	return strpbrk(pattern, "*?") != NULL;
}

/* The best of the names offered so far for a misspelt one. */
struct ktap_suggestion {
	const char *wanted;
	unsigned int distance; /* of best */
	char best[2 * KTAP_EVENT_NAME];
};

void ktap_suggestion_init(struct ktap_suggestion *s, const char *wanted);
void ktap_suggestion_offer(struct ktap_suggestion *s, const char *name);
/* "; did you mean 'x'?" into text, or "". Returns text. */
const char *ktap_suggestion_text(const struct ktap_suggestion *s, char *text, size_t size);

/* An event of the kernel as the walk over its list found it; not yet held. */
struct ktap_call_name {
	struct trace_event_call *call;
	struct trace_event_call copy; /* of *call */
	char system[KTAP_EVENT_NAME];
	char name[KTAP_EVENT_NAME];
};

/*
 * Visits every event of the kernel, in no order; ends early with what visit returns other than 0.
 * -EAGAIN: the list changed meanwhile, start over. What it finds has to be confirmed by
 * trace_get_event_file() giving the same call. May sleep.
 */
int ktap_calls_walk(int (*visit)(const struct ktap_call_name *name, void *context), void *context);

/* events_strings.c */

/*
 * Copies a string from kernel memory: at most size - 1 bytes and a NUL. Returns its length, or
 * -EFAULT when it cannot be read to its end. Any context.
 */
long ktap_kernel_string(char *to, const void *from, size_t size);

/* The same from the current task's memory: at most limit bytes, no NUL. Faults no page in. */
long ktap_user_string(char *to, unsigned long from, size_t limit);

/* A buffer of this CPU and level, until the handler ends or asks again. Preemption off. */
#define KTAP_SCRATCH 4096u
char *ktap_scratch(void);
int ktap_scratch_init(void);
void ktap_scratch_exit(void);

/* What may leave as the value of a kernel pointer. */
static inline u64 ktap_hide(const struct ktap_events *e, u64 value)
{
	if (!e->hide || value < TASK_SIZE_MAX)
		return value;
	return (unsigned long)siphash_1u64(value, &e->key);
}

/* events_syscalls.c: the table of system calls */

/* The C type of an argument. */
struct ktap_type {
	u8 size; /* bytes */
	bool is_signed;
	bool pointer;
	bool text; /* const char *: a string to read */
	bool bounded; /* text that the next argument bounds, as write()'s buffer */
};

struct ktap_syscall {
	const char *name; /* without "sys_"; NULL: none known */
	unsigned int argument_count;
	const char *const *arguments; /* their names */
	struct ktap_type types[KTAP_SYSCALL_ARGUMENTS];
	void *own; /* allocated for it */
};

int ktap_syscalls_init(void);
void ktap_syscalls_exit(void);
/* Adds a call unless it is known. own: given to kfree() in the end. */
void ktap_syscall_add(u32 number, const char *name, unsigned int count, const char *const *types,
		      const char *const *arguments, void *own);
/* NULL when the slot has no name. */
const struct ktap_syscall *ktap_syscall_get(u32 slot);
/* The name of a slot, also of one without: "openat", "compat_5", "387". Returns text. */
const char *ktap_syscall_name(u32 slot, char text[KTAP_EVENT_NAME]);
/* False for a slot that no system call of this kernel can have. */
bool ktap_syscall_exists(u32 slot);

/* events_call_table.c: adds the calls that the headers know and the kernel does not tell. 0 or -errno */
int ktap_call_table_add(void);
extern bool ktap_call_table_only; /* module parameter: ask the kernel for none */

/* events_raw.c: attaching to system calls */
int ktap_raw_init(void);
/* Adds what the pattern matches to the probe. Returns the number of events, or -errno. */
int ktap_raw_match(struct ktap_syscall_probe *probe, const char *system, const char *event);
/* Offers the names of all system calls. */
void ktap_raw_suggest(struct ktap_suggestion *s);
int ktap_raw_register(struct ktap_events *e, struct ktap_message *m);
void ktap_raw_unregister(struct ktap_events *e);
/* The tracepoint of events of a class. */
const struct tracepoint *ktap_raw_tracepoint(enum ktap_hit_class class);

/* events_syscall_fields.c */

/*
 * Resolves a field reference for what a probe matches. *found: some event has it. 0 or -EINVAL
 * with the sentence when one has it with another kind, -ENOMEM.
 */
int ktap_syscall_field_resolve(struct ktap_events *e, u32 field,
			       const struct ktap_syscall_probe *p, bool *found,
			       struct ktap_message *m);
/* Offers the names that the probe's events have. */
void ktap_syscall_field_suggest(const struct ktap_syscall_probe *p, struct ktap_suggestion *s);
u32 ktap_syscall_field(struct ktap_exec *x, struct ktap_hit *hit, u32 field,
		       struct ktap_value *out);
void ktap_syscall_fields_free(struct ktap_events *e);

/*
 * The field that recordings are made of, which no script can name: of system calls a string with
 * struct ktap_recording_call and what belongs to it, of other events an empty one.
 */
#define KTAP_FIELD_CALL "#call"
u32 ktap_syscall_call(struct ktap_exec *x, struct ktap_hit *hit, struct ktap_value *out);

/* The registers of the call's arguments. */
void ktap_syscall_arguments(const struct ktap_hit *hit,
			    unsigned long arguments[KTAP_SYSCALL_ARGUMENTS]);
/* An argument by its type; call may be NULL. */
s64 ktap_syscall_value(const struct ktap_syscall *call, unsigned int n, unsigned long argument);
/* Reads a text argument to `to`, at most limit bytes. Its length or -EFAULT. */
long ktap_syscall_text(const struct ktap_syscall *call, unsigned int n,
		       const unsigned long arguments[KTAP_SYSCALL_ARGUMENTS], char *to,
		       size_t limit);

/* events_tracepoints.c */

/* Finds the events that match and adds the function to each. Returns their number, or -errno. */
int ktap_tracepoints_match(struct ktap_events *e, const char *system, const char *event,
			   u32 function, struct ktap_message *m);
int ktap_tracepoints_register(struct ktap_events *e, struct ktap_message *m);
/* A grace period must pass before ktap_tracepoints_free(). */
void ktap_tracepoints_unregister(struct ktap_events *e);
void ktap_tracepoints_free(struct ktap_events *e);
void ktap_tracepoints_exit(void);

/* events_fields.c: fields of tracepoints */

/* Fills fields, field_count, fixed_size from the class of the event. 0 or -errno. */
int ktap_fields_lay_out(struct ktap_tracepoint *t);
/* Like ktap_syscall_field_resolve(), for one tracepoint. */
int ktap_field_resolve(struct ktap_events *e, struct ktap_tracepoint *t, u32 field, bool *found,
		       struct ktap_message *m);
void ktap_field_suggest(const struct ktap_tracepoint *t, struct ktap_suggestion *s);
u32 ktap_tracepoint_field(struct ktap_exec *x, struct ktap_hit *hit, u32 field,
			  struct ktap_value *out);
/* An integer field of size 1, 2, 4 or 8 at its place in an entry. */
s64 ktap_field_integer(const struct ktap_field *f, const void *at);
/*
 * The text of a string field: *bytes points into the entry or to `scratch` (limit bytes and one
 * more). Its length, at most limit, or -EFAULT.
 */
long ktap_field_text(const struct ktap_field *f, const void *raw, u32 raw_size, char *scratch,
		     u32 limit, const char **bytes);
/* True for forms whose value is a string. */
static inline bool ktap_form_is_text(u8 form)
{
	return form > KTAP_FORM_INTEGER && form < KTAP_FORM_OTHER;
}

/* events_print_format.c: true when the event's own text prints the field by a %p conversion. */
bool ktap_printed_as_address(const char *print_format, const char *field);

/* events_value_names.c: names of values, by the event's own text */

/* Finds the fields that have them, as far as captures have room. 0 or -ENOMEM. */
int ktap_value_names_read(struct ktap_tracepoint *t);
void ktap_value_names_free(struct ktap_tracepoint *t);
/* What a field with names shows as: its length, or -ENOENT when its number has to do. */
long ktap_value_name(const struct ktap_field *f, const void *raw, char *to, u32 limit);

/* events_arrays.c: fields of form KTAP_FORM_ARRAY and KTAP_FORM_ITEM */

/* The elements, or NULL when the entry has no such array. */
const void *ktap_array_find(const struct ktap_field *f, const void *raw, u32 raw_size, u32 *count);
#define KTAP_ITEM_ANY 0xffffu /* ktap_field.index: the script computes it */

/*
 * The element f of the hit's entry; 0 when the array is shorter. Of KTAP_ITEM_ANY the one whose index
 * is in *out; beyond the array it is error ITEM.
 */
u32 ktap_array_read(struct ktap_exec *x, const struct ktap_events *e, const struct ktap_field *f,
		    const struct ktap_hit *hit, struct ktap_value *out);
/* "[1, 2]" into to; ends with "..." when limit is too small. Its length or -EFAULT. */
long ktap_array_text(const struct ktap_events *e, const struct ktap_field *f, const void *raw,
		     u32 raw_size, char *to, u32 limit);

/* A string value of the machine. */
u32 ktap_make_string(struct ktap_exec *x, const char *bytes, u32 length, struct ktap_value *out);

/* The "#N" of a field name, or -1. */
int ktap_field_position(const char *name);

/* events_elements.c */

/* The index of "args[]", an element that the script chooses while it runs. */
#define KTAP_ELEMENT_ANY 100000

/* Takes "args[2]" apart: "args" into base, returns 2; -1 when name is no element. */
int ktap_field_element(const char *name, char base[KTAP_EVENT_NAME]);
/*
 * Makes a field of element `index` of field n. Returns its index, which for KTAP_ELEMENT_ANY is n;
 * -EINVAL: no array; -ERANGE: it has fewer; -E2BIG: too many; -ENOMEM.
 */
int ktap_element_add(struct ktap_tracepoint *t, u32 n, u32 index);
/* Makes a field of field n for being printed, if it needs one. Its index, or as above. */
int ktap_printed_add(struct ktap_tracepoint *t, u32 n);
/* How an integer is printed: an address in hex, another without sign. The integer or its text. */
u32 ktap_print_integer(struct ktap_exec *x, u64 value, bool hex, struct ktap_value *out);
/* Reads the element that out->bits says of a field that is an array. 0 or an error code. */
u32 ktap_element_read(struct ktap_exec *x, const struct ktap_field *array, const void *raw,
		      struct ktap_value *out);

/* events_addresses.c: what the script sees of an address. It is remembered for ktap_events_seen(). */
u64 ktap_show(struct ktap_events *e, u64 address);

/* events_samples.c: what is sampled on every CPU: profile-N and the counters of perf */

/* One sample: where a CPU was. */
struct ktap_sample {
	u64 ip;
	u64 period;
	u64 address; /* of the memory access, or 0 */
	bool user;
	/* The kernel's stack, when it was taken in NMI; NULL: it still stands where the registers say. */
	const u64 *frames;
	u32 frame_count;
};

struct ktap_profile_timer;
struct ktap_counter_cpu;

/* A probe of that kind. */
struct ktap_sampler {
	struct ktap_events *events;
	enum ktap_hit_class class;
	u32 index; /* in ktap_events.samplers */
	u32 function;
	char name[KTAP_EVENT_NAME]; /* "profile-10ms", "page-faults@1" */
	u64 period;
	bool active; /* it is told of CPUs that come and go */
	struct hlist_node node; /* for that */
	struct ktap_profile_timer __percpu *timers; /* of profile-N */
	/* of perf */
	u32 type; /* enum perf_type_id */
	u32 config;
	struct ktap_counter_cpu __percpu *counters;
	struct work_struct renew; /* on CPUs that have come */
};

/* True for the texts of such events. */
bool ktap_samples_named(const char *spec);
/* Adds the probe. 1, or -errno with the sentence. */
int ktap_samples_match(struct ktap_events *e, const struct ktap_probe_info *info,
		       struct ktap_message *m);
int ktap_samples_register(struct ktap_events *e, struct ktap_message *m);
/* No handler of them runs any more when it returns. */
void ktap_samples_unregister(struct ktap_events *e);
void ktap_samples_free(struct ktap_events *e);
int ktap_samples_init(void);
void ktap_samples_exit(void);

/* Runs the sampler's handler. Preemption off, not in NMI. */
void ktap_sample_deliver(const struct ktap_sampler *s, struct pt_regs *regs,
			 const struct ktap_sample *sample);

/* A field of a sample for the script. */
u32 ktap_sample_field(struct ktap_exec *x, struct ktap_hit *hit, u32 field,
		      struct ktap_value *out);

/* The own fields, 8 bytes each, as the raw entry of a captured sample has them. */
#define KTAP_SAMPLE_FIELDS 4u
void ktap_sample_values(const struct ktap_hit *hit, u64 values[KTAP_SAMPLE_FIELDS]);
/* The name of one and its flags (enum ktap_field_flags). */
const char *ktap_sample_field_name(u32 n, u32 *flags);

/*
 * The two kinds, events_profile.c and events_perf.c. parse reads the event's text; register makes ready;
 * cpu_comes and cpu_goes are told of CPUs, on the CPU, where they may sleep but not wait for CPUs; unregister
 * ends all samples once a grace period has passed. 0 or -errno with the sentence.
 */
int ktap_profile_parse(struct ktap_sampler *s, const char *spec, struct ktap_message *m);
int ktap_profile_register(struct ktap_sampler *s, struct ktap_message *m);
void ktap_profile_cpu_comes(struct ktap_sampler *s, unsigned int cpu);
void ktap_profile_cpu_goes(struct ktap_sampler *s, unsigned int cpu);
void ktap_profile_free(struct ktap_sampler *s);

int ktap_counter_parse(struct ktap_sampler *s, const char *spec, struct ktap_message *m);
int ktap_counter_register(struct ktap_sampler *s, struct ktap_message *m);
void ktap_counter_cpu_comes(struct ktap_sampler *s, unsigned int cpu);
void ktap_counter_unregister(struct ktap_sampler *s);
void ktap_counter_free(struct ktap_sampler *s);

/* The kernel's tracepoint of that name, or NULL. */
struct tracepoint *ktap_find_tracepoint(const char *name);

#endif
