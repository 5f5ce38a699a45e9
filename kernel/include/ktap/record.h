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
	KTAP_TABLE_HISTOGRAM = 2
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

#define KTAP_CAPTURE_UNREADABLE 0xffffffffu

#endif
