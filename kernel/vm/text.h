/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Texts under way: written twice, first only to measure them. */
#ifndef KTAP_TEXT_H
#define KTAP_TEXT_H

#include "internal.h"

/* A text under way; without bytes it is only measured. */
struct ktap_text_out {
	char *bytes;
	uint32_t length;
};

static inline void ktap_put(struct ktap_text_out *t, char c)
{
	if (t->bytes)
		t->bytes[t->length] = c;
	t->length++;
}

/* library_text.c; a number has at least `width` characters */
void ktap_put_text(struct ktap_text_out *t, const char *text);
void ktap_put_number(struct ktap_text_out *t, uint32_t value, uint32_t width, char pad);

/* library_time.c: a moment, ns since 1970, by a format. */
void ktap_put_time(struct ktap_text_out *t, const struct ktap_string *format, int64_t ns);

#endif
