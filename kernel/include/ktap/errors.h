/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Run-time errors of scripts. Each stops the program; the reader formats the text. */
#ifndef KTAP_ERRORS_H
#define KTAP_ERRORS_H

#include <ktap/types.h>

/* X(NAME, text). What detail[0] and detail[1] of struct ktap_error hold stands behind. */
#define KTAP_ERRORS(X)                                                                             \
	X(NONE, "no error")                                                                        \
	X(DIVISION, "division by zero")                                                            \
	X(ARITHMETIC, "arithmetic on a non-integer") /* kinds of the left and right operand */     \
	X(COMPARISON, "comparison of values that have no order") /* kinds, as above */             \
	X(CONCATENATION, "concatenation of a value that is no string or integer") /* kinds */      \
	X(KIND, "value of an unexpected kind") /* kind found; mask of the kinds expected */        \
	X(INDEX, "indexing a value that is no table") /* kind found */                             \
	X(DEPTH, "calls nested too deep") /* the limit in calls */                                 \
	X(REGISTERS, "calls need too many registers") /* the limit in registers */                 \
	X(FUEL, "ran too long") /* the fuel limit */                                               \
	X(MEMORY, "table memory used up") /* the limit in bytes */                                 \
	X(ARENA, "string memory of one event used up") /* the size in bytes */                     \
	X(STRING, "string too long") /* the length; the limit in bytes */                          \
	X(KEY, "table key too long") /* the length; the limit in bytes */                          \
	X(KEY_KIND, "a value of this kind cannot be a table key") /* kind found */                 \
	X(VALUE_KIND, "a value of this kind cannot be kept in this table") /* kind found */        \
	X(FIELD, "the event has no such field") /* index of the field reference */                 \
	X(ARGUMENT, "bad argument to a library function") /* number of the argument */             \
	X(CALL, "calling a value that is no function") /* kind found */                            \
	X(LIST, "too many arguments or results") /* the number; the limit */                       \
	X(STACKS, "memory for stacks used up") /* the limit in bytes */                            \
	X(UNAVAILABLE, "not available here") /* enum ktap_library */                               \
	X(INTERNAL, "internal error of the virtual machine")                                       \
	X(REFUSED, "the kernel refuses this change") /* enum ktap_library; errno */                \
	X(ITEM, "the event's array has no such element") /* the index; the number of elements */

enum ktap_error_code {
#define KTAP_X(name, text) KTAP_ERROR_##name,
	KTAP_ERRORS(KTAP_X)
#undef KTAP_X
	KTAP_ERROR_COUNT
};

static inline const char *ktap_error_text(unsigned int code)
{
	static const char *const texts[] = {
#define KTAP_X(name, text) text,
		KTAP_ERRORS(KTAP_X)
#undef KTAP_X
	};

	return code < KTAP_ERROR_COUNT ? texts[code] : "unknown error";
}

/* A run-time error as it stands in an error record and in the status. Native byte order. */
struct ktap_error {
	uint32_t code; /* enum ktap_error_code */
	uint32_t function; /* index of the function */
	uint32_t instruction; /* index into the code section */
	uint32_t line; /* of the script, from 1; 0 when not known */
	int64_t detail[2];
};

#endif
