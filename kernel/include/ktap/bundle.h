/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The .ktapb bundle. Everything is little-endian; docs/bundle-format.md is the reference.
 *
 *   signed part    header (64 bytes), section table (24 bytes a section), sections
 *   signature      CMS SignedData over the whole signed part (absent: unsigned)
 *   trailer        struct ktap_bundle_trailer (16 bytes), always the last of the file
 *
 * Canonical form: sections stand in ascending order of their kind, each kind at most once,
 * the first right behind the section table, each beginning at the next multiple of 8 after
 * the end of the one before; padding is zero and belongs to the signed part, whose length is
 * a multiple of 8. All sections of enum ktap_section are present, empty ones with length 0,
 * but SOURCE may be absent. Anything else is refused.
 *
 * These structures are the file's layout: they are read through ktap_le*() accessors.
 */
#ifndef KTAP_BUNDLE_H
#define KTAP_BUNDLE_H

#include <ktap/kinds.h>
#include <ktap/limits.h>

#define KTAP_BUNDLE_MAGIC "KTAPB\r\n\x1a" /* 8 bytes, without the terminating NUL */
#define KTAP_TRAILER_MAGIC "KTAPSIG\n" /* 8 bytes, likewise */
#define KTAP_BUNDLE_MAJOR 1 /* a later one is refused */
#define KTAP_BUNDLE_MINOR 0

enum ktap_section {
	KTAP_SECTION_MANIFEST = 1, /* one struct ktap_file_manifest */
	KTAP_SECTION_POLICY = 2, /* one struct ktap_file_policy, then its arguments */
	KTAP_SECTION_INTEGERS = 3, /* s64 each */
	KTAP_SECTION_STRINGS = 4, /* struct ktap_file_text each: the string constants */
	KTAP_SECTION_GLOBALS = 5, /* struct ktap_file_global each */
	KTAP_SECTION_TABLES = 6, /* struct ktap_file_table each: the table sites */
	KTAP_SECTION_FUNCTIONS = 7, /* struct ktap_file_function each */
	KTAP_SECTION_REGISTERS = 8, /* u16 kind mask each, function after function */
	KTAP_SECTION_CODE = 9, /* 8 bytes an instruction, function after function */
	KTAP_SECTION_FIELDS = 10, /* struct ktap_file_field each */
	KTAP_SECTION_PROBES = 11, /* struct ktap_file_probe each */
	KTAP_SECTION_FORMATS = 12, /* struct ktap_file_format each */
	KTAP_SECTION_LINES = 13, /* u32 script line (from 1, 0: none) for each instruction */
	KTAP_SECTION_TEXT = 14, /* the bytes that struct ktap_file_text points into */
	KTAP_SECTION_SOURCE = 15, /* optional: see docs/bundle-format.md; read by ktapc alone */
	KTAP_SECTION_LAST = KTAP_SECTION_SOURCE
};

struct ktap_bundle_header {
	uint8_t magic[8];
	uint16_t major;
	uint16_t minor;
	uint32_t section_count;
	uint64_t signed_length; /* bytes of the signed part, header included */
	/* of the signed part with this field as 32 zero bytes; unsigned bundles may leave the zeros */
	uint8_t sha256[32];
	uint64_t reserved; /* 0 */
};

struct ktap_section_entry {
	uint32_t kind; /* enum ktap_section */
	uint32_t reserved; /* 0 */
	uint64_t offset; /* from the start of the bundle */
	uint64_t length; /* bytes, without padding */
};

struct ktap_bundle_trailer {
	uint32_t cms_length; /* 0: unsigned. The file ends after the trailer */
	uint32_t reserved; /* 0 */
	uint8_t magic[8];
};

/* A run of bytes of the TEXT section; UTF-8 for names, any bytes for string constants. */
struct ktap_file_text {
	uint32_t offset;
	uint32_t length;
};

struct ktap_file_manifest {
	struct ktap_file_text name; /* 1 .. 64 of [A-Za-z0-9._-] */
	struct ktap_file_text version; /* at most 64 bytes */
	struct ktap_file_text source_name; /* file name for error messages, at most 255 bytes */
	uint64_t sequence;
	int64_t not_before; /* Unix time in s; 0: no bound */
	int64_t not_after;
};

enum ktap_capability {
	KTAP_CAPABILITY_OBSERVE = 1 << 0, /* events and their fields */
	KTAP_CAPABILITY_ADDRESSES = 1 << 1, /* kernel pointers leave as numbers */
	KTAP_CAPABILITY_USER_DATA = 1 << 2, /* strings from user memory */
	KTAP_CAPABILITY_MEMORY = 1 << 3, /* reads of kernel memory */
	KTAP_CAPABILITY_MODIFY = 1 << 4, /* return values, kernel parameters, signals */
	KTAP_CAPABILITY_ALL = (1 << 5) - 1
};

struct ktap_file_policy {
	uint32_t capabilities; /* enum ktap_capability: at least what the verifier computes */
	uint32_t memory; /* bytes of the pool of tables and their strings; 0: the program has none */
	uint32_t probe_fuel;
	uint32_t string_limit; /* bytes of the longest string */
	uint32_t key_limit; /* bytes of the longest canonical table key */
	uint32_t ring; /* bytes of the ring of one CPU, a power of two >= 4096 */
	uint64_t main_fuel; /* top-level code, each timer call, trace_end */
	uint32_t event_rate; /* records a second; 0: no bound */
	uint32_t argument_count; /* of struct ktap_file_argument that follow */
};

