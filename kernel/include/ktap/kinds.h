/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The kinds of values. A value is a 64-bit payload and a kind tag; the two are kept in
 * separate arrays. A kind mask is a set of kinds, bit (1 << kind).
 */
#ifndef KTAP_KINDS_H
#define KTAP_KINDS_H

#include <ktap/types.h>

/* X(NAME, text): text is what run-time errors and diagnostics call the kind. */
#define KTAP_KINDS(X)                                                                              \
	X(NIL, "nil")                                                                              \
	X(BOOL, "boolean")                                                                         \
	X(INT, "integer")                                                                          \
	X(STR, "string")                                                                           \
	X(TABLE, "table")                                                                          \
	X(FUNCTION, "function")                                                                    \
	X(EVENT, "event")                                                                          \
	X(AGGREGATE, "aggregate")                                                                  \
	X(STACK, "stack")

enum ktap_kind {
#define KTAP_X(name, text) KTAP_KIND_##name,
	KTAP_KINDS(KTAP_X)
#undef KTAP_X
	KTAP_KIND_COUNT
};

enum ktap_kind_mask {
#define KTAP_X(name, text) KTAP_MASK_##name = 1 << KTAP_KIND_##name,
	KTAP_KINDS(KTAP_X)
#undef KTAP_X
	/* What a table slot, a global or a tagged register may hold. */
	KTAP_MASK_STORABLE = KTAP_MASK_NIL | KTAP_MASK_BOOL | KTAP_MASK_INT | KTAP_MASK_STR |
			     KTAP_MASK_TABLE | KTAP_MASK_FUNCTION | KTAP_MASK_STACK,
	/* What a table key part may be. */
	KTAP_MASK_KEY = KTAP_MASK_BOOL | KTAP_MASK_INT | KTAP_MASK_STR | KTAP_MASK_STACK,
	KTAP_MASK_ANY = (1 << KTAP_KIND_COUNT) - 1
};

static inline const char *ktap_kind_name(unsigned int kind)
{
	static const char *const names[] = {
#define KTAP_X(name, text) text,
		KTAP_KINDS(KTAP_X)
#undef KTAP_X
	};

	return kind < KTAP_KIND_COUNT ? names[kind] : "unknown";
}

/*
 * A register whose declared mask has exactly one kind other than nil is typed: its tag is
 * written once, when the frame is entered, and typed instructions touch the payload only.
 * Every other register is tagged: each write stores payload and tag.
 */
static inline bool ktap_mask_is_typed(uint16_t mask)
{
	return mask != 0 && (mask & (mask - 1)) == 0 && mask != KTAP_MASK_NIL;
}

#endif
