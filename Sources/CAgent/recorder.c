// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * The program behind --record, but for the events it is for: sections of a bundle, as bundle.h has
 * them. Its top-level code says what board this is; its one handler sends an event and what the
 * built-in variables say.
 */
#include <ktap/library.h>
#include <ktap/limits.h>
#include <ktap/opcodes.h>

#include "cagent.h"

#define LE16(n) (n) & 0xff, (n) >> 8 & 0xff
#define LE32(n) LE16(n), LE16((n) >> 16)
#define LE64(n) LE32(n), LE32(0)
#define TEXT(offset, length) LE32(offset), LE32(length)
#define RUN(op, a, b, c, imm) KTAP_OP_##op, a, b, c, LE32(imm)
#define LIB(a, name) RUN(LIB, a, 0, 0, KTAP_LIB_##name)

/* TEXT: the name, a field, then the events. */
#define NAME CAGENT_RECORDER_NAME
#define FIELD "#call"
#define NAME_LENGTH (sizeof(NAME) - 1)
#define FIELD_LENGTH (sizeof(FIELD) - 1)

const char *const cagent_recorder_name = NAME;

static const struct {
	char magic[8];
	uint8_t rest[8];
} header = {
	KTAP_BUNDLE_MAGIC,
	{ LE16(KTAP_BUNDLE_MAJOR), LE16(KTAP_BUNDLE_MINOR), LE32(KTAP_SECTION_TEXT) },
};

static const uint8_t manifest[] = {
	TEXT(0, NAME_LENGTH), TEXT(0, 0), TEXT(0, NAME_LENGTH), LE64(0), LE64(0), LE64(0),
};

static const uint8_t policy[] = {
	LE32(KTAP_CAPABILITY_OBSERVE | KTAP_CAPABILITY_USER_DATA),
	LE32(0), /* no tables */
	LE32(KTAP_DEFAULT_PROBE_FUEL),
	LE32(KTAP_MAX_STRING), /* whatever limit the script will have that sees the recording */
	LE32(KTAP_DEFAULT_KEY),
	LE32(4 * KTAP_DEFAULT_RING),
	LE64(KTAP_DEFAULT_MAIN_FUEL),
	LE32(0),
	LE32(0),
};

#define BOARD_CODE                                                                                 \
	LIB(0, ARCH), LIB(1, KERNEL_V), LIB(2, NUM_CPUS), LIB(3, GETTIMEOFDAY_NS), LIB(4, NSECS),  \
		RUN(EMIT, 0, 0, 5, 0), RUN(RETNIL, 0, 0, 0, 0)
#define EVENT_CODE                                                                                 \
	RUN(EFIELD, 1, 0, 0, 0), LIB(2, PID), LIB(3, TID), LIB(4, PPID), LIB(5, UID), LIB(6, GID), \
		LIB(7, EXECNAME), LIB(8, PRIO), LIB(9, IN_INTERRUPT), LIB(10, IN_IOWAIT),          \
		LIB(11, CGROUP), RUN(EMIT, 0, 0, 12, 1), RUN(RETNIL, 0, 0, 0, 0)
#define INT LE16(KTAP_MASK_INT)
#define STR LE16(KTAP_MASK_STR)
#define BOOL LE16(KTAP_MASK_BOOL)
#define BOARD_REGISTERS STR, STR, INT, INT, INT
#define EVENT_REGISTERS                                                                            \
	LE16(KTAP_MASK_EVENT), STR, INT, INT, INT, INT, INT, STR, INT, BOOL, BOOL, INT

#define COUNT(size, ...) (sizeof((const uint8_t[]){ __VA_ARGS__ }) / (size))
#define BOARD_COUNT COUNT(8, BOARD_CODE)
#define EVENT_COUNT COUNT(8, EVENT_CODE)
#define FUNCTION(first, count, first_register, registers, parameters)                              \
	TEXT(0, NAME_LENGTH), LE32(first), LE32(count), LE32(first_register), LE16(registers),     \
		LE16(parameters), LE16(KTAP_MASK_NIL), LE16(0), LE32(0)

static const uint8_t functions[] = {
	FUNCTION(0, BOARD_COUNT, 0, COUNT(2, BOARD_REGISTERS), 0),
	FUNCTION(BOARD_COUNT, EVENT_COUNT, COUNT(2, BOARD_REGISTERS), COUNT(2, EVENT_REGISTERS), 1),
};
static const uint8_t registers[] = { BOARD_REGISTERS, EVENT_REGISTERS };
static const uint8_t code[] = { BOARD_CODE, EVENT_CODE };
static const uint8_t lines[4 * (BOARD_COUNT + EVENT_COUNT)];

static const uint8_t fields[] = {
	TEXT(NAME_LENGTH, FIELD_LENGTH), LE16(KTAP_MASK_STR), LE16(0),
};
static const uint8_t probes[] = {
	LE32(KTAP_PROBE_MAIN), LE32(0), TEXT(0, 0), LE64(0), LE32(0), LE32(0),
};
static const uint8_t formats[] = {
	LE32(KTAP_FORMAT_PRINT), LE32(5), TEXT(0, 0), /* KTAP_RECORDING_BOARD */
	LE32(KTAP_FORMAT_PRINT), LE32(12), TEXT(0, 0), /* KTAP_RECORDING_EVENT */
};
static const char text[] = NAME FIELD;

#define SECTION(bytes, length)                                                                     \
	(struct cagent_section) { (const uint8_t *)(bytes), length }

struct cagent_section cagent_recorder_section(uint32_t kind)
{
	switch (kind) {
	case 0:
		return SECTION(&header, sizeof(header));
	case KTAP_SECTION_MANIFEST:
		return SECTION(manifest, sizeof(manifest));
	case KTAP_SECTION_POLICY:
		return SECTION(policy, sizeof(policy));
	case KTAP_SECTION_FUNCTIONS:
		return SECTION(functions, sizeof(functions));
	case KTAP_SECTION_REGISTERS:
		return SECTION(registers, sizeof(registers));
	case KTAP_SECTION_CODE:
		return SECTION(code, sizeof(code));
	case KTAP_SECTION_FIELDS:
		return SECTION(fields, sizeof(fields));
	case KTAP_SECTION_PROBES:
		return SECTION(probes, sizeof(probes));
	case KTAP_SECTION_FORMATS:
		return SECTION(formats, sizeof(formats));
	case KTAP_SECTION_LINES:
		return SECTION(lines, sizeof(lines));
	case KTAP_SECTION_TEXT:
		return SECTION(text, sizeof(text) - 1);
	default:
		return SECTION(text, 0);
	}
}