struct ktap_file_argument {
	uint32_t kind; /* KTAP_KIND_INT or KTAP_KIND_STR */
	uint32_t choice_count; /* allowed values; 0: any, for integers any within the range */
	int64_t least; /* integers: the range, ends included */
	int64_t most;
	uint32_t first_choice; /* index into INTEGERS or STRINGS */
	uint32_t reserved; /* 0 */
};

struct ktap_file_global {
	struct ktap_file_text name;
	uint16_t mask; /* kinds it may hold, of KTAP_MASK_STORABLE; without nil: starts as zero of its kind */
	uint16_t reserved; /* 0 */
	uint32_t line; /* of its first assignment */
};

struct ktap_file_table {
	uint16_t key[KTAP_MAX_KEY_PARTS]; /* kind masks of the key parts; 0 from key_parts on */
	uint8_t key_parts;
	uint8_t aggregate; /* enum ktap_aggregate_flags; 0 unless value is AGGREGATE */
	uint16_t value; /* kinds its values may have; AGGREGATE stands alone */
	uint32_t entries; /* expected number of entries, a hint for the bucket array; 0: unknown */
	uint32_t line;
	uint32_t reserved; /* 0 */
	int64_t low, high, step; /* of the linear histogram: buckets [low + n * step, ...) below high; else 0 */
};

/* What the aggregates of a table keep beside count, sum, least and most. */
enum ktap_aggregate_flags {
	KTAP_AGGREGATE_SQUARES = 1 << 0, /* the sum of squares, for stddev */
	KTAP_AGGREGATE_HIST = 1 << 1, /* buckets by powers of two */
	KTAP_AGGREGATE_LHIST = 1 << 2 /* buckets of one width */
};

struct ktap_file_function {
	struct ktap_file_text name;
	uint32_t first_instruction;
	uint32_t instruction_count;
	uint32_t first_register; /* index into REGISTERS */
	uint16_t register_count;
	uint16_t parameter_count; /* the first registers are the parameters */
	uint16_t result; /* kind mask of the first result */
	uint16_t flags; /* enum ktap_function_flags */
	uint32_t line;
};

enum ktap_function_flags {
	KTAP_FUNCTION_VARIADIC = 1 << 0, /* takes any number of arguments beyond its parameters */
	KTAP_FUNCTION_CLOSURE = 1 << 1 /* parameter 0 is the table of the variables it closes over */
};

/*
 * A field of an event, by name. "#N" is the N-th own field of the event, from 0. System-call
 * events also have the names retval, sc_nr, sc_is_enter, sc_arg1 ... sc_arg6; every event has
 * common_pid and fieldnum, the number of its own fields. "name[N]" is an element of an array, from 0.
 * "#call", for recordings, is what <ktap/recording.h> says, an empty string unless the event is a system call.
 */
struct ktap_file_field {
	struct ktap_file_text name;
	uint16_t mask; /* INT, STR or both; attaching fails when the event's field is of another kind */
	uint16_t flags; /* enum ktap_reference_flags */
};

enum ktap_reference_flags {
	/*
	 * It is only printed, and its mask has both kinds: an integer that is shown otherwise than as
	 * a signed decimal number, as the address in a pointer, comes as that text.
	 */
	KTAP_REFERENCE_SHOWN = 1
};

enum ktap_probe_kind {
	KTAP_PROBE_MAIN = 1, /* top-level code; exactly one, the first entry */
	KTAP_PROBE_END = 2, /* trace_end; runs in the order of the entries */
	KTAP_PROBE_EVENT = 3, /* event: "system:name", with globs */
	KTAP_PROBE_TICK = 4, /* interval: ns */
};

struct ktap_file_probe {
	uint32_t kind; /* enum ktap_probe_kind */
	uint32_t function; /* no parameter; EVENT: none or one of kind EVENT */
	struct ktap_file_text event; /* empty but for EVENT */
	uint64_t interval; /* ns; 0 but for TICK */
	uint32_t line;
	uint32_t reserved;
};

enum ktap_format_kind {
	KTAP_FORMAT_PRINT = 1, /* values with tabs between and a newline behind */
	KTAP_FORMAT_PRINTF = 2, /* values by the text, a printf format */
	KTAP_FORMAT_PRINT_LIST = 3 /* as PRINT, of LEMIT: any number of values; value_count is 0 */
};

struct ktap_file_format {
	uint32_t kind; /* enum ktap_format_kind */
	uint32_t value_count; /* of the EMITs that use it */
	struct ktap_file_text text; /* PRINTF: the format; PRINT: empty */
};

/* Little-endian reads at any alignment. */
static inline uint16_t ktap_le16(const void *p)
{
	const uint8_t *b = (const uint8_t *)p;

	return (uint16_t)(b[0] | b[1] << 8);
}

static inline uint32_t ktap_le32(const void *p)
{
	return ktap_le16(p) | (uint32_t)ktap_le16((const uint8_t *)p + 2) << 16;
}

static inline uint64_t ktap_le64(const void *p)
{
	return ktap_le32(p) | (uint64_t)ktap_le32((const uint8_t *)p + 4) << 32;
}

#endif
