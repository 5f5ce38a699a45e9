/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The file that `ktap-run --record` writes on a board and the simulator replays on a PC;
 * docs/recording.md is the reference. Everything is in the byte order of the board, which the
 * header tells. Behind the header come records, each struct ktap_record with the length in bytes, a
 * kind of enum ktap_recording_kind, the CPU in `site`, the time, and what the kind says.
 */
#ifndef KTAP_RECORDING_H
#define KTAP_RECORDING_H

#include <ktap/abi.h>

#define KTAP_RECORDING_MAGIC "KTAPREC\n" /* 8 bytes, without the terminating NUL */
#define KTAP_RECORDING_ORDER 0x01020304u
#define KTAP_RECORDING_VERSION 1

struct ktap_recording_header {
	uint8_t magic[8];
	uint32_t order; /* KTAP_RECORDING_ORDER */
	uint16_t version; /* KTAP_RECORDING_VERSION; others are refused */
	uint16_t word; /* bytes of a long of the program that wrote the file */
};

/* In this order: one or more SPEC, BOARD, any number of TYPE and EVENT, END. */
enum ktap_recording_kind {
	KTAP_RECORDING_SPEC = 1, /* "system:event" as recording was asked for, padded with NULs */
	/* values: STR architecture, STR kernel release, INT CPUs, INT gettimeofday_ns, INT nsecs */
	KTAP_RECORDING_BOARD = 2,
	/*
	 * values: EVENT, STR struct ktap_recording_call and what follows (empty: no system call), INT
	 * pid, tid, ppid, uid, gid, STR execname, INT prio, BOOL in_interrupt, in_iowait, INT cgroup
	 */
	KTAP_RECORDING_EVENT = 3,
	/* struct ktap_ioc_event with fields and field_capacity 0, then its struct ktap_event_field */
	KTAP_RECORDING_TYPE = 4, /* in front of the first event of the type */
	KTAP_RECORDING_END = 5 /* struct ktap_recording_end */
};

/*
 * A system call. At its exit struct ktap_capture of its arguments follows, as the entry has it,
 * with the strings as they can be read now; a system call without a name has none.
 */
struct ktap_recording_call {
	int64_t number;
	uint64_t registers[6];
};

/* How recording ended; the counters of struct ktap_ioc_status. */
struct ktap_recording_end {
	uint64_t hits, handled, missed, throttled, dropped;
	uint64_t lost_records; /* events that are not in the file */
};

#endif
