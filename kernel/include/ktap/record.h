/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Records in the per-CPU rings: how a running program's output reaches the reader. Native
 * byte order; every record begins at a multiple of 8 and never wraps round the ring's end.
 */
#ifndef KTAP_RECORD_H
#define KTAP_RECORD_H

#include <ktap/kinds.h>

#define KTAP_RECORD_BUSY 0x80000000u /* reserved, not yet written: the reader stops here */
#define KTAP_RECORD_DISCARD 0x40000000u /* padding or given up: the reader skips it */
#define KTAP_RECORD_LENGTH 0x3fffffffu /* bytes, header included, a multiple of 8 */

struct ktap_record {
	uint32_t length; /* with BUSY and DISCARD */
	uint16_t kind; /* enum ktap_record_kind */
	uint16_t site; /* EMIT: index of the format */
	uint64_t ns; /* ktime_get_mono_fast_ns() when it was reserved */
};

enum ktap_record_kind {
	KTAP_RECORD_EMIT = 1, /* values: print and printf */
	KTAP_RECORD_TABLE_BEGIN = 2, /* struct ktap_table_begin */
	KTAP_RECORD_TABLE_ENTRY = 3, /* struct ktap_table_entry, key parts, value */
	KTAP_RECORD_TABLE_END = 4, /* struct ktap_table_begin again */
	KTAP_RECORD_ERROR = 5 /* struct ktap_error: the program stops */
};

enum ktap_table_mode {
	KTAP_TABLE_PRINT = 1,
	KTAP_TABLE_HISTOGRAM = 2,
	KTAP_TABLE_FOLDED = 3 /* keys with stacks: a line for each entry */
};

struct ktap_table_begin {
	uint32_t serial; /* of this output; its entries carry the same */
	uint32_t mode; /* enum ktap_table_mode */
	uint32_t count; /* entries sent (END); expected (BEGIN) */
	uint32_t rows; /* HISTOGRAM: most rows to show, 0: the reader's default */
};

struct ktap_table_entry {
	uint32_t serial;
	uint32_t index; /* from 0, insertion order */
	uint32_t key_parts;
	uint32_t reserved;
};

/*
 * A value: this header, then `length` bytes of data, padded to 8.
 *   NIL    no data
 *   BOOL   no data, aux is 0 or 1
 *   INT    8 bytes, signed
 *   STR    the bytes
 *   TABLE  no data
 *   EVENT  aux is the event's id, data is struct ktap_capture and what follows it
 *   FUNCTION   no data
 *   AGGREGATE  aux is enum ktap_aggregate_view, data is struct ktap_record_aggregate
 *   STACK  aux is enum ktap_stack_space in the low byte, the number of the stack above; data is one
 *          64-bit address a frame, innermost first; hashed without the capability ADDRESSES, but
 *          KTAP_IOC_SYMBOL names them by the stack's number
 */
struct ktap_record_value {
	uint8_t kind; /* enum ktap_kind */
	uint8_t reserved;
	uint16_t length; /* bytes of data, without padding */
	uint32_t aux;
};

/*
 * A captured event. The raw entry follows (raw_length bytes, padded to 8), then string_count
 * strings, each struct ktap_capture_string and its bytes, padded to 8. Raw entry of a
 * system call: enter, 6 arguments of 8 bytes; exit, the result in 8 bytes. Of a tracepoint:
 * the entry as the kernel wrote it. KTAP_IOC_EVENT describes the fields.
 */
struct ktap_capture {
	uint32_t raw_length;
	uint32_t string_count;
};

struct ktap_capture_string {
	uint32_t field; /* index of the field it belongs to */
	uint32_t length; /* bytes; KTAP_CAPTURE_UNREADABLE: show the raw value */
};

/* How an aggregate is shown. */
enum ktap_aggregate_view {
	KTAP_VIEW_SUMMARY = 0, /* count, average, least, most */
	KTAP_VIEW_HIST = 1,
	KTAP_VIEW_LHIST = 2
};

/*
 * An aggregate, merged over the CPUs; then bucket_count of struct ktap_record_bucket, ascending,
 * only those that counted something. least and most are 0 when count is 0.
 */
struct ktap_record_aggregate {
	uint64_t count;
	int64_t sum; /* wraps */
	int64_t least, most;
	uint64_t squares[2]; /* 128 bits, low word first; 0 when not kept */
	int64_t low, step; /* of lhist; else 0 */
	uint32_t steps; /* number of buckets of lhist, without -1 and `steps` for what lies outside */
	uint32_t bucket_count;
};

/*
 * HIST: 0 counts 0; n > 0 the values 2^(n-1) .. 2^n - 1; n < 0 their negatives.
 * LHIST: n counts low + n * step .. low + (n + 1) * step - 1; -1 what is below, `steps` what is above.
 */
struct ktap_record_bucket {
	int32_t index;
	uint32_t reserved;
	uint64_t count;
};

enum ktap_stack_space {
	KTAP_STACK_KERNEL = 0,
	KTAP_STACK_USER = 1
};

#define KTAP_STACK_NUMBER_SHIFT 8

#define KTAP_CAPTURE_UNREADABLE 0xffffffffu

#endif
